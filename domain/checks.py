"""Checks shared by deciders; each raises Refused, with the rule in words."""

from datetime import date
from typing import get_args
from uuid import UUID

import msgspec

from domain.commands.report import PublishReport
from domain.events.correspondence import RecommendationReply, ReportReply
from domain.events.event import Event
from domain.events.recommendation import (
    Closed,
    Corrected,
    FollowUpAssigned,
    FollowUpChanged,
    Issued,
    MilestoneNoted,
    NoteRedacted,
    RedactionApproved,
    RedactionRequested,
    Section55Responded,
    SuppressionApproved,
    SuppressionRequested,
    TakenOver,
    TimeLimitChanged,
    WithdrawalRequested,
    Withdrawn,
)
from domain.events.report import (
    AreaNoted,
    ReportCorrected,
    ReportMilestoneNoted,
    ReportNoteRedacted,
    ReportPublished,
    ReportRedactionApproved,
    ReportRedactionRequested,
    ReportSuppressionApproved,
    ReportSuppressionRequested,
)
from domain.vocabulary.dates import day_of, earliest, end_of
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Refused, inside
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import (
    AREAS,
    Area,
    CloseReason,
    Code,
    Edition,
    Kind,
    Line,
    Reference,
    TimeLimit,
    When,
)

FIRST_PUBLICATION = date(2000, 1, 1)
"""No report is older; the programme itself began in April 2014."""
REDACTED = (NoteRedacted, RedactionApproved, ReportNoteRedacted, ReportRedactionApproved)
"""Events that remove the text of a note."""
REDACTION_REQUESTED = (RedactionRequested, ReportRedactionRequested)
SUPPRESSED = (SuppressionApproved, ReportSuppressionApproved)
"""Events that take a published text out of every answer."""
SUPPRESSION_REQUESTED = (SuppressionRequested, ReportSuppressionRequested)
WITHDRAWALS = (WithdrawalRequested, Withdrawn)
"""Events about steps that were recorded by mistake."""
REPLIES: tuple[type[RecommendationReply | ReportReply], ...] = (
    *get_args(RecommendationReply),
    *get_args(ReportReply),
)
"""Events of disputes and questions; each is of the day on which it was recorded."""
ABOUT_THE_RECORD = (
    Corrected,
    ReportCorrected,
    *WITHDRAWALS,
    *REDACTION_REQUESTED,
    *REDACTED,
    *SUPPRESSION_REQUESTED,
    *SUPPRESSED,
)


def check_day(when: When) -> None:
    """Raise Refused unless the date exists in the calendar."""
    try:
        earliest(when)
    except ValueError:
        raise Refused(f"{when} is not a real date.") from None


def check_date(stamp: Stamp) -> None:
    """Raise Refused unless the date of a step exists, and is not in the future."""
    today = day_of(stamp.at)
    try:
        if earliest(stamp.on) <= today:
            return
    except ValueError:
        raise Refused(f"{stamp.on} is not a real date.", "/on") from None
    raise Refused(f"{stamp.on} is in the future; today is {today}.", "/on")


def check_addressee(code: Code) -> None:
    """Raise Refused unless the addressee is known."""
    if code not in ADDRESSEES:
        raise Refused(
            f"{code} is not a known police force. "
            f"The addressee must be one of: {', '.join(ADDRESSEES)}."
        )


def check_area(area: Area, edition: Edition) -> None:
    """Raise Refused unless the edition of the methodology has the area."""
    if area not in AREAS[edition]:
        raise Refused(
            f"{area} is not an area of the {edition} edition. "
            f"The area must be one of: {', '.join(sorted(AREAS[edition]))}.",
            "/area",
        )


def check_time_limit(limit: TimeLimit, published_on: When) -> None:
    """Raise Refused if the time limit is a date not in the calendar, or before publication."""
    if limit.startswith("date:"):
        day = limit.removeprefix("date:")
        with inside("/time_limit"):
            check_day(day)
            if end_of(day) < earliest(published_on):
                raise Refused(f"The time limit {day} is before the publication, {published_on}.")


