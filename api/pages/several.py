"""The same step for several recommendations at once: one plan that answers many, and reviews.

A plan is received for all that were chosen, or for none. Reviews are decisions on one
recommendation each: every row is recorded by itself, and told by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid4

import msgspec
from anyio import to_thread
from litestar import Response, get, post
from msgspec import Struct

from adapters.draft import Draft
from adapters.ledger import Key, KeyReused, Overtaken, Request, Stale
from api import csrf, register, worklist
from api.asking import LIMIT_MAX
from api.auth import who_asks
from api.pages import answers
from api.pages.deciding import KEY, STEP
from api.pages.page import page
from api.pages.parts import HOME, forces
from api.pages.questions import OF_COMMAND
from api.problems import Asker, Trouble, request_id
from api.register import RegisterAsked
from api.services import services
from api.worklist import WorklistAsked
from domain.actions import open_to
from domain.commands import ReceiveActionPlan, ReviewActionPlan
from domain.correction import History
from domain.events import ActionPlanReceived, Event, Issued
from domain.life import recommendation_entries
from domain.permissions import Absent, Forbidden, require
from domain.stamp import Entry, Refused, Who
from domain.values import Code
from domain.worklist import Work

ROWS_MAX = 20
"""How many plans one page has to review."""
CHOSEN_MAX = 500
"""The most recommendations that one plan answers."""
PLAN, REVIEW = "/work/plan", "/work/review"
CRUMBS = [HOME, {"text": "Your work", "href": "/work"}]


class Row(Struct, frozen=True):
    """One recommendation of a list, as it stood when it was shown."""

    stream: UUID
    step: int
    text: str
    force: Code
    plan: str | None = None
    """The text of the plan that is to be reviewed."""


class Result(Struct, frozen=True):
    """What became of one row."""

    row: Row
    told: str
    step: int | None = None
    """The step that was recorded, if one was."""


# One plan that answers many


@get(PLAN)
async def ask_plan(request: Asker) -> Response[bytes]:
    """Which recommendations a plan answers, and what it says."""
    who = who_asks(request)
    force = who.force or request.query_params.get("force") or None
    return await _plan_form(request, force, {}, {})


@post(PLAN, status_code=200)
async def answer_plan(request: Asker) -> Response[bytes]:
    """The plan: asked again, shown to be checked, or received for all that were chosen."""
    sent = await csrf.form(request)
    question = OF_COMMAND[ReceiveActionPlan]
    given = answers.read(question, sent)
    force, chosen = sent.get("force", ""), _steps(sent, "of-")
    errors = dict(given.errors)
    if not chosen:
        errors["of"] = "Choose the recommendations that the plan answers."
    if errors or given.command is None or sent.get("then") == "change":
        return await _plan_form(request, force, given.typed, errors)
    rows, histories = await _rows(request, chosen)
    asked = [
        Request(row.stream, given.command, chosen[row.stream], recommendation_entries)
        for row in rows
    ]
    key = sent.get("key", "")
    try:
        if sent.get("then") == "record" and KEY.fullmatch(key):
            body = f"{PLAN} {sorted(chosen.items())} ".encode() + msgspec.json.encode(given.command)
            await _submit(request, asked, key, body)
            results = [Result(row, question.done) for row in rows]
            return _results(request, "Action plan recorded", results)
        _try(asked, histories, who_asks(request))
    except (Stale, Refused) as refused:
        errors[""] = f"{_named(refused, rows)} Nothing was recorded."
        return await _plan_form(request, force, given.typed, errors, 409)
    return page(
        request,
        "pages/several_check.html",
        title="Check your answers",
        address=PLAN,
        rows=[(row, question.title) for row in rows],
        told=[(one.short, given.told(one)) for one in question.fields],
        carried=_carried(given.typed),
        key=uuid4().hex,
        crumbs=CRUMBS,
    )


async def _plan_form(
    request: Asker,
    force: Code | None,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 400,
) -> Response[bytes]:
    who = who_asks(request)
    rows: list[Row] = []
    if force in dict(forces(training=True)):
        require(who, ReceiveActionPlan, force)
        wanted = RegisterAsked(force=force, open=True, limit=LIMIT_MAX)
        found = await to_thread.run_sync(register.listed, request, wanted)
        all_ = await services(request).async_ledger.histories([one.id for one in found.items])
        now = datetime.now(UTC)
        rows = [
            _row(stream, recommendation_entries(history))
            for stream, history in all_.items()
            if ReceiveActionPlan in open_to(who, history, now)
        ]
    elif who.force is not None or force:
        raise Absent("There is no such force.")
    else:
        require(who, ReceiveActionPlan, "training")
    return page(
        request,
        "pages/plan.html",
        status=status if errors else 200,
        title="Record one plan for several recommendations",
        address=PLAN,
        force=force,
        forces=forces(),
        rows=rows,
        question=OF_COMMAND[ReceiveActionPlan],
        typed=typed,
        errors=errors,
        targets={"of": f"of-{rows[0].stream}" if rows else "main-content"}
        | {one.name: one.name for one in OF_COMMAND[ReceiveActionPlan].fields},
        crumbs=CRUMBS,
    )


# Reviews


@get(REVIEW)
async def ask_reviews(request: Asker) -> Response[bytes]:
    """The plans that wait for a review, with room for a decision on each."""
    return await _review_form(request, {}, {})


@post(REVIEW, status_code=200)
async def answer_reviews(request: Asker) -> Response[bytes]:
    """The reviews: asked again, shown to be checked, or recorded, each by itself."""
    sent = answers.tidy(await csrf.form(request))
    chosen = {
        stream: step
        for stream, step in _steps(sent, "step-").items()
        if sent.get(f"outcome-{stream}")
    }
    given, errors = _reviews(chosen, sent)
    if not chosen:
        errors["main-content"] = "Choose an outcome for one plan at least."
    if errors or sent.get("then") == "change":
        return await _review_form(request, sent, errors)
    rows, histories = await _rows(request, chosen)
    key = sent.get("key", "")
    if sent.get("then") == "record" and KEY.fullmatch(key):
        done = [await _review(request, row, given[row.stream], chosen, key) for row in rows]
        return _results(request, "Reviews", done)
    for row in rows:
        try:
            asked = Request(row.stream, given[row.stream], chosen[row.stream])
            _try([asked], histories, who_asks(request))
        except (Stale, Refused) as refused:
            errors[f"outcome-{row.stream}"] = _named(refused, [row])
    if errors:
        return await _review_form(request, sent, errors, 409)
    outcome = OF_COMMAND[ReviewActionPlan].fields[0]
    return page(
        request,
        "pages/several_check.html",
        title="Check your answers",
        address=REVIEW,
        rows=[
            (row, f"{answers.told(outcome, one.outcome)}. {one.remarks or ''}")
            for row in rows
            for one in [given[row.stream]]
        ],
        told=[],
        carried=_carried(sent),
        key=uuid4().hex,
        crumbs=CRUMBS,
    )


async def _review(
    request: Asker, row: Row, command: ReviewActionPlan, chosen: Mapping[UUID, int], key: str
) -> Result:
    """Record one review; what goes wrong with it is its own."""
    step = chosen[row.stream]
    body = f"{REVIEW} {row.stream} {step} ".encode() + msgspec.json.encode(command)
    asked = [Request(row.stream, command, step, recommendation_entries)]
    try:
        last = await _submit(request, asked, f"{key}-{row.stream}", body)
    except (Stale, Refused, Absent, Forbidden, Overtaken, KeyReused) as refused:
        return Result(row, f"Not recorded. {_named(refused, [row])}")
    return Result(row, OF_COMMAND[ReviewActionPlan].done, last)


def _reviews(
    chosen: Mapping[UUID, int], sent: Mapping[str, str]
) -> tuple[dict[UUID, ReviewActionPlan], dict[str, str]]:
    question = OF_COMMAND[ReviewActionPlan]
    given: dict[UUID, ReviewActionPlan] = {}
    errors: dict[str, str] = {}
    for stream in chosen:
        own = {name: sent.get(f"{name}-{stream}", "") for name in ("outcome", "remarks")}
        read = answers.read(question, own)
        errors |= {f"{name}-{stream}": text for name, text in read.errors.items()}
        if isinstance(read.command, ReviewActionPlan):
            given[stream] = read.command
    return given, errors


async def _review_form(
    request: Asker, typed: Mapping[str, str], errors: Mapping[str, str], status: int = 400
) -> Response[bytes]:
    who = who_asks(request)
    require(who, ReviewActionPlan, "training")
    wanted = WorklistAsked(work=Work.REVIEW_PLAN, limit=ROWS_MAX)
    found = await to_thread.run_sync(worklist.listed, request, wanted)
    named = dict.fromkeys([one.id for one in found.items])
    rows, histories = await _rows(request, named)
    plans = await services(request).async_ledger.notes(
        [entry.id for history in histories.values() for entry in _plan(history)]
    )
    shown = [
        msgspec.structs.replace(
            row,
            plan=next(
                (plans.get(entry.id, {}).get("content") for entry in _plan(histories[row.stream])),
                None,
            ),
        )
        for row in rows
    ]
    outcome, remarks, _ = OF_COMMAND[ReviewActionPlan].fields
    return page(
        request,
        "pages/reviews.html",
        status=status if errors else 200,
        title="Review several plans",
        address=REVIEW,
        rows=shown,
        waiting=found.counts[Work.REVIEW_PLAN],
        outcome=outcome,
        remarks=remarks,
        typed=typed,
        errors=errors,
        targets={name: name for name in errors},
        crumbs=CRUMBS,
    )


def _plan(history: History) -> list[Entry[Event]]:
    """The last plan of a history, if there is one."""
    return [e for e in history if isinstance(e.event, ActionPlanReceived)][-1:]


# What both have in common


def _steps(sent: Mapping[str, str], prefix: str) -> dict[UUID, int]:
    """The streams that a form names, each with the step that it was shown at."""
    found: dict[UUID, int] = {}
    for name, text in sent.items():
        if name.startswith(prefix) and STEP.fullmatch(text) and len(found) < CHOSEN_MAX:
            try:
                found[UUID(name.removeprefix(prefix))] = int(text)
            except ValueError:
                raise Trouble("malformed", f"{name} names no recommendation.") from None
    return found


async def _rows(
    request: Asker, streams: Mapping[UUID, object]
) -> tuple[list[Row], Mapping[UUID, History]]:
    histories = await services(request).async_ledger.histories(list(streams))
    who = who_asks(request)
    for history in histories.values():
        if not recommendation_entries(history):
            raise Absent("There is no such recommendation.")
        issued = history[0].event
        require(who, ReceiveActionPlan, issued.addressee if isinstance(issued, Issued) else "-")
    return [_row(stream, history) for stream, history in histories.items()], histories


def _row(stream: UUID, history: History) -> Row:
    issued = history[0].event
    assert isinstance(issued, Issued)  # noqa: S101  a recommendation begins with its issue
    return Row(stream, len(history), issued.text, issued.addressee)


def _try(asked: Sequence[Request], histories: Mapping[UUID, History], who: Who) -> None:
    """Raise Stale or Refused if the requests would."""
    draft = Draft(datetime.now(UTC), histories)
    for one in asked:
        if one.expected_step != len(histories[one.stream]):
            raise Stale(one, histories[one.stream])
        draft.put(one.stream, one.command, who)


async def _submit(request: Asker, asked: Sequence[Request], key: str, body: bytes) -> int:
    who = who_asks(request)
    receipt = await services(request).async_ledger.submit(
        asked,
        who,
        key=Key(who.actor, key, sha256(body).digest()),
        metadata={"request_id": request_id(request)},
    )
    return receipt.entries[-1].step


def _named(refused: Exception, rows: Sequence[Row]) -> str:
    """A refusal in words; of one that was overtaken, which it is."""
    if not isinstance(refused, Stale):
        return str(refused)
    texts = [row.text for row in rows if row.stream == refused.request.stream]
    return f"Something else was recorded meanwhile for “{texts[0][:80]}”; look at it again."


def _carried(typed: Mapping[str, str]) -> dict[str, str]:
    own = {"_csrf", "then", "key"}
    return {name: text for name, text in typed.items() if text and name not in own}


def _results(request: Asker, title: str, results: Sequence[Result]) -> Response[bytes]:
    return page(request, "pages/results.html", title=title, results=results, crumbs=CRUMBS)


SEVERAL_PAGES = (ask_plan, answer_plan, ask_reviews, answer_reviews)
