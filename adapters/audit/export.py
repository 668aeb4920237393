"""Ledger export: the whole ledger as lines of JSON, to be verified without a database.

The first line is a header; each line after it is an entry, in order of position. The entry's
content is last in its line, in the very bytes of the ledger, between the first `,"entry":` and
the last `}`. Private notes and Idempotency-Keys are not in it.

An entry with a suppressed text has the SHA-256 of those bytes in their place, as `"suppressed"`.
Its random id is among the bytes and nowhere else in the export, so that the hash does not help
anybody who guesses at the text.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, LiteralString
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct
from psycopg import IsolationLevel

from adapters.ledger.codec import MAPPER
from adapters.ledger.queries import EVERY_ROW_OF, EVERY_SUPPRESSED
from adapters.postgres.database import PROJECTOR, Database
from adapters.postgres.migrate import DatabaseUnusable
from domain.amendments.suppression import suppressed

FORMAT = "tracker/ledger"
VERSION = 1
VERSION_SUPPRESSING = 2
"""The version of an export in which any entry is suppressed."""
REPORT_ENTRIES = 5_000
"""After how many entries progress is reported."""

_HEAD: LiteralString = (
    "SELECT coalesce(max(notification_id), 0), now(),"
    " (SELECT id FROM ledger_lineages ORDER BY number DESC LIMIT 1) FROM ledger_events"
)
# The binary format has nothing to escape; the text format would.
_LINES: LiteralString = r"""
    COPY (
        SELECT convert_to(format('{"position":%%s,"stream":"%%s","step":%%s,"tag":%%s,',
                                 notification_id, originator_id, originator_version,
                                 to_json(topic)), 'UTF8')
            || CASE WHEN notification_id = ANY(%(suppressed)s)
               THEN convert_to(format('"suppressed":"%%s"', encode(sha256(state), 'hex')), 'UTF8')
               ELSE '"entry":'::bytea || state END || '\x7d0a'
        FROM ledger_events ORDER BY notification_id
    ) TO STDOUT (FORMAT binary)
"""


class Header(Struct, frozen=True):
    """The first line, with the last position of the export and its moment."""

    format: str
    version: int
    head: int
    at: datetime
    lineage: UUID
    """Within a lineage, a position names the same entry for ever."""


class Unexportable(Exception):  # noqa: N818  says what is the matter
    """An entry does not fit on a line. Says which."""


def export(
    database: Database,
    write: Callable[[bytes], object],
    report_progress: Callable[[int, int], None],
) -> int:
    """Write the ledger as it is now, in constant memory; return the number of entries.

    Entries appended meanwhile are not in it. It reads in a role that may not see private notes.
    Calls `report_progress` with the number of entries written and the head. Raises
    DatabaseUnusable, Unexportable, and what `write` raises.
    """
    try:
        with psycopg.connect(database.conninfo(PROJECTOR)) as connection:
            # A snapshot has every entry up to its head, as positions follow the order of commit.
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            return _export(connection, write, report_progress)
    except psycopg.Error as error:
        raise DatabaseUnusable(f"The ledger cannot be read: {str(error).strip()}") from error


def _export(
    connection: psycopg.Connection,
    write: Callable[[bytes], object],
    report_progress: Callable[[int, int], None],
) -> int:
    row = connection.execute(_HEAD).fetchone()
    assert row is not None  # noqa: S101  an aggregate has one row
    head, at, lineage = row
    without = _suppressed_positions(connection)
    version = VERSION_SUPPRESSING if without else VERSION
    header = Header(FORMAT, version, head, at.astimezone(UTC), lineage)
    write(msgspec.json.encode(header) + b"\n")
    count = 0
    with connection.cursor().copy(_LINES, {"suppressed": without}) as copy:
        copy.set_types(["bytea"])
        for (line,) in copy.rows():
            if line.find(b"\n") != len(line) - 1:
                raise Unexportable(f"The bytes of an entry hold a line break: {line[:80]!r}")
            write(line)
            count += 1
            if count % REPORT_ENTRIES == 0:
                report_progress(count, head)
    report_progress(count, head)
    return count


def _suppressed_positions(connection: psycopg.Connection) -> list[int]:
    """Return the positions of the entries that hold a suppressed text."""
    positions: list[int] = []
    for (stream,) in connection.execute(EVERY_SUPPRESSED).fetchall():
        written = [MAPPER.read_row(row) for row in connection.execute(EVERY_ROW_OF, (stream,))]
        shown = suppressed(written)
        positions += [
            entry.position
            for entry, as_shown in zip(written, shown, strict=True)
            if entry is not as_shown
        ]
    return positions


@contextmanager
def new_file(path: Path, *, replace: bool = False) -> Generator[IO[bytes]]:
    """Yield a file that appears, whole and durable, only if the context ends well.

    Only its owner may read it. Raises FileExistsError if the path exists and is not to be
    replaced, or is no plain file; OSError for anything else.
    """
    target = path.resolve()
    if target.exists() and not (replace and target.is_file()):
        raise FileExistsError(f"{path} already exists")
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
