"""Group commit: what several tasks ask for at the same time goes to the database together.

There is no timer: who finds nobody at it goes at once; those who come meanwhile wait, and go
together next.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from eventsourcing.persistence import InterfaceError, OperationalError

C = TypeVar("C")
R = TypeVar("R")

QUEUE_MAX = 1_000
"""How many may wait; one more is turned away at once."""
BATCH_MAX = 500
"""The most that go together."""


class Busy(Exception):  # noqa: N818  an answer, not a fault
    """More is asked for than there is room for; try again in a moment."""


class Batcher(Generic[C, R]):
    """Puts items through `together`, which takes several at once and gives a result for each.

    Belongs to one event loop.
    """

    def __init__(
        self, together: Callable[[Sequence[C]], Awaitable[Sequence[R]]], *, lanes: int = 1
    ) -> None:
        """`lanes` is how many batches may be under way at the same time."""
        self._together = together
        self._lanes = lanes
        self._queue: deque[tuple[C, asyncio.Future[R]]] = deque()
        self._under_way = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, item: C) -> R:
        """What comes of one item, which goes with those that wait beside it.

        Raises Busy if too many wait, and whatever `together` raises for this item. A caller who
        is cancelled gives up the result; what was sent is done nevertheless.
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
        """Wait until all that was put is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _drain(self) -> None:
        try:
            while self._queue:
                taken = [self._queue.popleft() for _ in range(min(BATCH_MAX, len(self._queue)))]
                await self._go([one for one in taken if not one[1].cancelled()])
        finally:
            # Not when the task is done, since who comes before that is noticed would wait for ever.
            self._under_way -= 1

    async def _go(self, batch: Sequence[tuple[C, asyncio.Future[R]]]) -> None:
        """Go with a batch; if it fails for what is in it, with each item for itself."""
        if not batch:
            return
        try:
            results = await self._together([item for item, _ in batch])
        except (OperationalError, InterfaceError) as error:  # the database is away for all
            _tell(batch, error)
        except Exception as error:  # noqa: BLE001  it is raised to the caller it belongs to
            if len(batch) == 1:
                _tell(batch, error)
            else:
                for one in batch:
                    await self._go([one])
        else:
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _tell(batch: Sequence[tuple[C, asyncio.Future[R]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
