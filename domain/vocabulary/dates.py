"""Dates at their known precision, days in London, and calendar months.

A coarse date is a range of days: 2014-09 is any day of that September, and an unknown
date is any day up to the one on which it was recorded.
"""

from calendar import monthrange
from datetime import MINYEAR, UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from domain.vocabulary.values import When

DATES_KEPT = 10_000
"""The number of parsed dates kept in each cache: twenty years have fewer days."""
LONDON = ZoneInfo("Europe/London")
_FIRST, _LAST = datetime.min.replace(tzinfo=LONDON), datetime.max.replace(tzinfo=LONDON)
Precision = Literal["day", "month", "year", "unknown"]
_PRECISION: dict[int, Precision] = {10: "day", 7: "month", 4: "year"}


def in_london(at: datetime) -> datetime:
    """Return a moment in Europe/London; beyond the ends of the calendar, the nearest there is.

    The first moment in UTC is none in London, whose clock was 75 seconds slow then.
    """
    try:
        return at.astimezone(LONDON)
    except OverflowError:
        return _FIRST if at.year == MINYEAR else _LAST


@lru_cache(DATES_KEPT)
def day_of(at: datetime) -> date:
    """Return the calendar day in Europe/London at a moment."""
    return in_london(at).date()


def first_moment(day: date) -> datetime:
    """Return the first moment, in UTC, of a calendar day in Europe/London."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def last_moment(day: date) -> datetime:
    """Return the last moment, in UTC, of a calendar day in Europe/London.

    Raises OverflowError for the last day of the calendar.
    """
    midnight = datetime.combine(day + timedelta(days=1), time(), LONDON)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def precision(when: When) -> Precision:
    """Return the precision to which a date is known."""
    if when == "unknown":
        return "unknown"
    return _PRECISION[len(when)]


@lru_cache(DATES_KEPT)
def earliest(when: When) -> date:
    """Return the first day of a date's range; `date.min` if it is unknown.

    Raises ValueError for a day that is not in the calendar.
    """
    match precision(when):
        case "day":
            return date.fromisoformat(when)
        case "month":
            return date.fromisoformat(f"{when}-01")
        case "year":
            return date(int(when), 1, 1)
        case "unknown":
            return date.min


def latest(when: When, recorded: date) -> date:
    """Return the last possible day: the end of the range or the recording day.

    The earlier of the two counts, but it is never before the range: a correction can set a date
    later than the day on which it was recorded.

    Raises ValueError for a day that is not in the calendar.
    """
    return max(earliest(when), min(end_of(when), recorded))


def certain_day(when: When, at: datetime) -> date:
    """Return the day by whose end something had certainly happened, recorded at a moment."""
    return exact(when) or latest(when, day_of(at))


@lru_cache(DATES_KEPT)
def end_of(when: When) -> date:
    """Return the last day of a date's range; `date.max` if it is unknown.

    Raises ValueError for a day that is not in the calendar.
    """
    match precision(when):
        case "day":
            return date.fromisoformat(when)
        case "month":
            first = date.fromisoformat(f"{when}-01")
            return first.replace(day=monthrange(first.year, first.month)[1])
        case "year":
            return date(int(when), 12, 31)
        case "unknown":
            return date.max


@lru_cache(DATES_KEPT)
def exact(when: When | None) -> date | None:
    """Return the day if the date is known to the day, otherwise None."""
    return date.fromisoformat(when) if when is not None and precision(when) == "day" else None


def add_months(start: date, months: int) -> date:
    """Return the same day of the month, so many calendar months later.

    If that month has no such day, it is the last day of that month.
    """
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
