"""Connections that query through libpq's own calls, for threads and for the event loop.

psycopg's cursors adapt to any query and any value, which costs more than the ledger's queries do.
"""

import asyncio
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from itertools import count, islice
from typing import Any, LiteralString, TypeAlias
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, Transaction
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.generators import copy_end, copy_to
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import DictRow, TupleRow

from adapters.postgres.limits import LimitedConnection
from adapters.postgres.query import Query

ROWS_AT_ONCE = 1_000
"""How many rows are loaded at a time."""
COPIED_AT_ONCE = 50
"""How many rows are copied at once; a balances row may have hundreds of kB."""
_FINE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.COPY_IN)

Cell: TypeAlias = str | int | bool | date | datetime | UUID | bytes | None

_NULL, TAB, _END = "\ud800", "\ud801", "\ud802"
"""Placeholders of COPY's marks until all else is escaped; no stored text can contain them."""


def encode_row(cells: Iterable[Cell]) -> str:
    """Return a row as `LibpqConnection.copy_in` takes it; rows can be joined by `TAB`."""
    return TAB.join(map(_text, cells))


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bytes):
        return "\\x" + cell.hex()
    return _NULL if cell is None else str(cell)


def _lines(rows: Iterable[str]) -> bytes:
    """Return rows in the text format of COPY."""
    whole = _END.join((*rows, ""))
    for mark, escaped in (
        *(("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")),
        *((TAB, "\t"), (_END, "\n"), (_NULL, "\\N")),
    ):
        whole = whole.replace(mark, escaped)
    return whole.encode()


def _check(pgconn: PGconn, result: PGresult | None) -> PGresult:
    """Return the result if it is not an error. Raises psycopg's errors."""
    if result is not None and result.status in _FINE:
        return result
    if result is None or pgconn.status == ConnStatus.BAD:
        raise psycopg.OperationalError("the connection is lost")
    raise error_from_result(result)


class LibpqConnection(LimitedConnection[DictRow]):
    """A connection in autocommit mode, of one thread at a time.

    A transaction is psycopg's `transaction()`. An interrupt waits for the statement to end.
    Against psycopg's own cursor with the same statements, `./run bench` measured 1.64 times as
    many calls of 32 appends (rounds 1.59 to 1.96), and 1.08 times as many selects of one stream
    (0.89 to 1.19), on 2026-11-28: the gain is in the packed arrays of batches.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  psycopg's
        super().__init__(*args, **kwargs)
        self._statements: dict[str, bytes] = {}
        self._names = map(b"wire_%d".__mod__, count())
        self._transformer = Transformer(self)

    @contextmanager
    def transaction(
        self,
        savepoint_name: str | None = None,
        force_rollback: bool = False,  # noqa: FBT001, FBT002  psycopg's
    ) -> Generator[Transaction]:
        """Run a transaction; if it is rolled back, psycopg may drop every prepared statement."""
        committed = False
        try:
            with super().transaction(savepoint_name, force_rollback) as transaction:
                yield transaction
            committed = not force_rollback
        finally:
            if not committed:
                self._statements.clear()

    def rows(self, query: Query) -> list[TupleRow]:
        """Return the rows of a query. Raises psycopg's errors."""
        result = self._result(query)
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def each(self, query: Query) -> Iterator[TupleRow]:
        """Yield the rows of a large query, which runs at the first; rows load lazily."""
        result = self._result(query)
        transformer = Transformer(self)
        transformer.set_pgresult(result)
        for first in range(0, result.ntuples, ROWS_AT_ONCE):
            end = min(first + ROWS_AT_ONCE, result.ntuples)
            yield from transformer.load_rows(first, end, tuple)

    def copy_in(
        self, table: LiteralString, columns: Sequence[LiteralString], rows: Iterable[str]
    ) -> None:
        """Copy rows of `encode_row` into the columns of a table, some at a time.

        Raises psycopg's errors, and whatever encoding a row raises; then nothing is copied.
        """
        pgconn = self.pgconn
        into: LiteralString = "COPY " + table + " (" + ", ".join(columns) + ") FROM STDIN"
        with self.limited():
            _check(pgconn, pgconn.exec_(into.encode()))
        # libpq's own wait for the result would block every other thread.
        try:
            pending = iter(rows)
            while lines := _lines(islice(pending, COPIED_AT_ONCE)):
                self.wait(copy_to(pgconn, lines))
        except BaseException:
            with suppress(psycopg.Error):
                self.wait(copy_end(pgconn, b"given up"))
            raise
        self.wait(copy_end(pgconn, None))

    def _result(self, query: Query) -> PGresult:
        values = [value.data for value in query.parameters]
        name = self._statements.get(query.sql) or self._prepare(query)
        formats = [Format.BINARY] * len(values)
        with self.limited():
            result = self.pgconn.exec_prepared(name, values, formats, Format.BINARY)
            return _check(self.pgconn, result)

    def _prepare(self, query: Query) -> bytes:
        """Prepare a query; return the name of its statement."""
        name = next(self._names)
        types = [value.oid for value in query.parameters]
        with self.limited():
            _check(self.pgconn, self.pgconn.prepare(name, query.sql.encode(), types))
        self._statements[query.sql] = name
        return name


class AsyncLibpqConnection(AsyncConnection[TupleRow]):
    """A connection in autocommit mode, of one task at a time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  psycopg's
        super().__init__(*args, **kwargs)
        self._statements: dict[str, bytes] = {}
        self._transformer = Transformer(self)

    async def rows(self, query: Query) -> list[TupleRow]:
        """Return the rows of a query. Raises psycopg's errors.

        A caller that is cancelled meanwhile closes the connection, since its answer is still due.
        """
        values = [value.data for value in query.parameters]
        try:
            name = self._statements.get(query.sql) or await self._prepare(query)
            formats = [Format.BINARY] * len(values)
            self.pgconn.send_query_prepared(name, values, formats, Format.BINARY)
            result = await self._result()
        except asyncio.CancelledError:
            self.pgconn.finish()
            raise
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    async def _prepare(self, query: Query) -> bytes:
        """Prepare a query; return the name of its statement."""
        name = b"wire_%d" % len(self._statements)
        types = [value.oid for value in query.parameters]
        self.pgconn.send_prepare(name, query.sql.encode(), types)
        await self._result()
        self._statements[query.sql] = name
        return name

    async def _result(self) -> PGresult:
        """Return the result of the query, once it is complete."""
        while self.pgconn.flush():
            await self._ready(writing=True)
            self.pgconn.consume_input()
        result: PGresult | None = None
        while True:
            while self.pgconn.is_busy():
                await self._ready()
                self.pgconn.consume_input()
            following = self.pgconn.get_result()
            if following is None:
                break
            result = following
        return _check(self.pgconn, result)

    async def _ready(self, *, writing: bool = False) -> None:
        """Wait until there is something to read, or room to write."""
        loop, socket = asyncio.get_running_loop(), self.pgconn.socket
        woken: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            if not woken.done():
                woken.set_result(None)

        loop.add_reader(socket, wake)
        if writing:
            loop.add_writer(socket, wake)
        try:
            await woken
        finally:
            loop.remove_reader(socket)
            if writing:
                loop.remove_writer(socket)
