"""The examples for nginx and Caddy, run by the real programs over TLS and HTTP/2."""

import socket
import ssl
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from uuid import uuid4

import h2.config
import h2.connection
import h2.events
import httpx
import msgspec
import pytest

from adapters.documents.store import DOCUMENT_BYTES_MAX
from adapters.identity.token_format import new_token
from api.http.connections.protocol import ADDRESS_BYTES_MAX, HEAD_BYTES_MAX
from api.http.forms import BODY_BYTES_MAX, FORM_READ_BYTES_MAX
from api.http.problem_types import PROBLEM_TYPES
from api.v1.notices.following import LIFETIME_SECONDS
from tests.support.data.examples import INSPECTOR, KENT, issue, publish
from tests.support.served.fronts import HOST, TIMES_QUICKER, Front, fronting
from tests.support.served.serving import Served, Service, published, settings

pytestmark = pytest.mark.slow

PROGRAMS = ("nginx", "caddy")
SECONDS = 20
FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "elsewhere.example",
    "Forwarded": "for=203.0.113.9",
}


@pytest.fixture(scope="module")
def served() -> Served:
    chosen = settings(TRACKER_PUBLIC_URL=f"https://{HOST}", TRACKER_TRUSTED_PROXIES="127.0.0.1")
    return Served(chosen=chosen)


@pytest.fixture(scope="module", params=PROGRAMS)
def front(request: pytest.FixtureRequest, service: Service) -> Generator[Front]:
    """A proxy in front of the service."""
    with fronting(request.param, service.url.removeprefix("http://")) as running:
        yield running


@pytest.fixture(scope="module")
def client(front: Front) -> Generator[httpx.Client]:
    """A browser's connection to it: HTTP/2 over TLS, with the certificate checked."""
    with httpx.Client(
        base_url=front.url,
        http2=True,
        verify=front.trust("h2", "http/1.1"),
        headers={"Host": HOST},
        timeout=SECONDS,
    ) as opened:
        opened.event_hooks["request"] = [_name_the_host]
        yield opened


def _name_the_host(request: httpx.Request) -> None:
    request.extensions["sni_hostname"] = HOST


class Recorder:
    """A server that keeps each request as it came, and answers 204."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def header(self, name: str) -> list[str]:
        """Return every value of a header in the last request."""
        lines = self.requests[-1].decode("latin-1").split("\r\n")
        pairs = [line.partition(": ") for line in lines]
        return [value for known, _, value in pairs if known.lower() == name.lower()]

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(0.3)
                data = b""
                with suppress(TimeoutError):  # everything has come once nothing more comes
                    while part := connection.recv(65_536):
                        data += part
                if data:
                    self.requests.append(data)
                    connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


@contextmanager
def recorded(program: str) -> Generator[tuple[Front, Recorder]]:
    """Run a proxy in front of a recorder."""
    recorder = Recorder()
    try:
        with fronting(program, recorder.address) as running:
            yield running, recorder
    finally:
        recorder.stop()


def answer_to(connection: ssl.SSLSocket, *parts: bytes) -> bytes:
    """Send bytes, and return all that comes back until the other side hangs up."""
    received = b""
    with connection, suppress(ConnectionError, ssl.SSLError):
        with suppress(ConnectionError, ssl.SSLError):  # it may answer before everything was sent
            for part in parts:
                connection.sendall(part)
        while data := connection.recv(65_536):
            received += data
    return received


def problem_of(answer: httpx.Response) -> str:
    """Return the slug of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    kind: str = answer.json()["type"]
    return kind.removeprefix("/problems/")


def test_a_page_comes_over_http2_with_the_headers_of_the_service(client: httpx.Client) -> None:
    answer = client.get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
    names = ("strict-transport-security", "content-security-policy", "x-content-type-options")
    assert [len(answer.headers.get_list(name)) for name in names] == [1, 1, 1]
    unchanged = client.get("/", headers={"If-None-Match": answer.headers["etag"]})
    assert unchanged.status_code == 304


