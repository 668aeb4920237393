"""One plan that answers several recommendations: received for all that were chosen, or for none."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

import msgspec
from anyio import to_thread
from litestar import Response, get, post

from adapters.ledger.submission import Submission, VersionConflict, of_recommendation
from api.http.forms import fields_of
from api.http.problems import Request
from api.pages.forms.paging import PageOf, paging
from api.pages.record import form_parser
from api.pages.record.form_fields import OF_COMMAND
from api.pages.record.several.bulk import (
    CRUMBS,
    BulkResult,
    BulkRow,
    done_of,
    has_training,
    in_words,
    results_page,
    rows_of,
    steps_in,
)
from api.pages.record.subject import READERS
from api.pages.record.submission import carried, key_of, preview, record
from api.pages.rendering import query_form
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import forces
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.v1.lists import register, worklist
from api.v1.lists.register import RegisterParams
from api.v1.lists.worklist import WorklistParams
from domain.access.permissions import require
from domain.commands.recommendation import ReceiveActionPlan
from domain.recommendation.worklist import Work
from domain.vocabulary.errors import NotFound, Refused
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code
from projections.filters import PAGE_MAX

PATH = "/record/plan"
ROWS_MAX = 20
"""The most recommendations to choose from at once; those chosen before are kept beside them."""
BOX = "of-"
"""Begins the name of a row's box. An error about no row that is shown leads to the first."""


@get(PATH, opt=READERS)
async def ask_plan(request: Request) -> Response[bytes]:
    """The form: the recommendations that a plan answers, and the plan."""
    actor = current_actor(request)
    force = actor.force or request.query_params.get("force") or None
    return await _plan_form(request, force, {}, {})


@post(PATH, opt=READERS, status_code=200)
async def answer_plan(request: Request) -> Response[bytes]:
    """The form again, the answers to check, or the plan received for all that were chosen."""
    fields = await fields_of(request)
    question = OF_COMMAND[ReceiveActionPlan]
    answers = form_parser.read(question, fields)
    force, chosen = fields.get("force", ""), steps_in(fields, BOX)
    errors = dict(answers.errors)
    if not chosen:
        errors[BOX] = _("Choose the recommendations that the plan answers.")
    if errors or answers.command is None or fields.get("then") == "change":
        return await _plan_form(request, force, answers.typed, errors)
    rows, _histories = await rows_of(request, chosen, ReceiveActionPlan)
    submissions = [
        Submission(row.stream, answers.command, chosen[row.stream], of_recommendation)
        for row in rows
    ]
    try:
        if key := key_of(fields):
            command = msgspec.json.encode(answers.command)
            body = f"{PATH} {sorted(chosen.items())} ".encode() + command
            await record(request, submissions, key, body)
            done = done_of(answers.command)
            results = [BulkResult(row, done, chosen[row.stream] + 1) for row in rows]
            return await results_page(request, _("Action plan recorded"), results)
        await preview(request, submissions)
    except (VersionConflict, Refused) as refused:
        errors[_place(refused, rows)] = f"{in_words(refused, rows)} {_('Nothing was recorded.')}"
        typed = dict(answers.typed)
        if isinstance(refused, VersionConflict):  # to be looked at, and chosen again
            del typed[f"of-{refused.submission.stream}"]
        return await _plan_form(request, force, typed, errors, 409)
    return page(
        request,
        "pages/record/several/check.html",
        title=_("Check your answers"),
        training=has_training(rows),
        address=PATH,
        rows=[(row.label, _(question.title)) for row in rows],
        summary=[
            (_(field.short), answers.display(field), field.target) for field in question.fields
        ],
        carried={**carried(answers.typed), "key": uuid4().hex},
        crumbs=CRUMBS,
    )


def _place(refused: VersionConflict | Refused, rows: Sequence[BulkRow]) -> str:
    """Return the element that a refusal is about: a field, which all rows share, or a row."""
    place = refused.place if isinstance(refused, Refused) else ""
    if element := form_parser.element_of(place, OF_COMMAND[ReceiveActionPlan].fields):
        return element
    return "" if refused.number is None else f"{BOX}{rows[refused.number].stream}"


async def _plan_form(
    request: Request,
    force: Code | None,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 400,
) -> Response[bytes]:
    actor = current_actor(request)
    rows: list[BulkRow] = []
    query = query_form.read(request, RegisterParams)
    wanted = RegisterParams(force=force, plan_owed=True, page=query.params.page, limit=ROWS_MAX)
    listed: list[UUID] = []
    total = 0
    if force in ADDRESSEES:
        require(actor, ReceiveActionPlan, force)
        listed, total = await to_thread.run_sync(_expected, request, wanted)
        streams = dict.fromkeys([*listed, *steps_in(typed, BOX)])
        rows, _histories = await rows_of(request, streams, ReceiveActionPlan)
    elif actor.force is not None or force:
        raise NotFound("There is no such force.")
    else:
        require(actor, ReceiveActionPlan, "training")
    boxes = [f"of-{row.stream}" for row in rows]
    errors = {
        (boxes or [""])[0] if at.startswith(BOX) and at not in boxes else at: text
        for at, text in errors.items()
    }
    return page(
        request,
        "pages/record/several/plan.html",
        status=status if errors else 200,
        title=_("Record one plan for several recommendations"),
        address=query.link(PATH),
        force=force,
        forces=forces(),
        rows=rows,
        paging=paging(query, PATH, wanted, total, len(listed)),
        question=OF_COMMAND[ReceiveActionPlan],
        typed=typed,
        errors=errors,
        crumbs=CRUMBS,
    )


def _expected(request: Request, wanted: RegisterParams) -> tuple[list[UUID], int]:
    """Return a page of the recommendations that a plan is expected for, and how many there are.

    Those that owe one come first, and then those that need a new one after a finding.
    """
    owed = [item.id for item in register.register_page(request, wanted).items]
    many = register.register_total(request, wanted)
    of_work = WorklistParams(
        force=wanted.force, work=Work.NEW_PLAN, order="reference", limit=PAGE_MAX
    )
    again = [item.id for item in worklist.page_of_share(request, of_work, None).items]
    begin = max(PageOf(wanted.page, ROWS_MAX).offset - many, 0)
    return [*owed, *again[begin : begin + ROWS_MAX - len(owed)]], many + len(again)


PLAN_PAGES = (ask_plan, answer_plan)
