"""uvicorn's HTTP protocol with the limits that it lacks.

uvicorn over httptools accepts a request head of any size, waits for it without a timeout, takes
trailers for headers, and answers malformed input in plain text. Here the size of a head and the
time for it are limited, trailers are dropped, and what only a lenient parser would take is refused
(RFC 9112). A request rejected before it is complete is answered with a problem that has the common
headers.
"""

import asyncio
import socket
from ipaddress import ip_address, ip_network
from typing import Any, cast

import structlog
from httptools import HttpParserError, HttpParserUpgrade, parse_url
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.http.connections import refusals
from api.http.rate_limits import client_at

ADDRESS_BYTES_MAX = 8_192
"""The path and query of a request together."""
HEAD_BYTES_MAX = 32_768
"""The request target and all headers of a request together."""
"""The same limit holds for all that comes with a body and is no content: trailers, extensions."""
HEADERS_MAX = 100
"""Headers and trailers together."""
CHUNK_BYTES = 20
"""The frame of a chunk that is not counted: the longest size and two line ends."""
PIPELINED_MAX = 16
"""Requests that wait on one connection for the answer to an earlier one."""
HEAD_SECONDS = 10
"""How long a head may take to arrive, from the start of the connection or of the request."""
IDLE_SECONDS = 5
"""How long an idle connection is kept open."""
CONNECTIONS_MAX = 1_000
"""Per process; therefore also the most requests that it handles at a time."""
CONNECTIONS_EACH_MAX = 100
"""From one address that is neither a trusted proxy's nor the machine's own."""
UNREAD_SECONDS = 30
"""How long a client may take no byte of an answer before it is cut off, where the system can."""
UNREAD_BYTES_MAX = 33_554_432
"""Per process: what has been answered and not yet been taken, on all connections together."""
TCP_USER_TIMEOUT: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)
VERSIONS = frozenset({"1.0", "1.1"})
SCHEMES = frozenset({b"http", b"https"})

log = structlog.get_logger()


