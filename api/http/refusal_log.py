"""Rate-limited log of refused access and of faults, so that no client can flood it.

Each process counts on its own. The lines hold nothing that the client wrote.
"""

import time
from collections.abc import Callable
from traceback import format_exception

import structlog
from msgspec import Struct

LINES_MAX = 20
"""How many refusals of one kind are logged individually within one window, or faults traced."""
WINDOW_SECONDS = 60.0

log = structlog.get_logger()


class _Window(Struct):
    """The number of events of a kind since `since`."""

    since: float
    count: int = 0


class Windows:
    """Counts events by kind, in windows of WINDOW_SECONDS."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def count(self, kind: str) -> tuple[int, int]:
        """Count an event; return its number in its window, and the count of a window now over."""
        now, over = self._clock(), 0
        window = self._windows.get(kind)
        if window is None or now - window.since >= WINDOW_SECONDS:
            over = window.count if window else 0
            window = self._windows[kind] = _Window(now)
        window.count += 1
        return window.count, over


class Refusals:
    """Logs refusals, counted by kind."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._windows = Windows(clock)

    def note(self, kind: str, path: str, role: str) -> None:
        """Log a refusal; `kind` is a problem slug, `path` a route template."""
        number, over = self._windows.count(kind)
        if over > LINES_MAX:
            log.warning("access_refusals_counted", kind=kind, count=over - LINES_MAX)
        if number <= LINES_MAX:
            log.warning("access_refused", kind=kind, path=path, role=role)
        elif number == LINES_MAX + 1:
            log.warning("access_refusals_many", kind=kind)


class Faults:
    """Logs unexpected errors: each with its type, the first of a window with their traces too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._windows = Windows(clock)

    def note(self, error: Exception) -> None:
        """Log an error."""
        kind = type(error).__name__
        if self._windows.count(kind)[0] > LINES_MAX:
            log.error("request_failed", error=kind)
            return
        # Formatted here, without the values of local variables: they include tokens and notes.
        log.error("request_failed", error=kind, exception="".join(format_exception(error)))
