"""Work that one process of all does, by an advisory lock of the database."""

import threading
from abc import ABC, abstractmethod
from typing import Any, Self

import psycopg
import structlog
from eventsourcing.persistence import PersistenceError

from adapters.postgres.database import DEADLINE_SECONDS, PROJECTOR, Database
from adapters.postgres.limits import connect
from adapters.threads import LastingThread

STANDBY_SECONDS = 2.0
_END_IF_SILENT = (
    "SET idle_session_timeout = '10min'; SET idle_in_transaction_session_timeout = '10min'"
)
"""By then a worker has said something: a mail server has 30 seconds for each of some nine answers,
and a message waits for no more. The server ends a session
from which nothing comes any more, and its lock with it."""
_LOCKS = 7413
"""The space of advisory locks of these works; each has a number in it."""

log = structlog.get_logger()

Connection = psycopg.Connection[tuple[Any, ...]]


class SoleWorker(ABC):
    """Works in a thread from entering to leaving, while no other process has the lock.

    The lock goes with the session that holds it, so that another process takes over from one that
    died. Processes without it stand by.
    """

    def __init__(self, database: Database, name: str, lock: int) -> None:
        self.conninfo = database.conninfo(PROJECTOR)
        self.stopping = threading.Event()
        self._name, self._lock = name, lock
        self._thread = LastingThread(self._run, name)

    def __enter__(self) -> Self:
        """Start working, or standing by."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish what is under way, and stop."""
        self.stopping.set()
        self._thread.join()

    @abstractmethod
    def work(self, db: Connection) -> None:
        """Work until `stopping` is set or the session that holds the lock, `db`, is lost."""

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                with connect(self.conninfo, limit=DEADLINE_SECONDS) as db:
                    lock = "SELECT pg_try_advisory_lock(%s, %s)"
                    if db.execute(lock, (_LOCKS, self._lock)).fetchone() == (True,):
                        db.execute(_END_IF_SILENT)
                        self.work(db)
            except (psycopg.Error, PersistenceError) as error:
                log.warning("work_waited", name=self._name, error=type(error).__name__)
            self.stopping.wait(STANDBY_SECONDS)
