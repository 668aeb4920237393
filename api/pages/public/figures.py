"""How far all forces, and one force, have come: figures, each with the list that it counts."""

from collections.abc import Sequence
from datetime import date

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from api.http.problems import Asker
from api.pages.rendering import formatting, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, answered, as_asked, asof, forces
from api.pages.rendering.render import page
from api.request.services import services
from api.v1.lists import progress, register, slippage
from api.v1.lists.forces import named
from api.v1.lists.progress import ProgressAsked
from api.v1.lists.register import RegisterAsked
from api.v1.lists.slippage import SlippageAsked
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
def list_forces(request: Asker) -> Response[bytes]:
    """Every force, and how many recommendations it has."""
    board = progress.board_of(services(request).ledger, ProgressAsked())
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
def show_force(request: Asker, code: FromPath[Code]) -> Response[bytes]:
    """One force: its figures, and what stands behind them."""
    force = named(code)
    sent = query_form.read(request, ProgressAsked)
    told = progress.of_force(request, code, sent.asked)
    return answered(
        request,
        "pages/public/force.html",
        sent,
        title=force.name,
        crumbs=[HOME, {"text": N_("Forces"), "href": "/forces"}],
        force=force,
        told=told,
        points=points(told.series, told.on),
        listed=register.listed(request, as_asked(RegisterAsked(force=code), sent.asked)),
        position=told.position,
    )


@get("/progress", opt=OPT, sync_to_thread=True)
def show_progress(request: Asker) -> Response[bytes]:
    """All forces, side by side."""
    sent = query_form.read(request, ProgressAsked)
    ledger = services(request).ledger
    board = progress.board_of(ledger, sent.asked)
    return answered(
        request,
        "pages/public/progress.html",
        sent,
        title=_("Progress of all forces"),
        crumbs=[HOME],
        board=board,
        points=points(progress.months_of(ledger, sent.asked), board.on),
        forces=forces(),
        position=board.position,
    )


@get("/slippage", opt=OPT, sync_to_thread=True)
def show_slippage(request: Asker) -> Response[bytes]:
    """How deadlines and decisions gave way, force by force, and when closures bunched."""
    sent = query_form.read(request, SlippageAsked)
    found = slippage.told(request, sent.asked)
    force = sent.asked.force
    return answered(
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
