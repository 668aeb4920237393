"""Recommendations across forces, by the area that they are about."""

from datetime import date, datetime
from typing import ClassVar, LiteralString

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from api.http.problems import Request
from api.request.query_params import ReadModelParams, today
from api.request.services import services
from projections.register import areas


class AreasParams(ReadModelParams, frozen=True, kw_only=True):
    """As at which day, as known at which moment."""

    read_model: ClassVar[LiteralString | None] = "register"


class Areas(Struct, frozen=True, kw_only=True):
    """The counts of each area at each force that has any, training left out; as of a position."""

    items: tuple[areas.AreaCounts, ...]
    position: int
    on: date
    known_at: datetime | None


@get("/v1/areas", opt={"public": True}, sync_to_thread=True)
def list_areas(request: Request, params: NamedDependency[AreasParams]) -> Areas:
    """How many recommendations there are by area and force."""
    return counted(request, params)


def counted(request: Request, params: AreasParams) -> Areas:
    """How many recommendations there are by area and force."""
    rows = services(request).ledger.rows
    found = rows.read(
        lambda c: areas.counts(c, today=today(), on=params.on, known_at=params.known_at)
    )
    return Areas(
        items=found.items, position=found.position, on=params.day, known_at=params.known_at
    )
