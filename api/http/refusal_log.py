"""Rate-limited log of refused access, so that refused clients cannot flood it.

Each process counts on its own. The lines hold nothing that the client wrote.
"""

import time
from collections.abc import Callable

import structlog
from msgspec import Struct

LINES_MAX = 20
"""How many refusals of one kind are logged individually within one window."""
WINDOW_SECONDS = 60.0

log = structlog.get_logger()


class _Window(Struct):
    """The number of refusals of a kind since `since`."""

    since: float
    count: int = 0


class Refusals:
    """Logs refusals, counted by kind."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def note(self, kind: str, path: str, role: str) -> None:
        """Log a refusal; `kind` is a problem slug, `path` a route template."""
        now = self._clock()
        window = self._windows.get(kind)
        if window is None or now - window.since >= WINDOW_SECONDS:
            if window and window.count > LINES_MAX:
                log.warning("access_refusals_counted", kind=kind, count=window.count - LINES_MAX)
            window = self._windows[kind] = _Window(now)
        window.count += 1
        if window.count <= LINES_MAX:
            log.warning("access_refused", kind=kind, path=path, role=role)
        elif window.count == LINES_MAX + 1:
            log.warning("access_refusals_many", kind=kind)
