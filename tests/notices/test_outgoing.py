"""Requests to other machines: to no private network, to what was checked, and for so long."""

import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from adapters.notices import outgoing
from adapters.notices.outgoing import (
    Undelivered,
    check_url,
    connection_to,
    is_public,
    post,
    resolve,
)
from tests.support.served.receiver import Receiver


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.org/", "https://"),
        ("ftp://example.org/", "https://"),
        ("https://", "name a host"),
        ("https://user:secret@example.org/", "neither user nor password"),
        ("https://example.org/#part", "fragment"),
        ("https://10.0.0.1/", "no public network"),
        ("https://[::1]:8000/", "no public network"),
        ("https://example.org/a b", "without spaces"),
        ("https://ex\u00e4mple.org/", "ASCII"),
        ("https://example.org:0/", "port 0"),
        ("https://example.org:99999/", "ort"),
        (f"https://example.org/{'a' * 2_000}", "2000 bytes"),
    ],
)
def test_an_address_of_another_form_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_url(url, loopback=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",  # noqa: S104
        "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1",
        "240.0.0.1", "255.255.255.255", "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "::127.0.0.1",
        "3fff::1", "3fff:fff::1", "192.88.99.1", "168.63.129.16", "::ffff:168.63.129.16",
    ],
)  # fmt: skip
def test_an_address_of_no_public_network_is_known_as_such(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "0x7f000001", "2130706433", "127.1", "0177.0.0.1", "::1"]
)
def test_no_spelling_of_this_machine_is_connected_to(host: str) -> None:
    with pytest.raises(Undelivered, match="not-public"):
        resolve(host, 443, loopback=False)


@contextmanager
def resolving(*answers: list[str], seconds: float = 0) -> Generator[None]:
    """Let a name have some addresses, one list for each look-up, which takes some seconds."""
    left, real = iter(answers), socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *more: int, **named: int) -> list[Any]:
        if not host.endswith(".example"):
            return [*real(host, port, *more, **named)]
        time.sleep(seconds)
        return [(2, 1, 6, "", (address, port)) for address in next(left)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


def test_a_name_is_resolved_once_and_connected_to_as_checked(receiver: Receiver) -> None:
    port = receiver.server.server_port
    with resolving(["127.0.0.1"], ["10.0.0.1"]):  # it moves after the check
        assert post(f"http://moving.example:{port}/", {}, b"{}", loopback=True) == 204
    headers, _ = receiver.requests[0]
    assert headers["host"] == f"moving.example:{port}"


def test_a_delivery_takes_so_long_with_the_look_up_of_the_name(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "DELIVERY_SECONDS", 2.0)
    receiver.seconds = 6
    url = f"http://slow.example:{receiver.server.server_port}/"
    began = time.monotonic()
    with resolving(["127.0.0.1"], seconds=1.5), pytest.raises(Undelivered, match="timed-out"):
        post(url, {}, b"{}", loopback=True)
    assert time.monotonic() - began < 1.5 + 2.0, "the look-up has no time of its own"


def test_a_name_whose_look_up_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "DELIVERY_SECONDS", 0.3)
    began = time.monotonic()
    with resolving(["127.0.0.1"], seconds=4), pytest.raises(Undelivered, match="timed-out"):
        post("http://slow.example/", {}, b"{}", loopback=True)
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("scheme", "port", "host"),
    [
        ("https", 443, b"example.com"),
        ("https", 8443, b"example.com:8443"),
        ("http", 80, b"example.com"),
    ],
)
def test_a_request_names_no_port_that_is_the_usual_one(scheme: str, port: int, host: bytes) -> None:
    connection = connection_to("example.com", port, secure=scheme == "https")
    connection.sock, other_end = socket.socketpair()
    with other_end:
        connection.request("POST", "/")
        assert b"\r\nHost: " + host + b"\r\n" in other_end.recv(1_000)
        connection.close()


def test_one_private_address_of_several_is_enough_to_refuse() -> None:
    with resolving(["1.1.1.1", "10.0.0.1"]), pytest.raises(Undelivered, match="not-public"):
        resolve("both.example", 443, loopback=False)
