"""`tracker` in a process of its own, which tests stop, kill and read."""

import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[3]
SECONDS = 60
PORTS, PORTS_OF_WORKER = range(12_000, 32_000), 1_000
"""Below those that Linux gives to connections and to listeners at port 0."""


class Program:
    """The running program: the lines of its output so far, and its end."""

    process: subprocess.Popen[bytes]

    def __init__(self, data: Path, *words: str, module: str = "api.cli", **variables: str) -> None:
        """Start a module with the words of a command line, and variables of its environment."""
        self.data, self._words, self._variables = data, (module, *words), variables
        self._out, self._err = data.with_suffix(".out"), data.with_suffix(".err")
        self._err.write_bytes(b"")
        self.start()

    def start(self) -> None:
        """Start it, or start it again after its end."""
        with self._out.open("wb") as out, self._err.open("ab") as err:
            self.process = subprocess.Popen(  # noqa: S603  our own words, read by no shell
                [sys.executable, "-P", "-m", *self._words],
                env={**environment(self.data), **self._variables},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        """What it wrote to standard output since its start."""
        return self._out.read_text()

    @property
    def err(self) -> str:
        """What it wrote to standard error so far."""
        return self._err.read_text()

    def is_ready(self) -> bool:
        """Return whether it printed the Ready line."""
        return "Ready http" in self.out

    def wait_until_ready(self) -> None:
        """Wait until it is ready; fail with its last words if it ends before."""
        assert eventually(lambda: self.is_ready() or self.process.poll() is not None)
        assert self.is_ready(), self.err[-2_000:]

    @property
    def url(self) -> str:
        """The address of the Ready line."""
        return self.out.split()[1]

    @property
    def port(self) -> int:
        """The port of the Ready line."""
        return int(self.out.rpartition(":")[2])

    def signal(self, number: int) -> None:
        """Send a signal to all processes of the program, as a terminal does."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def ended(self) -> int:
        """Wait for its end; return its status."""
        return self.process.wait(SECONDS)

    def stop(self) -> int:
        """Stop it by SIGTERM; return its status."""
        self.process.terminate()
        return self.ended()

    def kill(self) -> None:
        """Kill -9 its first process, and wait for its end."""
        self.process.kill()
        self.ended()

    def workers(self) -> list[int]:
        """Return the process ids of its workers."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [
            int(child)
            for child in children
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]

    def memory(self) -> int:
        """Return the resident memory of its largest process, in bytes."""
        return max(_resident(pid) for pid in (self.process.pid, *self.workers()))

    def has_left_nothing(self) -> bool:
        """Return whether no process uses or serves its database any more."""
        return all(is_free(self.data / name) for name in ("users.lock", "server.lock"))


def environment(data: Path) -> Mapping[str, str]:
    """Return the environment of the program, with the settings of the tests removed."""
    settings = ("TRACKER_", "DATABASE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    return {**kept, "TRACKER_DATA": str(data), "PYTHONPATH": str(ROOT)}


@contextmanager
def program(
    data: Path, *words: str, module: str = "api.cli", **variables: str
) -> Generator[Program]:
    """Run the program on a data folder; none of its processes outlives the context."""
    try:
        with _ended(Program(data, *words, module=module, **variables)) as running:
            yield running
    finally:
        put_down(data)


@contextmanager
def served(data: Path, *words: str, **variables: str) -> Generator[Program]:
    """Run the service on a data folder that the test uses too; yield it when it is ready."""
    with _ended(Program(data, "serve", "--port", "0", *words, **variables)) as running:
        running.wait_until_ready()
        yield running


@contextmanager
def _ended(running: Program) -> Generator[Program]:
    try:
        yield running
    finally:
        running.signal(signal.SIGKILL)
        running.process.wait()


def kill_postgres(data: Path) -> None:
    """Kill -9 the first process of a data folder's server, which takes the others with it."""
    (file,) = data.glob("pg*/postmaster.pid")
    os.kill(int(file.read_text("utf-8", "surrogateescape").split()[0]), signal.SIGKILL)


def put_down(data: Path) -> None:
    """Kill the server of a data folder, if one is running."""
    for pid in data.glob("pg*/postmaster.pid"):
        if not is_free(data / "server.lock"):
            with suppress(ProcessLookupError, FileNotFoundError):
                os.kill(int(pid.read_bytes().split()[0]), signal.SIGKILL)
    assert eventually(lambda: is_free(data / "server.lock"))


def is_free(lock: Path) -> bool:
    """Return whether nobody holds a lock file, or there is none."""
    with suppress(BlockingIOError, FileNotFoundError), lock.open("rb") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return not lock.exists()


def free_port() -> int:
    """Return a port of the loopback that nobody listens on, nor will be given by the system.

    Each worker of the tests has ports of its own. Prefer port 0 where the port can be read.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = PORTS.start + worker * PORTS_OF_WORKER % len(PORTS)
    while True:
        port = first + secrets.randbelow(PORTS_OF_WORKER)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def can_listen(port: int) -> bool:
    """Return whether a program can listen on a port of the loopback now."""
    with suppress(OSError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


def eventually(condition: Callable[[], bool], seconds: float = SECONDS) -> bool:
    """Wait until a condition holds; return whether it does."""
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
