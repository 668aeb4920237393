"""Embedded database: a real PostgreSQL in the user's data folder, shared by its processes.

The first process starts the server, others join it, the last to leave stops it; a kill -9 of
any of them at any moment costs nothing that was committed. Three file locks keep order, and the
kernel frees them whatever happens to their holders. `start.lock` is held to start, join or leave.
`users.lock` is shared by all users of the server. `server.lock` is held by PostgreSQL's own
processes, which inherit it: it is free when none of them is left, and no stale or reused process
id can say otherwise.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

import psycopg
import structlog
from psycopg.conninfo import make_conninfo
from psycopg.errors import DuplicateDatabase, UniqueViolation

from adapters.postgres.data_files import WrongVersion, exist, is_alone, keep_to_owner, socket_folder
from adapters.postgres.programs import MAKE_SECONDS, OWNER, PORT, Programs
from adapters.signals import stop_postponed, wait_until
from adapters.threads import LastingThread

log = structlog.get_logger()

DATABASE = "tracker"

ANSWER_SECONDS = 2
"""How long a server may take to let one connection in."""
START_SECONDS = 60
"""The longest wait for a server to answer, its recovery after a crash included."""
STOP_SECONDS = 60
"""The longest wait for a server to stop, its last checkpoint included."""
TURN_SECONDS = START_SECONDS + MAKE_SECONDS + STOP_SECONDS
"""The longest wait for another process to start or stop the server."""
WATCH_SECONDS = 1
"""How often a process that uses the server checks that it is alive."""
LAST_WORDS_MAX = 300


class EmbeddedError(Exception):
    """The embedded database is unusable. Says why, where to look and what to do."""


class Embedded:
    """PostgreSQL server of a data folder, which is created if needed, for its owner only.

    `major` is PostgreSQL's version, `data` the folder of its files. Runs the programs of the folder
    `programs`, or the first on this machine. Keeps the write-ahead log in the folder `archive` too,
    if there is to be one. Raises EmbeddedError: on Windows, without PostgreSQL's programs, with an
    unusable folder.
    """

    def __init__(
        self, home: Path, programs: Path | None = None, archive: Path | None = None
    ) -> None:
        if sys.platform == "win32":
            raise EmbeddedError(
                "The embedded database runs on Linux and macOS only: "
                "set DATABASE_URL to a PostgreSQL database."
            )
        self._home = home.expanduser().absolute()
        self._log = self._home / "postgres.log"
        if "\n" in str(self._home):
            raise self._error("its name has a line break, which PostgreSQL cannot handle")
        with self._explain_errors():
            self._home.resolve().mkdir(mode=0o700, parents=True, exist_ok=True)
            keep_to_owner(self._home)
            with self._turn():
                self._programs = Programs(self._home, programs)
        self.programs = programs
        self._archive = archive
        base, self.major = self._programs.base, self._programs.major
        self.data = self._data = base / f"pg{self.major}"
        self._socket = socket_folder(base, self._programs.owner)

    @contextmanager
    def use(self) -> Generator[str]:
        """Start or join the server; yield the database's address, without a user.

        Until the context ends, a server that dies is started again within seconds; its clients
        have to connect again. Raises EmbeddedError.
        """
        users, leaving, joined = self._lock_file("users"), threading.Event(), False
        watch = LastingThread(partial(self._watch, leaving), "watch PostgreSQL")

        def leave() -> None:
            nonlocal joined
            if joined:
                joined = False
                leaving.set()
                if watch.ident:
                    watch.join(TURN_SECONDS)
                with self._turn(stoppable=False):
                    if _try_lock(users):  # nobody else uses the server
                        self._stop()
            users.close()

        atexit.register(leave)  # for a stop between any two lines here
        try:
            with stop_postponed():
                with self._turn():
                    joined = _try_lock(users, shared=True)  # it is held alone only in a turn
                    self._ensure("postgres_started")
                watch.start()
            yield self._address()
        finally:
            with stop_postponed():
                leave()
                atexit.unregister(leave)

    @contextmanager
    def alone(self) -> Generator[None]:
        """Keep all other processes out of the data folder. Raises EmbeddedError if one is in it."""
        with self._turn(), self._lock_file("users") as users:
            if not _try_lock(users):
                raise self._error("it is in use; stop the service and all commands first")
            yield

    @contextmanager
    def serve_alone(self) -> Generator[str]:
        """Start the server and yield its address as `use` does; call only while `alone`."""
        try:
            with stop_postponed():
                self._ensure("postgres_started")
            yield self._address()
        finally:
            with stop_postponed():
                self._stop()

    def remove(self) -> None:
        """Remove all files of a server that nobody uses."""
        for folder in {self._programs.base, self._socket.absolute(), self._home}:
            shutil.rmtree(folder, ignore_errors=True)

    def _watch(self, leaving: threading.Event) -> None:
        while not leaving.wait(WATCH_SECONDS):
            if self._answers():
                continue
            try:
                with self._lock_file("start") as start:
                    if _try_lock(start):  # otherwise another process is already at it
                        self._ensure("postgres_restarted")
            except EmbeddedError as error:
                log.error("postgres_restart_failed", reason=str(error))  # noqa: TRY400  it says all

    def _ensure(self, event: str) -> None:
        """Ensure that a server runs and holds the database; call only in a turn."""
        with self._explain_errors():
            self._make_socket_folder()
            if not self._answers():
                self._start(event)
            with psycopg.connect(self._owner_conninfo(), autocommit=True) as connection:
                running = connection.info.server_version // 10_000
                if running != self.major:
                    raise self._error(
                        f"PostgreSQL {running} is still running, left by a command that was "
                        "killed; give that command again"
                    )
                query = "SELECT FROM pg_database WHERE datname = %s"
                if connection.execute(query, (DATABASE,)).rowcount == 0:
                    # The same command from a killed process may still be running, and win.
                    with suppress(DuplicateDatabase, UniqueViolation):
                        connection.execute(
                            "CREATE DATABASE tracker ENCODING 'UTF8' TEMPLATE template0"
                        )

    def _start(self, event: str) -> None:
        began = time.monotonic()
        with self._lock_file("server") as server:
            # Processes that a killed server or initdb left running end by themselves.
            if not wait_until(START_SECONDS, lambda: _try_lock(server) or self._answers()):
                raise self._error("PostgreSQL is running but does not answer")
            if self._answers():
                return
            if self._archive and not self._archive.is_dir():
                raise self._error(f"the folder {self._archive} of TRACKER_WAL_ARCHIVE is missing")
            if not (
                exist(self._data, self.major)
                or self._programs.make_data(self._data, self._log, server)
            ):
                raise self._error("PostgreSQL could not make its data files")
            # No process is left, so these files are stale, and their id may be reused by now.
            (self._data / "postmaster.pid").unlink(missing_ok=True)
            (self._socket / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
            postgres = self._programs.start_server(
                self._data, self._socket, self._log, server, self._archive
            )
        # The server must be reaped whenever it ends.
        threading.Thread(target=postgres.wait, daemon=True).start()
        wait_until(START_SECONDS, lambda: self._answers() or postgres.poll() is not None)
        if not self._answers():
            raise self._error("PostgreSQL did not start")
        log.info(event, data=str(self._data), seconds=round(time.monotonic() - began, 2))

    def _stop(self) -> None:
        signalled: set[int] = set()

        def is_stopped() -> bool:
            if _try_lock(server):
                return True
            # A server that was only just started has yet to write its file.
            with suppress(FileNotFoundError, IndexError, ValueError, ProcessLookupError):
                pid = int((self._data / "postmaster.pid").read_bytes().split()[0])
                if pid not in signalled:
                    os.kill(pid, signal.SIGINT)  # "fast": disconnect all, write a checkpoint, end
                    signalled.add(pid)
            return False

        with self._explain_errors(), self._lock_file("server") as server:
            if _try_lock(server):
                return
            if not wait_until(STOP_SECONDS, is_stopped, stoppable=False):
                raise self._error("PostgreSQL did not stop")
        log.info("postgres_stopped", data=str(self._data))

    def _answers(self) -> bool:
        with suppress(psycopg.Error):
            psycopg.connect(self._owner_conninfo()).close()
            return True
        return False

    def _address(self) -> str:
        return make_conninfo(host=str(self._socket), port=PORT, dbname=DATABASE)

    def _owner_conninfo(self) -> str:
        """Return a superuser's connection string: admitted even if every connection is taken."""
        return make_conninfo(
            host=str(self._socket),
            port=PORT,
            dbname="postgres",
            user=OWNER,
            connect_timeout=ANSWER_SECONDS,
            options=f"-c statement_timeout={START_SECONDS}s",
        )

    def _make_socket_folder(self) -> None:
        self._socket.mkdir(mode=0o700, exist_ok=True)
        self._programs.hand_over(self._socket)
        if not is_alone(self._socket, self._programs.owner):
            raise self._error(f"{self._socket} is not ours alone; remove it")

    @contextmanager
    def _turn(self, *, stoppable: bool = True) -> Generator[None]:
        """Hold the lock to start, join, leave or stop the server."""
        with self._lock_file("start") as start:
            if not wait_until(TURN_SECONDS, lambda: _try_lock(start), stoppable=stoppable):
                raise self._error("another process is still starting or stopping it")
            yield

    def _lock_file(self, name: str) -> IO[bytes]:
        with self._explain_errors():
            flags = os.O_RDWR | os.O_CREAT
            return os.fdopen(os.open(self._home / f"{name}.lock", flags, 0o600), "wb")

    @contextmanager
    def _explain_errors(self) -> Generator[None]:
        try:
            yield
        except (OSError, subprocess.SubprocessError, psycopg.Error, WrongVersion) as error:
            raise self._error(str(error).strip()) from error

    def _error(self, problem: str) -> EmbeddedError:
        words = f"The embedded database in {self._home} cannot be used: {problem}."
        with suppress(OSError):
            last = self._log.read_text("utf-8", "replace")[-LAST_WORDS_MAX:].strip()
            words += f" Its log, {self._log}, ends with: {last!r}."
        return EmbeddedError(
            f"{words} Fix that and try again, or set DATABASE_URL to another PostgreSQL database."
        )


def _try_lock(lock: IO[bytes], *, shared: bool = False) -> bool:
    """Try to take a lock, exclusive unless `shared`; return whether it was free."""
    import fcntl  # noqa: PLC0415  Windows has none, and imports this file too

    with suppress(BlockingIOError):
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        return True
    return False
