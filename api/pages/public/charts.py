"""Charts: the figures of the tables beside them, as SVG without scripts."""

from collections.abc import Sequence

from litestar import Response, get
from litestar.di import NamedDependency

from api.http.problems import Request
from api.pages.public.areas import by_area
from api.pages.public.figures.boards import LATEST_MONTHS, Flow, flow
from api.pages.rendering import formatting, labels
from api.pages.rendering.figures import svg
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import OPT
from api.request.query_params import ForceParams, TrainingParams
from api.request.services import services
from api.v1.known_counts import KnownMonth, known_month
from api.v1.lists import areas, progress
from api.v1.lists.areas import AreasParams
from api.v1.lists.measures import ages_of
from api.v1.lists.progress import ProgressParams
from api.v1.lists.register import RegisterParams
from projections.progress.board import Counts, read_board
from projections.progress.series import Month, read_series

SVG = "image/svg+xml"
DASHES = {"open": "none", "overdue": "12 6", "closed": "3 5", "not_known": "12 4 3 4"}
"""The dashes that tell the lines apart; the page names them in words."""


class ChartParams(ForceParams, frozen=True, kw_only=True):
    """The day, the known moment and the force.

    Without a force, all but the training forces.
    """

    read_models = ProgressParams.read_models


class AgesParams(ChartParams, frozen=True, kw_only=True):
    """The same, of the register."""

    read_models = RegisterParams.read_models


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
    rows = [(f"{name}: {number}", [number]) for name, number in shown]
    return _answer(svg.bars(title, rows, _nothing()))


@get("/charts/months.svg", opt=OPT, sync_to_thread=True)
def months_chart(request: Request, params: NamedDependency[ChartParams]) -> Response[bytes]:
    """Draw the open, overdue and closed counts at the end of each latest month."""
    months = [known_month(month) for month in _months(request, params)[-LATEST_MONTHS:]]
    title = _(
        "Recommendations to %(whose)s by month up to %(day)s:"
        " open (solid), overdue (dashed), closed (dotted), not known (dashes and dots)",
        **_title_values(params),
    )
    shown = {
        dashes: [getattr(month, measure) for month in months] for measure, dashes in DASHES.items()
    }
    return _answer(svg.lines(title, _ends(months), shown, _nothing()))


@get("/charts/flow.svg", opt=OPT, sync_to_thread=True)
def flow_chart(request: Request, params: NamedDependency[ChartParams]) -> Response[bytes]:
    """Draw how many recommendations were issued and closed in each latest month."""
    months = flow(_months(request, params))
    title = _(
        "Recommendations to %(whose)s that were issued (up) and closed (down),"
        " by month up to %(day)s",
        **_title_values(params),
    )
    issued, closed = [month.issued for month in months], [month.closed or 0 for month in months]
    return _answer(svg.columns(title, _ends(months), issued, closed, _nothing()))


@get("/charts/ages.svg", opt=OPT, sync_to_thread=True)
def ages_chart(request: Request, params: NamedDependency[AgesParams]) -> Response[bytes]:
    """Draw how long the open recommendations have been open: a bar for each band of age."""
    ages = ages_of(request, params)
    rows = [
        (f"{name}: {band.many}", [band.many])
        for name, band in zip(labels.AGES.values(), ages.bands, strict=True)
    ]
    title = _("Open recommendations to %(whose)s by age, %(day)s", **_title_values(params))
    return _answer(svg.bars(title, rows, _nothing()))


@get("/charts/forces.svg", opt=OPT, sync_to_thread=True)
def forces_chart(request: Request, params: NamedDependency[ProgressParams]) -> Response[bytes]:
    """Draw the open recommendations of each force that has any, most first."""
    forces = progress.board_of(request, params).forces
    shown = sorted(
        ((formatting.force(code), counts) for code, counts in forces.items() if counts.open),
        key=lambda row: (-row[1].open, row[0]),
    )
    rows = [
        (
            _(
                "%(force)s: %(open)s open, %(overdue)s overdue of %(limited)s with a last day that "
                "is known",
                force=name,
                open=counts.open,
                overdue=counts.overdue,
                limited=counts.limited,
            ),
            _by_last_day(counts),
        )
        for name, counts in shown
    ]
    title = _(
        "Open recommendations to %(whose)s, %(day)s: overdue (dark), not overdue with a last day "
        "that is known (grey), with no last day that is known or set (white)",
        **_title_values(params),
    )
    return _answer(svg.bars(title, rows, _nothing()))


