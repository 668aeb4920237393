"""One area across all forces: what inspectors find again and again, and how far each has come."""

from collections.abc import Iterable, Mapping

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from api.http.problems import Request
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, render_view
from api.v1.lists import areas
from api.v1.lists.areas import AreasParams
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import AREAS, Area
from projections.register.areas import AreaCounts

IN_ADDRESSES: Mapping[str, Area] = {
    area.replace("/", "-"): area
    for edition in AREAS.values()
    for area in sorted(edition, key=labels.AREAS.__getitem__)
}
"""Every area by what stands for it in an address."""


class Row(Struct, frozen=True):
    """The counts of one area, or of one force in it."""

    total: int = 0
    open: int = 0
    overdue: int = 0
    claimed: int = 0


@get("/areas", opt=OPT, sync_to_thread=True)
def list_areas(request: Request) -> Response[bytes]:
    """Every area, all forces together."""
    sent = query_form.read(request, AreasParams)
    found = areas.counted(request, sent.params)
    rows = {
        address: (area, _sum(one for one in found.items if one.area == area), _editions(area))
        for address, area in IN_ADDRESSES.items()
    }
    return render_view(
        request,
        "pages/public/areas.html",
        sent,
        title=_("Areas of inspection"),
        crumbs=[HOME],
        on=found.on,
        rows=rows,
        position=found.position,
    )


@get("/areas/{address:str}", opt=OPT, sync_to_thread=True)
def show_area(request: Request, address: FromPath[str]) -> Response[bytes]:
    """One area, force by force."""
    if address not in IN_ADDRESSES:
        raise NotFound("There is no such area.")
    area = IN_ADDRESSES[address]
    sent = query_form.read(request, AreasParams)
    found = areas.counted(request, sent.params)
    here = sorted((one for one in found.items if one.area == area), key=_name_of)
    return render_view(
        request,
        "pages/public/area.html",
        sent,
        title=labels.AREAS[area],
        crumbs=[HOME, {"text": N_("Areas"), "href": "/areas"}],
        on=found.on,
        area=area,
        editions=_editions(area),
        every=_sum(here),
        rows=here,
        position=found.position,
    )


THEME_PAGES = (list_areas, show_area)


def _sum(counts: Iterable[AreaCounts]) -> Row:
    rows = [(one.total, one.open, one.overdue, one.claimed) for one in counts]
    return Row(*(sum(column) for column in zip(*rows, strict=True)))


def _name_of(counts: AreaCounts) -> str:
    return formatting.force(counts.force)


def _editions(area: Area) -> str:
    """The editions of the methodology that have an area."""
    return _(" and ").join(
        labels.EDITIONS[edition] for edition, listed in AREAS.items() if area in listed
    )
