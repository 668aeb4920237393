"""How far all forces, and one force, have come: figures, each with the list that it counts."""

from collections.abc import Sequence
from datetime import date

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from api.http.problems import Request
from api.pages.rendering import formatting, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, as_asked, asof, forces, render_view
from api.pages.rendering.render import page
from api.request.services import services
from api.v1.lists import progress, register, slippage
from api.v1.lists.forces import named
from api.v1.lists.progress import ProgressParams
from api.v1.lists.register import RegisterParams
from api.v1.lists.slippage import SlippageParams
from domain.recommendation.slippage import BUNCH_DAYS
from domain.vocabulary.dates import end_of
from domain.vocabulary.values import Code
from projections.progress.series import Month

LATEST_MONTHS = 24
"""How many months are shown one by one; of the years before, only how each ended."""


class Point(Struct, frozen=True):
    """The counts at the end of a month, or on the day asked for if that is earlier."""

    on: date
    counts: Month


@get("/forces", opt=OPT, sync_to_thread=True)
def list_forces(request: Request) -> Response[bytes]:
    """Every force, and how many recommendations it has."""
    board = progress.board_of(services(request).ledger, ProgressParams())
    return page(
        request,
        "pages/public/forces.html",
        title=_("Forces"),
        crumbs=[HOME],
        board=board,
        forces=forces(),
        asof=asof(board.position),
    )


@get("/forces/{code:str}", opt=OPT, sync_to_thread=True)
def show_force(request: Request, code: FromPath[Code]) -> Response[bytes]:
    """One force: its figures, and what stands behind them."""
    force = named(code)
    sent = query_form.read(request, ProgressParams)
    told = progress.of_force(request, code, sent.params)
    return render_view(
        request,
        "pages/public/force.html",
        sent,
        title=force.name,
        crumbs=[HOME, {"text": N_("Forces"), "href": "/forces"}],
        force=force,
        told=told,
        points=points(told.series, told.on),
        listed=register.register_page(request, as_asked(RegisterParams(force=code), sent.params)),
        position=told.position,
    )


@get("/progress", opt=OPT, sync_to_thread=True)
def show_progress(request: Request) -> Response[bytes]:
    """All forces, side by side."""
    sent = query_form.read(request, ProgressParams)
    ledger = services(request).ledger
    board = progress.board_of(ledger, sent.params)
    return render_view(
        request,
        "pages/public/progress.html",
        sent,
        title=_("Progress of all forces"),
        crumbs=[HOME],
        board=board,
        points=points(progress.months_of(ledger, sent.params), board.on),
        forces=forces(),
        position=board.position,
    )


@get("/slippage", opt=OPT, sync_to_thread=True)
def show_slippage(request: Request) -> Response[bytes]:
    """How deadlines and decisions gave way, force by force, and when closures bunched."""
    sent = query_form.read(request, SlippageParams)
    found = slippage.slippage_view(request, sent.params)
    force = sent.params.force
    return render_view(
        request,
        "pages/public/slippage.html",
        sent,
        title=_("Slippage of %(force)s", force=formatting.force(force)) if force else _("Slippage"),
        crumbs=[HOME, {"text": N_("Progress of all forces"), "href": "/progress"}],
        found=found,
        rows=sorted(
            (formatting.force(code), code, one) for code, one in found.forces.items() if one.total
        ),
        days=BUNCH_DAYS,
        forces=forces(),
        position=found.position,
    )


BOARD_PAGES = (list_forces, show_force, show_progress, show_slippage)


def points(series: Sequence[Month], on: date) -> list[Point]:
    """The latest months, and before them how each year ended; the latest first."""
    early, late = series[:-LATEST_MONTHS], series[-LATEST_MONTHS:]
    shown = [*(one for one in early if one.month.endswith("-12")), *late]
    return [Point(min(end_of(one.month), on), one) for one in reversed(shown)]
