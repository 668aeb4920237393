"""The API's view of a ledger entry: place, stamp and event, with notes as commitments."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from adapters.ledger.codec import tag_of
from domain.events.event import Event
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Entry
from domain.vocabulary.values import ActorId, When


class ShownEntry(Struct, frozen=True, kw_only=True):
    """An entry as it was recorded; it never changes, but that a suppressed text goes from it."""

    position: int
    stream: UUID
    step: int
    id: UUID
    at: datetime
    on: When
    actor: ActorId
    role: Role
    tag: str
    event: Event


def shown(entry: Entry[Event]) -> ShownEntry:
    """Return the API's view of an entry."""
    return ShownEntry(
        position=entry.position,
        stream=entry.stream,
        step=entry.step,
        id=entry.id,
        at=entry.stamp.at,
        on=entry.stamp.on,
        actor=entry.stamp.by,
        role=entry.stamp.role,
        tag=tag_of(entry.event),
        event=entry.event,
    )
