"""Having a note's text or a document removed, on pages: one person asks, and another agrees."""

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from adapters.documents import store
from adapters.documents.store import Stored
from api.http.forms import fields_of
from api.http.moment import moment
from api.http.problems import Request
from api.pages.record import form_parser
from api.pages.record.command_form import CommandForm, handle_answer, render_form
from api.pages.record.form_fields import Field, Question
from api.pages.record.form_parser import Answers
from api.pages.record.subject import READERS, subject_of
from api.pages.record.submission import step_of
from api.pages.rendering import labels
from api.request.authentication import current_actor
from api.request.services import services
from api.v1.record.recommendations import history_of
from domain.access.permissions import COMMANDS, require
from domain.amendments.redaction import document_of, field_of, step_of_document
from domain.commands.common import ApproveRedaction, RequestRedaction
from domain.events.event import History
from domain.events.recommendation import RedactionRequested
from domain.history import addressee_of
from domain.recommendation.available_commands import is_allowed
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import Sha256

_PATH = "/recommendations/{stream:uuid}/record/"
REQUEST = _PATH + "request_redaction/{step:int}/{field:str}"
APPROVE = _PATH + "approve_redaction/{step:int}/{field:str}"
ASK = Question(
    RequestRedaction,
    "Request the removal of a note's text",
    "Removal requested",
    (Field("ground", "Why should it be removed?", "Ground", "choice", options=labels.GROUNDS),),
    means="Another person has to agree. The text is then gone for good. The step still shows that "
    "there was one.",
)
AGREE = Question(
    ApproveRedaction,
    "Agree to the removal of a note's text",
    "Text removed",
    (),
    means="The text will be gone for good. The step still shows that there was one.",
)


ASK_DOCUMENT = Question(
    RequestRedaction,
    "Request the removal of a document",
    "Removal requested",
    ASK.fields,
    means="Another person has to agree. The file and its name are then gone for good, and the same "
    "file cannot be sent to this recommendation again. The steps that mention it stay, with its "
    "fingerprint (SHA-256).",
)
AGREE_DOCUMENT = Question(
    ApproveRedaction,
    "Agree to the removal of a document",
    "Document removed",
    (),
    means="The file and its name will be gone for good, and the same file cannot be sent to this "
    "recommendation again. The steps that mention it stay, with its fingerprint (SHA-256).",
)


class Removal(Struct, frozen=True):
    """An action on a note or a document: its name and its address."""

    title: str
    href: str


@get([REQUEST, APPROVE], opt=READERS)
async def ask(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes]:
    """The form about one note or document, if the rules allow it now."""
    question, history = await _begun(request, stream, field)
    requesting, approving = _commands(history, step, field)
    command = approving if question.command is ApproveRedaction else requesting
    document = await _document(request, stream, field)
    known = [document.sha256] if document and not document.removed else []
    if not is_allowed(command, current_actor(request), history, moment(), known):
        raise Refused("There is nothing to remove, or you are not the person who can agree to it.")
    blank = Answers({}, {}, None)
    form = CommandForm(
        subject_of(history),
        question,
        len(history),
        blank,
        place=f"/{step}/{field}",
        document=document.file_name if document else None,
    )
    return await render_form(request, form)


@post([REQUEST, APPROVE], opt=READERS, status_code=200)
async def answer(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes] | Redirect:
    """The form again, the answers to check, or the command recorded, as the button says."""
    question, history = await _begun(request, stream, field)
    fields = await fields_of(request)
    fixed: dict[str, object] = {"step": step, "field": field}
    if question.command is ApproveRedaction:
        _, agreeing = _commands(history, step, field)
        fixed["request"] = agreeing.request
    document = await _document(request, stream, field)
    form = CommandForm(
        subject_of(history),
        question,
        step_of(fields),
        form_parser.read(question, fields, fixed),
        place=f"/{step}/{field}",
        document=document.file_name if document else None,
    )
    return await handle_answer(request, form, fields)


def removals(
    actor: Actor,
    history: History,
    now: datetime,
    step: int,
    field: str,
    *,
    documents: Collection[Sha256] = (),
) -> Iterator[Removal]:
    """The actions that an actor can take now on one note of a recommendation."""
    if actor.role not in COMMANDS[RequestRedaction] | COMMANDS[ApproveRedaction]:
        return
    stream = history[0].stream
    for command in _commands(history, step, field):
        if is_allowed(command, actor, history, now, documents):
            question = _question(type(command), field)
            place = f"/recommendations/{stream}/record/{question.tag}/{command.step}/{field}"
            yield Removal(question.title, place)


def document_removals(
    actor: Actor, history: History, now: datetime, document: Sha256
) -> Iterator[Removal]:
    """The actions that an actor can take now on one stored document of a recommendation."""
    step = step_of_document(history, document)
    return removals(actor, history, now, step, field_of(document), documents=[document])


REDACTING_PAGES = (ask, answer)


async def _begun(request: Request, stream: UUID, field: str) -> tuple[Question, History]:
    agreeing = f"/{AGREE.tag}/" in request.scope["path"]
    question = _question(ApproveRedaction if agreeing else RequestRedaction, field)
    history = await history_of(request, stream)
    require(current_actor(request), question.command, addressee_of(history))
    return question, history


def _question(command: type[RequestRedaction | ApproveRedaction], field: str) -> Question:
    if document_of(field):
        return AGREE_DOCUMENT if command is ApproveRedaction else ASK_DOCUMENT
    return AGREE if command is ApproveRedaction else ASK


async def _document(request: Request, stream: UUID, field: str) -> Stored | None:
    """The document that a field names, if there is one."""
    name = document_of(field)
    return await services(request).async_ledger.run(store.find(stream, name)) if name else None


def _commands(history: History, step: int, field: str) -> tuple[RequestRedaction, ApproveRedaction]:
    """The request to remove a note or document, and the approval of the latest such request."""
    requests = [
        (entry.step, entry.event.step)
        for entry in history
        if isinstance(entry.event, RedactionRequested)
        and entry.event.field == field
        and (entry.event.step == step or document_of(field))
    ]
    requested, about = requests[-1] if requests else (step, step)
    return (
        RequestRedaction(step=step, field=field, ground="data_protection"),
        ApproveRedaction(request=requested, step=about, field=field),
    )
