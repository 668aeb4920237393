"""Correcting an earlier step on pages: which field of which step, what it should say, and why."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from api.http.forms import fields_of
from api.http.problems import Request
from api.pages.record import form_parser
from api.pages.record.command_form import CommandForm, handle_answer, render_form
from api.pages.record.form_fields import PRIVATE, Field, Question
from api.pages.record.form_parser import Answers
from api.pages.record.subject import history_asked, subject_of
from api.pages.record.submission import step_of
from api.pages.rendering import labels
from api.pages.rendering.language import gettext as _
from api.pages.rendering.query_form import DATE_PARTS
from api.pages.rendering.render import page
from api.pages.rendering.timeline import what_of
from api.request.authentication import current_actor
from domain.access.permissions import require
from domain.amendments.correction import amend, correctable
from domain.commands.common import Correct
from domain.events.event import Event, History
from domain.history import addressee_of
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import Count, Ordinal, Plain, Text, TimeLimit, When

PATHS = ["/recommendations/{stream:uuid}/correct", "/reports/{stream:uuid}/correct"]
FORMS = [
    "/recommendations/{stream:uuid}/record/correct/{step:int}/{field:str}",
    "/reports/{stream:uuid}/record/correct/{step:int}/{field:str}",
]
OPTIONS: dict[str, Mapping[str, str]] = {
    "area": labels.AREAS,
    "finding": labels.FINDINGS,
    "answer": labels.ANSWERS,
    "level": labels.ASSURANCE,
    "said_by": labels.SAID_BY,
    "reading": labels.READINGS,
    "product": labels.PRODUCTS,
    "wording": labels.WORDINGS,
    "confidence": labels.CONFIDENCE,
    "grades": labels.GRADES,
}
WHY = Field("why", "Why is it corrected?", "Reason", hint=PRIVATE)


@get(PATHS)
async def choose(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Every step with the fields that can be corrected."""
    history = await _history(request, stream)
    about = subject_of(history)
    steps = [(entry.step, what_of(entry.event), _values(entry)) for entry in amend(history)]
    return page(
        request,
        "pages/record/correct.html",
        title=_("Correct an earlier step"),
        of=about.reference,
        about=about,
        steps=steps,
        crumbs=about.crumbs,
    )


@get(FORMS)
async def ask(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes]:
    """The form for one field, with its present value."""
    history = await _history(request, stream)
    question, was = _question(history, step, field)
    typed = Answers(_typed(question.fields[0], was), {}, None)
    form = CommandForm(subject_of(history), question, len(history), typed, place=f"/{step}/{field}")
    return render_form(request, form)


@post(FORMS, status_code=200)
async def answer(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes] | Redirect:
    """The form again, the answers to check, or the correction recorded, as the button says."""
    history = await _history(request, stream)
    question, was = _question(history, step, field)
    fields = await fields_of(request)
    fixed = {"step": step, "field": field, "was": was, "now": None}
    answers = form_parser.read(question, fields, fixed)
    place = f"/{step}/{field}"
    form = CommandForm(subject_of(history), question, step_of(fields), answers, place=place)
    return await handle_answer(request, form, fields)


async def _history(request: Request, stream: UUID) -> History:
    history = await history_asked(request, stream)
    require(current_actor(request), Correct, addressee_of(history))
    return history


def _question(history: History, step: int, name: str) -> tuple[Question, Plain]:
    """The question about one field, and its present value."""
    values = correctable(amend(history)[step - 1]) if 0 < step <= len(history) else {}
    if name not in values:
        raise NotFound("There is nothing of that name to correct.")
    hint = _hint(type(history[step - 1].event), name)
    title = _("Correct step %(step)s: %(field)s", step=step, field=labels.FIELDS.get(name, name))
    return Question(Correct, title, "Correction recorded", (_field(name, hint), WHY)), values[name]


def _values(entry: Entry[Event]) -> dict[str, str]:
    """The fields of a step that can be corrected, with their present values in words."""
    of = type(entry.event)
    return {
        name: form_parser.display(_field(name, _hint(of, name)), now) if now is not None else ""
        for name, now in correctable(entry).items()
    }


def _hint(event: type[Struct], name: str) -> Any:  # noqa: ANN401  a type expression
    """The type of a field, which may be within another."""
    if name == "on":
        return When
    outer, _dot, inner = name.partition(".")
    hint = _hints(event)[outer]
    return _hint(hint, inner) if inner else hint


def _field(name: str, hint: Any) -> Field:  # noqa: ANN401  a type expression
    """The form field for a field of an event, by its type."""
    blank = type(None) in get_args(hint)
    kinds = get_args(hint) if blank else (hint,)
    plain = next(kind for kind in kinds if kind is not type(None))
    label = _("What should it say? (%(field)s)", field=labels.FIELDS.get(name, name))
    if plain == When:
        return Field("now", label, "New value", "day", blank=blank)
    if plain == TimeLimit:
        return Field("now", label, "New value", "limit", blank=blank)
    if get_origin(plain) is Literal or (isinstance(plain, type) and issubclass(plain, StrEnum)):
        values = get_args(plain) or [str(value) for value in plain]
        words = {**labels.KINDS, **labels.FOLLOW_UPS, **OPTIONS.get(name.partition(".")[0], {})}
        options = {str(value): words.get(str(value), str(value)) for value in values}
        return Field("now", label, "New value", "choice", options=options, blank=blank)
    if plain is bool:
        return Field("now", label, "New value", "flag", options=labels.FLAGS)
    if plain in {Ordinal, Count}:
        return Field("now", label, "New value", "number", blank=blank)
    return Field("now", label, "New value", "text" if plain == Text else "line", blank=blank)


def _typed(field: Field, was: Plain) -> dict[str, str]:
    """The typed form of a field's present value."""
    text = "" if was is None else str(was).lower() if isinstance(was, bool) else str(was)
    kind, _, value = text.partition(":")
    match field.kind:
        case "day" if text != "unknown":
            return _day_fields(text)
        case "limit" if kind == "months":
            return {"now": kind, "now-months": value}
        case "limit" if kind == "date":
            return {"now": kind, **_day_fields(value)}
        case _:
            return {"now": text}


def _day_fields(day: str) -> dict[str, str]:
    parts = zip(DATE_PARTS, day.split("-"), strict=False)  # of a coarse one there are fewer
    return {f"now-{part}": text for part, text in parts}


@cache
def _hints(event: type[Struct]) -> dict[str, Any]:
    return get_type_hints(event, include_extras=True)


CORRECTING_PAGES = (choose, ask, answer)
