"""Parsing a form: from typed answers to a command, or to an error beside each field."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from api.http.problems import Request
from api.pages.forms.typed_dates import WrongDate, coarse_date, whole_date
from api.pages.forms.typed_times import typed_moment
from api.pages.people import NAME_SUFFIX, NOBODY, Inspectors, inspectors_seen
from api.pages.record.form_fields import Field, Question
from api.pages.rendering import formatting, reading
from api.pages.rendering.language import gettext as _
from api.request.authentication import current_actor
from domain.commands.recommendation import ProposeClosure, RecommendationCommand

DOCUMENTS = "documents"
"""The field that names the documents that were kept, by their hashes."""
FROM_FILE = "file-"
"""Begins the name of a mark: of which file an answer is, and as which text."""
REMOVE = "remove-"
"""Begins the name of a box that takes a document out of a form again."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

REFERENCES = frozenset({"reference", "follows"})
"""The fields of a line that take a reference."""


class Answers(Struct, frozen=True):
    """The typed answers, and the command that they make; or the errors, by field."""

    typed: Mapping[str, str]
    errors: Mapping[str, str]
    command: RecommendationCommand | None

    def display(self, field: Field, people: Inspectors = NOBODY) -> str:
        """The answer to one field in words, to check."""
        return display(field, getattr(self.command, field.name), people)


def display(  # noqa: PLR0911  a table
    field: Field,
    value: Any,  # noqa: ANN401  a field's value
    people: Inspectors = NOBODY,
) -> str:
    """An answer in words."""
    match field.kind:
        case _ if value is None:
            return _("Today") if field.name == "on" else _("Left empty")
        case "person":
            return people.name_of(value)
        case "choice" | "select" | "flag" | "step":
            chosen = str(value).lower() if isinstance(value, bool) else str(value)
            return _((field.options or {})[chosen])
        case "day":
            return formatting.day(value)
        case "moment":
            return _("%(moment)s, UK time", moment=formatting.moment(datetime.fromisoformat(value)))
        case "limit":
            return formatting.limit(value)
        case "documents":
            return formatting.documents(len(value)) if value else _("None")
        case "steps":
            return "\n".join(_((field.options or {})[str(step)]) for step in value)
        case _:
            return str(value)


def read(
    question: Question,
    fields: Mapping[str, str],
    fixed: Mapping[str, object] | None = None,
    people: Inspectors = NOBODY,
    *,
    in_row: bool = False,
) -> Answers:
    """Read the answers of a form, besides the fixed values; spaces around an answer are dropped.

    A typed name of one of the people becomes their identifier. Errors name the question, or in a
    row of several its short name.
    """
    typed = tidy(fields)
    pickers = [field.name for field in question.fields if field.kind == "person"]
    for name in pickers:
        typed = people.resolved(name, typed)
    plain, errors = values(question.fields, question.command, typed, in_row=in_row)
    for name in pickers:
        words = typed.get(name + NAME_SUFFIX)
        if name in errors and words:
            errors[name] = people.problem(words)
    plain = {**(fixed or {}), **plain}
    return Answers(typed, errors, None if errors else msgspec.convert(plain, question.command))


async def pickable(request: Request, question: Question) -> Inspectors:
    """Return the inspectors to pick from, if the form asks for one.

    The second reader of a proposal is another inspector than the one who proposes.
    """
    if not question.asks_person:
        return NOBODY
    people = await inspectors_seen(request)
    if question.command is ProposeClosure:
        return people.without(current_actor(request).id)
    return people


def tidy(fields: Mapping[str, str]) -> dict[str, str]:
    """The typed texts as they are recorded: without outer spaces, with plain line ends."""
    return {name: text.strip().replace("\r\n", "\n") for name, text in fields.items()}


