"""The API's view of a ledger entry: place, stamp and event, with notes as commitments."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from adapters.ledger.codec import tag_of
from domain.access.proposals import as_read
from domain.events.event import Event, History
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.entry import Entry
from domain.vocabulary.values import ActorId, When


class ShownEntry(Struct, frozen=True, kw_only=True):
    """An entry as it was recorded; it never changes, but that a suppressed text goes from it.

    Proposed words come to it for others than the two sides, once these agree.
    """

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


def shown(entry: Entry[Event], actor: Actor, history: History = ()) -> ShownEntry:
    """Return the API's view of an entry for a reader; `history` is that of its stream."""
    entry = as_read(entry, actor, history)
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
