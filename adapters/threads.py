"""Threads that the service depends on.

Their work begins again after a failure, and health asks whether they live.
"""

import threading
from collections.abc import Callable
from contextlib import suppress

import structlog

RESTART_SECONDS = 1.0
"""How long after a failure the work of a thread begins again."""

log = structlog.get_logger()
expected_threads: set["LastingThread"] = set()
"""Those that were started and whose work has not returned."""


class LastingThread(threading.Thread):
    """A thread that lasts until its work returns by itself; after any error, the work begins again.

    Its guard does nothing that can fail but wait. If the thread ends otherwise, it stays dead.
    """

    def __init__(self, work: Callable[[], object], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work

    def run(self) -> None:
        """Do the work, until it returns; meanwhile `dead_threads` expects the thread to live."""
        expected_threads.add(self)  # here, where it lives already: whoever asks would call it dead
        while True:
            try:
                self._work()
            except Exception:
                with suppress(Exception):
                    log.exception("thread_failed", name=self.name)
                threading.Event().wait(RESTART_SECONDS)
            else:
                expected_threads.discard(self)
                return


def dead_threads() -> list[str]:
    """Return the names of the threads of this process that should live, and do not."""
    return sorted(thread.name for thread in [*expected_threads] if not thread.is_alive())
