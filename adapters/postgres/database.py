"""The PostgreSQL database: its address, its roles, and its schema brought up to date.

It is the database of DATABASE_URL; without one, an embedded PostgreSQL in the data folder. Each
process connects in the role that it needs and no other; only migrations and tokens use the owner's.
"""

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
import structlog
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.postgres.embedded import Embedded
from adapters.postgres.migrate import DatabaseUnusable, migrate
from adapters.settings import Settings

log = structlog.get_logger()

APP = "tracker_app"
PROJECTOR = "tracker_projector"
CHECKER = "tracker_checker"
"""The checker reads the ledger with its notes and their salts, and writes nothing."""
OWNER = "tracker_owner"
OPERATOR = "tracker_operator"
"""The operator reads counts, sizes and ages, for monitoring, and no text."""

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
"""The longest statement of the service; those of the projector and migrations have no limit."""
_KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


class Database(Struct, frozen=True):
    """The address of the database, and how to connect to it in each role."""

    url: str
    owner_url: str
    embedded: bool = False

    def conninfo(self, role: str) -> str:
        """Return a libpq connection string for a role."""
        if role == OWNER:
            return make_conninfo(
                self.owner_url, connect_timeout=CONNECT_SECONDS, application_name="tracker owner"
            )
        options = f"{conninfo_to_dict(self.url).get('options') or ''}"
        if role == APP:
            options = f"{options} -c statement_timeout={STATEMENT_SECONDS}s"
        if role in {CHECKER, OPERATOR}:
            options = f"{options} -c default_transaction_read_only=on"
        if role == PROJECTOR:
            # A read model that loses its last commits in a crash reads those entries again.
            options = f"{options} -c synchronous_commit=off"
        if self.embedded:
            url = make_conninfo(self.url, user=role)
        else:
            url, options = self.url, f"{options} -c role={role}"
        return make_conninfo(
            url,
            options=options.strip(),
            connect_timeout=CONNECT_SECONDS,
            application_name=role,
            **_KEEPALIVE,
        )


@contextmanager
def database(settings: Settings) -> Generator[Database]:
    """Yield the database of the settings, up to date, started if it is embedded.

    Raises EmbeddedError, DatabaseUnusable or DatabaseTooNew.
    """
    if settings.DATABASE_URL:
        owner_url = settings.DATABASE_OWNER_URL or settings.DATABASE_URL
        yield _migrated(Database(settings.DATABASE_URL, owner_url), "The database of DATABASE_URL")
        return
    with Embedded(settings.TRACKER_DATA).use() as url:
        owner_url = make_conninfo(url, user=OWNER)
        yield _migrated(Database(url, owner_url, embedded=True), "The embedded database")


def _migrated(target: Database, name: str) -> Database:
    """Return a database, brought up to date."""
    try:
        migrate(target.conninfo(OWNER))
    except psycopg.Error as error:
        raise DatabaseUnusable(f"{name} cannot be used: {str(error).strip()}") from error
    return target
