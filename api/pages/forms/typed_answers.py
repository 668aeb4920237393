"""Typed answers of a form that could not be sent, in words: each with the label of its field.

The form itself cannot be drawn: its page is read from the record, by whoever is signed in.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from uuid import UUID

from msgspec import Struct

from adapters.identity.held_forms import HeldForm
from api.pages.inspections.drafting import fields as draft_fields
from api.pages.inspections.plan_form import FIELDS as PLAN_FIELDS
from api.pages.inspections.steps.forms import STEP_FORMS
from api.pages.people import NOBODY, Inspectors
from api.pages.record.amendments import redaction_form, suppression_form, withdrawal_form
from api.pages.record.amendments.correction_form import NOW, WHY
from api.pages.record.amendments.reply_questions import OF_TAG as REPLIES
from api.pages.record.amendments.reply_questions import REPLY_FIELDS
from api.pages.record.command_form import TOGETHER
from api.pages.record.form_fields import QUESTIONS, Field
from api.pages.record.form_parser import DOCUMENTS, FROM_FILE, REMOVE
from api.pages.record.publishing import publish_form
from api.pages.record.publishing.from_text import PASTED
from api.pages.rendering import formatting, labels
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from domain.vocabulary.values import Sha256

_STREAM = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IN_ROW = re.compile(rf"(.+)-({_STREAM})(-.+)?")
_NUMBERED = re.compile(r"r([0-9]{1,3})-(.+)")
_NUMBER = re.compile("[0-9]{1,4}")
_PART = re.compile(r"(.+)-(day|month|year|time|months|name|[0-9]{1,9})")
_DATE = ("day", "month", "year")
_HIDDEN = frozenset({"count", "kept", "leads", "led", "path", "query", "step", "version", TOGETHER})
_HIDDEN_IN_ROWS = frozenset({"step", "number", "first", "undo", "proposal"})
_OTHER = {
    "/alerts": {"address": N_("Email address")},
    "/contacts/": {
        "outcome": N_("What came of it?"),
        "stream": N_("If it was corrected, the address of the recommendation or report"),
        "step": N_("If it was corrected, the number of the step that corrected it"),
    },
    "/messages": {"address": N_("Email address")},
    "/portfolios": {"lead": N_("Inspector")},
    "/work/filters": {"name": N_("Name of the filter")},
    "/": {PASTED: N_("The text of the recommendations"), "on": N_("When did this happen?")},
}
"""The labels of fields that are in no table of questions, by the beginning of their address."""


class TypedAnswer(Struct, frozen=True):
    """An answer as it was typed, with the label of its field."""

    label: str
    text: str


class _Name(Struct, frozen=True):
    """The name of a field: of a row of a form for several, or of a numbered recommendation."""

    field: str
    stream: str = ""
    number: str = ""


def typed_answers(
    form: HeldForm,
    people: Inspectors = NOBODY,
    files: Mapping[Sha256, str] | None = None,
) -> list[TypedAnswer]:
    """Return the answers of a form in its order; `files` names those that were uploaded."""
    known = _fields_of(form.path)
    parts: dict[_Name, dict[str, str]] = {}
    rows: dict[str, int] = {}
    ticked = 0
    for name, text in form.fields.items():
        place, part = _parsed(name, known)
        if place.stream and not place.field.startswith(FROM_FILE):
            rows.setdefault(place.stream, len(rows) + 1)
        if place.stream and place.field == "of":
            ticked += bool(text)
        elif text.strip() and not _is_hidden(form.path, place):
            parts.setdefault(place, {})[part] = text
    named = {stream: _row(form, stream, place) for stream, place in rows.items()}
    answers = [
        TypedAnswer(
            _label(form.path, place, known, named),
            _text(known.get(place.field), typed, people)
            if place.field != DOCUMENTS
            else _file_names(typed.get("", ""), files or {}),
        )
        for place, typed in parts.items()
    ]
    if ticked:
        answers.append(TypedAnswer(_("Recommendations ticked"), str(ticked)))
    return answers


def streams_of(form: HeldForm) -> list[UUID]:
    """Return the recommendation of a form, or those that were ticked in it."""
    whole = [form.path, *(name for name in form.fields if name.startswith("of-"))]
    return [UUID(text) for name in whole for text in re.findall(_STREAM, name)]


def _parsed(name: str, known: Mapping[str, Field]) -> tuple[_Name, str]:
    """Return of what field an input is, and which part of it."""
    stream = number = part = ""
    if match := _IN_ROW.fullmatch(name):
        name, stream = match[1] + (match[3] or ""), match[2]
    if match := _NUMBERED.fullmatch(name):
        number, name = match[1], match[2]
    if name not in known and (match := _PART.fullmatch(name)):
        name, part = match[1], match[2]
    return _Name(name, stream, number), part


def _is_hidden(path: str, place: _Name) -> bool:
    if place.field.startswith((FROM_FILE, REMOVE)) or not _plain(place.field):
        return True
    if place.stream:
        return place.field in _HIDDEN_IN_ROWS
    form = STEP_FORMS.get(path.rpartition("/")[2]) if path.startswith("/inspections/") else None
    return (
        (place.field in _HIDDEN and place.field not in _other(path))
        or (form is not None and place.field == form.fixed)
        or (bool(place.number) and place.field == "read")
    )


def _row(form: HeldForm, stream: str, place: int) -> str:
    """Return the name of a row: by the number of its recommendation, or by its place."""
    number = form.fields.get(f"number-{stream}", "")
    if _NUMBER.fullmatch(number):
        return _("Recommendation %(number)s", number=number)
    return _("Row %(number)s of the form", number=place)


def _label(path: str, place: _Name, known: Mapping[str, Field], rows: Mapping[str, str]) -> str:
    field = known.get(place.field)
    if field is None:
        label = _(_other(path).get(place.field) or _plain(place.field))
    else:
        label = _(field.short if place.stream else field.label)
    if place.stream:
        return _("%(row)s: %(label)s", row=rows[place.stream], label=label)
    if place.number:
        return _("Recommendation %(number)s: %(text)s", number=place.number, text=label)
    return label


def _text(field: Field | None, typed: Mapping[str, str], people: Inspectors) -> str:
    """The parts of an answer as one text, with the words of its options."""
    whole = typed.get("", "")
    if "name" in typed:
        return typed["name"]
    if field and field.kind == "person":
        return people.name_of(whole)
    options = (labels.LIMITS if field.kind == "limit" else field.options) if field else None
    words = [_(options[whole]) if options and whole in options else whole]
    words.append(" ".join(typed[part] for part in _DATE if part in typed))
    words += [typed[part] for part in ("time", "months") if part in typed]
    words += [formatting.step(int(part)) for part in typed if part.isdigit()]
    return ", ".join(filter(None, words))


def _file_names(hashes: str, files: Mapping[Sha256, str]) -> str:
    """The names of the files of a form; of those whose names are not at hand, how many."""
    each = hashes.split()
    names = [files[digest] for digest in each if digest in files]
    rest = len(each) - len(names)
    return ", ".join([*names, *([formatting.documents(rest)] if rest else [])])


def _other(path: str) -> Mapping[str, str]:
    return {
        name: label
        for beginning, of_path in _OTHER.items()
        if path.startswith(beginning)
        for name, label in of_path.items()
    }


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip().capitalize()


@cache
def _every() -> Mapping[str, Field]:
    """The fields of all forms by name, for an address that tells nothing."""
    return _by_name(
        [field for question in QUESTIONS.values() for field in question.fields],
        *_tables().values(),
    )


@cache
def _tables() -> Mapping[str, Iterable[Field]]:
    """The fields of each form, by a part of its address."""
    report = [*publish_form.REPORT, *publish_form.RECOMMENDATION]
    draft = [
        *draft_fields.REPORT,
        draft_fields.SOURCES,
        *draft_fields.recommendation_fields("2024"),
    ]
    draft += [draft_fields.ADDRESSED]
    draft += [Field(f"cases-{f.name}", f.label, f.short, f.kind) for f in draft_fields.CASES]
    draft += [
        Field(f"grades-{f.name}", f.label, f.short, f.kind, options=f.options)
        for f in draft_fields.GRADES
    ]
    owner = QUESTIONS["name_owner"].fields
    return {
        **dict.fromkeys((*REPLIES, "dispute"), REPLY_FIELDS),
        **{tag: form.fields for tag, form in STEP_FORMS.items()},
        "report": report,
        "draft": draft,
        "new": PLAN_FIELDS,
        "plan": QUESTIONS["receive_action_plan"].fields,
        "reviews": QUESTIONS["review_action_plan"].fields,
        "correct": (NOW, WHY),
        **dict.fromkeys(("withdraw", "undo"), withdrawal_form.WITHDRAW.fields),
        "request_redaction": redaction_form.ASK.fields,
        "request_suppression": suppression_form.ASK.fields,
        **{tag: (*question.fields, *owner) for tag, question in QUESTIONS.items()},
    }


def _fields_of(path: str) -> Mapping[str, Field]:
    """The fields of the form at an address, by name."""
    if _other(path).keys() - _OTHER["/"].keys():
        return {}
    tables = _tables()
    own = [tables[part] for part in reversed(path.split("/")) if part in tables][:1]
    return _by_name(*own) if own else _every()


def _by_name(*tables: Iterable[Field]) -> Mapping[str, Field]:
    fields: dict[str, Field] = {}
    for table in tables:
        for field in table:
            fields.setdefault(field.name, field)
    return fields
