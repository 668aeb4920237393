"""Building a read model from nothing gives the same as following the ledger."""
# pyright: reportPrivateUsage=false

import re
import time
from collections.abc import Sequence
from uuid import UUID

import psycopg
import pytest

from adapters.ledger.codec import SKIMMED
from adapters.ledger.ledger import Ledger
from adapters.postgres.database import OWNER, PROJECTOR, Database
from domain.history import state_periods
from projections.read_models import READ_MODELS
from projections.runtime import build, history, supervisor
from projections.runtime.periods import Period, moving, periods
from projections.runtime.read_model import OnProgress, PoisonEntry, ReadModel
from projections.runtime.rebuild import build_missing, rebuild
from projections.runtime.schemas import exists
from projections.runtime.supervisor import Supervisor
from tests.projections.test_projections import position, wait_until_level
from tests.support.data.examples import published
from tests.support.data.lives import Clock, populate

pytestmark = pytest.mark.slow

WAIT_SECONDS = 20.0


def untold(_done: int, _of: int) -> None:
    pass


def differences(database: Database) -> list[tuple[str, int, int]]:
    """What tells the live read models apart from those built anew."""
    found: list[tuple[str, int, int]] = []
    for model in READ_MODELS:
        compared = rebuild(database, model, on_progress=untold, swap=False)
        assert compared.compared
        found.append((model.name, compared.only_live, compared.only_new))
    return found


NONE = [(model.name, 0, 0) for model in READ_MODELS]


@pytest.mark.slow
@pytest.mark.parametrize("alone", [True, False])
def test_a_built_read_model_equals_the_followed_one(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, *, alone: bool
) -> None:
    """Random lives: coarse dates, corrections and redactions among remarks."""
    clock = Clock()
    ledger._clock = clock
    with Supervisor(database, READ_MODELS):
        populate(ledger, clock, 11, reports=6, steps=400)
        wait_until_level(ledger)
        monkeypatch.setattr(build, "PART_ENTRIES", 90)
        if not alone:
            monkeypatch.setattr(build, "ALONE_ENTRIES", 0)
        assert differences(database) == NONE


@pytest.mark.slow
def test_missing_read_models_are_built_together_and_then_followed(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    build_missing(database, READ_MODELS, untold)
    assert {position(ledger, model) for model in READ_MODELS} == {2}
    with Supervisor(database, READ_MODELS):
        published(ledger, reference="kent-second-2023")
        wait_until_level(ledger)
        assert differences(database) == NONE


def test_a_build_names_an_unreadable_entry(database: Database, ledger: Ledger) -> None:
    spoil(database, ledger)
    with pytest.raises(PoisonEntry) as told:
        build_missing(database, READ_MODELS, untold)
    assert told.value.position == 3


@pytest.mark.slow
def test_entries_before_an_unreadable_one_are_served_after_a_failed_build(
    database: Database, ledger: Ledger
) -> None:
    spoil(database, ledger)
    with Supervisor(database, READ_MODELS) as kept:
        until = time.monotonic() + WAIT_SECONDS
        while {status.state for status in kept.status.values()} != {"stopped"}:
            assert time.monotonic() < until, kept.status
            time.sleep(0.01)
        assert {status.position for status in kept.status.values()} == {3}
    assert {position(ledger, model) for model in READ_MODELS} == {2}


def spoil(database: Database, ledger: Ledger) -> None:
    """A ledger whose third entry is none."""
    published(ledger)
    published(ledger, reference="kent-second-2023")
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger_events DISABLE TRIGGER append_only")
        connection.execute("UPDATE ledger_events SET state = '{}' WHERE notification_id = 3")


def test_an_interrupted_build_leaves_no_read_model_half_built(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(ledger)
    kept = Supervisor(database, READ_MODELS)

    def ended(
        _database: Database, models: Sequence[type[ReadModel]], on_progress: OnProgress
    ) -> None:
        assert models
        kept._stopping.set()
        on_progress(0, 0)

    monkeypatch.setattr(supervisor, "build_missing", ended)
    with kept:
        pass
    with psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as connection:
        assert not any(exists(connection, model.schema) for model in READ_MODELS)


def test_a_build_reads_only_entries_that_can_move_something(database: Database) -> None:
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        row = connection.execute(
            "SELECT pg_get_indexdef('ledger_events_moves_idx'::regclass)"
        ).fetchone()
        assert row
        assert all(tag in row[0] and tag in history.MOVES for tag in SKIMMED)
        assert row[0].count("recommendation.") == len(SKIMMED)
        connection.execute("SET enable_seqscan = off")
        for reading in (
            re.sub(r"\$[12]", f"'{UUID(int=0)}'", history.BETWEEN).replace("$3", "9"),
            history.OF_STREAMS.replace("$1", f"ARRAY['{UUID(int=0)}'::uuid]").replace("$2", "9"),
        ):
            rows = connection.execute(f"EXPLAIN {reading}".encode()).fetchall()
            assert any("ledger_events_moves_idx" in line for (line,) in rows), rows


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_entries_skipped_by_a_build_change_nothing_shown(ledger: Ledger, seed: int) -> None:
    clock = Clock()
    ledger._clock = clock
    streams = populate(ledger, clock, seed, reports=3, steps=120)
    for stream in streams:
        history = ledger.history(stream)
        for model in READ_MODELS:
            assert shown(history, model) == shown(moving(history), model)


def shown(history: Sequence[object], model: type[ReadModel]) -> tuple[Period, ...]:
    return periods(state_periods(history), model.show)  # type: ignore[arg-type]
