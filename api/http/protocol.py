"""How requests are taken off the wire: uvicorn's protocol, and the limits that it lacks.

uvicorn over httptools takes a head of any size, waits for one for ever, and answers what it cannot
read in plain text. Here every request has a head of limited size within a limited time, and what
is refused before there is a request is a problem with the same headers as any answer.
"""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, cast
from uuid import uuid4

import msgspec
import structlog
import uvicorn
from httptools import HttpParserError, HttpParserUpgrade
from litestar.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from adapters.settings import Settings
from api.http.headers import NO_STORE, VARY, always
from api.http.problem_types import PROBLEM_TYPES
from api.http.problems import PROBLEM_JSON, Problem

ADDRESS_BYTES_MAX = 8_192
"""The path and the query of a request together."""
HEAD_BYTES_MAX = 32_768
"""The address and all headers of a request together."""
HEADERS_MAX = 100
HEAD_SECONDS = 10
"""How long a head may take to come, from the beginning of the connection or of the request."""
IDLE_SECONDS = 5
"""How long a connection is kept without a request."""
CONNECTIONS_MAX = 1_000
"""Of one process, and so the most requests that it works on at a time."""
STOP_SECONDS = 10
"""How long a stopping service lets requests finish."""

log = structlog.get_logger()


class Protocol(HttpToolsProtocol):
    """One connection."""

    _clock: asyncio.TimerHandle | None = None
    _in_head = True
    _head_bytes = 0
    _refused = "unreadable"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for a request, not for ever."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._clock = self.loop.call_later(HEAD_SECONDS, self._time_out)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what uvicorn does, without its lines in the log."""
        in_head = self._in_head
        try:
            self.parser.feed_data(data)  # pyright: ignore[reportOptionalMemberAccess]  none when lost
        except HttpParserUpgrade:  # nothing else is spoken here; it was answered as it is
            self.cycle.keep_alive = False
        except HttpParserError:
            self._refuse(self._refused)
        else:
            # A part of a head that is not whole is nowhere else to be counted.
            if in_head and self._in_head:
                self._head_bytes += len(data)
                if self._head_bytes > HEAD_BYTES_MAX:
                    self._refuse("head-too-large")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._unset_keepalive_if_required()
        self._in_head, self._head_bytes = True, 0
        if self._clock is None:
            self._clock = self.loop.call_later(HEAD_SECONDS, self._time_out)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there; say whether there is room for it."""
        self._stop_clock()
        self._in_head = False
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if len(self.url) > ADDRESS_BYTES_MAX:
            self._give_up("address-too-long")
        if len(self.headers) > HEADERS_MAX or size > HEAD_BYTES_MAX:
            self._give_up("head-too-large")
        if len(self.connections) > CONNECTIONS_MAX:
            self._give_up("overloaded")
        super().on_headers_complete()

    def _give_up(self, slug: str) -> None:
        """Stop reading: httptools ends at an error of its caller's, too."""
        self._refused = slug
        raise ValueError(slug)

    def _time_out(self) -> None:
        self._clock = None
        if self._head_bytes:
            self._refuse("timed-out")
        else:
            self.transport.close()

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _refuse(self, slug: str) -> None:
        """Answer with a problem and hang up; only hang up where it would answer another request."""
        if self.transport.is_closing():
            return
        self._stop_clock()
        cycle = cast("RequestResponseCycle | None", self.cycle)
        behind = cycle is not None and not (
            cycle.response_complete or (cycle.more_body and not cycle.response_started)
        )
        if not behind and not self.pipeline:
            self.transport.write(_answer(slug, self.server_state.default_headers))
            log.info("request_refused", problem=slug)
        self.transport.close()


def configured(
    app: ASGIApp | str, chosen: Settings, *, port: int, workers: int = 1
) -> uvicorn.Config:
    """How the service is served: every limit, and what the server says or believes of itself.

    With several workers `app` is the name of what makes the application.
    """
    return uvicorn.Config(
        cast("Any", app),
        factory=workers > 1,
        host=chosen.TRACKER_HOST,
        port=port,
        workers=workers,
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        headers=list(always(chosen.TRACKER_PUBLIC_URL).items()),
        proxy_headers=bool(chosen.proxies),
        forwarded_allow_ips=chosen.proxies,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def _answer(slug: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    kind, identity = PROBLEM_TYPES[slug], uuid4().hex
    body = msgspec.json.encode(
        Problem(
            type=f"/problems/{slug}",
            title=kind.title,
            status=kind.status,
            detail=kind.meaning,
            instance="",
            reference=identity,
        )
    )
    said = {
        **kind.headers,
        "Content-Type": PROBLEM_JSON,
        "Content-Length": str(len(body)),
        "Cache-Control": NO_STORE,
        "Vary": VARY,
        "X-Request-Id": identity,
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}".encode()]
    lines += [name + b": " + value for name, value in headers]
    lines += [f"{name.lower()}: {value}".encode() for name, value in said.items()]
    return b"\r\n".join([*lines, b"", body])
