"""What anybody may read, without signing in: the API's answers in plain words."""

from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from msgspec.structs import replace

from api.http.problems import Request
from api.pages.public import filters
from api.pages.record.form_fields import OF_COMMAND
from api.pages.rendering import labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, areas, as_asked, asof, forces, render_view
from api.pages.rendering.render import page
from api.pages.rendering.timeline import timeline
from api.request.authentication import current_actor
from api.request.query_params import StreamParams
from api.request.services import services
from api.v1.lists import progress, register, reports
from api.v1.lists.progress import ProgressParams
from api.v1.lists.register import RegisterParams
from api.v1.lists.reports import ReportsParams
from api.v1.record import recommendations
from domain.access.permissions import ReadPermission, Verdict, may, may_read
from domain.available_commands import available_commands
from domain.commands.common import Correct
from domain.recommendation.state import Stage
from domain.vocabulary.actors import PUBLIC, Actor
from domain.vocabulary.values import Code, Kind, Product

LATEST = 5
REPORTS_SHOWN = 200
"""The most reports of one page, which stays under 100 KB by that."""


@get("/", opt=OPT, sync_to_thread=True)
def home(request: Request) -> Response[bytes]:
    """What this is, the figures of all forces, and the latest reports."""
    board = progress.board_of(services(request).ledger, ProgressParams())
    latest = reports.reports_page(request, ReportsParams(limit=LATEST, order="newest"))
    return page(
        request,
        "pages/public/home.html",
        title=_("Child protection inspections of the police: what became of recommendations"),
        counts=board.national,
        latest=latest.items,
        asof=asof(board.position),
    )


@get("/recommendations", opt=OPT, sync_to_thread=True)
def list_recommendations(request: Request) -> Response[bytes]:
    """The register, by what a reader looks for."""
    sent = query_form.read(request, RegisterParams)
    found = register.register_page(request, sent.params)
    return render_view(
        request,
        "pages/public/recommendations.html",
        sent,
        title=_("Recommendations"),
        crumbs=[HOME],
        found=found,
        applied=filters.applied(sent, "/recommendations"),
        unseen=filters.unseen(sent),
        following=sent.link("/recommendations", cursor=found.next) if found.next else None,
        forces=forces(),
        areas=areas(),
        stages=[(str(s), labels.STAGES[s]) for s in Stage if s is not Stage.ABSENT],
        kinds=[(str(kind), labels.KINDS[kind]) for kind in Kind],
        position=found.position,
    )


@get("/recommendations/{stream:uuid}", opt=OPT)
async def show_recommendation(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Where one recommendation stands, and why it is still open."""
    sent = query_form.read(request, StreamParams)
    found = await recommendations.read(request, stream, sent.params)
    shown = await recommendations.recommendation_view(request, found, sent.params)
    actor = current_actor(request)
    inside = may_read(actor, ReadPermission.HISTORY, shown.addressee)
    now = sent.params == StreamParams()
    actions = (
        available_commands(actor, found[0], datetime.now(UTC)) if now and actor != PUBLIC else ()
    )
    return render_view(
        request,
        "pages/public/recommendation.html",
        sent,
        title=_("%(kind)s to %(force)s", kind=labels.KINDS[shown.kind], force=shown.addressee_name),
        of=shown.reference,
        crumbs=[HOME, {"text": N_("Recommendations"), "href": "/recommendations"}],
        shown=shown,
        happened=timeline(found[1], inside=inside),
        inside=inside,
        actions=[OF_COMMAND[one] for one in actions],
        correcting=_correcting(actor, shown.addressee, sent.params),
        position=shown.position,
    )


@get("/reports", opt=OPT, sync_to_thread=True)
def list_reports(request: Request) -> Response[bytes]:
    """The published reports, year by year."""
    sent = query_form.read(request, ReportsParams)
    found = reports.reports_page(request, replace(sent.params, limit=REPORTS_SHOWN, order="newest"))
    years = groupby(found.items, key=lambda one: one.listing.published_on[:4])
    return render_view(
        request,
        "pages/public/reports.html",
        sent,
        title=_("Reports"),
        crumbs=[HOME],
        years=[
            (year if year.isdigit() else _("Year not known"), list(all_)) for year, all_ in years
        ],
        following=sent.link("/reports", cursor=found.next) if found.next else None,
        forces=forces(),
        products=[(str(product), labels.PRODUCTS[product]) for product in Product],
        position=found.position,
    )


@get("/reports/{stream:uuid}", opt=OPT, sync_to_thread=True)
def show_report(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """One report, with its recommendations."""
    sent = query_form.read(request, StreamParams)
    shown = reports.report_view(request, stream, sent.params)
    wanted, actor = (
        RegisterParams(report=str(stream), force=shown.addressee),
        current_actor(request),
    )
    issued = register.register_page(request, as_asked(wanted, sent.params))
    return render_view(
        request,
        "pages/public/report.html",
        sent,
        title=shown.title,
        of=shown.reference,
        crumbs=[HOME, {"text": N_("Reports"), "href": "/reports"}],
        shown=shown,
        inside=may_read(actor, ReadPermission.HISTORY, shown.addressee),
        correcting=_correcting(actor, shown.addressee, sent.params),
        issued=issued,
        more=sent.link("/recommendations", report=str(stream), force=shown.addressee, step=None)
        if issued.next
        else None,
        position=shown.position,
    )


def _correcting(actor: Actor, addressee: Code, params: StreamParams) -> bool:
    """Whether somebody may correct what is shown, which is so today only."""
    return params == StreamParams() and may(actor, Correct, addressee) is Verdict.ALLOWED
