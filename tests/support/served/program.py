"""`tracker` in a process of its own, which tests stop, kill and read."""

import fcntl
import os
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


class Program:
    """The running program: the lines of its output so far, and its end."""

    def __init__(self, data: Path, *words: str, module: str = "api.cli", **variables: str) -> None:
        self.data = data
        self._out, self._err = data.with_suffix(".out"), data.with_suffix(".err")
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(  # noqa: S603  our own words, read by no shell
                [sys.executable, "-P", "-m", module, *words],
                env={**environment(data), **variables},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        """What it wrote to standard output so far."""
        return self._out.read_text()

    @property
    def err(self) -> str:
        """What it wrote to standard error so far."""
        return self._err.read_text()

    def is_ready(self) -> bool:
        """Return whether it printed the Ready line."""
        return "Ready http" in self.out

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
    running = Program(data, *words, module=module, **variables)
    try:
        yield running
    finally:
        running.signal(signal.SIGKILL)
        running.process.wait()
        put_down(data)


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
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], bool], seconds: float = SECONDS) -> bool:
    """Wait until a condition holds; return whether it does."""
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()
