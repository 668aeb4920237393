"""Budgets of writers: commands by actor, bytes by actor and day, and long streams."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest

from adapters.clock import new_entry_id
from adapters.ledger import codec
from adapters.ledger.async_ledger import LONG
from adapters.ledger.codec import MAPPER
from adapters.ledger.queries import PART_ROWS
from adapters.postgres.database import OWNER, Database
from api.http.rate_limits import COMMANDS_AT_ONCE, Throttle
from api.pages.public.recommendation.page import STEPS_SHOWN
from api.request.query_params import LIMIT_MAX
from api.v1.record import documents
from api.v1.record.commands import BATCH_MAX
from domain.events.recommendation import Commented
from domain.recommendation.evolve import evolve
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry, Stamp
from tests.support.data.documents import PDF, TEXT
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR
from tests.support.served.serving import (
    ESSEX_BODY,
    Served,
    Service,
    command,
    published,
    settings,
    token_of,
)


@pytest.fixture(scope="module")
def served() -> Served:
    """A service in which no command comes back while a test runs, however slow the machine."""
    return Served(keep=False, chosen=settings(TRACKER_COMMAND_RATE=1))


@pytest.fixture
def stream(service: Service) -> str:
    return published(service, f"kent-{uuid4().hex}").recommendations[0]


def head(database: Database) -> int:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        row = connection.execute("SELECT max(notification_id) FROM ledger_events").fetchone()
    assert row is not None
    return int(row[0])


def spend_all(service: Service, actor: Actor) -> None:
    """Send commands of an actor until none is left; each of them is refused."""
    nowhere = [{"stream": str(uuid4()), "command": {"type": "comment", "comment": "No."}}]
    for _ in range(COMMANDS_AT_ONCE // BATCH_MAX):
        answer = service.post("/v1/commands", nowhere * BATCH_MAX, actor)
        assert answer.status_code == 404
    while service.post("/v1/commands", nowhere, actor).status_code != 429:
        pass


def test_an_actor_who_sent_a_thousand_commands_at_once_waits(
    service: Service, stream: str, make_database: Database
) -> None:
    spend_all(service, KENT)
    before = head(make_database)
    answer = command(service, stream, KENT, "comment", comment="One too many.")
    assert answer.status_code == 429
    assert answer.json()["type"] == "/problems/too-many"
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert head(make_database) == before
    assert command(service, stream, KENT_BODY, "comment", comment="Mine.").status_code == 201


def test_each_command_of_several_is_counted(service: Service) -> None:
    nowhere = {"stream": str(uuid4()), "command": {"type": "comment", "comment": "No."}}
    sizes = [BATCH_MAX, BATCH_MAX - 100, 200, 100]
    answers = [service.post("/v1/commands", [nowhere] * size, ESSEX) for size in sizes]
    assert [answer.status_code for answer in answers[:3]] == [404, 404, 429]
    # Of the 200 none was counted, so that 100 still fit.
    assert answers[3].status_code == 404


def test_a_form_is_counted_as_the_api_is(service: Service, stream: str) -> None:
    spend_all(service, OTHER_INSPECTOR)
    path = f"/recommendations/{stream}/record/comment"
    fields = {"comment": "Too many.", "step": "1", "then": "record", "key": "0" * 32}
    answer = service.client.post(path, data=fields, headers=service.headers(OTHER_INSPECTOR))
    assert answer.status_code == 429
    # To read is no command.
    assert service.get(path, OTHER_INSPECTOR).status_code == 200


def test_a_document_is_counted_as_a_command(
    service: Service, stream: str, make_database: Database
) -> None:
    sender = Actor("kent-scanner", KENT.role, "kent")
    headers = {"Authorization": f"Bearer {token_of(make_database, sender)}"}
    nowhere = [{"stream": str(uuid4()), "command": {"type": "comment", "comment": "No."}}]
    for _ in range(COMMANDS_AT_ONCE // BATCH_MAX):
        service.client.post("/v1/commands", json=nowhere * BATCH_MAX, headers=headers)
    path, kind = f"/v1/recommendations/{stream}/documents", {"Content-Type": "application/pdf"}
    answers = [service.client.post(path, content=PDF, headers=headers | kind) for _ in range(9)]
    assert 429 in {answer.status_code for answer in answers}


def test_an_actor_sends_a_number_of_bytes_in_a_day(
    service: Service, stream: str, monkeypatch: pytest.MonkeyPatch, make_database: Database
) -> None:
    sender = Actor("kent-evidence", KENT.role, "kent")
    other = Actor("kent-colleague", KENT.role, "kent")
    monkeypatch.setattr(documents, "DOCUMENT_BYTES_A_DAY_MAX", len(PDF) + len(TEXT) - 1)
    path = f"/v1/recommendations/{stream}/documents"

    def send(actor: Actor, content: bytes) -> tuple[int, int]:
        token = token_of(make_database, actor)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
        answer = service.client.post(path, content=content, headers=headers)
        return answer.status_code, int(answer.headers.get("Retry-After", 0))

    assert send(sender, PDF) == (201, 0)
    status, wait = send(sender, TEXT)
    assert (status, 0 < wait <= 90_001) == (429, True)
    assert send(other, TEXT) == (201, 0)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("UPDATE documents SET at = at - interval '1 day'")
    assert send(sender, TEXT + b"More.\n") == (201, 0)


def test_commands_come_back_with_time_and_only_as_many_as_were_sent() -> None:
    now = 0.0
    throttle = Throttle(at_once=10, per_second=2, clock=lambda: now)
    assert throttle.take("a", 10) == 0
    assert throttle.take("a", 3) == 2
    now = 1.0
    assert throttle.take("a", 3) == 1
    assert throttle.take("a", 2) == 0
    assert throttle.take("b", 10) == 0


# Long streams


COMMENTS = PART_ROWS + LONG
"""More than a stream can come to now, and more than is read at once."""


@pytest.fixture
def long_stream(service: Service, make_database: Database) -> str:
    """A recommendation with more comments than any role may leave today."""
    stream = UUID(published(service, f"kent-{uuid4().hex}").recommendations[0])
    # Long ago: every step of today would come after these.
    stamp = Stamp(ESSEX_BODY.id, ESSEX_BODY.role, datetime.now(UTC), "unknown")
    event = Commented("sha256:" + "0" * 64)
    entries = [Entry(stream, 2 + n, new_entry_id(), stamp, event) for n in range(COMMENTS)]
    stored = [MAPPER.to_stored_event(entry) for entry in entries]
    position = head(make_database)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.cursor().executemany(
            "INSERT INTO ledger_events (originator_id, originator_version, topic, state,"
            " notification_id, entry_id) VALUES (%s, %s, %s, %s, %s, %s)",
            [
                (
                    event.originator_id,
                    event.originator_version,
                    event.topic,
                    event.state,
                    n,
                    entry.id,
                )
                for n, (event, entry) in enumerate(zip(stored, entries, strict=True), position + 1)
            ],
        )
    return str(stream)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """How often entries were read and folded, by the name of the thread."""
    done: Counter[tuple[str, str]] = Counter()

    def counted(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def wrapper(*args: object) -> object:
            done[name, threading.current_thread().name] += 1
            return function(*args)

        return wrapper

    monkeypatch.setattr(codec.EntryMapper, "read_row", counted("read", codec.EntryMapper.read_row))
    monkeypatch.setattr("domain.history.evolve", counted("fold", evolve))
    return done


def on_the_loop(work: Counter[tuple[str, str]], name: str) -> int:
    return sum(times for (what, thread), times in work.items() if what == name and "run" in thread)


def test_a_long_stream_is_read_and_folded_off_the_event_loop(
    service: Service, long_stream: str, work: Counter[tuple[str, str]]
) -> None:
    path = f"/v1/recommendations/{long_stream}"
    assert service.get(path).json()["stage"] == "issued"
    assert service.get(f"/recommendations/{long_stream}", INSPECTOR).status_code == 200
    answer = command(service, long_stream, INSPECTOR, "comment", comment="One more.")
    assert (answer.status_code, answer.json()["step"]) == (201, COMMENTS + 2)
    for name in ("read", "fold"):
        assert sum(times for (what, _), times in work.items() if what == name) > COMMENTS
        assert on_the_loop(work, name) <= LONG, work


@pytest.mark.parametrize("tag", ["comment", "close"])
def test_a_form_on_a_long_stream_is_folded_off_the_event_loop(
    service: Service, long_stream: str, work: Counter[tuple[str, str]], tag: str
) -> None:
    form = service.get(f"/recommendations/{long_stream}/record/{tag}", INSPECTOR)
    assert form.status_code == 200
    assert sum(times for (what, _), times in work.items() if what == "fold") > COMMENTS
    assert on_the_loop(work, "fold") <= LONG, work


def test_the_page_of_a_long_stream_is_bounded_and_its_history_has_pages(
    service: Service, long_stream: str
) -> None:
    page = service.get(f"/recommendations/{long_stream}", INSPECTOR)
    assert len(page.content) < 300_000
    assert f"{COMMENTS + 1 - STEPS_SHOWN} earlier steps are not shown here." in page.text
    assert f"/recommendations/{long_stream}/history" in page.text
    history = service.get(f"/v1/recommendations/{long_stream}/history", INSPECTOR)
    assert len(history.json()["items"]) == LIMIT_MAX
    assert "next" in history.headers["Link"]
    assert len(service.get(f"/recommendations/{long_stream}/history", INSPECTOR).content) < 600_000
