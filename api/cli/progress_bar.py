"""Progress of long work on standard error: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import click

LINE_SECONDS = 5.0
"""The minimum interval between two plain lines about the same work."""


@contextmanager
def progress(label: str) -> Generator[Callable[[int, int | None], None]]:
    """Provide a function that reports the amount done and the total, None if not known yet."""
    if sys.stderr.isatty():
        from rich.console import Console  # noqa: PLC0415  a pipe and the service are spared them
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(label, total=None)
            yield lambda done, of: bar.update(task, completed=done, total=of)
        return
    last = 0.0

    def line(done: int, of: int | None) -> None:
        nonlocal last
        is_done = of is not None and done >= of
        if is_done or time.monotonic() - last > LINE_SECONDS:
            last = time.monotonic()
            click.echo(f"{label}: {done}" + ("" if of is None else f" of {of}"), err=True)

    yield line
