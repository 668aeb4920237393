"""Withdrawing steps that were recorded by mistake, on pages: at once, or with a second person."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from msgspec.structs import replace

from api.http.forms import fields_of
from api.http.moment import moment
from api.http.problems import Request
from api.pages.record import form_parser
from api.pages.record.command_form import CommandForm, handle_answer, render_form
from api.pages.record.form_fields import PRIVATE, Field, Question
from api.pages.record.form_parser import Answers
from api.pages.record.subject import READERS, subject_of
from api.pages.record.submission import step_of
from api.pages.rendering import formatting
from api.pages.rendering.language import gettext as _
from api.pages.rendering.timeline import what_of
from api.request.authentication import current_actor
from api.v1.record.recommendations import history_of
from domain.access.permissions import ReadPermission, Verdict, may, may_read, require
from domain.amendments.correction import amend
from domain.amendments.withdrawal import pending_requests, withdrawable
from domain.commands.recommendation import AgreeToWithdrawal, Withdraw
from domain.events.event import History
from domain.events.recommendation import WithdrawalRequested
from domain.history import addressee_of
from domain.recommendation.available_commands import is_allowed
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import Refused

PATH = "/recommendations/{stream:uuid}/record/withdraw"
AGREE_PATH = "/recommendations/{stream:uuid}/record/agree_to_withdrawal/{step:int}"
WITHDRAW = Question(
    Withdraw,
    "Withdraw steps that were recorded by mistake",
    "Withdrawal recorded",
    (
        Field("steps", "Which steps were recorded by mistake?", "Steps", "steps"),
        Field("why", "Why are they withdrawn?", "Reason", hint=PRIVATE),
    ),
    means="Withdrawn steps count as never having happened. They stay readable in the history. "
    "Withdraw your own steps at once, until a decision is recorded after them. Otherwise this is a "
    "request, and a second person has to agree.",
)
AGREE = Question(
    AgreeToWithdrawal,
    "Agree to withdraw steps",
    "Steps withdrawn",
    (),
    means="Another person says that these steps were recorded by mistake. If you agree, they count "
    "as never having happened. They stay readable in the history.",
)


class PendingRequest(Struct, frozen=True):
    """A request to withdraw steps; `href` leads to agreeing, and is empty for who may not."""

    step: int
    steps: tuple[int, ...]
    href: str


class Withdrawing(Struct, frozen=True):
    """The steps that an actor may withdraw, and the requests of others that await agreement."""

    title: str
    address: str
    steps: tuple[int, ...]
    requests: list[PendingRequest]


@get(PATH, opt=READERS)
async def ask(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """The form: which steps, and why."""
    history = await history_of(request, stream)
    actor = current_actor(request)
    require(actor, Withdraw, addressee_of(history))
    question = _question(history, actor)
    chosen = request.query_params.getall("step", [])
    answers = Answers({f"steps-{step}": step for step in chosen}, {}, None)
    return await render_form(
        request, CommandForm(subject_of(history), question, len(history), answers)
    )


@post(PATH, opt=READERS, status_code=200)
async def answer(request: Request, stream: FromPath[UUID]) -> Response[bytes] | Redirect:
    """The form again, the answers to check, or the withdrawal recorded, as the button says."""
    history = await history_of(request, stream)
    actor = current_actor(request)
    require(actor, Withdraw, addressee_of(history))
    question, fields = _question(history, actor), await fields_of(request)
    answers = form_parser.read(question, fields)
    form = CommandForm(subject_of(history), question, step_of(fields), answers)
    return await handle_answer(request, form, fields)


@get(AGREE_PATH, opt=READERS)
async def ask_agreement(
    request: Request, stream: FromPath[UUID], step: FromPath[int]
) -> Response[bytes]:
    """The request and its steps, to agree to."""
    history = await history_of(request, stream)
    actor = current_actor(request)
    require(actor, AgreeToWithdrawal, addressee_of(history))
    if not step or not is_allowed(AgreeToWithdrawal(request=step), actor, history, moment()):
        raise Refused(_("There is no such request, or you are not the person who can agree to it."))
    blank = Answers({}, {}, None)
    form = _agreement(history, step, len(history), blank)
    return await render_form(request, form)


@post(AGREE_PATH, opt=READERS, status_code=200)
async def agree(
    request: Request, stream: FromPath[UUID], step: FromPath[int]
) -> Response[bytes] | Redirect:
    """The agreement to check, or the steps withdrawn, as the button says."""
    history = await history_of(request, stream)
    require(current_actor(request), AgreeToWithdrawal, addressee_of(history))
    if not 0 < step <= len(history):
        raise Refused(_("There is no such request, or you are not the person who can agree to it."))
    fields = await fields_of(request)
    answers = form_parser.read(AGREE, fields, {"request": step})
    form = _agreement(history, step, step_of(fields), answers)
    return await handle_answer(request, form, fields)


def withdrawing(history: History, actor: Actor, now: datetime) -> Withdrawing:
    """Return what an actor can do about steps that were recorded by mistake."""
    address = f"/recommendations/{history[0].stream}/record"
    addressee = addressee_of(history)
    steps: tuple[int, ...] = ()
    if may(actor, Withdraw, addressee) is Verdict.ALLOWED:
        steps = withdrawable(history, actor)
    reads = may_read(actor, ReadPermission.HISTORY, addressee)
    requests = [
        PendingRequest(
            step,
            _steps_of(history, step),
            f"{address}/{AGREE.tag}/{step}"
            if is_allowed(AgreeToWithdrawal(request=step), actor, history, now)
            else "",
        )
        for step in (pending_requests(history) if reads else ())
    ]
    return Withdrawing(WITHDRAW.title, f"{address}/{WITHDRAW.tag}", steps, requests)


WITHDRAWING_PAGES = (ask, answer, ask_agreement, agree)


def _question(history: History, actor: Actor) -> Question:
    """Return the question, with a box for each step that the actor may withdraw."""
    entries = amend(history)
    options = {
        str(step): _(
            "Step %(step)s: %(what)s (%(day)s)",
            step=step,
            what=what_of(entries[step - 1].event),
            day=formatting.dated(entries[step - 1].stamp.on),
        )
        for step in withdrawable(history, actor)
    }
    if not options:
        raise Refused(_("You cannot do this now: %(title)s.", title=_(WITHDRAW.title)))
    steps, why = WITHDRAW.fields
    return replace(WITHDRAW, fields=(replace(steps, options=options), why))


def _agreement(history: History, step: int, at: int, answers: Answers) -> CommandForm:
    """Return the form about one request, with the request and its steps in full."""
    steps = frozenset({step, *_steps_of(history, step)})
    return CommandForm(subject_of(history), AGREE, at, answers, place=f"/{step}", steps=steps)


def _steps_of(history: History, step: int) -> tuple[int, ...]:
    event = history[step - 1].event
    return event.steps if isinstance(event, WithdrawalRequested) else ()
