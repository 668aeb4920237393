"""What is looked at before a request comes to the application: its host, its size, its pace."""

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
"""The names that are answered for in any case: those of the machine itself."""
PARAMETERS_MAX = 50
"""The most query parameters; more than any address takes."""
BODY_SECONDS = 30
"""How long a body may take to come, from when it is first asked for."""
LARGE_BODY_SECONDS = 120
"""The same for one that is larger than most routes take: a document."""
LARGE_BODIES_MAX = 4
"""How many of those a process holds in memory at a time."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PORT = re.compile(r":\d*$")


def request_id(sent: str) -> str:
    """The id of a request: the caller's own if it is one, else a new one."""
    return sent if _REQUEST_ID.fullmatch(sent) else uuid4().hex


class RequestGuard:
    """Says which requests come no further, whatever they ask for."""

    def __init__(self, public_url: str | None, throttle: Throttle) -> None:
        named = public_url.partition("://")[2] if public_url else ""
        self._hosts = LOOPBACK | {_PORT.sub("", named)} - {""}
        self._throttle = throttle

    def check(self, scope: HTTPScope, headers: Headers) -> ProblemError | None:
        """What is the matter with a request, if anything is."""
        hosts = headers.getall("host", [])
        if len(hosts) > 1:
            return ProblemError("unreadable")
        if _PORT.sub("", hosts[0] if hosts else "").lower() not in self._hosts:
            return ProblemError("misdirected")
        if scope["query_string"].count(b"&") >= PARAMETERS_MAX:
            return ProblemError("invalid", f"An address takes {PARAMETERS_MAX} parameters at most.")
        wait = self._throttle.take(client_of(scope))
        return ProblemError("too-many", retry_after=wait) if wait else None


class LargeBodyQuota:
    """The room for large bodies, of all requests of a process together."""

    def __init__(self) -> None:
        self._taken = 0

    def take(self) -> None:
        """Take a place. Raises ProblemError if there is none."""
        if self._taken >= LARGE_BODIES_MAX:
            raise ProblemError("busy")
        self._taken += 1

    def give_back(self) -> None:
        """Give a place back."""
        self._taken -= 1


class TimedBody:
    """Receives a request's body, for as long as it may take and no longer.

    One that turns out to be large takes a place in the room until `close`, and may take longer.
    """

    def __init__(self, receive: Receive, room: LargeBodyQuota) -> None:
        self._receive, self._room = receive, room
        self._began: float | None = None
        self._seconds = BODY_SECONDS
        self._size = 0
        self._is_large = False
        self._whole = False

    async def __call__(self) -> HTTPReceiveMessage:
        """The next part, or a wait after the last. Raises ProblemError when the time is up."""
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
        """The request is answered, and its body is held no longer."""
        if self._is_large:
            self._is_large = False
            self._room.give_back()

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > BODY_BYTES_MAX and not self._is_large:
            self._room.take()
            self._is_large, self._seconds = True, LARGE_BODY_SECONDS

    async def _next(self) -> HTTPReceiveMessage:
        return cast("HTTPReceiveMessage", await self._receive())
