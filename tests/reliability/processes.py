"""The service in processes of its own, which can be killed and started again."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.support.served.program import free_port

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60


class ServedProcess:
    """`tracker serve` on one port, with its log in a file."""

    def __init__(self, data: Path, *, workers: int = 1, **variables: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data / "serve.log"
        self._words = ["serve", "--port", str(self.port), "--workers", str(workers)]
        self._env = {
            **os.environ,
            "TRACKER_DATA": str(data),
            "TRACKER_COMMAND_RATE": "1000000",
            "PYTHONPATH": str(ROOT),
            **variables,
        }
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Kill it unless it was stopped."""
        assert self._process
        if self._process.poll() is None:
            self.kill()

    def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own words, read by no shell
                [sys.executable, "-P", "-m", "api.cli", *self._words],
                env=self._env,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert re.match(r"Ready \S+", line), self.log.read_text()[-2_000:]

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [
            int(child)
            for child in children
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]

    def memory(self) -> int:
        """Return the resident memory of its largest process, in bytes."""
        return max(_resident(pid) for pid in (self.pid, *self.workers()))

    def kill(self) -> None:
        """Kill -9 it, and wait for its end."""
        assert self._process
        self._process.kill()
        self._end()

    def stop(self) -> int:
        """Stop it by SIGTERM, and return its exit status."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        return self._end()

    def _end(self) -> int:
        assert self._process
        assert self._process.stdout
        status = self._process.wait(READY_SECONDS)
        self._process.stdout.close()
        return status


def kill_postgres(data: Path) -> None:
    """Kill -9 the embedded server's first process, which takes the others with it."""
    (file,) = data.glob("pg*/postmaster.pid")
    os.kill(int(file.read_text("utf-8", "surrogateescape").split()[0]), signal.SIGKILL)


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
