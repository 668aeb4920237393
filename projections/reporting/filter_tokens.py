"""The words of `$filter`: names, values and marks, and what each value is."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import Struct

CHARACTERS_MAX = 4_000
"""The longest filter."""

Kind = Literal["text", "id", "day", "moment", "number", "flag", "condition", "null"]
"""The kind of a value; a condition is a flag that can be null."""
KINDS: Mapping[str, Kind] = {
    "text": "text",
    "uuid": "id",
    "date": "day",
    "timestamptz": "moment",
    "integer": "number",
    "bigint": "number",
    "double precision": "number",
    "boolean": "flag",
}
"""The kind of the values of each type of column."""
EXAMPLES: Mapping[Kind, str] = {
    "text": "a text such as 'kent'",
    "id": "an id such as 45fd50dd-7508-54fb-94ac-784b0b6d4ac0, without quotes",
    "day": "a date such as 2024-03-31, without quotes",
    "moment": "a moment such as 2024-03-31T12:00:00Z, without quotes",
    "number": "a number",
    "flag": "true or false",
    "condition": "a comparison",
    "null": "null",
}
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^']|'')*')
    |(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)
    |(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d))
    |(?P<day>\d{4}-\d\d-\d\d\b)
    |(?P<number>-?\d{1,18}(?:\.\d{1,18})?\b)
    |(?P<word>[a-z_]\w*)
    |(?P<mark>[(),=])
    |(?P<end>\Z)
    )""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
LITERALS: Mapping[str, tuple[Kind, Callable[[str], object]]] = {
    "text": ("text", lambda typed: typed[1:-1].replace("''", "'")),
    "id": ("id", UUID),
    "day": ("day", date.fromisoformat),
    "moment": ("moment", datetime.fromisoformat),
    "number": ("number", Decimal),
}
"""Each value that can be typed: what it is, and how it is read."""
TYPES: Mapping[Kind, str] = {
    "text": "text", "id": "uuid", "day": "date", "moment": "timestamptz", "number": "numeric"
}  # fmt: skip


class FilterError(ValueError):
    """A filter cannot be read, or is too large; says where and why."""


class FilterToken(Struct, frozen=True):
    """A name, a value or a mark, and its place from 0."""

    kind: str
    text: str
    place: int


def tokens_of(text: str) -> list[FilterToken]:
    """Return the words of a filter, the last of them its end. Raises FilterError."""
    if len(text) > CHARACTERS_MAX:
        raise FilterError(f"It has {len(text)} characters, and may have {CHARACTERS_MAX}.")
    if "\0" in text:
        raise FilterError("It has a character of no text.")
    tokens: list[FilterToken] = []
    place = 0
    while not tokens or tokens[-1].kind != "end":
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            rest = text[place:].lstrip()
            words = f"{rest[:20]} cannot be read here."
            if rest.startswith("'"):
                words = "The text has no last quote; a quote within a text is written twice."
            raise FilterError(f"At character {len(text) - len(rest) + 1}: {words}")
        kind = match.lastgroup
        tokens.append(FilterToken(kind, match[kind], match.start(kind)))
        place = match.end()
    return tokens