def _by_last_day(counts: Counts) -> tuple[int, int, int]:
    """Return how many are overdue, how many are not, and how many have no last day to go by."""
    limited = min(counts.limited, counts.open)
    return counts.overdue, limited - counts.overdue, counts.open - limited


@get("/charts/forces-months.svg", opt=OPT, sync_to_thread=True)
def forces_months_chart(
    request: Request, params: NamedDependency[ProgressParams]
) -> Response[bytes]:
    """Draw how many were open at each force in each latest month, all to one scale."""
    every = progress.months_of_forces(request, params)
    latest = {code: months[-LATEST_MONTHS:] for code, months in every.items()}
    length = max(map(len, latest.values()), default=0)
    rows: list[tuple[str, list[int]]] = []
    for code, months in latest.items():
        numbers = [0] * (length - len(months)) + [month.open for month in months]
        if any(numbers):
            words = _("%(force)s: %(open)s open", force=formatting.force(code), open=numbers[-1])
            rows.append((words, numbers))
    longest = max(latest.values(), key=len, default=())
    title = _(
        "Open recommendations to each force at the end of each month up to %(day)s, to one scale",
        day=formatting.day(params.day),
    )
    return _answer(svg.multiples(title, _ends(longest), sorted(rows), _nothing()))


@get("/charts/areas.svg", opt=OPT, sync_to_thread=True)
def areas_chart(request: Request, params: NamedDependency[AreasParams]) -> Response[bytes]:
    """Draw the latest findings of follow-ups in each area that has any."""
    counted = by_area(areas.counted(request, params).items)
    rows = [
        (
            _(
                "%(area)s: %(met)s met, %(partly_met)s partly met, %(not_met)s not met",
                area=labels.AREAS[area],
                met=counts.met,
                partly_met=counts.partly_met,
                not_met=counts.not_met,
            ),
            (counts.met, counts.partly_met, counts.not_met),
        )
        for area, counts in counted.items()
        if counts.met or counts.partly_met or counts.not_met
    ]
    title = _(
        "Latest findings on recommendations to %(whose)s by area, %(day)s:"
        " met (dark), partly met (grey), not met (white)",
        **_title_values(params),
    )
    return _answer(svg.bars(title, rows, _nothing()))


CHARTS = (
    stages_chart,
    months_chart,
    flow_chart,
    ages_chart,
    forces_chart,
    forces_months_chart,
    areas_chart,
)


def figures(counts: Counts) -> list[tuple[str, int]]:
    """Return the name and the count of each stage, in the order of the table."""
    return [(labels.STAGES_SHORT[stage], counts.stages.get(stage, 0)) for stage in labels.STAGES]


def _title_values(params: TrainingParams) -> dict[str, str]:
    force = params.force if isinstance(params, ChartParams) else None
    every = _("all training forces") if params.training else _("all forces")
    whose = formatting.force(force) if force else every
    return {"whose": whose, "day": formatting.day(params.day)}


def _months(request: Request, params: ChartParams) -> Sequence[Month]:
    return services(request).lists.read(
        lambda c: read_series(
            c,
            on=params.day,
            known_at=params.known_at,
            force=params.force,
            training=params.training,
        )
    )


def _ends(months: Sequence[Month | KnownMonth | Flow]) -> tuple[str, str]:
    """Return the names of the first and the last month."""
    if not months:
        return "", ""
    return formatting.day(months[0].month), formatting.day(months[-1].month)


def _nothing() -> str:
    return _("Nothing is on record")


def _answer(chart: bytes) -> Response[bytes]:
    return Response(chart, media_type=SVG)
