"""Appends to the ledger: the additions of each command, and the arrays that ledger_append takes."""

from collections.abc import Sequence
from functools import cache, partial
from typing import Literal, LiteralString, cast
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from msgspec import Struct
from msgspec.json import encode
from psycopg.rows import TupleRow

from adapters.ledger.codec import NoteRow
from adapters.postgres.binary import BinaryArray, bigints, byteas, integers, jsonbs, texts, uuids
from adapters.postgres.query import Query, QuerySteps, retried

Outcome = Literal["recorded", "repeated", "rivalled"]


class Key(Struct, frozen=True):
    """An actor's Idempotency-Key, with the SHA-256 of the request made under it."""

    actor: str
    key: str
    body_sha256: bytes


class Append(Struct, frozen=True):
    """The additions of a command: its entries in order, notes to keep, notes to remove."""

    events: Sequence[StoredEvent]
    ids: Sequence[UUID]
    notes: Sequence[NoteRow] = ()
    removed: Sequence[tuple[UUID, str]] = ()
    key: Key | None = None
    metadata: dict[str, str] = {}


class Appended(Struct, frozen=True):
    """The outcome of a command, and the position of its first entry if recorded."""

    outcome: Outcome
    first_position: int | None


_PLACES: LiteralString = (
    "SELECT entry_id, notification_id FROM ledger_events WHERE entry_id = ANY($1)"
)
_ENTRIES: tuple[LiteralString, ...] = (
    "e_command",
    "e_stream",
    "e_step",
    "e_tag",
    "e_state",
    "e_id",
    "e_metadata",
)
_HEADS: tuple[LiteralString, ...] = ("h_command", "h_stream", "h_step")
_KEYS: tuple[LiteralString, ...] = ("k_command", "k_actor", "k_key", "k_body")
_NOTES: tuple[LiteralString, ...] = ("n_entry", "n_field", "n_salt", "n_note")
_REMOVED: tuple[LiteralString, ...] = ("r_command", "r_entry", "r_field")
_PLACEHOLDERS: tuple[LiteralString, ...] = (
    *("$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11"),
    *("$12", "$13", "$14", "$15", "$16", "$17", "$18", "$19", "$20", "$21"),
)
"""The placeholders of the parameters, as many as there are arrays."""


def statement(commands: Sequence[Append]) -> Query:
    """Return the call of ledger_append for some commands; empty arrays are left out."""
    groups = (
        (_ENTRIES, _entries(commands)),
        (_HEADS, _heads(commands)),
        (_KEYS, _keys(commands)),
        (_NOTES, _notes(commands)),
        (_REMOVED, _removed(commands)),
    )
    names = tuple(name for group, arrays in groups if arrays for name in group)
    return Query(_call(names), [array for _, arrays in groups for array in arrays])


@cache
def _call(names: tuple[LiteralString, ...]) -> LiteralString:
    pairs = zip(names, _PLACEHOLDERS, strict=False)
    arguments = ", ".join([name + " => " + placeholder for name, placeholder in pairs])
    return "SELECT head, repeated, rivalled FROM ledger_append(" + arguments + ")"


def append_all(commands: Sequence[Append]) -> QuerySteps[list[Appended]]:
    """Append commands in one transaction, which is durable once it returns.

    If the connection is lost the outcome is unknown: the append is repeated, and then the entries
    that exist are looked up.
    """
    return retried(partial(_append_all, commands))


def _append_all(commands: Sequence[Append], attempt: int) -> QuerySteps[list[Appended]]:
    outcomes = _outcomes(commands, (yield statement(commands))[0])
    if attempt == 0:
        return outcomes
    # On a repeated attempt, a rival may be the lost commit itself. The append waited for the lock,
    # so that a lost commit is either there by now or never.
    first = uuids(command.ids[0] for command in commands)
    places: dict[UUID, int] = dict((yield Query(_PLACES, [first])))
    return [
        Appended("recorded", places[command.ids[0]]) if command.ids[0] in places else outcome
        for command, outcome in zip(commands, outcomes, strict=True)
    ]


def _outcomes(commands: Sequence[Append], row: TupleRow) -> list[Appended]:
    """Return the outcome of each command, from ledger_append's row for the batch."""
    position: int = row[0] + 1
    repeated: set[int] = set(row[1] or ())
    rivalled: set[int] = set(row[2] or ())
    outcomes: list[Appended] = []
    for number, command in enumerate(commands):
        if number in repeated:
            outcomes.append(Appended("repeated", None))
        elif number in rivalled:
            outcomes.append(Appended("rivalled", None))
        else:
            outcomes.append(Appended("recorded", position))
            position += len(command.events)
    return outcomes


def _entries(commands: Sequence[Append]) -> list[BinaryArray]:
    events = [event for command in commands for event in command.events]
    metadata = [encode(command.metadata) for command in commands]
    of = [number for number, command in enumerate(commands) for _ in command.events]
    return [
        integers(of),
        uuids(cast("UUID", event.originator_id) for event in events),
        bigints(event.originator_version for event in events),
        texts(event.topic for event in events),
        byteas(event.state for event in events),
        uuids(identity for command in commands for identity in command.ids),
        jsonbs(metadata[number] for number in of),
    ]


def _heads(commands: Sequence[Append]) -> list[BinaryArray]:
    if all(len(command.events) == 1 for command in commands):
        return []
    heads: dict[tuple[int, UUID], int] = {}
    for number, command in enumerate(commands):
        for event in command.events:
            stream = cast("UUID", event.originator_id)
            heads.setdefault((number, stream), event.originator_version)
    return [
        integers(number for number, _ in heads),
        uuids(stream for _, stream in heads),
        bigints(heads.values()),
    ]


def _keys(commands: Sequence[Append]) -> list[BinaryArray]:
    keys = [(number, command.key) for number, command in enumerate(commands) if command.key]
    if not keys:
        return []
    return [
        integers(number for number, _ in keys),
        texts(key.actor for _, key in keys),
        texts(key.key for _, key in keys),
        byteas(key.body_sha256 for _, key in keys),
    ]


def _notes(commands: Sequence[Append]) -> list[BinaryArray]:
    notes = [note for command in commands for note in command.notes]
    if not notes:
        return []
    return [
        uuids(note.entry for note in notes),
        texts(note.field for note in notes),
        byteas(note.salt for note in notes),
        texts(note.note for note in notes),
    ]


def _removed(commands: Sequence[Append]) -> list[BinaryArray]:
    places = [(n, *place) for n, command in enumerate(commands) for place in command.removed]
    if not places:
        return []
    return [
        integers(number for number, _, _ in places),
        uuids(entry for _, entry, _ in places),
        texts(field for _, _, field in places),
    ]
