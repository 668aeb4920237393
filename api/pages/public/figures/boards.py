"""Pages of figures, for all forces and for one force.

Each figure links to the list it counts.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import Literal, TypeAlias

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.status_codes import HTTP_301_MOVED_PERMANENTLY
from msgspec import Struct
from msgspec.structs import replace

from adapters.corpus.gazetteer.names import forces_named
from api.http.problems import Request
from api.pages.forms.paging import Paging, orders
from api.pages.public.life import chapters, opening
from api.pages.public.statements import reports_named
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import N_, number
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, forces, render_view, with_as_of
from api.pages.rendering.query_form import Query
from api.request.services import services
from api.v1.lists import measures, progress, register, reports, slippage, statements
from api.v1.lists.forces import ForcesParams, force_view, named
from api.v1.lists.measures import MeasuresParams, ages_of
from api.v1.lists.progress import ForceProgressParams, ProgressParams
from api.v1.lists.register import RegisterParams
from api.v1.lists.reports import ReportsParams
from api.v1.lists.slippage import SlippageParams, Slipped
from api.v1.lists.statements import StatementsParams
from domain.recommendation.slippage import BUNCH_DAYS
from domain.vocabulary.dates import end_of
from domain.vocabulary.errors import NotFound
from domain.vocabulary.forces import ADDRESSEES, Force
from domain.vocabulary.values import Code
from projections.filters import ForceFilter
from projections.progress.series import Month
from projections.register.measures.conditions import WITHIN_YEARS

LATEST_MONTHS = 24
"""The number of months shown one by one; earlier years show only how each ended."""


SlippageOrder: TypeAlias = Literal[
    "force", "total", "time_limit_changed", "reopened", "withdrawn", "closed_without_evidence"
]
REPORTS_SHOWN, SAID_SHOWN = 20, 40
"""The most reports and statements on the page of a force."""


class SlippagePageParams(SlippageParams, frozen=True, kw_only=True):
    """The parameters of slippage, and what its table is sorted by: forces, or counts."""

    order: SlippageOrder | None = None


class Point(Struct, frozen=True):
    """The counts at the end of a month, or on the page's day if earlier."""

    on: date
    counts: Month


class Flow(Struct, frozen=True):
    """How many recommendations were issued and closed in a month.

    Those that were withdrawn or reopened in the month are taken away.
    """

    month: str
    issued: int
    closed: int | None
    """None while it is not known of any where it stands."""


@get("/forces", opt=OPT, sync_to_thread=True)
def list_forces(request: Request) -> Response[bytes]:
    """List every force, or those of a name, with its counts of recommendations."""
    query = query_form.read_known(request, ForcesParams)
    counted = ProgressParams(training=query.params.training)
    board = progress.board_of(request, counted)
    shown = query.params.codes
    return render_view(
        request,
        "pages/public/forces.html",
        query,
        title=_("Forces"),
        crumbs=[HOME],
        board=board,
        forces=[item for item in forces(training=board.training) if item[0] in shown],
        near=[] if shown else query.params.near,
        position=board.position,
    )


@get("/forces/{code:str}", opt=OPT, sync_to_thread=True)
def show_force(request: Request, code: FromPath[Code]) -> Response[bytes] | Redirect:
    """Show a force: its reports in order, what was asked and said of it, and its figures.

    Its name in place of its code leads to its page.
    """
    if code not in ADDRESSEES:
        return _by_name(request, code)
    force = named(code)
    query = query_form.read_known(request, ForceProgressParams)
    return services(request).lists.at_once(partial(_force_page, request, force, query))


def _by_name(request: Request, name: str) -> Redirect:
    """Lead to the page of a force by its name. Raises NotFound if there is none."""
    codes = [match.force for match in forces_named(name.replace("-", " ")) if match.whole]
    if len(codes) != 1:
        raise NotFound(N_("There is no police force of this name here."))
    query = f"?{request.url.query}" if request.url.query else ""
    return Redirect(f"/forces/{codes[0]}{query}", status_code=HTTP_301_MOVED_PERMANENTLY)


