"""Messages: who is to be told of a step at once, and of which steps whoever asked is told.

One table for all events. A new event is one line in `AT_ONCE`.
"""

from enum import StrEnum
from typing import Final

from domain.access.inspections import may_see
from domain.access.notices import Notice
from domain.access.permissions import OWN_FORCE_ONLY, ReadPermission, may_read
from domain.events.correspondence import (
    AgreementFields,
    AnswerFields,
    DisputeFields,
    ProposalFields,
    QuestionFields,
    ReplyFields,
    RetreatFields,
    SettlementFields,
)
from domain.events.event import Event, History
from domain.events.inspection import (
    CheckBegun,
    CheckFinished,
    CommentAnswered,
    CommentWithdrawn,
    FactCommented,
    InspectionDropped,
    InspectionPlanned,
    PublicationDeferred,
    ReportEmbargoed,
)
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    ClaimReturned,
    Closed,
    ClosureDeclined,
    ClosureProposed,
    CompletionClaimed,
    FollowUpAssigned,
    FollowUpChanged,
    Issued,
    Reopened,
    Section55Responded,
    SuppressionRequested,
    TimeLimitChanged,
    UpdateReceived,
)
from domain.events.report import ReportPublished
from domain.history import addressee_of, inspection_after
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.entry import Stamp
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import ActorId, Code


class Hearers(StrEnum):
    """People who are told of a step, as they stand to it."""

    FORCE = "force"
    """The people of the force that it is about."""
    BODY = "local_policing_body"
    """The people of that force's local policing body."""
    LEAD = "lead"
    """The inspector who leads the force."""
    NAMED = "named"
    """The inspectors that the step names: to follow up, or to agree."""


AT_ONCE: Final[dict[type[Event], frozenset[Hearers]]] = {
    ReportPublished: frozenset({Hearers.FORCE, Hearers.BODY}),
    Issued: frozenset({Hearers.FORCE, Hearers.BODY}),
    ActionPlanReceived: frozenset({Hearers.LEAD}),
    ActionPlanReviewed: frozenset({Hearers.FORCE}),
    FollowUpAssigned: frozenset({Hearers.FORCE, Hearers.NAMED}),
    FollowUpChanged: frozenset({Hearers.FORCE, Hearers.NAMED}),
    UpdateReceived: frozenset({Hearers.LEAD}),
    CompletionClaimed: frozenset({Hearers.LEAD}),
    ClaimReturned: frozenset({Hearers.FORCE}),
    Section55Responded: frozenset({Hearers.LEAD}),
    TimeLimitChanged: frozenset({Hearers.FORCE}),
    ClosureProposed: frozenset({Hearers.NAMED}),
    ClosureDeclined: frozenset({Hearers.LEAD}),
    Closed: frozenset({Hearers.FORCE, Hearers.BODY}),
    Reopened: frozenset({Hearers.FORCE, Hearers.BODY}),
    SuppressionRequested: frozenset({Hearers.LEAD}),
    CheckBegun: frozenset({Hearers.FORCE}),
    CheckFinished: frozenset({Hearers.LEAD}),
    FactCommented: frozenset({Hearers.LEAD}),
    CommentAnswered: frozenset({Hearers.FORCE}),
    CommentWithdrawn: frozenset({Hearers.LEAD}),
    ReportEmbargoed: frozenset({Hearers.FORCE, Hearers.LEAD}),
    PublicationDeferred: frozenset({Hearers.FORCE, Hearers.LEAD}),
    InspectionDropped: frozenset({Hearers.FORCE, Hearers.LEAD}),
}
"""The people who are told of each event at once; of any other but CORRESPONDENCE, nobody is."""
CORRESPONDENCE: Final = (
    DisputeFields,
    ReplyFields,
    ProposalFields,
    AgreementFields,
    SettlementFields,
    RetreatFields,
    QuestionFields,
    AnswerFields,
)
"""Disputes and questions, of which the other side is told: the party, or who leads its force."""

TOLD_ROLES: Final = frozenset({Role.FORCE, Role.LOCAL_POLICING_BODY, Role.INSPECTOR})
"""The roles whose people can have messages."""


def hearers_of(
    event: Event, stamp: Stamp, known: History = (), reported: Code | None = None
) -> frozenset[Hearers]:
    """Return who is told of a step at once: nobody of an import, which tells of the past.

    `known` are the steps of an inspection up to this one: before its check, its force has no part.
    `reported` is whom the report of an issued recommendation is about: they are told of the report.
    """
    if stamp.role is Role.IMPORTER:
        return frozenset()
    if isinstance(event, Issued) and event.addressee == reported:
        return frozenset()
    if isinstance(event, ActionPlanReviewed) and event.outcome == "accepted":
        return frozenset()  # which asks nothing of them; the register says it
    if isinstance(event, CORRESPONDENCE):
        return frozenset({Hearers.LEAD if stamp.role in OWN_FORCE_ONLY else Hearers(event.party)})
    hearers = AT_ONCE.get(type(event), frozenset())
    return hearers - {Hearers.FORCE} if known and not inspection_after(known).check else hearers


def named_in(event: Event) -> tuple[ActorId, ...]:
    """Return the inspectors that a step names."""
    match event:
        case FollowUpAssigned(assignee=str(named)) | FollowUpChanged(assignee=str(named)):
            return (named,)
        case ClosureProposed(second_reader=str(named)):
            return (named,)
        case _:
            return ()


def may_have_messages(actor: Actor) -> bool:
    """Return whether an actor's role can have messages."""
    return actor.role in TOLD_ROLES


def may_be_told(actor: Actor, history: History) -> bool:
    """Return whether an actor may be told of a step of a stream, as of now."""
    if not may_have_messages(actor):
        return False
    if isinstance(history[0].event, InspectionPlanned):
        return may_see(actor, inspection_after(history))
    return may_read(actor, ReadPermission.HISTORY, addressee_of(history))


def is_alerted(notice: Notice, stamp: Stamp) -> bool:
    """Return whether alerts tell the public of a step: of published ones, as they are recorded."""
    return (
        notice.published and not is_training(notice.addressee) and stamp.role is not Role.IMPORTER
    )
