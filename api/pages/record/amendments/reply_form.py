"""Disputing a fact, asking, and answering on pages: one form for each step of a thread."""

from collections import Counter
from collections.abc import Iterator
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
from api.pages.record.amendments.reply_questions import OF_TAG, choices_of, dispute_form
from api.pages.record.command_form import CommandForm, handle_answer, render_form
from api.pages.record.form_fields import Question
from api.pages.record.form_parser import Answers
from api.pages.record.subject import READERS, history_asked, subject_of
from api.pages.record.submission import step_of
from api.pages.rendering.language import gettext as _
from api.request.authentication import current_actor
from domain.access.permissions import Verdict, may, require
from domain.amendments.facts import fields_of as facts_of
from domain.amendments.facts import is_public_fact
from domain.amendments.replies import mending_steps, threads_of
from domain.amendments.threads import FACT_MAX, DisputeThread, side_of
from domain.commands.correspondence import (
    AgreeToWords,
    AnswerQuestion,
    AskQuestion,
    DisputeFact,
    ProposeWords,
    ReplyCommand,
    ReplyToDispute,
    SettleDispute,
    WithdrawDispute,
)
from domain.events.event import History
from domain.history import addressee_of
from domain.recommendation.available_commands import is_allowed
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import NotFound, Refused
from domain.vocabulary.values import FieldName, Party

_PATHS = ("/recommendations/{stream:uuid}/record/", "/reports/{stream:uuid}/record/")
DISPUTES = [f"{path}dispute/{{step:int}}/{{field:str}}" for path in _PATHS]
REPLIES = [f"{path}{tag}/{{step:int}}" for path in _PATHS for tag in OF_TAG]


class ThreadForm(Struct, frozen=True):
    """A form that is open to an actor: its name and its address."""

    title: str
    href: str


@get(DISPUTES, opt=READERS)
async def ask_dispute(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes]:
    """The form that disputes one fact, if the rules allow it now."""
    history = await _begun(request, stream, DisputeFact)
    form = _dispute(history, step, field, Answers({}, {}, None))
    if not may_dispute(current_actor(request), history, moment(), step, field):
        raise Refused(_("You cannot dispute this now. Perhaps you dispute it already."))
    return await render_form(request, form)


@post(DISPUTES, opt=READERS, status_code=200)
async def answer_dispute(
    request: Request, stream: FromPath[UUID], step: FromPath[int], field: FromPath[str]
) -> Response[bytes] | Redirect:
    """The form again, the answers to check, or the dispute recorded, as the button says."""
    history = await _begun(request, stream, DisputeFact)
    fields = await fields_of(request)
    question = _dispute(history, step, field, Answers({}, {}, None)).question
    answers = form_parser.read(question, fields, {"step": step, "field": field})
    form = replace(_dispute(history, step, field, answers), step=step_of(fields))
    return await handle_answer(request, form, fields)


@get(REPLIES, opt=READERS)
async def ask_reply(
    request: Request, stream: FromPath[UUID], step: FromPath[int]
) -> Response[bytes]:
    """The form of the next step of a thread, if the rules allow it now."""
    question, history = await _replying(request, stream, step)
    actor = current_actor(request)
    sample = sample_of(question, history, step, actor)
    if not is_allowed(sample, actor, history, moment()):
        raise Refused(_("You cannot do this now: %(title)s.", title=_(question.title)))
    return await render_form(request, _reply(history, question, step, Answers({}, {}, None)))


@post(REPLIES, opt=READERS, status_code=200)
async def answer_reply(
    request: Request, stream: FromPath[UUID], step: FromPath[int]
) -> Response[bytes] | Redirect:
    """The form again, the answers to check, or the step recorded, as the button says."""
    question, history = await _replying(request, stream, step)
    fields = await fields_of(request)
    answers = form_parser.read(question, fields, _fixed(question, history, step))
    form = replace(_reply(history, question, step, answers), step=step_of(fields))
    return await handle_answer(request, form, fields)


def may_dispute(actor: Actor, history: History, now: datetime, step: int, field: FieldName) -> bool:
    """Return whether an actor can dispute a field of a step now."""
    public = is_public_fact(history, step, field)
    sample = DisputeFact(step=step, field=field, reasons="-", statement="-" if public else None)
    return is_allowed(sample, actor, history, now)


def disputable(actor: Actor, history: History, now: datetime) -> dict[int, frozenset[FieldName]]:
    """Return the fields of each step that an actor can dispute now."""
    if may(actor, DisputeFact, addressee_of(history)) is not Verdict.ALLOWED:
        return {}
    own = [each for each in threads_of(history).disputes if each.party == side_of(actor.role)]
    times = Counter((each.step, each.field) for each in own)
    ended = {fact for fact, count in times.items() if count >= FACT_MAX}
    taken = ended | {(each.step, each.field) for each in own if each.open}
    fields = {
        entry.step: frozenset(
            name for name in facts_of(entry.event) if (entry.step, name) not in taken
        )
        for entry in history
    }
    return {
        step: names
        for step, names in fields.items()
        if any(may_dispute(actor, history, now, step, name) for name in sorted(names)[:1])
    }


