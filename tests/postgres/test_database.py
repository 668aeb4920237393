"""Migrations: each from the one before, one by one or at once, and forward only."""
# pyright: reportPrivateUsage=false

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import LockNotAvailable
from psycopg.sql import SQL, Identifier
from structlog.testing import capture_logs

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, OWNER, PROJECTOR, Database, require_connections
from adapters.postgres.migrate import (
    _MIGRATION_LOCK,
    DatabaseTooNew,
    DatabaseUnusable,
    migrate,
    migrations,
)
from tests.conftest import connect_to
from tests.support.data.examples import published


@pytest.fixture
def bare(server: str) -> Database:
    name = f"bare_{uuid4().hex}"
    home = connect_to(server, "tracker" if "host=/" in server else "postgres")
    with psycopg.connect(home.conninfo(OWNER), autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return connect_to(server, name)


def test_each_migration_applies_to_a_database_at_the_one_before(bare: Database) -> None:
    for step in migrations():
        assert migrate(bare.conninfo(OWNER), through=step.number) == [step.name]
    assert migrate(bare.conninfo(OWNER)) == []


def test_migrations_are_numbered_without_gaps() -> None:
    assert [step.number for step in migrations()] == list(range(1, len(migrations()) + 1))


@pytest.mark.slow
def test_an_empty_database_can_be_migrated_by_many_processes_at_once(bare: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate, [bare.conninfo(OWNER)] * 4))
    assert sorted(map(len, applied)) == [0, 0, 0, len(migrations())]
    with Ledger(environment(bare.conninfo(APP), pool=1)) as ledger:
        published(ledger)


def test_a_migration_changed_after_it_was_applied_is_noticed(bare: Database) -> None:
    migrate(bare.conninfo(OWNER))
    with psycopg.connect(bare.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("UPDATE schema_migrations SET sha256 = 'other' WHERE number = 1")
    with pytest.raises(DatabaseUnusable, match="0001_ledger in another form"):
        migrate(bare.conninfo(OWNER))


def test_waiting_for_another_migration_has_a_limit(
    bare: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.postgres.migrate.MIGRATION_SECONDS", 0.1)
    with psycopg.connect(bare.conninfo(OWNER)) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        with pytest.raises(LockNotAvailable):
            migrate(bare.conninfo(OWNER))
    assert migrate(bare.conninfo(OWNER))


def test_an_older_program_refuses_a_newer_database(bare: Database) -> None:
    migrate(bare.conninfo(OWNER))
    with psycopg.connect(bare.conninfo(OWNER), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO schema_migrations (number, name, sha256, serves)"
            " VALUES (998, 'adds', 'x', 0)"
        )
        assert migrate(bare.conninfo(OWNER)) == [], "it only adds"
        connection.execute(
            "INSERT INTO schema_migrations (number, name, sha256, serves)"
            " VALUES (999, 'takes', 'x', 999)"
        )
    with pytest.raises(DatabaseTooNew, match="999"):
        migrate(bare.conninfo(OWNER))


@pytest.mark.parametrize("role", [APP, PROJECTOR])
def test_the_service_reads_the_schema_version_but_cannot_change_it(
    database: Database, role: str
) -> None:
    with psycopg.connect(database.conninfo(role), autocommit=True) as connection:
        row = connection.execute("SELECT max(number) FROM schema_migrations").fetchone()
        assert row == (migrations()[-1].number,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM schema_migrations")


def test_the_service_connects_as_its_own_role_with_a_statement_timeout(
    database: Database,
) -> None:
    with psycopg.connect(database.conninfo(APP)) as connection:
        row = connection.execute("SELECT current_user, current_setting('statement_timeout')")
        assert row.fetchone() == ("tracker_app", "30s")


def test_more_connections_than_the_server_allows_are_refused_in_words(database: Database) -> None:
    require_connections(database, 20, "lower it")
    with pytest.raises(DatabaseUnusable, match=r"open 10000 connections.*lower it"):
        require_connections(database, 10_000, "lower it")


def test_a_limit_of_the_database_counts_too(database: Database) -> None:
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        name = Identifier(connection.info.dbname)
        connection.execute(SQL("ALTER DATABASE {} CONNECTION LIMIT 9").format(name))
    require_connections(database, 9, "lower it")
    with pytest.raises(DatabaseUnusable, match="allows its role 9"):
        require_connections(database, 10, "lower it")


def test_connections_that_others_hold_are_warned_of(database: Database) -> None:
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        name = Identifier(connection.info.dbname)
        connection.execute(SQL("ALTER DATABASE {} CONNECTION LIMIT 9").format(name))
        with capture_logs() as logs:
            require_connections(database, 9, "lower it")
    assert [line["event"] for line in logs] == ["connections_scarce"]
