"""The other processes of a run: services, and helpers that measure from outside.

A helper reads its task as a line of JSON, reports that it is ready, waits for a line, and answers
with a line of JSON.
"""

import logging
import os
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TypeVar, cast

import msgspec
import structlog
from msgspec import Struct

T = TypeVar("T")
ROOT = Path(__file__).parent.parent.parent
STOP_SECONDS = 20
READY = "Ready "


class Failed(Exception):  # noqa: N818  reads as an outcome
    """A measurement failed, for the reason in the message."""


def hush() -> None:
    """Log only warnings and errors, to standard error."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@cache
def _bytecode() -> TemporaryDirectory[str]:
    """Return a run's bytecode folder: its processes find bytecode as in an installation."""
    return TemporaryDirectory(prefix="tracker-bench-")


def start(
    arguments: Sequence[str],
    conninfo: str = "",
    errors: int | None = None,
    settings: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start another Python with our code, some settings and DATABASE_URL set to the database."""
    return subprocess.Popen(  # noqa: S603  our own arguments, no shell
        [sys.executable, "-P", *arguments],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": conninfo,
            "DATABASE_OWNER_URL": "",
            "TRACKER_LOG": "json",
            "TRACKER_COMMAND_RATE": "1000000",
            "PYTHONPYCACHEPREFIX": _bytecode().name,
            "PYTHONDONTWRITEBYTECODE": "",
            **(settings or {}),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )


def stop(process: subprocess.Popen[str]) -> None:
    """Terminate a process and wait for its end; kill it after STOP_SECONDS."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


@contextmanager
def serving(
    arguments: Sequence[str], conninfo: str, settings: Mapping[str, str] | None = None
) -> Generator[str]:
    """Run a process that prints its address once it is ready; yield the address.

    Raises Failed if the process ends before that.
    """
    with running(arguments, conninfo, settings) as (address, _):
        yield address


@contextmanager
def running(
    arguments: Sequence[str], conninfo: str, settings: Mapping[str, str] | None = None
) -> Generator[tuple[str, int]]:
    """Run such a process; yield its address and its process id."""
    process = start(arguments, conninfo, subprocess.DEVNULL, settings)
    try:
        for line in cast("IO[str]", process.stdout):
            if line.startswith(READY):
                yield line.removeprefix(READY).strip(), process.pid
                return
        raise Failed(f"{' '.join(arguments)} ended before it was ready")
    finally:
        stop(process)


class Helper:
    """A process that is ready to run a single task."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._input = cast("IO[str]", process.stdin)
        self._output = cast("IO[str]", process.stdout)

    def say(self, line: str) -> None:
        """Send the helper a line."""
        self._input.write(f"{line}\n")
        self._input.flush()

    def hear(self, kind: type[T]) -> T:
        """Return the helper's answer. Raises Failed if it ends without answering."""
        line = self._output.readline()
        if not line:
            raise Failed("a helper ended before it had answered; its reason is printed above")
        return msgspec.json.decode(line, type=kind)

    def go(self) -> None:
        """Let the helper begin."""
        self.say("go")


@contextmanager
def helping(task: Struct) -> Generator[Helper]:
    """Start a helper and yield it once it is ready for a task."""
    process = start(("-m", "deploy.bench.helper"))
    try:
        helper = Helper(process)
        helper.say(msgspec.json.encode(task).decode())
        helper.hear(str)
        yield helper
    finally:
        stop(process)


def run_helper(task: Struct, kind: type[T]) -> T:
    """Run a task in a helper and return its answer."""
    with helping(task) as helper:
        helper.go()
        return helper.hear(kind)
