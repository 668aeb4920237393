"""Giving a command on pages: asked on one, checked on the next, recorded, and confirmed.

Nothing is kept between them but in the form itself. What was typed stays when somebody else was
quicker, and a form that is sent twice is recorded once: its key is made when it is checked.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from msgspec.structs import replace

from adapters.ledger.submit import Submission, VersionConflict
from api.http.forms import FILES_FORM_BYTES_MAX, uploaded
from api.http.problems import ProblemError, Request
from api.pages.record import form_parser
from api.pages.record.form_fields import QUESTIONS, Question
from api.pages.record.form_parser import Answers
from api.pages.record.subject import ENTRIES, Subject, history_asked, subject_of
from api.pages.record.submission import carried, key_of, step_of, submitted, tried
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.pages.rendering.timeline import Happened, timeline
from api.request.authentication import current_actor
from api.v1.record.documents import attach
from domain.access.permissions import ReadPermission, may_read, require
from domain.available_commands import is_available
from domain.commands.recommendation import ClaimCompletion
from domain.events.event import History
from domain.history import addressee_of
from domain.vocabulary.errors import NotFound, Refused


class Form(Struct, frozen=True):
    """One page of the way: what is asked about what, as it stood at a step."""

    about: Subject
    question: Question
    step: int
    answers: Answers
    since: Sequence[Happened] = ()
    """What others recorded since the step that the answers were first meant for."""
    refused: str | None = None
    place: str = ""
    """What of that it is about, where the command alone does not say it."""

    @property
    def summary(self) -> list[tuple[str, str]]:
        """The answers in words, to be checked."""
        return [(_(one.short), self.answers.display(one)) for one in self.question.fields]

    @property
    def path(self) -> str:
        """The address of the form."""
        return f"{self.about.address}/record/{self.question.tag}{self.place}"


@get("/recommendations/{stream:uuid}/record/{tag:str}")
async def ask(request: Request, stream: FromPath[UUID], tag: FromPath[str]) -> Response[bytes]:
    """The form of one command, if the rules allow it now."""
    question, history = await _begun(request, stream, tag)
    if not is_available(question.command, current_actor(request), history, datetime.now(UTC)):
        raise Refused(_("“%(title)s” is not possible as it stands.", title=_(question.title)))
    blank = Answers({}, {}, None)
    return render_form(request, Form(subject_of(history), question, len(history), blank))


@post(
    "/recommendations/{stream:uuid}/record/{tag:str}",
    status_code=200,
    request_max_body_size=FILES_FORM_BYTES_MAX,
)
async def answer(
    request: Request, stream: FromPath[UUID], tag: FromPath[str]
) -> Response[bytes] | Redirect:
    """What was answered: asked again, shown to be checked, or recorded, as the button says."""
    question, history = await _begun(request, stream, tag)
    sent, refused = await _sent(request, stream, question)
    given = form_parser.read(question, sent)
    if refused:
        given = Answers(given.typed, {**given.errors, "documents": refused}, None)
    form = Form(subject_of(history), question, step_of(sent), given)
    return await handle_answer(request, form, sent, history)


async def handle_answer(
    request: Request, form: Form, sent: Mapping[str, str], history: History
) -> Response[bytes] | Redirect:
    """The next page after a form, as its button says."""
    command, step = form.answers.command, form.step
    if command is None or sent.get("then") == "change":
        return render_form(request, form)
    stream = form.about.stream
    requests = [Submission(stream, command, step, ENTRIES[form.about.kind])]
    try:
        if key := key_of(sent):
            body = f"{form.path} {step} ".encode() + msgspec.json.encode(command)
            last = await submitted(request, requests, key, body)
            return Redirect(f"{form.about.address}/recorded/{last}", status_code=303)
        tried(request, requests, {stream: history})
    except VersionConflict as stale:
        return _overtaken(request, form, stale.history)
    except Refused as refused:
        return render_form(request, replace(form, refused=str(refused)), 409)
    return page(
        request,
        "pages/record/check.html",
        title=_("Check your answers"),
        of=form.about.reference,
        form=form,
        carried={**carried(form.answers.typed), "step": step, "key": uuid4().hex},
        crumbs=form.about.crumbs,
    )


@get(
    [
        "/recommendations/{stream:uuid}/recorded/{step:int}",
        "/reports/{stream:uuid}/recorded/{step:int}",
    ],
    opt={"sight": ReadPermission.HISTORY},
)
async def recorded(
    request: Request, stream: FromPath[UUID], step: FromPath[int]
) -> Response[bytes]:
    """That a step is on record, and where."""
    history = await history_asked(request, stream)
    readable = may_read(current_actor(request), ReadPermission.HISTORY, addressee_of(history))
    if not readable or not 0 < step <= len(history):
        raise NotFound("There is no such step.")
    entry, about = history[step - 1], subject_of(history)
    return page(
        request,
        "pages/record/recorded.html",
        title=_("Recorded"),
        of=about.reference,
        about=about,
        entry=entry,
        happened=timeline([entry], inside=True)[0],
        crumbs=about.crumbs,
    )


async def _begun(request: Request, stream: UUID, tag: str) -> tuple[Question, History]:
    if tag not in QUESTIONS:
        raise NotFound("There is no such page.")
    question = QUESTIONS[tag]
    history = await history_asked(request, stream)
    require(current_actor(request), question.command, addressee_of(history))
    return question, history


async def _sent(
    request: Request, stream: UUID, question: Question
) -> tuple[dict[str, str], str | None]:
    """The fields of a form, and why its files were not taken; those that were are named by hash."""
    sent = await uploaded(request)
    if not sent.files or question.command is not ClaimCompletion:
        return sent.fields, None
    try:
        kept = await attach(request, stream, sent.files)
    except ProblemError as trouble:
        if trouble.kind.slug != "unsupported-document":
            raise
        return sent.fields, str(trouble)
    except Refused as refused:
        return sent.fields, str(refused)
    had = sent.fields.get("documents", "").split()
    names = dict.fromkeys([*had, *(document.sha256 for document, _ in kept)])
    return {**sent.fields, "documents": " ".join(names)}, None


def _overtaken(request: Request, form: Form, history: History) -> Response[bytes]:
    """What happened since; the answers are from now on meant for where it stands."""
    told = timeline(history[form.step :], inside=True)
    return render_form(request, replace(form, since=told, step=len(history)), 412)


def render_form(request: Request, form: Form, status: int = 200) -> Response[bytes]:
    """The form, with what is wrong with it."""
    errors = dict(form.answers.errors)
    if form.refused:
        errors[""] = form.refused
    return page(
        request,
        "pages/record/ask.html",
        status=status if not form.answers.errors else 400,
        title=_(form.question.title),
        of=form.about.reference,
        form=form,
        errors=errors,
        targets={one.name: one.target for one in form.question.fields},
        crumbs=form.about.crumbs,
    )


DECIDING_PAGES = (ask, answer, recorded)
