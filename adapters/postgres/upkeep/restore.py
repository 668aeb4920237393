"""Restore: fills an empty database from a backup, and proves that it holds the same rows."""

import gzip
import hashlib
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg.sql import SQL

from adapters.audit.check import Checker, Fault
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import CHECKER, OWNER, Database, embedded_at
from adapters.postgres.embedded import Embedded
from adapters.postgres.migrate import migrate, migrations
from adapters.postgres.upkeep.backup import MANIFEST, Backup, BackupError, OnProgress, StoredTable
from adapters.postgres.upkeep.tables import content_of, set_sequence, tables_of, write_rows

BLOCK_BYTES = 262_144
REASON_BYTES_MAX = 500
"""The database has the same limit, at its table of lineages."""
FILLED_BY_MIGRATIONS = frozenset({"schema_migrations", "ledger_lineages"})
"""Tables that have rows in an empty database too."""


def verify_files(backup: Backup) -> None:
    """Compare the files of a backup with its manifest. Raises BackupError if one differs."""
    for table in backup.manifest.tables:
        digest = hashlib.sha256()
        for block in _text_of(backup, table):
            digest.update(block)
        if digest.hexdigest() != table.sha256:
            raise BackupError(
                f"{backup.folder / table.file} is damaged: its text is not the one that the "
                "manifest names. Use another backup."
            )


def restore(backup: Backup, database: Database, report_progress: OnProgress) -> None:
    """Fill an empty database from a backup, all or nothing, and bring it up to date.

    Every row then equals the backup's, byte for byte. Raises BackupError if the files are damaged,
    the database is not empty or this program is older than the backup; DatabaseUnusable,
    psycopg.Error and OSError.
    """
    verify_files(backup)
    known = {step.number: step.sha256 for step in migrations()}
    for step in backup.manifest.schema:
        if known.get(step.number) != step.sha256:
            raise BackupError(
                f"The backup has schema step {step.name}, which this program does not have: "
                "restore it with the program that took it, or a newer one."
            )
    owner = database.conninfo(OWNER)
    last = max(step.number for step in backup.manifest.schema)
    expect_empty(owner, through=last)
    migrate(owner, through=last)
    with psycopg.connect(owner) as connection:
        _fill(connection, backup, report_progress)
    migrate(owner)


def expect_empty(owner: str, through: int) -> None:
    """Check that a database holds no record, and no schema step after `through`.

    Raises BackupError otherwise.
    """
    advice = "Restore into a new database: CREATE DATABASE, and set DATABASE_URL to it."
    with psycopg.connect(owner) as connection:
        tables = tables_of(connection)
        for table in tables:
            query = SQL("SELECT EXISTS (SELECT FROM {})").format(table.identifier)
            if (
                table.name not in FILLED_BY_MIGRATIONS
                and connection.execute(query).fetchall()[0][0]
            ):
                raise BackupError(
                    f"The database is not empty: its table {table.name} has rows. {advice}"
                )
        if any(table.name == "schema_migrations" for table in tables):
            rows = connection.execute("SELECT coalesce(max(number), 0) FROM schema_migrations")
            step = rows.fetchall()[0][0]
            if step > through:
                raise BackupError(
                    f"The database has schema step {step} already, and the backup {through}. "
                    f"{advice}"
                )


def begin_lineage(database: Database, reason: str) -> int:
    """Give the operator's word that the service may go on from here; return the last position.

    Raises BackupError if the reason is empty or too long, and psycopg.Error.
    """
    expect_reason(reason)
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute("SELECT ledger_begin_lineage(%s)", (reason,))
        rows = connection.execute("SELECT coalesce(max(notification_id), 0) FROM ledger_events")
        return int(rows.fetchall()[0][0])


def expect_reason(reason: str) -> None:
    """Check the reason of an operator's word. Raises BackupError if it is empty or too long."""
    if not (reason.strip() and len(reason.encode()) <= REASON_BYTES_MAX):
        raise BackupError(f"The reason must have 1 to {REASON_BYTES_MAX} bytes.")


def check(database: Database, report_progress: OnProgress) -> list[Fault]:
    """Re-read a ledger and prove its promises; return the faults (`tracker check`)."""
    with Ledger(environment(database.conninfo(CHECKER), pool=2)) as ledger:
        checker = Checker(ledger.rows)
        checker.run(report_progress)
        return checker.faults


@contextmanager
def scratch_database() -> Generator[Database]:
    """Yield a database of a new embedded server, which is removed when the context ends.

    Its files are in TMPDIR. Raises EmbeddedError.
    """
    with TemporaryDirectory(prefix="tracker-scratch-") as home:
        embedded = Embedded(Path(home))
        with embedded.use() as url:
            yield embedded_at(url)
        embedded.remove()


def _fill(connection: psycopg.Connection, backup: Backup, report_progress: OnProgress) -> None:
    tables = tables_of(connection)
    stored = {table.name: table for table in backup.manifest.tables}
    if {table.name: table.columns for table in tables} != {
        table.name: table.columns for table in stored.values()
    }:
        raise BackupError(
            "The backup has other tables or columns than its schema step makes: "
            f"{backup.folder / MANIFEST} was changed. Use another backup."
        )
    done = 0

    def reported(blocks: Iterable[bytes]) -> Iterator[bytes]:
        nonlocal done
        for block in blocks:
            yield block
            done += block.count(b"\n")
            report_progress(done, backup.manifest.rows)

    for table in tables:
        blocks = reported(_text_of(backup, stored[table.name]))
        # Rows that somebody adds meanwhile are not removed, and fail the comparison below.
        write_rows(connection, table, blocks, replace=table.name in FILLED_BY_MIGRATIONS)
    for name, (last_value, is_called) in backup.manifest.sequences.items():
        set_sequence(connection, name, last_value, is_called=is_called)
    for table in tables:
        if (content := content_of(connection, table)) != stored[table.name].content:
            raise BackupError(
                f"The table {table.name} was not restored byte for byte: it has {content.rows} "
                f"rows, the backup {stored[table.name].rows}. Nothing was restored."
            )


def _text_of(backup: Backup, table: StoredTable) -> Iterator[bytes]:
    """Yield a table's text in blocks. Raises BackupError if it cannot be read."""
    path = backup.folder / table.file
    try:
        with gzip.open(path) as file:
            yield from iter(partial(file.read, BLOCK_BYTES), b"")
    except (OSError, EOFError, zlib.error) as error:
        raise BackupError(f"{path} cannot be read: {error}. Use another backup.") from error
