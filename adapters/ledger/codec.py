"""Codec of entries: readable JSON under the event's tag, with private text as a commitment.

The bytes are written once and never again; an auditor reads them in psql. They hold the entry's
random id, so that a hash of them reveals nothing about their content.
"""

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, Notification, StoredEvent, Transcoder
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from adapters.ledger.queries import StoredRow
from domain.amendments.correction import notes_of
from domain.events.event import Event
from domain.events.recommendation import Commented, ProgressReported
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Entry, Origin, Stamp
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import ActorId, When

ENTRY_BYTES_MAX = 60_000
"""C2SP tlog-tiles gives an entry a 16-bit length; this leaves room for a frame."""
SALT_BYTES = 32
_NOTE_DOMAIN = b"tracker/note/v1\0"


class Body(Struct, frozen=True):
    """The content of an entry's bytes; its place is in the columns beside them."""

    id: UUID
    at: datetime
    on: When
    by: ActorId
    role: Role
    event: Event
    origin: Origin | UnsetType = UNSET


class _When(Struct, frozen=True, gc=False):
    """The moments `at` and `on` of an entry, without the rest."""

    at: datetime
    on: str


class NoteRow(Struct, frozen=True):
    """Private text kept beside an entry, with the salt of its commitment."""

    entry: UUID
    field: str
    salt: bytes
    note: str


def commitment(entry: UUID, field: str, salt: bytes, note: str) -> str:
    """Return the commitment to a private text: a salted SHA-256, bound to its place.

    SHA-256("tracker/note/v1" 0x00, salt, length of field, field, entry id, text), in hexadecimal
    after "sha256:".
    """
    name = field.encode()
    digest = hashlib.sha256(
        b"".join((_NOTE_DOMAIN, salt, bytes([len(name)]), name, entry.bytes, note.encode()))
    )
    return f"sha256:{digest.hexdigest()}"


def commit_notes(entry: Entry[Event]) -> tuple[Entry[Event], tuple[NoteRow, ...]]:
    """Return the entry with commitments in place of its private texts, and those texts."""
    rows = tuple(
        NoteRow(entry.id, field, secrets.token_bytes(SALT_BYTES), note)
        for field in sorted(notes_of(type(entry.event)))
        if (note := cast("str | None", getattr(entry.event, field))) is not None
    )
    if not rows:
        return entry, ()
    commitments = {row.field: commitment(row.entry, row.field, row.salt, row.note) for row in rows}
    return replace(entry, event=replace(entry.event, **commitments)), rows


class UnreadableEntry(ValueError):  # noqa: N818  says what is the matter
    """An entry that this program cannot read: of a newer version, or altered. Says which."""

    def __init__(self, position: int, tag: str, error: Exception) -> None:
        super().__init__(f"The entry at position {position}, {tag}, cannot be read: {error}")


class _NoTranscoder(Transcoder):
    """A transcoder that the library requires; the mapper writes whole entries itself."""

    def encode(self, obj: Any) -> bytes:  # noqa: ANN401  the library's signature
        raise NotImplementedError

    def decode(self, data: bytes) -> Any:  # noqa: ANN401  the library's signature
        raise NotImplementedError


SKIMMED: dict[str, Event] = {
    "recommendation.commented": Commented(""),
    "recommendation.progress_reported": ProgressReported(""),
}
"""Remarks, by tag, of which read models need only the moments; most entries are such."""


class EntryMapper(Mapper[UUID]):
    """Turns entries into the library's stored events and back, by tag, not Python path."""

    _encode = msgspec.json.Encoder().encode
    _decode = msgspec.json.Decoder(Body).decode

    def __init__(self) -> None:
        super().__init__(_NoTranscoder())

    def to_stored_event(
        self, domain_event: DomainEventProtocol[UUID] | Entry[Event]
    ) -> StoredEvent:
        """Return the stored form. Raises Refused if it is longer than ENTRY_BYTES_MAX."""
        assert isinstance(domain_event, Entry)  # noqa: S101  nothing else is ever recorded
        entry, stamp = domain_event, domain_event.stamp
        origin = stamp.origin or UNSET
        body = Body(entry.id, stamp.at, stamp.on, stamp.by, stamp.role, entry.event, origin)
        state = self._encode(body)
        if len(state) > ENTRY_BYTES_MAX:
            raise Refused(
                f"The entry would be {len(state)} bytes long; the limit is {ENTRY_BYTES_MAX}."
            )
        return StoredEvent(entry.stream, entry.step, tag_of(entry.event), state)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:  # noqa: ANN401  see `read`
        """Read an entry, under the library's name for `read`."""
        return self.read(stored_event)

    def read(self, stored: StoredEvent) -> Entry[Event]:
        """Return the entry that was written.

        Raises UnreadableEntry if the bytes are not an entry.
        """
        position = stored.id if isinstance(stored, Notification) else 0
        stream = cast("UUID", stored.originator_id)
        return self.read_row(
            (stream, stored.originator_version, stored.topic, stored.state, position)
        )

    def read_row(self, row: StoredRow) -> Entry[Event]:
        """Return the entry in a row of the ledger; raises as `read` does."""
        stream, step, tag, state, position = row
        try:
            body = self._decode(state)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnreadableEntry(position, tag, error) from error
        stamp = Stamp(body.by, body.role, body.at, body.on, body.origin or None)
        return Entry(stream, step, body.id, stamp, body.event, position)


MAPPER = EntryMapper()
"""It holds no state, so that all share it."""

_skim = msgspec.json.Decoder(_When).decode


def skim_row(row: StoredRow) -> Entry[Event]:
    """Return the entry in a row; for a skimmed remark, only its moments are real."""
    remark = SKIMMED.get(row[2])
    if remark is None:
        return MAPPER.read_row(row)
    stream, step, _, state, position = row
    when = _skim(state)
    return Entry(stream, step, stream, Stamp("", Role.PUBLIC, when.at, when.on), remark, position)


def moment_of(rows: Sequence[StoredRow]) -> datetime | None:
    """Return the moment of the first of some rows; None if there is none, or it is unreadable."""
    for row in rows[:1]:
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            return _skim(row[3]).at
    return None


def tag_of(event: Event) -> str:
    """Return the literal name under which an event is stored."""
    return str(event.__struct_config__.tag)
