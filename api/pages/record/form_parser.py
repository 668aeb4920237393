"""Parsing a form: from typed answers to a command, or to an error beside each field."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from api.pages.record.form_fields import Field, Question
from api.pages.rendering import formatting, labels
from api.pages.rendering.language import gettext as _
from api.pages.rendering.query_form import DATE_PARTS
from domain.commands.recommendation import RecommendationCommand

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Answers(Struct, frozen=True):
    """The typed answers, and the command that they make; or the errors, by field."""

    typed: Mapping[str, str]
    errors: Mapping[str, str]
    command: RecommendationCommand | None

    def display(self, field: Field) -> str:
        """The answer to one field in words, to check."""
        return display(field, getattr(self.command, field.name))


def display(field: Field, value: Any) -> str:  # noqa: ANN401, PLR0911  a field's value
    """An answer in words."""
    match field.kind:
        case _ if value is None:
            return _("Today") if field.name == "on" else _("Left empty")
        case "choice" | "select" | "flag":
            chosen = str(value).lower() if isinstance(value, bool) else value
            return _((field.options or {})[chosen])
        case "day":
            return formatting.day(value)
        case "limit":
            return formatting.limit(value)
        case "documents":
            return formatting.documents(len(value)) if value else _("None")
        case "steps":
            return "\n".join(_((field.options or {})[str(step)]) for step in value)
        case _:
            return str(value)


def read(
    question: Question, fields: Mapping[str, str], fixed: Mapping[str, object] | None = None
) -> Answers:
    """Read the answers of a form, besides the fixed values; spaces around an answer are dropped."""
    typed = tidy(fields)
    plain, errors = values(question.fields, question.command, typed)
    plain = {**(fixed or {}), **plain}
    return Answers(typed, errors, None if errors else msgspec.convert(plain, question.command))


def tidy(fields: Mapping[str, str]) -> dict[str, str]:
    """The typed texts as they are recorded: without outer spaces, with plain line ends."""
    return {name: text.strip().replace("\r\n", "\n") for name, text in fields.items()}


def values(
    fields: Sequence[Field], command: type[Struct], typed: Mapping[str, str], prefix: str = ""
) -> tuple[dict[str, object], dict[str, str]]:
    """The values for the API of some fields, and the errors by name."""
    plain: dict[str, object] = {}
    errors: dict[str, str] = {}
    for field in fields:
        name = prefix + field.name
        try:
            value = _value(field, name, typed)
            if value is None:
                if field.needed(command):
                    errors[name] = _missing(field)
                continue
            msgspec.convert(value, _types(command)[field.name])
            plain[field.name] = value
        except (msgspec.ValidationError, ValueError, KeyError, OverflowError):
            errors[name] = _wrong(field)
    return plain, errors


def _value(field: Field, name: str, typed: Mapping[str, str]) -> object:  # noqa: PLR0911  a table
    """The value for the API; None if nothing was typed. Raises ValueError."""
    text = typed.get(name, "")
    match field.kind:
        case "day":
            return _day(name, typed)
        case "limit" if text == "months":
            return f"months:{int(typed.get(f'{name}-months', ''))}"
        case "limit" if text == "date":
            return f"date:{_day(name, typed)}"
        case "recommendation" if text:
            ids = _UUID.findall(text)
            return ids[-1] if ids else text
        case "documents":
            return text.split() or None
        case "steps":
            boxes = (typed[box] for box in typed if box.startswith(f"{name}-"))
            return sorted({int(number) for number in boxes if number}) or None
        case "flag" if text:
            return {"true": True, "false": False}[text]
        case "number" if text:
            return int(text)
        case _:
            return text or None


def _day(name: str, typed: Mapping[str, str]) -> str | None:
    """A date as precise as it was typed. Raises ValueError if the calendar has no such date."""
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
    if field.kind == "steps":
        return _("Choose at least one step.")
    if field.kind in {"choice", "limit", "select", "flag"}:
        return _("Choose an answer: %(label)s", label=_(field.label))
    return _("Enter an answer: %(label)s", label=_(field.label))


def _wrong(field: Field) -> str:  # noqa: PLR0911  a table
    match field.kind:
        case "choice" | "select" | "flag" | "steps":
            return _missing(field)
        case "day":
            return _(labels.NO_DAY)
        case "limit":
            return _("Give a number of months from 1 to 60, or a real date, such as 31 3 2027.")
        case "number":
            return _("Enter a whole number.")
        case "recommendation":
            return _("Enter the address of a recommendation's page.")
        case "line":
            return _("Enter one line of up to 300 characters. An identifier has no spaces.")
        case _:
            return _("Enter a text of up to 4,000 characters.")
