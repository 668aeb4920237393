"""One command to an inspection on pages: its form, its answers to check, and the recording."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
from anyio import to_thread
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from msgspec.structs import replace

from adapters.ledger.submission import Submission, VersionConflict, of_inspection
from api.http.forms import fields_of
from api.http.problems import ProblemError, Request
from api.pages.inspections.drafting.fields import typed_values
from api.pages.inspections.reading import shown_subject
from api.pages.inspections.steps.about import AboutStep, about_step, fixed_value
from api.pages.inspections.steps.forms import STEP_FORMS, InspectionForm
from api.pages.inspections.steps.submission import headers_of
from api.pages.inspections.words import INSPECTIONS
from api.pages.record import form_parser
from api.pages.record.submission import STEP, carried, key_of
from api.pages.rendering import reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.budget import spend
from api.request.services import services
from api.v1.inspections.commands import InspectionRequest, command_of, submit
from api.v1.inspections.subject import InspectionSubject
from domain.access.inspections import INSPECTION_COMMANDS
from domain.commands.inspection import ChangePlan
from domain.inspection.available import is_possible
from domain.vocabulary.errors import Forbidden, NotFound, Refused

PATH = "/inspections/{stream:uuid}/record/{tag:str}"
_PART = re.compile(r"\br([0-9]+)\b")


class StepAnswers(Struct, frozen=True, kw_only=True):
    """A form as of a step, with the answers so far and what is wrong with them."""

    subject: InspectionSubject
    form: InspectionForm
    step: int
    fixed: str
    """The thing that the command is about, as the form carries it."""
    typed: Mapping[str, str] = {}
    errors: Mapping[str, str] = {}
    request: InspectionRequest | None = None

    @property
    def path(self) -> str:
        """The address of the form."""
        return f"/inspections/{self.subject.stream}/record/{self.form.tag}"

    @property
    def carried(self) -> dict[str, Any]:
        """The fields that nobody types."""
        about = {self.form.fixed: self.fixed} if self.form.fixed else {}
        return {"step": self.step, **about}


@get(PATH, sync_to_thread=True)
def ask_step(request: Request, stream: FromPath[UUID], tag: FromPath[str]) -> Response[bytes]:
    """Show the form of a command, if the rules may allow it now."""
    subject, form = _begun(request, stream, tag)
    if not is_possible(form.command, subject.state):
        raise Refused(_("You cannot do this now: %(title)s.", title=_(form.title)))
    fixed = fixed_value(request, subject, form)
    known = form.fields if form.command is ChangePlan else ()
    typed = dict(
        typed_values(subject.planned, [field for field in known if field.name != "remark"])
    )
    step = subject.state.step
    answers = StepAnswers(subject=subject, form=form, step=step, fixed=fixed, typed=typed)
    return _form(request, answers)


@post(PATH, status_code=200)
async def answer_step(
    request: Request, stream: FromPath[UUID], tag: FromPath[str]
) -> Response[bytes] | Redirect:
    """Show the form again or the answers to check, or record them, as the button says."""
    fields = await fields_of(request)
    return await to_thread.run_sync(_answer, request, stream, tag, fields)


def _begun(request: Request, stream: UUID, tag: str) -> tuple[InspectionSubject, InspectionForm]:
    subject = shown_subject(request, stream)
    form = STEP_FORMS.get(tag)
    if form is None:
        raise NotFound
    roles = INSPECTION_COMMANDS[form.command]
    if current_actor(request).role not in roles:
        raise Forbidden("Your role cannot do this.", roles)
    return subject, form


def _answer(
    request: Request, stream: UUID, tag: str, fields: dict[str, str]
) -> Response[bytes] | Redirect:
    subject, form = _begun(request, stream, tag)
    answers = _read(subject, form, fields)
    key = key_of(fields)
    if answers.request is None or fields.get("then") == "change":
        return _form(request, answers)
    try:
        if key:
            return Redirect(_record(request, answers, key), status_code=303)
        return _check(request, answers)
    except VersionConflict:
        return _moved_on(request, answers)
    except ProblemError as problem:
        if problem.kind.slug != "stale":
            raise
        return _moved_on(request, answers)
    except Refused as refused:
        errors = {form_parser.element_of(refused.place, form.fields): _in_words(refused)}
        return _form(request, replace(answers, errors=errors), 409)


def _read(
    subject: InspectionSubject, form: InspectionForm, fields: Mapping[str, str]
) -> StepAnswers:
    """Read a form. Raises NotFound if it is about nothing, as no form of the service is."""
    typed = form_parser.tidy(fields)
    text, fixed = typed.get("step", ""), typed.get(form.fixed, "") if form.fixed else ""
    plain, errors = form_parser.values(form.fields, form.request, typed)
    answers = StepAnswers(
        subject=subject,
        form=form,
        step=int(text) if STEP.fullmatch(text) else 0,
        fixed=fixed,
        typed=typed,
        errors=errors,
    )
    if errors:
        return answers
    if form.fixed:
        plain[form.fixed] = int(fixed) if STEP.fullmatch(fixed) else fixed
    try:
        return replace(answers, request=msgspec.convert(plain, form.request))
    except msgspec.ValidationError:
        raise NotFound from None


def _record(request: Request, answers: StepAnswers, key: str) -> str:
    """Record a command, and return the address of its confirmation."""
    assert answers.request is not None  # noqa: S101  its caller has checked
    spend(request)
    subject = answers.subject
    command = command_of(request, subject, answers.request)
    headers = headers_of(request, key, msgspec.json.encode(answers.request), answers.step)
    submission = Submission(subject.stream, command, answers.step, of_inspection)
    done = submit(request, submission, headers)
    first = done.step - len(done.entries) + 1
    return f"/inspections/{subject.stream}?done={first}"


def _check(request: Request, answers: StepAnswers) -> Response[bytes]:
    """Show the answers to check, if the rules allow them."""
    assert answers.request is not None  # noqa: S101  its caller has checked
    spend(request)
    subject, form = answers.subject, answers.form
    command = command_of(request, subject, answers.request)
    submission = Submission(subject.stream, command, answers.step, of_inspection)
    services(request).ledger.preview([submission], current_actor(request))
    return page(
        request,
        "pages/inspections/step_check.html",
        title=_("Check your answers"),
        of=subject.planned.reference,
        about=subject.planned,
        answers=answers,
        shown=about_step(request, subject, form, answers.fixed),
        summary=[
            (
                _(field.short),
                form_parser.display(field, getattr(answers.request, field.name)),
                field.target,
            )
            for field in form.fields
        ],
        carried={**carried(answers.typed), **answers.carried, "key": uuid4().hex},
        crumbs=_crumbs(subject),
    )


def _moved_on(request: Request, answers: StepAnswers) -> Response[bytes]:
    """Show the form as of the present step, with what was typed."""
    subject = shown_subject(request, answers.subject.stream)
    step = subject.state.step
    if not is_possible(answers.form.command, subject.state):
        words = _("Somebody else recorded something meanwhile, and this is not possible any more.")
        return _form(request, replace(answers, subject=subject, errors={"": words}), 409)
    words = _(
        "Somebody else changed the draft or recorded something meanwhile. Read it, and continue if "
        "your answers are still right."
    )
    fixed = fixed_value(request, subject, answers.form, answers.typed)
    answers = replace(answers, subject=subject, step=step, fixed=fixed, errors={"": words})
    return _form(request, answers, 412)


def _in_words(refused: Refused) -> str:
    """Return a refusal; the parts of a text that it names are named as on pages."""
    words = reading.refusal(refused)
    if not refused.place.startswith("/text"):
        return words
    return _PART.sub(lambda match: _("number %(number)s", number=match[1]), words)


def _form(request: Request, answers: StepAnswers, status: int = 200) -> Response[bytes]:
    """Show the form with what it is about, what was typed, and what is wrong."""
    subject, form = answers.subject, answers.form
    shown: AboutStep = about_step(request, subject, form, answers.fixed)
    return page(
        request,
        "pages/inspections/step.html",
        status=400 if answers.errors and status == 200 else status,  # noqa: PLR2004  HTTP
        title=_(form.title),
        of=subject.planned.reference,
        about=subject.planned,
        answers=answers,
        shown=shown,
        errors=dict(answers.errors),
        direct=not form.fields,
        key=uuid4().hex,
        crumbs=_crumbs(subject),
    )


def _crumbs(subject: InspectionSubject) -> Sequence[Mapping[str, str]]:
    this = {"text": subject.planned.reference, "href": f"/inspections/{subject.stream}"}
    return [HOME, INSPECTIONS, this]


STEP_PAGES = (ask_step, answer_step)
