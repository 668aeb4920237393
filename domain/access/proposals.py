"""Proposed words: until both sides of a dispute agree to them, they are for these two alone."""

from typing import Final

from msgspec.structs import replace

from domain.access.permissions import OWN_FORCE_ONLY
from domain.events.correspondence import AgreementFields, ProposalFields
from domain.events.event import Event, History
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry

NOT_AGREED: Final = "Not shown until both sides agree"
"""The words in the place of those that a reader may not read yet."""


def as_read(entry: Entry[Event], actor: Actor, history: History = ()) -> Entry[Event]:
    """Return an entry as a reader of its history may read it, with no words of two other sides.

    `history` is that of its stream: words to which both sides agreed there are read by everybody.
    """
    event = entry.event
    if not isinstance(event, ProposalFields) or actor.role not in OWN_FORCE_ONLY:
        return entry
    if actor.role == event.party or any(
        isinstance(later.event, AgreementFields) and later.event.proposal == entry.step
        for later in history
    ):
        return entry
    return replace(entry, event=replace(event, words=NOT_AGREED))
