"""ASGI middleware around the whole application, routing errors included.

It rejects requests for another host and those over a limit. Every request gets an id, HEAD is
answered like GET, an unchanged representation is answered 304, the common headers are set, and one
line is logged that holds nothing a user wrote.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from time import perf_counter
from uuid import uuid4

import msgspec
import structlog
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
)

from adapters.telemetry.metrics import REQUESTS
from adapters.telemetry.traces import request_span
from api.http.conditional import none_match, tag_of
from api.http.cookies import expired_cookie
from api.http.headers import set_cache_headers
from api.http.intake import LargeBodyQuota, RequestGuard, TimedBody
from api.http.moment import begin
from api.http.problems import PROBLEM_JSON, ProblemError, Request, allow, problem
from domain.vocabulary.actors import PUBLIC

SHARED_PATHS = {"/static/{of}/{name}"}
"""Paths whose response is the same for every caller, so signed-in browsers cache it too."""
_OF_A_BODY = ("content-length", "content-type")

log = structlog.get_logger()


class Middleware:
    """Wraps the application with the behaviour common to all responses."""

    def __init__(
        self,
        app: ASGIApp,
        routes: Iterable[tuple[str, Iterable[str]]],
        guard: RequestGuard,
        clock: Callable[[], datetime],
        route_of: Callable[[str, str], str],
    ) -> None:
        """Wrap an application; `routes` are its path templates with their methods.

        `route_of` returns the path of the route for a path and an Accept header.
        """
        self._app, self._guard, self._clock, self._route_of = app, guard, clock, route_of
        self._quota = LargeBodyQuota()
        methods: dict[str, set[str]] = {}
        for template, names in routes:
            methods.setdefault(template, set()).update(names)
        self._allow = {template: allow(names) for template, names in methods.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an HTTP request; pass any other scope to the application unchanged."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        begin(self._clock())
        headers = Headers.from_scope(scope)
        inner = scope.copy()
        inner["method"] = "GET" if scope["method"] == "HEAD" else scope["method"]
        inner["path"] = self._route_of(scope["path"], headers.get("accept", ""))
        identity = uuid4().hex  # never the client's: it is logged, and kept with entries for ever
        inner["path_template"] = ""
        inner["state"] = {
            **scope["state"],
            "request_id": identity,
            "is_head": scope["method"] == "HEAD",
            "actor": PUBLIC,
            "session": None,
            "cleared": set[str](),
            "lineage": None,
        }
        reply = _Reply(send, scope, inner, headers, self._allow)
        body = TimedBody(receive, inner, self._quota)
        with (
            structlog.contextvars.bound_contextvars(request_id=identity),
            request_span(headers.get("traceparent", "")) as describe,
        ):
            try:
                error = self._guard.check(inner, headers)
                if error:
                    await reply.send_problem(error)
                else:
                    await self._app(inner, body, reply.send)
            finally:
                body.close()
                path, seconds = inner["path_template"] or "unmatched", perf_counter() - began
                REQUESTS.labels(scope["method"], path, reply.status).observe(
                    reply.streamed_at - began if reply.streamed_at else seconds
                )
                describe(scope["method"], path, reply.status, identity)
                log.info(
                    "request_answered",
                    method=scope["method"],
                    path=path,
                    status=reply.status,
                    milliseconds=round(seconds * 1000, 1),
                    role=str(inner["state"]["actor"].role),
                )


class _Reply:
    """A response being sent; its start is held back until the first part of the body is known."""

    def __init__(
        self,
        send: Send,
        scope: HTTPScope,
        inner: HTTPScope,
        requested: Headers,
        allowed: Mapping[str, str],
    ) -> None:
        self._send, self._scope, self._inner, self._requested = send, scope, inner, requested
        self._allowed = allowed
        self._start: HTTPResponseStartEvent | None = None
        self.status = 500
        self.streamed_at: float | None = None
        """When an answer began that goes on, and whose length says nothing of the service."""

    async def send_problem(self, error: ProblemError) -> None:
        """Answer with a problem without calling the application."""
        body = msgspec.json.encode(problem(Request(self._inner), error))
        headers = {"content-type": PROBLEM_JSON, "content-length": str(len(body))}
        start: HTTPResponseStartEvent = {
            "type": "http.response.start",
            "status": error.kind.status,
            "headers": [
                (name.lower().encode(), value.encode())
                for name, value in {**error.headers, **headers}.items()
            ],
        }
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self._start = message["status"], message
            return
        if message["type"] == "http.response.body":
            if self._start:
                self._finish(self._start, message)
                self.streamed_at = perf_counter() if message["more_body"] else None
                await self._send(self._start)
                self._start = None
            if self._scope["method"] == "HEAD":
                message["body"] = b""
        await self._send(message)

    def _finish(self, start: HTTPResponseStartEvent, body: HTTPResponseBodyEvent) -> None:
        headers = MutableScopeHeaders.from_message(start)
        headers["X-Request-Id"] = str(self._inner["state"]["request_id"])
        lineage = self._inner["state"]["lineage"]
        if lineage is not None and self.status == 200:  # noqa: PLR2004  OK
            headers["Ledger-Lineage"] = str(lineage)
        reading = self._inner["method"] == "GET" and self.status == 200  # noqa: PLR2004  OK
        for name in self._inner["state"]["cleared"]:
            headers.add("Set-Cookie", expired_cookie(name).to_header(header=""))
        personal = "authorization" in self._requested or "cookie" in self._requested
        personal = personal and self._inner["path_template"] not in SHARED_PATHS
        set_cache_headers(headers, shared=reading and not personal)
        if self._inner["method"] == "OPTIONS" and self._inner["path_template"]:
            headers["Allow"] = self._allowed[self._inner["path_template"]]
        if reading and not body["more_body"]:
            step_tag = headers["ETag"] if "ETag" in headers else None  # noqa: SIM401  untyped
            headers["ETag"] = tag_of(body["body"], step_tag)
            if not none_match(self._requested.get("if-none-match", ""), headers["ETag"]):
                self.status = start["status"] = 304
                body["body"] = b""
                for name in _OF_A_BODY:
                    del headers[name]
