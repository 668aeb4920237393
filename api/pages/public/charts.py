"""Charts: the figures of the tables beside them, as SVG without scripts.

Charts are ink and grey on paper. Series are told apart by words and form, never by colour.
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
"""The approximate number of months named below the lines."""
DASHES = {"open": "none", "overdue": "12,6", "closed": "3,5", "not_known": "12,4,3,4"}
"""The dashes that tell the lines apart; the title names them in words."""


class ChartParams(ForceParams, frozen=True, kw_only=True):
    """The day, the known moment and the force.

    Without a force, all but the training forces.
    """

    read_models = ProgressParams.read_models


@get("/charts/stages.svg", opt=OPT, sync_to_thread=True)
def stages_chart(request: Request, params: NamedDependency[ChartParams]) -> Response[bytes]:
    """Draw the recommendations by stage: bars, each labelled with its figure."""
    counts = (
        services(request)
        .lists.read(
            lambda c: read_board(
                c,
                on=params.day,
                known_at=params.known_at,
                force=params.force,
                training=params.training,
            )
        )
        .national
    )
    title = _("Recommendations to %(whose)s by stage, %(day)s", **_title_values(params))
    shown = figures(counts)
    names = (f"{name}: {number}" for name, number in shown)
    return _drawn(_bars(title, names, [[number for _, number in shown]]))


@get("/charts/months.svg", opt=OPT, sync_to_thread=True)
def months_chart(request: Request, params: NamedDependency[ChartParams]) -> Response[bytes]:
    """Draw the open, overdue and closed counts at the end of each latest month."""
    months = services(request).lists.read(
        lambda c: read_series(
            c,
            on=params.day,
            known_at=params.known_at,
            force=params.force,
            training=params.training,
        )
    )
    title = _(
        "Recommendations to %(whose)s by month up to %(day)s:"
        " open (solid), overdue (dashed), closed (dotted), not known (dashes and dots)",
        **_title_values(params),
    )
    return _drawn(_lines(title, months[-LATEST_MONTHS:]))


@get("/charts/forces.svg", opt=OPT, sync_to_thread=True)
def forces_chart(request: Request, params: NamedDependency[ProgressParams]) -> Response[bytes]:
    """Draw the open recommendations of each force that has any, most first."""
    forces = progress.board_of(request, params).forces
    shown = sorted(
        ((formatting.force(code), counts) for code, counts in forces.items() if counts.open),
        key=lambda row: (-row[1].open, row[0]),
    )
    names = (
        _(
            "%(force)s: %(open)s open, %(overdue)s overdue of %(limited)s whose limit is known",
            force=name,
            open=counts.open,
            overdue=counts.overdue,
            limited=counts.limited,
        )
        for name, counts in shown
    )
    day = formatting.day(params.day)
    overdue = [counts.overdue for _, counts in shown]
    others = [counts.open - counts.overdue for _, counts in shown]
    title = (
        _(
            "Open recommendations by training force, %(day)s: overdue (dark), others (light)",
            day=day,
        )
        if params.training
        else _("Open recommendations by force, %(day)s: overdue (dark), others (light)", day=day)
    )
    return _drawn(_bars(title, names, (overdue, others)))


CHARTS = (stages_chart, months_chart, forces_chart)


def figures(counts: Counts) -> list[tuple[str, int]]:
    """Return the name and the count of each stage, in the order of the table."""
    return [(labels.STAGES_SHORT[stage], counts.stages.get(stage, 0)) for stage in labels.STAGES]


def _title_values(params: ChartParams) -> dict[str, str]:
    every = _("all training forces") if params.training else _("all forces")
    whose = formatting.force(params.force) if params.force else every
    return {"whose": whose, "day": formatting.day(params.day)}


def _bars(title: str, rows: Iterable[str], parts: Sequence[Sequence[int]]) -> Any:  # noqa: ANN401  the library has no types
    """Return a bar chart with a bar for each row, from the top down.

    A bar has a part for each sequence in `parts`.
    """
    names = [*rows]
    height = max(HEIGHT, ROW_HEIGHT * len(names) + 80)
    chart = _library().HorizontalStackedBar(
        **_options(title, height, (INK, GREY)), show_x_labels=False
    )
    chart.x_labels = names[::-1]
    for numbers in parts:
        chart.add(None, [*reversed(numbers)])
    return chart


def _lines(title: str, months: Sequence[Month]) -> Any:  # noqa: ANN401  see above
    """Return a line chart with a line for each measure."""
    chart = _library().Line(
        **_options(title, HEIGHT), show_dots=len(months) == 1, show_minor_x_labels=False,
        truncate_label=-1, include_x_axis=True,
    )  # fmt: skip
    chart.x_labels = [formatting.day(month.month) for month in months]
    chart.x_labels_major = chart.x_labels[:: len(months) // LABELS_MAX + 1]
    for measure, dash in DASHES.items():
        numbers = [getattr(month, measure) for month in months]
        chart.add(measure, numbers, stroke_style={"dasharray": dash})
    return chart


def _options(title: str, height: int, colors: tuple[str, ...] = (INK,)) -> dict[str, object]:
    """Return the options that all charts share."""
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
    chart.uuid = "chart"  # random otherwise, and no two responses would be equal
    chart.add_xml_filter(_without_script)
    return Response(bytes(chart.render()), media_type=SVG)


@cache
def _library() -> Any:  # noqa: ANN401  it has no types
    """Import the library on first use.

    It is slow to load, and most processes draw nothing.
    """
    import pygal  # type: ignore[import-untyped]  # noqa: PLC0415
    import pygal.style  # type: ignore[import-untyped]  # noqa: PLC0415

    # The library's import hook for its maps is obsolete: Python warns of it on every later import.
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]
    return pygal


def _without_script(root: Any) -> Any:  # noqa: ANN401 - the library's own tree
    for parent in list(root.iter()):
        for child in list(parent):
            if str(child.tag).endswith("script"):
                parent.remove(child)
    return root
