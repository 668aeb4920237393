"""One area across all forces: what inspectors find again and again, and how far each has come."""

from collections.abc import Iterable, Mapping

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from api.http.problems import Asker
from api.pages.rendering import formatting, labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, answered
from api.v1.lists import areas
from api.v1.lists.areas import AreasAsked
from domain.vocabulary.errors import Absent
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
def list_areas(request: Asker) -> Response[bytes]:
    """Every area, all forces together."""
    sent = query_form.read(request, AreasAsked)
    found = areas.counted(request, sent.asked)
    rows = {
        address: (area, _sum(one for one in found.items if one.area == area), _editions(area))
        for address, area in IN_ADDRESSES.items()
    }
    return answered(
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
def show_area(request: Asker, address: FromPath[str]) -> Response[bytes]:
    """One area, force by force."""
    if address not in IN_ADDRESSES:
        raise Absent("There is no such area.")
    area = IN_ADDRESSES[address]
    sent = query_form.read(request, AreasAsked)
    found = areas.counted(request, sent.asked)
    here = sorted((one for one in found.items if one.area == area), key=_name_of)
    return answered(
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
