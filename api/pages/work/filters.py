"""Saved filters: a person keeps the filters of a list under a name, and deletes them."""

from urllib.parse import parse_qsl, urlencode

from litestar import Response, post
from litestar.response import Redirect

from adapters.work import saved_filters
from adapters.work.saved_filters import NAME_MAX, QUERY_MAX, SAVED_MAX, SavedFilter
from api.http.forms import fields_of
from api.http.moment import moment
from api.http.problems import Request, invalid
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.request.authentication import current_actor, session_of
from api.request.budget import spend
from api.request.query_params import PageParams, parse_params
from api.request.services import services
from api.v1.lists.register import RegisterParams
from api.v1.lists.worklist import WorklistParams
from domain.vocabulary.errors import Forbidden

SAVED, DELETED = "saved", "deleted"
"""The parameters of a link to the page that confirms it."""
LISTS: dict[str, type[PageParams]] = {
    "/work": WorklistParams,
    "/work/all": WorklistParams,
    "/recommendations": RegisterParams,
}
"""The lists whose filters can be saved, each with its parameters."""


@post("/work/filters", status_code=200)
async def save_filter(request: Request) -> Response[bytes] | Redirect:
    """Save a filter under a name, in place of one of that name."""
    fields = await _fields(request)
    path, query = fields.get("path", ""), fields.get("query", "")[:QUERY_MAX]
    if path not in LISTS:
        raise invalid("The filters of this list cannot be saved.", parameter="path")
    parse_params(LISTS[path], parse_qsl(query))
    name = " ".join(fields.get("name", "").split())
    error = None
    if not 0 < len(name) <= NAME_MAX or not name.isprintable():
        error = _("Enter a name of up to %(n)s characters.", n=NAME_MAX)
    else:
        spend(request)
        saved = SavedFilter(name, path, query)
        run = services(request).async_ledger.run
        if not await run(saved_filters.save(current_actor(request).id, saved, moment())):
            error = _("You have %(n)s saved filters. Delete one first.", n=SAVED_MAX)
    if error is None:
        return Redirect(f"/work?{urlencode({SAVED: name})}", status_code=303)
    return page(
        request,
        "pages/work/save_filter.html",
        status=400,
        title=_("Save these filters"),
        errors={"name": error},
        targets={"name": "filter-name"},
        of_list=path,
        query_string=query,
        typed=fields.get("name", ""),
        back=SavedFilter("", path, query).href,
    )


@post("/work/filters/delete", status_code=200)
async def delete_filter(request: Request) -> Redirect:
    """Delete a saved filter."""
    fields = await _fields(request)
    spend(request)
    name = fields.get("name", "")
    await services(request).async_ledger.run(saved_filters.delete(current_actor(request).id, name))
    return Redirect(f"/work?{DELETED}=yes", status_code=303)


async def _fields(request: Request) -> dict[str, str]:
    """Return the fields of a form. Raises Forbidden for a token: a tool keeps no filters."""
    if session_of(request) is None:
        raise Forbidden("Only signed-in people save filters.")
    return await fields_of(request)


FILTER_PAGES = (save_filter, delete_filter)
