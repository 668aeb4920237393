"""The serving processes: one server in this process, or workers that share its socket."""

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

import structlog
import uvicorn
from litestar import Litestar

from adapters import signals
from adapters.ledger.async_ledger import POOL
from adapters.notices.followers import Followers
from adapters.settings import Settings
from adapters.telemetry import logs
from adapters.watchdog import ALIVE_SECONDS, is_alive
from api.app import build
from api.cli.context import DEAD, chosen_settings, fail, opened_database
from api.health import LOOKS_MAX
from api.http.connections.server import STOP_SECONDS, server_config
from api.request.services import KEY
from projections.read_models import READ_MODELS

CHECK_SECONDS = 0.2
"""How often the parent looks whether it was asked to stop."""
REPLACE_SECONDS = 1.0
"""The pause before a worker that ended is replaced."""
END_SECONDS = 2 * STOP_SECONDS
"""How long a worker may take to stop; then it is killed."""

SPARE_CONNECTIONS = 4
"""Connections of a process besides those of its pools and probes, such as for a moment's check."""
KEEPER_CONNECTIONS = 12 + 3 * len(READ_MODELS)
"""Connections of the process that keeps the read models: to follow, to hold and build each,
to drop those that nothing uses, and to send notices and messages."""

log = structlog.get_logger()


class _Server(uvicorn.Server):
    """uvicorn's server, stopped by the signals that stop any command, within STOP_SECONDS."""

    def __init__(self, app: Litestar, chosen: Settings) -> None:
        super().__init__(server_config(app, chosen))
        self._followers: Followers = app.state[KEY].followers
        self._next_look = 0.0
        self.alive = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        with signals.stop_calls(self._stop):
            yield

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop: if asked to, or if a thread that this depends on is dead."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + ALIVE_SECONDS
            self.alive = is_alive()
            if not self.alive:
                self._stop()
        return await super().on_tick(counter)

    def _stop(self) -> None:
        self.should_exit = True
        self._followers.stop()


def connections(chosen: Settings, workers: int, *, keep: bool) -> int:
    """Return how many connections to the database a service may open."""
    each = chosen.TRACKER_POOL + POOL + 2 * LOOKS_MAX + SPARE_CONNECTIONS
    return workers * each + (KEEPER_CONNECTIONS if keep else 0)


def serve_app(app: Litestar, chosen: Settings, listening: socket.socket) -> None:
    """Serve an application on a listening socket until this process is stopped.

    Fails if it could not start, or if a thread that it depends on is dead.
    """
    server = _Server(app, chosen)
    server.run(sockets=[listening])
    if not server.started:
        fail("The service could not start; the log says why.")
    if not server.alive:
        fail(DEAD)


def serve_by_workers(listening: socket.socket, number: int) -> None:
    """Serve a listening socket by worker processes until this process is stopped.

    A worker that ends is replaced. All of them end with this process, however it ends; it fails if
    one of its own threads is dead.
    """
    stopping = threading.Event()
    workers: list[SpawnProcess] = []
    with signals.stop_calls(stopping.set):
        try:
            workers += [_started(listening) for _ in range(number)]
            while not stopping.is_set():
                if not is_alive():
                    fail(DEAD)
                wait([worker.sentinel for worker in workers], CHECK_SECONDS)
                ended = [worker for worker in workers if not worker.is_alive()]
                if ended and not stopping.wait(REPLACE_SECONDS):
                    for worker in ended:
                        log.warning("worker_ended", pid=worker.pid, status=worker.exitcode)
                        workers[workers.index(worker)] = _started(listening)
        finally:
            _end(workers)


def _started(listening: socket.socket) -> SpawnProcess:
    worker = multiprocessing.get_context("spawn").Process(target=_work, args=(listening,))
    with signals.stops_blocked():  # until it can answer them
        worker.start()
    return worker


def _end(workers: list[SpawnProcess]) -> None:
    for worker in workers:
        worker.terminate()
    until = time.monotonic() + END_SECONDS
    for worker in workers:
        worker.join(max(0.0, until - time.monotonic()))
        if worker.is_alive():
            worker.kill()
            worker.join()


def _work(listening: socket.socket) -> None:
    """Serve in a worker process, which uses the embedded database in its own right."""
    signals.install(status=0)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logs.configure(chosen_settings().TRACKER_LOG)
    with opened_database() as (db, chosen):
        serve_app(build(db, chosen, keep=False), chosen, listening)


def _end_with_parent() -> None:
    """Stop this process when its parent ends, even by kill -9."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101  a worker has one
    parent.join()  # waits for the end of a pipe, which only the parent holds open
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(END_SECONDS)
    os._exit(1)
