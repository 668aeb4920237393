"""Migrations: bringing a database up to date, once, by one process at a time."""

import hashlib
import re
from importlib.resources import files
from typing import LiteralString

import psycopg
import structlog
from msgspec import Struct

from adapters.postgres.upkeep.grants import GrantsMissing, ensure_grants

log = structlog.get_logger()

MIGRATION_SECONDS = 300
"""How long a process waits for another that brings the database up to date."""


_MIGRATION_LOCK = 7410


class DatabaseTooNew(Exception):  # noqa: N818  says what is the matter, like its siblings
    """The database was brought up to date by a newer version of this program."""


class DatabaseUnusable(Exception):  # noqa: N818  says what is the matter, like its siblings
    """The database cannot be reached or brought up to date. Says why."""


class Migration(Struct, frozen=True):
    """A numbered step of the schema; forward only."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the step's SQL; a released step never changes."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def serves(self) -> int:
        """The step that a program has to know to run on the schema since this one."""
        marked = re.match(r"-- Serves: (\d+)\n", self.sql)
        return int(marked[1]) if marked else 0


def migrations() -> list[Migration]:
    """Return every step of the schema, in order."""
    folder = files("adapters.postgres") / "migrations"
    return sorted(
        (
            Migration(int(file.name[:4]), file.name.removesuffix(".sql"), file.read_text("utf-8"))
            for file in folder.iterdir()
            if file.name.endswith(".sql")
        ),
        key=lambda step: step.number,
    )


def migrate(conninfo: str, through: int | None = None) -> list[str]:
    """Bring a database up to date, if the login owns it; return the applied steps' names.

    Applies steps up to the number `through`, or all. Several processes may do so at once. Each step
    is a transaction, so that a kill leaves the steps before it applied. Raises DatabaseTooNew, and
    DatabaseUnusable if an applied step was changed, the encoding is not UTF-8, or another login's
    database lacks a step.
    """
    steps = migrations()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
            raise DatabaseUnusable(
                f"The database {connection.info.dbname} is encoded in {encoding}, which cannot hold"
                " every text: create one with ENCODING 'UTF8' and use that."
            )
        if not _is_owner(connection):
            missing = _missing(connection, steps)
            if missing:
                raise DatabaseUnusable(
                    f"The database lacks schema step {missing[0].name}, and {connection.info.user} "
                    "does not own it: run `tracker migrate` as its owner first."
                )
            return []
        connection.execute(f"SET lock_timeout = '{MIGRATION_SECONDS}s'".encode())
        connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        connection.execute("RESET lock_timeout")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (number integer PRIMARY KEY,"
            " name text NOT NULL, sha256 text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now())"
        )
        missing = _missing(connection, steps)
        wanted = [step for step in missing if through is None or step.number <= through]
        for step in wanted:
            _apply(connection, step)
        if wanted == missing:  # every step is there
            try:
                ensure_grants(connection)
            except GrantsMissing as error:
                raise DatabaseUnusable(str(error)) from None
    return [step.name for step in wanted]


_IS_OWNER: LiteralString = (
    "SELECT coalesce((SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class"
    " WHERE oid = to_regclass('public.schema_migrations')),"
    " has_schema_privilege('public', 'CREATE'))"
)


def _is_owner(connection: psycopg.Connection) -> bool:
    """Return whether this login owns the schema, or may make it."""
    row = connection.execute(_IS_OWNER).fetchone()
    return row is not None and bool(row[0])


_STEPS: LiteralString = (
    "SELECT number, sha256, coalesce((to_jsonb(m) ->> 'serves')::integer, 0)"
    " FROM schema_migrations m"
)


def _missing(connection: psycopg.Connection, steps: list[Migration]) -> list[Migration]:
    """Return the steps that were not applied.

    Raises DatabaseTooNew, and DatabaseUnusable if an applied step was changed.
    """
    done: dict[int, str] = {}
    if connection.execute("SELECT to_regclass('public.schema_migrations')").fetchone() != (None,):
        rows = connection.execute(_STEPS).fetchall()
        done = {row[0]: row[1] for row in rows}
        serves = max((row[2] for row in rows), default=0)
        if serves > steps[-1].number:
            raise DatabaseTooNew(
                f"The database has schema step {max(done)}, which serves programs that know step "
                f"{serves}; this one only knows {steps[-1].number}: run the newer program."
            )
    for step in steps:
        if done.get(step.number, step.sha256) != step.sha256:
            raise DatabaseUnusable(
                f"The database has schema step {step.name} in another form than this "
                "program: either was changed. Run the program that applied the step."
            )
    return [step for step in steps if step.number not in done]


def _apply(connection: psycopg.Connection, step: Migration) -> None:
    with connection.transaction():
        connection.execute(step.sql.encode())
        connection.execute(
            "INSERT INTO schema_migrations (number, name, sha256) VALUES (%s, %s, %s)",
            (step.number, step.name, step.sha256),
        )
        if step.serves:
            connection.execute(
                "UPDATE schema_migrations SET serves = %s WHERE number = %s",
                (step.serves, step.number),
            )
    log.info("migration_applied", step=step.name)
