"""Clients that hold what they do not use: silent connections, stalled uploads, unread answers."""

import socket
import sys
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager
from typing import cast

import httpx
import pytest

from adapters.documents.store import DOCUMENT_BYTES_MAX
from adapters.postgres.database import Database
from api.http import intake
from api.http.connections import protocol
from api.http.connections.protocol import Protocol
from api.http.forms import BODY_BYTES_MAX
from domain.vocabulary.actors import Actor, Role
from tests.http.test_protocol import HOST, refused
from tests.support.data.examples import KENT
from tests.support.served.raw import Answer, Connection, head
from tests.support.served.serving import Service, published, serving, settings, token_of

FORCES = head("GET", "/v1/forces", HOST)
LARGE_ANSWER = head("GET", "/v1/openapi.json", HOST)
LARGE = 2 * BODY_BYTES_MAX
OF_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux' loopback network")


@pytest.fixture
def stack() -> Generator[ExitStack]:
    """Whatever a test opens, closed at its end."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def connect(service: Service, stack: ExitStack) -> Callable[[], Connection]:
    return lambda: stack.enter_context(closing(Connection(service.url)))


def answered(connection: Connection) -> int:
    """Return the status of the answer to a small request."""
    connection.send(FORCES)
    answer = connection.answer()
    assert answer is not None
    return answer.status


def connections_of(service: Service) -> set[Protocol]:
    """Return the server's own set of its connections."""
    return cast("set[Protocol]", service.server.server_state.connections)


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


# Connections


