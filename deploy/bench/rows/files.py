"""Rows about files: the register of 100,000 recommendations in each format, and its memory."""

import gc
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from itertools import islice
from tempfile import TemporaryFile
from time import perf_counter
from typing import Any, Literal

import psycopg
from msgspec import Struct
from psycopg import ClientCursor
from psycopg.sql import SQL, Identifier
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from adapters.postgres.pools import thread_pool
from adapters.tables.cells import values_of
from adapters.tables.columns import Extract
from adapters.tables.formats import FORMATS
from adapters.tables.whole import ALL_ROWS
from deploy.bench import processes
from deploy.bench.rows.memory import peak
from deploy.bench.rows.registry import row
from deploy.bench.world import World
from projections.bitemporal import NOW
from projections.register import listing
from projections.register.listing import RegisterFilter
from projections.register.model import Register

FORMAT = Literal["csv", "ndjson", "parquet", "xlsx", "ods"]
WIDE_ROWS = 100_000
MEMORY_MB = 128
PLAIN_ROWS = 5_000
"""The rows that the library's plain loop writes; it writes no more of them in a second."""
WAIT_SECONDS = 5


class FileMade(Struct, frozen=True, tag=True):
    """The making of a file as the service makes it, in a process of its own."""

    conninfo: str
    ending: FORMAT
    figure: Literal["rows", "memory"]

    def run(self) -> float:
        """Return the rows per second, or the most megabytes of the process."""
        # Other tasks are spared this import.
        from api.app import GARBAGE_THRESHOLD  # noqa: PLC0415

        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)
        rate = _with_table(self.conninfo, partial(_written, self.ending))
        return rate if self.figure == "rows" else peak()


class PlainWorkbook(Struct, frozen=True, tag=True):
    """The same cells, written one by one by the library alone."""

    conninfo: str

    def run(self) -> float:
        """Return the rows per second."""
        return _with_table(self.conninfo, _plainly_written)


def _with_table(conninfo: str, write: Callable[[Extract[Any]], int]) -> float:
    """Read the register for a function; return the rows per second that it wrote."""
    # Other tasks are spared these imports.
    from api.downloads.making import Making, extract  # noqa: PLC0415
    from api.downloads.sources import SOURCES  # noqa: PLC0415

    source = SOURCES["recommendations"]
    params = source.params()
    making = Making(
        source=source, params=params, format=FORMATS["csv"], service="https://example.org", query=""
    )
    reading = source.reading_for_anybody(params)

    def made() -> float:
        began = perf_counter()
        with closing(lists.read(lambda c: reading(c, datetime.now(UTC).date()))) as whole:
            many = write(extract(making, whole))
        return many / (perf_counter() - began)

    with thread_pool(conninfo, size=1, wait=WAIT_SECONDS) as lists:
        return lists.at_once(made)


def _written(ending: FORMAT, table: Extract[Any]) -> int:
    with TemporaryFile() as file:
        FORMATS[ending].write(table, file)
    return WIDE_ROWS


def _plainly_written(table: Extract[Any]) -> int:
    book: Any
    with Workbook(BytesIO(), {"constant_memory": True}) as book:
        page, number = book.add_worksheet(), 0
        for columns in islice(values_of(table), PLAIN_ROWS):
            for cells in zip(*columns, strict=True):
                for place, cell in enumerate(cells):
                    page.write(number, place, cell)
                number += 1
                if number == PLAIN_ROWS:
                    return number
    return number


def _wide(world: World) -> str:
    """Return the connection string of a register with WIDE_ROWS rows: some, and copies of them."""
    site = world.narrow
    site.read_models()
    with psycopg.connect(site.conninfo, autocommit=True) as connection:
        where = SQL(" WHERE {}").format(SQL(NOW))
        table = Identifier(Register.schema, "standing")
        row = connection.execute(SQL("SELECT count(*) FROM {}").format(table) + where).fetchone()
        if row and row[0] < WIDE_ROWS:
            _copy_standing(connection, WIDE_ROWS // row[0] - 1)
            connection.execute("VACUUM ANALYZE")
    return site.conninfo


def _copy_standing(connection: psycopg.Connection, copies: int) -> None:
    """Copy what stands in the register now, under other ids and references."""
    table = Identifier(Register.schema, "standing")
    columns = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = %s"
        " AND table_name = 'standing' AND is_generated = 'NEVER'",
        (Register.schema,),
    ).fetchall()
    others = {"stream": SQL("gen_random_uuid()"), "reference": SQL("reference || '-' || n")}
    names = [name for (name,) in columns]
    statement = SQL(
        "INSERT INTO {table} ({names}) SELECT {made} FROM {table}, generate_series(1, %s) n"
        " WHERE {now}"
    ).format(
        now=SQL(NOW),
        table=table,
        names=SQL(", ").join(map(Identifier, names)),
        made=SQL(", ").join(others.get(name, Identifier(name)) for name in names),
    )
    connection.execute(statement, (copies,))


def _copied(world: World) -> float:
    """Return the rows per second of COPY, whose text is thrown away."""
    filters, today = RegisterFilter(), datetime.now(UTC).date()
    query = {**listing.parameters(filters, today), **ALL_ROWS}
    with psycopg.connect(_wide(world)) as connection:
        mogrified: Any = ClientCursor(connection).mogrify(listing.statement(filters), query)
        rows = SQL(mogrified)
        began = perf_counter()
        with connection.cursor().copy(SQL("COPY ({}) TO STDOUT").format(rows)) as copied:
            for _ in copied:
                pass
        return WIDE_ROWS / (perf_counter() - began)


def _made(world: World, ending: FORMAT) -> float:
    return processes.run_helper(FileMade(_wide(world), ending, "rows"), float)


def _by_copy(world: World, ending: FORMAT) -> float:
    return world.ratio(partial(_made, world, ending), partial(_copied, world))


@row("file-csv", "100,000 recommendations as CSV / COPY of the same rows", 0.5)
def _(world: World) -> float:
    return _by_copy(world, "csv")


@row("file-ndjson", "the same as JSON lines", 0.5)
def _(world: World) -> float:
    return _by_copy(world, "ndjson")


@row("file-parquet", "the same as Parquet", 0.3)
def _(world: World) -> float:
    return _by_copy(world, "parquet")


@row("file-xlsx", "the same for Excel / XlsxWriter's plain loop", 5)
def _(world: World) -> float:
    plain = PlainWorkbook(_wide(world))
    return world.ratio(partial(_made, world, "xlsx"), partial(processes.run_helper, plain, float))


@row("file-ods", "the same as OpenDocument / COPY of the same rows", 0.05)
def _(world: World) -> float:
    return _by_copy(world, "ods")


def _memory(world: World, ending: FORMAT) -> float:
    return processes.run_helper(FileMade(_wide(world), ending, "memory"), float)


for _ending in ("csv", "ndjson", "parquet", "xlsx", "ods"):
    _what = f"the most MB, making the file {_ending}"
    row(f"memory-{_ending}", _what, MEMORY_MB, at_most=True, once=True)(
        partial(_memory, ending=_ending)
    )