def next_steps(actor: Actor, history: History, now: datetime, thread: int) -> Iterator[ThreadForm]:
    """Yield the forms of a thread that are open to an actor now."""
    address = subject_of(history).address
    for tag, question in OF_TAG.items():
        if question.command is AskQuestion:
            continue
        if may(actor, question.command, addressee_of(history)) is not Verdict.ALLOWED:
            continue
        if is_allowed(sample_of(question, history, thread, actor), actor, history, now):
            yield ThreadForm(_(question.title), f"{address}/record/{tag}/{thread}")


def asking(actor: Actor, history: History, now: datetime) -> ThreadForm | None:
    """Return the form that asks a question, if it is open to an actor now."""
    question = OF_TAG["ask_question"]
    if not is_allowed(sample_of(question, history, 0, actor), actor, history, now):
        return None
    return ThreadForm(_(question.title), f"{subject_of(history).address}/record/{question.tag}/0")


def sample_of(  # noqa: PLR0911  one return a command
    question: Question, history: History, thread: int, actor: Actor
) -> ReplyCommand:
    """Return the least command of a form, which says whether the form is open."""
    kind = question.command
    if kind is ReplyToDispute:
        return ReplyToDispute(dispute=thread, reply="-")
    if kind is ProposeWords:
        return ProposeWords(dispute=thread, words="-")
    if kind is AgreeToWords:
        return AgreeToWords(dispute=thread, proposal=_proposal(history, thread))
    if kind is WithdrawDispute:
        return WithdrawDispute(dispute=thread)
    if kind is AnswerQuestion:
        return AnswerQuestion(question=thread, answer="-")
    if kind is AskQuestion:
        party: Party | None = "force" if side_of(actor.role) == "inspectorate" else None
        return AskQuestion(question="-", party=party, step=thread or None)
    steps = mending_steps(history, thread)
    if steps:
        return SettleDispute(dispute=thread, result="corrected", reason="-", correction=steps[-1])
    dispute = threads_of(history).dispute(thread)
    said = "-" if dispute and dispute.public else None
    return SettleDispute(dispute=thread, result="not_corrected", reason="-", answer=said)


async def _begun(request: Request, stream: UUID, command: type[ReplyCommand]) -> History:
    history = await history_asked(request, stream)
    require(current_actor(request), command, addressee_of(history))
    return history


def _dispute(history: History, step: int, field: FieldName, answers: Answers) -> CommandForm:
    if not 0 < step <= len(history) or field not in facts_of(history[step - 1].event):
        raise NotFound("There is nothing of that name to dispute.")
    question = dispute_form(history, step, field)
    return CommandForm(
        subject_of(history),
        question,
        len(history),
        answers,
        place=f"/{step}/{field}",
        steps=frozenset({step}),
    )


async def _replying(request: Request, stream: UUID, thread: int) -> tuple[Question, History]:
    tag = request.scope["path"].split("/")[4]
    question = OF_TAG[tag]
    history = await history_asked(request, stream)
    actor = current_actor(request)
    require(actor, question.command, addressee_of(history))
    threads = threads_of(history)
    known = thread == 0 or threads.dispute(thread) or threads.question(thread)
    if not known and question.command is not AskQuestion:
        raise NotFound("There is no such dispute or question.")
    return choices_of(question, history, thread, actor), history


def _fixed(question: Question, history: History, thread: int) -> dict[str, object]:
    """The values that the address of a form names."""
    if question.command is AskQuestion:
        return {"step": thread or None}
    if question.command is AnswerQuestion:
        return {"question": thread}
    if question.command is AgreeToWords:
        return {"dispute": thread, "proposal": _proposal(history, thread)}
    return {"dispute": thread}


def _proposal(history: History, thread: int) -> int:
    """The step of the words last proposed, or the dispute itself, which the rules then refuse."""
    dispute = threads_of(history).dispute(thread)
    return dispute.proposal.step if dispute and dispute.proposal else max(thread, 1)


def _reply(history: History, question: Question, thread: int, answers: Answers) -> CommandForm:
    """The form, with every step of the thread that its reader may read."""
    return CommandForm(
        subject_of(history),
        question,
        len(history),
        answers,
        place=f"/{thread}",
        steps=steps_of(history, thread),
    )


def steps_of(history: History, thread: int) -> frozenset[int]:
    """Return the steps of a thread: its opening, what followed, and the step that it is about."""
    threads = threads_of(history)
    about = threads.dispute(thread) or threads.question(thread)
    if about is None:
        return frozenset({thread}) if 0 < thread <= len(history) else frozenset()
    steps = {thread, *([about.step] if about.step else [])}
    name = "dispute" if isinstance(about, DisputeThread) else "question"
    steps |= {entry.step for entry in history if getattr(entry.event, name, None) == thread}
    return frozenset(steps)


REPLY_PAGES = (ask_dispute, answer_dispute, ask_reply, answer_reply)
