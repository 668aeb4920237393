"""Logs never hold the values of variables, since these include tokens and notes."""

import logging
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


def _fail(secret: str) -> None:
    raise ZeroDivisionError(len(secret))
