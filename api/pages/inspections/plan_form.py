"""The form by which an inspection is planned."""

from uuid import uuid4

import msgspec
from anyio import to_thread
from litestar import Response, get, post
from litestar.response import Redirect

from adapters.ledger.submission import Submission
from api.http.forms import fields_of
from api.http.problems import Request
from api.pages.inspections.steps.forms import PLAN_FIELDS
from api.pages.inspections.steps.submission import headers_of
from api.pages.inspections.words import INSPECTIONS
from api.pages.record import form_parser
from api.pages.record.form_fields import Field
from api.pages.record.submission import key_of
from api.pages.rendering import reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, forces
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.budget import spend
from api.v1.inspections.commands import submit
from domain.access.inspections import may_draft
from domain.commands.inspection import PlanInspection
from domain.vocabulary.errors import NotFound, Refused
from domain.vocabulary.ids import inspection_id

PATH = "/inspections/new"
FIELDS = (
    Field(
        "addressee",
        "Which force is inspected?",
        "Force",
        "select",
        options=dict([*forces(), *forces(training=True)]),
    ),
    *PLAN_FIELDS[:2],
    Field(
        "reference",
        "What is it called in this service?",
        "Reference",
        "line",
        "A short name in lower case letters, digits and hyphens, such as kent-2026. It never "
        "changes. The report has a reference of its own.",
    ),
    *PLAN_FIELDS[2:],
)


@get(PATH, sync_to_thread=True)
def ask_plan(request: Request) -> Response[bytes]:
    """Show the form to those who may plan."""
    _check(request)
    return _form(request, {}, {})


@post(PATH, status_code=200)
async def answer_plan(request: Request) -> Response[bytes] | Redirect:
    """Plan the inspection, or show the form again with what is wrong."""
    fields = await fields_of(request)
    return await to_thread.run_sync(_plan, request, fields)


def _plan(request: Request, fields: dict[str, str]) -> Response[bytes] | Redirect:
    _check(request)
    typed = form_parser.tidy(fields)
    key = key_of(fields)
    if key is None:  # as after “Go on where you were”
        return _form(request, typed, {})
    plain, errors = form_parser.values(FIELDS, PlanInspection, typed)
    if errors:
        return _form(request, typed, errors, 400)
    spend(request)
    command = msgspec.convert(plain, PlanInspection)
    stream = inspection_id(command.reference)
    try:
        headers = headers_of(request, key, msgspec.json.encode(command), None)
        submit(request, Submission(stream, command, 0), headers)
    except Refused as refused:
        place = form_parser.element_of(refused.place, FIELDS)
        return _form(request, typed, {place: reading.refusal(refused)}, 409)
    return Redirect(f"/inspections/{stream}", status_code=303)


def _check(request: Request) -> None:
    if not may_draft(current_actor(request)):
        raise NotFound


def _form(
    request: Request, typed: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response[bytes]:
    return page(
        request,
        "pages/inspections/plan.html",
        status=status,
        title=_("Plan an inspection"),
        fields_shown=FIELDS,
        of_command=PlanInspection,
        address=PATH,
        typed=typed,
        errors=errors,
        key=uuid4().hex,
        crumbs=[HOME, INSPECTIONS],
    )


PLANNING_PAGES = (ask_plan, answer_plan)
