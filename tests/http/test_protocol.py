"""Requests on the wire: limits of size and time, proxies, hosts, and readable refusals."""

import time
from collections.abc import Callable
from contextlib import closing

import pytest
import structlog
from litestar.types import Scope

from adapters.postgres.database import Database
from api.http import intake
from api.http.connections import protocol
from api.http.headers import DEFAULT_HEADERS
from api.http.rate_limits import client_of
from tests.support.data.examples import INSPECTOR
from tests.support.served.raw import Answer, Connection, exchange, head
from tests.support.served.serving import Service, serving, settings

HOST = "127.0.0.1"
QUICK = 0.3
TICK = 0.001
"""The loop counts time in whole milliseconds, so that it may be early by less than one."""


def refused(answer: Answer | None, status: int, slug: str) -> Answer:
    """The answer, which is a problem with all that any answer has."""
    assert answer is not None
    assert (answer.status, answer.problem) == (status, slug)
    for name, value in {**DEFAULT_HEADERS, "Cache-Control": "no-store"}.items():
        assert answer.all(name) == [value]
    return answer


# Size


def test_an_address_over_the_length_limit_is_refused(service: Service) -> None:
    address = "/health/live?q="
    address += "x" * (protocol.ADDRESS_BYTES_MAX - len(address))
    exact = exchange(service.url, head("GET", address, HOST))
    assert exact is not None
    assert exact.status == 200
    longer = exchange(service.url, head("GET", f"{address}x", HOST))
    refused(longer, 414, "address-too-long")


def test_a_request_with_too_many_headers_is_refused(service: Service) -> None:
    most = [(f"X-{number}", "x") for number in range(protocol.HEADERS_MAX - 1)]
    taken = exchange(service.url, head("GET", "/v1/forces", HOST, most))
    assert taken is not None
    assert taken.status == 200
    sent = head("GET", "/v1/forces", HOST, [*most, ("X", "x")])
    refused(exchange(service.url, sent), 431, "head-too-large")


