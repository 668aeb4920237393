"""Structured logs on standard error: past-tense event names, never a user's free text.

Writing a line never raises: what supervises the service reports here, and must outlive a full
disk, a closed standard error, and a reader of it that went away. Such a line is lost.
"""

import logging
import sys
from contextlib import suppress
from typing import Any

import structlog

from adapters.settings import LogFormat


def configure(form: LogFormat = "auto") -> None:
    """Log JSON lines, or console lines on a terminal, for the standard library too."""
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        _console() if console else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer]
        if not console
        else [*shared, renderer],
        wrapper_class=_UnfailingLogger,
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = _UnfailingHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


_filtering: Any = structlog.make_filtering_bound_logger(logging.INFO)  # it has no type of its own


class _UnfailingLogger(_filtering):  # type: ignore[misc]
    """A logger whose lines are lost where they cannot be written."""

    def _proxy_to_logger(self, *args: object, **kwargs: object) -> None:
        with suppress(Exception):
            super()._proxy_to_logger(*args, **kwargs)  # pyright: ignore[reportUnknownMemberType]


class _UnfailingHandler(logging.StreamHandler[Any]):
    """The same for the standard library, whose own handler reports its failures there, too."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the library's name
        """Lose the line."""


def _console() -> structlog.typing.Processor:
    # The pretty traceback shows local variables, and these include tokens and notes.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