def test_silent_connections_give_way_to_others(
    service: Service, connect: Callable[[], Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = connections_of(service)
    busy = connect()
    busy.send(head("POST", "/v1/reports", HOST, [("Content-Length", "9")]))
    assert busy.answer("POST"), "then silent, but later than those after it"
    monkeypatch.setattr(protocol, "CONNECTIONS_MAX", len(connections) + 20)
    silent = [connect() for _ in range(60)]
    silent[-1].send(b"GET /v1/forces HTTP/1.1\r\n")
    assert answered(connect()) == 200
    until(lambda: len(connections) <= protocol.CONNECTIONS_MAX)
    assert silent[0].is_over(), "the longest silent gives way first"
    silent[-1].send(b"Host: 127.0.0.1\r\n\r\n")
    assert silent[-1].answer(), "the latest has kept its place"


def test_a_connection_over_the_limit_is_refused_where_none_is_silent(
    service: Service, connect: Callable[[], Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = connections_of(service)
    headers = [*service.headers(KENT).items(), ("Content-Type", "application/json")]
    busy = connect()
    busy.send(head("POST", "/v1/commands", HOST, [*headers, ("Content-Length", "2")]))
    until(lambda: any(not connection.is_silent() for connection in connections))
    monkeypatch.setattr(protocol, "CONNECTIONS_MAX", 1)
    while len(connections) > 1:
        connect().close()
        time.sleep(0.01)
    answer = refused(connect().answer(), 503, "overloaded")
    assert answer.all("Retry-After") == ["1"]
    busy.send(b"[]")
    assert busy.answer("POST"), "what was begun is answered"
    assert answered(connect()) == 200


@OF_LINUX
def test_one_address_has_a_limited_number_of_connections(
    service: Service, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "client_at", str)
    monkeypatch.setattr(protocol, "CONNECTIONS_EACH_MAX", 5)

    def connect(source: str) -> Connection:
        return stack.enter_context(closing(Connection(service.url, source)))

    held = [connect("127.0.0.2") for _ in range(5)]
    refused(connect("127.0.0.2").answer(), 429, "too-many")
    assert answered(connect("127.0.0.3")) == 200
    assert answered(held[0]) == 200
    held[1].close()
    until(lambda: _is_served(connect("127.0.0.2")))


def _is_served(connection: Connection) -> bool:
    connection.send(FORCES)
    answer = connection.answer()
    return answer is not None and answer.status == 200


def test_the_connections_of_a_trusted_proxy_are_not_limited(
    make_database: Database, monkeypatch: pytest.MonkeyPatch, stack: ExitStack
) -> None:
    monkeypatch.setattr(protocol, "client_at", str)
    monkeypatch.setattr(protocol, "CONNECTIONS_EACH_MAX", 1)
    chosen = settings(TRACKER_TRUSTED_PROXIES="198.51.100.0/24,127.0.0.1")
    with serving(make_database, keep=False, chosen=chosen) as service:
        opened = [stack.enter_context(closing(Connection(service.url))) for _ in range(3)]
        assert [answered(connection) for connection in opened] == [200] * 3


def test_the_machine_itself_has_no_limit_of_its_own(
    connect: Callable[[], Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS_EACH_MAX", 1)
    assert [answered(connect()) for _ in range(3)] == [200] * 3


@OF_LINUX
def test_a_client_that_takes_no_answer_is_cut_off(
    service: Service, connect: Callable[[], Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "UNREAD_SECONDS", 1.0)
    connections = connections_of(service)
    with deaf(service) as name:
        until(lambda: any(connection.client == name for connection in connections))
        time.sleep(0.1)
        assert answered(connect()) == 200
        until(lambda: all(connection.client != name for connection in connections))


@contextmanager
def deaf(service: Service) -> Generator[tuple[str, int]]:
    """Connect and ask for as many large answers as one may, but take none; yield the address."""
    host, port = service.url.removeprefix("http://").split(":")
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        opened.connect((host, int(port)))
        opened.sendall(LARGE_ANSWER * protocol.PIPELINED_MAX)
        yield opened.getsockname()


def is_full(service: Service, name: tuple[str, int]) -> bool:
    """Whether the server waits for this client to take what it was answered."""
    return any(
        connection.client == name and connection.flow.write_paused
        for connection in connections_of(service)
    )


@OF_LINUX
def test_answers_that_nobody_takes_are_dropped_from_the_oldest_when_they_are_too_many_bytes(
    service: Service,
    connect: Callable[[], Connection],
    stack: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size = len(httpx.get(f"{service.url}/v1/openapi.json").content)
    monkeypatch.setattr(protocol, "UNREAD_BYTES_MAX", 3 * size)
    names: list[tuple[str, int]] = []
    for _ in range(6):
        names.append(stack.enter_context(deaf(service)))
        until(lambda: is_full(service, names[-1]))
    until(lambda: not is_full(service, names[0]))
    assert sum(is_full(service, name) for name in names) in {3, 4}
    assert is_full(service, names[-1]), "the newest is kept"
    assert answered(connect()) == 200


@OF_LINUX
def test_the_next_request_is_answered_when_the_client_has_taken_the_last_answer(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    for name in ("_start_asgi_task", "on_response_complete", "pause_writing"):
        monkeypatch.setattr(Protocol, name, noted(events, name, getattr(Protocol, name)))
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as late:
        late.sendall(LARGE_ANSWER * protocol.PIPELINED_MAX)
        until(lambda: "pause_writing" in events)
        time.sleep(0.3)
        assert events[-2:] == ["pause_writing", "on_response_complete"], "no other was begun"
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < protocol.PIPELINED_MAX:
            received += late.recv(1 << 20)
    assert events.count("_start_asgi_task") == protocol.PIPELINED_MAX


def noted(events: list[str], name: str, method: Callable[..., None]) -> Callable[..., None]:
    """Return a method that notes its name when it is called."""

    def call(*values: object) -> None:
        events.append(name)
        method(*values)

    return call


# Uploads


@pytest.fixture(scope="module")
def path(service: Service) -> str:
    stream = published(service, "kent-slow-2022").recommendations[0]
    return f"/v1/recommendations/{stream}/documents"


class Uploads:
    """Uploads that begin, take their place, and send no more."""

    def __init__(self, service: Service, path: str, stack: ExitStack) -> None:
        self._service, self._path, self._stack = service, path, stack

    def begin(self, token: str, client: str = "127.0.0.1") -> Connection:
        connection = self._stack.enter_context(closing(Connection(self._service.url)))
        headers = [
            ("Authorization", f"Bearer {token}"),
            ("Content-Type", "application/octet-stream"),
            ("Content-Length", str(DOCUMENT_BYTES_MAX)),
            ("X-Forwarded-For", client),
        ]
        connection.send(head("POST", self._path, HOST, headers), bytes(LARGE))
        return connection

    def refused(self, token: str, client: str = "127.0.0.1") -> Answer:
        answer = self.begin(token, client).answer("POST")
        assert answer is not None
        return answer


@pytest.fixture
def uploads(service: Service, path: str, stack: ExitStack) -> Uploads:
    return Uploads(service, path, stack)


def a_kent(database: Database, number: int) -> str:
    """Return the token of another person of Kent's."""
    return token_of(database, Actor(f"kent-{number}", Role.FORCE, "kent"))


class Taken:
    """How many places of large bodies are taken."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        take = intake.LargeBodyQuota.take

        def counted(quota: intake.LargeBodyQuota, holders: set[str]) -> None:
            take(quota, holders)
            self.count += 1

        monkeypatch.setattr(intake.LargeBodyQuota, "take", counted)


def test_one_actor_cannot_take_every_place_for_uploads(
    service: Service,
    make_database: Database,
    uploads: Uploads,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = Taken(monkeypatch)
    for _ in range(2):
        uploads.begin(service.tokens[KENT])
    until(lambda: taken.count == 2)
    refused(uploads.refused(service.tokens[KENT]), 429, "too-many")
    uploads.begin(a_kent(make_database, 1))
    until(lambda: taken.count == 3)


@pytest.fixture(scope="module")
def proxied_service(make_database: Database) -> Generator[Service]:
    chosen = settings(TRACKER_TRUSTED_PROXIES="127.0.0.1")
    with serving(make_database, keep=False, chosen=chosen) as running:
        yield running


def test_one_address_cannot_take_every_place_for_uploads(
    proxied_service: Service,
    path: str,
    make_database: Database,
    stack: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = Taken(monkeypatch)
    uploads = Uploads(proxied_service, path, stack)
    several = [a_kent(make_database, number) for number in range(2, 6)]
    for token in several[:2]:
        uploads.begin(token, "203.0.113.5")
    until(lambda: taken.count == 2)
    refused(uploads.refused(several[2], "203.0.113.5"), 429, "too-many")
    uploads.begin(several[2], "203.0.113.6")
    until(lambda: taken.count == 3)
    uploads.begin(several[2], "203.0.113.6")
    until(lambda: taken.count == 4)
    refused(uploads.refused(several[3], "203.0.113.7"), 503, "busy")


def test_an_upload_that_stalls_gives_up_its_place(
    service: Service, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LARGE_BODY_PART_SECONDS", 0.5)
    connection = uploads.begin(service.tokens[KENT])
    connection.send(*[b"x" * 100] * 8, pause=0.1)
    refused(connection.answer("POST"), 408, "timed-out")
