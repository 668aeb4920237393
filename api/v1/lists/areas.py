"""Recommendations counted by area and force."""

from datetime import date, datetime
from typing import ClassVar

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from api.http.moment import today
from api.http.problems import Request
from api.request.published import as_published
from api.request.query_params import TrainingParams
from api.request.services import services
from api.v1.known_counts import KnownAreaCounts, known_area
from projections.register import areas
from projections.register.areas import AreasPage
from projections.register.model import Register
from projections.runtime.read_model import ReadModel


class AreasParams(TrainingParams, frozen=True, kw_only=True):
    """The day and moment at which to count, and whether training."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Register,)


class KnownAreasPage(Struct, frozen=True, kw_only=True):
    """The counts by area and force, as of a position of the ledger.

    An area at a force that has none is left out.
    """

    items: tuple[KnownAreaCounts, ...]
    position: int
    on: date
    known_at: datetime | None


@get("/v1/areas", opt={"public": True}, sync_to_thread=True)
def list_areas(request: Request, params: NamedDependency[AreasParams]) -> KnownAreasPage:
    """Count recommendations by area and force."""
    page = counted(request, params)
    return KnownAreasPage(
        items=tuple(map(known_area, page.items)),
        position=page.position,
        on=page.on,
        known_at=page.known_at,
    )


def counted(request: Request, params: AreasParams) -> AreasPage:
    """Return the counts of recommendations by area and force."""
    opened = services(request)
    page = opened.answers.kept(
        opened.lists,
        params.read_models,
        ("areas", params.day, params.known_at, bool(params.training)),
        lambda: opened.lists.read(lambda c: areas.count(c, params, today())),
    )
    return as_published(request, page)
