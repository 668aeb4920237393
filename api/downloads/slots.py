"""How many files are made and sent at a time: few, since each takes a thread and a connection."""

import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from api.http.problems import ProblemError

MADE_AT_ONCE = 2
"""Files that a process makes at a time."""
KEPT_AT_ONCE = 16
"""Files that a process makes or sends at a time."""
RETRY_SECONDS = 5
ANYBODY = "loopback"
"""The client that many share behind a proxy which names none; only the totals bind it."""


class Slots:
    """Counts the files under way, and refuses more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made = 0
        self._clients: Counter[str] = Counter()

    def take(self, client: str) -> None:
        """Count a file of a client. Raises ProblemError ("too-many", 429) if there are too many."""
        with self._lock:
            if client != ANYBODY and self._clients[client]:
                raise ProblemError(
                    "too-many",
                    "Another file is on its way to you. Ask again when it has come.",
                    retry_after=RETRY_SECONDS,
                )
            if self._clients.total() >= KEPT_AT_ONCE:
                raise _full()
            self._clients[client] += 1

    def release(self, client: str) -> None:
        """Forget a file of a client."""
        with self._lock:
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    @contextmanager
    def making(self) -> Generator[None]:
        """Count a file that is being made. Raises ProblemError as `take`."""
        with self._lock:
            if self._made >= MADE_AT_ONCE:
                raise _full()
            self._made += 1
        try:
            yield
        finally:
            with self._lock:
                self._made -= 1


def _full() -> ProblemError:
    return ProblemError(
        "too-many",
        "Other files are being made. Ask again after the time in the Retry-After header.",
        retry_after=RETRY_SECONDS,
    )
