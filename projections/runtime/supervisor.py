"""Supervision of the read models: one process keeps each of them current, others stand by."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Self

import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from msgspec import Struct

from adapters.postgres.database import DEADLINE_SECONDS, PROJECTOR, Database
from adapters.postgres.limits import connect
from adapters.threads import LastingThread
from projections.runtime.follower_group import FollowerGroup
from projections.runtime.read_model import PoisonEntry, ReadModel
from projections.runtime.rebuild import build_missing, rebuild
from projections.runtime.schemas import Connection, exists, is_ahead, make, try_lock
from projections.runtime.unused import UnusedSchemas

STANDBY_SECONDS = 1.0
LOCK_POLL_SECONDS = 0.01
RETRY_SECONDS = 1.0
POISON_RETRY_SECONDS = 30.0
UNUSED_MINUTES = 60
_END_IF_SILENT = "SET idle_session_timeout = '30s'"
"""Run on a session that says something each RETRY_SECONDS: the server ends it, and its lock, when
nothing comes any more, though the network between them pretends to live."""
log = structlog.get_logger()


class Status(Struct, frozen=True):
    """The state of one read model in this process."""

    state: str
    """starting, building, keeping, standby, waiting (for the database) or stopped (at an entry)."""
    error: str | None = None
    """The type of the error it waits for or stopped at; the log has details."""
    position: int | None = None
    """The position of the entry that stopped it."""


class _Stopped(Exception):  # noqa: N818  no fault
    """The supervisor is stopping."""


class Supervisor:
    """Keeps read models current in threads of this process.

    Of several processes, one keeps each read model; when it ends, another takes over. An entry
    that a read model cannot take stops only that read model, which is retried periodically.
    """

    def __init__(
        self,
        database: Database,
        models: Sequence[type[ReadModel]],
        *,
        unused_minutes: float = UNUSED_MINUTES,
        follow_views: Callable[[], bool] = lambda: True,
        beside: AbstractContextManager[object] | None = None,
    ) -> None:
        """`unused_minutes` is how long the schemas of other versions stay unused.

        `follow_views` makes views over the read models, and is called again soon while it
        returns False, else now and then. `beside` is open as long as the supervisor is.
        """
        self._database, self._models = database, models
        self._stopping = threading.Event()
        self._building = threading.Lock()
        self._group = FollowerGroup(database.conninfo(PROJECTOR))
        self.status: dict[str, Status] = {model.name: Status("starting") for model in models}
        self._threads = [
            LastingThread(partial(self._keep, model), f"keep {model.name}") for model in models
        ]
        self._unused = UnusedSchemas(
            database.conninfo(PROJECTOR), [model.schema for model in models], 60 * unused_minutes
        )
        self._follow_views = follow_views
        self._beside = beside or nullcontext()
        self._threads.append(LastingThread(self._look_at_versions, "look at versions of lists"))

    def __enter__(self) -> Self:
        """Start the threads."""
        self._group.__enter__()
        for thread in self._threads:
            thread.start()
        self._beside.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the threads and close the connections."""
        self._beside.__exit__(None, None, None)
        self._stopping.set()
        self._group.release_all()
        for thread in self._threads:
            thread.join()
        self._group.__exit__()

    def _keep(self, model: type[ReadModel]) -> None:
        while not self._stopping.is_set():
            pause = RETRY_SECONDS
            try:
                pause = self._keep_once(model)
            except PoisonEntry as error:
                log.error(  # noqa: TRY400  which entry, and why; a trace says no more
                    "read_model_stopped", name=model.name, position=error.position, error=str(error)
                )
                self.status[model.name] = Status(
                    "stopped", type(error.error).__name__, error.position
                )
                pause = POISON_RETRY_SECONDS
            except _Stopped:
                return
            except (psycopg.Error, PersistenceError) as error:
                log.warning("read_model_waited", name=model.name, error=type(error).__name__)
                self.status[model.name] = Status("waiting", type(error).__name__)
            except Exception as error:
                log.exception("read_model_failed", name=model.name)
                self.status[model.name] = Status("stopped", type(error).__name__)
                pause = POISON_RETRY_SECONDS
            self._stopping.wait(pause)

    def _keep_once(self, model: type[ReadModel]) -> float:
        conninfo = self._database.conninfo(PROJECTOR)
        with connect(conninfo, limit=DEADLINE_SECONDS) as lock:
            if not try_lock(lock, model.schema):
                self.status[model.name] = Status("standby")
                return STANDBY_SECONDS
            self.status[model.name] = Status("building")
            self._build(lock, model)
            if not exists(lock, model.schema):
                return RETRY_SECONDS  # another process is building it
            with self._group.joined(model, self._check_stopping) as member:
                lock.execute(_END_IF_SILENT)
                self.status[model.name] = Status("keeping")
                log.info("read_model_kept", name=model.name)
                while not self._stopping.is_set() and not member.gone.wait(RETRY_SECONDS):
                    lock.execute("SELECT 1")  # a lost session has lost the lock
            if member.error:
                raise member.error
        return 0.0

    def _build(self, connection: Connection, model: type[ReadModel]) -> None:
        """Build a read model if it is missing, together with the others that are.

        One that is ahead of the ledger, as when only the ledger was put back, is built again.
        """
        with self._building:
            while any(status.state == "starting" for status in self.status.values()):
                # Which read models this process builds is known only once none is starting.
                self._check_stopping(0, 0)
                time.sleep(LOCK_POLL_SECONDS)
            if is_ahead(connection, model):
                rebuild(self._database, model, on_progress=self._check_stopping)
            elif not exists(connection, model.schema):
                try:
                    build_missing(
                        self._database, self._building_here(), on_progress=self._check_stopping
                    )
                except PoisonEntry as error:
                    # Following in ledger order stops only the read model that cannot take it.
                    log.warning("read_models_not_built", error=str(error))
                    make(connection, model, model.schema)

    def _building_here(self) -> list[type[ReadModel]]:
        return [model for model in self._models if self.status[model.name].state == "building"]

    def _look_at_versions(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            pause = self._unused.look()
            if not self._follow_views():
                pause = RETRY_SECONDS

    def _check_stopping(self, _done: int, _of: int) -> None:
        """Raise _Stopped if the supervisor is stopping; progress itself is ignored."""
        if self._stopping.is_set():
            raise _Stopped
