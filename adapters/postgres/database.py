"""The PostgreSQL database: its address, its roles, and its schema brought up to date.

It is the database of DATABASE_URL; without one, an embedded PostgreSQL in the data folder. Each
process connects in the role that it needs and no other; only migrations and tokens use the owner's.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import LiteralString

import psycopg
import structlog
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.postgres.embedded import Embedded
from adapters.postgres.migrate import DatabaseUnusable, migrate
from adapters.settings import Settings

log = structlog.get_logger()

APP = "tracker_app"
READER = "tracker_reader"
"""The service reads lists as the reader, which may read read models and nothing else: what the
projector puts in their place gains nothing by it."""
PROJECTOR = "tracker_projector"
CHECKER = "tracker_checker"
"""The checker reads the ledger with its notes and their salts, and writes nothing."""
OWNER = "tracker_owner"
OPERATOR = "tracker_operator"
"""The operator reads counts, sizes and ages, for monitoring, and no text."""

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
"""The longest statement of the service; those of the projector and migrations have no limit at the
server."""
LOCK_SECONDS = 10
"""How long a command waits for another that appends, and is then answered 503."""
DEADLINE_SECONDS = STATEMENT_SECONDS + 5
"""The service's own limit on an answer, for a server that is stopped or gone."""
_NETWORK = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}
"""A server that is gone without a word is noticed within 25 s idle, and 10 s sending."""
_OF_SERVER = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "client_connection_check_interval": "10000",
}
"""The same for the server: a client that is gone keeps no lock for the two hours of the system's
own default. No limit on sending: a client that reads slowly is not gone."""
_SESSION = {
    "TimeZone": "UTC",
    "DateStyle": "ISO,MDY",
    "IntervalStyle": "postgres",
    "search_path": "public",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "row_security": "on",
    "default_transaction_isolation": r"read\ committed",
    "default_transaction_deferrable": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    **_OF_SERVER,
    "jit": "off",  # compiling a page's queries takes longer than they do: seconds, before ANALYZE
}
"""Every setting of a session that could change an answer, a stored byte or the life of a connection
and that a role, a database or an address may hold. `default_transaction_read_only` is left to the
operator, who may close a database to commands by it."""
_LIMITS = {"statement_timeout": f"{STATEMENT_SECONDS}s", "lock_timeout": f"{LOCK_SECONDS}s"}
_OF_ROLE = {
    APP: _LIMITS,
    READER: {**_LIMITS, "default_transaction_read_only": "on"},
    CHECKER: {"default_transaction_read_only": "on"},
    OPERATOR: {"default_transaction_read_only": "on"},
    # A read model that loses its last commits in a crash reads those entries again.
    PROJECTOR: {"synchronous_commit": "off"},
}
_SESSION_VARIABLES = ("PGOPTIONS", "PGCLIENTENCODING", "PGTZ", "PGDATESTYLE", "PGGEQO", "PGAPPNAME")
"""The environment variables by which libpq changes a session rather than finds a server."""


_CONNECTIONS: LiteralString = """
    SELECT least(current_setting('max_connections')::int
                 - current_setting('superuser_reserved_connections')::int
                 - coalesce(current_setting('reserved_connections', true)::int, 0),
                 nullif(rolconnlimit, -1), nullif(datconnlimit, -1)),
           (SELECT count(*)::int FROM pg_stat_activity
             WHERE usesysid IS NOT NULL AND pid <> pg_backend_pid())
      FROM pg_roles, pg_database WHERE rolname = session_user AND datname = current_database()
"""


class Database(Struct, frozen=True):
    """The address of the database, and how to connect to it in each role."""

    url: str
    owner_url: str
    embedded: bool = False

    def __repr__(self) -> str:
        """Return the address, without its password."""
        return f"Database({without_secrets(self.url, '***')})"

    def conninfo(self, role: str) -> str:
        """Return a libpq connection string for a role."""
        url = self.owner_url if role == OWNER else self.url
        settings = {**_SESSION, **_OF_ROLE.get(role, {})}
        if self.embedded:
            url = make_conninfo(url, user=role)
        elif role != OWNER:
            settings["role"] = role
        options = [str(conninfo_to_dict(url).get("options") or "")]
        options += [f"-c {name}={value}" for name, value in settings.items()]
        return make_conninfo(
            url,
            options=" ".join(options).strip(),
            client_encoding="UTF8",
            connect_timeout=CONNECT_SECONDS,
            application_name=role,
            **_NETWORK,
        )


