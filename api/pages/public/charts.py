"""Figures drawn: the same as in the tables beside them, as SVG that no script moves.

All is ink and grey on paper, and what is told apart is told by words and by form, never by colour.
"""

import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from api.http.problems import Request
from api.pages.public.figures import LATEST_MONTHS
from api.pages.rendering import formatting, labels
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import OPT
from api.request.query_params import ForceParams
from api.request.services import services
from api.v1.lists import progress
from api.v1.lists.progress import ProgressParams
from projections.progress.board import Counts, read_board
from projections.progress.series import Month, read_series

SVG = "image/svg+xml"
INK, GREY, PAPER = "#0b0c0c", "#b1b4b6", "#ffffff"
WIDTH, HEIGHT = 800, 400
ROW_HEIGHT = 26
LABELS_MAX = 6
"""About how many months are named below the lines."""
DASHES = {"open": "none", "overdue": "12,6", "closed": "3,5"}
"""How the lines are told apart; the title says it in words."""


class ChartParams(ForceParams, frozen=True, kw_only=True):
    """As at which day, as known when; of which force, else of all but the training force."""

    read_model = ProgressParams.read_model


@get("/charts/stages.svg", opt=OPT, sync_to_thread=True)
def stages_chart(request: Request, params: NamedDependency[ChartParams]) -> Response[bytes]:
    """How many recommendations stand where: bars, each named with its figure."""
    counts = (
        services(request)
        .ledger.rows.read(
            lambda c: read_board(c, on=params.day, known_at=params.known_at, force=params.force)
        )
        .national
    )
    title = _("Recommendations to %(whose)s by where they stand, %(day)s", **_asked(params))
    shown = figures(counts)
    names = (f"{name}: {number}" for name, number in shown)
    return _drawn(_bars(title, names, [[number for _, number in shown]]))


@get("/charts/months.svg", opt=OPT, sync_to_thread=True)
def months_chart(request: Request, params: NamedDependency[ChartParams]) -> Response[bytes]:
    """How many were open, overdue and closed at the end of each of the latest months."""
    months = services(request).ledger.rows.read(
        lambda c: read_series(c, on=params.day, known_at=params.known_at, force=params.force)
    )
    title = _(
        "Recommendations to %(whose)s by month up to %(day)s:"
        " open solid, overdue dashed, closed dotted",
        **_asked(params),
    )
    return _drawn(_lines(title, months[-LATEST_MONTHS:]))


@get("/charts/forces.svg", opt=OPT, sync_to_thread=True)
def forces_chart(request: Request, params: NamedDependency[ProgressParams]) -> Response[bytes]:
    """The open recommendations of each force that has any, the most first."""
    forces = progress.board_of(services(request).ledger, params).forces
    shown = sorted(
        ((formatting.force(code), one) for code, one in forces.items() if one.open),
        key=lambda one: (-one[1].open, one[0]),
    )
    names = (
        _(
            "%(force)s: %(open)s, %(overdue)s overdue",
            force=name,
            open=one.open,
            overdue=one.overdue,
        )
        for name, one in shown
    )
    overdue = [one.overdue for _, one in shown]
    others = [one.open - one.overdue for _, one in shown]
    title = _(
        "Open recommendations by force, %(day)s: overdue dark, others light",
        day=formatting.day(params.day),
    )
    return _drawn(_bars(title, names, (overdue, others)))


CHARTS = (stages_chart, months_chart, forces_chart)


def figures(counts: Counts) -> list[tuple[str, int]]:
    """Each stage's name and how many stand there, in the order of the table."""
    return [(labels.STAGES_SHORT[stage], counts.stages.get(stage, 0)) for stage in labels.STAGES]


def _asked(params: ChartParams) -> dict[str, str]:
    whose = formatting.force(params.force) if params.force else _("all forces")
    return {"whose": whose, "day": formatting.day(params.day)}


def _bars(title: str, rows: Iterable[str], parts: Sequence[Sequence[int]]) -> Any:  # noqa: ANN401  the library has no types
    """A bar for each row, of one part or more, read from above."""
    names = [*rows]
    height = max(HEIGHT, ROW_HEIGHT * len(names) + 80)
    chart = _library().HorizontalStackedBar(
        **_manner(title, height, (INK, GREY)), show_x_labels=False
    )
    chart.x_labels = names[::-1]
    for numbers in parts:
        chart.add(None, [*reversed(numbers)])
    return chart


def _lines(title: str, months: Sequence[Month]) -> Any:  # noqa: ANN401  see above
    """A line for each measure."""
    chart = _library().Line(
        **_manner(title, HEIGHT), show_dots=len(months) == 1, show_minor_x_labels=False,
        truncate_label=-1, include_x_axis=True,
    )  # fmt: skip
    chart.x_labels = [formatting.day(one.month) for one in months]
    chart.x_labels_major = chart.x_labels[:: len(months) // LABELS_MAX + 1]
    for measure, dash in DASHES.items():
        numbers = [getattr(one, measure) for one in months]
        chart.add(measure, numbers, stroke_style={"dasharray": dash})
    return chart


def _manner(title: str, height: int, colors: tuple[str, ...] = (INK,)) -> dict[str, object]:
    """What all charts have in common."""
    style = _library().style.Style(
        background=PAPER, plot_background=PAPER, foreground=INK, foreground_strong=INK,
        foreground_subtle=INK, stroke_width=2, colors=colors, opacity="1", guide_stroke_color=GREY,
        major_guide_stroke_color=GREY, guide_stroke_dasharray="none",
        major_guide_stroke_dasharray="none",
        font_family="arial, sans-serif", title_font_size=16, label_font_size=14,
        major_label_font_size=14, value_label_font_size=14, no_data_font_size=16,
    )  # fmt: skip
    return {
        "title": title, "style": style, "js": (), "width": WIDTH, "height": height,
        "show_legend": False, "no_data_text": _("Nothing is on record"),
    }  # fmt: skip


def _drawn(chart: Any) -> Response[bytes]:  # noqa: ANN401  see above
    chart.uuid = "chart"  # else drawn by lot, and no two answers the same
    chart.add_xml_filter(_without_script)
    return Response(bytes(chart.render()), media_type=SVG)


@cache
def _library() -> Any:  # noqa: ANN401  it has no types
    """The library, which is slow to load, and most processes draw nothing."""
    import pygal  # type: ignore[import-untyped]  # noqa: PLC0415
    import pygal.style  # type: ignore[import-untyped]  # noqa: PLC0415

    # A hook for its maps, of a form that Python no longer takes; every later import warns of it.
    sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != "pygal"]
    return pygal


def _without_script(root: Any) -> Any:  # noqa: ANN401 - the library's own tree
    for parent in list(root.iter()):
        for child in list(parent):
            if str(child.tag).endswith("script"):
                parent.remove(child)
    return root
