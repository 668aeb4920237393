"""Dates of cells: as a spreadsheet keeps them, or as people type them into one.

A day comes before its month, as in the United Kingdom. What a form of three fields takes, a cell
takes too (`typed_dates.py`).
"""

import re
from datetime import date

from adapters.tables.workbooks.dates import day_of_serial
from adapters.tables.workbooks.reader import Value
from api.pages.forms.typed_dates import FIRST_YEAR, LAST_YEAR, PARTS, WrongDate, coarse_date
from api.pages.rendering.language import gettext as _
from domain.vocabulary.values import When

SERIALS = (date(2000, 1, 1), date(2099, 12, 31))
"""The days between which a number is taken for that of a day; a smaller one is a year."""
_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?(?:[T ][0-9:.]+)?")
_ENDING = re.compile(r"(?<=[0-9])(?:st|nd|rd|th)\b", re.IGNORECASE)
_PARTED = re.compile(r"[\s/.,-]+")


def cell_date(value: Value) -> When:
    """Return the date of a cell, as precisely as it says. Raises WrongDate."""
    match value:
        case bool():
            raise _wrong(str(value).upper())
        case date():
            return _checked(value)
        case int() | float() if not FIRST_YEAR <= value <= LAST_YEAR:
            day = day_of_serial(value)
            if day is None or not SERIALS[0] <= day <= SERIALS[1]:
                raise _wrong(str(value))
            return day.isoformat()
        case _:
            return _typed(str(value).strip())


def impossible_date(text: str) -> str | None:
    """Return why a text in the form of a date is none, such as 31 February; None if it is not.

    Words beside a date, such as "by spring 2027", are no date, and are none of its matter.
    """
    try:
        cell_date(text)
    except WrongDate as wrong:
        month_in_digits = not any(sign.isalpha() for sign in text)
        if wrong.field == "day-day" or (wrong.field == "day-month" and month_in_digits):
            return str(wrong)
    return None


def _typed(text: str) -> When:
    if match := _ISO.fullmatch(text):
        parts = match.groups()
    else:
        words = _PARTED.split(_ENDING.sub("", text))
        if len(words) > len(PARTS) or not re.search("[0-9]", text):
            raise _wrong(text)
        parts = tuple(reversed(words))
    typed = {f"day-{name}": part or "" for name, part in zip(PARTS, parts, strict=False)}
    when = coarse_date(typed, "day")
    if when is None:
        raise _wrong(text)
    return when


def _checked(day: date) -> When:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _wrong(day.isoformat())
    return day.isoformat()


def _wrong(text: str) -> WrongDate:
    return WrongDate(
        "", _("“%(text)s” is no date. Write it as 30 June 2026 or 30/06/2026.", text=text[:40])
    )
