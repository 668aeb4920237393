"""Pages of portfolios: which inspector leads each force, and who led it before."""

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from adapters.work.portfolios import current_leads, leads_of
from api.http.forms import fields_of
from api.http.problems import Request
from api.pages.people import NAME_SUFFIX, inspectors_seen
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
from domain.vocabulary.errors import NotFound
from domain.vocabulary.forces import ADDRESSEES

PATH = "/portfolios"
CRUMBS = [
    {"text": N_("Your work"), "href": "/work"},
    {"text": N_("Who leads each force"), "href": PATH},
]
FIELD = "lead"


@get(PATH, opt=READERS)
async def show_portfolios(request: Request) -> Response[bytes]:
    """Show each force with the inspector who leads it."""
    await record_list_read(request, "people")
    leads = await services(request).async_ledger.run(current_leads())
    people = await inspectors_seen(request)
    return page(
        request,
        "pages/work/portfolios.html",
        title=_("Who leads each force"),
        rows=[
            (code, name, people.name_of(lead.lead) if lead and lead.lead else "")
            for code, name in [*forces(), *forces(training=True)]
            for lead in [leads.get(code)]
        ],
        may_set=may_set_lead(current_actor(request)),
        crumbs=CRUMBS[:1],
    )


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
    await lead(request, code, chosen or None)
    return Redirect(PATH, status_code=303)


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


PORTFOLIO_PAGES = (show_portfolios, ask_lead, answer_lead)
