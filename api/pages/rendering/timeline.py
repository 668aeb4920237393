"""The published timeline of a recommendation, in plain words, oldest first.

Each step has its day and its description, but no person and no note. Remarks, which move nothing,
are left out. An actor who may read the history sees every step, with its recorder and time.
"""

from collections.abc import Iterable

from msgspec import Struct

from api.pages.rendering import formatting, labels
from api.pages.rendering.language import gettext as _
from domain.amendments.redaction import document_of
from domain.events.event import Event
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    ActionPlanWaived,
    AssuranceRecorded,
    ClaimReturned,
    Closed,
    CompletionClaimed,
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
    TakenOver,
    TimeLimitChanged,
    UpdateReceived,
)
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.values import When


class Happened(Struct, frozen=True):
    """A step in words: its day, its description and its published text."""

    step: int
    on: When
    what: str
    text: str = ""
    by: Stamp | None = None
    """The actor who recorded it, their role and the time; only for readers of the history."""


def timeline(entries: Iterable[Entry[Event]], *, inside: bool = False) -> list[Happened]:
    """Return the published steps; with `inside`, every step with its recorder."""
    steps: list[Happened] = []
    for entry in entries:
        words = _published_words(entry.event) or ((what_of(entry.event), "") if inside else None)
        if words:
            by = entry.stamp if inside else None
            steps.append(Happened(entry.step, entry.stamp.on, *words, by))
    return steps


def what_of(event: Event) -> str:
    """Return the description of a step, for readers of the history."""
    if words := _published_words(event):
        return words[0]
    name = type(event).__name__
    if isinstance(event, RedactionRequested | RedactionApproved) and document_of(event.field):
        return labels.DOCUMENT_REMARKS[name]
    return labels.REMARKS[name]


def _published_words(event: Event) -> tuple[str, str] | None:  # noqa: C901, PLR0911, PLR0912
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
        case MilestoneNoted(milestone=milestone, text=text, source=source):
            words = labels.MILESTONES[milestone].lower()
            return _("A published source: %(reading)s", reading=words), f"{text} ({source})"
        case Closed(reason=reason, source=source):
            return _("Closed: %(reason)s", reason=labels.CLOSED[reason].lower()), source or ""
        case Reopened():
            return _("The inspectorate reopened it"), ""
        case OutcomeNoted(reading=reading, text=text, source=source):
            what = _("A published source: %(reading)s", reading=labels.READINGS[reading].lower())
            return what, f"{text} ({source})"
        case TimeLimitChanged(was=was, now=now):
            return _(
                "Time limit changed from %(was)s to %(now)s", was=_limit(was), now=_limit(now)
            ), ""
        case _:
            return None


def _limit(time_limit: str) -> str:
    return formatting.limit(time_limit).lower()
