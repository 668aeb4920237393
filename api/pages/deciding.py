"""Giving a command on pages: asked on one, checked on the next, recorded, and confirmed.

Nothing is kept between them but in the form itself. What was typed stays when somebody else was
quicker, and a form that is sent twice is recorded once: its key is made when it is checked.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from adapters.draft import Draft
from adapters.ledger import Key, Request, Stale
from api.auth import who_asks
from api.documents import attach, with_documents
from api.forms import FILES_FORM_BYTES_MAX, uploaded
from api.pages import answers
from api.pages.answers import Answers
from api.pages.page import page
from api.pages.parts import HOME
from api.pages.questions import QUESTIONS, Question
from api.pages.timeline import Happened, timeline
from api.problems import Asker, Trouble, request_id
from api.services import services
from domain.actions import open_to
from domain.commands import ClaimCompletion
from domain.events import Issued, RecommendationEvent
from domain.life import recommendation_entries
from domain.permissions import Absent, Sight, may_read, require
from domain.stamp import Entry, Refused, Who

KEY = re.compile(r"[0-9a-f]{32}")
"""A key that one of these pages made."""
STEP = re.compile(r"[0-9]{1,9}")
History = Sequence[Entry[RecommendationEvent]]


class Form(Struct, frozen=True):
    """One page of the way: what is asked of which recommendation, as it stood at a step."""

    stream: UUID
    question: Question
    step: int
    issued: Issued
    answers: Answers
    since: Sequence[Happened] = ()
    """What others recorded since the step that the answers were first meant for."""
    refused: str | None = None
    place: str = ""
    """What of the recommendation it is about, where the command alone does not say it."""

    @property
    def path(self) -> str:
        """The address of the form."""
        return f"/recommendations/{self.stream}/record/{self.question.tag}{self.place}"

    @property
    def carried(self) -> dict[str, str]:
        """What was typed, for the next page to send again."""
        own = tuple(one.name for one in self.question.fields)
        return {
            name: text
            for name, text in self.answers.typed.items()
            if text and name.partition("-")[0] in own
        }


@get("/recommendations/{stream:uuid}/record/{tag:str}")
async def ask(request: Asker, stream: FromPath[UUID], tag: FromPath[str]) -> Response[bytes]:
    """The form of one command, if the rules allow it now."""
    question, history = await _begun(request, stream, tag)
    who = who_asks(request)
    if question.command not in open_to(who, history, datetime.now(UTC)):
        raise Refused(f"“{question.title}” is not possible as it stands.")
    blank = Answers({}, {}, None)
    return asked(request, Form(stream, question, len(history), issue_of(history), blank))


@post(
    "/recommendations/{stream:uuid}/record/{tag:str}",
    status_code=200,
    request_max_body_size=FILES_FORM_BYTES_MAX,
)
async def answer(
    request: Asker, stream: FromPath[UUID], tag: FromPath[str]
) -> Response[bytes] | Redirect:
    """What was answered: asked again, shown to be checked, or recorded, as the button says."""
    question, history = await _begun(request, stream, tag)
    sent, refused = await _sent(request, stream, question)
    given = answers.read(question, sent)
    if refused:
        given = Answers(given.typed, {**given.errors, "documents": refused}, None)
    form = Form(stream, question, step_of(sent), issue_of(history), given)
    return await answered(request, form, sent, history)


async def answered(
    request: Asker, form: Form, sent: Mapping[str, str], history: History
) -> Response[bytes] | Redirect:
    """The next page after a form, as its button says."""
    given, step = form.answers, form.step
    if given.errors or sent.get("then") == "change":
        return asked(request, form)
    key = sent.get("key", "")
    if sent.get("then") == "record" and KEY.fullmatch(key):
        return await _record(request, form, step, key)
    if step != len(history):
        return _overtaken(request, form, history)
    return _checked(request, form, history)


@get("/recommendations/{stream:uuid}/recorded/{step:int}", opt={"sight": Sight.HISTORY})
async def recorded(request: Asker, stream: FromPath[UUID], step: FromPath[int]) -> Response[bytes]:
    """That a step is on record, and where."""
    history = recommendation_entries(await services(request).async_ledger.history(stream))
    who = who_asks(request)
    known = 0 < step <= len(history) and may_read(who, Sight.HISTORY, issue_of(history).addressee)
    if not known:
        raise Absent("There is no such step.")
    entry = history[step - 1]
    return page(
        request,
        "pages/recorded.html",
        title="Recorded",
        stream=stream,
        entry=entry,
        happened=timeline([entry], inside=True)[0],
        last=len(history),
        crumbs=crumbs_of(stream),
    )


async def _begun(request: Asker, stream: UUID, tag: str) -> tuple[Question, History]:
    if tag not in QUESTIONS:
        raise Absent("There is no such page.")
    question = QUESTIONS[tag]
    history = recommendation_entries(await services(request).async_ledger.history(stream))
    if not history:
        raise Absent("There is no such recommendation.")
    require(who_asks(request), question.command, issue_of(history).addressee)
    return question, history


async def _sent(
    request: Asker, stream: UUID, question: Question
) -> tuple[dict[str, str], str | None]:
    """The fields of a form, and why its files were not taken; those that were are named by hash."""
    sent = await uploaded(request)
    if not sent.files or question.command is not ClaimCompletion:
        return sent.fields, None
    try:
        kept = await attach(request, stream, sent.files)
    except Trouble as trouble:
        if trouble.kind.slug != "unsupported-document":
            raise
        return sent.fields, str(trouble)
    except Refused as refused:
        return sent.fields, str(refused)
    had = sent.fields.get("documents", "").split()
    names = dict.fromkeys([*had, *(document.sha256 for document, _ in kept)])
    return {**sent.fields, "documents": " ".join(names)}, None


async def _record(request: Asker, form: Form, step: int, key: str) -> Response[bytes] | Redirect:
    command, who = form.answers.command, who_asks(request)
    assert command is not None  # noqa: S101  there are no errors
    body = f"{form.path} {step} ".encode() + msgspec.json.encode(command)
    ledger = services(request).async_ledger
    requests = [Request(form.stream, command, step, recommendation_entries)]
    try:
        receipt = await ledger.submit(
            await ledger.ask(with_documents(requests, who)),
            who,
            key=Key(who.actor, key, sha256(body).digest()),
            metadata={"request_id": request_id(request)},
        )
    except Stale as stale:
        return _overtaken(request, form, recommendation_entries(stale.history))
    except Refused as refused:
        return asked(request, msgspec.structs.replace(form, refused=str(refused)), 409)
    last = receipt.entries[-1].step
    return Redirect(f"/recommendations/{form.stream}/recorded/{last}", status_code=303)


def _checked(request: Asker, form: Form, history: History) -> Response[bytes]:
    """The answers, to be checked; the rules have a look first."""
    refused = _refusal(form, who_asks(request), history)
    if refused:
        return asked(request, msgspec.structs.replace(form, refused=refused), 409)
    return page(
        request,
        "pages/check.html",
        title="Check your answers",
        form=form,
        key=uuid4().hex,
        crumbs=crumbs_of(form.stream),
    )


def _refusal(form: Form, who: Who, history: History) -> str | None:
    assert form.answers.command is not None  # noqa: S101  there are no errors
    try:
        Draft(datetime.now(UTC), {form.stream: history}).put(form.stream, form.answers.command, who)
    except Refused as refused:
        return str(refused)
    return None


def _overtaken(request: Asker, form: Form, history: History) -> Response[bytes]:
    """What happened since; the answers are from now on meant for where it stands."""
    told = timeline(history[form.step :], inside=True)
    return asked(request, msgspec.structs.replace(form, since=told, step=len(history)), 412)


def asked(request: Asker, form: Form, status: int = 200) -> Response[bytes]:
    """The form, with what is wrong with it."""
    errors = dict(form.answers.errors)
    if form.refused:
        errors[""] = form.refused
    return page(
        request,
        "pages/ask.html",
        status=status if not form.answers.errors else 400,
        title=form.question.title,
        form=form,
        errors=errors,
        targets={one.name: _first(one.name, one.kind) for one in form.question.fields},
        crumbs=crumbs_of(form.stream),
    )


def _first(name: str, kind: str) -> str:
    """The id of the first thing of a field that can be focused."""
    return f"{name}-day" if kind == "day" else name


def step_of(sent: Mapping[str, str]) -> int:
    """The step that a form was filled in at; 0 if it says none."""
    text = sent.get("step")
    return int(text) if text and STEP.fullmatch(text) else 0


def issue_of(history: History) -> Issued:
    """What a recommendation was when it was issued."""
    event = history[0].event
    assert isinstance(event, Issued)  # noqa: S101  a recommendation begins with its issue
    return event


def crumbs_of(stream: UUID) -> list[dict[str, str]]:
    """The way to a page about a recommendation."""
    return [
        HOME,
        {"text": "Recommendations", "href": "/recommendations"},
        {"text": "This recommendation", "href": f"/recommendations/{stream}"},
    ]


DECIDING_PAGES = (ask, answer, recorded)
