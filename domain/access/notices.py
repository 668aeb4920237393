"""Notices: a step as programs are told of it, by identifiers and codes, without any text.

A notice says that something was recorded, and where to read it. What it says never changes, not by
a correction, a withdrawal or a suppression: these are steps with notices of their own.
"""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from msgspec import Struct

from domain.access.permissions import ReadPermission, may_read
from domain.access.published import UNPUBLISHED
from domain.amendments.correction import notes_of
from domain.events.correspondence import (
    DisputeFields,
    RetreatFields,
    SettlementFields,
)
from domain.events.event import Event, History
from domain.events.recommendation import (
    ClosureDeclined,
    ClosureProposed,
    Corrected,
    DecisionConfirmed,
    NoteRedacted,
    OwnerNamed,
    RedactionApproved,
    Withdrawn,
)
from domain.events.report import ReportCorrected, ReportNoteRedacted, ReportRedactionApproved
from domain.vocabulary.actors import Actor
from domain.vocabulary.values import Code, When

UNTOLD: Final[tuple[type[Event], ...]] = (
    *UNPUBLISHED,
    OwnerNamed,
    ClosureProposed,
    ClosureDeclined,
    DecisionConfirmed,
    NoteRedacted,
    RedactionApproved,
    ReportNoteRedacted,
    ReportRedactionApproved,
)
"""Events that the public is told nothing of: those of access, remarks, and what is inside."""
ABOUT_OTHERS: Final = (Corrected, ReportCorrected, Withdrawn)
"""Events that the public is told of if it was told of the step that they are about."""
PRIVATE_FIELDS: Final = frozenset({"assignee", "procedure", "window_from", "window_to"})
"""Fields of a follow-up that are for readers of the history."""


class Notice(Struct, frozen=True, kw_only=True):
    """A step of a report or a recommendation, as programs are told of it."""

    position: int
    stream: UUID
    step: int
    tag: str
    at: datetime
    on: When
    addressee: Code
    report: UUID
    """The report of a recommendation; of a report, itself."""
    published: bool
    """Whether the public is told of the step."""

    @property
    def id(self) -> UUID:
        """The same for ever, and in every channel; the entry's own id is not published."""
        return uuid5(self.stream, str(self.step))


def is_told(known: History) -> bool:
    """Return whether the public is told of the last of some steps of a stream, as known then."""
    event = known[-1].event
    match event:
        case Withdrawn(steps=steps):
            return any(_is_told_by_itself(known[step - 1].event) for step in steps)
        case Corrected(step=step, field=field) | ReportCorrected(step=step, field=field):
            private = notes_of(type(known[step - 1].event)) | PRIVATE_FIELDS
            return field not in private and is_told(known[:step])
        case DisputeFields(statement=statement):
            return statement is not None
        case SettlementFields(public=public) | RetreatFields(public=public):
            return public
        case _:
            return _is_told_by_itself(event)


def _is_told_by_itself(event: Event) -> bool:
    return not isinstance(event, UNTOLD + ABOUT_OTHERS)


def may_read_notice(actor: Actor, notice: Notice) -> bool:
    """Return whether an actor may be told of a step: readers of its history of every one."""
    return notice.published or may_read(actor, ReadPermission.HISTORY, notice.addressee)
