"""HTTP by the byte: what a client that follows no rules sends, and what it is answered."""

import socket
import time
from collections.abc import Iterable
from http.client import HTTPResponse

import msgspec
from msgspec import Struct

SECONDS = 10.0


class Answer(Struct):
    """One answer, taken apart."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for known, value in self.headers if known.lower() == name.lower()]

    @property
    def problem(self) -> str:
        """The kind of problem that it is."""
        assert self.all("content-type") == ["application/problem+json"], self
        kind: str = msgspec.json.decode(self.body)["type"]
        return kind.removeprefix("/problems/")


class Connection:
    """A connection that is used as nobody should."""

    def __init__(self, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        self._socket = socket.create_connection((host, int(port)), timeout=SECONDS)
        self.host = f"{host}:{port}"

    def close(self) -> None:
        self._socket.close()

    def send(self, *parts: bytes, pause: float = 0) -> None:
        """Send some bytes; what the other side no longer takes is lost."""
        for part in parts:
            try:
                self._socket.sendall(part)
            except (BrokenPipeError, ConnectionResetError):
                return
            if pause:
                time.sleep(pause)

    def answer(self, method: str = "GET") -> Answer | None:
        """The next answer; None if the other side hung up without one."""
        response = HTTPResponse(self._socket, method=method)
        try:
            response.begin()
            return Answer(response.status, response.getheaders(), response.read())
        except (ConnectionError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            return None

    def is_over(self) -> bool:
        """Say whether the other side has hung up."""
        try:
            return self._socket.recv(1) == b""
        except ConnectionResetError:
            return True


def head(method: str, target: str, host: str, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """The head of a request, as it is."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def asked(url: str, sent: bytes, method: str = "GET") -> Answer | None:
    """The answer to some bytes on a connection of their own."""
    connection = Connection(url)
    try:
        connection.send(sent)
        return connection.answer(method)
    finally:
        connection.close()
