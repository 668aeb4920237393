"""Notices as they come: server-sent events over real connections, each step once and in order."""

import asyncio
import json
import signal
import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from adapters.identity import tokens
from adapters.notices import followers
from adapters.postgres.database import OWNER, Database
from api.http.connections import server
from api.http.connections.protocol import Protocol
from api.v1.notices import following
from domain.vocabulary.actors import Actor
from tests.support.data.examples import INSPECTOR, KENT
from tests.support.data.paged import fill
from tests.support.served.program import eventually, program
from tests.support.served.serving import (
    Published,
    Service,
    command,
    published,
    serving,
    token_of,
    unrecorded,
)

pytestmark = pytest.mark.slow

PATH = "/v1/notices"
LIVE = {"Accept": "text/event-stream"}
SECONDS = 20
END = b"0\r\n\r\n"
"""The last chunk of a whole answer."""


class Follower:
    """A program that follows, as an EventSource does: it remembers the last id."""

    def __init__(self, url: str, query: str = "", **headers: str) -> None:
        self.url, self.headers = f"{url}{PATH}{query}", headers
        self.last_id = ""
        self.notices: list[dict[str, Any]] = []

    @contextmanager
    def connected(self) -> Generator[Iterator[str]]:
        """Connect, and go on after the last id; yield the lines."""
        after = {"Last-Event-ID": self.last_id} if self.last_id else {}
        headers = {**LIVE, **self.headers, **after}
        with httpx.stream("GET", self.url, headers=headers, timeout=SECONDS) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["Content-Type"] == "text/event-stream"
            assert answer.headers["X-Accel-Buffering"] == "no"
            assert answer.headers["Cache-Control"] == "no-store"
            yield answer.iter_lines()

    def take(self, lines: Iterator[str], count: int) -> None:
        """Take so many events."""
        while count:
            line = next(lines)
            if line.startswith("id: "):
                self.last_id = line.removeprefix("id: ")
            if line.startswith("data: "):
                self.notices.append(json.loads(line.removeprefix("data: ")))
                count -= 1

    @property
    def positions(self) -> list[int]:
        return [notice["data"]["position"] for notice in self.notices]


def record(service: Service) -> Published:
    """Record a report with one recommendation: two published steps."""
    return published(service, f"kent-{uuid4().hex}-2022")


def test_a_follower_that_stops_and_comes_back_has_each_step_once(service: Service) -> None:
    record(service)
    follower = Follower(service.url, "?after=0")
    expected = [n["data"]["position"] for n in service.get(f"{PATH}?page=1").json()["items"]]
    with follower.connected() as lines:
        follower.take(lines, 1)
    for _ in range(3):
        made = record(service)
        expected += [made.position - 1, made.position]
        with follower.connected() as lines:
            follower.take(lines, 2)
    with follower.connected() as lines:
        follower.take(lines, len(expected) - len(follower.notices))
    assert follower.positions == expected


def test_a_follower_begins_at_the_end_and_hears_of_a_step_soon(service: Service) -> None:
    record(service)
    follower = Follower(service.url)
    with follower.connected() as lines:
        next(lines)
        made = record(service)
        began = time.monotonic()
        follower.take(lines, 2)
        assert time.monotonic() - began < 5 * followers.LOOK_SECONDS
    assert follower.positions == [made.position - 1, made.position]


def test_an_id_moves_on_although_a_filter_takes_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "HEARTBEAT_SECONDS", 0.2)
    follower = Follower(service.url, "?force=essex")
    with follower.connected() as lines:
        made = record(service)
        until = time.monotonic() + SECONDS
        for line in lines:
            if line.endswith(f"/{made.position}"):
                break
            assert time.monotonic() < until
            assert not line.startswith("data")


def test_only_readers_follow_private_steps_until_their_token_ends(
    service: Service, make_database: Database
) -> None:
    stream = record(service).recommendations[0]
    text = token_of(make_database, KENT)
    reader = Follower(service.url, Authorization=f"Bearer {text}")
    outsider = Follower(service.url)
    with reader.connected() as private, outsider.connected() as public:
        next(private)
        next(public)
        assert command(service, stream, KENT, "comment", comment="Between us.").is_success
        reader.take(private, 1)
        made = record(service)
        reader.take(private, 2)
        outsider.take(public, 2)
        assert outsider.positions == [made.position - 1, made.position]
        revoke(make_database, text)
        assert command(service, stream, KENT, "comment", comment="Again.").is_success
        assert not any(line.startswith("data") for line in private), "it ends without the step"
    assert reader.notices[0]["data"]["tag"] == "recommendation.commented"


