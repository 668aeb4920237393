"""The published timeline of a recommendation, in plain words, oldest first.

Each step has its day and its description, but no person and no note. Remarks, which move nothing,
are left out. An actor who may read the history sees every step, with its recorder and time.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from api.pages.rendering import event_fields, formatting, labels
from api.pages.rendering.language import gettext as _
from domain.amendments.redaction import document_of
from domain.checks import REPLIES
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
    ActionPlanWaived,
    AssuranceRecorded,
    ClaimReturned,
    Closed,
    CompletionClaimed,
    Corrected,
    FollowUpAssigned,
    FollowUpChanged,
    FollowUpReported,
    Issued,
    MilestoneNoted,
    OutcomeNoted,
    RedactionApproved,
    RedactionRequested,
    Reopened,
    Section55Responded,
    SuppressionApproved,
    TakenOver,
    TimeLimitChanged,
    UpdateReceived,
    WithdrawalRequested,
    Withdrawn,
)
from domain.events.report import (
    ReportCorrected,
    ReportMilestoneNoted,
    ReportOutcomeNoted,
    ReportSuppressionApproved,
)
from domain.recommendation.published_steps import party_of, reported_in, source_of
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.values import Reference, SaidBy, When


class Happened(Struct, frozen=True):
    """A step in words: its day, its description and its published text."""

    step: int
    on: When
    what: str
    text: str = ""
    by: Stamp | None = None
    """The actor who recorded it, their role and the time; only for readers of the history."""
    party: SaidBy = "inspectorate"
    """The party that acted, or that spoke."""
    source: str = ""
    """Where it is published; several places are parted by `|`."""
    was: When | None = None
    """Its date as it was recorded, if that was corrected."""
    reported_in: Reference | None = None
    """The later report that says so, if it is on record by a reference."""
    reply: bool = False
    """Whether it is of a dispute: it is about the record, and moves nothing."""


def timeline(
    entries: Iterable[Entry[Event]],
    *,
    inside: bool = False,
    recorded: Mapping[int, Entry[Event]] | None = None,
) -> list[Happened]:
    """Return the published steps; with `inside`, every step with its recorder.

    `recorded` has the steps as they were recorded, to mark the dates that were corrected.
    """
    steps: list[Happened] = []
    for entry in entries:
        event, on = entry.event, entry.stamp.on
        words = published_words(event)
        if words is None and inside:
            words = what_of(event), about_record(event, recorded or {})
        if words:
            before = recorded[entry.step].stamp.on if recorded else on
            what, text = words
            steps.append(
                Happened(
                    entry.step,
                    on,
                    what,
                    text,
                    entry.stamp if inside else None,
                    party_of(event),
                    source_of(event),
                    before if before != on else None,
                    reported_in(event),
                    isinstance(event, REPLIES),
                )
            )
    return steps


def about_record(event: Event, recorded: Mapping[int, Entry[Event]]) -> str:
    """Return what a step about the record changed, for readers of the history."""
    match event:
        case (
            Corrected(step=step, field=field, was=was, now=now)
            | ReportCorrected(step=step, field=field, was=was, now=now)
        ) if step in recorded:
            about = type(recorded[step].event)
            return _(
                "%(field)s of step %(step)s: from %(was)s to %(now)s",
                field=event_fields.label_of(about, field),
                step=step,
                was=event_fields.words(about, field, was) or _("nothing"),
                now=event_fields.words(about, field, now) or _("nothing"),
            )
        case Withdrawn(steps=steps) | WithdrawalRequested(steps=steps):
            return ", ".join(map(formatting.step, steps))
        case _:
            return ""


def what_of(event: Event) -> str:
    """Return the description of a step, for readers of the history."""
    if words := published_words(event):
        return words[0]
    name = type(event).__name__
    if isinstance(event, RedactionRequested | RedactionApproved) and document_of(event.field):
        return labels.DOCUMENT_REMARKS[name]
    return labels.REMARKS[name]


def published_words(event: Event) -> tuple[str, str] | None:  # noqa: C901, PLR0911, PLR0912
    """Return the description and text of an event; None if it is not published."""
    match event:
        case Issued():
            return _("Issued in the inspection report"), ""
        case ActionPlanReceived(answer=answer):
            return _("The force answered: %(answer)s", answer=labels.ANSWERS[answer].lower()), ""
        case ActionPlanWaived():
            return _("Inspectors waived the action plan"), ""
        case ActionPlanReviewed(outcome="accepted"):
            return _("Inspectors accepted the action plan"), ""
        case ActionPlanReviewed():
            return _("Inspectors asked for changes to the action plan"), ""
        case FollowUpAssigned():
            return _("Inspectors decided how to follow up"), ""
        case FollowUpChanged():
            return _("Inspectors changed how they will follow up"), ""
        case FollowUpReported(finding=finding, passage=passage):
            return _("Followed up: %(finding)s", finding=labels.FINDINGS[finding].lower()), passage
        case CompletionClaimed():
            return _("The force said that it is done"), ""
        case ClaimReturned():
            return _("Inspectors did not accept that it is done"), ""
        case Section55Responded(answer=answer):
            return _(
                "The local policing body commented: %(answer)s",
                answer=labels.ANSWERS[answer].lower(),
            ), ""
        case AssuranceRecorded(level=level):
            return (
                _(
                    "The local policing body gave its own view: %(view)s",
                    view=labels.ASSURANCE[level].lower(),
                ),
                "",
            )
        case TakenOver(standing=standing, passage=passage):
            words = labels.STANDINGS[standing].lower()
            return _("Inspectors said where it stood: %(standing)s", standing=words), passage or ""
        case UpdateReceived():
            return _("The force gave its update"), ""
        case MilestoneNoted() | ReportMilestoneNoted():
            words = labels.MILESTONES[event.milestone].lower()
            return _("A published source: %(reading)s", reading=words), event.text
        case Closed(reason=reason):
            return _("Closed: %(reason)s", reason=labels.CLOSED[reason].lower()), ""
        case Reopened():
            return _("The inspectorate reopened it"), ""
        case OutcomeNoted() | ReportOutcomeNoted() if event.register_status:
            words = labels.REGISTER_STATUSES[event.register_status]
            return _("The inspectorate's register, since withdrawn: %(s)s", s=words), event.text
        case OutcomeNoted() | ReportOutcomeNoted():
            words = labels.READINGS[event.reading].lower()
            return _("A published source, as we read it: %(reading)s", reading=words), event.text
        case SuppressionApproved(step=step) | ReportSuppressionApproved(step=step):
            return _("A text of step %(step)s was removed from publication", step=step), ""
        case DisputeFields(statement=str(statement), step=step):
            return _("%(who)s disputed step %(step)s", who=_who(event), step=step), statement
        case AgreementFields(words=words, dispute=step):
            return _("Both sides agreed to words on the dispute of step %(step)s", step=step), words
        case SettlementFields(public=True, dispute=step, result="corrected"):
            return _(
                "Inspectors put right what step %(step)s disputed", step=step
            ), event.answer or ""
        case SettlementFields(public=True, dispute=step):
            return _(
                "Inspectors let stand what step %(step)s disputed", step=step
            ), event.answer or ""
        case RetreatFields(public=True, dispute=step):
            words = _("%(who)s took back its dispute of step %(step)s", who=_who(event), step=step)
            return words, ""
        case TimeLimitChanged(was=was, now=now):
            return _(
                "Time limit changed from %(was)s to %(now)s", was=_limit(was), now=_limit(now)
            ), ""
        case _:
            return None


def _who(event: DisputeFields | RetreatFields) -> str:
    return _("The force") if event.party == "force" else _("The local policing body")


def _limit(time_limit: str) -> str:
    return formatting.lowered(formatting.limit(time_limit))
