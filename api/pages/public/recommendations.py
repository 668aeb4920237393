"""Public pages of the register and of reports: the API's answers in plain words."""

from itertools import groupby
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from msgspec.structs import replace

from api.http.problems import Request
from api.pages.public import filters
from api.pages.public.recommendation import may_correct
from api.pages.rendering import labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, areas, asof, forces, render_view, with_as_of
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.query_params import StreamParams
from api.request.services import services
from api.v1.lists import progress, register, reports
from api.v1.lists.progress import ProgressParams
from api.v1.lists.register import RegisterParams
from api.v1.lists.reports import ReportsParams
from domain.access.permissions import ReadPermission, may_read
from domain.recommendation.state import Stage
from domain.vocabulary.values import Kind, Product

LATEST = 5
REPORTS_SHOWN = 200
"""The most reports on a page, which keeps it under 100 KB."""


@get("/", opt=OPT, sync_to_thread=True)
def home(request: Request) -> Response[bytes]:
    """Show the purpose of the service, the figures of all forces, and the latest reports."""
    board = progress.board_of(services(request).ledger, ProgressParams())
    latest = reports.reports_page(request, ReportsParams(limit=LATEST, order="newest"))
    return page(
        request,
        "pages/public/home.html",
        title=_("Police child protection inspections: what happened to the recommendations"),
        counts=board.national,
        latest=latest.items,
        asof=asof(board.position),
    )


@get("/recommendations", opt=OPT, sync_to_thread=True)
def list_recommendations(request: Request) -> Response[bytes]:
    """List the register, filtered by the reader."""
    query = query_form.read(request, RegisterParams)
    listing = register.register_page(request, query.params)
    return render_view(
        request,
        "pages/public/recommendations.html",
        query,
        title=_("Recommendations"),
        crumbs=[HOME],
        listing=listing,
        applied=filters.applied(query, "/recommendations"),
        unseen=filters.unseen(query),
        following=query.link("/recommendations", cursor=listing.next) if listing.next else None,
        forces=forces(training=query.training),
        areas=areas(),
        stages=[(str(stage), labels.STAGES[stage]) for stage in Stage if stage is not Stage.ABSENT],
        kinds=[(str(kind), labels.KINDS[kind]) for kind in Kind],
        position=listing.position,
    )


@get("/reports", opt=OPT, sync_to_thread=True)
def list_reports(request: Request) -> Response[bytes]:
    """List the published reports, year by year."""
    query = query_form.read(request, ReportsParams)
    newest = replace(query.params, limit=REPORTS_SHOWN, order="newest")
    listing = reports.reports_page(request, newest)
    years = groupby(listing.items, key=lambda item: item.listing.published_on[:4])
    return render_view(
        request,
        "pages/public/reports.html",
        query,
        title=_("Reports"),
        crumbs=[HOME],
        years=[
            (year if year.isdigit() else _("Year not known"), list(items)) for year, items in years
        ],
        following=query.link("/reports", cursor=listing.next) if listing.next else None,
        forces=forces(training=query.training),
        products=[(str(product), labels.PRODUCTS[product]) for product in Product],
        position=listing.position,
    )


@get("/reports/{stream:uuid}", opt=OPT, sync_to_thread=True)
def show_report(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show a report with its recommendations."""
    query = query_form.read(request, StreamParams)
    shown = reports.report_view(request, stream, query.params)
    of_report, actor = (
        RegisterParams(report=str(stream), force=shown.addressee),
        current_actor(request),
    )
    issued = register.register_page(request, with_as_of(of_report, query.params))
    return render_view(
        request,
        "pages/public/report.html",
        query,
        title=shown.title,
        of=shown.reference,
        crumbs=[HOME, {"text": N_("Reports"), "href": "/reports"}],
        shown=shown,
        inside=may_read(actor, ReadPermission.HISTORY, shown.addressee),
        correcting=query.params == StreamParams() and may_correct(actor, shown.addressee),
        issued=issued,
        more=query.link("/recommendations", report=str(stream), force=shown.addressee, step=None)
        if issued.next
        else None,
        position=shown.position,
    )
