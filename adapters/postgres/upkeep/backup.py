"""Backup: a folder with every row of the database at one moment, as text, and a manifest.

It is taken while the service runs, in one snapshot, and fits any PostgreSQL that the service
supports: the migrations make the tables, the files fill them. It holds private notes, documents and
the hashes of tokens, so only its owner may read it. The folder gets its name once it is complete.
"""

import gzip
import os
import shutil
import subprocess
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import LiteralString, TypeAlias

import msgspec
import psycopg
from msgspec import Struct
from psycopg import IsolationLevel
from psycopg.sql import SQL

from adapters.postgres.database import OWNER, Database
from adapters.postgres.programs import sync
from adapters.postgres.upkeep.tables import (
    LEDGER,
    Content,
    Table,
    read_rows,
    sequences_of,
    tables_of,
)

FORMAT = "tracker/backup"
VERSION = 1
MANIFEST = "manifest.json"
COMPRESSION = 1
"""The fastest level of gzip; documents are compressed already."""

OnProgress: TypeAlias = Callable[[int, int], None]
"""Called with the number of rows done and their total."""
ShowProgress: TypeAlias = Callable[[str], AbstractContextManager[OnProgress]]
"""Shows the progress of a work of some name while its context lasts."""


class BackupError(Exception):
    """A backup cannot be taken, read or trusted. Says which, why, and what to do."""


@contextmanager
def explained(work: str) -> Generator[None]:
    """Raise errors of PostgreSQL and of files as BackupError, with the name of the work."""
    try:
        yield
    except (OSError, psycopg.Error, subprocess.SubprocessError) as error:
        raise BackupError(f"{work} failed: {str(error).strip()}") from error


class StoredTable(Struct, frozen=True):
    """A table of a backup: its columns, in the order of its file, and its content."""

    name: str
    columns: list[str]
    rows: int
    sha256: str
    """Of the text in its file, decompressed."""

    @property
    def file(self) -> str:
        """The name of its file in the backup's folder."""
        return f"{self.name}.tsv.gz"

    @property
    def content(self) -> Content:
        """Its content, to compare with that of a database."""
        return Content(self.rows, self.sha256)


class SchemaStep(Struct, frozen=True):
    """A migration that the database had, and the SHA-256 of its SQL."""

    number: int
    name: str
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """The manifest of a backup."""

    format: str
    version: int
    at: datetime
    postgresql: str
    """The version of the server that it was taken from."""
    head: int
    """The last position."""
    schema: list[SchemaStep]
    tables: list[StoredTable]
    sequences: dict[str, tuple[int, bool]]
    """The last value of each, read after the rows, and whether it was taken."""

    @property
    def rows(self) -> int:
        """The number of rows of all tables."""
        return sum(table.rows for table in self.tables)


class Backup(Struct, frozen=True):
    """A backup: its folder and its manifest."""

    folder: Path
    manifest: Manifest


def take(database: Database, folder: Path, report_progress: OnProgress) -> Backup:
    """Write every row of a database, as it is now, into an empty folder.

    Connects as the database's owner. Raises BackupError if it holds no ledger; psycopg.Error and
    OSError.
    """
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        tables = tables_of(connection)
        if all(table.name != LEDGER for table in tables):
            raise BackupError("The database holds no ledger: start the service on it first.")
        total = sum(_number(connection, table, "count(*)") for table in tables)
        done = 0

        def report(rows: int) -> None:
            nonlocal done
            done += rows
            report_progress(done, total)

        stored = [_store(connection, folder, table, report) for table in tables]
        steps = connection.execute(
            "SELECT number, name, sha256 FROM schema_migrations ORDER BY number"
        ).fetchall()
        manifest = Manifest(
            format=FORMAT,
            version=VERSION,
            at=connection.execute("SELECT now()").fetchall()[0][0],
            postgresql=connection.info.parameter_status("server_version") or "",
            head=next(
                _number(connection, table, "coalesce(max(notification_id), 0)")
                for table in tables
                if table.name == LEDGER
            ),
            schema=[SchemaStep(*step) for step in steps],
            tables=stored,
            sequences=sequences_of(connection),
        )
    text = msgspec.json.format(msgspec.json.encode(manifest))
    with _new_file(folder / MANIFEST) as descriptor:
        os.write(descriptor, text + b"\n")
    sync(folder)
    return Backup(folder, manifest)


def opened(folder: Path) -> Backup:
    """Return the backup in a folder. Raises BackupError if it holds none that can be read here."""
    try:
        text = (folder / MANIFEST).read_bytes()
        manifest = msgspec.json.decode(text, type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise BackupError(f"{folder} holds no backup of this service: {error}.") from error
    if (manifest.format, manifest.version) != (FORMAT, VERSION):
        raise BackupError(
            f"{folder} is a backup in the form {manifest.format} {manifest.version}, but this "
            f"program reads {FORMAT} {VERSION}: restore it with the newer program."
        )
    return Backup(folder, manifest)


@contextmanager
def new_folder(path: Path) -> Generator[Path]:
    """Yield a folder, its owner's only, that gets its name only if the context ends well.

    Raises BackupError if the name is taken, and OSError.
    """
    if path.exists() or path.is_symlink():
        raise BackupError(f"{path} exists already: name a new folder; backups are never replaced.")
    path.parent.mkdir(parents=True, exist_ok=True)
    half = Path(mkdtemp(dir=path.parent, prefix=".tracker-backup-"))
    try:
        yield half
        half.rename(path)
        sync(path.parent)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _store(
    connection: psycopg.Connection, folder: Path, table: Table, report_rows: Callable[[int], None]
) -> StoredTable:
    stored = StoredTable(table.name, table.columns, 0, "")
    with (
        _new_file(folder / stored.file) as descriptor,
        os.fdopen(descriptor, "wb", closefd=False) as file,
        gzip.GzipFile("", "wb", COMPRESSION, file, mtime=0) as packed,
    ):
        content = read_rows(connection, table, packed.write, report_rows)
    return msgspec.structs.replace(stored, rows=content.rows, sha256=content.sha256)


def _number(connection: psycopg.Connection, table: Table, expression: LiteralString) -> int:
    query = SQL("SELECT {} FROM {}").format(SQL(expression), table.identifier)
    return int(connection.execute(query).fetchall()[0][0])


@contextmanager
def _new_file(path: Path) -> Generator[int]:
    """Yield the descriptor of a new file of its owner's only, on disk when the context ends."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        yield descriptor
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
