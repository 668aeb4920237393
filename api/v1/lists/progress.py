"""The progress of each force and of all together; training is counted apart, on request."""

from datetime import date, datetime
from typing import ClassVar, cast

from anyio import to_thread
from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct
from msgspec.json import encode
from msgspec.structs import replace

from adapters.postgres.pools import Pool
from adapters.tables.whole import Reader
from api.http.moment import today
from api.http.problems import Request
from api.request.published import as_published, is_public
from api.request.query_params import ReadModelParams, TrainingParams
from api.request.services import services
from api.v1.known_counts import (
    KnownCounts,
    KnownMonth,
    known_counts,
    known_month,
)
from api.v1.lists.forces import named
from domain.vocabulary.values import Code
from projections.coverage import Coverage, Coverages, Holdings, read_coverage, read_holdings
from projections.filters import ForceFilter
from projections.progress.board import Counts, read_board
from projections.progress.model import Progress
from projections.progress.series import Month, read_series, read_series_of_forces
from projections.register.model import Register
from projections.reports.model import Reports
from projections.runtime.read_model import ReadModel
from projections.runtime.tracking import tracked_position_of
from projections.statements.model import Statements


class ProgressParams(TrainingParams, frozen=True, kw_only=True):
    """The day and moment at which to count, and whether training."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Progress, Register, Reports)


class ForceProgressParams(ReadModelParams, frozen=True, kw_only=True):
    """The day and moment at which to count one force."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Progress, Register, Reports)


class NationalProgress(Struct, frozen=True, kw_only=True):
    """The counts of all forces but training, together and singly, as of a position.

    If `training` is set, those of the training forces instead.
    """

    training: bool
    national: Counts
    forces: dict[Code, Counts]
    coverage: Coverages
    position: int
    on: date
    known_at: datetime | None


class PublishedProgress(Struct, frozen=True, kw_only=True):
    """The same as it is published: null where nothing is known of what would be counted."""

    training: bool
    national: KnownCounts
    forces: dict[Code, KnownCounts]
    coverage: Coverages
    position: int
    on: date
    known_at: datetime | None


class ForceProgress(Struct, frozen=True, kw_only=True):
    """The counts of one force, and at each month's end, as of a ledger position."""

    force: Code
    counts: Counts
    coverage: Coverage
    """How much of what was published about the force is on record."""
    series: tuple[Month, ...]
    position: int
    on: date
    known_at: datetime | None


class PublishedForceProgress(Struct, frozen=True, kw_only=True):
    """The same as it is published: null where nothing is known of what would be counted."""

    force: Code
    counts: KnownCounts
    coverage: Coverage
    """How much of what was published about the force is on record."""
    series: tuple[KnownMonth, ...]
    position: int
    on: date
    known_at: datetime | None


@get("/v1/progress", opt={"public": True})
async def get_progress(
    request: Request, params: NamedDependency[ProgressParams]
) -> Response[PublishedProgress]:
    """Return the progress of every force."""
    opened = services(request)
    key = is_public(request), params.day, params.known_at, bool(params.training)
    mark = await opened.positions.run(tracked_position_of(Progress))
    body = opened.answers.get(key, mark)
    if body is None:
        progress = await to_thread.run_sync(_board, opened.lists, params)
        body = encode(_published(await to_thread.run_sync(_shown, request, progress)))
        if progress.position == mark.position <= progress.coverage.position:
            opened.answers.put(key, mark, body)
    return cast("Response[PublishedProgress]", Response(body, media_type=MediaType.JSON))


def _published(progress: NationalProgress) -> PublishedProgress:
    return PublishedProgress(
        training=progress.training,
        national=known_counts(progress.national),
        forces={code: known_counts(counts) for code, counts in progress.forces.items()},
        coverage=progress.coverage,
        position=progress.position,
        on=progress.on,
        known_at=progress.known_at,
    )


