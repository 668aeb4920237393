"""The slippage of deadlines and decisions, of all forces and of each."""

import time
from datetime import date, datetime
from functools import partial
from typing import ClassVar

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from adapters.postgres.pools import Pool
from api.http.moment import today
from api.http.problems import ProblemError, Request
from api.request.published import as_published, is_public
from api.request.query_params import ForceParams
from api.request.services import services
from api.request.waiting import POLL_SECONDS, WAIT_SECONDS
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
    """Of how many nothing is recorded since publication."""
    verified: int
    slipped: dict[str, int]


class SlippageView(Struct, frozen=True, kw_only=True):
    """The counts of all recommendations shown, and of each force, as of a ledger position."""

    counts: Slipped
    forces: dict[Code, Slipped]
    half_years: tuple[HalfYear, ...]
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
    opened, until = services(request), time.monotonic() + WAIT_SECONDS
    key = "slippage", params.day, params.known_at, params.force, bool(params.training)
    read = partial(opened.lists.at_once, partial(_read, opened.lists, params))
    while True:
        board, closures = opened.answers.kept(opened.lists, params.read_models, key, read)
        if board.position == closures.position:
            break
        if time.monotonic() > until:
            words = (
                f"The progress has come to {board.position}, the register to {closures.position}."
            )
            raise ProblemError("behind", "" if is_public(request) else words)
        time.sleep(POLL_SECONDS)
    view = SlippageView(
        counts=_slipped(board.national),
        forces={code: _slipped(counts) for code, counts in board.forces.items()},
        half_years=closures.half_years,
        position=board.position,
        on=params.day,
        known_at=params.known_at,
    )
    return as_published(request, view)


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
    return Slipped(
        total=counts.total,
        not_known=counts.stages["not_known"],
        verified=counts.closed["verified"],
        slipped=counts.slipped,
    )
