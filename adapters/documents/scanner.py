"""Scanner of documents: a clamd, spoken to by its INSTREAM command.

Anything but its clear word counts as unscanned. clamd answers OK too for what its own limits keep
it from scanning; docs/security.md says which to set.
"""

import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NoReturn, TypeAlias

from msgspec import Struct

CONNECT_SECONDS = 5.0
SCAN_SECONDS = 30.0
"""How long one scan may take, from the connection to the answer."""
CHUNK_BYTES = 65_536
ANSWER_BYTES_MAX = 4_096
PORT_MAX = 65_535
PATH_BYTES_MAX = 107
"""The longest path of a socket on Linux."""
LOOPBACK = "127.0.0.1"

Address: TypeAlias = str | tuple[str, int]
"""The path of a socket, or a host and a port."""

_HOST_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]*)):([0-9]{1,5})")
_FOUND = re.compile(rb"stream: ([!-~]{1,200}) FOUND")
_TOO_LARGE = b"INSTREAM size limit exceeded. ERROR"
_LENGTH = struct.Struct(">I")


class Infected(Exception):  # noqa: N818  an answer, not a fault
    """The scanner found something; `signature` is its name for that."""

    def __init__(self, signature: str) -> None:
        super().__init__(f"The scanner found {signature} in the document.")
        self.signature = signature


class Unscanned(Exception):  # noqa: N818  an answer, not a fault
    """The document could not be scanned. Says why."""


class Scanner(Struct, frozen=True):
    """A clamd at an address. Threads may share it: each scan has a connection of its own."""

    address: Address
    scan_seconds: float = SCAN_SECONDS

    def scan(self, content: bytes) -> None:
        """Return if the scanner finds nothing. Raises Infected or Unscanned."""
        until = time.monotonic() + self.scan_seconds
        try:
            with self._connect() as connection:
                # A scanner that has seen enough stops reading, and its answer says why.
                with suppress(BrokenPipeError, ConnectionResetError):
                    for part in _command(content):
                        connection.settimeout(_left(until))
                        connection.sendall(part)
                answer = _answer(connection, until)
        except TimeoutError:
            raise Unscanned("The scanner did not answer in time.") from None
        except ConnectionError:
            _refuse_silence()
        if answer == b"stream: OK":
            return
        if match := _FOUND.fullmatch(answer):
            raise Infected(match[1].decode())
        if answer == _TOO_LARGE:
            raise Unscanned("The document is larger than the scanner takes (StreamMaxLength).")
        raise Unscanned("The scanner gave an answer that is not understood.")

    def _connect(self) -> socket.socket:
        try:
            if isinstance(self.address, tuple):
                return socket.create_connection(self.address, CONNECT_SECONDS)
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(CONNECT_SECONDS)
            try:
                connection.connect(self.address)
            except OSError:
                connection.close()
                raise
        except OSError:
            raise Unscanned("The scanner cannot be reached.") from None
        return connection


def scanner_at(text: str) -> Scanner:
    """Return the scanner at the path of a socket or at host:port; without a host, on the loopback.

    Raises ValueError.
    """
    if text.startswith("/") and len(text.encode()) <= PATH_BYTES_MAX:
        return Scanner(text)
    match = _HOST_PORT.fullmatch(text)
    if match is None or not 0 < int(match[3]) <= PORT_MAX:
        raise ValueError("give host:port, :port on this machine, or the full path of a socket")
    return Scanner((match[1] or match[2] or LOOPBACK, int(match[3])))


def _command(content: bytes) -> Iterator[bytes]:
    """Yield the command in parts: each chunk after its length, and a length of 0 at the end."""
    yield b"zINSTREAM\0"
    view = memoryview(content)
    for first in range(0, len(view), CHUNK_BYTES):
        chunk = view[first : first + CHUNK_BYTES]
        yield _LENGTH.pack(len(chunk))
        yield bytes(chunk)
    yield _LENGTH.pack(0)


def _answer(connection: socket.socket, until: float) -> bytes:
    """Return the answer before its final zero byte."""
    answer = b""
    while b"\0" not in answer:
        connection.settimeout(_left(until))
        part = connection.recv(ANSWER_BYTES_MAX)
        if not part or len(answer) > ANSWER_BYTES_MAX:
            _refuse_silence()
        answer += part
    return answer.partition(b"\0")[0]


def _left(until: float) -> float:
    """Return the seconds that are left. Raises TimeoutError if there are none."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _refuse_silence() -> NoReturn:
    raise Unscanned("The scanner closed the connection without an answer.") from None
