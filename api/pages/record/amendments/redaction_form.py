"""Having the text of a note removed, on pages: one person asks, and another agrees."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from api.http.forms import fields_of
from api.http.moment import moment
from api.http.problems import Request
from api.pages.record import form_parser
from api.pages.record.command_form import CommandForm, handle_answer, render_form
from api.pages.record.form_fields import Field, Question
from api.pages.record.form_parser import Answers
from api.pages.record.subject import subject_of
from api.pages.record.submission import step_of
from api.pages.rendering import labels
from api.request.authentication import current_actor
from api.v1.record.recommendations import history_of
from domain.access.permissions import COMMANDS, require
from domain.available_commands import is_allowed
from domain.commands.common import ApproveRedaction, RequestRedaction
from domain.events.event import History
from domain.events.recommendation import RedactionRequested
from domain.history import addressee_of
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import Refused

_PATH = "/recommendations/{stream:uuid}/record/"
REQUEST = _PATH + "request_redaction/{step:int}/{field:str}"
APPROVE = _PATH + "approve_redaction/{step:int}/{field:str}"
ASK = Question(
    RequestRedaction,
    "Request the removal of a note's text",
    "Removal requested",
    (Field("ground", "Why should it be removed?", "Ground", "choice", options=labels.GROUNDS),),
    means="Another person has to agree. The text is then gone for good; the entry shows that there "
    "was one.",
)
AGREE = Question(
    ApproveRedaction,
    "Agree to the removal of a note's text",
    "Text removed",
    (),
    means="The text will be gone for good. The entry stays, and shows that there was one.",
)


class Removal(Struct, frozen=True):
    """An action on a note: its name and its address."""

    title: str
    href: str


@get([REQUEST, APPROVE])
async def ask(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes]:
    """The form about one note, if the rules allow it now."""
    question, history = await _begun(request, stream)
    command = _commands(history, step, field)[question is AGREE]
    if not is_allowed(command, current_actor(request), history, moment()):
        raise Refused("There is no text to remove, or you are not the person who can agree to it.")
    blank = Answers({}, {}, None)
    place = f"/{step}/{field}"
    return await render_form(
        request, CommandForm(subject_of(history), question, len(history), blank, place=place)
    )


@post([REQUEST, APPROVE], status_code=200)
async def answer(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes] | Redirect:
    """The form again, the answers to check, or the command recorded, as the button says."""
    question, history = await _begun(request, stream)
    fields = await fields_of(request)
    _, agreeing = _commands(history, step, field)
    fixed: dict[str, object] = {"step": step, "field": field}
    if question is AGREE:
        fixed["request"] = agreeing.request
    answers = form_parser.read(question, fields, fixed)
    place = f"/{step}/{field}"
    form = CommandForm(subject_of(history), question, step_of(fields), answers, place=place)
    return await handle_answer(request, form, fields)


def removals(
    actor: Actor, history: History, step: int, field: str, now: datetime
) -> Iterator[Removal]:
    """The actions that an actor can take now on one note of a recommendation."""
    if actor.role not in COMMANDS[RequestRedaction] | COMMANDS[ApproveRedaction]:
        return
    stream = history[0].stream
    request, approve = _commands(history, step, field)
    for question, command in ((ASK, request), (AGREE, approve)):
        if is_allowed(command, actor, history, now):
            place = f"/recommendations/{stream}/record/{question.tag}/{step}/{field}"
            yield Removal(question.title, place)


REDACTING_PAGES = (ask, answer)


async def _begun(request: Request, stream: UUID) -> tuple[Question, History]:
    question = AGREE if f"/{AGREE.tag}/" in request.scope["path"] else ASK
    history = await history_of(request, stream)
    require(current_actor(request), question.command, addressee_of(history))
    return question, history


def _commands(history: History, step: int, field: str) -> tuple[RequestRedaction, ApproveRedaction]:
    """The request to remove a note, and the approval of the latest such request."""
    requests = [
        entry.step
        for entry in history
        if isinstance(entry.event, RedactionRequested)
        and (entry.event.step, entry.event.field) == (step, field)
    ]
    return (
        RequestRedaction(step=step, field=field, ground="data_protection"),
        ApproveRedaction(request=requests[-1] if requests else step, step=step, field=field),
    )
