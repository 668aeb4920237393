"""What one command adds to the ledger, and the arrays in which ledger_append takes several."""

from collections.abc import Sequence
from typing import Any, Literal, LiteralString
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from msgspec import Struct
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int4, Int8

from adapters.entry import NoteRow

Outcome = Literal["recorded", "repeated", "rivalled"]


class Key(Struct, frozen=True):
    """An Idempotency-Key of an actor, with the SHA-256 of what was asked under it."""

    actor: str
    key: str
    body_sha256: bytes


class Append(Struct, frozen=True):
    """What one command adds: its entries in order, notes to keep, notes to remove."""

    events: Sequence[StoredEvent]
    ids: Sequence[UUID]
    notes: Sequence[NoteRow] = ()
    removed: Sequence[tuple[UUID, str]] = ()
    key: Key | None = None
    metadata: dict[str, str] = {}


class Appended(Struct, frozen=True):
    """What became of one command; the position of its first entry if it was recorded."""

    outcome: Outcome
    first_position: int | None


_ENTRIES: LiteralString = (
    "e_command => %b::integer[], e_stream => %b::uuid[], e_step => %b::bigint[],"
    " e_tag => %b::text[], e_state => %b::bytea[], e_id => %b::uuid[], e_metadata => %b::jsonb[]"
)
_HEADS: LiteralString = "h_command => %b::integer[], h_stream => %b::uuid[], h_step => %b::bigint[]"
_KEYS: LiteralString = (
    "k_command => %b::integer[], k_actor => %b::text[], k_key => %b::text[], k_body => %b::bytea[]"
)
_NOTES: LiteralString = (
    "n_entry => %b::uuid[], n_field => %b::text[], n_salt => %b::bytea[], n_note => %b::text[]"
)
_REMOVED: LiteralString = "r_command => %b::integer[], r_entry => %b::uuid[], r_field => %b::text[]"


def statement(commands: Sequence[Append]) -> tuple[LiteralString, list[list[Any]]]:
    """The call of ledger_append for some commands; only the arrays that hold something are sent."""
    calls: list[LiteralString] = [_ENTRIES]
    arrays = _entries(commands)
    groups: tuple[tuple[LiteralString, list[list[Any]]], ...] = (
        (_HEADS, _heads(commands)),
        (_KEYS, _keys(commands)),
        (_NOTES, _notes(commands)),
        (_REMOVED, _removed(commands)),
    )
    for words, some in groups:
        if some[0]:
            calls.append(words)
            arrays += some
    return "SELECT head, repeated, rivalled FROM ledger_append(" + ", ".join(calls) + ")", arrays


def outcomes(commands: Sequence[Append], row: TupleRow | None) -> list[Appended]:
    """What became of each command, by what ledger_append said of the batch."""
    assert row is not None  # noqa: S101  the function gives one row
    position: int = row[0] + 1
    repeated: set[int] = set(row[1] or ())
    rivalled: set[int] = set(row[2] or ())
    found: list[Appended] = []
    for number, command in enumerate(commands):
        if number in repeated:
            found.append(Appended("repeated", None))
        elif number in rivalled:
            found.append(Appended("rivalled", None))
        else:
            found.append(Appended("recorded", position))
            position += len(command.events)
    return found


def _entries(commands: Sequence[Append]) -> list[list[Any]]:
    numbered = [(Int4(n), command) for n, command in enumerate(commands)]
    events = [event for command in commands for event in command.events]
    return [
        [number for number, command in numbered for _ in command.events],
        [event.originator_id for event in events],
        [Int8(event.originator_version) for event in events],
        [event.topic for event in events],
        [event.state for event in events],
        [identity for command in commands for identity in command.ids],
        [Jsonb(command.metadata) for command in commands for _ in command.events],
    ]


def _heads(commands: Sequence[Append]) -> list[list[Any]]:
    if all(len(command.events) == 1 for command in commands):
        return [[]]
    heads: dict[tuple[int, UUID | str], int] = {}
    for number, command in enumerate(commands):
        for event in command.events:
            heads.setdefault((number, event.originator_id), event.originator_version)
    return [
        [Int4(number) for number, _ in heads],
        [stream for _, stream in heads],
        [Int8(step) for step in heads.values()],
    ]


def _keys(commands: Sequence[Append]) -> list[list[Any]]:
    keys = [(Int4(number), command.key) for number, command in enumerate(commands) if command.key]
    return [
        [number for number, _ in keys],
        [key.actor for _, key in keys],
        [key.key for _, key in keys],
        [key.body_sha256 for _, key in keys],
    ]


def _notes(commands: Sequence[Append]) -> list[list[Any]]:
    notes = [note for command in commands for note in command.notes]
    return [
        [note.entry for note in notes],
        [note.field for note in notes],
        [note.salt for note in notes],
        [note.note for note in notes],
    ]


def _removed(commands: Sequence[Append]) -> list[list[Any]]:
    places = [(Int4(n), *place) for n, command in enumerate(commands) for place in command.removed]
    return [
        [number for number, _, _ in places],
        [entry for _, entry, _ in places],
        [field for _, _, field in places],
    ]
