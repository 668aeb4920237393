"""Versions of a read model side by side, and the end of those that nothing uses."""

import time
from typing import ClassVar, LiteralString

import psycopg
import pytest

from adapters.ledger.ledger import Ledger
from adapters.postgres.database import OWNER, PROJECTOR, Database
from projections.read_models import READ_MODELS
from projections.reports.model import Reports
from projections.runtime import unused
from projections.runtime.rebuild import build_missing
from projections.runtime.schemas import make, try_lock
from projections.runtime.supervisor import Supervisor
from projections.runtime.unused import UnusedSchemas
from tests.projections.test_projections import eventually, wait_until_level
from tests.support.data.examples import published
from tests.support.served.serving import serving

HOUR = 3_600.0
NOW = 0.0


class Older(Reports):
    """The read model as an earlier release had it."""

    version: ClassVar[LiteralString] = "1000"


class Newer(Reports):
    """The read model as a later release has it."""

    version: ClassVar[LiteralString] = "1001"


def untold(_done: int, _of: int) -> None:
    pass


def schemas(database: Database) -> set[str]:
    """Return the schemas that the projector owns."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        rows = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspowner = 'tracker_projector'::regrole"
        )
        return {name for (name,) in rows}


def looked(database: Database, seconds: float) -> set[str]:
    """Look once, as a process that keeps the newer version; return the schemas left."""
    UnusedSchemas(database.conninfo(PROJECTOR), [Newer.schema], seconds).look()
    return schemas(database)


def oid(database: Database, schema: str) -> object:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        return connection.execute("SELECT to_regnamespace(%s)::oid", (schema,)).fetchone()


def test_a_newer_version_is_built_and_followed_beside_an_older(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    with Supervisor(database, [Older]):
        wait_until_level(ledger, Older)
        with Supervisor(database, [Newer], unused_minutes=0):
            wait_until_level(ledger, Newer)
            published(ledger, reference="kent-second-2023")
            wait_until_level(ledger, Older, Newer)
            assert schemas(database) == {Older.schema, Newer.schema}


def test_two_versions_started_at_once_are_both_built(database: Database, ledger: Ledger) -> None:
    published(ledger)
    with (
        Supervisor(database, [Newer], unused_minutes=0),
        Supervisor(database, [Older], unused_minutes=0),
    ):
        wait_until_level(ledger, Older, Newer)


def test_a_version_goes_once_nothing_has_kept_it_for_long_enough(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    with Supervisor(database, [Older]):
        wait_until_level(ledger, Older)
        assert looked(database, NOW) == {Older.schema}
    assert looked(database, HOUR) == {Older.schema}
    with Supervisor(database, [Newer], unused_minutes=0):
        eventually(lambda: schemas(database) == {Newer.schema})


def test_the_way_back_to_an_older_version_needs_no_build(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    with Supervisor(database, [Older]):
        wait_until_level(ledger, Older)
    before = oid(database, Older.schema)
    with Supervisor(database, [Newer]):
        wait_until_level(ledger, Newer)
        published(ledger, reference="kent-second-2023")
        wait_until_level(ledger, Newer)
    with Supervisor(database, [Older]):
        wait_until_level(ledger, Older)
    assert oid(database, Older.schema) == before


@pytest.mark.slow
def test_a_version_stays_while_a_service_reads_it_and_goes_when_the_service_ends(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unused, "MARK_SECONDS", 0.1)
    build_missing(database, READ_MODELS, untold)
    built = {model.schema for model in READ_MODELS}
    with serving(database, keep=False):
        eventually(lambda: marks(database) == len(READ_MODELS))
        assert looked(database, NOW) == built
        with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'tracker_reader' AND datname = current_database()"
            )
        eventually(lambda: marks(database) == len(READ_MODELS))
        time.sleep(0.5)  # marks again, and takes no lock twice
        assert marks(database) == len(READ_MODELS)
        assert looked(database, NOW) == built
    eventually(lambda: marks(database) == 0)
    assert looked(database, NOW) == set()


def marks(database: Database) -> int:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        row = connection.execute(
            "SELECT count(*)::integer FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND classid = 7412"
            " AND mode = 'ShareLock' AND granted"
        ).fetchone()
    return row[0] if row else 0


def test_what_builds_left_goes_and_what_is_being_built_stays(database: Database) -> None:
    with psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as builder:
        for schema in ("reports_1000_next", "reports_1000_old", "reports_999_next", "reports"):
            make(builder, Older, schema)
        assert try_lock(builder, "reports_1000_next")
        assert looked(database, NOW) == {"reports_1000_next", "reports_1000_old"}
    eventually(lambda: looked(database, NOW) == set())


def test_schemas_that_are_no_read_models_stay(database: Database) -> None:
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as owner:
        owner.execute("CREATE SCHEMA reports_2024")
        owner.execute("COMMENT ON SCHEMA reports_2024 IS '1'")
    with psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as projector:
        projector.execute("CREATE SCHEMA reports_draft")
    assert looked(database, NOW) == {"reports_draft"}
    assert oid(database, "reports_2024") != (None,)


def test_a_query_on_an_unused_version_is_not_cut_and_holds_up_a_drop_only_briefly(
    database: Database,
) -> None:
    with psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as projector:
        make(projector, Older, Older.schema)
    with psycopg.connect(database.conninfo(OWNER)) as reader:
        reader.execute("TABLE " + Older.schema + ".listing")
        assert looked(database, NOW) == {Older.schema}
        reader.execute("TABLE " + Older.schema + ".listing")
    assert looked(database, NOW) == set()