@pytest.mark.parametrize("parts", [1, 100])
def test_headers_over_the_total_size_limit_are_refused(service: Service, parts: int) -> None:
    value = "x" * (protocol.HEAD_BYTES_MAX // parts)
    many = [(f"X-{number}", value) for number in range(min(parts, protocol.HEADERS_MAX - 1))]
    refused(exchange(service.url, head("GET", "/v1/forces", HOST, many)), 431, "head-too-large")


@pytest.mark.parametrize(
    "begun", [b"GET /", b"GET / HTTP/1.1\r\nX: ", b"GET / HTTP/1.1\r\n", b"\r\n"]
)
def test_an_endless_head_is_cut_off(service: Service, begun: bytes) -> None:
    filling = b"\r\n" if begun.endswith(b"\n") and len(begun) == 2 else b"x"
    with closing(Connection(service.url)) as connection:
        connection.send(begun, *[filling * 4096] * 40, pause=0.001)
        answer = connection.answer()
        assert answer is None or answer.status == 431
        assert connection.is_over()


def test_a_query_with_too_many_parameters_is_refused(service: Service) -> None:
    answer = service.get("/v1/recommendations?" + "&".join(["q=x"] * 51))
    assert answer.status_code == 400
    assert "50 parameters at most" in answer.json()["detail"]
    assert "more than once" in service.get("/v1/recommendations?" + "&".join(["q=x"] * 50)).text


def test_a_chunked_body_over_the_size_limit_is_refused(service: Service) -> None:
    headers = [
        *service.headers(INSPECTOR).items(),
        ("Content-Type", "application/json"),
        ("Transfer-Encoding", "chunked"),
    ]
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    with closing(Connection(service.url)) as connection:
        connection.send(head("POST", "/v1/reports", HOST, headers), *[chunk] * 20)
        refused(connection.answer(), 413, "too-large")


# Time


@pytest.mark.parametrize("begun", [b"", b"GET /v1/forces HTTP/1.1\r\nHost: "])
def test_a_head_that_does_not_come_in_time_is_refused(
    service: Service, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", QUICK)
    began = time.monotonic()
    with closing(Connection(service.url)) as connection:
        connection.send(begun)
        if begun:
            refused(connection.answer(), 408, "timed-out")
        assert connection.is_over()
    assert QUICK - TICK <= time.monotonic() - began < 5


def test_a_dripping_head_gains_no_time(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", QUICK)
    with closing(Connection(service.url)) as connection:
        connection.send(b"GET /v1/forces HTTP/1.1\r\n", *[b"X: x\r\n"] * 5, pause=0.1)
        refused(connection.answer(), 408, "timed-out")


def test_a_body_that_does_not_come_in_time_is_refused(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BODY_SECONDS", QUICK)
    headers = [
        *service.headers(INSPECTOR).items(),
        ("Content-Type", "application/json"),
        ("Content-Length", "1000"),
    ]
    with closing(Connection(service.url)) as connection:
        connection.send(head("POST", "/v1/reports", HOST, headers), *[b" "] * 5, pause=0.1)
        answer = refused(connection.answer(), 408, "timed-out")
        assert answer.all("Connection") == ["close"]
        assert connection.is_over()


def test_an_idle_connection_is_closed_despite_blank_lines(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.server.config, "timeout_keep_alive", QUICK)
    with closing(Connection(service.url)) as connection:
        connection.send(head("GET", "/v1/forces", HOST))
        assert connection.answer() is not None
        connection.send(*[b"\r\n"] * 5, pause=0.1)
        assert connection.is_over()


def test_a_connection_serves_one_request_after_another(service: Service) -> None:
    with closing(Connection(service.url)) as connection:
        for _ in range(3):
            connection.send(head("GET", "/v1/forces", HOST))
            answer = connection.answer()
            assert answer is not None
            assert answer.status == 200


# Form


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET /v1/forces HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
        b"BREW /v1/forces HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET v1/forces HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /v1/forces HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n",
        b"GET /v1/forces HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\x00b\r\n\r\n",
        b"GET /v1/forces HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\r\n folded\r\n\r\n",
        b"GET /v1/forces HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: localhost\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/reports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/reports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1_0\r\n\r\n",
        b"POST /v1/reports HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: x, y\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_bytes_that_are_not_http_are_refused(service: Service, sent: bytes) -> None:
    refused(exchange(service.url, sent), 400, "unreadable")


def test_unreadable_bytes_after_a_request_do_not_replace_its_answer(
    service: Service,
) -> None:
    """A shared connection would otherwise give one asker the answer to another."""
    with closing(Connection(service.url)) as connection:
        connection.send(head("GET", "/v1/progress", HOST) + b"nonsense\r\n\r\n")
        answer = connection.answer()
        assert answer is None or answer.status == 200


def test_an_upgrade_to_another_protocol_is_ignored(service: Service) -> None:
    for named in ("websocket", "h2c"):
        sent = head("GET", "/v1/forces", HOST, [("Connection", "Upgrade"), ("Upgrade", named)])
        answer = exchange(service.url, sent)
        assert answer is not None
        assert answer.status == 200


def test_a_refusal_is_logged_without_what_was_sent(service: Service) -> None:
    with structlog.testing.capture_logs() as logs:
        exchange(service.url, b"canary\r\n\r\n")
    lines = [line for line in logs if line["event"] == "request_refused"]
    assert lines == [{"event": "request_refused", "problem": "unreadable", "log_level": "info"}]
    assert "canary" not in str(logs)


# From whom


def test_the_headers_of_an_unnamed_proxy_are_ignored(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(intake, "client_of", noting(seen))
    service.get("/v1/forces", X_Forwarded_For="203.0.113.5", Forwarded="for=203.0.113.5")
    assert seen == ["loopback"]


def test_a_named_proxy_states_only_the_address_of_the_client(
    make_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(TRACKER_TRUSTED_PROXIES="127.0.0.1/32, 198.51.100.0/24")
    with serving(make_database, chosen=chosen) as service:
        seen: list[str] = []
        monkeypatch.setattr(intake, "client_of", noting(seen))
        service.get("/v1/forces", X_Forwarded_For="192.0.2.1, 203.0.113.5, 198.51.100.7")
        assert seen == ["203.0.113.5"], "the last that no trusted proxy has said of itself"
        answer = service.get("/v1/forces", Host="evil.example", X_Forwarded_Host="localhost")
        assert answer.status_code == 421


def test_only_the_public_host_name_is_answered(make_database: Database) -> None:
    chosen = settings(TRACKER_PUBLIC_URL="https://tracker.example")
    with serving(make_database, chosen=chosen) as service:
        for host, status in (
            ("tracker.example", 200), ("Tracker.Example:443", 200), ("localhost", 200),
            ("other.example", 421), ("tracker.example.evil.example", 421), ("", 421),
        ):  # fmt: skip
            answer = service.get("/v1/forces", Host=host)
            assert answer.status_code == status, host


@pytest.mark.parametrize("path", ["/v1/forces", "/nothing", "/v1/worklist", "/health/live"])
def test_another_host_is_refused_on_every_path(service: Service, path: str) -> None:
    answer = service.get(path, INSPECTOR, Host="tracker.example")
    assert answer.status_code == 421
    assert answer.json()["type"] == "/problems/misdirected"


def noting(seen: list[str]) -> Callable[[Scope], str]:
    def note(scope: Scope) -> str:
        seen.append(client_of(scope))
        return seen[-1]

    return note
