"""A load generator: clients that keep their connections and send the next request on an answer.

HTTP/1.1 by hand, since a client library costs more than the service that it asks.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle
from typing import cast
from urllib.parse import urlsplit

import uvloop
from msgspec import Struct

from deploy.bench import processes

WARM_UP_SECONDS = 0.5
GIVE_UP_SECONDS = 30
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


class Answered(Struct, frozen=True):
    """How many requests were answered in how many seconds; the first bad answer, if any."""

    count: int
    seconds: float
    bad: str | None


class Load(Struct, frozen=True, tag=True):
    """Some clients that send requests in turn, each its own share of them."""

    address: str
    requests: Sequence[str]
    clients: int
    seconds: float

    def run(self) -> Answered:
        """Send them for a while, after a warm-up."""
        return uvloop.run(_load(self))


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.count = 0
        self.bad: str | None = None
        self.stopping = False
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own, of the same form
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count an answer once it is whole, and send the next request."""
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
        """End; the service hung up unless we did."""
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


async def _load(load: Load) -> Answered:
    where = urlsplit(load.address)
    if where.hostname is None or where.port is None:
        raise ValueError(f"{load.address} is no address of a service")
    loop = asyncio.get_running_loop()
    encoded = [request.encode() for request in load.requests]
    clients: list[_Client] = []
    for number in range(load.clients):
        mine = cycle(encoded[number :: load.clients] or encoded)
        connected = await loop.create_connection(partial(_Client, mine), where.hostname, where.port)
        clients.append(connected[1])
    await asyncio.sleep(WARM_UP_SECONDS)
    before, began = sum(client.count for client in clients), time.perf_counter()
    await asyncio.sleep(load.seconds)
    count, seconds = sum(client.count for client in clients) - before, time.perf_counter() - began
    for client in clients:
        client.stopping = True
    async with asyncio.timeout(GIVE_UP_SECONDS):
        await asyncio.gather(*(client.done for client in clients))
    return Answered(count, seconds, next((client.bad for client in clients if client.bad), None))


def get(path: str) -> str:
    """A request that reads."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def post(path: str, body: str, token: str = "") -> str:
    """A request that writes JSON."""
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{bearer}Content-Type: application/json\r\n"
        f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
    )


def asking(address: str, asked: Sequence[str], clients: int, seconds: float) -> float:
    """Requests a second that a service answers to a load from another process.

    Raises Failed if one of the answers was not a good one.
    """
    answered = processes.helped(Load(address, asked, clients, seconds), Answered)
    if answered.bad:
        raise processes.Failed(f"a request was answered with: {answered.bad}")
    return answered.count / answered.seconds
