"""Dates of Excel: days since an epoch, told from numbers by the format of their cell alone."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from adapters.tables.workbooks.package import Package

FROM_1900, FROM_1904 = date(1899, 12, 30), date(1904, 1, 1)
"""The days of serial number 0 in the two systems of dates.

That of 1900 has a 29 February 1900, which there was not: its first 60 days are one less.
"""
_BUILT_IN = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""The formats of dates and times that have a number and no code (ECMA-376, 18.8.30)."""
_NOT_CODE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
"""Parts of a format's code that are shown as they are, or are conditions and colours."""
_CODE_MAX = 255
"""The longest code of a format, in characters, that Excel takes."""
_OF_DATES = re.compile(r"[dyDY]|[mM]{3}")


def day_of_serial(number: float, *, from_1904: bool = False) -> date | None:
    """Return the day of a serial number; None if it is a time of day, or out of the calendar."""
    if number < 1:
        return None
    try:
        return (FROM_1904 if from_1904 else FROM_1900) + timedelta(days=int(number))
    except (OverflowError, ValueError):
        return None


def date_styles(package: Package, part: str) -> frozenset[int]:
    """Return the numbers of the cell styles that show a date."""
    dates = set(_BUILT_IN)
    styles: set[int] = set()
    within: list[str] = []
    number = 0

    def begin(element: str, attributes: Mapping[str, str]) -> None:
        nonlocal number
        if element == "numFmt" and "cellXfs" not in within:
            code = _NOT_CODE.sub("", attributes.get("formatCode", "")[:_CODE_MAX])
            if _OF_DATES.search(code):
                dates.add(int(attributes["numFmtId"]))
        elif element == "xf" and within[-1:] == ["cellXfs"]:
            if int(attributes.get("numFmtId", "0")) in dates:
                styles.add(number)
            number += 1
        within.append(element)

    def end(_element: str) -> None:
        within.pop()

    package.read(part, begin, end)
    return frozenset(styles)
