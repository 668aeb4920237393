"""Dates as people type them: three fields, the month as a number or a name.

Forms and filters read them here alone, so that what one of them takes, the other takes too.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date

from api.pages.rendering import language
from api.pages.rendering.language import gettext as _
from domain.vocabulary.values import When

PARTS = ("year", "month", "day")
"""The fields of a date, in the order of ISO 8601; each is named after its date and its part."""
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""The years that a date on record may have (`domain.vocabulary.values.When`)."""
NAME_LETTERS_MIN = 3
"""The fewest letters of a month's name; of two, `Ju` would be two months."""
_DIGITS = re.compile(r"[0-9]{1,2}")
_YEAR = re.compile(r"[0-9]{4}")


class WrongDate(Exception):  # noqa: N818  an answer, not a fault
    """A typed date is none. Says how to put it right, and names the field of the wrong part."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field

    def of(self, label: str) -> str:
        """Return the words for the date of a label, or of a question."""
        why = str(self)
        if label.endswith("?"):
            return _("%(question)s %(why)s", question=label, why=why[:1].upper() + why[1:])
        return _("%(label)s: %(why)s", label=label, why=why)


def coarse_date(typed: Mapping[str, str], name: str) -> When | None:
    """Return a date as precise as it was typed; None if nothing was. Raises WrongDate."""
    year, month, day = (typed.get(f"{name}-{part}", "").strip() for part in PARTS)
    if not (year or month or day):
        return None
    if not year:
        raise WrongDate(f"{name}-year", _("enter a year."))
    if day and not month:
        raise WrongDate(f"{name}-month", _("enter the month too, because there is a day."))
    numbers = [_year(year, f"{name}-year")]
    if month:
        numbers.append(_month(month, f"{name}-month"))
    if day:
        numbers.append(_day(day, f"{name}-day", *numbers))
    return "-".join(f"{number:02}" for number in numbers)


def whole_date(typed: Mapping[str, str], name: str) -> date | None:
    """Return a date with all its parts; None if nothing was typed. Raises WrongDate."""
    when = coarse_date(typed, name)
    if when is None:
        return None
    if not typed.get(f"{name}-month", "").strip():
        raise WrongDate(f"{name}-month", _("enter a month."))
    if not typed.get(f"{name}-day", "").strip():
        raise WrongDate(f"{name}-day", _("enter a day."))
    return date.fromisoformat(when)


def in_parts(name: str, text: str) -> dict[str, str] | None:
    """Return the fields of a date that is typed as one text, day first; None if it has no parts."""
    parts = re.split(r"[\s/]+", text.strip())
    if len(parts) != len(PARTS):
        return None
    return {f"{name}-{part}": word for part, word in zip(PARTS, reversed(parts), strict=True)}


def typed_date(name: str, when: When) -> dict[str, str]:
    """Return the fields of a date, as they would be typed; a coarse date has fewer."""
    numbers = map(int, when.split("-")) if when else ()
    return {f"{name}-{part}": str(n) for part, n in zip(PARTS, numbers, strict=False)}


def _year(text: str, field: str) -> int:
    if not _YEAR.fullmatch(text):
        raise WrongDate(field, _("enter the year in 4 digits, such as 2026."))
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise WrongDate(field, _("enter a year from %(first)s to %(last)s.", **years))
    return int(text)


def _month(text: str, field: str) -> int:
    number = int(text) if _DIGITS.fullmatch(text) else _named(text)
    if not 1 <= number <= 12:  # noqa: PLR2004  months
        raise WrongDate(
            field, _("enter the month as a number from 1 to 12, or as a name, such as July.")
        )
    return number


def _named(text: str) -> int:
    """Return the number of the only month whose name begins with a text; 0 if there is none."""
    beginning = text.rstrip(".").casefold()
    if len(beginning) < NAME_LETTERS_MIN:
        return 0
    numbers = {number for name, number in language.months() if name.startswith(beginning)}
    return numbers.pop() if len(numbers) == 1 else 0


def _day(text: str, field: str, year: int, month: int) -> int:
    last = monthrange(year, month)[1]
    if not (_DIGITS.fullmatch(text) and 1 <= int(text) <= last):
        named = language.day_as(date(year, month, 1), "MMMM y")
        raise WrongDate(
            field, _("enter a day from 1 to %(last)s, as %(month)s has.", last=last, month=named)
        )
    return int(text)
