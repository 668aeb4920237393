"""How an entry is written: readable JSON under its event's tag, private text as a commitment.

The bytes are written once and never again; an auditor reads them in psql. They hold the entry's
random id, so that a hash of them tells nothing about them.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, Notification, StoredEvent, Transcoder
from msgspec import Struct
from msgspec.structs import replace

from adapters.ledger.queries import StoredRow
from domain.correction import notes_of
from domain.events.event import Event
from domain.events.recommendation import Commented, ProgressReported
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import ActorId, When

ENTRY_BYTES_MAX = 60_000
"""C2SP tlog-tiles gives an entry a length of 16 bits; this leaves room for a frame."""
SALT_BYTES = 32
_NOTE_DOMAIN = b"tracker/note/v1\0"


class Body(Struct, frozen=True):
    """What an entry says in its bytes; its place is in the columns beside them."""

    id: UUID
    at: datetime
    on: When
    by: ActorId
    role: Role
    event: Event


class _When(Struct, frozen=True, gc=False):
    """When it was, of what an entry says."""

    at: datetime
    on: str


class NoteRow(Struct, frozen=True):
    """Private text beside an entry, with the salt that its commitment was made with."""

    entry: UUID
    field: str
    salt: bytes
    note: str


def commitment(entry: UUID, field: str, salt: bytes, note: str) -> str:
    """What stands for a private text in the bytes: salted SHA-256, bound to its place.

    SHA-256("tracker/note/v1" 0x00, salt, length of field, field, entry id, text).
    """
    name = field.encode()
    digest = hashlib.sha256(
        b"".join((_NOTE_DOMAIN, salt, bytes([len(name)]), name, entry.bytes, note.encode()))
    )
    return f"sha256:{digest.hexdigest()}"


def commit_notes(entry: Entry[Event]) -> tuple[Entry[Event], tuple[NoteRow, ...]]:
    """The entry with commitments in place of its private texts, and those texts."""
    rows = tuple(
        NoteRow(entry.id, field, secrets.token_bytes(SALT_BYTES), note)
        for field in sorted(notes_of(type(entry.event)))
        if (note := cast("str | None", getattr(entry.event, field))) is not None
    )
    if not rows:
        return entry, ()
    sealed = {row.field: commitment(row.entry, row.field, row.salt, row.note) for row in rows}
    return replace(entry, event=replace(entry.event, **sealed)), rows


class _NoTranscoder(Transcoder):
    """The library asks for one; the mapper writes whole entries itself."""

    def encode(self, obj: Any) -> bytes:  # noqa: ANN401  the library's signature
        raise NotImplementedError

    def decode(self, data: bytes) -> Any:  # noqa: ANN401  the library's signature
        raise NotImplementedError


SKIMMED: dict[str, Event] = {
    "recommendation.commented": Commented(""),
    "recommendation.progress_reported": ProgressReported(""),
}
"""The remarks of which read models need to know only when they were, by tag; most entries are."""


class EntryMapper(Mapper[UUID]):
    """Turns entries into the library's stored events and back, by tag and not by Python path."""

    _encode = msgspec.json.Encoder().encode
    _decode = msgspec.json.Decoder(Body).decode

    def __init__(self) -> None:
        super().__init__(_NoTranscoder())

    def to_stored_event(
        self, domain_event: DomainEventProtocol[UUID] | Entry[Event]
    ) -> StoredEvent:
        """What is written. Raises Refused if it is longer than an entry may be."""
        assert isinstance(domain_event, Entry)  # noqa: S101  nothing else is ever recorded
        entry, stamp = domain_event, domain_event.stamp
        state = self._encode(Body(entry.id, stamp.at, stamp.on, stamp.by, stamp.role, entry.event))
        if len(state) > ENTRY_BYTES_MAX:
            raise Refused(
                f"The entry would be {len(state)} bytes long; the most is {ENTRY_BYTES_MAX}."
            )
        return StoredEvent(entry.stream, entry.step, tag_of(entry.event), state)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:  # noqa: ANN401  see `read`
        """The library's name for `read`."""
        return self.read(stored_event)

    def read(self, stored: StoredEvent) -> Entry[Event]:
        """The entry that was written. Raises msgspec.ValidationError if the bytes are not one."""
        position = stored.id if isinstance(stored, Notification) else 0
        stream = cast("UUID", stored.originator_id)
        return self.read_row(
            (stream, stored.originator_version, stored.topic, stored.state, position)
        )

    def read_row(self, row: StoredRow) -> Entry[Event]:
        """The entry in a row of the ledger."""
        stream, step, _, state, position = row
        body = self._decode(state)
        stamp = Stamp(body.by, body.role, body.at, body.on)
        return Entry(stream, step, body.id, stamp, body.event, position)


MAPPER = EntryMapper()
"""It keeps nothing, so that one serves all."""

_skim = msgspec.json.Decoder(_When).decode


def skim_row(row: StoredRow) -> Entry[Event]:
    """The entry in a row, but of a skimmed remark only when it was and not what it says."""
    remark = SKIMMED.get(row[2])
    if remark is None:
        return MAPPER.read_row(row)
    stream, step, _, state, position = row
    when = _skim(state)
    return Entry(stream, step, stream, Stamp("", Role.PUBLIC, when.at, when.on), remark, position)


def tag_of(event: Event) -> str:
    """The literal name under which an event is stored."""
    return str(event.__struct_config__.tag)
