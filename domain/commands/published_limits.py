"""The time limit that the opening of a published recommendation states, to be checked by a person.

The inspectorate names the force, the time limit, the action and its purpose, in this or another
order: "We recommend that, within three months, Kent Police reviews …", "By 31 March 2027, chief
constables should …", "The force should immediately …". Only the opening is read: a time further on
is part of the action, such as the hour within which officers attend.
"""

import re
from calendar import monthrange
from datetime import date

from domain.vocabulary.values import TimeLimit

OPENING_MAX = 240
"""The most characters of an opening, which ends with its first sentence or before a list."""
MONTHS_MAX = 60
"""The most months of a time limit (`domain.vocabulary.values.TimeLimit`)."""
# fmt: off
_COUNTED = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)
_OF_YEAR = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)
# fmt: on
NUMBERS = {word: number for number, word in enumerate(_COUNTED, 1)} | {"a": 1, "eighteen": 18}
MONTHS = {name: number for number, name in enumerate(_OF_YEAR, 1)}
_END = re.compile(r":|\n|(?<=[a-z)])\.(?=\s|$)")
_PERIOD = re.compile(
    rf"\bwithin (?:the next )?({'|'.join(NUMBERS)}|[0-9]{{1,3}}) (month|year)s?\b", re.IGNORECASE
)
_NAMES = "|".join(MONTHS)
_DAY = re.compile(
    rf"\b(?:by|before) (?:the end of )?([0-9]{{1,2}})(?:st|nd|rd|th)? ({_NAMES}) ([0-9]{{4}})\b",
    re.IGNORECASE,
)
_END_OF_MONTH = re.compile(rf"\bby the end of ({_NAMES}) ([0-9]{{4}})\b", re.IGNORECASE)
_AT_ONCE = re.compile(
    r"\bwith immediate effect\b"
    r"|^(?:we recommend that,? )?immediately\b"
    r"|\b(?:should|must) immediately\b"
    r"|^we recommend that (?:(?!should\b|must\b)[\w\u2019'&-]+ ){1,6}immediately\b",
    re.IGNORECASE,
)


def opening_of(text: str) -> str:
    """Return the opening of a recommendation: its first sentence, up to a list."""
    text = text.strip()
    end = _END.search(text)
    return text[: min(end.start() if end else len(text), OPENING_MAX)]


def limit_of(text: str) -> TimeLimit | None:
    """Return the time limit that the opening of a text states.

    None if it states none, several, or one that no time limit expresses, such as weeks.
    """
    opening = " ".join(opening_of(text).split())
    limits = {*_periods(opening), *_days(opening)}
    if _AT_ONCE.search(opening):
        limits.add("immediate")
    return limits.pop() if len(limits) == 1 else None


def _periods(opening: str) -> list[TimeLimit]:
    limits: list[TimeLimit] = []
    for number, unit in _PERIOD.findall(opening):
        months = NUMBERS.get(number.lower()) or int(number)
        months *= 12 if unit.lower() == "year" else 1
        if 1 <= months <= MONTHS_MAX:
            limits.append(f"months:{months}")
    return limits


def _days(opening: str) -> list[TimeLimit]:
    limits: list[TimeLimit] = []
    for day, month, year in _DAY.findall(opening):
        number = MONTHS[month.lower()]
        if 1 <= int(day) <= monthrange(int(year), number)[1]:
            limits.append(f"date:{date(int(year), number, int(day))}")
    for month, year in _END_OF_MONTH.findall(opening):
        number = MONTHS[month.lower()]
        last = monthrange(int(year), number)[1]
        limits.append(f"date:{date(int(year), number, last)}")
    return limits
