"""Pages of portfolios: which inspector leads each force, and who led it before."""

from collections.abc import Collection, Mapping
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
SHOWN_LEADS = "leads"
"""The field with each force and the lead that the form showed, so that none is taken unseen."""
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
    return await _list(request, await services(request).async_ledger.run(current_leads()))


@post(PATH, opt=READERS, status_code=200)
async def answer_led(request: Request) -> Response[bytes] | Redirect:
    """Have the actor lead the forces that are ticked, and no more those that are not any more.

    If another leads one of them by now than the form showed, nothing is set and the form says so.
    """
    fields = await fields_of(request)
    actor, shown = current_actor(request), fields.get(SHOWN_AS_LED, "").split()
    if not may_set_lead(actor):
        raise Forbidden("Only inspectors may say who leads a force.")
    leads = await services(request).async_ledger.run(current_leads())
    shown_leads = _shown_leads(fields)
    wanted: dict[Code, ActorId | None] = {}
    ticked: set[Code] = set()
    overtaken: list[Code] = []
    for code in ADDRESSEES:
        now = leads[code].lead if code in leads else None
        if fields.get(f"of-{code}"):
            ticked.add(code)
            if now != actor.id:
                wanted[code] = actor.id
                if now != shown_leads.get(code):
                    overtaken.append(code)
        elif now == actor.id and code in shown:
            wanted[code] = None
        elif now == actor.id:
            ticked.add(code)
    if overtaken:
        return await _list(request, leads, ticked, overtaken)
    return _confirmed(await lead(request, wanted))


async def _list(
    request: Request,
    leads: Mapping[Code, Lead],
    ticked: Collection[Code] | None = None,
    overtaken: Collection[Code] = (),
) -> Response[bytes]:
    """Show the forces with their leads, and which are ticked: by default, the actor's own."""
    people, actor = await inspectors_seen(request), current_actor(request)
    rows = [
        _row(code, name, leads.get(code), people, actor.id, training=training)
        for training in (False, True)
        for code, name in forces(training=training)
    ]
    errors = {f"of-{row.code}": _overtaken(row) for row in rows if row.code in overtaken}
    return page(
        request,
        "pages/work/portfolios.html",
        status=409 if errors else 200,
        title=_("Who leads each force"),
        rows=rows,
        ticked=[row.code for row in rows if row.own] if ticked is None else ticked,
        shown={
            SHOWN_AS_LED: " ".join(row.code for row in rows if row.own),
            SHOWN_LEADS: " ".join(f"{code}={now.lead or ''}" for code, now in leads.items()),
        },
        saved=_saved(request, rows, leads),
        may_set=may_set_lead(actor),
        errors=errors,
        targets={name: name for name in errors},
        crumbs=CRUMBS[:1],
    )


def _shown_leads(fields: Mapping[str, str]) -> dict[str, ActorId | None]:
    """Return the lead of each force as the form showed it."""
    pairs = (part.partition("=") for part in fields.get(SHOWN_LEADS, "").split())
    return {code: lead or None for code, _equals, lead in pairs}


def _overtaken(row: LedForce) -> str:
    """Return who leads a force by now, to whom the form showed another lead."""
    if row.lead:
        return _(
            "%(name)s leads %(force)s now. Nothing was saved. Save again to take over, or clear "
            "the box.",
            name=row.lead,
            force=row.name,
        )
    return _(
        "Nobody leads %(force)s now. Nothing was saved. Save again to lead it, or clear the box.",
        force=row.name,
    )


def _row(
    code: Code, name: str, lead: Lead | None, people: Inspectors, actor: ActorId, *, training: bool
) -> LedForce:
    if code == NATIONAL:
        name = _("National bodies, and recommendations to all forces together")
    led_by = lead.lead if lead else None
    named, own = people.name_of(led_by) if led_by else "", led_by == actor
    return LedForce(code, name, named, own, training)


def _confirmed(changed: list[Code]) -> Redirect:
    return Redirect(f"{PATH}?{SAVED}={','.join(changed)}", status_code=303)


def _saved(
    request: Request, rows: list[LedForce], leads: Mapping[Code, Lead]
) -> list[LedForce] | None:
    """The forces of a link to what was just saved, as they are now; None for any other link.

    A link that names none says that nothing was changed.
    """
    if SAVED not in request.query_params:
        return None
    codes = [code for code in request.query_params[SAVED].split(",") if code]
    actor, since = current_actor(request).id, moment() - SAVED_FOR
    just_saved = [
        row
        for row in rows
        if row.code in codes
        and (now := leads.get(row.code)) is not None
        and (now.by == actor and now.since > since)
    ]
    return just_saved if just_saved or not codes else None


@get(PATH + "/{code:str}", opt=READERS)
async def ask_lead(request: Request, code: FromPath[str]) -> Response[bytes]:
    """The form: who leads a force from now on, and who led it before."""
    await record_list_read(request, "people")
    return await _form(request, code, None, {})


@post(PATH + "/{code:str}", opt=READERS, status_code=200)
async def answer_lead(request: Request, code: FromPath[str]) -> Response[bytes] | Redirect:
    """Set the lead of a force, or show the form again with what is wrong."""
    people = await inspectors_seen(request)
    fields = await fields_of(request)
    typed = people.resolved(FIELD, fields)
    words = typed.get(FIELD + NAME_SUFFIX, "")
    if words and not typed.get(FIELD):
        return await _form(request, code, typed, {FIELD: people.problem(words)})
    chosen = typed.get(FIELD, "")
    known = chosen in people.options if people.everybody else is_actor(chosen)
    if chosen and not known:
        return await _form(request, code, typed, {FIELD: _("Choose one of the inspectors.")})
    leads = await services(request).async_ledger.run(leads_of(code))
    now = leads[0].lead if leads else None
    if _shown_leads(fields).get(code, now) != now != (chosen or None):
        words = _led_now(people.name_of(now) if now else "")
        return await _form(request, code, typed, {FIELD: words}, 409)
    return _confirmed(await lead(request, {code: chosen or None}))


def _led_now(name: str) -> str:
    if not name:
        return _("Nobody leads it now. Nothing was saved. Save again if your choice still holds.")
    return _(
        "%(name)s leads it now. Nothing was saved. Save again if your choice still holds.",
        name=name,
    )


async def _form(
    request: Request,
    code: str,
    typed: dict[str, str] | None,
    errors: dict[str, str],
    status: int = 400,
) -> Response[bytes]:
    if code not in ADDRESSEES:
        raise NotFound("There is no such force.")
    leads = await services(request).async_ledger.run(leads_of(code))
    present = leads[0].lead if leads else None
    return page(
        request,
        "pages/work/portfolio.html",
        status=status if errors else 200,
        title=_("Who leads %(force)s?", force=formatting.force(code)),
        code=code,
        typed=typed if typed is not None else {FIELD: present or ""},
        shown={SHOWN_LEADS: f"{code}={present or ''}"},
        errors=errors,
        targets={FIELD: FIELD},
        people=await inspectors_seen(request),
        leads=leads,
        may_set=may_set_lead(current_actor(request)),
        crumbs=CRUMBS,
    )


PORTFOLIO_PAGES = (show_portfolios, answer_led, ask_lead, answer_lead)
