"""The page of the statements of published sources, and what other pages need to show some."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from litestar import Response, get
from msgspec.structs import replace

from api.http.problems import Request
from api.pages.forms.paging import orders, paging
from api.pages.public import filters
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, areas, forces, render_view
from api.request.query_params import AsOfParams
from api.v1.lists import reports, statements
from api.v1.lists.reports import ReportView
from api.v1.lists.statements import StatementsParams
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import Reference
from projections.statements.listing import StatementItem

SHOWN = 50
"""The most statements on a page, which keeps it under 100 KB."""


@get("/statements", opt=OPT, sync_to_thread=True)
def list_statements(request: Request) -> Response[bytes]:
    """List what published sources said, filtered by the reader."""
    query = query_form.read_known(request, StatementsParams)
    params = query.params
    shown = replace(params, limit=SHOWN, order=params.order or "newest")
    said = statements.statements_page(request, shown)
    total = statements.statements_total(request, shown)
    force, area = params.force, params.area
    whose = _(": %(force)s", force=formatting.force(force)) if force else ""
    about = _(", %(area)s", area=labels.AREAS[area].lower()) if area else ""
    return render_view(
        request,
        "pages/public/statements.html",
        query,
        title=_("What published sources say") + whose + about,
        crumbs=[HOME, {"text": N_("Reports"), "href": "/reports"}],
        said=said,
        applied=filters.applied(query, "/statements", filters.DAYS_SAID),
        known=reports_named(request, said.items, params),
        paging=paging(query, "/statements", shown, total, len(said.items), single=_("1 statement")),
        orders=orders(query, "/statements", shown.order, labels.DATED_ORDERS),
        forces=forces(),
        areas=areas(),
        position=said.position,
    )


STATEMENT_PAGES = (list_statements,)


def reports_named(
    request: Request, said: Iterable[StatementItem], params: AsOfParams
) -> Mapping[UUID | Reference, ReportView]:
    """Return the reports that statements are about or were made in, by id and by reference."""
    items = [item.said for item in said]
    streams = {item.report for item in items}
    streams |= {report_id(item.reported_in) for item in items if item.reported_in}
    views = reports.report_views(request, streams, params)
    named: dict[UUID | Reference, ReportView] = {}
    for view in views.values():
        named[view.id] = named[view.reference] = view
    return named
