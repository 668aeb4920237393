"""One command on pages: a form, its answers to check, and the recording.

Nothing is kept between these pages but in the form itself. The answers stay when another user was
quicker, and a form that is sent twice is recorded once: its key is made when it is checked.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE
from msgspec import Struct
from msgspec.structs import replace

from adapters.documents import store
from adapters.ledger.async_ledger import apart
from adapters.ledger.submission import Submission, VersionConflict
from api.http.forms import FORM_READ_BYTES_MAX, form_of
from api.http.moment import moment
from api.http.problems import Request
from api.pages.forms.attached import Attached, attach_each
from api.pages.people import NOBODY, Inspectors, with_names
from api.pages.record import form_parser
from api.pages.record.beside.consequences import cautions, consequences
from api.pages.record.beside.on_record import in_full, judged
from api.pages.record.form_fields import OF_COMMAND, QUESTIONS, Question
from api.pages.record.form_parser import DOCUMENTS, Answers, pickable
from api.pages.record.subject import ENTRIES, READERS, Subject, history_asked, subject_of
from api.pages.record.submission import carried, key_of, preview, record, step_of
from api.pages.rendering import reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.pages.rendering.timeline import Happened, timeline
from api.request.authentication import current_actor
from api.request.services import services
from domain.access.permissions import require
from domain.commands.recommendation import AssignFollowUp, ChangeFollowUp, Close
from domain.events.event import History
from domain.history import addressee_of, state_after
from domain.recommendation.available_commands import Action, is_available
from domain.recommendation.state import Recommendation
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import NotFound, Refused
from domain.vocabulary.values import CloseReason, Sha256

INSTEAD: Mapping[Action, Action] = {AssignFollowUp: ChangeFollowUp}
"""The command with the same fields that is possible once another person gave the first."""
TOGETHER = "together"
"""The box that puts the same fact right in other streams too."""


class CommandForm(Struct, frozen=True):
    """A form: its question and subject, as of a step, with the answers so far."""

    about: Subject
    question: Question
    step: int
    answers: Answers
    since: Sequence[Happened] = ()
    """The entries recorded by others since the step that the form was filled in at."""
    refused: Refused | None = None
    instead_of: str = ""
    """The title of the form whose answers these were, before somebody else gave its command."""
    place: str = ""
    """The rest of the address, where the command alone does not name the subject."""
    document: str | None = None
    """The file name of the document that the form is about."""
    uploaded: Mapping[Sha256, str] = {}
    """The file names of the documents that were uploaded so far, by hash."""
    steps: frozenset[int] = frozenset()
    """The steps that the form is about, to be shown in full."""
    together: Mapping[str, Submission] = MappingProxyType({})
    """The same fact in other streams, to be put right in one submit unless that is declined."""

    people: Inspectors = NOBODY
    """The inspectors to pick from."""
    cautions: tuple[str, ...] = ()
    """Warnings to read before the answers are recorded."""
    recorded: str | None = None
    """The value that a correction is to replace, in words."""

    @property
    def summary(self) -> list[tuple[str, str, str]]:
        """The answers in words, to check, each with the id of its field to change it."""
        before = [] if self.recorded is None else [(_("Previous value"), self.recorded, "")]
        return before + [
            (
                _(field.short),
                (field.kind == "documents" and ", ".join(self.uploaded.values()))
                or self.answers.display(field, self.people),
                field.target,
            )
            for field in self.question.fields
            if field.applies(self.answers.typed)
            and not (field.from_record and getattr(self.answers.command, field.name) is None)
        ]

    @property
    def path(self) -> str:
        """The address of the form."""
        return f"{self.about.address}/record/{self.question.tag}{self.place}"


@get("/recommendations/{stream:uuid}/record/{tag:str}", opt=READERS)
async def ask(request: Request, stream: FromPath[UUID], tag: FromPath[str]) -> Response[bytes]:
    """The form of one command, if the rules allow it now."""
    question, history = await _begun(request, stream, tag)
    if not await _is_open(request, question.command, history):
        raise Refused(_("You cannot do this now: %(title)s.", title=_(question.title)))
    actor = current_actor(request)
    blank = Answers(await apart(history, begun_with, question, history, actor), {}, None)
    form = CommandForm(await apart(history, subject_of, history), question, len(history), blank)
    return await render_form(request, replace(form, people=await pickable(request, question)))


@post(
    "/recommendations/{stream:uuid}/record/{tag:str}",
    opt=READERS,
    status_code=200,
    request_max_body_size=FORM_READ_BYTES_MAX,
)
async def answer(
    request: Request, stream: FromPath[UUID], tag: FromPath[str]
) -> Response[bytes] | Redirect:
    """The form again, the answers to check, or the command recorded, as the button says."""
    question, history = await _begun(request, stream, tag)
    fields, attached = await _fields(request, stream, question)
    people = await pickable(request, question)
    answers = form_parser.read(question, fields, people=people)
    if attached.refused:
        errors = {**answers.errors, "documents": attached.error}
        answers = Answers(answers.typed, errors, None)
    form = CommandForm(
        await apart(history, subject_of, history),
        question,
        step_of(fields),
        answers,
        uploaded=await _uploaded(request, stream, answers),
        people=people,
    )
    if attached.unscanned:
        return await render_form(request, form, HTTP_503_SERVICE_UNAVAILABLE)
    return await handle_answer(request, form, fields)


async def handle_answer(
    request: Request, form: CommandForm, fields: Mapping[str, str]
) -> Response[bytes] | Redirect:
    """The next page after a form, as its button says."""
    command, step = form.answers.command, form.step
    if command is None or fields.get("then") == "change":
        return await render_form(request, form)
    stream, key = form.about.stream, key_of(fields)
    others = form.together.values() if not key or fields.get(TOGETHER) == "yes" else ()
    submissions = [*others, Submission(stream, command, step, ENTRIES[form.about.kind])]
    try:
        if key:
            every = [(other.stream, other.command) for other in submissions]
            body = f"{form.path} {step} ".encode() + msgspec.json.encode(every)
            last = await record(request, submissions, key, body)
            return Redirect(f"{form.about.address}/recorded/{last.step}", status_code=303)
        previewed = await preview(request, submissions)
        added = [entry for entry in previewed if entry.stream == stream]
    except VersionConflict as conflict:
        return await _overtaken(request, form, conflict.history)
    except Refused as refused:
        return await render_form(request, replace(form, refused=refused), 409)
    history = await services(request).async_ledger.history(stream)
    return page(
        request,
        "pages/record/check.html",
        title=_("Check your answers"),
        of=form.about.reference,
        form=form,
        consequences=[
            *form.cautions,
            *await apart(history, consequences, history, added, current_actor(request)),
        ],
        carried={**carried(form.answers.typed), "step": step, "key": uuid4().hex},
        crumbs=form.about.crumbs,
    )


def begun_with(question: Question, history: History, actor: Actor) -> dict[str, str]:
    """The answers that a form begins with: those of another inspector's proposal to close."""
    state = state_after(history)
    proposal = state.proposal if isinstance(state, Recommendation) else None
    if question.command is not Close or proposal is None or proposal.by == actor.id:
        return {}
    return {
        "reason": CloseReason.VERIFIED,
        "source": proposal.source,
        "proposal": str(proposal.step),
    }


