"""Recommendations across forces, by the area that they are about."""

from datetime import date, datetime
from typing import ClassVar, LiteralString

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from api.http.problems import Asker
from api.request.query_params import Reaching, today
from api.request.services import services
from projections.register import areas


class AreasAsked(Reaching, frozen=True, kw_only=True):
    """As at which day, as known at which moment."""

    read_model: ClassVar[LiteralString | None] = "register"


class Areas(Struct, frozen=True, kw_only=True):
    """The counts of each area at each force that has any, training left out; as of a position."""

    items: tuple[areas.AreaCounts, ...]
    position: int
    on: date
    known_at: datetime | None


@get("/v1/areas", opt={"public": True}, sync_to_thread=True)
def list_(request: Asker, asked: NamedDependency[AreasAsked]) -> Areas:
    """How many recommendations there are by area and force."""
    return counted(request, asked)


def counted(request: Asker, asked: AreasAsked) -> Areas:
    """How many recommendations there are by area and force."""
    rows = services(request).ledger.rows
    found = rows.read(
        lambda c: areas.counts(c, today=today(), on=asked.on, known_at=asked.known_at)
    )
    return Areas(items=found.items, position=found.position, on=asked.day, known_at=asked.known_at)
