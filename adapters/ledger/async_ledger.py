"""The ledger for the event loop: many submits and reads at a time share their way to PostgreSQL."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, Self, assert_never, cast
from uuid import UUID

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError, PersistenceError
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from adapters.clock import now
from adapters.ledger.append import Append, Appended, Key, appending
from adapters.ledger.history_cache import HistoryCache
from adapters.ledger.ledger import LOCK_STRIPES, stripes_of
from adapters.ledger.queries import StoredRow, notes, since, under_key
from adapters.ledger.recorder import RECONNECT_SECONDS
from adapters.ledger.submit import Effect, Find, Load, Pause, Put, Receipt, Submission, submit_steps
from adapters.postgres.batcher import Batcher
from adapters.postgres.connection import AsyncLibpqConnection
from adapters.postgres.query import Query, QuerySteps, T
from domain.events.event import Event
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry

POOL = 4
"""Connections: one appends, two load streams, one looks up all else."""
LOADING_LANES = 2


class AsyncLedger:
    """What `Ledger` does, for the tasks of one event loop. Opened and closed with `async with`."""

    def __init__(self, conninfo: str, *, wait: float, clock: Callable[[], datetime] = now) -> None:
        """`wait` is how many seconds to wait for a connection."""
        self._pool: AsyncConnectionPool[AsyncLibpqConnection] = AsyncConnectionPool(
            conninfo,
            connection_class=AsyncLibpqConnection,
            min_size=POOL,
            max_size=POOL,
            open=False,
            timeout=wait,
            reconnect_timeout=RECONNECT_SECONDS,
            kwargs={"autocommit": True},
            name="loop",
        )
        self._clock = clock
        self._appends: Batcher[Append, Appended] = Batcher(self._append)
        self._remembered = HistoryCache()
        self._loads: Batcher[tuple[UUID, int], list[StoredRow]] = Batcher(
            self._load, lanes=LOADING_LANES
        )
        self._turns = [asyncio.Lock() for _ in range(LOCK_STRIPES)]

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._pool.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what is under way, and disconnect."""
        await self._appends.close()
        await self._loads.close()
        await self._pool.close()

    async def history(self, stream: UUID) -> Sequence[Entry[Event]]:
        """Every entry of a stream, oldest first; none if there is no such stream."""
        known = self._remembered.get(stream)
        rows = await self._loads.put((stream, len(known)))
        return self._remembered.extended(stream, known, rows)

    async def histories(self, streams: Collection[UUID]) -> dict[UUID, Sequence[Entry[Event]]]:
        """Every entry of each of some streams; none of one that is not there."""
        known = [(stream, self._remembered.get(stream)) for stream in streams]
        if len(known) > 1:
            found = await self._load([(stream, len(had)) for stream, had in known])
        else:
            found = [await self._loads.put((stream, len(had))) for stream, had in known]
        return {
            stream: self._remembered.extended(stream, had, rows)
            for (stream, had), rows in zip(known, found, strict=True)
        }

    async def notes(self, entries: Collection[UUID]) -> dict[UUID, dict[str, str]]:
        """The private texts of some entries, by field; a removed one is not among them."""
        return await self.run(notes(tuple(entries)))

    async def submit(
        self,
        requests: Sequence[Submission],
        actor: Actor,
        *,
        key: Key | None = None,
        metadata: dict[str, str] | None = None,
    ) -> Receipt:
        """As `Ledger.submit`; raises Busy, too, if too many wait to be recorded.

        Deciding runs on the event loop, so that a submit of many commands is for `Ledger`.
        """
        async with AsyncExitStack() as held:
            for number in stripes_of({request.stream for request in requests}):
                await held.enter_async_context(self._turns[number])
            steps = submit_steps(
                requests, actor, self._clock, self._remembered.state, key=key, metadata=metadata
            )
            try:
                step = next(steps)
                while True:
                    step = steps.send(await self._take(step))
            except StopIteration as end:
                receipt: Receipt = end.value
                return receipt

    async def put(self, append: Append) -> Appended:
        """Append one command, in one transaction with those that come at the same time."""
        return await self._appends.put(append)

    async def run(self, asking: QuerySteps[T]) -> T:
        """What comes of some queries, each in a transaction of its own.

        Raises OperationalError if the database stays away.
        """
        try:
            query = next(asking)
            while True:
                try:
                    found = await self._rows(query)
                except OperationalError as lost:
                    self._remembered.forget()
                    await self._pool.check()
                    query = asking.throw(lost)
                else:
                    query = asking.send(found)
        except StopIteration as end:
            return cast("T", end.value)

    async def _take(self, step: Effect) -> Any:  # noqa: ANN401  what each step asks for
        match step:
            case Find(key=key):
                return await self.run(under_key(key.actor, key.key))
            case Load(streams=streams):
                return await self.histories(streams)
            case Put(append=append):
                return await self.put(append)
            case Pause(seconds=seconds):
                return await asyncio.sleep(seconds)
        assert_never(step)

    async def _append(self, commands: Sequence[Append]) -> Sequence[Appended]:
        return await self.run(appending(commands))

    async def _load(self, asked: Sequence[tuple[UUID, int]]) -> Sequence[list[StoredRow]]:
        """The rows of each of some streams after a step."""
        least: dict[UUID, int] = {}
        for stream, step in asked:
            least[stream] = min(step, least.get(stream, step))
        found = await self.run(since(least))
        return [[row for row in found[stream] if row[1] > step] for stream, step in asked]

    async def _rows(self, query: Query) -> list[TupleRow]:
        """The rows of a query; what goes wrong is told in the library's words."""
        try:
            async with self._pool.connection() as wire:
                return await wire.rows(query)
        except psycopg.InterfaceError as error:
            raise InterfaceError(str(error)) from error
        except psycopg.OperationalError as error:
            raise OperationalError(str(error)) from error
        except psycopg.Error as error:
            raise PersistenceError(str(error)) from error
