"""The whole ledger as lines of JSON, to be verified where there is no database.

The first line says what it is; each one after it is an entry, in order of position. What the
entry says stands last in its line, in the very bytes of the ledger: they are what lies between
the first `,"entry":` and the last `}`. Private notes and Idempotency-Keys are not in it.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, LiteralString

import msgspec
import psycopg
from msgspec import Struct
from psycopg import IsolationLevel

from adapters.postgres.database import PROJECTOR, Database
from adapters.postgres.migrate import DatabaseUnusable

FORMAT = "tracker/ledger"
VERSION = 1
TELL_ENTRIES = 5_000
"""After how many entries it says how far it is."""

_HEAD: LiteralString = "SELECT coalesce(max(notification_id), 0), now() FROM ledger_events"
# As bytes in the binary format, which has nothing to escape; a text format would have to.
_LINES: LiteralString = r"""
    COPY (
        SELECT convert_to(format('{"position":%s,"stream":"%s","step":%s,"tag":%s,"entry":',
                                 notification_id, originator_id, originator_version,
                                 to_json(topic)), 'UTF8') || state || '\x7d0a'
        FROM ledger_events ORDER BY notification_id
    ) TO STDOUT (FORMAT binary)
"""


class Header(Struct, frozen=True):
    """The first line: the last position of the export, and the moment of which it is."""

    format: str
    version: int
    head: int
    at: datetime


class Unexportable(Exception):  # noqa: N818  says what is the matter
    """An entry cannot be one line. Says which."""


def export(
    database: Database,
    write: Callable[[bytes], object],
    told: Callable[[int, int], None],
) -> int:
    """Write the ledger as it is now, in constant memory; say how many entries that is.

    What is appended meanwhile is not in it. It reads in a role that may not see private notes.
    Raises DatabaseUnusable, Unexportable, and what `write` raises.
    """
    try:
        with psycopg.connect(database.conninfo(PROJECTOR)) as connection:
            # One snapshot; positions follow the order of commit, so it has all up to its head.
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            return _export(connection, write, told)
    except psycopg.Error as error:
        raise DatabaseUnusable(f"The ledger cannot be read: {str(error).strip()}") from error


def _export(
    connection: psycopg.Connection,
    write: Callable[[bytes], object],
    told: Callable[[int, int], None],
) -> int:
    row = connection.execute(_HEAD).fetchone()
    assert row is not None  # noqa: S101  an aggregate has one row
    head, at = row
    write(msgspec.json.encode(Header(FORMAT, VERSION, head, at.astimezone(UTC))) + b"\n")
    count = 0
    with connection.cursor().copy(_LINES) as copy:
        copy.set_types(["bytea"])
        for (line,) in copy.rows():
            if line.find(b"\n") != len(line) - 1:
                raise Unexportable(f"The bytes of an entry hold a line break: {line[:80]!r}")
            write(line)
            count += 1
            if count % TELL_ENTRIES == 0:
                told(count, head)
    told(count, head)
    return count


@contextmanager
def new_file(path: Path, *, replace: bool = False) -> Generator[IO[bytes]]:
    """A file that is there, whole and durable, once the context ends well, and else not at all.

    Its owner alone may read it. Raises FileExistsError if there is one and it is not to be
    replaced, or is no plain file; else OSError.
    """
    target = path.resolve()
    if target.exists() and not (replace and target.is_file()):
        raise FileExistsError(f"{path} is there already")
    with NamedTemporaryFile(dir=target.parent, prefix=".tracker-export-", delete=False) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(target)
        finally:
            with suppress(FileNotFoundError):
                Path(file.name).unlink()
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
