"""The other processes of a run: services, and helpers that measure from outside.

A helper reads its task as one line of JSON, says that it is ready, waits for a line, and answers
with one line of JSON.
"""

import logging
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
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


class Failed(Exception):  # noqa: N818  says what happened
    """Something could not be measured. Says why."""


def hush() -> None:
    """Log warnings and errors only, and on standard error."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@cache
def _bytecode() -> TemporaryDirectory[str]:
    """Where a run's processes find their bytecode, as those of an installation do."""
    return TemporaryDirectory(prefix="tracker-bench-")


def started(
    arguments: Sequence[str], conninfo: str = "", errors: int | None = None
) -> subprocess.Popen[str]:
    """Another Python with our code, that finds the database in DATABASE_URL."""
    return subprocess.Popen(  # noqa: S603  our own words, read by no shell
        [sys.executable, "-P", *arguments],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": conninfo,
            "DATABASE_OWNER_URL": "",
            "TRACKER_LOG": "json",
            "PYTHONPYCACHEPREFIX": _bytecode().name,
            "PYTHONDONTWRITEBYTECODE": "",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )


def stopped(process: subprocess.Popen[str]) -> None:
    """End a process, and wait until it is gone."""
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
def serving(arguments: Sequence[str], conninfo: str) -> Generator[str]:
    """A process that prints its address once it is ready."""
    process = started(arguments, conninfo, subprocess.DEVNULL)
    try:
        for line in cast("IO[str]", process.stdout):
            if line.startswith(READY):
                yield line.removeprefix(READY).strip()
                return
        raise Failed(f"{' '.join(arguments)} ended before it was ready")
    finally:
        stopped(process)


class Helper:
    """A process that is ready to do one task."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._input = cast("IO[str]", process.stdin)
        self._output = cast("IO[str]", process.stdout)

    def say(self, line: str) -> None:
        """Hand it a line."""
        self._input.write(f"{line}\n")
        self._input.flush()

    def hear(self, kind: type[T]) -> T:
        """What it answers. Raises Failed if it ends without an answer."""
        line = self._output.readline()
        if not line:
            raise Failed("a helper ended before it had answered; its reason stands above")
        return msgspec.json.decode(line, type=kind)

    def go(self) -> None:
        """Have it begin."""
        self.say("go")


@contextmanager
def helping(task: Struct) -> Generator[Helper]:
    """A helper that is ready for a task."""
    process = started(("-m", "deploy.bench.helper"))
    try:
        helper = Helper(process)
        helper.say(msgspec.json.encode(task).decode())
        helper.hear(str)
        yield helper
    finally:
        stopped(process)


def helped(task: Struct, kind: type[T]) -> T:
    """What a helper answers to a task."""
    with helping(task) as helper:
        helper.go()
        return helper.hear(kind)
