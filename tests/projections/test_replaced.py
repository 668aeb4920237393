"""Read models over a ledger that was put back to an earlier moment beneath them."""

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from adapters.ledger.ledger import Ledger
from adapters.postgres.database import OWNER, Database
from projections.read_models import READ_MODELS
from projections.register.model import Register
from projections.runtime.supervisor import Supervisor
from tests.projections.test_build import NONE, differences
from tests.projections.test_projections import eventually, position, wait_until_level
from tests.support.data.examples import published

pytestmark = pytest.mark.slow


def put_back(database: Database, through: int, *, with_read_models: bool) -> None:
    """Take entries away as a restored backup does, end every session, and confirm the copy."""
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        with connection.transaction():
            connection.execute("ALTER TABLE ledger_events DISABLE TRIGGER append_only")
            connection.execute("DELETE FROM ledger_notes")
            connection.execute("DELETE FROM ledger_events WHERE notification_id > %s", (through,))
            connection.execute("ALTER TABLE ledger_events ENABLE ALWAYS TRIGGER append_only")
            for model in READ_MODELS if with_read_models else ():
                connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(model.schema)))
        connection.execute("SELECT ledger_begin_lineage('Put back for a test.')")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> %s"
            " AND datname = current_database()",
            (connection.info.user,),
        )


def test_read_models_follow_a_ledger_that_was_put_back_and_grew_other_entries(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    kept = ledger.head()
    published(ledger, reference="kent-lost-2023")
    with Supervisor(database, READ_MODELS) as supervisor:
        wait_until_kept(ledger, supervisor)
        put_back(database, kept, with_read_models=True)
        ledger.rows.connections.when_lost()
        for number in range(3):
            published(ledger, reference=f"kent-other-{number}-2023")
        wait_until_kept(ledger, supervisor)
        assert position(ledger, Register) == ledger.head() > kept + 2
        assert differences(database) == NONE


def test_a_read_model_that_is_ahead_of_the_ledger_is_built_again(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    kept = ledger.head()
    published(ledger, reference="kent-lost-2023")
    with Supervisor(database, READ_MODELS) as supervisor:
        wait_until_kept(ledger, supervisor)
        put_back(database, kept, with_read_models=False)
        eventually(lambda: position(ledger, Register) == kept)
        wait_until_kept(ledger, supervisor)
        ledger.rows.connections.when_lost()
        published(ledger, reference="kent-other-2023")
        wait_until_level(ledger)
        assert differences(database) == NONE


def wait_until_kept(ledger: Ledger, supervisor: Supervisor) -> None:
    wait_until_level(ledger)
    eventually(lambda: all(status.state == "keeping" for status in supervisor.status.values()))
