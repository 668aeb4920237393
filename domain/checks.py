"""Checks that more than one decider makes; each refuses in words."""

from domain.dates import earliest
from domain.forces import ADDRESSEES
from domain.stamp import Refused
from domain.values import AREAS, Area, Code, Edition, TimeLimit, When


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