class Protocol(HttpToolsProtocol):
    """Handles one connection."""

    _clock: asyncio.TimerHandle | None = None
    _client = ""
    silent_since = 0.0
    unread_since = 0.0
    _next_waits = False
    """Whether a request waits until the client has taken the answer to the one before."""
    _in_head = True
    _overhead = 0
    """Bytes received since the head began or ended that are not content."""
    _trailers = 0
    _refused = "unreadable"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for a request, up to a time limit; refuse a connection too many.

        When the process has no connection left, the one that has been silent for longest gives way,
        so that silence costs nobody else an answer.
        """
        super().connection_made(cast("asyncio.Transport", transport))
        self.silent_since = self.loop.time()
        self._clock = self.loop.call_later(HEAD_SECONDS, self._time_out)
        if TCP_USER_TIMEOUT is not None:
            opened: socket.socket = transport.get_extra_info("socket")
            opened.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, round(UNREAD_SECONDS * 1_000))
        if self._is_one_of_too_many():
            self._refuse("too-many")
        elif len(self.connections) > CONNECTIONS_MAX and not self._take_silent_place():
            self._refuse("overloaded")

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer of the head."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse more input like uvicorn, without its log lines."""
        self._overhead += len(data)
        try:
            self.parser.feed_data(data)  # pyright: ignore[reportOptionalMemberAccess]  none when lost
        except HttpParserUpgrade:  # no other protocol is offered; the request was answered as HTTP
            self.cycle.keep_alive = False
        except HttpParserError:
            self._refuse(self._refused)
        else:
            # A name or value that never ends is buffered by the parser, and reported nowhere else.
            self._overhead = max(self._overhead, 0)
            if self._overhead > HEAD_BYTES_MAX:
                self._refuse("head-too-large")

    def on_message_begin(self) -> None:
        """Start the timer of a new head."""
        self._unset_keepalive_if_required()
        self._in_head, self._trailers = True, 0
        if self._clock is None:
            self._clock = self.loop.call_later(HEAD_SECONDS, self._time_out)
        super().on_message_begin()
        # For an answer that goes on, whose client takes nothing of it.
        self.scope["extensions"] = cast("Any", {"tracker.abort": self.transport.abort})

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; drop a trailer, which must not be taken for one (RFC 9110, 6.5.1)."""
        if self._in_head:
            super().on_header(name, value)
            return
        self._trailers += 1
        if len(self.headers) + self._trailers > HEADERS_MAX:
            self._give_up("head-too-large")

    def on_headers_complete(self) -> None:
        """Check the form and limits of a complete head."""
        self._stop_clock()
        self._in_head, self._overhead = False, 0
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if len(self.url) > ADDRESS_BYTES_MAX:
            self._give_up("address-too-long")
        if len(self.headers) > HEADERS_MAX or size > HEAD_BYTES_MAX:
            self._give_up("head-too-large")
        if len(self.pipeline) >= PIPELINED_MAX:
            self._give_up("overloaded")
        self._check_framing()
        self._use_host_of_address()
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """Leave the frame of a chunk out of the count; an extension is counted."""
        self._overhead -= CHUNK_BYTES

    def on_body(self, body: bytes) -> None:
        """Leave content out of the count: the body has a limit of its own."""
        self._overhead -= len(body)
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Note since when nothing has been asked.

        The next request waits until the client has taken this answer: whoever sends many and takes
        nothing has one answer made, and no second one kept.
        """
        self.silent_since = self.loop.time()
        self._next_waits = bool(self.pipeline) and self.flow.write_paused
        if not self._next_waits:
            super().on_response_complete()

    def pause_writing(self) -> None:
        """Note since when the client takes nothing, and drop answers if too many bytes wait."""
        super().pause_writing()
        self.unread_since = self.loop.time()
        self._drop_unread_answers()

    def resume_writing(self) -> None:
        """Go on with the request that has waited for the client."""
        super().resume_writing()
        if self._next_waits:
            self._next_waits = False
            super().on_response_complete()

    def on_message_complete(self) -> None:
        """Count the next head from nothing."""
        self._overhead = 0
        super().on_message_complete()

    def _is_one_of_too_many(self) -> bool:
        """Return whether the address of this connection has more than it may."""
        host = self.client[0] if self.client else ""
        self._client = client_at(host)
        if self._client == "loopback":
            return False
        count = sum(getattr(other, "_client", "") == self._client for other in self.connections)
        return count > CONNECTIONS_EACH_MAX and not any(
            ip_address(host) in ip_network(proxy) for proxy in self.config.forwarded_allow_ips or ()
        )

    def _take_silent_place(self) -> bool:
        """Close the connection that has been silent for longest; return whether one was."""
        silent = [
            other
            for other in self.connections
            if isinstance(other, Protocol) and other is not self and other.is_silent()
        ]
        if silent:
            min(silent, key=lambda other: other.silent_since).transport.close()
        return bool(silent)

    def is_silent(self) -> bool:
        """Return whether no request is being answered, nor an answer being sent."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        is_answering = cycle is not None and not cycle.response_complete
        is_sending = self.transport.is_closing() or self.transport.get_write_buffer_size() > 0
        return not (is_answering or is_sending or self.pipeline)

    def _drop_unread_answers(self) -> None:
        """Cut off clients, those that have taken nothing for longest first, until the rest fits."""
        waiting = sorted(
            (
                other
                for other in self.connections
                if isinstance(other, Protocol) and other.flow.write_paused
            ),
            key=lambda other: other.unread_since,
        )
        size = sum(other.transport.get_write_buffer_size() for other in waiting)
        for other in waiting:
            if size <= UNREAD_BYTES_MAX:
                return
            unread = other.transport.get_write_buffer_size()
            other.transport.abort()
            log.info("unread_answer_dropped", bytes=unread)
            size -= unread

    def _check_framing(self) -> None:
        """Refuse versions and codings by which two readers may see different requests."""
        version = self.parser.get_http_version()  # pyright: ignore[reportOptionalMemberAccess]
        codings = b",".join(v.lower() for name, v in self.headers if name == b"transfer-encoding")
        has_end = version == "1.1" and codings.endswith(b"chunked")
        if version not in VERSIONS or (codings and not has_end) or b"#" in self.url:
            self._give_up("unreadable")
        if codings not in {b"", b"chunked"}:
            self._give_up("unknown-coding")

    def _use_host_of_address(self) -> None:
        """Put the host of an absolute address in the place of the Host header (RFC 9112, 3.2.2)."""
        if self.url.startswith(b"/") or self.url == b"*":
            return
        address = parse_url(self.url)
        userinfo = cast("bytes | None", address.userinfo)
        if userinfo is not None or address.schema.lower() not in SCHEMES:
            self._give_up("unreadable")
        host = b"[%b]" % address.host if b":" in address.host else address.host
        self.headers[:] = [
            (name, host if name == b"host" else value) for name, value in self.headers
        ]

    def _give_up(self, slug: str) -> None:
        """Stop parsing: httptools also stops when a callback raises."""
        self._refused = slug
        raise ValueError(slug)

    def _time_out(self) -> None:
        self._clock = None
        if self._overhead:
            self._refuse("timed-out")
        else:
            self.transport.close()

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _refuse(self, slug: str) -> None:
        """Answer with a problem and close the connection.

        Only close it if the problem would be taken for the answer to an earlier request.
        """
        if self.transport.is_closing():
            return
        self._stop_clock()
        cycle = cast("RequestResponseCycle | None", self.cycle)
        is_answering = cycle is not None and not (
            cycle.response_complete or (cycle.more_body and not cycle.response_started)
        )
        if not is_answering and not self.pipeline:
            self.transport.write(refusals.answer(slug, self.server_state.default_headers))
            log.info("request_refused", problem=slug)
        self.transport.close()
