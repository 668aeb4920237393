"""Checks made before a request reaches the application: its host, size and rate."""

import asyncio
import re
from typing import cast
from uuid import uuid4

from litestar.datastructures import Headers
from litestar.types import HTTPReceiveMessage, HTTPScope, Receive

from api.http.forms import BODY_BYTES_MAX
from api.http.problems import ProblemError
from api.http.rate_limits import Throttle, client_of

LOOPBACK = frozenset({"127.0.0.1", "[::1]", "localhost"})
"""Host names that are always accepted: those of the machine itself."""
PARAMETERS_MAX = 50
"""The most query parameters; more than any route takes."""
BODY_SECONDS = 30
"""How long a body may take to arrive, counted from the first read."""
LARGE_BODY_SECONDS = 120
"""The same for a body larger than most routes accept: a document."""
LARGE_BODIES_MAX = 4
"""How many large bodies a process holds in memory at a time."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PORT = re.compile(r":\d*$")


def request_id(header: str) -> str:
    """Return the client's own request id if it is well formed, otherwise a new one."""
    return header if _REQUEST_ID.fullmatch(header) else uuid4().hex


class RequestGuard:
    """Rejects requests by host, parameter count and rate, whatever their target."""

    def __init__(self, public_url: str | None, throttle: Throttle) -> None:
        authority = public_url.partition("://")[2] if public_url else ""
        self._hosts = LOOPBACK | {_PORT.sub("", authority)} - {""}
        self._throttle = throttle

    def check(self, scope: HTTPScope, headers: Headers) -> ProblemError | None:
        """Return the problem with a request, or None if it may proceed."""
        hosts = headers.getall("host", [])
        if len(hosts) > 1:
            return ProblemError("unreadable")
        if _PORT.sub("", hosts[0] if hosts else "").lower() not in self._hosts:
            return ProblemError("misdirected")
        if scope["query_string"].count(b"&") >= PARAMETERS_MAX:
            return ProblemError("invalid", f"A URL may have {PARAMETERS_MAX} parameters at most.")
        wait = self._throttle.take(client_of(scope))
        return ProblemError("too-many", retry_after=wait) if wait else None


class LargeBodyQuota:
    """The number of large bodies that the requests of a process may hold together."""

    def __init__(self) -> None:
        self._taken = 0

    def take(self) -> None:
        """Take a place. Raises ProblemError ("busy") if none is free."""
        if self._taken >= LARGE_BODIES_MAX:
            raise ProblemError("busy")
        self._taken += 1

    def give_back(self) -> None:
        """Return a place."""
        self._taken -= 1


class TimedBody:
    """Receives a request's body within a time limit.

    A body that turns out to be large takes a place of the quota until `close`, and has longer.
    """

    def __init__(self, receive: Receive, quota: LargeBodyQuota) -> None:
        self._receive, self._quota = receive, quota
        self._began: float | None = None
        self._seconds = BODY_SECONDS
        self._size = 0
        self._is_large = False
        self._whole = False

    async def __call__(self) -> HTTPReceiveMessage:
        """Return the next message; after the last part, wait for the disconnect.

        Raises ProblemError ("timed-out") when the time is up.
        """
        if self._whole:
            return await self._next()
        if self._began is None:
            self._began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(self._began + self._seconds):
                message = await self._next()
        except TimeoutError:
            raise ProblemError("timed-out") from None
        self._whole = message["type"] == "http.disconnect" or not message["more_body"]
        if message["type"] == "http.request":
            self._count(len(message["body"]))
        return message

    def close(self) -> None:
        """Return the place of a large body to the quota, once the request is answered."""
        if self._is_large:
            self._is_large = False
            self._quota.give_back()

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > BODY_BYTES_MAX and not self._is_large:
            self._quota.take()
            self._is_large, self._seconds = True, LARGE_BODY_SECONDS

    async def _next(self) -> HTTPReceiveMessage:
        return cast("HTTPReceiveMessage", await self._receive())
