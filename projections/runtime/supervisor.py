"""Who keeps the read models current: one process for each, others standing by."""

import threading
import time
from collections.abc import Sequence
from typing import Self

import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from msgspec import Struct

from adapters.postgres.database import PROJECTOR, Database
from projections.runtime.follower_group import FollowerGroup
from projections.runtime.read_model import PoisonEntry, ReadModel
from projections.runtime.rebuild import build_missing, rebuild
from projections.runtime.schemas import Connection, make, try_lock, version

STANDBY_SECONDS = 1.0
LOCK_POLL_SECONDS = 0.01
RETRY_SECONDS = 1.0
POISON_RETRY_SECONDS = 30.0
log = structlog.get_logger()


class Status(Struct, frozen=True):
    """How the keeping of one read model goes in this process."""

    state: str
    """starting, building, keeping, standby, waiting (for the database) or stopped (at an entry)."""
    error: str | None = None
    """The type of the error that it waits for or was stopped by; the log says more."""
    position: int | None = None
    """Of the entry that stopped it."""


class _Stopped(Exception):  # noqa: N818  no fault
    """It is time to end."""


class Supervisor:
    """Keeps read models current in threads of this process, while it lives.

    Of several processes one keeps each read model; when it ends, another takes over. An entry
    that a read model cannot take stops that one alone; it is tried again from time to time.
    """

    def __init__(self, database: Database, models: Sequence[type[ReadModel]]) -> None:
        self._database, self._models = database, models
        self._stopping = threading.Event()
        self._building = threading.Lock()
        self._group = FollowerGroup(database.conninfo(PROJECTOR))
        self.status: dict[str, Status] = {model.name: Status("starting") for model in models}
        self._threads = [
            threading.Thread(target=self._keep, args=(model,), name=f"keep {model.name}")
            for model in models
        ]

    def __enter__(self) -> Self:
        """Begin."""
        self._group.__enter__()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and give everything back."""
        self._stopping.set()
        self._group.part()
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
        with psycopg.connect(conninfo, autocommit=True) as lock:
            if not try_lock(lock, model.name):
                self.status[model.name] = Status("standby")
                return STANDBY_SECONDS
            self.status[model.name] = Status("building")
            self._build(lock, model)
            if version(lock, model.name) != model.version:
                return RETRY_SECONDS  # somebody else is building it
            with self._group.joined(model, self._untold) as member:
                self.status[model.name] = Status("keeping")
                log.info("read_model_kept", name=model.name)
                while not self._stopping.is_set() and not member.gone.wait(RETRY_SECONDS):
                    lock.execute("SELECT 1")  # a lost session has lost the lock
            if member.error:
                raise member.error
        return 0.0

    def _build(self, connection: Connection, model: type[ReadModel]) -> None:
        """Have a read model in its present version, built at once with the others that lack it."""
        with self._building:
            while any(status.state == "starting" for status in self.status.values()):
                self._untold(0, 0)  # until it is known of each whether it is ours to build
                time.sleep(LOCK_POLL_SECONDS)
            there = version(connection, model.name)
            if there not in (None, model.version):
                rebuild(self._database, model, told=self._untold)
            elif there is None:
                try:
                    build_missing(self._database, self._ours(), told=self._untold)
                except PoisonEntry as error:
                    # It stops there in the ledger's order, if it is the one that cannot take it.
                    log.warning("read_models_not_built", error=str(error))
                    make(connection, model, model.name)

    def _ours(self) -> list[type[ReadModel]]:
        return [model for model in self._models if self.status[model.name].state == "building"]

    def _untold(self, _done: int, _of: int) -> None:
        """Nobody is told how far a build is; it ends when we do."""
        if self._stopping.is_set():
            raise _Stopped
