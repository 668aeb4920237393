"""Correcting an earlier step on pages: which field of which step, what it should say, and why."""

from typing import get_args
from uuid import UUID

from anyio import to_thread
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from adapters.ledger.submission import Submission
from api.http.forms import fields_of
from api.http.problems import Request
from api.pages.forms.typed_dates import typed_date
from api.pages.record import form_parser
from api.pages.record.command_form import CommandForm, handle_answer, render_form
from api.pages.record.form_fields import PRIVATE, Field, Question
from api.pages.record.form_parser import Answers, pickable
from api.pages.record.subject import READERS, history_asked, subject_of
from api.pages.record.submission import step_of
from api.pages.rendering import event_fields, labels
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.pages.rendering.timeline import what_of
from api.request.authentication import current_actor
from api.request.query_params import LIMIT_MAX
from api.v1.lists.register import RegisterParams, register_page
from api.v1.record.commands import moves_publication
from domain.access.permissions import require
from domain.amendments.correction import amend, correctable
from domain.commands.common import Correct
from domain.events.event import Event, History
from domain.events.recommendation import Issued
from domain.events.report import ReportPublished
from domain.history import addressee_of, standing
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import ActorId, Count, Ordinal, Plain, Text, TimeLimit, When

PATHS = ["/recommendations/{stream:uuid}/correct", "/reports/{stream:uuid}/correct"]
FORMS = [
    "/recommendations/{stream:uuid}/record/correct/{step:int}/{field:str}",
    "/reports/{stream:uuid}/record/correct/{step:int}/{field:str}",
]
ALONE = N_(
    "The report has this day too, and so do its other recommendations. If it is the day of "
    "publication that is wrong, correct the report, which offers the same for all of them."
)
NOW = Field("now", "What should it say?", "New value")
"""The new value, in general; each form has it for its own field."""
WHY = Field("why", "Why is it corrected?", "Reason", hint=PRIVATE)


@get(PATHS, opt=READERS)
async def choose(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Every step with the fields that can be corrected."""
    history = await _history(request, stream)
    about = subject_of(history)
    steps = [(entry.step, what_of(entry.event), _values(entry)) for entry in standing(history)]
    return page(
        request,
        "pages/record/correct.html",
        title=_("Correct an earlier step"),
        of=about.reference,
        about=about,
        steps=steps,
        crumbs=about.crumbs,
    )


@get(FORMS, opt=READERS)
async def ask(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes]:
    """The form for one field, with its present value."""
    history = await _history(request, stream)
    question, was = _question(history, step, field)
    typed = Answers(_typed(question.fields[0], was), {}, None)
    form = _form(history, question, len(history), typed, (step, field, was))
    return await render_form(request, replace(form, people=await pickable(request, question)))


@post(FORMS, opt=READERS, status_code=200)
async def answer(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes] | Redirect:
    """The form again, the answers to check, or the correction recorded, as the button says."""
    history = await _history(request, stream)
    question, was = _question(history, step, field)
    fields = await fields_of(request)
    fixed = {"step": step, "field": field, "was": was, "now": None}
    people = await pickable(request, question)
    answers = form_parser.read(question, fields, fixed, people)
    form = _form(history, question, step_of(fields), answers, (step, field, was))
    form = replace(form, people=people)
    if isinstance(answers.command, Correct) and moves_publication(answers.command):
        together = await to_thread.run_sync(_together, request, history, answers.command)
        alone = isinstance(history[0].event, Issued)
        form = replace(form, together=together, cautions=(_(ALONE),) if alone else ())
    return await handle_answer(request, form, fields)


def _together(request: Request, history: History, correct: Correct) -> dict[str, Submission]:
    """Return the same correction of each recommendation of a report, by its reference.

    The day of publication stands in them too. One that has another day is left alone.
    """
    if not isinstance(history[0].event, ReportPublished):
        return {}
    of_report = RegisterParams(report=str(history[0].stream), limit=LIMIT_MAX)
    return {
        item.standing.reference: Submission(item.id, correct)
        for item in register_page(request, of_report).items
        if item.standing.issued_on == correct.was
    }


def _form(
    history: History,
    question: Question,
    at: int,
    answers: Answers,
    place: tuple[int, str, Plain],
) -> CommandForm:
    """Return the form about one field of a step, with that step in full and what it says now."""
    step, field, was = place
    return CommandForm(
        subject_of(history),
        question,
        at,
        answers,
        place=f"/{step}/{field}",
        steps=frozenset({step}),
        recorded=event_fields.words(type(history[step - 1].event), field, was) or _("Left empty"),
    )


async def _history(request: Request, stream: UUID) -> History:
    history = await history_asked(request, stream)
    require(current_actor(request), Correct, addressee_of(history))
    return history


def _question(history: History, step: int, name: str) -> tuple[Question, Plain]:
    """The question about one field, and its present value."""
    values = correctable(amend(history)[step - 1]) if 0 < step <= len(history) else {}
    if name not in values:
        raise NotFound("There is nothing of that name to correct.")
    event = type(history[step - 1].event)
    label = event_fields.label_of(event, name)
    title = _("Correct step %(step)s: %(field)s", step=step, field=label)
    field = _field(event, name)
    return Question(Correct, title, "Correction recorded", (field, WHY)), values[name]


def _values(entry: Entry[Event]) -> dict[str, tuple[str, str]]:
    """The fields of a step that can be corrected, each with its label and its present value."""
    of = type(entry.event)
    return {
        name: (event_fields.label_of(of, name), event_fields.words(of, name, now))
        for name, now in correctable(entry).items()
    }


def _field(event: type[Event], name: str) -> Field:  # noqa: PLR0911  a table
    """The form field for a field of an event, by its type."""
    hint, plain = event_fields.hint_of(event, name), event_fields.kind_of(event, name)
    blank = type(None) in get_args(hint)
    label = _("What should it say? (%(field)s)", field=event_fields.label_of(event, name))
    if plain == When:
        return Field("now", label, "New value", "day", blank=blank)
    if plain == TimeLimit:
        return Field("now", label, "New value", "limit", blank=blank)
    if event_fields.is_code(plain):
        values = get_args(plain) or [str(value) for value in plain]
        options = {str(value): event_fields.words(event, name, value) for value in values}
        return Field("now", label, "New value", "choice", options=options, blank=blank)
    if plain is bool:
        return Field("now", label, "New value", "flag", options=labels.FLAGS)
    if plain is UUID:
        return Field("now", label, "New value", "recommendation", blank=blank)
    if plain == ActorId:
        return Field("now", label, "New value", "person", blank=blank)
    if plain in {Ordinal, Count}:
        return Field("now", label, "New value", "number", blank=blank)
    return Field("now", label, "New value", "text" if plain == Text else "line", blank=blank)


def _typed(field: Field, was: Plain) -> dict[str, str]:
    """The typed form of a field's present value."""
    text = "" if was is None else str(was).lower() if isinstance(was, bool) else str(was)
    kind, _, value = text.partition(":")
    match field.kind:
        case "day" if text != "unknown":
            return typed_date("now", text)
        case "limit" if kind == "months":
            return {"now": kind, "now-months": value}
        case "limit" if kind == "date":
            return {"now": kind, **typed_date("now", value)}
        case _:
            return {"now": text}


CORRECTING_PAGES = (choose, ask, answer)
