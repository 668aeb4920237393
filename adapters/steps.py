"""Work written once, as steps, and run by threads and by the event loop alike.

A function that needs the outside world is a generator: it yields a step (a query, an effect) and
is sent the answer, so it does no I/O itself ("sans I/O", as psycopg is made). A runner takes each
step and sends back the answer; if taking it fails, the error is thrown into the generator where
it yielded, which may then retry or give up. `run` is the runner for threads, `arun` for the event
loop; what differs between them is `take` alone.
"""

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


async def arun(steps: Generator[S, A, T], take: Callable[[S], Awaitable[A]]) -> T:
    """Run steps to their end on the event loop. Raises whatever they do not handle."""
    try:
        step = next(steps)
        while True:
            try:
                answer = await take(step)
            except Exception as error:  # noqa: BLE001  the steps decide what can be mended
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return cast("T", end.value)
