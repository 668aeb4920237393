"""Checks made before a request reaches the application: its host, size and rate."""

import asyncio
import re
from collections import Counter
from collections.abc import Collection
from typing import cast

from litestar.datastructures import Headers
from litestar.types import HTTPReceiveMessage, HTTPScope, Receive

from api.http.forms import BODY_BYTES_MAX
from api.http.problems import ProblemError, invalid
from api.http.rate_limits import Throttle, client_of
from domain.vocabulary.actors import Actor

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
LARGE_BODIES_EACH_MAX = 2
"""How many of them may come from one address, and how many from one actor."""
SINGLE_HEADERS = (
    "Content-Disposition", "Content-Type", "Cookie", "Idempotency-Key", "If-Match", "Origin",
    "Sec-Fetch-Site", "X-CSRF-Token",
)  # fmt: skip
"""Headers that decide something, and so must not be sent twice; `Authorization` is another."""
LARGE_BODY_PART_BYTES = 655_360
LARGE_BODY_PART_SECONDS = 10
"""How long each such part of a large body may take: 64 KiB a second, or the client has stalled."""

_PORT = re.compile(r":\d*$")


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
        for name in SINGLE_HEADERS:
            if len(headers.getall(name.lower(), [])) > 1:
                return invalid("It is sent twice.", parameter=name)
        if scope["query_string"].count(b"&") >= PARAMETERS_MAX:
            return ProblemError("invalid", f"A URL may have {PARAMETERS_MAX} parameters at most.")
        wait = self._throttle.take(client_of(scope))
        return ProblemError("too-many", retry_after=wait) if wait else None


class LargeBodyQuota:
    """The large bodies that the requests of a process hold together, by address and by actor."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    def take(self, holders: Collection[str]) -> None:
        """Take a place for the address and the actor of a request.

        Raises ProblemError: "too-many" if one of them has no place left, "busy" if nobody has.
        """
        if any(self._held[holder] >= LARGE_BODIES_EACH_MAX for holder in holders):
            raise ProblemError(
                "too-many",
                f"One address, or one actor, may send {LARGE_BODIES_EACH_MAX} large bodies at a "
                "time. Send this one when another is complete.",
            )
        if self._held[""] >= LARGE_BODIES_MAX:
            raise ProblemError("busy")
        self._held.update(("", *holders))

    def give_back(self, holders: Collection[str]) -> None:
        """Return a place."""
        self._held -= Counter(("", *holders))


class TimedBody:
    """Receives a request's body within a time limit.

    A body that turns out to be large takes a place of the quota until `close`. It has longer, but
    must not stall.
    """

    def __init__(self, receive: Receive, scope: HTTPScope, quota: LargeBodyQuota) -> None:
        self._receive, self._scope, self._quota = receive, scope, quota
        self._began: float | None = None
        self._part_began = 0.0
        self._size, self._part_size = 0, 0
        self._holders: Collection[str] = ()
        self._whole = False

    async def __call__(self) -> HTTPReceiveMessage:
        """Return the next message; after the last part, wait for the disconnect.

        Raises ProblemError: "timed-out" when the time is up, or as the quota does.
        """
        if self._whole:
            return await self._next()
        if self._began is None:
            self._began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(self._ends_at(self._began)):
                message = await self._next()
        except TimeoutError:
            raise ProblemError("timed-out") from None
        self._whole = message["type"] == "http.disconnect" or not message["more_body"]
        if message["type"] == "http.request":
            self._count(len(message["body"]))
        return message

    def close(self) -> None:
        """Return the place of a large body to the quota, once the request is answered."""
        if self._holders:
            self._quota.give_back(self._holders)
            self._holders = ()

    def _ends_at(self, began: float) -> float:
        if not self._holders:
            return began + BODY_SECONDS
        return min(began + LARGE_BODY_SECONDS, self._part_began + LARGE_BODY_PART_SECONDS)

    def _count(self, size: int) -> None:
        self._size += size
        self._part_size += size
        if self._size <= BODY_BYTES_MAX:
            return
        if not self._holders:
            holders = _holders(self._scope)
            self._quota.take(holders)
            self._holders = holders
        elif self._part_size < LARGE_BODY_PART_BYTES:
            return
        self._part_began, self._part_size = asyncio.get_running_loop().time(), 0

    async def _next(self) -> HTTPReceiveMessage:
        return cast("HTTPReceiveMessage", await self._receive())


def _holders(scope: HTTPScope) -> Collection[str]:
    """Return the actor and the address that a large body is counted for.

    The machine itself is not counted, as elsewhere.
    """
    actor: Actor = scope["state"]["actor"]
    client = client_of(scope)
    return {f"actor {actor.id}"} | ({f"address {client}"} if client != "loopback" else set())
