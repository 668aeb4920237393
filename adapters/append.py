"""What one command adds to the ledger, and the arrays in which ledger_append takes several."""

from collections.abc import Sequence
from typing import Any, Literal
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


APPEND = (
    "SELECT head, repeated, rivalled FROM ledger_append("
    "%b::integer[], %b::text[], %b::text[], %b::bytea[],"
    "%b::integer[], %b::uuid[], %b::bigint[],"
    "%b::integer[], %b::uuid[], %b::bigint[], %b::text[], %b::bytea[], %b::uuid[], %b::jsonb[],"
    "%b::uuid[], %b::text[], %b::bytea[], %b::text[],"
    "%b::integer[], %b::uuid[], %b::text[])"
)


def outcomes(commands: Sequence[Append], row: TupleRow | None) -> list[Appended]:
    """What became of each command, by what ledger_append said of the batch."""
    assert row is not None  # noqa: S101  the function gives one row
    position, repeated, rivalled = row[0] + 1, set(row[1] or ()), set(row[2] or ())
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


def arrays(commands: Sequence[Append]) -> tuple[list[Any], ...]:
    """The commands as the arrays that ledger_append takes, one row an item."""
    keys = [(Int4(n), c.key) for n, c in enumerate(commands) if c.key]
    heads: dict[tuple[int, UUID | str], int] = {}
    for number, command in enumerate(commands):
        for event in command.events:
            heads.setdefault((number, event.originator_id), event.originator_version)
    entries = [
        (Int4(number), event, identity, Jsonb(command.metadata))
        for number, command in enumerate(commands)
        for event, identity in zip(command.events, command.ids, strict=True)
    ]
    notes = [note for command in commands for note in command.notes]
    removed = [
        (Int4(number), *place)
        for number, command in enumerate(commands)
        for place in command.removed
    ]
    return (
        [number for number, _ in keys],
        [key.actor for _, key in keys],
        [key.key for _, key in keys],
        [key.body_sha256 for _, key in keys],
        [Int4(number) for number, _ in heads],
        [stream for _, stream in heads],
        [Int8(step) for step in heads.values()],
        [number for number, _, _, _ in entries],
        [event.originator_id for _, event, _, _ in entries],
        [Int8(event.originator_version) for _, event, _, _ in entries],
        [event.topic for _, event, _, _ in entries],
        [event.state for _, event, _, _ in entries],
        [identity for _, _, identity, _ in entries],
        [metadata for _, _, _, metadata in entries],
        [note.entry for note in notes],
        [note.field for note in notes],
        [note.salt for note in notes],
        [note.note for note in notes],
        [number for number, _, _ in removed],
        [entry for _, entry, _ in removed],
        [field for _, _, field in removed],
    )
