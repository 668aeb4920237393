"""Where a request begins and ends: trailers, pipelines, versions, codings, absolute addresses."""

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest

from adapters.postgres.database import OWNER, Database
from api.http import intake
from api.http.connections import protocol
from deploy.bench import processes
from tests.http.test_protocol import HOST, noting, refused
from tests.support.data.examples import INSPECTOR
from tests.support.served.browser import Browser
from tests.support.served.raw import Answer, Connection, exchange, head
from tests.support.served.serving import Service, published, serving, settings

MEGABYTE = 1024 * 1024
TRAILERS = b"".join(b"X-%07d: y\r\n" % number for number in range(1_000))
COMMENT = b'{"type":"comment","comment":"Noted."}'
JSON = ("Content-Type", "application/json")
CHUNKED = ("Transfer-Encoding", "chunked")


def chunked(body: bytes, *trailers: bytes) -> bytes:
    """Return a body as one chunk, with trailers after it."""
    return b"%x\r\n%b\r\n0\r\n%b\r\n" % (len(body), body, b"".join(t + b"\r\n" for t in trailers))


@pytest.fixture(scope="module")
def path(service: Service) -> str:
    stream = published(service, "kent-framing-2022").recommendations[0]
    return f"/v1/recommendations/{stream}/commands"


def command(service: Service, path: str, *trailers: bytes, known: bool = True) -> Answer:
    """Send a comment as one packet, with trailers."""
    headers = [*service.headers(INSPECTOR if known else None).items(), JSON, CHUNKED]
    answer = exchange(
        service.url, head("POST", path, HOST, headers) + chunked(COMMENT, *trailers), "POST"
    )
    assert answer is not None
    return answer


# Trailers


def test_a_token_in_a_trailer_authenticates_nobody(service: Service, path: str) -> None:
    trailer = f"Authorization: Bearer {service.tokens[INSPECTOR]}".encode()
    refused(command(service, path, trailer, known=False), 401, "unauthenticated")


def test_a_condition_in_a_trailer_is_no_condition(service: Service, path: str) -> None:
    assert command(service, path, b'If-Match: "0"', b"Idempotency-Key: \xff").status == 201


def test_a_host_in_a_trailer_is_not_the_host(service: Service, path: str) -> None:
    assert command(service, path, b"Host: evil.example").status == 201


def test_a_site_in_a_trailer_is_not_the_origin_of_a_form(
    service: Service, path: str, make_database: Database
) -> None:
    browser = Browser(service).sign_in(make_database, INSPECTOR)
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    signed = [("Cookie", cookie), ("X-CSRF-Token", browser.csrf), JSON, CHUNKED]

    def answer(*headers: tuple[str, str]) -> Answer:
        body = chunked(COMMENT, b"Sec-Fetch-Site: same-origin")
        answer = exchange(service.url, head("POST", path, HOST, [*signed, *headers]) + body, "POST")
        assert answer is not None
        return answer

    refused(answer(), 403, "cross-site")
    assert answer(("Sec-Fetch-Site", "same-origin")).status == 201


def test_an_address_in_a_trailer_is_not_the_client(
    make_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    chosen = settings(TRACKER_TRUSTED_PROXIES="127.0.0.1")
    with serving(make_database, keep=False, chosen=chosen) as service:
        monkeypatch.setattr(intake, "client_of", noting(seen))
        command(service, "/v1/commands", b"X-Forwarded-For: 203.0.113.5")
    assert seen == ["loopback"]


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"0\r\n", TRAILERS),
        (b"0\r\nX: ", b"y" * 4096),
        (b"0\r\n", b"x" * 4096),
        (b"1;x=", b"y" * 4096),
        (b"1\r\nx\r\n0\r\n", TRAILERS),
    ],
    ids=["many", "long", "long-name", "long-extension", "after-a-body"],
)
def test_endless_trailers_are_cut_off(
    service: Service, path: str, begun: bytes, more: bytes
) -> None:
    headers = [*service.headers(INSPECTOR).items(), JSON, CHUNKED]
    with closing(Connection(service.url)) as connection:
        connection.send(head("POST", path, HOST, headers), begun, *[more] * 40, pause=0.001)
        refused(connection.answer(), 431, "head-too-large")
        assert connection.is_over()


