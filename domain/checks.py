"""Checks that more than one decider makes; each refuses in words."""

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
"""After which a note's text is gone."""
REDACTION_REQUESTED = (RedactionRequested, ReportRedactionRequested)
ABOUT_THE_RECORD = (Corrected, ReportCorrected, *REDACTION_REQUESTED, *REDACTED)


def check_day(when: When) -> None:
    """Raise Refused unless the date is in the calendar."""
    try:
        earliest(when)
    except ValueError:
        raise Refused(f"{when} is not a day of the calendar.") from None


def check_addressee(code: Code) -> None:
    """Raise Refused unless the addressee is on record."""
    if code not in ADDRESSEES:
        raise Refused(
            f"{code} is no police force on record; an addressee is one of: {', '.join(ADDRESSEES)}."
        )


def check_area(area: Area, edition: Edition) -> None:
    """Raise Refused unless the edition of the methodology has the area."""
    if area not in AREAS[edition]:
        raise Refused(
            f"{area} is no area of the {edition} edition; "
            f"it has: {', '.join(sorted(AREAS[edition]))}."
        )


def check_time_limit(limit: TimeLimit) -> None:
    """Raise Refused if the time limit is a date that is not in the calendar."""
    if limit.startswith("date:"):
        check_day(limit.removeprefix("date:"))


def check_window(begins: When | None, ends: When | None) -> None:
    """Raise Refused if a follow-up's window is not in the calendar, or ends before it begins."""
    for when in (begins, ends):
        if when is not None:
            check_day(when)
    if begins is not None and ends is not None and earliest(begins) > end_of(ends):
        raise Refused("The follow-up's window ends before it begins.")


def check_source(reason: CloseReason, source: Line | None) -> None:
    """Raise Refused if a verified closure has no source."""
    if reason is CloseReason.VERIFIED and source is None:
        raise Refused("A verified closure needs the source that its basis rests on.")


def check_reference(reference: Reference) -> None:
    """Raise Refused if a reference that was put together is none."""
    try:
        msgspec.convert(reference, Reference)
    except msgspec.ValidationError as error:
        raise Refused(f"{reference} cannot be a reference: {error}.") from None


def floor_after(floor: date, event: Event, on: When) -> date:
    """The day before which no step after an event can have been, given that of those before it.

    A correction or a redaction is about the record: something earlier may well be recorded
    after it.
    """
    if isinstance(event, ABOUT_THE_RECORD):
        return floor
    return max(floor, earliest(on))
