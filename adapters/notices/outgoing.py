"""Requests to addresses that somebody else chose: none reaches a network that is not public.

A name is resolved once, each of its addresses is checked, and the connection goes to a checked one,
so that no later answer of the DNS counts. Redirects are not followed, proxies of the environment
are not used, and nothing of an answer but its status is kept.
"""

import base64
import hashlib
import hmac
import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue
from typing import Literal
from urllib.parse import urlsplit

URL_BYTES_MAX = 2_000
DELIVERY_SECONDS = 10.0
"""How long a delivery may take, from the look-up of the name to the status of the answer."""
SECRET_PREFIX = "whsec_"  # noqa: S105  as the specification writes it
UNICAST = IPv6Network("2000::/3")
"""The global unicast addresses of IPv6; what translates to IPv4 elsewhere is outside."""
NOT_PUBLIC = (
    IPv6Network("2002::/16"),  # 6to4, which leads to an address of IPv4
    IPv4Network("192.88.99.0/24"),  # its relays
    IPv6Network("2001::/32"),  # Teredo, which leads to one, too
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
    IPv4Network("168.63.129.16/32"),  # the host of a virtual machine of Azure
)
"""Networks that are global by the registries that Python knows, and not of the public internet."""

Reason = Literal["no-address", "not-public", "no-connection", "timed-out", "no-answer"]


class Undelivered(Exception):  # noqa: N818  says what is the matter
    """A receiver did not answer. Says why, in a code."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def check_url(url: str, *, loopback: bool) -> None:
    """Check the form of a receiver's address. Raises ValueError, in words.

    `loopback` allows http, and addresses of this machine: for demonstrations and tests.
    """
    if len(url.encode()) > URL_BYTES_MAX:
        raise ValueError(f"The address has more than {URL_BYTES_MAX} bytes.")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("Write the address in printable ASCII characters, without spaces.")
    parts = urlsplit(url)
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        raise ValueError("The address must begin with https://.")
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValueError("The address must name a host, and neither user nor password.")
    if _is_known_private(parts.hostname, loopback=loopback):
        raise ValueError("The address is of no public network.")
    if parts.fragment:
        raise ValueError("The address must have no fragment (#).")
    if parts.port == 0:
        raise ValueError("There is no port 0.")


def _is_known_private(host: str, *, loopback: bool) -> bool:
    """Return whether a host is written as an IP address that is not allowed."""
    try:
        address = ip_address(host)
    except ValueError:
        return False  # a name, which is resolved when it is used
    return not is_public(host) and not (loopback and address.is_loopback)


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet."""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if not parsed.is_global or any(parsed in network for network in NOT_PUBLIC):
        return False
    return not parsed.is_multicast if isinstance(parsed, IPv4Address) else parsed in UNICAST


def resolve(host: str, port: int, *, loopback: bool, seconds: float = DELIVERY_SECONDS) -> str:
    """Return an IP address of a host, each of which is public. Raises Undelivered."""
    addresses = _look_up(host, port, seconds)
    for address in addresses:
        own = loopback and ip_address(address.partition("%")[0]).is_loopback
        if not own and not is_public(address):
            raise Undelivered("not-public")
    return addresses[0]


def _look_up(host: str, port: int, seconds: float) -> list[str]:
    answers: SimpleQueue[list[str] | None] = SimpleQueue()

    def ask() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([str(info[4][0]) for info in infos])
        except (OSError, UnicodeError):
            answers.put(None)

    # The resolver keeps a time of its own, so a thread that nobody waits for asks it.
    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        addresses = answers.get(timeout=seconds)
    except Empty:
        raise Undelivered("timed-out") from None
    if addresses is None:
        raise Undelivered("no-address")
    return addresses


def signature(secrets: Sequence[bytes], identity: str, at: int, body: bytes) -> str:
    """Return the signatures of a webhook, one for each secret (Standard Webhooks, `v1`)."""
    signed = f"{identity}.{at}.".encode() + body
    digests = (hmac.digest(secret, signed, hashlib.sha256) for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def connection_to(host: str, port: int, *, secure: bool) -> http.client.HTTPConnection:
    """Return a connection that has no socket yet, and names a port only if it is not the usual."""
    connection = http.client.HTTPConnection(host, port)
    connection.default_port = 443 if secure else 80
    return connection


def post(url: str, headers: Mapping[str, str], body: bytes, *, loopback: bool) -> int:
    """Post a body to a checked URL, and return the status of the answer. Raises Undelivered."""
    ends_at = time.monotonic() + DELIVERY_SECONDS
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host, port = str(parts.hostname), parts.port or (443 if secure else 80)
    address = resolve(host, port, loopback=loopback, seconds=DELIVERY_SECONDS)
    connection = connection_to(host, port, secure=secure)
    is_late = threading.Event()
    try:
        plain = socket.create_connection((address, port), timeout=_left(ends_at))
    except OSError:
        raise Undelivered("no-connection") from None
    with _Deadline(plain, _left(ends_at), is_late):
        try:
            connection.sock = (
                ssl.create_default_context().wrap_socket(plain, server_hostname=host)
                if secure
                else plain
            )
            target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            connection.request("POST", target, body, {**headers, "Connection": "close"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException, ValueError):
            raise Undelivered("timed-out" if is_late.is_set() else "no-answer") from None
        finally:
            connection.close()
            plain.close()


def _left(ends_at: float) -> float:
    """Return the seconds left until a moment of the monotonic clock, and more than none."""
    return max(ends_at - time.monotonic(), 0.001)


class _Deadline:
    """Cuts a connection after some seconds, however slowly its other end goes on."""

    def __init__(self, connection: socket.socket, seconds: float, is_late: threading.Event) -> None:
        self._end = socket.socket(fileno=os.dup(connection.fileno()))
        self._is_late = is_late
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        self._end.close()

    def _cut(self) -> None:
        self._is_late.set()
        with suppress(OSError):
            self._end.shutdown(socket.SHUT_RDWR)
