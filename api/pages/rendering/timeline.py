"""What is published of a recommendation's life, in plain words, oldest first.

Of each step the day and what it was; no person, no note. A remark that moved nothing is left out.
Who may read the history sees every step, and who recorded it when.
"""

from collections.abc import Iterable

from msgspec import Struct

from api.pages.rendering import formatting, labels
from api.pages.rendering.language import gettext as _
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
    OutcomeNoted,
    Reopened,
    Section55Responded,
    TimeLimitChanged,
)
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.values import When


class Happened(Struct, frozen=True):
    """One step: when, what, and the published words that go with it."""

    step: int
    on: When
    what: str
    text: str = ""
    by: Stamp | None = None
    """Who recorded it, in which role and when; for who may read the history."""


def timeline(entries: Iterable[Entry[Event]], *, inside: bool = False) -> list[Happened]:
    """The steps that are published; `inside` for all of them, and whose they are."""
    found: list[Happened] = []
    for entry in entries:
        told = _published_words(entry.event) or ((what_of(entry.event), "") if inside else None)
        if told:
            by = entry.stamp if inside else None
            found.append(Happened(entry.step, entry.stamp.on, *told, by))
    return found


def what_of(event: Event) -> str:
    """What a step was, in words, for who may read the history."""
    told = _published_words(event)
    return told[0] if told else labels.REMARKS[type(event).__name__]


def _published_words(event: Event) -> tuple[str, str] | None:  # noqa: C901, PLR0911, PLR0912
    """The words for one event; None of what is not published. One line an event."""
    match event:
        case Issued():
            return _("Issued in the inspection report"), ""
        case ActionPlanReceived(answer=answer):
            return _("The force answered: %(answer)s", answer=labels.ANSWERS[answer].lower()), ""
        case ActionPlanWaived():
            return _("Inspectors asked for no action plan"), ""
        case ActionPlanReviewed(outcome="accepted"):
            return _("Inspectors accepted the action plan"), ""
        case ActionPlanReviewed():
            return _("Inspectors asked for changes to the action plan"), ""
        case FollowUpAssigned():
            return _("Inspectors decided how they will look again"), ""
        case FollowUpChanged():
            return _("Inspectors changed how they will look again"), ""
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
        case Closed(reason=reason, source=source):
            return _("Closed: %(reason)s", reason=labels.CLOSED[reason].lower()), source or ""
        case Reopened():
            return _("The inspectorate reopened it"), ""
        case OutcomeNoted(reading=reading, text=text, source=source):
            told = _("A published source: %(reading)s", reading=labels.READINGS[reading].lower())
            return told, f"{text} ({source})"
        case TimeLimitChanged(was=was, now=now):
            return _(
                "Time limit changed from %(was)s to %(now)s", was=_limit(was), now=_limit(now)
            ), ""
        case _:
            return None


def _limit(time_limit: str) -> str:
    return formatting.limit(time_limit).lower()
