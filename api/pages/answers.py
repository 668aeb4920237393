"""From what was typed on a page to a command, or to what is wrong beside each field."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from api.pages import words
from api.pages.questions import Field, Question
from domain.commands import RecommendationCommand

DATE_PARTS = ("year", "month", "day")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Answers(Struct, frozen=True):
    """What was typed, and the command that it makes; or what is wrong, by field."""

    typed: Mapping[str, str]
    errors: Mapping[str, str]
    command: RecommendationCommand | None

    def told(self, field: Field) -> str:
        """The answer to one question in words, for who checks it."""
        value = getattr(self.command, field.name)
        match field.kind:
            case _ if value is None:
                return "Today" if field.name == "on" else "Left empty"
            case "choice":
                return (field.options or {})[value]
            case "day":
                return words.day(value)
            case "limit":
                return words.limit(value)
            case _:
                return str(value)


def read(question: Question, sent: Mapping[str, str]) -> Answers:
    """What a form says; spaces around an answer are nobody's."""
    typed = {name: text.strip().replace("\r\n", "\n") for name, text in sent.items()}
    plain: dict[str, object] = {}
    errors: dict[str, str] = {}
    for field in question.fields:
        try:
            value = _value(field, typed)
            if value is None:
                if field.needed(question.command):
                    errors[field.name] = _missing(field)
                continue
            msgspec.convert(value, _types(question.command)[field.name])
            plain[field.name] = value
        except (msgspec.ValidationError, ValueError, OverflowError):
            errors[field.name] = _wrong(field)
    return Answers(typed, errors, None if errors else msgspec.convert(plain, question.command))


def _value(field: Field, typed: Mapping[str, str]) -> object:
    """What the API would be sent; None if nothing was typed. Raises ValueError."""
    text = typed.get(field.name, "")
    match field.kind:
        case "day":
            return _day(field.name, typed)
        case "limit" if text == "months":
            return f"months:{int(typed.get(f'{field.name}-months', ''))}"
        case "limit" if text == "date":
            return f"date:{_day(field.name, typed)}"
        case "recommendation" if text:
            found = _UUID.findall(text)
            return found[-1] if found else text
        case _:
            return text or None


def _day(name: str, typed: Mapping[str, str]) -> str | None:
    """A day as precisely as it was typed. Raises ValueError if it is none of the calendar."""
    year, month, day = (typed.get(f"{name}-{part}", "") for part in DATE_PARTS)
    if not (year or month or day):
        return None
    if day and not month:
        raise ValueError("a day needs its month")
    date(int(year), int(month or 1), int(day or 1))
    return "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)])


@cache
def _types(command: type[Struct]) -> Mapping[str, Any]:
    return get_type_hints(command, include_extras=True)


def _missing(field: Field) -> str:
    if field.kind in {"choice", "limit"}:
        return f"Choose an answer: {field.label}"
    return f"Enter an answer: {field.label}"


def _wrong(field: Field) -> str:
    match field.kind:
        case "choice":
            return _missing(field)
        case "day":
            return words.NO_DAY
        case "limit":
            return "Give a number of months from 1 to 60, or a real date, such as 31 3 2027."
        case "recommendation":
            return "Enter the address of a recommendation's page."
        case "line":
            return "Enter one line of up to 300 characters. An identifier has no spaces."
        case _:
            return "Enter a text of up to 4,000 characters."
