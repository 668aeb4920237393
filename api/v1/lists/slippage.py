"""The slippage of deadlines and decisions, of all forces and of each."""

from datetime import date, datetime
from functools import partial
from typing import ClassVar

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from adapters.postgres.pools import Pool
from api.http.moment import today
from api.http.problems import Request
from api.request.published import as_published
from api.request.query_params import ForceParams
from api.request.services import services
from api.request.waiting import kept_level
from api.v1.known_counts import known_counts
from domain.recommendation.slippage import HalfYear
from domain.vocabulary.values import Code
from projections.progress.board import Board, Counts, read_board
from projections.progress.model import Progress
from projections.register.closures import RecentClosures, recent_closures
from projections.register.model import Register
from projections.runtime.read_model import ReadModel


class SlippageParams(ForceParams, frozen=True, kw_only=True):
    """The day, the moment, and the force; all but the training forces by default."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Register, Progress)


class Slipped(Struct, frozen=True, kw_only=True):
    """Counts of all recommendations, those closed as verified, and those slipped, by way."""

    total: int
    not_known: int
    """Of how many it is not known where they stand."""
    verified: int | None
    """None, as the ways, if it is known of none where it stands."""
    slipped: dict[str, int | None]


class SlippageView(Struct, frozen=True, kw_only=True):
    """The counts of all recommendations shown, and of each force, as of a ledger position."""

    counts: Slipped
    forces: dict[Code, Slipped]
    half_years: tuple[HalfYear, ...]
    closed_earlier: int
    """How many were closed on a day before these half-years, and not reopened since."""
    position: int
    on: date
    known_at: datetime | None


@get("/v1/slippage", opt={"public": True}, sync_to_thread=True)
def get_slippage(request: Request, params: NamedDependency[SlippageParams]) -> SlippageView:
    """Count time limits changed, reopenings, closures without new evidence or before half-years."""
    return slippage_view(request, params)


def slippage_view(request: Request, params: SlippageParams) -> SlippageView:
    """Return the slippage of deadlines and decisions, all of it as of one position.

    Raises ProblemError if the read models stay apart.
    """
    lists = services(request).lists
    key = "slippage", params.day, params.known_at, params.force, bool(params.training)
    read = partial(lists.at_once, partial(_read, lists, params))
    board, closures = kept_level(request, params.read_models, key, read, _apart)
    view = SlippageView(
        counts=_slipped(board.national),
        forces={code: _slipped(counts) for code, counts in board.forces.items()},
        half_years=closures.half_years,
        closed_earlier=closures.earlier,
        position=board.position,
        on=params.day,
        known_at=params.known_at,
    )
    return as_published(request, view)


def _apart(counted: tuple[Board, RecentClosures]) -> str:
    board, closures = counted
    if board.position == closures.position:
        return ""
    return f"The progress has come to {board.position}, the register to {closures.position}."


def _read(lists: Pool, params: SlippageParams) -> tuple[Board, RecentClosures]:
    board = lists.read(
        lambda c: read_board(
            c,
            on=params.day,
            known_at=params.known_at,
            force=params.force,
            training=params.training,
        )
    )
    return board, lists.read(lambda c: recent_closures(c, params, today()))


def _slipped(counts: Counts) -> Slipped:
    known = known_counts(counts)
    return Slipped(
        total=counts.total,
        not_known=counts.stages["not_known"],
        verified=known.closed["verified"],
        slipped=known.slipped,
    )
