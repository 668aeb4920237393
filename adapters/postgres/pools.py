"""Pools of connections, for threads and for the event loop: deadlines, errors and recovery.

Where one connection was lost or fell silent, probably all did, so that a pool replaces all that
were opened before. Asking each whether it still answers could wait for those that do not.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

import psycopg
from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from adapters.postgres.connection import AsyncLibpqConnection, LibpqConnection
from adapters.postgres.errors import ConnectionLost, DeadlineExceeded, named
from adapters.postgres.query import Query, QuerySteps, with_reconnect
from adapters.steps import arun, run

T = TypeVar("T")

RECONNECT_SECONDS = 1.0
"""How long a pool tries to connect before it leaves that to the next request."""


class _Snapshot(threading.local):
    """The cursor in whose transaction a thread reads all that belongs together."""

    cursor: Cursor[TupleRow] | None = None


class Pool:
    """The connections of threads: LibpqConnections, each with its limit.

    A function that reads has as long for all that it asks.
    """

    def __init__(self, pool: ConnectionPool[Any]) -> None:
        self.pool = pool
        self._drained_at = 0.0
        self._snapshot = _Snapshot()
        self.when_lost: Callable[[], None] = lambda: None
        """Called when a connection is found to be lost."""

    def __enter__(self) -> Self:
        """Connect."""
        self.pool.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self.pool.close()

    def stats(self) -> dict[str, int]:
        """Return the statistics of psycopg_pool."""
        return self.pool.get_stats()

    def run(self, steps: QuerySteps[T]) -> T:
        """Return the result of some queries, each in a transaction of its own.

        Raises OperationalError if the database stays away.
        """
        return run(steps, self._rows)

    def read(self, query: Callable[[Cursor[TupleRow]], T]) -> T:
        """Run a function that only reads; again on another connection if one was lost."""

        def called(query: Callable[[Cursor[TupleRow]], T]) -> T:
            if self._snapshot.cursor:
                return query(self._snapshot.cursor)
            with self._connected() as connection, connection.limited():
                return query(connection.cursor(row_factory=tuple_row, binary=True))

        steps: Generator[Callable[[Cursor[TupleRow]], T], T, T] = with_reconnect(query)
        return run(steps, called)

    def at_once(self, work: Callable[[], T]) -> T:
        """Run a function; all that it reads by `read`, in this thread, is of one moment.

        It is run again on another connection if one was lost.
        """

        def called(work: Callable[[], T]) -> T:
            with (
                self._connected() as connection,
                connection.limited(),
                connection.transaction(),
            ):
                cursor = connection.cursor(row_factory=tuple_row, binary=True)
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                self._snapshot.cursor = cursor
                try:
                    return work()
                finally:
                    self._snapshot.cursor = None

        if self._snapshot.cursor:
            return work()
        steps: Generator[Callable[[], T], T, T] = with_reconnect(work)
        return run(steps, called)

    def _rows(self, query: Query) -> list[TupleRow]:
        with self._connected() as connection:
            return connection.rows(query)

    @contextmanager
    def _connected(self) -> Generator[LibpqConnection]:
        taken_at = time.monotonic()
        try:
            self.pool.open()
            with self.pool.connection() as connection:
                taken_at = time.monotonic()
                yield connection
        except psycopg.Error as error:
            translated = named(error)
            if isinstance(translated, ConnectionLost | DeadlineExceeded):
                self.when_lost()
                if taken_at > self._drained_at:  # otherwise they were replaced meanwhile
                    self._drained_at = time.monotonic()
                    self.pool.drain()
            raise translated from error


def thread_pool(
    conninfo: str,
    *,
    size: int,
    wait: float,
    deadline: float | None = None,
    idle: int | None = None,
) -> Pool:
    """Return a pool for threads: `wait` seconds for a connection, `deadline` for an answer.

    It keeps `idle` connections open while they are not needed; all by default.
    """
    pool = ConnectionPool(
        conninfo,
        connection_class=LibpqConnection,
        min_size=size if idle is None else idle,
        max_size=size,
        open=False,
        timeout=wait,
        reconnect_timeout=RECONNECT_SECONDS,
        kwargs={"autocommit": True, "limit": deadline},
        name="lists",
    )
    return Pool(pool)


class AsyncPool:
    """The connections of an event loop. Opened and closed with `async with`."""

    def __init__(
        self, conninfo: str, *, size: int, wait: float, deadline: float | None = None
    ) -> None:
        """`wait` is how many seconds to wait for a connection, `deadline` for an answer."""
        self._pool: AsyncConnectionPool[AsyncLibpqConnection] = AsyncConnectionPool(
            conninfo,
            connection_class=AsyncLibpqConnection,
            min_size=size,
            max_size=size,
            open=False,
            timeout=wait,
            reconnect_timeout=RECONNECT_SECONDS,
            kwargs={"autocommit": True},
            name="loop",
        )
        self._deadline = deadline
        self._drained_at = 0.0
        self.when_lost: Callable[[], None] = lambda: None
        """Called when a connection is found to be lost."""

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._pool.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._pool.close()

    def stats(self) -> dict[str, int]:
        """Return the statistics of psycopg_pool."""
        return self._pool.get_stats()

    async def run(self, steps: QuerySteps[T]) -> T:
        """Return the result of some queries, each in a transaction of its own.

        Raises OperationalError if the database stays away.
        """
        return await arun(steps, self._rows)

    async def _rows(self, query: Query) -> list[TupleRow]:
        taken_at = time.monotonic()
        try:
            async with self._pool.connection() as connection:
                taken_at = time.monotonic()
                async with asyncio.timeout(self._deadline):
                    return await connection.rows(query)
        except TimeoutError as error:
            await self._lose(taken_at)
            raise DeadlineExceeded(f"no answer in {self._deadline} s") from error
        except psycopg.Error as error:
            translated = named(error)
            if isinstance(translated, ConnectionLost):
                await self._lose(taken_at)
            raise translated from error

    async def _lose(self, taken_at: float) -> None:
        self.when_lost()
        if taken_at > self._drained_at:  # otherwise they were replaced meanwhile
            self._drained_at = time.monotonic()
            await self._pool.drain()
