"""HTTP by the byte, for clients that follow no rules."""

import socket
import time
from collections.abc import Iterable
from contextlib import closing
from http.client import HTTPResponse
from select import select

import msgspec
from msgspec import Struct

SECONDS = 60.0
"""The longest wait for an answer, of a machine that is busy with much else."""


class Answer(Struct):
    """A response: status, headers and body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for known, value in self.headers if known.lower() == name.lower()]

    @property
    def problem(self) -> str:
        """The slug of the problem in the body; an error of OData has it within."""
        told = msgspec.json.decode(self.body)
        if self.all("odata-version"):
            told = told["error"]["innererror"]
        else:
            assert self.all("content-type") == ["application/problem+json"], self
        kind: str = told["type"]
        return kind.removeprefix("/problems/")


class Connection:
    """A connection that sends any bytes, valid or not."""

    def __init__(self, url: str, source: str = "") -> None:
        host, port = url.removeprefix("http://").split(":")
        self._socket = socket.create_connection(
            (host, int(port)), timeout=SECONDS, source_address=(source, 0) if source else None
        )
        self.host = f"{host}:{port}"

    def close(self) -> None:
        self._socket.close()

    def send(self, *parts: bytes, pause: float = 0) -> None:
        """Send some bytes; those that the server no longer reads are lost."""
        for part in parts:
            try:
                self._socket.sendall(part)
            except (BrokenPipeError, ConnectionResetError):
                return
            if pause:
                time.sleep(pause)

    def answer(self, method: str = "GET") -> Answer | None:
        """Return the next response, or None if the server hung up without one."""
        try:
            # Its file keeps the socket open, whatever closes the connection, until it is closed.
            with closing(HTTPResponse(self._socket, method=method)) as response:
                response.begin()
                return Answer(response.status, response.getheaders(), response.read())
        except (ConnectionError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            return None

    def is_dropped(self) -> bool:
        """Return whether the server has ended the connection while it was idle; do not wait."""
        readable, _, _ = select([self._socket], [], [], 0)
        return bool(readable) and self.is_over()

    def is_over(self) -> bool:
        """Return whether the server has hung up."""
        try:
            return self._socket.recv(1) == b""
        except ConnectionResetError:
            return True


def head(method: str, target: str, host: str, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """Return the head of a request, unchecked."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def exchange(url: str, data: bytes, method: str = "GET") -> Answer | None:
    """Return the response to some bytes sent on a new connection."""
    connection = Connection(url)
    try:
        connection.send(data)
        return connection.answer(method)
    finally:
        connection.close()