def _force_page(
    request: Request, force: Force, query: Query[ForceProgressParams]
) -> Response[bytes]:
    code, params = force.code, query.params
    board = progress.of_force(request, code, params)
    counts = board.counts
    of_force = ReportsParams(
        force=code, limit=REPORTS_SHOWN, order="newest", on=params.on, known_at=params.known_at
    )
    listed_reports = reports.reports_page(request, of_force)
    said = statements.statements_page(
        request,
        StatementsParams(force=code, limit=SAID_SHOWN, on=params.on, known_at=params.known_at),
    )
    listed = register.register_page(request, with_as_of(RegisterParams(force=code), params))
    names = dict(reports_named(request, said.items, params))
    about = {item.id for item in listed_reports.items} | {item.said.report for item in said.items}
    views = [*reports.report_views(request, about, params).values()]
    names.update((view.reference, view) for view in views)
    on_record = {
        view.id: reports.on_record(request, view.id, params)
        for view in views
        if view.recommendations_stated is not None
    }
    known = any(month.total > month.not_known for month in board.series)
    return render_view(
        request,
        "pages/public/force.html",
        query,
        title=force.name,
        crumbs=[HOME, {"text": N_("Forces"), "href": "/forces"}],
        force=force_view(code),
        board=board,
        opening=opening(code, views, said.items, counts, listed.items),
        chapters=chapters(views, listed.items, said.items, on_record),
        names=names,
        known=counts.total > counts.stages["not_known"],
        ages=ages_of(request, ForceFilter(force=code, on=params.on, known_at=params.known_at)),
        points=points(board.series, board.on) if known else [],
        flow=flow(board.series)[::-1] if known else [],
        listed=listed,
        more_reports=listed_reports.next,
        more_said=said.next,
        position=min(board.position, said.position, listed_reports.position),
    )


@get("/progress", opt=OPT, sync_to_thread=True)
def show_progress(request: Request) -> Response[bytes]:
    """Show all forces, side by side."""
    query = query_form.read_known(request, ProgressParams)
    params, lists = query.params, services(request).lists
    every = ForceFilter(training=params.training, on=params.on, known_at=params.known_at)
    board, months, ages = lists.at_once(
        lambda: (
            progress.board_of(request, params),
            progress.months_of(request, params),
            ages_of(request, every),
        )
    )
    return render_view(
        request,
        "pages/public/progress.html",
        query,
        title=_("Progress of all forces"),
        crumbs=[HOME],
        board=board,
        ages=ages,
        points=points(months, board.on),
        flow=flow(months)[::-1],
        forces=forces(training=board.training),
        position=board.position,
    )


@get("/measures", opt=OPT, sync_to_thread=True)
def show_measures(request: Request) -> Response[bytes]:
    """Show how claims held, how soon work was done, and how much is open, for how long."""
    query = query_form.read_known(request, MeasuresParams)
    view = measures.measures_view(request, query.params)
    by_name = sorted(view.load, key=lambda load: formatting.force(load.force))
    force = query.params.force
    return render_view(
        request,
        "pages/public/measures.html",
        query,
        title=_("Claims, time taken and load: %(force)s", force=formatting.force(force))
        if force
        else _("Claims, time taken and load"),
        crumbs=[HOME, {"text": N_("Progress of all forces"), "href": "/progress"}],
        measures=replace(view, load=tuple(by_name)),
        within=WITHIN_YEARS,
        forces=forces(training=bool(query.params.training)),
        position=view.position,
    )


@get("/slippage", opt=OPT, sync_to_thread=True)
def show_slippage(request: Request) -> Response[bytes]:
    """Show slippage of deadlines and decisions, force by force, and when closures bunched."""
    query = query_form.read_known(request, SlippagePageParams)
    view = slippage.slippage_view(request, query.params)
    force, order = query.params.force, query.params.order or "force"
    rows = sorted(
        (formatting.force(code), code, counts)
        for code, counts in view.forces.items()
        if counts.total
    )
    if order != "force":
        rows.sort(key=lambda row: -_count(row[2], order))
    return render_view(
        request,
        "pages/public/slippage.html",
        query,
        title=_("Delayed and reopened: %(force)s", force=formatting.force(force))
        if force
        else _("Delayed and reopened"),
        crumbs=[HOME, {"text": N_("Progress of all forces"), "href": "/progress"}],
        slippage=view,
        rows=rows,
        paging=Paging(
            _("Showing all %(total)s", total=number(len(rows)))
            if len(rows) > 1
            else _("1 force")
            if rows
            else "",
            len(rows),
        ),
        orders=orders(query, "/slippage", order, labels.SLIPPAGE_ORDERS),
        days=BUNCH_DAYS,
        one_day=timedelta(days=1),
        forces=forces(training=query.training),
        position=view.position,
    )


def _count(counts: Slipped, order: SlippageOrder) -> int:
    return counts.total if order == "total" else counts.slipped.get(order) or 0


BOARD_PAGES = (
    list_forces,
    show_force,
    show_progress,
    show_measures,
    show_slippage,
)


def points(series: Sequence[Month], on: date) -> list[Point]:
    """Return the latest months and the end of each earlier year; the latest first."""
    early, late = series[:-LATEST_MONTHS], series[-LATEST_MONTHS:]
    shown = [*(month for month in early if month.month.endswith("-12")), *late]
    return [Point(min(end_of(month.month), on), month) for month in reversed(shown)]


def flow(series: Sequence[Month]) -> list[Flow]:
    """Return what came and went in the latest months, from the whole series; the latest last."""
    first = Month("", 0, 0, 0, 0, 0, 0, 0)
    months = [
        Flow(
            month.month,
            month.total - before.total,
            month.closed - before.closed if month.total > month.not_known else None,
        )
        for before, month in pairwise([first, *series])
    ]
    return months[-LATEST_MONTHS:]
