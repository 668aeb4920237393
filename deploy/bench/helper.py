"""A helper process: reads a task, reports ready, waits for the go-ahead, and answers."""

import sys
from typing import TypeAlias

import click
import msgspec

from deploy.bench import processes
from deploy.bench.load.appends import Appends, Commands
from deploy.bench.load.http import HttpLoad
from deploy.bench.rows.files import FileMade, PlainWorkbook
from deploy.bench.rows.memory import Peak
from deploy.bench.rows.papers import DataSetMade
from deploy.bench.rows.steps import ImportPeak

Task: TypeAlias = (
    HttpLoad | Appends | Commands | Peak | ImportPeak | FileMade | PlainWorkbook | DataSetMade
)


def main() -> None:
    """Run a single task."""
    processes.hush()
    task = msgspec.json.decode(sys.stdin.readline(), type=Task)
    click.echo(msgspec.json.encode("ready"))
    if sys.stdin.readline():
        click.echo(msgspec.json.encode(task.run()))


if __name__ == "__main__":
    main()
