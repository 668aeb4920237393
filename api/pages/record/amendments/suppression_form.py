"""Having a published text suppressed, on pages: one person asks, and another agrees."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from anyio import to_thread
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from api.http.forms import fields_of
from api.http.moment import moment
from api.http.problems import Request
from api.pages.record import form_parser
from api.pages.record.amendments.redaction_form import Removal
from api.pages.record.command_form import CommandForm, handle_answer, render_form
from api.pages.record.form_fields import PRIVATE, Field, Question
from api.pages.record.form_parser import Answers
from api.pages.record.subject import READERS, history_asked, subject_of
from api.pages.record.submission import step_of
from api.pages.rendering import formatting, labels
from api.pages.rendering.language import gettext as _
from api.request.authentication import current_actor
from api.request.services import services
from domain.access.permissions import COMMANDS, require
from domain.amendments.suppression import pending_suppression, places_of, texts
from domain.checks import SUPPRESSION_REQUESTED
from domain.commands.common import ApproveSuppression, RequestSuppression
from domain.events.event import History
from domain.history import addressee_of
from domain.recommendation.available_commands import is_allowed
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import NotFound, Refused
from domain.vocabulary.values import FieldName, Reference
from projections.register.same_text import streams_with

_PATHS = ("/recommendations/{stream:uuid}/record/", "/reports/{stream:uuid}/record/")
FORMS = [
    f"{path}{tag}/{{step:int}}/{{field:str}}"
    for path in _PATHS
    for tag in ("request_suppression", "approve_suppression")
]
OTHERS_SHOWN = 10
"""The most other recommendations that are named."""
ASK = Question(
    RequestSuppression,
    "Request the removal of a published text",
    "Removal requested",
    (
        Field("ground", "Why should it be removed?", "Ground", "choice", options=labels.GROUNDS),
        Field("why", "What is wrong with it?", "Reason", hint=PRIVATE),
    ),
    means="Another person has to agree. Nobody can then read the text here, as of any day. In its "
    "place is the day on which it was removed. The record keeps the step, as its own proof.",
)
AGREE = Question(
    ApproveSuppression,
    "Agree to the removal of a published text",
    "Text removed",
    (),
    means="Nobody will be able to read the text here, as of any day. In its place is today's date. "
    "The record keeps the step, as its own proof. To show a text there again, correct it.",
)


@get(FORMS, opt=READERS)
async def ask(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes]:
    """The form about one text, if the rules allow it now."""
    question, history = await _begun(request, stream)
    command = _command(question, history, step, field)
    if not is_allowed(command, current_actor(request), history, moment()):
        raise Refused("There is nothing to remove, or you are not the person who can agree to it.")
    blank = Answers({}, {}, None)
    form = await _form(request, history, question, (step, field), blank)
    return await render_form(request, form)


@post(FORMS, opt=READERS, status_code=200)
async def answer(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes] | Redirect:
    """The form again, the answers to check, or the command recorded, as the button says."""
    question, history = await _begun(request, stream)
    fields = await fields_of(request)
    fixed: dict[str, object] = {"step": step, "field": field}
    if question is AGREE:
        fixed["request"] = _requested(history, step, field)
    answers = form_parser.read(question, fields, fixed)
    form = await _form(request, history, question, (step, field), answers)
    return await handle_answer(request, replace(form, step=step_of(fields)), fields)


def suppressions(
    actor: Actor, history: History, now: datetime, step: int
) -> Iterator[tuple[FieldName, Removal]]:
    """Yield the actions that an actor can take now on the texts of a step, each with its text."""
    if actor.role not in COMMANDS[RequestSuppression] | COMMANDS[ApproveSuppression]:
        return
    for field in texts(history, step):
        for question in (ASK, AGREE):
            command = _command(question, history, step, field)
            if is_allowed(command, actor, history, now):
                address = subject_of(history).address
                place = f"{address}/record/{question.tag}/{step}/{field}"
                yield field, Removal(question.title, place)


def pending_actions(actor: Actor, history: History, now: datetime) -> Iterator[Removal]:
    """Yield the requests of other people that an actor can agree to now."""
    for entry in history:
        if isinstance(entry.event, SUPPRESSION_REQUESTED):
            for field, action in suppressions(actor, history, now, entry.event.step):
                if field == entry.event.field and f"/{AGREE.tag}/" in action.href:
                    yield action


SUPPRESSING_PAGES = (ask, answer)


async def _begun(request: Request, stream: UUID) -> tuple[Question, History]:
    question = AGREE if f"/{AGREE.tag}/" in request.scope["path"] else ASK
    history = await history_asked(request, stream)
    require(current_actor(request), question.command, addressee_of(history))
    return question, history


def _command(
    question: Question, history: History, step: int, field: FieldName
) -> RequestSuppression | ApproveSuppression:
    if question is ASK:
        return RequestSuppression(step=step, field=field, ground="data_protection", why="-")
    return ApproveSuppression(request=_requested(history, step, field), step=step, field=field)


def _requested(history: History, step: int, field: FieldName) -> int:
    """The step of the open request, or the step itself, which the rules then refuse."""
    return pending_suppression(history, step, field) or step


async def _form(
    request: Request,
    history: History,
    question: Question,
    place: tuple[int, FieldName],
    answers: Answers,
) -> CommandForm:
    """The form about one text, with every step that has it, as of the last step of a history."""
    step, field = place
    text = texts(history, step).get(field) if 0 < step <= len(history) else None
    if text is None:
        raise NotFound("There is no published text of that name.")
    steps = frozenset(each.step for each in places_of(history, text))
    others = await to_thread.run_sync(_others, request, history, text)
    return CommandForm(
        subject_of(history),
        question,
        len(history),
        answers,
        place=f"/{step}/{field}",
        steps=steps,
        cautions=tuple(_cautions(steps, others)),
    )


def _others(request: Request, history: History, text: str) -> list[Reference]:
    """The other recommendations that have the text, or had it: one more than are named."""
    rows = services(request).ledger.rows
    having = rows.read(lambda cursor: streams_with(cursor, text, OTHERS_SHOWN + 2))
    return [reference for stream, reference in having.items() if stream != history[0].stream]


def _cautions(steps: Collection[int], others: Sequence[Reference]) -> Iterator[str]:
    """Yield where else the text stands: what goes with it, and what does not."""
    if len(steps) > 1:
        numbers = ", ".join(map(formatting.step, sorted(steps)))
        yield _("The same text goes from every step that has it: %(steps)s.", steps=numbers)
    if others:
        more = " …" if len(others) > OTHERS_SHOWN else ""
        yield _(
            "Other recommendations have the same text: %(references)s. It stays there until it is "
            "removed from each.",
            references=", ".join(others[:OTHERS_SHOWN]) + more,
        )
