"""Group commit: items that tasks submit at the same time go to the database together.

There is no timer.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from adapters.postgres.errors import is_transient

C = TypeVar("C")
R = TypeVar("R")

QUEUE_MAX = 1_000
"""How many items may wait; a further item is refused at once."""
BATCH_MAX = 500
"""The most items of a batch."""


class Busy(Exception):  # noqa: N818  an answer, not a fault
    """The queue is full; try again in a moment."""


class Batcher(Generic[C, R]):
    """Runs `run_batch` on several items at once, with a result for each.

    The first caller commits at once; callers that arrive meanwhile are batched into the next
    commit. Belongs to one event loop.
    """

    def __init__(
        self, run_batch: Callable[[Sequence[C]], Awaitable[Sequence[R]]], *, lanes: int = 1
    ) -> None:
        """Take the function that runs a batch, and how many may run at once."""
        self._run_batch = run_batch
        self._lanes = lanes
        self._queue: deque[tuple[C, asyncio.Future[R]]] = deque()
        self._under_way = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, item: C) -> R:
        """Return the result of an item, which runs with the other items that wait.

        Raises Busy if too many wait, and whatever `run_batch` raises for this item. A cancelled
        caller gives up the result; an item that was already sent is done nevertheless.
        """
        if len(self._queue) >= QUEUE_MAX:
            raise Busy("Too much is being recorded; try again in a moment.")
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        if self._under_way < self._lanes:
            self._under_way += 1
            task = asyncio.create_task(self._drain())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def close(self) -> None:
        """Wait until every item put so far is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _drain(self) -> None:
        try:
            while self._queue:
                taken = [self._queue.popleft() for _ in range(min(BATCH_MAX, len(self._queue)))]
                await self._run([entry for entry in taken if not entry[1].cancelled()])
        finally:
            # Not when the task is done, since an item that arrives before that is noticed would
            # wait for ever.
            self._under_way -= 1

    async def _run(self, batch: Sequence[tuple[C, asyncio.Future[R]]]) -> None:
        """Run a batch; if an item makes it fail, run each item by itself."""
        if not batch:
            return
        try:
            results = await self._run_batch([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001  it is raised to the caller it belongs to
            if len(batch) == 1 or is_transient(error):  # the database is away for all
                _fail(batch, error)
            else:
                for entry in batch:
                    await self._run([entry])
        else:
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _fail(batch: Sequence[tuple[C, asyncio.Future[R]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
