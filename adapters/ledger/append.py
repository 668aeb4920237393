"""Appends to the ledger: the additions of each command, and the arrays that ledger_append takes."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Literal, LiteralString, cast
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from msgspec import Struct
from msgspec.json import encode
from msgspec.structs import replace

from adapters.clock import now
from adapters.ledger.codec import NoteRow
from adapters.ledger.lineage import LastSeen, halting, noting
from adapters.ledger.submission import HeldTooLong
from adapters.postgres.binary import (
    BinaryArray,
    bigint,
    bigints,
    byteas,
    integers,
    jsonbs,
    moment,
    moments,
    texts,
    uuid,
    uuids,
)
from adapters.postgres.query import Query, QuerySteps, retried

Outcome = Literal["recorded", "repeated", "rivalled"]


class Key(Struct, frozen=True):
    """An actor's Idempotency-Key, with the SHA-256 of the request made under it."""

    actor: str
    key: str
    body_sha256: bytes


class Append(Struct, frozen=True):
    """The additions of a command: its entries in order, notes to keep, notes to remove.

    `at` is the moment in its entries' bytes; ledger_append may set a slightly later one, so that
    no entry is of a moment that was asked about. Without it, the bytes stay as they are.
    """

    events: Sequence[StoredEvent]
    ids: Sequence[UUID]
    notes: Sequence[NoteRow] = ()
    removed: Sequence[tuple[UUID, str]] = ()
    key: Key | None = None
    metadata: dict[str, str] = {}
    at: datetime | None = None


class Appended(Struct, frozen=True):
    """The outcome of a command, and the position of its first entry if recorded."""

    outcome: Outcome
    first_position: int | None


class LargeAppend(Struct, frozen=True):
    """The additions of one command, too many for one call of ledger_append.

    Each function makes a part as of a moment: `at`, or a later one if that is frozen by now.
    """

    at: datetime
    parts: Sequence[Callable[[datetime], Append]]
    seconds: float
    """How long others that record may wait for it, looked at after each part."""


_FROZEN: LiteralString = "SELECT ledger_frozen()"
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
_MOMENTS: tuple[LiteralString, ...] = ("m_at", "sent_at")
_SEEN: tuple[LiteralString, ...] = ("seen_lineage", "seen_position", "seen_entry")
_PLACEHOLDERS: tuple[LiteralString, ...] = (
    *("$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11"),
    *("$12", "$13", "$14", "$15", "$16", "$17", "$18", "$19", "$20", "$21"),
    *("$22", "$23", "$24", "$25", "$26"),
)
"""The placeholders of the parameters, as many as there are arrays."""


def statement(commands: Sequence[Append], seen: LastSeen | None = None) -> Query:
    """Return the call of ledger_append for some commands; empty arrays are left out."""
    groups = (
        (_ENTRIES, _entries(commands)),
        (_HEADS, _heads(commands)),
        (_KEYS, _keys(commands)),
        (_NOTES, _notes(commands)),
        (_REMOVED, _removed(commands)),
        (_MOMENTS, _moments(commands)),
        (_SEEN, _seen(seen)),
    )
    names = tuple(name for group, arrays in groups if arrays for name in group)
    return Query(_call(names), [array for _, arrays in groups for array in arrays])


@cache
def _call(names: tuple[LiteralString, ...]) -> LiteralString:
    pairs = zip(names, _PLACEHOLDERS, strict=False)
    arguments = ", ".join([name + " => " + placeholder for name, placeholder in pairs])
    return "SELECT head, repeated, rivalled, lineage FROM ledger_append(" + arguments + ")"


def append_all(commands: Sequence[Append], seen: LastSeen) -> QuerySteps[list[Appended]]:
    """Append commands in one transaction, which is durable once it returns.

    If the connection is lost the outcome is unknown: the append is repeated, and then the entries
    that exist are looked up. `seen` is what this process recorded before; it is brought up to
    date. Raises RecordingHalted.
    """
    with noting(seen):
        return (yield from retried(partial(_append_all, commands, seen)))


def _append_all(
    commands: Sequence[Append], seen: LastSeen, attempt: int
) -> QuerySteps[list[Appended]]:
    with halting():
        ((head, repeated, rivalled, lineage),) = yield statement(commands, seen)
    outcomes = _outcomes(commands, head, {*(repeated or ())}, {*(rivalled or ())})
    last = [
        (outcome.first_position + len(command.ids) - 1, command.ids[-1])
        for command, outcome in zip(commands, outcomes, strict=True)
        if outcome.first_position is not None
    ][-1:]
    for position, entry in last:
        seen.lineage, seen.position, seen.entry = lineage, position, entry
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


def append_parts(command: LargeAppend, seen: LastSeen) -> QuerySteps[tuple[Appended, LastSeen]]:
    """Append a command part by part, in a transaction that the caller rolls back if it is rivalled.

    The first part takes the lock of ledger_append and settles the moment of all: nobody else
    records, or freezes a moment, until the transaction ends. Returns also what this process has
    recorded by then. Raises HeldTooLong.
    """
    first, at, held_from, last = 0, command.at, 0.0, seen
    for number, make in enumerate(command.parts):
        if number and time.monotonic() - held_from > command.seconds:
            raise HeldTooLong(
                "Recording would have held up all other commands for longer than the "
                f"{command.seconds:g} seconds that it may."
            )
        part = replace(make(at), at=None if number else at)
        ((head, _, rivalled, lineage),) = yield statement([part], None if number else seen)
        if rivalled:
            # The rival of the first part may be the command itself, if its commit was lost.
            rows = yield Query(_PLACES, [uuids(part.ids[:1])])
            if number or not rows:
                return Appended("rivalled", None), seen
            return Appended("recorded", rows[0][1]), seen
        if not number:
            first, held_from = head + 1, time.monotonic()
            ((frozen,),) = yield Query(_FROZEN)
            at = max(at, frozen)
        last = LastSeen(lineage, head + len(part.ids), part.ids[-1])
    return Appended("recorded", first), last


def _outcomes(
    commands: Sequence[Append], head: int, repeated: set[int], rivalled: set[int]
) -> list[Appended]:
    """Return the outcome of each command, from ledger_append's row for the batch."""
    position = head + 1
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


def _moments(commands: Sequence[Append]) -> list[BinaryArray]:
    of_all = [command.at for command in commands if command.at is not None]
    if len(of_all) < len(commands):
        return []
    return [moments(of_all), moment(now())]


def _seen(seen: LastSeen | None) -> list[BinaryArray]:
    if seen is None or seen.lineage is None or seen.position is None or seen.entry is None:
        return []
    return [uuid(seen.lineage), bigint(seen.position), uuid(seen.entry)]
