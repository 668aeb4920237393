"""Figures drawn: the same as in the tables beside them, as SVG that no script moves."""

import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from api import progress
from api.asking import ForceCode, unknown
from api.pages import words
from api.pages.parts import OPT
from api.problems import Asker, Wrong
from api.progress import ProgressAsked
from api.services import services
from projections.progress import Counts

SVG = "image/svg+xml"
INK, PAPER = "#0b0c0c", "#ffffff"
WIDTH, HEIGHT = 800, 400


class ChartAsked(ProgressAsked, frozen=True, kw_only=True):
    """As at which day, as known when; of which force, else of all but the training force."""

    force: ForceCode | None = None

    def wrong(self) -> Iterator[Wrong]:
        """What a form alone does not tell."""
        yield from super().wrong()
        yield from unknown(self.force)


@get("/charts/stages.svg", opt=OPT, sync_to_thread=True)
def stages_chart(request: Asker, asked: NamedDependency[ChartAsked]) -> Response[bytes]:
    """How many recommendations stand where: bars, each named with its figure, so none by colour."""
    board = progress.board_of(services(request).ledger, asked)
    counts = board.forces[asked.force] if asked.force else board.national
    whose = words.force(asked.force) if asked.force else "all forces"
    title = f"Recommendations to {whose} by where they stand, {words.day(board.on)}"
    return Response(_bars(title, figures(counts)), media_type=SVG)


def figures(counts: Counts) -> list[tuple[str, int]]:
    """Each stage's name and how many stand there, in the order of the table."""
    return [(words.STAGES_SHORT[stage], counts.stages.get(stage, 0)) for stage in words.STAGES]


def _bars(title: str, shown: list[tuple[str, int]]) -> bytes:
    pygal = _library()
    style: Any = pygal.style.Style(
        background=PAPER, plot_background=PAPER, foreground=INK, foreground_strong=INK,
        foreground_subtle=INK, colors=(INK,), opacity="1",
        font_family="arial, sans-serif", title_font_size=16, label_font_size=14,
        major_label_font_size=14,
    )  # fmt: skip
    chart: Any = pygal.HorizontalBar(
        title=title, style=style, js=(), width=WIDTH, height=HEIGHT, show_legend=False,
        show_x_labels=False,
    )  # fmt: skip
    chart.x_labels = [f"{name}: {number}" for name, number in reversed(shown)]
    chart.add("Recommendations", [number for _, number in reversed(shown)])
    chart.uuid = "stages"  # else drawn by lot, and no two answers the same
    chart.add_xml_filter(_without_script)
    return bytes(chart.render())


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