def revoke(database: Database, text: str) -> None:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        row = connection.execute(
            "SELECT id FROM tokens WHERE sha256 = sha256(%s)", (text.encode(),)
        ).fetchone()
    assert row is not None
    assert tokens.revoke(database.conninfo(OWNER), row[0], record=unrecorded)


def test_an_actor_and_a_process_have_so_many_followers_and_no_more(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers, "FOLLOWERS_EACH_MAX", 2)
    monkeypatch.setattr(followers, "FOLLOWERS_MAX", 3)
    own = {"Authorization": f"Bearer {service.tokens[INSPECTOR]}"}
    lines: list[Iterator[str]] = []  # a connection is closed with its lines
    with ExitStack() as stack:
        for headers in (own, own, {}):
            lines.append(stack.enter_context(Follower(service.url, **headers).connected()))
            next(lines[-1])
        assert status_of(service, INSPECTOR) == 429
        assert status_of(service) == 503
    assert eventually(lambda: status_of(service) == 200), "their places are free again"


def status_of(service: Service, actor: Actor | None = None) -> int:
    """Return the status of the answer to one more follower, who leaves at once."""
    headers = service.headers(actor, LIVE)
    with service.client.stream("GET", PATH, headers=headers) as answer:
        return answer.status_code


@pytest.mark.parametrize(
    ("last_id", "status"),
    [("7", 400), ("6f7ad2ff-9710-4227-90bc-48690f3985eb/7", 404), ("\N{DEGREE SIGN}/7", 400)],
)
def test_an_id_of_elsewhere_is_refused(service: Service, last_id: str, status: int) -> None:
    headers = {**LIVE, "Last-Event-ID": last_id.encode("latin-1").decode("latin-1")}
    answer = service.client.get(PATH, headers=httpx.Headers(headers, encoding="latin-1"))
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_head_request_for_an_event_stream_ends(service: Service) -> None:
    answer = service.client.head(PATH, headers=LIVE)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream")


class SmallBuffers(Protocol):
    """The service's protocol over connections in which little of an answer fits."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        opened: socket.socket = transport.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)


def test_a_slow_follower_is_cut_off_and_others_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SEND_SECONDS", 0.5)
    monkeypatch.setattr(server, "Protocol", SmallBuffers)
    fill(database)
    with serving(database, keep=False) as service, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        slow.settimeout(SECONDS)
        slow.connect(("127.0.0.1", int(service.url.rpartition(":")[2])))
        head = f"GET {PATH}?after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
        slow.sendall(f"{head}\r\n".encode())
        other = Follower(service.url, "?after=0")
        with other.connected() as lines:
            other.take(lines, 300)
        time.sleep(3)
        assert not drained(slow).endswith(END), "it was cut off in the middle"


def drained(connection: socket.socket) -> bytes:
    """Return all that is left to read, up to the end of the connection."""
    data = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            data += part
    return data


def test_a_service_that_stops_ends_event_streams_well(tmp_path: Path) -> None:
    with program(tmp_path / "data", "serve", "--port", "0") as running:
        running.wait_until_ready()
        follower = Follower(running.url, "?after=0")
        lines_seen: list[str] = []
        ended = threading.Event()

        def follow() -> None:
            with follower.connected() as lines:
                lines_seen.extend(lines)  # raises if it is cut off in the middle
                ended.set()

        thread = threading.Thread(target=follow)
        thread.start()
        time.sleep(1)
        began = time.monotonic()
        running.signal(signal.SIGTERM)
        assert running.ended() == 0, running.err
        assert time.monotonic() - began < 5
        thread.join(SECONDS)
        assert ended.is_set()
        assert lines_seen[0] == "retry: 2000"


def test_another_lineage_ends_event_streams_and_refuses_their_ids(
    service: Service, make_database: Database
) -> None:
    follower = Follower(service.url)
    with follower.connected() as lines:
        next(lines)
        record(service)
        follower.take(lines, 2)
        with psycopg.connect(make_database.conninfo(OWNER)) as connection:
            connection.execute("SELECT ledger_begin_lineage('Put back, for a test.')")
        assert not any(line.startswith("data") for line in lines)
    answer = service.client.get(PATH, headers={**LIVE, "Last-Event-ID": follower.last_id})
    assert (answer.status_code, "another lineage" in answer.json()["detail"]) == (404, True)