def taken_from_record(question: Question, history: History, actor: Actor) -> dict[str, str]:
    """The answers that a form takes from the record as it is now, and does not ask for."""
    names = [field.name for field in question.fields if field.from_record]
    begun = begun_with(question, history, actor) if names else {}
    return {name: begun.get(name, "") for name in names}


async def _begun(request: Request, stream: UUID, tag: str) -> tuple[Question, History]:
    if tag not in QUESTIONS:
        raise NotFound("There is no such page.")
    question = QUESTIONS[tag]
    history = await history_asked(request, stream)
    require(current_actor(request), question.command, addressee_of(history))
    return question, history


async def _is_open(request: Request, command: Action, history: History) -> bool:
    """Return whether a command is possible now."""
    return await apart(history, is_available, command, current_actor(request), history, moment())


async def _fields(
    request: Request, stream: UUID, question: Question
) -> tuple[dict[str, str], Attached]:
    """The fields of a form, its stored files by hash; and the files, kept and refused."""
    posted = await form_of(request)
    fields, _removed = form_parser.without_removed(posted.fields)
    if not posted.files or not question.takes_files:
        return fields, Attached()
    attached = await attach_each(request, stream, posted.files)
    had = fields.get(DOCUMENTS, "").split()
    names = dict.fromkeys([*had, *attached.kept])
    return {**fields, DOCUMENTS: " ".join(names)}, attached


async def _uploaded(request: Request, stream: UUID, answers: Answers) -> Mapping[Sha256, str]:
    """The file names of the documents that a form carries, by hash."""
    return await file_names(request, stream, answers.typed.get(DOCUMENTS, "").split())


async def file_names(
    request: Request, stream: UUID, carried: Sequence[Sha256]
) -> dict[Sha256, str]:
    """The file names of some documents of a recommendation, by hash."""
    if not carried:
        return {}
    stored = await services(request).async_ledger.run(store.listing(stream))
    names = {document.sha256: document.file_name for document in stored}
    return {document: names.get(document, document[:12]) for document in carried}


async def _overtaken(request: Request, form: CommandForm, history: History) -> Response[bytes]:
    """The form with what happened since; its answers now apply to the present step.

    If its command is no longer possible, it is the form of the command that stands in for it, or
    says why not.
    """
    since = await apart(history, timeline, history[form.step :], inside=True)
    form = replace(form, since=await with_names(request, since), step=len(history))
    instead = INSTEAD.get(form.question.command)
    if instead and await _is_open(request, instead, history):
        form = replace(form, question=OF_COMMAND[instead], instead_of=form.question.title)
    elif form.answers.command is not None:
        try:
            current = Submission(form.about.stream, form.answers.command, form.step)
            await preview(request, [current])
        except Refused as refused:
            form = replace(form, refused=refused)
    return await render_form(request, form, 412)


async def render_form(request: Request, form: CommandForm, status: int = 200) -> Response[bytes]:
    """The form with its errors, and what its answer judges."""
    history = await services(request).async_ledger.history(form.about.stream)
    command, actor = form.question.command, current_actor(request)
    errors = dict(form.answers.errors)
    taken = taken_from_record(form.question, history, actor)
    form = replace(form, answers=replace(form.answers, typed={**form.answers.typed, **taken}))
    if form.refused:
        about_others = form.refused.number is not None and form.refused.number < len(form.together)
        place = "" if about_others else form.refused.place
        errors[form_parser.element_of(place, form.question.fields)] = reading.refusal(form.refused)
    return page(
        request,
        "pages/record/ask.html",
        status=400 if form.answers.errors and status == HTTP_200_OK else status,
        title=_(form.question.title),
        of=form.about.reference,
        form=form,
        on_record=[
            *await judged(request, command, history),
            *await in_full(request, history, form.steps),
        ],
        cautions=[*form.cautions, *await apart(history, cautions, command, history, actor)],
        errors=errors,
        crumbs=form.about.crumbs,
    )


DECIDING_PAGES = (ask, answer)