def without_secrets(url: str, mask: str) -> str:
    """Return a libpq URL as a connection string, with a mask in place of passwords and secrets."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return mask
    hidden = [name for name in parts if "password" in name or "secret" in name]
    return make_conninfo("", **parts | dict.fromkeys(hidden, mask))


def embedded_at(url: str) -> Database:
    """Return the embedded database at the address of its server."""
    return Database(url, make_conninfo(url, user=OWNER), embedded=True)


@contextmanager
def exclusively(
    database: Database, lock: int, on_wait: Callable[[], object] = lambda: None
) -> Generator[None]:
    """Hold an advisory lock of a database; call `on_wait` if another process has it.

    Raises DatabaseUnusable.
    """
    try:
        with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (lock,)).fetchone()
            if row != (True,):
                on_wait()
                connection.execute("SELECT pg_advisory_lock(%s)", (lock,))
            yield
    except psycopg.Error as error:
        raise DatabaseUnusable(f"The database cannot be used: {str(error).strip()}") from error


@contextmanager
def database(settings: Settings) -> Generator[Database]:
    """Yield the database of the settings, up to date, started if it is embedded.

    Raises EmbeddedError, DatabaseUnusable or DatabaseTooNew.
    """
    with database_as_it_is(settings) as target:
        name = "The embedded database" if target.embedded else "The database of DATABASE_URL"
        _bring_up_to_date(target, name)
        if not target.embedded:
            _warn_of_power(target)
        yield target


@contextmanager
def database_as_it_is(settings: Settings) -> Generator[Database]:
    """Yield the database of the settings without touching its schema. Raises EmbeddedError."""
    forget_variables(embedded=not settings.DATABASE_URL)
    if settings.DATABASE_URL:
        yield Database(settings.DATABASE_URL, settings.DATABASE_OWNER_URL or settings.DATABASE_URL)
        return
    with Embedded(settings.TRACKER_DATA, archive=settings.TRACKER_WAL_ARCHIVE).use() as url:
        yield embedded_at(url)


def forget_variables(*, embedded: bool) -> None:
    """Remove libpq's variables from this process's environment, which libpq reads by itself.

    With DATABASE_URL they may supply what it leaves out to find the server, but change no session.
    The embedded server is found by its own address alone.
    """
    for name in list(os.environ):
        of_libpq = name.startswith("PG") and name != "PG_BIN"
        if of_libpq and (embedded or name in _SESSION_VARIABLES):
            del os.environ[name]


def require_connections(database: Database, needed: int, advice: str) -> None:
    """Check that a process can open that many connections; warn if others hold too many now.

    Raises DatabaseUnusable, with the advice, if the server could never give them.
    """
    try:
        with psycopg.connect(database.conninfo(APP)) as connection:
            limit, used = connection.execute(_CONNECTIONS).fetchone() or (0, 0)
    except psycopg.Error as error:
        raise DatabaseUnusable(f"The database cannot be used: {str(error).strip()}") from error
    if needed > limit:
        raise DatabaseUnusable(
            f"The service may open {needed} connections, but PostgreSQL allows its role {limit} "
            f"(max_connections less those reserved, or a limit of the role or the database): "
            f"{advice}."
        )
    if needed > limit - used:
        log.warning("connections_scarce", needed=needed, allowed=limit, used_by_others=used)


def _bring_up_to_date(target: Database, name: str) -> None:
    """Bring a database up to date."""
    try:
        migrate(target.conninfo(OWNER))
    except psycopg.Error as error:
        raise DatabaseUnusable(f"{name} cannot be used: {str(error).strip()}") from error


_IS_POWERFUL: LiteralString = (
    "SELECT l.rolsuper OR pg_has_role(session_user, c.relowner, 'MEMBER')"
    " FROM pg_roles l, pg_class c"
    " WHERE l.rolname = session_user AND c.oid = 'public.ledger_events'::regclass"
)


def _warn_of_power(target: Database) -> None:
    """Warn if the login of DATABASE_URL could undo what its role may not: by SET ROLE NONE."""
    with suppress(psycopg.Error), psycopg.connect(target.url) as connection:
        if connection.execute(_IS_POWERFUL).fetchone() == (True,):
            log.warning("database_login_too_powerful", login=connection.info.user)
