"""Notices as server-sent events (HTML Standard, section 9.2), in order, each once.

The id of an event is the lineage and the position, by which a follower goes on after an
interruption. Whoever cannot keep up is cut off, and goes on later in the same way.
"""

import asyncio
import re
from asyncio import to_thread
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast
from uuid import UUID

import msgspec
import structlog
from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.types import HTTPResponseStartEvent, Receive, Scope, Send

from adapters.ledger.codec import UnreadableEntry
from adapters.ledger.queries import Ends
from adapters.notices.cloud_event import cloud_event
from adapters.notices.followers import LOOK_SECONDS, TooManyFollowers
from adapters.postgres.errors import is_transient
from api.http.problems import ProblemError, Request, invalid
from api.http.rate_limits import client_of
from api.request.authentication import authenticate_again, current_actor, session_of
from api.request.services import service_address, services
from domain.access.notices import Notice
from domain.access.permissions import ReadPermission, can_read
from domain.vocabulary.actors import PUBLIC, Actor
from domain.vocabulary.errors import NotFound, RuleError

EVENT_STREAM: Final = "text/event-stream"
HEARTBEAT_SECONDS = 15.0
"""How long nothing is sent at most; proxies close a connection that is silent for longer."""
SEND_SECONDS = 20.0
"""How long a follower may take to take what is sent to it."""
LIFETIME_SECONDS = 3_600.0
"""How long an event stream lasts at most; a follower then goes on with another."""
RETRY_MILLISECONDS = 2_000
"""How soon a follower connects again."""
_ID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/([0-9]{1,15})")
_HEADERS = (
    (b"content-type", EVENT_STREAM.encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx passes each event on at once
)
_ENDING = (UnreadableEntry, ProblemError, RuleError)
"""Errors after which a follower has to ask again, and is answered with a problem if need be."""

log = structlog.get_logger()


def end_for(actor: Actor, now: Ends) -> int:
    """Return the last position that an actor may know of: the public, the last published one."""
    return now.last if can_read(actor, ReadPermission.HISTORY) else now.published


def resumed_at(request: Request, after: int | None, now: Ends) -> int:
    """Return the position after which an event stream begins: by default, the end.

    Raises ProblemError for an id that is none of ours, NotFound for one of another lineage.
    """
    resumed = request.headers.get("last-event-id", "")
    if not resumed:
        return end_for(follower_of(request), now) if after is None else after
    match = _ID.fullmatch(resumed)
    if match is None:
        raise invalid("Send the id of the last event, unchanged.", parameter="Last-Event-ID")
    if UUID(match[1]) != now.lineage:
        raise NotFound(f"The ledger has another lineage, {now.lineage}. Begin again.")
    return int(match[2])


class NoticeStream(Response[bytes]):
    """An answer that goes on: the notices after a position, as they come."""

    def __init__(
        self,
        request: Request,
        takes: Callable[[Actor, Notice], bool],
        after: int,
        lineage: UUID,
    ) -> None:
        super().__init__(b"")
        self._request, self._takes, self._actor = request, takes, follower_of(request)
        self._position, self._lineage = after, lineage
        self._base = service_address(request)
        self._is_head: bool = request.scope["state"]["is_head"]

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:  # noqa: ANN401  as there
        """Return itself, which is called as such a response is."""
        return cast("ASGIResponse", self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until the follower is gone, too slow or too long there, or the service stops.

        Raises ProblemError, before anything is sent, if too many follow.
        """
        client = client_of(scope)
        address = None if client == "loopback" else f"address {client}"
        owner = address if self._actor == PUBLIC else f"actor {self._actor.id}"
        gone = asyncio.create_task(_gone(receive))
        try:
            with services(self._request).followers.place(owner):
                start: HTTPResponseStartEvent = {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": _HEADERS,
                }
                await send(start)
                try:
                    await self._follow(send, gone)
                except TimeoutError:
                    log.info("follower_cut_off", position=self._position)
                    _abort(scope)
                    await gone
        except TooManyFollowers as error:
            raise ProblemError("too-many" if error.own else "overloaded") from None
        finally:
            gone.cancel()

    async def _follow(self, send: Send, gone: "asyncio.Task[None]") -> None:
        loop, followers = asyncio.get_running_loop(), services(self._request).followers
        until = loop.time() + LIFETIME_SECONDS
        await _send(send, f"retry: {RETRY_MILLISECONDS}\n{self._id()}\n\n")
        silent_since = loop.time()
        with _ending():
            while not (followers.stopping or gone.done() or self._is_head or loop.time() > until):
                events, is_level = await self._next()
                if events or loop.time() - silent_since > HEARTBEAT_SECONDS:
                    # Without data an id is no event, but remembered by whoever connects again.
                    await _send(send, events or f"{self._id()}\n\n")
                    silent_since = loop.time()
                if is_level:
                    await asyncio.wait({gone}, timeout=LOOK_SECONDS)
        await _send(send, "", more=False)

    async def _next(self) -> tuple[str, bool]:
        """Return the next events, if any, and whether these are all by now.

        Raises NotFound if the ledger has another lineage by now.
        """
        opened = services(self._request)
        now = await opened.followers.ends()
        if now.lineage != self._lineage:
            raise NotFound("The ledger has another lineage.")
        if end_for(self._actor, now) <= self._position:
            return "", True
        if self._actor != PUBLIC:  # a token may have ended meanwhile
            self._actor = await authenticate_again(self._request)
        end = end_for(self._actor, now)
        notices = await to_thread(opened.notices.after, self._position, now)
        taken = [n for n in notices if n.position <= end and self._takes(self._actor, n)]
        self._position = min(notices[-1].position, end) if notices else end
        return self._events(taken), self._position >= end

    def _events(self, notices: Sequence[Notice]) -> str:
        return "".join(
            f"id: {self._lineage}/{notice.position}\ndata: "
            f"{msgspec.json.encode(cloud_event(notice, self._lineage, self._base)).decode()}\n\n"
            for notice in notices
        )

    def _id(self) -> str:
        return f"id: {self._lineage}/{self._position}"


def follower_of(request: Request) -> Actor:
    """Return the actor who follows; a session of a browser does so as the public.

    Otherwise an event stream would keep a session in use that nobody uses.
    """
    return PUBLIC if session_of(request) else current_actor(request)


@contextmanager
def _ending() -> Generator[None]:
    """End what is done at an error of _ENDING, or of a database that is away."""
    try:
        yield
    except _ENDING:
        return
    except Exception as error:
        if not is_transient(error):
            raise


def _abort(scope: Scope) -> None:
    """Drop the connection: what is half sent cannot be ended otherwise."""
    extensions: Any = scope["extensions"]
    extensions["tracker.abort"]()


async def _gone(receive: Receive) -> None:
    """Wait until the follower has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, text: str, *, more: bool = True) -> None:
    """Send a part of the body. Raises TimeoutError if the follower does not take it."""
    async with asyncio.timeout(SEND_SECONDS):
        await send({"type": "http.response.body", "body": text.encode(), "more_body": more})
