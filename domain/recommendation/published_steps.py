"""The published steps of a recommendation: what each says to anybody, by codes and its text."""

from datetime import date, datetime

from msgspec import Struct

from domain.events.correspondence import (
    AgreementFields,
    DisputeFields,
    RetreatFields,
    SettlementFields,
)
from domain.events.event import Event
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    AssuranceRecorded,
    Closed,
    CompletionClaimed,
    FollowUpAssigned,
    FollowUpChanged,
    FollowUpReported,
    MilestoneNoted,
    OutcomeNoted,
    Section55Responded,
    TakenOver,
    TimeLimitChanged,
    UpdateReceived,
)
from domain.events.report import ReportMilestoneNoted, ReportOutcomeNoted
from domain.vocabulary.dates import certain_day
from domain.vocabulary.entry import Stamp
from domain.vocabulary.values import Reference, SaidBy, When
from domain.vocabulary.words import STEPS


class PublishedStep(Struct, frozen=True):
    """A step that anybody may read of: its date of effect, when it was recorded, and its event."""

    on: When
    by: date
    """The day by which it had certainly happened, ignoring other steps."""
    at: datetime
    event: Event


def with_step(
    steps: tuple[PublishedStep, ...], event: Event, stamp: Stamp
) -> tuple[PublishedStep, ...]:
    """Return the published steps after one more step."""
    if not is_published(event):
        return steps
    by = certain_day(stamp.on, stamp.first_at)
    return (*steps, PublishedStep(stamp.on, by, stamp.at, event))


def tag_of_step(event: Event) -> str:
    """Return the code of a kind of step, as in notices."""
    return str(type(event).__struct_config__.tag)


def is_published(event: Event) -> bool:
    """Return whether a step of a recommendation is on its public timeline."""
    match event:
        case DisputeFields(statement=statement):
            return statement is not None
        case SettlementFields(public=public) | RetreatFields(public=public):
            return public
        case _:
            return tag_of_step(event) in STEPS


def party_of(event: Event) -> SaidBy:
    """Return the party that acted in a published step, or that spoke in a source."""
    match event:
        case OutcomeNoted() | MilestoneNoted() | ReportOutcomeNoted() | ReportMilestoneNoted():
            return event.said_by
        case ActionPlanReceived() | UpdateReceived() | CompletionClaimed():
            return "force"
        case DisputeFields() | RetreatFields():
            return event.party
        case Section55Responded() | AssuranceRecorded():
            return "local_policing_body"
        case _:
            return "inspectorate"


def source_of(event: Event) -> str:
    """Return where a step is published; an empty string if the record does not say."""
    match event:
        case MilestoneNoted() | ReportMilestoneNoted():
            address = event.address
            beside = address and address not in event.source
            return f"{address} | {event.source}" if beside else event.source
        case OutcomeNoted() | ReportOutcomeNoted() | FollowUpReported():
            return event.source
        case TakenOver(source=str(source)) | Closed(source=str(source)):
            return source
        case Section55Responded(address=str(address)):
            return address
        case _:
            return ""


def text_of(event: Event) -> str | None:
    """Return the published text of a step; the comments under section 55 are apart from it."""
    match event:
        case FollowUpReported(passage=text) | TakenOver(passage=text):
            return text
        case OutcomeNoted(text=text) | MilestoneNoted(text=text):
            return text
        case DisputeFields(statement=text) | AgreementFields(words=text):
            return text
        case SettlementFields(answer=text):
            return text
        case _:
            return None


def result_of(event: Event) -> str | None:  # noqa: C901, PLR0911  one case a field
    """Return what a step says as a code: an answer, outcome, finding, reason or time limit."""
    match event:
        case ActionPlanReceived(answer=code) | Section55Responded(answer=code):
            return code
        case ActionPlanReviewed(outcome=code):
            return code
        case FollowUpAssigned(kind=code) | FollowUpChanged(kind=code):
            return code
        case FollowUpReported(finding=code):
            return code
        case TakenOver(standing=code):
            return code
        case AssuranceRecorded(level=code):
            return code
        case Closed(reason=code):
            return code
        case OutcomeNoted(reading=code):
            return code
        case MilestoneNoted(milestone=code):
            return code
        case TimeLimitChanged(now=code):
            return code
        case SettlementFields(result=code):
            return code
        case _:
            return None


def reported_in(event: Event) -> Reference | None:
    """Return the reference of the later report that says so, if one does."""
    return event.reported_in if isinstance(event, OutcomeNoted | ReportOutcomeNoted) else None
