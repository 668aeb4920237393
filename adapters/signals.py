"""Stops: SIGINT, SIGTERM and SIGHUP have one answer, in every phase of a process.

The first of them raises Stopped in the main thread, which unwinds through every `with` and
`finally`; later ones are ignored, so that nothing interrupts the clean-up. Code in which an
exception between any two lines would do harm postpones it, or names a function to call instead.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

STOPS = [signal.SIGINT, signal.SIGTERM]
if sys.platform != "win32":
    STOPS.append(signal.SIGHUP)
POLL_SECONDS = 0.02


class Stopped(SystemExit):
    """The process is asked to stop; ends it with the status given to `install`."""


class _Stops:
    def __init__(self) -> None:
        self.status = 1
        self.pending = False
        self.raised = False
        self.calls: list[Callable[[], object]] = []

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        self.pending = not self.raised
        if self.calls:
            self.calls[-1]()
        else:
            self.answer()

    def answer(self) -> None:
        if self.pending:
            self.pending, self.raised = False, True
            raise Stopped(self.status)


_stops = _Stops()


def install(status: int) -> None:
    """Answer stops from now on; Stopped ends the process with that status.

    A signal that the parent made the process ignore, as nohup does, stays ignored.
    """
    _stops.status = status
    for number in STOPS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stops.handle)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


@contextmanager
def stop_calls(call: Callable[[], object]) -> Generator[None]:
    """Let each stop call a function, and raise Stopped at the end of the context."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals interrupt the main thread only
        return
    _stops.calls.append(call)
    try:
        if _stops.pending:
            call()
        yield
    finally:
        _stops.calls.pop()
    if not _stops.calls:
        _stops.answer()


@contextmanager
def stop_postponed() -> Generator[None]:
    """Let a stop wait for the end of the context, or for `wait_until`."""
    with stop_calls(lambda: None):
        yield


def wait_until(seconds: float, condition: Callable[[], bool], *, stoppable: bool = True) -> bool:
    """Wait until a condition holds; return whether it did in time.

    If `stoppable`, raises Stopped for a stop, also for one that was postponed.
    """
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        if stoppable and threading.current_thread() is threading.main_thread():
            _stops.answer()
        time.sleep(POLL_SECONDS)
    return True


@contextmanager
def stops_blocked() -> Generator[None]:
    """Make stops wait, also in processes started meanwhile, until these call `install`."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
