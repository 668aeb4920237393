"""An HTTP load generator: persistent connections that send the next request on each answer.

HTTP/1.1 is written by hand, since a client library costs more than the service under test.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from http.client import HTTPConnection
from itertools import cycle
from typing import cast
from urllib.parse import urlencode, urlsplit

import uvloop
from msgspec import Struct

from deploy.bench import processes

WARM_UP_SECONDS = 0.5
GIVE_UP_SECONDS = 30
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


class LoadResult(Struct, frozen=True):
    """The number of answers, the seconds they took, and the first bad answer, if any."""

    count: int
    seconds: float
    bad: str | None


class HttpLoad(Struct, frozen=True, tag=True):
    """Clients that send requests in turn, each its own share of them."""

    address: str
    requests: Sequence[str]
    clients: int
    seconds: float

    def run(self) -> LoadResult:
        """Send requests for a while, after a warm-up; return the result."""
        return uvloop.run(_load(self))


class _Client(asyncio.Protocol):
    """A single connection."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.count = 0
        self.bad: str | None = None
        self.stopping = False
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        # uvloop has a class of its own with the same interface.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count an answer once it is complete, and send the next request."""
        self._buffer += data
        end = self._buffer.find(HEAD_END)
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(LENGTH)
        length = int(head[at + len(LENGTH) :].split(b"\r", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + len(HEAD_END) + length:
            return
        if not head.startswith(b"http/1.1 2"):
            self.bad = self.bad or self._buffer.decode(errors="replace")
        self._buffer = b""
        self.count += 1
        if self.stopping:
            self._finish()
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Finish; it is a fault if the service closed the connection first."""
        if not self.done.done():
            self.bad = self.bad or f"the connection was lost: {exc!r}"
            self._finish()

    def _send(self) -> None:
        if self._transport:
            self._transport.write(next(self._requests))

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
        if self._transport:
            self._transport.close()


async def _load(load: HttpLoad) -> LoadResult:
    url = urlsplit(load.address)
    if url.hostname is None or url.port is None:
        raise ValueError(f"{load.address} is not the address of a service")
    loop = asyncio.get_running_loop()
    encoded = [request.encode() for request in load.requests]
    clients: list[_Client] = []
    for number in range(load.clients):
        mine = cycle(encoded[number :: load.clients] or encoded)
        connected = await loop.create_connection(partial(_Client, mine), url.hostname, url.port)
        clients.append(connected[1])
    await asyncio.sleep(WARM_UP_SECONDS)
    before, began = sum(client.count for client in clients), time.perf_counter()
    await asyncio.sleep(load.seconds)
    count, seconds = sum(client.count for client in clients) - before, time.perf_counter() - began
    for client in clients:
        client.stopping = True
    async with asyncio.timeout(GIVE_UP_SECONDS):
        await asyncio.gather(*(client.done for client in clients))
    return LoadResult(count, seconds, next((client.bad for client in clients if client.bad), None))


def get(path: str, cookie: str = "") -> str:
    """Return a request that reads."""
    session = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{session}\r\n"


def post(path: str, body: str, token: str = "") -> str:
    """Return a request that writes JSON."""
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{bearer}Content-Type: application/json\r\n"
        f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
    )


def request_rate(address: str, requests: Sequence[str], clients: int, seconds: float) -> float:
    """Return the requests per second that a service answers to another process.

    Raises Failed if any answer was bad.
    """
    result = processes.run_helper(HttpLoad(address, requests, clients, seconds), LoadResult)
    if result.bad:
        raise processes.Failed(f"a request was answered with: {result.bad}")
    return result.count / result.seconds


def sign_in(address: str, code: str) -> str:
    """Sign in at a service by the code of a one-time link; return the cookie of the session.

    Raises Failed if the service refuses.
    """
    url = urlsplit(address)
    connection = HTTPConnection(url.netloc, timeout=GIVE_UP_SECONDS)
    with closing(connection):
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": address,
            "Sec-Fetch-Site": "same-origin",
        }
        connection.request("POST", "/sign-in/link", urlencode({"code": code}), headers)
        answer = connection.getresponse()
        session, _, _ = (answer.headers["Set-Cookie"] or "").partition(";")
    if not session:
        raise processes.Failed(f"the sign-in was answered with {answer.status}")
    return session
