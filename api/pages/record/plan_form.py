"""One plan that answers several recommendations: received for all that were chosen, or for none."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
from anyio import to_thread
from litestar import Response, get, post

from adapters.ledger.submit import Submission, VersionConflict
from api.http.forms import fields_of
from api.http.problems import Request
from api.pages.record import form_parser
from api.pages.record.bulk import (
    CRUMBS,
    Result,
    Row,
    in_words,
    results_page,
    row_of,
    rows_of,
    steps_in,
)
from api.pages.record.form_fields import OF_COMMAND
from api.pages.record.submission import carried, key_of, submitted, tried
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import forces
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.query_params import LIMIT_MAX
from api.request.services import services
from api.v1.lists import register
from api.v1.lists.register import RegisterParams
from domain.access.permissions import require
from domain.available_commands import is_available
from domain.commands.recommendation import ReceiveActionPlan
from domain.history import recommendation_entries
from domain.vocabulary.errors import NotFound, Refused
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code

PATH = "/record/plan"


@get(PATH)
async def ask_plan(request: Request) -> Response[bytes]:
    """Which recommendations a plan answers, and what it says."""
    actor = current_actor(request)
    force = actor.force or request.query_params.get("force") or None
    return await _plan_form(request, force, {}, {})


@post(PATH, status_code=200)
async def answer_plan(request: Request) -> Response[bytes]:
    """The plan: asked again, shown to be checked, or received for all that were chosen."""
    sent = await fields_of(request)
    question = OF_COMMAND[ReceiveActionPlan]
    given = form_parser.read(question, sent)
    force, chosen = sent.get("force", ""), steps_in(sent, "of-")
    errors = dict(given.errors)
    if not chosen:
        errors["of"] = _("Choose the recommendations that the plan answers.")
    if errors or given.command is None or sent.get("then") == "change":
        return await _plan_form(request, force, given.typed, errors)
    rows, histories = await rows_of(request, chosen, ReceiveActionPlan)
    submissions = [
        Submission(row.stream, given.command, chosen[row.stream], recommendation_entries)
        for row in rows
    ]
    try:
        if key := key_of(sent):
            body = f"{PATH} {sorted(chosen.items())} ".encode() + msgspec.json.encode(given.command)
            await submitted(request, submissions, key, body)
            results = [Result(row, _(question.done)) for row in rows]
            return results_page(request, _("Action plan recorded"), results)
        tried(request, submissions, histories)
    except (VersionConflict, Refused) as refused:
        errors[""] = f"{in_words(refused, rows)} {_('Nothing was recorded.')}"
        typed = dict(given.typed)
        if isinstance(refused, VersionConflict):  # to be looked at, and chosen again
            del typed[f"of-{refused.submission.stream}"]
        return await _plan_form(request, force, typed, errors, 409)
    return page(
        request,
        "pages/record/several_check.html",
        title=_("Check your answers"),
        address=PATH,
        rows=[(row, _(question.title)) for row in rows],
        told=[(_(one.short), given.display(one)) for one in question.fields],
        carried={**carried(given.typed), "key": uuid4().hex},
        crumbs=CRUMBS,
    )


async def _plan_form(
    request: Request,
    force: Code | None,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 400,
) -> Response[bytes]:
    actor = current_actor(request)
    rows: list[Row] = []
    if force in ADDRESSEES:
        require(actor, ReceiveActionPlan, force)
        wanted = RegisterParams(force=force, open=True, limit=LIMIT_MAX)
        found = await to_thread.run_sync(register.register_page, request, wanted)
        all_ = await services(request).async_ledger.histories([one.id for one in found.items])
        now = datetime.now(UTC)
        rows = [
            row_of(stream, recommendation_entries(history))
            for stream, history in all_.items()
            if is_available(ReceiveActionPlan, actor, history, now)
        ]
    elif actor.force is not None or force:
        raise NotFound("There is no such force.")
    else:
        require(actor, ReceiveActionPlan, "training")
    return page(
        request,
        "pages/record/plan.html",
        status=status if errors else 200,
        title=_("Record one plan for several recommendations"),
        address=PATH,
        force=force,
        forces=forces(),
        rows=rows,
        question=OF_COMMAND[ReceiveActionPlan],
        typed=typed,
        errors=errors,
        targets={"of": f"of-{rows[0].stream}" if rows else "main-content"}
        | {one.name: one.target for one in OF_COMMAND[ReceiveActionPlan].fields},
        crumbs=CRUMBS,
    )


PLAN_PAGES = (ask_plan, answer_plan)
