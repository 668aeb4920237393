"""Read models following together: one that fails stops alone."""

import psycopg
import pytest

from adapters.ledger.ledger import Ledger
from adapters.postgres.database import PROJECTOR, Database
from domain.commands.recommendation import Comment
from domain.history import State
from projections.read_models import READ_MODELS
from projections.register.model import Register
from projections.reports.model import Reports
from projections.runtime import supervisor
from projections.runtime.periods import Content
from projections.runtime.supervisor import Supervisor
from tests.projections.test_build import NONE, differences
from tests.projections.test_projections import eventually, position, wait_until_level
from tests.support.data.examples import published, submit

pytestmark = pytest.mark.slow

OTHERS = [model for model in READ_MODELS if model is not Register]


def test_a_read_model_that_fails_on_an_entry_stops_alone_and_resumes(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = Register.show

    def poisoned(state: State) -> Content | None:
        raise LookupError(type(state))

    monkeypatch.setattr(supervisor, "POISON_RETRY_SECONDS", 0.1)
    first = published(ledger)
    with Supervisor(database, READ_MODELS) as kept:
        wait_until_level(ledger)
        monkeypatch.setattr(Register, "show", staticmethod(poisoned))
        submit(ledger, first, Comment(comment="Says nothing that is shown."))
        published(ledger, reference="kent-second-2023")
        wait_until_level(ledger, *OTHERS)
        eventually(lambda: kept.status["register"].position is not None)
        assert kept.status["register"].position == position(ledger, Register) + 1 == 3
        monkeypatch.setattr(Register, "show", staticmethod(show))
        wait_until_level(ledger)
        eventually(lambda: kept.status["register"].state == "keeping")
        assert differences(database) == NONE


def test_a_read_model_whose_tables_are_gone_stops_alone(database: Database, ledger: Ledger) -> None:
    published(ledger)
    with Supervisor(database, READ_MODELS) as kept:
        wait_until_level(ledger)
        with psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as connection:
            connection.execute("ALTER TABLE " + Register.schema + ".standing RENAME TO away")
            published(ledger, reference="kent-second-2023")
            wait_until_level(ledger, *OTHERS)
            eventually(lambda: kept.status["register"].state == "waiting")
            assert {kept.status[model.name].state for model in OTHERS} == {"keeping"}
            connection.execute("ALTER TABLE " + Register.schema + ".away RENAME TO standing")
        wait_until_level(ledger)


def test_a_locked_read_model_does_not_hold_up_the_others(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    with Supervisor(database, READ_MODELS):
        wait_until_level(ledger)
        with psycopg.connect(database.conninfo(PROJECTOR)) as held:
            held.execute("TABLE " + Register.tracking + " FOR UPDATE")
            before = position(ledger, Register)
            published(ledger, reference="kent-second-2023")
            wait_until_level(ledger, *OTHERS)
            assert position(ledger, Register) == before
        wait_until_level(ledger)
        assert differences(database) == NONE


def test_two_supervisors_holding_the_lock_take_no_entry_twice(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the session that holds the lock is lost, and somebody else has taken over."""

    def always(_connection: object, _name: str) -> bool:
        return True

    monkeypatch.setattr(supervisor, "try_lock", always)
    published(ledger)
    with Supervisor(database, [Reports]), Supervisor(database, [Reports]):
        for number in range(30):
            published(ledger, reference=f"kent-{number}-2023")
        wait_until_level(ledger, Reports)
        with psycopg.connect(database.conninfo(PROJECTOR)) as connection:
            rows = connection.execute("TABLE " + Reports.schema + ".listing").rowcount
    assert rows == 31
