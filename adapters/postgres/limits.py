"""Limits on how long a thread waits for the server's answer: neither psycopg nor libpq has one."""

import os
import socket
import threading
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any, Self, TypeVar

import psycopg
from psycopg import Connection
from psycopg.abc import PQGen
from psycopg.rows import TupleRow

from adapters.postgres.errors import AnswerLate
from adapters.threads import LastingThread

Row = TypeVar("Row")
T = TypeVar("T")

CUT_POLL_SECONDS = 0.5
"""How often connections are looked at, to cut those past their limit."""


class LimitedConnection(Connection[Row]):
    """A connection of one thread at a time that waits no longer than its limit for any answer.

    The server limits its own statements, but a server that is stopped, or gone without a farewell,
    limits nothing. A connection past its limit is cut, and whoever waits gets AnswerLate.
    """

    limit: float | None = None
    """In seconds; None sets no limit."""
    is_late = False
    """Whether it was cut."""

    @classmethod
    def connect(cls, conninfo: str = "", *, limit: float | None = None, **kwargs: Any) -> Self:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # noqa: ANN401  psycopg's own parameters
        """Connect as psycopg does. Raises psycopg's errors."""
        connection = super().connect(conninfo, **kwargs)
        connection.limit = limit
        return connection

    def wait(
        self, gen: PQGen[T], interval: float = CUT_POLL_SECONDS, timeout: float | None = None
    ) -> T:
        """Wait for an answer, as all of psycopg's own methods do."""
        with self.limited():
            return super().wait(gen, interval, timeout)

    def limited(self) -> AbstractContextManager[None]:
        """Open a context in which an answer is due within the limit."""
        return nullcontext() if self.limit is None else CUTTER.within(self, self.limit)


def connect(conninfo: str, *, limit: float, **kwargs: Any) -> Connection[TupleRow]:  # noqa: ANN401  psycopg's
    """Open a connection in autocommit mode that waits `limit` seconds for an answer.

    Raises psycopg's errors.
    """
    connection = LimitedConnection[TupleRow]
    return connection.connect(conninfo, limit=limit, autocommit=True, **kwargs)


class _Cutter:
    """Cuts the connections of threads that are past their limit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[object, tuple[float, LimitedConnection[Any]]] = {}
        self._thread: LastingThread | None = None

    @contextmanager
    def within(self, connection: LimitedConnection[Any], seconds: float) -> Generator[None]:
        """Cut the connection if the context takes longer. Raises AnswerLate for that."""
        mark = object()
        with self._lock:
            self._under_way[mark] = (time.monotonic() + seconds, connection)
            if self._thread is None:
                self._thread = LastingThread(self._watch, "deadlines")
                self._thread.start()
        try:
            yield
        except psycopg.Error as error:
            if connection.is_late:
                raise AnswerLate(f"no answer in {seconds:g} s") from error
            raise
        else:
            if connection.is_late:
                connection.close()  # cut between two statements, which nobody has noticed yet
        finally:
            with self._lock:
                del self._under_way[mark]

    def _watch(self) -> None:
        while True:
            time.sleep(CUT_POLL_SECONDS)
            with self._lock:
                for until, connection in self._under_way.values():
                    if time.monotonic() > until and not connection.is_late:
                        connection.is_late = True
                        _cut(connection)


def _cut(connection: LimitedConnection[Any]) -> None:
    """End a connection under the thread that waits for its answer, which then finds it lost."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.shutdown(socket.SHUT_RDWR)


CUTTER = _Cutter()
