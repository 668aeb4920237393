"""Public pages of the register and of reports: the API's answers in plain words."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from msgspec.structs import replace

from api.http.problems import Request
from api.pages.forms.paging import orders, paging
from api.pages.public import filters
from api.pages.public.figures import silence
from api.pages.public.life import stories
from api.pages.public.recommendation.disputed import disputed
from api.pages.public.statements import reports_named
from api.pages.record.several.grid import may_record_some
from api.pages.record.submission import issue_of
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import (
    HOME,
    OPT,
    areas,
    asof,
    behind,
    forces,
    render_view,
    with_as_of,
)
from api.pages.rendering.query_form import Query
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.query_params import StreamParams
from api.request.services import services
from api.v1.lists import progress, register, reports, statements
from api.v1.lists.progress import ProgressParams
from api.v1.lists.register import RegisterParams
from api.v1.lists.reports import ReportsParams
from api.v1.lists.statements import StatementsParams
from domain.access.permissions import ReadPermission, may_correct, may_read
from domain.recommendation.state import Stage
from domain.vocabulary.forces import FORCES
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import Kind, Product

LATEST = 5
ISSUED_SHOWN, SAID_SHOWN = 40, 40
"""The most recommendations and statements on the page of a report; their lists have the rest."""
REPORTS_SHOWN = 200
"""The most reports on a page, which keeps it under 100 KB."""


@get("/", opt=OPT, sync_to_thread=True)
def home(request: Request) -> Response[bytes]:
    """Show the purpose of the service, what is on record and what is not, and the figures."""
    board, held = progress.board_of(request, ProgressParams()), progress.holdings(request)
    latest = reports.reports_page(request, ReportsParams(limit=LATEST, order="newest"))
    return page(
        request,
        "pages/public/home.html",
        title=_("Police child protection inspections: what happened to the recommendations"),
        query=Query(ProgressParams(), {}, {}),
        counts=board.national,
        coverage=board.coverage.together,
        holdings=held,
        unseen=[item for item in forces() if item[0] in FORCES and item[0] not in held.forces],
        of_forces=len(FORCES),
        latest=latest.items,
        asof=asof(),
        position=board.position,
        behind=behind(request, board.position),
    )


@get("/recommendations", opt=OPT, sync_to_thread=True)
def list_recommendations(request: Request) -> Response[bytes]:
    """List the register, filtered by the reader."""
    query = query_form.read_known(request, RegisterParams)
    listing = register.register_page(request, query.params)
    applied = filters.applied(query, "/recommendations")
    return render_view(
        request,
        "pages/public/recommendations.html",
        query,
        title=_("Recommendations"),
        crumbs=[HOME],
        listing=listing,
        applied=applied,
        only_force=query.params.force is not None and len(applied) == 1,
        unseen=filters.unseen(query),
        silence=silence.of_register(request, query),
        paging=paging(
            query,
            "/recommendations",
            query.params,
            register.register_total(request, query.params),
            len(listing.items),
            single=_("1 recommendation"),
        ),
        orders=orders(query, "/recommendations", query.params.order, labels.REGISTER_ORDERS),
        forces=forces(training=query.training),
        areas=areas(),
        findings=[*labels.FINDINGS_SHORT.items()],
        stages=[(str(stage), labels.STAGES[stage]) for stage in Stage if stage is not Stage.ABSENT],
        kinds=[(str(kind), labels.KINDS[kind]) for kind in Kind],
        position=listing.position,
    )


@get("/reports", opt=OPT, sync_to_thread=True)
def list_reports(request: Request) -> Response[bytes]:
    """List the published reports: the newest first and year by year, or by reference."""
    query = query_form.read_known(request, ReportsParams)
    order = query.params.order or "newest"
    shown = replace(query.params, limit=REPORTS_SHOWN, order=order)
    listing = reports.reports_page(request, shown)
    total = reports.reports_total(request, shown)
    by_year = groupby(listing.items, key=lambda item: item.listing.published_on[:4])
    years = [
        (year if year.isdigit() else _("Year not known"), list(items)) for year, items in by_year
    ]
    return render_view(
        request,
        "pages/public/reports.html",
        query,
        title=_("Reports"),
        crumbs=[HOME],
        listing=listing,
        applied=filters.applied(query, "/reports", filters.DAYS_SAID),
        years=years if order == "newest" else [],
        paging=paging(query, "/reports", shown, total, len(listing.items), single=_("1 report")),
        orders=orders(query, "/reports", order, labels.DATED_ORDERS),
        forces=forces(training=query.training),
        products=[(str(product), labels.PRODUCTS[product]) for product in Product],
        position=listing.position,
    )


@get("/reports/{stream:uuid}", opt=OPT, sync_to_thread=True)
def show_report(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show a report: its grades, its recommendations by force, and what was said of it."""
    query, actor = query_form.read_known(request, StreamParams), current_actor(request)
    params = query.params
    shown = reports.report_view(request, stream, params)
    of_report = RegisterParams(report=str(stream), limit=ISSUED_SHOWN)
    issued = register.register_page(request, with_as_of(of_report, params))
    said = statements.statements_page(
        request,
        StatementsParams(report=stream, limit=SAID_SHOWN, on=params.on, known_at=params.known_at),
    )
    known = reports_named(request, said.items, params)
    followers = reports.reports_page(
        request,
        ReportsParams(follows=shown.reference, on=params.on, known_at=params.known_at),
    )
    before = report_id(shown.follows) if shown.follows else None
    of_force = sorted(issued.items, key=lambda item: formatting.force(item.standing.force))
    by_force = groupby(of_force, key=lambda item: formatting.force(item.standing.force))
    return render_view(
        request,
        "pages/public/report.html",
        query,
        title=shown.title,
        of=shown.reference,
        crumbs=[HOME, {"text": N_("Reports"), "href": "/reports"}],
        shown=shown,
        inside=may_read(actor, ReadPermission.HISTORY, shown.addressee),
        correcting=params == StreamParams() and may_correct(actor, shown.addressee),
        working=any(may_record_some(actor, item.standing.force) for item in issued.items),
        issued=issued,
        by_force=[(name, list(items)) for name, items in by_force],
        causes=_causes(request, [item.id for item in issued.items], params.known_at),
        on_record=reports.on_record(request, stream, params),
        kinds={} if issued.next else Counter(item.standing.kind for item in issued.items),
        more=query.link("/recommendations", report=str(stream), step=None) if issued.next else None,
        stories=stories((), said.items),
        known=known,
        more_said=query.link("/statements", report=str(stream), step=None) if said.next else None,
        before=reports.report_views(request, [before], params).get(before) if before else None,
        followers=followers.items,
        disputed=disputed(
            shown.disputes, services(request).ledger.history(stream), shown.addressee
        ),
        position=shown.position,
        behind="",
    )


def _causes(
    request: Request, streams: Sequence[UUID], known_at: datetime | None
) -> dict[UUID, int]:
    """Return the numbers of the causes of concern that recommendations belong to, by stream."""
    histories = services(request).ledger.histories(streams)
    known = {
        stream: [entry for entry in history if known_at is None or entry.stamp.at <= known_at]
        for stream, history in histories.items()
    }
    causes = {stream: issue_of(history).cause for stream, history in known.items() if history}
    return {stream: cause for stream, cause in causes.items() if cause}