def check_window(
    begins: When | None,
    ends: When | None,
    published_on: When | None = None,
    *,
    what: str = "follow-up window",
    field: str = "window",
) -> None:
    """Check a window of dates, that of a follow-up unless `what` and `field` name another.

    Raises Refused if a date is not in the calendar, the window ends before it begins, or it ends
    before a publication.
    """
    for when, end in ((begins, "from"), (ends, "to")):
        if when is not None:
            with inside(f"/{field}_{end}"):
                check_day(when)
    if begins is not None and ends is not None and earliest(begins) > end_of(ends):
        raise Refused(f"The {what} cannot end before it begins.", f"/{field}_to")
    last = ends or begins
    if last is not None and published_on is not None and end_of(last) < earliest(published_on):
        raise Refused(
            f"The {what} of {last} is before the publication, {published_on}.",
            f"/{field}_to" if ends else f"/{field}_from",
        )


def check_values(event: Event, published_on: When, edition: Edition) -> None:
    """Raise Refused unless the values of an event make sense beyond the form of each.

    They are judged by the publication's date and the edition of its methodology.
    """
    match event:
        case Issued(area=area, time_limit=limit) | AreaNoted(area=area, time_limit=limit):
            check_area(area, edition)
            check_time_limit(limit, published_on)
        case TimeLimitChanged(now=limit):
            check_time_limit(limit, published_on)
        case FollowUpAssigned() | FollowUpChanged() | TakenOver():
            check_window(event.window_from, event.window_to, published_on)
            if isinstance(event, TakenOver) and event.reason is not None:
                check_closure(event.reason, event.source, event.superseded_by)
        case Section55Responded(copied_on=str(day)):
            with inside("/copied_on"):
                check_day(day)
                if end_of(day) < earliest(published_on):
                    raise Refused(f"A copy of {day} is before the publication, {published_on}.")
        case Closed():
            check_closure(event.reason, event.source, event.superseded_by)
        case MilestoneNoted(force=str(force)) | ReportMilestoneNoted(force=force):
            with inside("/force"):
                check_addressee(force)
        case ReportPublished():
            _check_publication(event, published_on)
        case _:
            pass


def check_closure(reason: CloseReason, source: Line | None, superseded_by: UUID | None) -> None:
    """Raise Refused unless a closure names what its reason needs."""
    if reason is CloseReason.VERIFIED and source is None:
        raise Refused(
            "A closure as verified must give the source that its basis relies on.", "/source"
        )
    if (reason is CloseReason.SUPERSEDED) != (superseded_by is not None):
        raise Refused(
            "A closure as superseded, and no other, must give the id of the superseding "
            "recommendation.",
            "/superseded_by",
        )


def _check_publication(event: ReportPublished, published_on: When) -> None:
    if end_of(published_on) < FIRST_PUBLICATION:
        raise Refused(
            f"The report cannot have been published in {published_on}: "
            f"the record begins with {FIRST_PUBLICATION.year}.",
            "/on",
        )
    if event.page_date is not None:
        with inside("/page_date"):
            check_day(event.page_date)
    check_window(event.fieldwork_from, event.fieldwork_to, what="fieldwork", field="fieldwork")
    begins = event.fieldwork_from or event.fieldwork_to
    if begins is not None and earliest(begins) > end_of(published_on):
        raise Refused(
            f"Fieldwork of {begins} cannot have begun after the publication, {published_on}.",
            "/fieldwork_from" if event.fieldwork_from else "/fieldwork_to",
        )


def check_reference(reference: Reference) -> None:
    """Raise Refused unless a composed reference has the form of a Reference."""
    try:
        msgspec.convert(reference, Reference)
    except msgspec.ValidationError as error:
        raise Refused(f"{reference} is not a valid reference: {error}.", "/reference") from None


def check_causes(command: PublishReport) -> None:
    """Raise Refused if a recommendation belongs to none of the report's causes of concern.

    One that belongs to another holds no recommendations itself.
    """
    numbered = {issue.ordinal: issue for issue in command.recommendations}
    for place, issue in enumerate(command.recommendations):
        if issue.cause is None:
            continue
        holder, pointer = numbered.get(issue.cause), f"/recommendations/{place}/cause"
        if holder is None or holder.kind is not Kind.CAUSE_OF_CONCERN:
            raise Refused(f"Number {issue.cause} of the report is not a cause of concern.", pointer)
        if holder.cause is not None:
            raise Refused(
                f"Number {issue.cause} of the report belongs to a cause of concern itself, or is "
                "this one.",
                pointer,
            )
