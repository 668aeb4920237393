"""Subscription to the ledger, in batches: rows as they come, none twice, none skipped."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import structlog
from eventsourcing.persistence import (
    ApplicationRecorder,
    Notification,
    OperationalError,
    PersistenceError,
    Subscription,
)
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg.sql import SQL, Identifier

from adapters.ledger.queries import StoredRow
from adapters.threads import LastingThread

BATCH_ROWS = 5_000
QUEUE_BATCHES = 2
POLL_SECONDS = 1.0
"""How often it polls unnotified: a safety net, and the only way on a standby."""
STOP_SECONDS = 0.2
"""How soon it notices that it was stopped."""
BACKOFF_SECONDS = 0.1
BACKOFF_SECONDS_MAX = 5.0

log = structlog.get_logger()


class LedgerReplaced(OperationalError):  # noqa: N818  says what happened
    """The ledger is not the one that was read before: it was put back to an earlier moment."""


class BatchSubscription(Subscription[ApplicationRecorder]):
    """Subscription to the rows after a position, read by a thread ahead of its consumer.

    It listens before its first read, so that no row is missed in between. After losing a
    connection it resumes from the position it had reached, unless the entry there is another one
    by now: then the iteration raises LedgerReplaced.
    """

    def __init__(
        self,
        recorder: PostgresApplicationRecorder,
        page: Callable[[int, int], list[StoredRow]],
        *,
        gt: int | None = None,
        topics: Sequence[str] = (),
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._datastore = recorder.datastore
        self._channel = recorder.channel_name
        self._page = page
        self._position = gt or 0
        self._last: StoredRow | None = None
        self._queue: queue.Queue[list[StoredRow]] = queue.Queue(QUEUE_BATCHES)
        self._pending: list[StoredRow] = []
        self._batches = self.batches()
        self._stopped = threading.Event()
        self._replaced = threading.Event()
        self._thread = LastingThread(self._run, "subscription")
        self._thread.start()

    def stop(self) -> None:
        """Stop reading, and end the iteration."""
        super().stop()
        self._stopped.set()

    def __exit__(self, *args: object, **kwargs: object) -> None:
        """Stop, and wait until its connections are returned."""
        super().__exit__(*args, **kwargs)
        self._thread.join()

    def batches(self, stopping: threading.Event | None = None) -> Iterator[list[StoredRow]]:
        """Yield batches of rows in order of position, until stopped, or `stopping` is set.

        Raises LedgerReplaced.
        """
        stopping = stopping or self._stopped
        while not self._stopped.is_set() and not stopping.is_set():
            if self._replaced.is_set():
                raise LedgerReplaced(f"The ledger has another entry at {self._position} now.")
            try:
                yield self._queue.get(timeout=STOP_SECONDS)
            except queue.Empty:
                continue

    def __next__(self) -> Notification:
        """Return the next notification, as the library asks for them."""
        while not self._pending:
            rows = next(self._batches)
            self._pending = [row for row in reversed(rows) if row[2] in (self._topics or row[2:3])]
        stream, step, tag, state, position = self._pending.pop()
        return Notification(stream, step, tag, state, id=position)

    def _run(self) -> None:
        backoff = BACKOFF_SECONDS
        while not self._stopped.is_set():
            try:
                with self._datastore.get_connection() as connection:
                    connection.execute(SQL("LISTEN {}").format(Identifier(self._channel)))
                    if self._is_replaced():
                        log.warning("ledger_replaced", position=self._position)
                        self._replaced.set()
                        return
                    while not self._stopped.is_set():
                        if len(self._read()) < BATCH_ROWS:
                            self._wait(connection)
                        backoff = BACKOFF_SECONDS
                    connection.execute("UNLISTEN *")
            except PersistenceError as error:
                log.warning("subscription_lost", error=type(error).__name__, retry_seconds=backoff)
                self._stopped.wait(backoff)
                backoff = min(backoff * 2, BACKOFF_SECONDS_MAX)

    def _is_replaced(self) -> bool:
        """Return whether the ledger has no entry, or another one, where this one has come to."""
        if self._position == 0:
            return False
        rows = self._page(self._position - 1, 1)
        return not rows or rows[0][4] != self._position or self._last not in (None, rows[0])

    def _read(self) -> list[StoredRow]:
        rows = self._page(self._position, BATCH_ROWS)
        while rows and not self._stopped.is_set():
            try:
                self._queue.put(rows, timeout=STOP_SECONDS)
            except queue.Full:
                continue
            self._position, self._last = rows[-1][4], rows[-1]
            break
        return rows

    def _wait(self, connection: Any) -> None:  # noqa: ANN401  a pooled connection of the library
        until = time.monotonic() + POLL_SECONDS
        while not self._stopped.is_set() and time.monotonic() < until:
            if list(connection.notifies(timeout=STOP_SECONDS, stop_after=1)):
                # A single read fetches the rows of all pending notifications.
                list(connection.notifies(timeout=0))
                return
