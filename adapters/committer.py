"""Group commit: what several callers append at the same time goes into one transaction.

There is no timer and no thread: a caller who finds nobody at it commits at once; those who come
meanwhile wait, and the first of them commits all of their commands together.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from eventsourcing.persistence import InterfaceError, OperationalError

C = TypeVar("C")
R = TypeVar("R")

QUEUE_MAX = 1_000
"""How many commands may wait; one more is turned away at once."""
BATCH_MAX = 500
"""The most commands of one transaction."""


class Busy(Exception):  # noqa: N818  an answer, not a fault
    """More is being recorded than there is room for; try again in a moment."""


class _Place(Generic[C, R]):
    """A caller's place in the queue: woken when its command is done, or when it is to lead."""

    def __init__(self, command: C) -> None:
        self.command = command
        self.done = False
        self.result: R | None = None
        self.error: BaseException | None = None
        self._woken = threading.Lock()
        self._woken.acquire()

    def wait(self) -> None:
        self._woken.acquire()

    def wake(self) -> None:
        self._woken.release()

    def answer(self) -> R:
        if self.error:
            raise self.error
        assert self.result is not None  # noqa: S101  it is done
        return self.result


class Committer(Generic[C, R]):
    """Puts commands through `append`, which takes several and commits them all at once."""

    def __init__(self, append: Callable[[Sequence[C]], Sequence[R]]) -> None:
        self._append = append
        self._mutex = threading.Lock()
        self._queue: deque[_Place[C, R]] = deque()
        self._led = False

    def put(self, command: C) -> R:
        """Commit one command, with those that wait beside it; durable when this returns.

        Raises Busy if too many wait, and whatever `append` raises for this command.
        """
        place = _Place[C, R](command)
        with self._mutex:
            if len(self._queue) >= QUEUE_MAX:
                raise Busy("Too much is being recorded; try again in a moment.")
            self._queue.append(place)
            leading, self._led = not self._led, True
        if not leading:
            place.wait()
        if not place.done:
            self._lead(place)
        return place.answer()

    def _lead(self, leader: _Place[C, R]) -> None:
        with self._mutex:
            batch = [self._queue.popleft() for _ in range(min(BATCH_MAX, len(self._queue)))]
        try:
            self._commit(batch)
        finally:
            with self._mutex:
                following = self._queue[0] if self._queue else None
                self._led = following is not None
            if following:
                following.wake()
            for place in batch:
                place.done = True
                if place is not leader:
                    place.wake()

    def _commit(self, batch: Sequence[_Place[C, R]]) -> None:
        """Commit a batch; if it fails for what is in it, each command for itself."""
        try:
            results = self._append([place.command for place in batch])
        except (OperationalError, InterfaceError) as error:  # the database is away for all
            for place in batch:
                place.error = error
        except BaseException as error:  # noqa: BLE001  it is raised to the caller it belongs to
            if len(batch) == 1:
                batch[0].error = error
            else:
                for place in batch:
                    self._commit([place])
        else:
            for place, result in zip(batch, results, strict=True):
                place.result = result
