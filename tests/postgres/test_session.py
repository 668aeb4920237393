"""Sessions are the same whatever the environment, the role or the database say."""

import os
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier, Literal
from structlog.testing import capture_logs

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.ledger.submission import Submission
from adapters.postgres.database import (
    APP,
    CHECKER,
    OPERATOR,
    OWNER,
    PROJECTOR,
    READER,
    Database,
    database,
)
from adapters.postgres.migrate import DatabaseUnusable, migrate
from adapters.settings import Settings
from domain.commands.recommendation import Comment
from tests.conftest import connect_to
from tests.support.data.examples import INSPECTOR, published

ROLES = (APP, READER, PROJECTOR, CHECKER, OPERATOR, OWNER)
WORDS = "£ café “quoted” 𝄞"
EXPECTED = {
    "client_encoding": "UTF8",
    "TimeZone": "UTC",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "search_path": "public",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    "row_security": "on",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "jit": "off",
}
HOSTILE = {
    "client_encoding": "LATIN1",
    "TimeZone": "Asia/Tokyo",
    "DateStyle": "German, DMY",
    "IntervalStyle": "sql_standard",
    "search_path": "pg_catalog",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "jit": "on",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "row_security": "off",
    "statement_timeout": "1ms",
    "lock_timeout": "1ms",
    "idle_in_transaction_session_timeout": "1ms",
    "idle_session_timeout": "1ms",
}


def expected(role: str) -> dict[str, str]:
    """Return the settings of a role's sessions: the service alone waits for no lock for ever."""
    return {**EXPECTED, "lock_timeout": "10s"} if role in {APP, READER} else EXPECTED


VARIABLES = {
    "PGCLIENTENCODING": "LATIN1",
    "PGTZ": "Asia/Tokyo",
    "PGDATESTYLE": "German",
    "PGGEQO": "off",
    "PGOPTIONS": "-c search_path=pg_catalog -c statement_timeout=1ms",
}


def _session(conninfo: str) -> dict[str, str]:
    with psycopg.connect(conninfo) as connection:
        return {
            name: connection.execute("SELECT current_setting(%s)", (name,)).fetchall()[0][0]
            for name in EXPECTED
        }


def _url(db: Database) -> str:
    return make_conninfo(db.url, user=OWNER) if db.embedded else db.url


@pytest.fixture
def hostile(database: Database) -> Database:
    """A database whose own settings, and the settings of its roles, are all wrong."""
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        for name, value in HOSTILE.items():
            setting = SQL("ALTER DATABASE {} SET {} = {}").format(
                Identifier(connection.info.dbname),
                Identifier(name),
                SQL(", ").join(map(Literal, value.split(", "))),
            )
            connection.execute(setting)
            if name == "search_path":
                row = connection.execute("SELECT current_user").fetchall()[0]
                of_role = SQL("ALTER ROLE {} IN DATABASE {} SET search_path = pg_catalog")
                for role in (APP, PROJECTOR, CHECKER, row[0]):
                    connection.execute(
                        of_role.format(Identifier(role), Identifier(connection.info.dbname))
                    )
    return database


@pytest.mark.parametrize("role", ROLES)
def test_no_setting_of_a_role_or_database_changes_a_session(hostile: Database, role: str) -> None:
    assert _session(hostile.conninfo(role)) == expected(role)


@pytest.mark.parametrize("role", ROLES)
def test_no_variable_of_the_environment_changes_a_session(
    make_database: Database, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    with database(_settings(make_database)) as opened:
        assert _session(opened.conninfo(role)) == expected(role)


def test_notes_are_stored_as_written_whatever_the_environment_says(
    hostile: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    with (
        database(_settings(hostile)) as opened,
        Ledger(environment(opened.conninfo(APP), pool=1, wait=5)) as ledger,
    ):
        report = published(ledger)
        stream = next(iter(ledger.page(1, 1))).stream
        entry = ledger.submit([Submission(stream, Comment(comment=WORDS))], INSPECTOR).entries[0].id
        assert ledger.notes([entry]) == {entry: {"comment": WORDS}}, report
    with psycopg.connect(hostile.conninfo(OWNER)) as connection:
        rows = connection.execute("SELECT convert_to(note, 'UTF8') FROM ledger_notes").fetchall()
    assert rows == [(WORDS.encode(),)]


def test_a_database_in_another_encoding_is_refused_in_words(server: str) -> None:
    name = f"latin_{uuid4().hex}"
    home = connect_to(server, "tracker" if "host=/" in server else "postgres")
    with psycopg.connect(home.conninfo(OWNER), autocommit=True) as connection:
        connection.execute(
            SQL("CREATE DATABASE {} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0").format(
                Identifier(name)
            )
        )
        with pytest.raises(DatabaseUnusable, match=r"LATIN1.*UTF8"):
            migrate(connect_to(server, name).conninfo(OWNER))
        connection.execute(SQL("DROP DATABASE {}").format(Identifier(name)))


def test_the_embedded_database_ignores_every_variable_of_libpq(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong address, service, user, password file and mode would each keep it from starting."""
    for name, value in {
        **VARIABLES,
        "PGHOSTADDR": "192.0.2.1",
        "PGHOST": "192.0.2.1",
        "PGPORT": "1",
        "PGSERVICE": "nowhere",
        "PGUSER": "nobody",
        "PGREQUIREAUTH": "scram-sha-256",
        "PGSSLMODE": "verify-full",
        "PGCHANNELBINDING": "require",
        "PGTARGETSESSIONATTRS": "standby",
        "PGCONNECT_TIMEOUT": "1",
        "PGDATA": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    with database(Settings(TRACKER_DATA=tmp_path)) as opened:
        assert _session(opened.conninfo(APP)) == expected(APP)


def test_a_url_may_leave_the_facts_of_a_connection_to_the_environment(
    make_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        monkeypatch.setenv("PGDATABASE", connection.info.dbname)
        monkeypatch.setenv("PGHOST", connection.info.host)
        monkeypatch.setenv("PGPORT", str(connection.info.port))
        monkeypatch.setenv("PGUSER", connection.info.user)
        monkeypatch.setenv("PGPASSWORD", connection.info.password)
    chosen = Settings(TRACKER_DATA=Path(), DATABASE_URL="postgresql://")
    with database(chosen) as opened:
        assert _session(opened.conninfo(APP)) == expected(APP)
    assert os.environ["PGDATABASE"]


def _settings(db: Database) -> Settings:
    return Settings(TRACKER_DATA=Path(), DATABASE_URL=_url(db))


def test_a_login_with_the_owners_rights_is_warned_of(make_database: Database) -> None:
    with capture_logs() as logs, database(_settings(make_database)):
        pass
    assert [line["event"] for line in logs] == ["database_login_too_powerful"]


def test_a_login_of_the_service_alone_is_not_warned_of(make_database: Database) -> None:
    name = f"serves_{uuid4().hex[:8]}"
    with psycopg.connect(make_database.conninfo(OWNER), autocommit=True) as connection:
        login = Identifier(name)
        connection.execute(SQL("CREATE ROLE {} LOGIN PASSWORD 'x'").format(login))
        connection.execute(SQL("GRANT tracker_app, tracker_reader TO {}").format(login))
    url = make_conninfo(make_database.url, user=name, password="x")  # noqa: S106  of a role made here
    settings = Settings(TRACKER_DATA=Path(), DATABASE_URL=url)
    with capture_logs() as logs, database(settings) as opened:
        assert _session(opened.conninfo(APP)) == expected(APP)
    assert logs == []
    with psycopg.connect(make_database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute(SQL("DROP ROLE {}").format(Identifier(name)))
