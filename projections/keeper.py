"""Who keeps the read models current: one process for each, others standing by."""

import threading
from collections.abc import Sequence
from typing import Self

import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from msgspec import Struct

from adapters.database import PROJECTOR, Database
from projections.progress import Progress
from projections.rebuild import rebuild
from projections.register import Register
from projections.reports import Reports
from projections.runtime import Poisoned, ReadModel, Runner
from projections.schemas import make, try_lock, version
from projections.worklist import Worklist

READ_MODELS: tuple[type[ReadModel], ...] = (Register, Progress, Worklist, Reports)
BY_NAME: dict[str, type[ReadModel]] = {model.name: model for model in READ_MODELS}

STANDBY_SECONDS = 1.0
RETRY_SECONDS = 1.0
POISON_RETRY_SECONDS = 30.0
log = structlog.get_logger()


class Status(Struct, frozen=True):
    """How the keeping of one read model goes in this process."""

    state: str
    """starting, keeping, standby, waiting (for the database) or stopped (at an entry)."""
    error: str | None = None
    """The type of the error that it waits for or was stopped by; the log says more."""
    position: int | None = None
    """Of the entry that stopped it."""


class Keeper:
    """Keeps read models current in threads of this process, while it lives.

    Of several processes one keeps each read model; when it ends, another takes over. An entry
    that a read model cannot take stops that one alone; it is tried again from time to time.
    """

    def __init__(self, database: Database, models: Sequence[type[ReadModel]] = READ_MODELS) -> None:
        self._database = database
        self._stopping = threading.Event()
        self.status: dict[str, Status] = {model.name: Status("starting") for model in models}
        self._threads = [
            threading.Thread(target=self._keep, args=(model,), name=f"keep {model.name}")
            for model in models
        ]

    def __enter__(self) -> Self:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and give everything back."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _keep(self, model: type[ReadModel]) -> None:
        while not self._stopping.is_set():
            pause = RETRY_SECONDS
            try:
                pause = self._keep_once(model)
            except Poisoned as error:
                log.error(  # noqa: TRY400  which entry, and why; a trace says no more
                    "read_model_stopped", name=model.name, position=error.position, error=str(error)
                )
                self.status[model.name] = Status(
                    "stopped", type(error.error).__name__, error.position
                )
                pause = POISON_RETRY_SECONDS
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
            if version(lock, model.name) not in (None, model.version):
                rebuild(self._database, model, told=lambda _done, _of: None)
            make(lock, model, model.name)
            with Runner(model, conninfo) as runner:
                self.status[model.name] = Status("keeping")
                log.info("read_model_kept", name=model.name)
                while not self._stopping.is_set() and not runner.is_interrupted.is_set():
                    runner.run_forever(timeout=RETRY_SECONDS)
                    lock.execute("SELECT 1")  # a lost session has lost the lock
                runner.run_forever(timeout=0)
        return 0.0
