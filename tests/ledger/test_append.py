"""ledger_append: what a caller with the service's role cannot have it do."""

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import PersistenceError, StoredEvent
from msgspec.structs import replace

from adapters.clock import new_entry_id
from adapters.ledger.append import Append
from adapters.ledger.codec import NoteRow
from adapters.ledger.ledger import Ledger
from adapters.postgres.database import APP, OWNER, Database
from domain.commands.common import ApproveRedaction, RequestRedaction
from domain.commands.recommendation import Comment
from tests.support.data.examples import ADMIN, published, submit

FIELD = "comment"


@pytest.fixture
def stream(ledger: Ledger) -> UUID:
    """A recommendation: issued, commented on twice, and the removal of a comment requested."""
    published(ledger)
    stream = next(iter(ledger.page(1, 1))).stream
    for words in ("First.", "Second."):
        submit(ledger, stream, Comment(comment=words))
    submit(ledger, stream, RequestRedaction(step=2, field=FIELD, ground="data_protection"), ADMIN)
    return stream


@pytest.fixture
def appends(ledger: Ledger, stream: UUID, monkeypatch: pytest.MonkeyPatch) -> list[Append]:
    """The append by which the service itself removes the first comment, not yet made."""
    taken: list[Append] = []

    class _Taken(Exception):  # noqa: N818  it only stops the submit
        pass

    def take(commands: list[Append]) -> None:
        taken.extend(commands)
        raise _Taken

    with monkeypatch.context() as patch:
        patch.setattr(ledger.rows, "append", take)
        with pytest.raises(_Taken):
            submit(ledger, stream, ApproveRedaction(request=4, step=2, field=FIELD))
    return taken


def _notes(ledger: Ledger, stream: UUID) -> list[str]:
    entries = [entry.id for entry in ledger.history(stream)]
    by_entry = ledger.notes(entries)
    return [by_entry[entry][FIELD] for entry in entries if entry in by_entry]


def test_a_redaction_removes_its_note(ledger: Ledger, stream: UUID, appends: list[Append]) -> None:
    assert _notes(ledger, stream) == ["First.", "Second."]
    ledger.rows.append(appends)
    assert _notes(ledger, stream) == ["Second."]


def _other_note(append: Append, ledger: Ledger, stream: UUID) -> list[Append]:
    return [replace(append, removed=[(ledger.history(stream)[2].id, FIELD)])]


def _other_field(append: Append, _ledger: Ledger, _stream: UUID) -> list[Append]:
    return [replace(append, removed=[(append.removed[0][0], "basis")])]


def _without_redaction(append: Append, _ledger: Ledger, stream: UUID) -> list[Append]:
    event = StoredEvent(stream, 5, "recommendation.commented", append.events[0].state)
    return [replace(append, events=[event])]


def _of_another_stream(append: Append, _ledger: Ledger, _stream: UUID) -> list[Append]:
    event = replace_stream(append.events[0], UUID(int=7))
    return [replace(append, events=[event])]


def _of_another_command(append: Append, _ledger: Ledger, _stream: UUID) -> list[Append]:
    event = StoredEvent(UUID(int=8), 1, "recommendation.commented", b"{}")
    other = Append([event], [new_entry_id()], removed=append.removed)
    return [replace(append, removed=()), other]


def _note_of_an_earlier_entry(append: Append, ledger: Ledger, stream: UUID) -> list[Append]:
    note = NoteRow(ledger.history(stream)[2].id, "basis", b"s" * 32, "Smuggled.")
    return [replace(append, notes=[note])]


def _put_back(append: Append, ledger: Ledger, stream: UUID) -> list[Append]:
    ledger.rows.append([append])
    event = StoredEvent(stream, 6, "recommendation.commented", b"{}")
    note = NoteRow(append.removed[0][0], FIELD, b"s" * 32, "Back.")
    return [Append([event], [new_entry_id()], [note])]


def replace_stream(event: StoredEvent, stream: UUID) -> StoredEvent:
    """Return the event as the first of another stream."""
    return StoredEvent(stream, 1, event.topic, event.state)


@pytest.mark.parametrize(
    "forged",
    [
        _other_note,
        _other_field,
        _without_redaction,
        _of_another_stream,
        _of_another_command,
        _note_of_an_earlier_entry,
        _put_back,
    ],
)
def test_notes_come_and_go_with_their_own_entries_only(
    ledger: Ledger,
    stream: UUID,
    appends: list[Append],
    forged: Callable[[Append, Ledger, UUID], list[Append]],
) -> None:
    forgery = forged(appends[0], ledger, stream)
    before = ledger.head(), _notes(ledger, stream)
    with pytest.raises(PersistenceError, match=r"note .* entry"):
        ledger.rows.append(forgery)
    assert (ledger.head(), _notes(ledger, stream)) == before


def test_an_append_is_durable_whatever_the_session_says(database: Database) -> None:
    """A database or login set to synchronous_commit=off would lose what was answered 201."""
    with psycopg.connect(database.conninfo(APP)) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SELECT ledger_append('{}', '{}', '{}', '{}', '{}', '{}', '{}')")
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_the_ledger_stays_append_only_where_ordinary_triggers_are_off(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in ("DELETE FROM ledger_events", "UPDATE ledger_notes SET note = 'x'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(statement.encode())