def test_more_trailers_than_headers_allowed_are_refused(service: Service, path: str) -> None:
    most = [b"X: y"] * (protocol.HEADERS_MAX - 4)
    assert command(service, path, *most).status == 201
    refused(command(service, path, *most, b"X: y"), 431, "head-too-large")


def test_a_body_of_many_small_chunks_is_taken_whole(service: Service, path: str) -> None:
    body = msgspec.json.encode({"type": "comment", "comment": "x" * 3_000})
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    headers = [*service.headers(INSPECTOR).items(), JSON, CHUNKED]
    answer = exchange(service.url, head("POST", path, HOST, headers) + chunks, "POST")
    assert answer is not None
    assert answer.status == 201, answer


# Memory


@contextmanager
def process(database: Database) -> Generator[tuple[str, Callable[[], int]]]:
    """Run the service in a process of its own; yield its address, and its resident bytes."""
    command = ("-m", "api.cli", "serve", "--port", "0")
    with processes.running(command, database.conninfo(OWNER)) as (address, pid):
        status = Path(f"/proc/{pid}/statm")
        yield address, lambda: int(status.read_text("ascii").split()[1]) * 4096


def attack(address: str, *parts: bytes, times: int) -> None:
    """Send some bytes, and then others again and again, until the server hangs up."""
    with closing(Connection(address)) as connection:
        connection.send(parts[0], *[parts[1]] * times)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the memory from /proc")
def test_thirty_megabytes_of_trailers_or_pipelined_requests_take_no_memory(
    database: Database,
) -> None:
    begun = head("POST", "/v1/commands", HOST, [JSON, CHUNKED]) + b"0\r\n"
    request = head("GET", "/v1/forces", HOST)
    with process(database) as (address, resident):
        attack(address, request, request, times=50)
        before = resident()
        attack(address, begun, TRAILERS * 5, times=30 * MEGABYTE // len(TRAILERS * 5))
        attack(address, b"", request * 1_000, times=30 * MEGABYTE // len(request * 1_000))
        assert resident() - before < 20 * MEGABYTE
        assert exchange(address, request)


# Form


@pytest.mark.parametrize(
    "raw",
    [
        b"POST /v1/commands\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n[]",
        b"POST /v1/commands\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n[]",
        b"GET /v1/forces HTTP/0.9\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /v1/forces HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /v1/forces HTTP/1.1\nHost: 127.0.0.1\n\n",
        b"GET /v1/forces HTTP/1.1\r\nHost: 127.0.0.1\nX: y\r\n\r\n",
        b"GET /v1/forces#top HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET http://somebody@127.0.0.1/v1/forces HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET ftp://127.0.0.1/v1/forces HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST / HTTP/1.0\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_only_a_lenient_parser_would_take_is_refused(service: Service, raw: bytes) -> None:
    refused(exchange(service.url, raw, "POST"), 400, "unreadable")


@pytest.mark.parametrize("coding", ["gzip, chunked", "gzip\r\nTransfer-Encoding: chunked"])
def test_a_transfer_coding_other_than_chunked_is_refused(
    service: Service, path: str, coding: str
) -> None:
    headers = [*service.headers(INSPECTOR).items(), JSON, ("Transfer-Encoding", coding)]
    sent = head("POST", path, HOST, headers) + chunked(COMMENT)
    answer = refused(exchange(service.url, sent, "POST"), 501, "unknown-coding")
    assert answer.all("Connection") == ["close"]


def test_the_host_of_an_absolute_address_counts(service: Service) -> None:
    for target, host, status in (
        ("http://127.0.0.1/v1/forces", "127.0.0.1", 200),
        ("HTTP://LocalHost:80/v1/forces", "evil.example", 200),
        ("http://[::1]:8000/v1/forces", "127.0.0.1", 200),
        ("http://evil.example/v1/forces", "127.0.0.1", 421),
        ("https://evil.example:443/v1/forces", "127.0.0.1", 421),
    ):
        answer = exchange(service.url, head("GET", target, host))
        assert answer is not None
        assert answer.status == status, target
