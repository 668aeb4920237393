"""Move of the record from one database to another; the one it left records nothing any more."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from adapters.audit.check import Fault
from adapters.postgres.database import APP, OWNER, PROJECTOR, Database
from adapters.postgres.upkeep.backup import BackupError, ShowProgress, take
from adapters.postgres.upkeep.restore import begin_lineage, check, restore
from adapters.postgres.upkeep.tables import tables_of

LOCK_SECONDS = 10
"""How long to wait for a command that is being recorded."""
_SERVICE = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = ANY (%s)"
)
_IS_CONFIRMED = "SELECT server = ledger_server() FROM ledger_lineages ORDER BY number DESC LIMIT 1"
_LEAVE = (
    "INSERT INTO ledger_lineages (number, since_position, server, reason)"
    " SELECT max(number) + 1, (SELECT coalesce(max(notification_id), 0) FROM ledger_events),"
    " 'moved', %s FROM ledger_lineages"
)


@contextmanager
def leaving(source: Database, to: str) -> Generator[None]:
    """Hold a database still; if the context ends well, it has been left for the place `to`.

    The service then refuses to record in it. A kill meanwhile leaves it as it was. Raises
    BackupError if the service is running on it, or it was left, restored or copied and not
    confirmed since; psycopg.Error.
    """
    with psycopg.connect(source.conninfo(OWNER)) as connection:
        running = connection.execute(_SERVICE, ([APP, PROJECTOR],)).fetchall()[0][0]
        if running:
            raise BackupError(
                f"The service is running on the database ({running} connections): stop it first."
            )
        if not connection.execute(_IS_CONFIRMED).fetchall()[0][0]:
            raise BackupError(
                "The database was moved from, restored or copied, so that another may hold the "
                "record: run `tracker resume` if it is this one."
            )
        connection.execute(SQL("SET lock_timeout = {}").format(f"{LOCK_SECONDS}s"))
        names = SQL(", ").join(table.identifier for table in tables_of(connection))
        connection.execute(SQL("LOCK TABLE {} IN SHARE MODE").format(names))
        yield
        connection.execute(_LEAVE, (f"Moved to {to}.",))


def copy(source: Database, target: Database, show_progress: ShowProgress) -> list[Fault]:
    """Copy every row into an empty database, and begin its lineage; return the ledger's faults.

    The copy equals the source byte for byte. Raises BackupError, DatabaseUnusable, psycopg.Error
    and OSError.
    """
    with TemporaryDirectory(prefix="tracker-move-") as folder:
        with show_progress("Reading") as report:
            backup = take(source, Path(folder), report)
        with show_progress("Writing") as report:
            restore(backup, target, report)
    with show_progress("Checking") as report:
        faults = check(target, report)
    begin_lineage(target, f"Moved from {place_of(source)}.")
    return faults


def place_of(database: Database) -> str:
    """Return the name of a database's place, without credentials."""
    if database.embedded:
        return "the embedded database"
    parts = conninfo_to_dict(database.url)
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    return f"{parts.get('dbname') or ''} on {host}:{parts.get('port') or 5432}"
