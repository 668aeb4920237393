"""Around the whole application, errors of routing included: what every answer has in common.

A request that is for another host, or larger than any that is taken, comes no further. The others
get an id, HEAD is answered like GET, an answer that has not changed is 304, the headers are set
and one line is logged, without anything a user wrote.
"""

from collections.abc import Iterable, Mapping
from time import perf_counter

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

from api.http.conditional import none_match, tag_of
from api.http.cookies import cleared
from api.http.headers import set_keeping
from api.http.intake import LargeBodyQuota, RequestGuard, TimedBody, request_id
from api.http.problems import PROBLEM_JSON, ProblemError, Request, allow, problem
from domain.vocabulary.actors import PUBLIC

SAME_FOR_ALL = {"/static/{of}/{name}"}
"""What is answered alike whoever asks, so that who signs in fetches it once too."""
_OF_A_BODY = ("content-length", "content-type")

log = structlog.get_logger()


class Middleware:
    """The application, as it meets the network."""

    def __init__(
        self,
        app: ASGIApp,
        routes: Iterable[tuple[str, Iterable[str]]],
        door: RequestGuard,
    ) -> None:
        """`routes` are the templates of paths with their methods."""
        self._app, self._door, self._room = app, door, LargeBodyQuota()
        methods: dict[str, set[str]] = {}
        for template, taken in routes:
            methods.setdefault(template, set()).update(taken)
        self._allow = {template: allow(taken) for template, taken in methods.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; anything else is the application's alone."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        headers = Headers.from_scope(scope)
        inner = scope.copy()
        inner["method"] = "GET" if scope["method"] == "HEAD" else scope["method"]
        identity = request_id(headers.get("x-request-id", ""))
        inner["path_template"] = ""
        inner["state"] = {
            **scope["state"],
            "request_id": identity,
            "actor": PUBLIC,
            "session": None,
            "cleared": set[str](),
        }
        reply = _Reply(send, scope, inner, headers, self._allow)
        body = TimedBody(receive, self._room)
        with structlog.contextvars.bound_contextvars(request_id=identity):
            try:
                trouble = self._door.check(inner, headers)
                if trouble:
                    await reply.tell(trouble)
                else:
                    await self._app(inner, body, reply.send)
            finally:
                body.close()
                log.info(
                    "request_answered",
                    method=scope["method"],
                    path=inner["path_template"] or "unmatched",
                    status=reply.status,
                    milliseconds=round((perf_counter() - began) * 1000, 1),
                    role=str(inner["state"]["actor"].role),
                )


class _Reply:
    """One answer on its way out; its start is held until its body is known."""

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

    async def tell(self, trouble: ProblemError) -> None:
        """Answer with a trouble that the application was not asked about."""
        body = msgspec.json.encode(problem(Request(self._inner), trouble))
        headers = {"content-type": PROBLEM_JSON, "content-length": str(len(body))}
        start: HTTPResponseStartEvent = {
            "type": "http.response.start",
            "status": trouble.kind.status,
            "headers": [
                (name.lower().encode(), value.encode())
                for name, value in {**trouble.headers, **headers}.items()
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
                await self._send(self._start)
                self._start = None
            if self._scope["method"] == "HEAD":
                message["body"] = b""
        await self._send(message)

    def _finish(self, start: HTTPResponseStartEvent, body: HTTPResponseBodyEvent) -> None:
        headers = MutableScopeHeaders.from_message(start)
        headers["X-Request-Id"] = str(self._inner["state"]["request_id"])
        reading = self._inner["method"] == "GET" and self.status == 200  # noqa: PLR2004  OK
        for name in self._inner["state"]["cleared"]:
            headers.add("Set-Cookie", cleared(name).to_header(header=""))
        named = "authorization" in self._requested or "cookie" in self._requested
        named = named and self._inner["path_template"] not in SAME_FOR_ALL
        set_keeping(headers, shared=reading and not named)
        if self._inner["method"] == "OPTIONS" and self._inner["path_template"]:
            headers["Allow"] = self._allowed[self._inner["path_template"]]
        if reading and not body["more_body"]:
            if "ETag" not in headers:
                headers["ETag"] = tag_of(body["body"])
            if not none_match(self._requested.get("if-none-match", ""), headers["ETag"]):
                self.status = start["status"] = 304
                body["body"] = b""
                for name in _OF_A_BODY:
                    del headers[name]
