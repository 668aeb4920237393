"""Spans of what the service does, for a tracer if the process has one.

They name routes, counts and the id of the request: no address, no parameter, no text of anybody.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, TypeAlias

Describe: TypeAlias = Callable[[str, str, int, str], None]
"""Describes the span of a request by its method, route, status and request id."""


class Tracer(Protocol):
    """A tracer, such as OpenTelemetry's."""

    def span(self, name: str, size: int) -> AbstractContextManager[object]:
        """Return a span within the current one."""
        ...

    def request(self, traceparent: str) -> AbstractContextManager[Describe]:
        """Return the span of a request, which continues its caller's trace."""
        ...


class _Process:
    tracer: Tracer | None = None


def trace_by(tracer: Tracer | None) -> None:
    """Make a tracer this process's; None ends tracing."""
    _Process.tracer = tracer


def span(name: str, size: int) -> AbstractContextManager[object]:
    """Return a span within the current one, with how many items it handles."""
    return _Process.tracer.span(name, size) if _Process.tracer else nullcontext()


def request_span(traceparent: str) -> AbstractContextManager[Describe]:
    """Return the span of a request; its caller's `traceparent` is that of W3C Trace Context."""
    if _Process.tracer is None:
        return nullcontext(_ignore)
    return _Process.tracer.request(traceparent)


def _ignore(_method: str, _route: str, _status: int, _request_id: str) -> None:
    pass
