"""Pages of inspection areas: all areas together, and one area force by force."""

from collections.abc import Iterable, Mapping, Sequence

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from api.http.problems import Request
from api.pages.public.statements import reports_named
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import N_, joined
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, render_view, with_as_of
from api.v1.lists import areas, register, statements
from api.v1.lists.areas import AreasParams
from api.v1.lists.register import RegisterParams
from api.v1.lists.statements import StatementsParams
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import AREAS, Area
from projections.register.areas import AreaCounts

IN_ADDRESSES: Mapping[str, Area] = {
    area.replace("/", "-"): area
    for edition in AREAS.values()
    for area in sorted(edition, key=labels.AREAS.__getitem__)
}
"""Every area by its name in addresses."""
SAID_SHOWN = 30
"""The most statements on the page of an area; their list has the rest."""


class AreaRow(Struct, frozen=True):
    """The counts of an area, or of a force in it."""

    total: int = 0
    open: int = 0
    limited: int = 0
    overdue: int = 0
    claimed: int = 0
    not_known: int = 0
    met: int = 0
    partly_met: int = 0
    not_met: int = 0
    too_early: int = 0
    narrative: int = 0

    @property
    def found(self) -> int:
        """How many have a finding: the base of the shares."""
        return self.met + self.partly_met + self.not_met + self.too_early + self.narrative


@get("/areas", opt=OPT, sync_to_thread=True)
def list_areas(request: Request) -> Response[bytes]:
    """List every area, all forces together."""
    query = query_form.read_known(request, AreasParams)
    view = areas.counted(request, query.params)
    sums = by_area(view.items)
    rows = {address: (area, sums[area], _editions(area)) for address, area in IN_ADDRESSES.items()}
    return render_view(
        request,
        "pages/public/areas.html",
        query,
        title=_("Inspection areas"),
        crumbs=[HOME],
        on=view.on,
        rows=rows,
        followed_up=any(counts.found for counts in sums.values()),
        position=view.position,
    )


@get("/areas/{address:str}", opt=OPT, sync_to_thread=True)
def show_area(request: Request, address: FromPath[str]) -> Response[bytes]:
    """Show an area, force by force."""
    if address not in IN_ADDRESSES:
        raise NotFound("There is no such area.")
    area = IN_ADDRESSES[address]
    query = query_form.read_known(request, AreasParams)
    view = areas.counted(request, query.params)
    listed = register.register_page(request, _of_area(area, query.params))
    said = statements.statements_page(
        request,
        StatementsParams(
            area=area,
            limit=SAID_SHOWN,
            on=query.params.on,
            known_at=query.params.known_at,
            training=query.params.training,
        ),
    )
    here = sorted((counts for counts in view.items if counts.area == area), key=_force_name)
    return render_view(
        request,
        "pages/public/area.html",
        query,
        title=labels.AREAS[area],
        crumbs=[HOME, {"text": N_("Areas"), "href": "/areas"}],
        on=view.on,
        area=area,
        editions=_editions(area),
        every=_sum(here),
        rows=here,
        listed=listed,
        said=said,
        known=reports_named(request, said.items, query.params),
        position=min(view.position, said.position),
    )


def by_area(items: Sequence[AreaCounts]) -> Mapping[Area, AreaRow]:
    """Return the counts of every area, all forces together."""
    return {
        area: _sum(counts for counts in items if counts.area == area)
        for area in IN_ADDRESSES.values()
    }


THEME_PAGES = (list_areas, show_area)


def _of_area(area: Area, params: AreasParams) -> RegisterParams:
    """Return the query of an area's recommendations, real or training, as of the page's day."""
    return with_as_of(RegisterParams(area=area, training=params.training), params)


def _sum(items: Iterable[AreaCounts]) -> AreaRow:
    rows = [[getattr(counts, name) for name in AreaRow.__struct_fields__] for counts in items]
    return AreaRow(*(sum(column) for column in zip(*rows, strict=True)))


def _force_name(counts: AreaCounts) -> str:
    return formatting.force(counts.force)


def _editions(area: Area) -> str:
    """Return the editions of the methodology that have an area, in words."""
    return joined(
        [
            labels.EDITIONS[edition]
            for edition, areas in AREAS.items()
            if area in areas and edition != "n/a"
        ]
    )
