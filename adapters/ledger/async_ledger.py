"""The ledger for the event loop: concurrent submits and reads share their round trips."""

import asyncio
from collections.abc import Callable, Collection, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from contextvars import copy_context
from datetime import datetime
from functools import partial
from typing import Any, ParamSpec, Self, assert_never, cast
from uuid import UUID

from adapters.batcher import Batcher
from adapters.clock import now
from adapters.documents.store import existing
from adapters.ledger.append import Append, Appended, Key, append_all
from adapters.ledger.history_cache import HistoryCache
from adapters.ledger.ledger import LOCK_STRIPES, stripes_of
from adapters.ledger.lineage import LastSeen
from adapters.ledger.queries import StoredRow, first_free_moment, notes, since, under_key
from adapters.ledger.submission import Receipt, Submission
from adapters.ledger.submit import (
    Effect,
    Find,
    FindDocuments,
    FindFreeMoment,
    Load,
    Pause,
    Put,
    draft_steps,
    submit_steps,
)
from adapters.postgres.pools import AsyncPool
from adapters.postgres.query import QuerySteps, T
from adapters.steps import arun
from adapters.telemetry.metrics import APPENDS
from adapters.telemetry.traces import span
from domain.events.event import Event
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry

LONG = 500
"""More entries than this are read and folded in a thread; no other request waits for that."""
POOL = 4
"""Connections: one appends, two load streams, one looks up all else."""
LOADING_LANES = 2

Parameters = ParamSpec("Parameters")


class AsyncLedger:
    """`Ledger` for the tasks of one event loop. Opened and closed with `async with`."""

    def __init__(
        self,
        conninfo: str,
        *,
        wait: float,
        deadline: float | None = None,
        clock: Callable[[], datetime] = now,
        histories: HistoryCache | None = None,
    ) -> None:
        """`wait` is how many seconds to wait for a connection, `deadline` for an answer.

        `histories` may be a Ledger's.
        """
        self._pool = AsyncPool(conninfo, size=POOL, wait=wait, deadline=deadline)
        self._pool.when_lost = self._forget
        self._clock = clock
        self._appends: Batcher[Append, Appended] = Batcher(self._append)
        self._cache = histories or HistoryCache()
        self.seen = LastSeen()
        self._loads: Batcher[tuple[UUID, int], list[StoredRow]] = Batcher(
            self._load, lanes=LOADING_LANES
        )
        self._locks = [asyncio.Lock() for _ in range(LOCK_STRIPES)]

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._pool.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what is under way, and disconnect."""
        await self._appends.close()
        await self._loads.close()
        await self._pool.__aexit__()

    async def history(self, stream: UUID) -> Sequence[Entry[Event]]:
        """Return every entry of a stream, oldest first; none if there is no such stream."""
        known = self._cache.get(stream)
        rows = await self._loads.put((stream, len(known)))
        return await apart(rows, self._cache.extend, stream, known, rows)

    async def histories(self, streams: Collection[UUID]) -> dict[UUID, Sequence[Entry[Event]]]:
        """Return the history of each of some streams; it is empty if there is no such stream."""
        known = [(stream, self._cache.get(stream)) for stream in streams]
        if len(known) > 1:
            loaded = await self._load([(stream, len(had)) for stream, had in known])
        else:
            loaded = [await self._loads.put((stream, len(had))) for stream, had in known]
        return {
            stream: await apart(rows, self._cache.extend, stream, had, rows)
            for (stream, had), rows in zip(known, loaded, strict=True)
        }

    async def notes(self, entries: Collection[UUID]) -> dict[UUID, dict[str, str]]:
        """Return the notes of some entries, by entry and field; removed notes are left out."""
        return await self.run(notes(tuple(entries)))

    async def submit(
        self,
        submissions: Sequence[Submission],
        actor: Actor,
        *,
        key: Key | None = None,
        metadata: dict[str, str] | None = None,
    ) -> Receipt:
        """As `Ledger.submit`; raises Busy, too, if too many wait to be recorded.

        It decides on the event loop, unless a history is long: submit many commands with `Ledger`.
        """
        async with AsyncExitStack() as stack:
            for number in stripes_of({submission.stream for submission in submissions}):
                await stack.enter_async_context(self._locks[number])
            steps = submit_steps(
                submissions, actor, self._clock, self._cache.state, key=key, metadata=metadata
            )
            return await arun(steps, self._take, _is_long)

    async def preview(self, submissions: Sequence[Submission], actor: Actor) -> list[Entry[Event]]:
        """As `Ledger.preview`."""
        steps = draft_steps(submissions, actor, self._clock, self._cache.state)
        return (await arun(steps, self._take, _is_long)).added

    async def put(self, append: Append) -> Appended:
        """Append one command, in one transaction with those that come at the same time."""
        return await self._appends.put(append)

    def pool_stats(self) -> dict[str, int]:
        """Return the statistics of the connection pool, in the words of psycopg_pool."""
        return self._pool.stats()

    async def run(self, steps: QuerySteps[T]) -> T:
        """As `AsyncPool.run`."""
        return await self._pool.run(steps)

    async def _take(self, effect: Effect) -> Any:  # noqa: ANN401  what each step asks for
        match effect:
            case Find(key=key):
                return await self.run(under_key(key.actor, key.key))
            case Load(streams=streams):
                return await self.histories(streams)
            case FindDocuments(names=names):
                return await self.run(existing(names))
            case FindFreeMoment():
                return await self.run(first_free_moment())
            case Put(append=append):
                return await self.put(append)
            case Pause(seconds=seconds):
                return await asyncio.sleep(seconds)
        assert_never(effect)

    async def _append(self, commands: Sequence[Append]) -> Sequence[Appended]:
        APPENDS.observe(len(commands))
        with span("append", len(commands)):
            return await self.run(append_all(commands, self.seen))

    async def _load(self, known: Sequence[tuple[UUID, int]]) -> Sequence[list[StoredRow]]:
        """The rows of each of some streams after the step that is known."""
        least: dict[UUID, int] = {}
        for stream, step in known:
            least[stream] = min(step, least.get(stream, step))
        rows = await self.run(since(least))
        return [[row for row in rows[stream] if row[1] > step] for stream, step in known]

    def _forget(self) -> None:
        self._cache.clear()


async def apart(
    entries: Sized,
    work: Callable[Parameters, T],
    *args: Parameters.args,
    **named: Parameters.kwargs,
) -> T:
    """Return the result of work on some entries, done in a thread if they are many.

    There are two such threads, so that work on many entries takes no memory many times over.
    """
    if len(entries) > LONG:
        job = partial(copy_context().run, work, *args, **named)
        return await asyncio.get_running_loop().run_in_executor(_LONG_WORK, job)
    return work(*args, **named)


_LONG_WORK = ThreadPoolExecutor(2, "long-history")


def _is_long(answer: object) -> bool:
    """Return whether an answer is the histories of streams, with a long one among them."""
    return isinstance(answer, dict) and any(
        len(history) > LONG for history in cast("dict[UUID, Sized]", answer).values()
    )
