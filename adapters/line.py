"""A connection of the event loop that asks by libpq's own calls.

psycopg's cursors adapt to any query and any value, which costs more than the ledger's queries take.
"""

import asyncio
from typing import Any, cast

from psycopg import AsyncConnection
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

from adapters.queries import Query


class Line(AsyncConnection[TupleRow]):
    """A connection in autocommit mode, of one asker at a time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  psycopg's
        super().__init__(*args, **kwargs)
        self._statements: dict[str, bytes] = {}
        self._transformer = Transformer(self)

    async def rows(self, query: Query) -> list[TupleRow]:
        """The rows of a query. Raises psycopg's errors.

        An asker who is cancelled meanwhile closes the connection, since its answer is to come.
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
        """Prepare a query; the name of its statement."""
        name = b"line_%d" % len(self._statements)
        types = [value.oid for value in query.parameters]
        self.pgconn.send_prepare(name, query.sql.encode(), types)
        await self._result()
        self._statements[query.sql] = name
        return name

    async def _result(self) -> PGresult:
        """The one result of what was sent, once it is whole."""
        while self.pgconn.flush():
            await self._ready(writing=True)
            self.pgconn.consume_input()
        result: PGresult | None = None
        while True:
            while self.pgconn.is_busy():
                await self._ready()
                self.pgconn.consume_input()
            found = self.pgconn.get_result()
            if found is None:
                break
            result = found
        if result is None or result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            raise error_from_result(cast("PGresult", result))
        return result

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
