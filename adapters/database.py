"""The PostgreSQL database: which one, as which role, and its schema brought up to date.

With DATABASE_URL it is that one; without, an embedded real one in the data folder. Each process
connects in the role that it needs and no other; only migrations and tokens use the owner's.
"""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from importlib.resources import files

import psycopg
import structlog
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.embedded import Embedded
from adapters.settings import Settings

log = structlog.get_logger()

APP = "tracker_app"
PROJECTOR = "tracker_projector"
CHECKER = "tracker_checker"
"""It reads the ledger with its notes and their salts, and writes nothing."""
OWNER = "tracker_owner"

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
"""The longest statement of the service; the projector's and migrations' have no limit."""
MIGRATION_SECONDS = 300
"""How long a process waits for another that brings the database up to date."""
_MIGRATION_LOCK = 7410
_KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


class DatabaseTooNew(Exception):  # noqa: N818  says what is the matter, like its siblings
    """The database was brought up to date by a newer version of this program."""


class DatabaseUnusable(Exception):  # noqa: N818  says what is the matter, like its siblings
    """The database cannot be reached or brought up to date. Says why."""


class Migration(Struct, frozen=True):
    """One numbered step of the schema; forward only."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """What the step was when it was applied; a released step never changes."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Every step of the schema, in order."""
    found = (files("adapters") / "migrations").iterdir()
    return sorted(
        (
            Migration(int(file.name[:4]), file.name.removesuffix(".sql"), file.read_text("utf-8"))
            for file in found
            if file.name.endswith(".sql")
        ),
        key=lambda step: step.number,
    )


def migrate(conninfo: str, upto: int | None = None) -> list[str]:
    """Bring a database up to date, as its owner; say which steps were applied.

    Several processes may do so at once. Each step is one transaction, so that a kill leaves
    the last whole one. Raises DatabaseTooNew, and DatabaseUnusable if an applied step was changed.
    """
    steps = migrations()
    applied: list[str] = []
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(f"SET lock_timeout = '{MIGRATION_SECONDS}s'".encode())
        connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        connection.execute("RESET lock_timeout")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (number integer PRIMARY KEY,"
            " name text NOT NULL, sha256 text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now())"
        )
        rows = connection.execute("SELECT number, sha256 FROM schema_migrations").fetchall()
        done: dict[int, str] = {row[0]: row[1] for row in rows}
        if newer := done.keys() - {step.number for step in steps}:
            raise DatabaseTooNew(
                f"The database has schema step {max(newer)}, and this program knows "
                f"{steps[-1].number}: run the newer program."
            )
        for step in steps:
            if step.number in done:
                if done[step.number] != step.sha256:
                    raise DatabaseUnusable(
                        f"The database has schema step {step.name} in another form than this "
                        "program: one of the two was changed. Run the program it was made with."
                    )
            elif upto is None or step.number <= upto:
                _apply(connection, step)
                applied.append(step.name)
    return applied


def _apply(connection: psycopg.Connection, step: Migration) -> None:
    with connection.transaction():
        connection.execute(step.sql.encode())
        connection.execute(
            "INSERT INTO schema_migrations (number, name, sha256) VALUES (%s, %s, %s)",
            (step.number, step.name, step.sha256),
        )
    log.info("migration_applied", step=step.name)


class Database(Struct, frozen=True):
    """Where the database is, and how to connect to it in each role."""

    url: str
    owner_url: str
    embedded: bool = False

    def conninfo(self, role: str) -> str:
        """A libpq connection string for a role."""
        if role == OWNER:
            return make_conninfo(
                self.owner_url, connect_timeout=CONNECT_SECONDS, application_name="tracker owner"
            )
        options = f"{conninfo_to_dict(self.url).get('options') or ''}"
        if role == APP:
            options = f"{options} -c statement_timeout={STATEMENT_SECONDS}s"
        if role == CHECKER:
            options = f"{options} -c default_transaction_read_only=on"
        if role == PROJECTOR:
            # A read model that loses its last commits in a crash takes those entries in again.
            options = f"{options} -c synchronous_commit=off"
        if self.embedded:
            named = make_conninfo(self.url, user=role)
        else:
            named, options = self.url, f"{options} -c role={role}"
        return make_conninfo(
            named,
            options=options.strip(),
            connect_timeout=CONNECT_SECONDS,
            application_name=role,
            **_KEEPALIVE,
        )


@contextmanager
def database(settings: Settings) -> Generator[Database]:
    """The database of the settings, started if it is the embedded one, and up to date.

    Raises EmbeddedError, DatabaseUnusable or DatabaseTooNew.
    """
    if settings.DATABASE_URL:
        owner_url = settings.DATABASE_OWNER_URL or settings.DATABASE_URL
        yield _current(Database(settings.DATABASE_URL, owner_url), "The database of DATABASE_URL")
        return
    with Embedded(settings.TRACKER_DATA).use() as url:
        owner_url = make_conninfo(url, user=OWNER)
        yield _current(Database(url, owner_url, embedded=True), "The embedded database")


def _current(found: Database, called: str) -> Database:
    """A database, brought up to date."""
    try:
        migrate(found.conninfo(OWNER))
    except psycopg.Error as error:
        raise DatabaseUnusable(f"{called} cannot be used: {str(error).strip()}") from error
    return found
