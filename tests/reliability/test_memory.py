"""Memory: attacks on it, on one process, one after another."""

import os
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest
from msgspec import Struct

from adapters.clock import new_entry_id
from adapters.documents.store import DOCUMENT_BYTES_MAX
from adapters.ledger.codec import MAPPER
from adapters.ledger.ledger import Ledger
from adapters.postgres.database import Database
from domain.events.recommendation import Commented
from domain.vocabulary.entry import Entry, Stamp
from tests.http.test_framing import CHUNKED, JSON, TRAILERS
from tests.support.data.documents import PDF, bomb
from tests.support.data.examples import INSPECTOR, KENT_BODY, published
from tests.support.served.program import Program, program
from tests.support.served.raw import Connection, exchange, head
from tests.support.served.serving import token_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc"),
]

MEGABYTE = 1 << 20
MEMORY_MAX = 256 * MEGABYTE
HOST = "127.0.0.1"
COMMENTS = 5_500
"""More than any role may leave in a stream today."""


class Target(Struct, frozen=True):
    """A service, a recommendation with a long history, and the token of an inspector."""

    url: str
    stream: UUID
    token: str

    @property
    def signed(self) -> list[tuple[str, str]]:
        """The header of somebody who is signed in."""
        return [("Authorization", f"Bearer {self.token}")]

    def flood(self, begun: bytes, more: bytes, size: int = 30 * MEGABYTE) -> None:
        """Send some bytes, and then others again and again, until the server hangs up."""
        with closing(Connection(self.url)) as connection:
            connection.send(begun, *[more] * (size // len(more)))

    def at_once(self, number: int, method: str, path: str, body: bytes = b"") -> set[int]:
        """Send requests by as many threads; return the statuses of their answers."""

        def send(_: int) -> int:
            headers = dict(self.signed) | ({"Content-Type": "application/json"} if body else {})
            url = f"{self.url}{path}"
            return httpx.request(
                method, url, content=body, headers=headers, timeout=120
            ).status_code

        with ThreadPoolExecutor(number) as pool:
            return {*pool.map(send, range(number))}

    @contextmanager
    def held(self, number: int, *parts: bytes) -> Generator[list[Connection]]:
        """Hold connections on which some bytes were sent."""
        with ExitStack() as stack:
            connections = [
                stack.enter_context(closing(Connection(self.url))) for _ in range(number)
            ]
            for connection in connections:
                connection.send(*parts)
            yield connections


def trailers_without_end(target: Target) -> None:
    begun = head("POST", "/v1/commands", HOST, [JSON, CHUNKED]) + b"0\r\n"
    target.flood(begun, TRAILERS * 5)


def a_head_without_end(target: Target) -> None:
    target.flood(b"GET / HTTP/1.1\r\n", TRAILERS * 5)


def large_heads_on_many_connections(target: Target) -> None:
    with target.held(1_000, b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 30_000):
        time.sleep(1)


def pipelined_requests(target: Target) -> None:
    target.flood(b"", head("GET", "/v1/forces", HOST) * 1_000)


def a_body_without_end(target: Target) -> None:
    begun = head("POST", "/v1/commands", HOST, [*target.signed, JSON, CHUNKED])
    target.flood(begun, b"10000\r\n" + b" " * 65_536 + b"\r\n", 100 * MEGABYTE)


def deep_json(target: Target) -> None:
    path = f"/v1/recommendations/{target.stream}/commands"
    assert target.at_once(20, "POST", path, b"[" * 1_000_000) <= {400, 413, 503}
    nested = b'{"type":' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001
    assert target.at_once(20, "POST", path, nested) <= {400, 503}


def large_bodies_at_once(target: Target) -> None:
    text = b'{"type":"comment","comment":"' + b"x" * 900_000 + b'"}'
    path = f"/v1/recommendations/{target.stream}/commands"
    assert target.at_once(50, "POST", path, text) <= {400, 413, 503}


def documents_at_once(target: Target) -> None:
    path = f"/v1/recommendations/{target.stream}/documents"
    encrypted = PDF.replace(b"trailer\n<<>>", b"trailer\n<</Encrypt 1 0 R>>")
    torn = bomb(1_000)[:-40] + b"\xff" * 40
    for file in (
        os.urandom(DOCUMENT_BYTES_MAX), PDF + bytes(DOCUMENT_BYTES_MAX - len(PDF)),
        bomb(500 * MEGABYTE), encrypted, torn, bytes(DOCUMENT_BYTES_MAX + 1),
    ):  # fmt: skip
        statuses = target.at_once(12, "POST", path, file)
        assert statuses <= {201, 413, 415, 429, 503}, statuses


def uploads_that_stall(target: Target) -> None:
    length = ("Content-Length", str(DOCUMENT_BYTES_MAX))
    path = f"/v1/recommendations/{target.stream}/documents"
    begun = head("POST", path, HOST, [*target.signed, length])
    with target.held(50, begun, bytes(9 * MEGABYTE)):
        time.sleep(1)


def silent_connections(target: Target) -> None:
    with target.held(1_500, b"GET / HT"):
        time.sleep(1)


def answers_that_nobody_takes(target: Target) -> None:
    with target.held(400, head("GET", "/v1/openapi.json", HOST) * 16):
        time.sleep(15)  # until the network holds all that it can, on a slow machine too


def probes_at_once(target: Target) -> None:
    assert target.at_once(100, "GET", "/health/ready") <= {200, 503}


def long_histories_at_once(target: Target) -> None:
    for path in ("", "/history", "/record/comment"):
        assert target.at_once(20, "GET", f"/recommendations/{target.stream}{path}") <= {200, 503}
    assert target.at_once(20, "GET", f"/v1/recommendations/{target.stream}") <= {200, 503}


ATTACKS: tuple[Callable[[Target], None], ...] = (
    trailers_without_end,
    a_head_without_end,
    large_heads_on_many_connections,
    pipelined_requests,
    a_body_without_end,
    deep_json,
    large_bodies_at_once,
    documents_at_once,
    uploads_that_stall,
    silent_connections,
    answers_that_nobody_takes,
    probes_at_once,
    long_histories_at_once,
)


def peak(running: Program) -> int:
    """Return the most memory that the process has had, in bytes."""
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def test_the_memory_of_a_process_stays_under_its_limit_through_every_attack(
    database: Database,
    ledger: Ledger,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    stream = published(ledger)
    lengthen(database, stream)
    figures: list[str] = []
    with program(
        tmp_path / "data", "serve", "--port", "0", DATABASE_URL=database.owner_url
    ) as running:
        running.wait_until_ready()
        target = Target(running.url, stream, token_of(database, INSPECTOR))
        figures.append(f"ready {peak(running) // MEGABYTE}")
        for attack in ATTACKS:
            attack(target)
            figures.append(f"{attack.__name__} {peak(running) // MEGABYTE}")
            answer = exchange(running.url, head("GET", "/health/live", HOST))
            assert answer is not None, attack
            assert answer.status == 200, attack
        assert peak(running) < MEMORY_MAX, figures
        assert running.stop() == 0
    record_property("figures", f"MB after each: {', '.join(figures)}")


def lengthen(database: Database, stream: UUID) -> None:
    """Add more comments to a stream than any role may leave today."""
    with psycopg.connect(database.owner_url) as connection:
        ((position,),) = connection.execute(
            "SELECT max(notification_id) FROM ledger_events"
        ).fetchall()
        connection.cursor().executemany(
            "INSERT INTO ledger_events (originator_id, originator_version, topic, state,"
            " notification_id, entry_id) VALUES (%s, %s, %s, %s, %s, %s)",
            [*_rows(stream, position)],
        )


def _rows(stream: UUID, position: int) -> Iterator[tuple[object, ...]]:
    stamp = Stamp(KENT_BODY.id, KENT_BODY.role, datetime.now(UTC), "unknown")
    event = Commented("sha256:" + "0" * 64)
    for number in range(1, COMMENTS + 1):
        entry = Entry(stream, 1 + number, new_entry_id(), stamp, event)
        row = MAPPER.to_stored_event(entry)
        yield (stream, row.originator_version, row.topic, row.state, position + number, entry.id)
