"""Pages of portfolios: which inspector leads each force, and who led it before."""

from collections.abc import Mapping
from datetime import timedelta

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from adapters.work.portfolios import Lead, current_leads, leads_of
from api.http.forms import fields_of
from api.http.moment import moment
from api.http.problems import Request
from api.pages.people import NAME_SUFFIX, Inspectors, inspectors_seen
from api.pages.rendering import formatting
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import forces
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.readings import record_list_read
from api.request.services import services
from api.v1.lists.portfolios import READERS, lead
from domain.access.permissions import may_set_lead
from domain.access.sign_in import is_actor
from domain.vocabulary.errors import Forbidden, NotFound
from domain.vocabulary.forces import ADDRESSEES, NATIONAL
from domain.vocabulary.values import ActorId, Code

PATH = "/portfolios"
CRUMBS = [
    {"text": N_("Your work"), "href": "/work"},
    {"text": N_("Who leads each force"), "href": PATH},
]
FIELD = "lead"
SHOWN_AS_LED = "led"
"""The field with the forces that the form showed as ticked, so that no other is given up."""
SAVED = "saved"
SAVED_FOR = timedelta(minutes=10)
"""How long a link to the confirmation says that something was saved."""


class LedForce(Struct, frozen=True):
    """An addressee with who leads it, by name; empty if nobody does."""

    code: Code
    name: str
    lead: str
    own: bool
    training: bool = False


@get(PATH, opt=READERS)
async def show_portfolios(request: Request) -> Response[bytes]:
    """Show each force with the inspector who leads it, and a form for those that one leads."""
    await record_list_read(request, "people")
    leads = await services(request).async_ledger.run(current_leads())
    people = await inspectors_seen(request)
    actor = current_actor(request)
    rows = [
        _row(code, name, leads.get(code), people, actor.id, training=training)
        for training in (False, True)
        for code, name in forces(training=training)
    ]
    return page(
        request,
        "pages/work/portfolios.html",
        title=_("Who leads each force"),
        rows=rows,
        led=[row.code for row in rows if row.own],
        saved=_saved(request, rows, leads),
        may_set=may_set_lead(actor),
        crumbs=CRUMBS[:1],
    )


@post(PATH, opt=READERS, status_code=200)
async def answer_led(request: Request) -> Redirect:
    """Have the actor lead the forces that are ticked, and no more those that are not any more."""
    fields = await fields_of(request)
    actor, shown = current_actor(request), fields.get(SHOWN_AS_LED, "").split()
    if not may_set_lead(actor):
        raise Forbidden("Only inspectors may say who leads a force.")
    leads = await services(request).async_ledger.run(current_leads())
    changed: list[Code] = []
    for code in ADDRESSEES:
        own = code in leads and leads[code].lead == actor.id
        ticked = bool(fields.get(f"of-{code}"))
        if (ticked and not own) or (own and not ticked and code in shown):
            await lead(request, code, actor.id if ticked else None)
            changed.append(code)
    return _confirmed(changed)


def _row(
    code: Code, name: str, lead: Lead | None, people: Inspectors, actor: ActorId, *, training: bool
) -> LedForce:
    if code == NATIONAL:
        name = _("National bodies, and recommendations to all forces together")
    led_by = lead.lead if lead else None
    return LedForce(code, name, people.name_of(led_by) if led_by else "", led_by == actor, training)


def _confirmed(changed: list[Code]) -> Redirect:
    return Redirect(f"{PATH}?{SAVED}={','.join(changed)}", status_code=303)


def _saved(
    request: Request, rows: list[LedForce], leads: Mapping[Code, Lead]
) -> list[LedForce] | None:
    """The forces of a link to what was just saved, as they are now; None for any other link."""
    if SAVED not in request.query_params:
        return None
    codes = request.query_params[SAVED].split(",")
    actor, since = current_actor(request).id, moment() - SAVED_FOR
    return [
        row
        for row in rows
        if row.code in codes
        and (now := leads.get(row.code)) is not None
        and (now.by == actor and now.since > since)
    ]


@get(PATH + "/{code:str}", opt=READERS)
async def ask_lead(request: Request, code: FromPath[str]) -> Response[bytes]:
    """The form: who leads a force from now on, and who led it before."""
    await record_list_read(request, "people")
    return await _form(request, code, None, {})


@post(PATH + "/{code:str}", opt=READERS, status_code=200)
async def answer_lead(request: Request, code: FromPath[str]) -> Response[bytes] | Redirect:
    """Set the lead of a force, or show the form again with what is wrong."""
    people = await inspectors_seen(request)
    typed = people.resolved(FIELD, await fields_of(request))
    words = typed.get(FIELD + NAME_SUFFIX, "")
    if words and not typed.get(FIELD):
        return await _form(request, code, typed, {FIELD: people.problem(words)})
    chosen = typed.get(FIELD, "")
    known = chosen in people.options if people.everybody else is_actor(chosen)
    if chosen and not known:
        return await _form(request, code, typed, {FIELD: _("Choose one of the inspectors.")})
    changed = await lead(request, code, chosen or None)
    return _confirmed([code] if changed else [])


async def _form(
    request: Request, code: str, typed: dict[str, str] | None, errors: dict[str, str]
) -> Response[bytes]:
    if code not in ADDRESSEES:
        raise NotFound("There is no such force.")
    leads = await services(request).async_ledger.run(leads_of(code))
    present = leads[0].lead if leads else None
    return page(
        request,
        "pages/work/portfolio.html",
        status=400 if errors else 200,
        title=_("Who leads %(force)s?", force=formatting.force(code)),
        code=code,
        typed=typed if typed is not None else {FIELD: present or ""},
        errors=errors,
        targets={FIELD: FIELD},
        people=await inspectors_seen(request),
        leads=leads,
        may_set=may_set_lead(current_actor(request)),
        crumbs=CRUMBS,
    )


PORTFOLIO_PAGES = (show_portfolios, answer_led, ask_lead, answer_lead)
