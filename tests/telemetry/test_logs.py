"""Logs never hold the values of variables, which include tokens and notes, and never raise."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
import structlog

from adapters.settings import LogFormat
from adapters.telemetry import logs


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_trace_shows_no_local_variable(
    form: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    logs.configure(form)
    secret = str(uuid4())
    try:
        _fail(secret)
    except ZeroDivisionError:
        structlog.get_logger().exception("division_failed")
    finally:
        structlog.configure(**before)
        logging.getLogger().handlers[:] = handlers
    told = capsys.readouterr().err
    assert "division_failed" in told
    assert "ZeroDivisionError" in told
    assert secret not in told


WRITE = """
import logging, structlog
from adapters.telemetry import logs
for form in ("json", "console"):
    logs.configure(form)
    for _ in range(3):
        structlog.get_logger().error("disk_filled", text="x" * 100_000)
        logging.getLogger("library").error("the disk is full")
print("went on")
"""


@pytest.mark.parametrize("out", ["full", "gone", "closed"])
def test_a_line_that_cannot_be_written_is_lost_and_nothing_raised(out: str) -> None:
    read, write = os.pipe()
    os.close(read)
    if out == "full":
        os.dup2(os.open("/dev/full", os.O_WRONLY), write)
    close = "import os; os.close(2)" if out == "closed" else ""
    process = subprocess.run(  # noqa: S603  our own words, read by no shell
        [sys.executable, "-c", close + WRITE],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=write,
        text=True,
        check=False,
    )
    os.close(write)
    assert process.stdout == "went on\n"


def _fail(secret: str) -> None:
    raise ZeroDivisionError(len(secret))
