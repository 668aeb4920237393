"""How deadlines and decisions gave way, of all forces and of each."""

from datetime import date, datetime
from typing import ClassVar, LiteralString

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from api.http.problems import Request
from api.request.query_params import ForceParams, today
from api.request.services import services
from domain.recommendation.slippage import HalfYear
from domain.vocabulary.values import Code
from projections.progress.board import Counts, read_board
from projections.register import closures


class SlippageParams(ForceParams, frozen=True, kw_only=True):
    """As at which day, as known when; of which force, else of all but the training force."""

    read_model: ClassVar[LiteralString | None] = "register"


class Slipped(Struct, frozen=True, kw_only=True):
    """How many recommendations there are, were closed as verified, and slipped in which way."""

    total: int
    verified: int
    slipped: dict[str, int]


class Slippage(Struct, frozen=True, kw_only=True):
    """The counts of all that was asked for, and of each force in it; as of a position."""

    counts: Slipped
    forces: dict[Code, Slipped]
    half_years: tuple[HalfYear, ...]
    position: int
    on: date
    known_at: datetime | None


@get("/v1/slippage", opt={"public": True}, sync_to_thread=True)
def get_slippage(request: Request, params: NamedDependency[SlippageParams]) -> Slippage:
    """Time limits changed, reopened, closed without new evidence, closures before half-years."""
    return slippage_view(request, params)


def slippage_view(request: Request, params: SlippageParams) -> Slippage:
    """How deadlines and decisions gave way."""
    ledger = services(request).ledger
    board = ledger.rows.read(
        lambda c: read_board(c, on=params.day, known_at=params.known_at, force=params.force)
    )
    found = ledger.rows.read(
        lambda c: closures.closed(
            c, today=today(), on=params.on, known_at=params.known_at, force=params.force
        )
    )
    return Slippage(
        counts=_slipped(board.national),
        forces={code: _slipped(counts) for code, counts in board.forces.items()},
        half_years=found.half_years,
        position=min(found.position, board.position),
        on=params.day,
        known_at=params.known_at,
    )


def _slipped(counts: Counts) -> Slipped:
    return Slipped(total=counts.total, verified=counts.closed["verified"], slipped=counts.slipped)
