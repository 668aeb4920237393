"""Work written once, as steps, and run by threads and by the event loop alike.

A function that needs the outside world is a generator: it yields a step (a query, an effect) and
is sent the answer, so it does no I/O itself ("sans I/O", as psycopg is made). A runner takes each
step and sends back the answer; if taking it fails, the error is thrown into the generator where
it yielded, which may then retry or give up. `run` is the runner for threads, `arun` for the event
loop; what differs between them is `take` alone.
"""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar, cast

S = TypeVar("S")
A = TypeVar("A")
T = TypeVar("T")


def run(steps: Generator[S, A, T], take: Callable[[S], A]) -> T:
    """Run steps to their end in this thread. Raises whatever they do not handle."""
    try:
        step = next(steps)
        while True:
            try:
                answer = take(step)
            except Exception as error:  # noqa: BLE001  the steps decide what can be mended
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return cast("T", end.value)


async def arun(
    steps: Generator[S, A, T],
    take: Callable[[S], Awaitable[A]],
    is_long: Callable[[A], bool] = lambda _: False,
) -> T:
    """Run steps to their end on the event loop. Raises whatever they do not handle.

    From an answer that `is_long` on, the steps themselves run in threads, as their work on it would
    hold up the loop.
    """
    apart = False
    try:
        step = next(steps)
        while True:
            try:
                answer = await take(step)
            except Exception as error:  # noqa: BLE001  the steps decide what can be mended
                step = steps.throw(error)
            else:
                apart = apart or is_long(answer)
                step = await _sent_apart(steps, answer) if apart else steps.send(answer)
    except StopIteration as end:
        return cast("T", end.value)
    except _Ended as end:
        return cast("T", end.value)


class _Ended(Exception):  # noqa: N818  as StopIteration, which cannot leave a coroutine
    """Steps came to their end in a thread."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


async def _sent_apart(steps: Generator[S, A, T], answer: A) -> S:
    """Return the next step, worked out in a thread. Raises _Ended if there is none."""

    def send() -> S:
        try:
            return steps.send(answer)
        except StopIteration as end:
            raise _Ended(end.value) from None

    return await to_thread(send)