def test_a_command_with_its_key_passes_and_is_recorded_once(
    client: httpx.Client, service: Service
) -> None:
    body = msgspec.to_builtins(publish(issue(), reference=f"kent-proxy-{uuid4().hex[:8]}"))
    headers = service.headers(INSPECTOR, {"Idempotency-Key": uuid4().hex})
    answers = [client.post("/v1/reports", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
    assert answers[0].json() == answers[1].json()


def test_a_document_of_the_largest_size_passes_both_ways(
    client: httpx.Client, service: Service
) -> None:
    stream = published(service, f"kent-proxy-{uuid4().hex[:8]}").recommendations[0]
    path = f"/v1/recommendations/{stream}/documents"
    content = b"All work.\n" * (DOCUMENT_BYTES_MAX // 10)
    headers = service.headers(KENT, {"Content-Type": "text/plain"})
    receipt = client.post(path, content=content, headers=headers)
    assert receipt.status_code == 201, receipt.text
    back = client.get(f"{path}/{receipt.json()['sha256']}", headers=headers)
    assert back.content == content


def test_the_service_itself_answers_for_what_is_too_large_for_it(
    client: httpx.Client, service: Service
) -> None:
    headers = service.headers(INSPECTOR, {"Content-Type": "application/json"})
    body = client.post("/v1/reports", content=b" " * (BODY_BYTES_MAX + 1), headers=headers)
    address = client.get("/?q=" + "a" * ADDRESS_BYTES_MAX)
    head = client.get(
        "/", headers={f"X-{n}": "a" * 8_000 for n in range(HEAD_BYTES_MAX // 8_000 + 1)}
    )
    for answer, status, slug in (
        (body, 413, "too-large"), (address, 414, "address-too-long"), (head, 431, "head-too-large"),
    ):  # fmt: skip
        assert (answer.status_code, problem_of(answer)) == (status, slug)
        assert answer.headers["x-request-id"]


def test_a_body_beyond_every_limit_is_refused_with_the_same_problem_by_either(
    front: Front, service: Service
) -> None:
    mebibytes = FORM_READ_BYTES_MAX // BODY_BYTES_MAX + 2
    head = (
        f"POST /v1/reports HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {service.tokens[INSPECTOR]}\r\n"
        f"Content-Length: {mebibytes * BODY_BYTES_MAX}\r\nConnection: close\r\n\r\n"
    )
    body = [b" " * BODY_BYTES_MAX] * mebibytes
    fields, _, content = answer_to(front.connect(), head.encode(), *body).partition(b"\r\n\r\n")
    assert b" 413 " in fields.partition(b"\r\n")[0]
    assert b"content-type: application/problem+json" in fields.lower()
    answer, kind = msgspec.json.decode(content), PROBLEM_TYPES["too-large"]
    assert (answer["type"], answer["status"]) == ("/problems/too-large", kind.status)
    assert (answer["title"], answer["detail"]) == (kind.title, kind.meaning)


def test_guesses_with_forged_addresses_count_as_those_of_one_client(client: httpx.Client) -> None:
    statuses = [
        client.get(
            "/v1/session",
            headers={"Authorization": f"Bearer {new_token()}", "X-Forwarded-For": f"203.0.113.{n}"},
        ).status_code
        for n in range(40)
    ]
    assert statuses[0] == 401
    assert 429 in statuses


def test_an_event_stream_passes_event_by_event(client: httpx.Client, service: Service) -> None:
    with client.stream("GET", "/v1/notices", headers={"Accept": "text/event-stream"}) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry")
        published(service, f"kent-{uuid4().hex}-2022")
        began = time.monotonic()
        assert next(line for line in lines if line.startswith("data"))
        assert time.monotonic() - began < SECONDS / 4


@pytest.mark.parametrize("http2", [True, False], ids=["h2", "h1"])
def test_an_event_stream_lasts_as_long_as_the_service_lets_it(
    front: Front, service: Service, *, http2: bool
) -> None:
    protocols = ("h2", "http/1.1") if http2 else ("http/1.1",)
    with httpx.Client(
        base_url=front.url, http2=http2, verify=front.trust(*protocols), timeout=SECONDS,
        headers={"Host": HOST, "Accept": "text/event-stream"},
        event_hooks={"request": [_name_the_host]},
    ) as client, client.stream("GET", "/v1/notices") as answer:  # fmt: skip
        lines = answer.iter_lines()
        assert next(lines).startswith("retry")
        time.sleep(LIFETIME_SECONDS / TIMES_QUICKER)
        published(service, f"kent-{uuid4().hex}-2022")
        assert next(line for line in lines if line.startswith("data"))


def test_a_slow_head_is_cut_off(front: Front) -> None:
    began = time.monotonic()
    assert b" 200 " not in answer_to(front.connect(), b"GET / HTTP/1.1\r\nHost: tracker")
    assert time.monotonic() - began < SECONDS / 2


def test_a_slow_body_is_cut_off(front: Front) -> None:
    began = time.monotonic()
    head = f"POST /v1/reports HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9\r\n\r\n".encode()
    assert b" 20" not in answer_to(front.connect(), head, b"{").partition(b"\r\n")[0]
    assert time.monotonic() - began < SECONDS / 2


@pytest.mark.parametrize("program", PROGRAMS)
def test_forwarding_headers_of_a_client_are_replaced(program: str) -> None:
    with recorded(program) as (front, recorder):
        sent = "".join(f"{name}: {value}\r\n" for name, value in FORGED.items())
        head = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n{sent}Connection: close\r\n\r\n"
        assert b" 204 " in answer_to(front.connect(), head.encode())
    assert recorder.header("Host") == [HOST]
    assert recorder.header("X-Forwarded-For") == ["127.0.0.1"]
    assert recorder.header("X-Forwarded-Proto") == ["https"]
    assert b"elsewhere" not in recorder.requests[-1]
    assert b"203.0.113.9" not in recorder.requests[-1]


@pytest.mark.parametrize("program", PROGRAMS)
def test_trailers_are_not_passed_on(program: str) -> None:
    with recorded(program) as (front, recorder):
        head = (
            f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n"
            "Trailer: X-Forwarded-For\r\nConnection: close\r\n\r\n"
        )
        body = b"2\r\n{}\r\n0\r\nX-Forwarded-For: in-a-trailer\r\n\r\n"
        answer_to(front.connect(), head.encode(), body)
        _send_over_http2(front, [])
        _send_over_http2(front, [("x-forwarded-for", "in-a-trailer")])
    assert [b"{}" in request for request in recorder.requests[:2]] == [True, True]
    assert [request for request in recorder.requests if b"in-a-trailer" in request] == []


def _send_over_http2(front: Front, trailers: list[tuple[str, str]]) -> None:
    """Send a request with trailers, and wait for its answer or refusal."""
    state = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    over = (h2.events.StreamEnded, h2.events.StreamReset, h2.events.ConnectionTerminated)
    with front.connect("h2") as connection:
        assert connection.selected_alpn_protocol() == "h2"
        state.initiate_connection()
        head = {":method": "POST", ":path": "/", ":scheme": "https", ":authority": HOST}
        state.send_headers(1, [*head.items(), ("trailer", "x-forwarded-for")])
        state.send_data(1, b"{}", end_stream=not trailers)
        if trailers:
            state.send_headers(1, trailers, end_stream=True)
        connection.sendall(state.data_to_send())
        events: list[h2.events.Event] = []
        while not any(isinstance(event, over) for event in events):
            data = connection.recv(65_536)
            assert data, events
            events += state.receive_data(data)
            connection.sendall(state.data_to_send())
