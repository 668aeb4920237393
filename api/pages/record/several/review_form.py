"""Reviews of several plans: one decision for each, recorded and reported separately."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID, uuid4

from anyio import to_thread
from litestar import Response, get, post
from msgspec import Struct
from msgspec.structs import replace

from adapters.ledger.submission import Submission, VersionConflict, of_recommendation
from api.http.forms import fields_of
from api.http.moment import today
from api.http.problems import Request
from api.pages.forms.paging import orders, paging
from api.pages.record import form_parser
from api.pages.record.form_fields import OF_COMMAND
from api.pages.record.several.bulk import (
    CRUMBS,
    done_of,
    has_training,
    in_words,
    record_row,
    refusal,
    results_page,
    rows_of,
    steps_in,
)
from api.pages.record.subject import READERS
from api.pages.record.submission import carried, key_of
from api.pages.rendering import labels, query_form
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import number
from api.pages.rendering.layout import forces
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.services import services
from api.v1.lists import worklist
from api.v1.lists.worklist import WorklistParams
from domain.access.permissions import require
from domain.commands.recommendation import ReviewActionPlan
from domain.events.event import Event, History
from domain.events.recommendation import ActionPlanReceived
from domain.recommendation.worklist import Work
from domain.vocabulary.entry import Entry
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import Code
from projections.worklist.listing import WorklistPage, by_force

PATH = "/record/reviews"
ROWS_MAX = 20
"""How many plans one page has to review."""


class PlansWaiting(Struct, frozen=True):
    """A page of the plans that wait for a review, and whether it has one's own forces' alone."""

    page: WorklistPage
    wanted: WorklistParams
    mine: bool
    forces: Sequence[tuple[Code, str]]
    """The forces with plans that wait, those of training last, each with how many."""


@get(PATH, opt=READERS)
async def ask_reviews(request: Request) -> Response[bytes]:
    """The form: the plans that wait for a review, with room for a decision on each."""
    return await _review_form(request, {}, {})


@post(PATH, opt=READERS, status_code=200)
async def answer_reviews(request: Request) -> Response[bytes]:
    """The form again, the answers to check, or the reviews recorded, each by itself."""
    fields = form_parser.tidy(await fields_of(request))
    chosen = {
        stream: step
        for stream, step in steps_in(fields, "step-").items()
        if fields.get(f"outcome-{stream}")
    }
    reviews, errors = _reviews(chosen, fields)
    if not chosen:
        errors["main-content"] = _("Choose an outcome for one plan at least.")
    if errors or fields.get("then") == "change":
        return await _review_form(request, fields, errors)
    rows, _histories = await rows_of(request, chosen, ReviewActionPlan)
    submissions = [
        Submission(row.stream, reviews[row.stream], chosen[row.stream], of_recommendation)
        for row in rows
    ]
    if key := key_of(fields):
        results = [
            await record_row(request, row, key, done_of(reviews[row.stream]), submission)
            for row, submission in zip(rows, submissions, strict=True)
        ]
        return await results_page(request, _("Reviews"), results)
    # Together, so that their histories are loaded in few queries.
    refusals = await asyncio.gather(*(refusal(request, submission) for submission in submissions))
    for row, refused in zip(rows, refusals, strict=True):
        if refused:
            field = "remarks" if getattr(refused, "place", "") == "/remarks" else "outcome"
            words = in_words(refused, [row])
            errors[f"{field}-{row.stream}"] = f"{row.reference}: {words}"
        if isinstance(refused, VersionConflict):  # the inspector decides on it as it is now
            del fields[f"step-{row.stream}"]
    if errors:
        return await _review_form(request, fields, errors, 409)
    outcome = OF_COMMAND[ReviewActionPlan].fields[0]
    return page(
        request,
        "pages/record/several/check.html",
        title=_("Check your answers"),
        training=has_training(rows),
        address=_address(request),
        rows=[
            (row.label, f"{form_parser.display(outcome, review.outcome)}. {review.remarks or ''}")
            for row in rows
            for review in [reviews[row.stream]]
        ],
        summary=[],
        carried={**carried(fields), "key": uuid4().hex},
        crumbs=CRUMBS,
    )


def _address(request: Request) -> str:
    """Return the address of the form, which lists the same plans again."""
    return query_form.read(request, WorklistParams).link(PATH)


def _reviews(
    chosen: Mapping[UUID, int], fields: Mapping[str, str]
) -> tuple[dict[UUID, ReviewActionPlan], dict[str, str]]:
    question = OF_COMMAND[ReviewActionPlan]
    reviews: dict[UUID, ReviewActionPlan] = {}
    errors: dict[str, str] = {}
    for stream in chosen:
        own = {name: fields.get(f"{name}-{stream}", "") for name in ("outcome", "remarks")}
        read = form_parser.read(question, own, in_row=True)
        errors |= {f"{name}-{stream}": text for name, text in read.errors.items()}
        if isinstance(read.command, ReviewActionPlan):
            reviews[stream] = read.command
    return reviews, errors


async def _review_form(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str], status: int = 400
) -> Response[bytes]:
    actor = current_actor(request)
    require(actor, ReviewActionPlan, "training")
    query = query_form.read(request, WorklistParams)
    listing = await to_thread.run_sync(_waiting, request, query.params)
    waiting = listing.page
    overtaken = [UUID(at.removeprefix("outcome-")) for at in errors if at.startswith("outcome-")]
    streams = dict.fromkeys([*overtaken, *(item.id for item in waiting.items)])
    rows, histories = await rows_of(request, streams, ReviewActionPlan)
    plans = await services(request).async_ledger.notes(
        [entry.id for history in histories.values() for entry in _plan(history)]
    )
    shown = [
        replace(row, answer=event.answer, plan=plans.get(entry.id, {}).get("content"))
        for row in rows
        for entry in _plan(histories[row.stream])
        if isinstance(event := entry.event, ActionPlanReceived)
    ]
    outcome, remarks, _on = OF_COMMAND[ReviewActionPlan].fields
    return page(
        request,
        "pages/record/several/reviews.html",
        status=status if errors or query.errors else 200,
        title=_("Review several plans"),
        address=query.link(PATH),
        query=query,
        forces=listing.forces,
        led=listing.mine,
        every=query.link(PATH, mine="false", page=None),
        rows=shown,
        paging=paging(query, PATH, listing.wanted, waiting.total, len(waiting.items)),
        orders=orders(query, PATH, listing.wanted.order, labels.REVIEW_ORDERS),
        training=query.training or (bool(shown) and all(is_training(row.force) for row in shown)),
        some_training=has_training(shown),
        outcome=outcome,
        remarks=remarks,
        typed=typed,
        errors={**query.errors, **errors},
        crumbs=CRUMBS,
    )


def _waiting(request: Request, params: WorklistParams) -> PlansWaiting:
    """Return a page of the plans that wait; first those of the actor's own forces, if any do."""
    wanted = WorklistParams(
        work=Work.REVIEW_PLAN,
        limit=ROWS_MAX,
        page=params.page,
        force=params.force,
        training=params.training,
        order=params.order if params.order in labels.REVIEW_ORDERS else None,
    )
    counted = _forces(request, wanted)
    if params.force is None and not params.training and params.mine is not False:
        own = replace(wanted, mine=True)
        listed = worklist.worklist_page(request, own)
        if listed.total:
            return PlansWaiting(listed, own, mine=True, forces=counted)
    return PlansWaiting(worklist.worklist_page(request, wanted), wanted, mine=False, forces=counted)


def _forces(request: Request, wanted: WorklistParams) -> list[tuple[Code, str]]:
    """The forces to choose from: those with plans that wait, and the one that is chosen."""
    counts: dict[Code, int] = {wanted.force: 0} if wanted.force else {}
    for training in (False, True):
        of = replace(wanted, force=None, training=training, page=None)
        counts |= services(request).lists.read(partial(by_force, filters=of, today=today()))
    return [
        (code, _("%(name)s (%(number)s)", name=name, number=number(counts[code])))
        for code, name in [*forces(), *forces(training=True)]
        if code in counts
    ]


def _plan(history: History) -> list[Entry[Event]]:
    """The last plan of a history, if there is one."""
    return [entry for entry in history if isinstance(entry.event, ActionPlanReceived)][-1:]


REVIEW_PAGES = (ask_reviews, answer_reviews)