def without_removed(typed: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the answers of a form without the documents that it says to remove, and their names.

    A form carries the documents that were uploaded with it in the field `documents`.
    """
    names = typed.get(DOCUMENTS, "").split()
    removed = [name for name in names if typed.get(f"{REMOVE}{name}")]
    left = {name: text for name, text in typed.items() if not name.startswith(REMOVE)}
    if removed:
        left[DOCUMENTS] = " ".join(name for name in names if name not in removed)
    return left, removed


def values(
    fields: Sequence[Field],
    command: type[Struct],
    typed: Mapping[str, str],
    prefix: str = "",
    *,
    in_row: bool = False,
) -> tuple[dict[str, object], dict[str, str]]:
    """The values for the API of some fields, and the errors by name."""
    plain: dict[str, object] = {}
    errors: dict[str, str] = {}
    for field in fields:
        if not field.applies(typed):  # another answer makes it needless, so that it was not shown
            continue
        name = prefix + field.name
        try:
            value = _value(field, name, typed)
            if value is None:
                if field.needed(command):
                    errors[prefix + field.target] = _missing(field)
                continue
            msgspec.convert(value, _types(command)[field.name])
            plain[field.name] = value
        except WrongDate as wrong:
            errors[wrong.field] = wrong.of(_(field.short if in_row else field.label))
        except (msgspec.ValidationError, ValueError, KeyError, OverflowError):
            is_months = field.kind == "limit" and typed.get(name) == "months"
            errors[f"{name}-months" if is_months else name] = _wrong(field, in_row=in_row)
    return plain, errors


def element_of(place: str, fields: Sequence[Field]) -> str:
    """Return the id of the element for a place in a command; empty if no field is there."""
    name = place.partition("/")[2].partition("/")[0]
    return next((field.target for field in fields if field.name == name), "")


def _value(field: Field, name: str, typed: Mapping[str, str]) -> object:  # noqa: C901, PLR0911  a table
    """The value for the API; None if nothing was typed. Raises ValueError."""
    text = typed.get(name, "")
    match field.kind:
        case "day":
            return coarse_date(typed, name)
        case "moment":
            at = typed_moment(typed, name)
            return at and at.isoformat()
        case "limit" if text == "months":
            return f"months:{int(typed.get(f'{name}-months', ''))}"
        case "limit" if text == "date":
            return f"date:{_last_day(name, typed)}"
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
        case "number" | "step" if text:
            return int(text)
        case "web" if text and not reading.is_address(text):
            raise ValueError("no address")
        case "person" if not text and typed.get(name + NAME_SUFFIX):
            raise ValueError("a name of no inspector, or of several")
        case _:
            return text or None


def _last_day(name: str, typed: Mapping[str, str]) -> date:
    """Return the day of a time limit. Raises WrongDate, also if nothing was typed."""
    day = whole_date(typed, name)
    if day is None:
        raise WrongDate(f"{name}-day", _("enter a date, such as 31 3 2027."))
    return day


@cache
def _types(command: type[Struct]) -> Mapping[str, Any]:
    return get_type_hints(command, include_extras=True)


def _missing(field: Field) -> str:
    if field.kind == "steps":
        return _("Choose at least one step.")
    if field.kind in {"choice", "limit", "select", "flag", "step"}:
        return _("Choose an answer: %(label)s", label=_(field.label))
    return _("Enter an answer: %(label)s", label=_(field.label))


def _wrong(field: Field, *, in_row: bool) -> str:
    if field.kind in {"choice", "select", "flag", "steps", "step"}:
        return _missing(field)
    if in_row:
        return _rule(field)
    return _("%(question)s %(why)s", question=_(field.label), why=_rule(field))


def _rule(field: Field) -> str:  # noqa: PLR0911  a table
    """Return what an answer has to be."""
    match field.kind:
        case "limit":
            return _("Enter a number of months from 1 to 60.")
        case "number":
            return _("Enter a whole number.")
        case "person":
            return _("Choose one of the inspectors.")
        case "recommendation":
            return _("Enter the address of a recommendation's page.")
        case "line" if field.name in REFERENCES:
            return _(
                "Enter 3 to 100 lower case letters, digits and hyphens, such as kent-ncpi-2026."
            )
        case "web":
            return _(
                "Enter an address that begins with https:// or http://, such as "
                "https://www.example.org/comments."
            )
        case "line":
            return _("Enter one line of up to 300 characters.")
        case _:
            return _("Enter a text of up to 4,000 characters.")
