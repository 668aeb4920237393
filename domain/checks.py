"""Checks shared by deciders; each raises Refused, with the rule in words."""

from datetime import date

import msgspec

from domain.events.event import Event
from domain.events.recommendation import (
    Corrected,
    NoteRedacted,
    RedactionApproved,
    RedactionRequested,
)
from domain.events.report import (
    ReportCorrected,
    ReportNoteRedacted,
    ReportRedactionApproved,
    ReportRedactionRequested,
)
from domain.vocabulary.dates import earliest, end_of
from domain.vocabulary.errors import Refused
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import (
    AREAS,
    Area,
    CloseReason,
    Code,
    Edition,
    Line,
    Reference,
    TimeLimit,
    When,
)

REDACTED = (NoteRedacted, RedactionApproved, ReportNoteRedacted, ReportRedactionApproved)
"""Events that remove the text of a note."""
REDACTION_REQUESTED = (RedactionRequested, ReportRedactionRequested)
ABOUT_THE_RECORD = (Corrected, ReportCorrected, *REDACTION_REQUESTED, *REDACTED)


def check_day(when: When) -> None:
    """Raise Refused unless the date exists in the calendar."""
    try:
        earliest(when)
    except ValueError:
        raise Refused(f"{when} is not a real date.") from None


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
            f"The area must be one of: {', '.join(sorted(AREAS[edition]))}."
        )


def check_time_limit(limit: TimeLimit) -> None:
    """Raise Refused if the time limit is a date not in the calendar."""
    if limit.startswith("date:"):
        check_day(limit.removeprefix("date:"))


def check_window(begins: When | None, ends: When | None) -> None:
    """Check the window of a follow-up.

    Raises Refused if a date is not in the calendar, or the window ends before it begins.
    """
    for when in (begins, ends):
        if when is not None:
            check_day(when)
    if begins is not None and ends is not None and earliest(begins) > end_of(ends):
        raise Refused("The follow-up window cannot end before it begins.")


def check_source(reason: CloseReason, source: Line | None) -> None:
    """Raise Refused if a verified closure has no source."""
    if reason is CloseReason.VERIFIED and source is None:
        raise Refused("A closure as verified must give the source that its basis relies on.")


def check_reference(reference: Reference) -> None:
    """Raise Refused unless a composed reference has the form of a Reference."""
    try:
        msgspec.convert(reference, Reference)
    except msgspec.ValidationError as error:
        raise Refused(f"{reference} is not a valid reference: {error}.") from None


def floor_after(floor: date, event: Event, on: When) -> date:
    """Return the floor after an event, given the floor before it.

    The floor is the earliest possible day of the next step. A correction or a redaction, which is
    about the record, leaves it unchanged: an earlier step may well be recorded after it.
    """
    if isinstance(event, ABOUT_THE_RECORD):
        return floor
    return max(floor, earliest(on))