def board_of(request: Request, params: ProgressParams) -> NationalProgress:
    """Return the counts of all forces, for the reader of a page."""
    opened = services(request)
    key = "board", params.day, params.known_at, bool(params.training)
    board = opened.answers.kept(
        opened.lists, params.read_models, key, lambda: _board(opened.lists, params)
    )
    return _shown(request, board)


def _shown(request: Request, progress: NationalProgress) -> NationalProgress:
    shown = as_published(request, progress)
    return replace(shown, coverage=as_published(request, progress.coverage))


def _board(lists: Pool, params: ProgressParams) -> NationalProgress:
    of_all = ForceFilter(on=params.on, known_at=params.known_at, training=params.training)
    board, coverage = lists.at_once(
        lambda: lists.read(
            lambda c: (
                read_board(c, on=params.day, known_at=params.known_at, training=params.training),
                read_coverage(c, of_all, today()),
            )
        )
    )
    return NationalProgress(
        training=bool(params.training),
        national=board.national,
        forces=board.forces,
        coverage=coverage,
        position=board.position,
        on=params.day,
        known_at=params.known_at,
    )


def holdings(request: Request) -> Holdings:
    """Return what this copy of the record holds today."""
    opened = services(request)
    return opened.answers.kept(
        opened.lists, (Reports, Statements), "holdings", lambda: opened.lists.read(read_holdings)
    )


def months_of(request: Request, params: ProgressParams) -> tuple[Month, ...]:
    """Return the counts of all forces together, month by month."""
    opened = services(request)
    day, known_at, training = params.day, params.known_at, bool(params.training)
    return opened.answers.kept(
        opened.lists,
        (Progress,),
        ("months", day, known_at, training),
        lambda: opened.lists.read(
            lambda c: read_series(c, on=day, known_at=known_at, training=training)
        ),
    )


def months_of_forces(request: Request, params: ProgressParams) -> dict[Code, tuple[Month, ...]]:
    """Return the counts of each force that has any, month by month."""
    opened = services(request)
    day, known_at, training = params.day, params.known_at, bool(params.training)

    def read(cursor: Reader) -> dict[Code, tuple[Month, ...]]:
        board = read_board(cursor, on=day, known_at=known_at, training=training)
        return read_series_of_forces(cursor, board, on=day, known_at=known_at)

    return opened.answers.kept(
        opened.lists,
        (Progress,),
        ("months of forces", day, known_at, training),
        lambda: opened.lists.at_once(lambda: opened.lists.read(read)),
    )


@get("/v1/progress/{code:str}", opt={"public": True}, sync_to_thread=True)
def get_force_progress(
    request: Request, code: FromPath[Code], params: NamedDependency[ForceProgressParams]
) -> PublishedForceProgress:
    """Return the progress of one force, with its series by month."""
    progress = of_force(request, code, params)
    return PublishedForceProgress(
        force=progress.force,
        counts=known_counts(progress.counts),
        coverage=progress.coverage,
        series=tuple(map(known_month, progress.series)),
        position=progress.position,
        on=progress.on,
        known_at=progress.known_at,
    )


def of_force(request: Request, code: Code, params: ForceProgressParams) -> ForceProgress:
    """Return the progress of one force, with its series by month. Raises NotFound if unknown."""
    opened, force = services(request), named(code).code
    progress = opened.answers.kept(
        opened.lists,
        params.read_models,
        ("force", force, params.day, params.known_at),
        lambda: _of_force(opened.lists, force, params),
    )
    return as_published(request, progress)


def _of_force(lists: Pool, force: Code, params: ForceProgressParams) -> ForceProgress:
    of_this = ForceFilter(on=params.on, known_at=params.known_at, force=force)
    board, series, coverage = lists.at_once(
        lambda: lists.read(
            lambda c: (
                read_board(c, on=params.day, known_at=params.known_at, force=force),
                read_series(c, on=params.day, known_at=params.known_at, force=force),
                read_coverage(c, of_this, today()),
            )
        )
    )
    return ForceProgress(
        force=force,
        counts=board.forces[force],
        coverage=coverage.forces[force],
        series=series,
        position=board.position,
        on=params.day,
        known_at=params.known_at,
    )
