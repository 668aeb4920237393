"""The figures, the late, the changed and the restated of a board pack, all of one moment."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import replace

from adapters.ledger.history_cache import HistoryCache
from api.http.moment import moment, today
from api.http.problems import Request, Wrong
from api.request.query_params import ReadModelParams
from api.request.services import services
from api.request.waiting import kept_level
from domain.events.event import Event, History
from domain.history import chronology, state_of
from domain.recommendation.state import Recommendation, Stage
from domain.recommendation.worklist import Work
from domain.vocabulary.dates import add_months, last_moment
from domain.vocabulary.entry import Entry
from domain.vocabulary.values import Code
from projections.coverage import Coverage, Coverages, may_be_restated, read_coverage
from projections.filters import PAGE_MAX, ForceFilter, Training
from projections.progress.board import Board, read_board
from projections.progress.model import Progress
from projections.register.comparison import Differences, Differing, Pair, differing, figures
from projections.register.model import Register
from projections.register.views import CompareFilter, RestatementFilter
from projections.reports.model import Reports
from projections.runtime.read_model import ReadModel
from projections.worklist import listing
from projections.worklist.filter import WorklistFilter
from projections.worklist.late import Late, read_late
from projections.worklist.listing import OpenWork
from projections.worklist.model import Worklist

MONTHS_BETWEEN = 3
"""Months between two meetings, if only the later day is requested."""
LATE_SHOWN = CHANGES_SHOWN = 8
"""The most recommendations that a pack names as late, and as changed."""

LastMeeting = Annotated[
    date,
    Meta(
        description="The day of the last meeting; by default "
        f"{MONTHS_BETWEEN} months before the day of the pack."
    ),
]


class ForcePackParams(ReadModelParams, frozen=True, kw_only=True):
    """The day of a pack, the day of the last meeting, and the moment at which both are known."""

    read_models: ClassVar[tuple[type[ReadModel], ...]] = (Progress, Register, Reports, Worklist)

    since: LastMeeting | None = None

    @property
    def start(self) -> date:
        """The day of the last meeting."""
        if self.since or self.day.year == 1:
            return self.since or date.min
        return add_months(self.day, -MONTHS_BETWEEN)

    @property
    def frozen(self) -> datetime | None:
        """The last moment that the pack is as known at."""
        return self.known_at or min(last_moment(self.start), moment())

    @property
    def restates(self) -> bool:
        """Whether the pack uses what was recorded after the end of the last meeting's day."""
        return self.known_at is None or self.known_at > last_moment(self.start)

    def wrong(self) -> Iterator[Wrong]:
        """Yield what is wrong with the values, beyond their types."""
        yield from super().wrong()
        if self.since and self.since > self.day:
            yield Wrong(
                f"{self.since} is after {self.day}, the day of the pack.", parameter="since"
            )


class NationalPackParams(ForcePackParams, frozen=True, kw_only=True):
    """The same for all forces but the training forces, or for these alone."""

    training: Training | None = None


class Pack(Struct, frozen=True, kw_only=True):
    """All that a board pack shows, as of a ledger position."""

    force: Code | None
    training: bool
    since: date
    on: date
    known_at: datetime | None
    then: Board
    """The counts on the day of the last meeting; those of the pack's day are in `now`."""
    now: Board
    coverage: Coverages
    late: tuple[Late, ...]
    longest: OpenWork
    """The deadlines that passed at recommendations that are open, the longest ago first."""
    late_closed: int
    """How many deadlines passed at recommendations that are closed."""
    changes: Differences
    """Of the recommendations that changed, those to name: reopened, closed, newly overdue first."""
    changed: int
    """How many changed; if `changes` has a next page, more than that."""
    restates: bool
    """Whether it uses what was recorded after the end of the last meeting's day."""
    restated: Pair | None
    """That day as known at its end, and as known to the pack; None if no recommendation differs."""
    reports_restated: bool
    """Whether, though none differs, the reports of that day or their coverage do."""
    position: int


def read_pack(request: Request, force: Code | None, params: ForcePackParams) -> Pack:
    """Return a pack, once all lists are at one position. Raises ProblemError if they are not."""
    training = isinstance(params, NationalPackParams) and bool(params.training)
    lists = services(request).lists
    key = "pack", force, params.start, params.day, params.known_at, training
    return kept_level(
        request,
        params.read_models,
        key,
        lambda: lists.at_once(lambda: _read(request, force, params, training=training)),
        _apart,
    )


def _read(request: Request, force: Code | None, params: ForcePackParams, *, training: bool) -> Pack:
    day, since, known_at = params.day, params.start, params.known_at
    read = services(request).lists.read
    flag = training or None
    on = None if day == today() else day  # of today there are indexes
    every = ForceFilter(on=on, known_at=known_at, force=force, training=flag)
    late, position = read(lambda c: read_late(c, every, day))
    work = WorklistFilter(
        on=on, known_at=known_at, force=force, training=flag, work=Work.CHASE_OVERDUE,
        limit=LATE_SHOWN,
    )  # fmt: skip
    longest = read(lambda c: listing.still_open(c, work, day))
    between = CompareFilter(
        since=since, on=on, known_at=known_at, force=force, training=flag, limit=PAGE_MAX
    )
    later = RestatementFilter(on=since, known_at=known_at, force=force, training=flag, limit=1)

    changes = read(lambda c: differing(c, between, day))
    of_then = ForceFilter(on=since, known_at=known_at, force=force, training=flag)
    first = last_moment(since)
    recorded = params.restates and read(lambda c: may_be_restated(c, of_then, first, day))
    differs = recorded and bool(read(lambda c: differing(c, later, day)).items)

    def reports(filters: ForceFilter) -> Mapping[Code, Coverage]:
        return read(lambda c: read_coverage(c, filters, day)).forces

    def board(on: date) -> Board:
        return read(lambda c: read_board(c, on=on, known_at=known_at, force=force, training=flag))

    return Pack(
        force=force,
        training=training,
        since=since,
        on=day,
        known_at=known_at,
        then=board(since),
        now=board(day),
        coverage=read(lambda c: read_coverage(c, every, day)),
        late=late,
        longest=longest,
        late_closed=sum(counted.many for counted in late) - longest.total,
        changes=replace(changes, items=tuple(sorted(changes.items, key=_weight)[:CHANGES_SHOWN])),
        changed=len(changes.items),
        restates=params.restates,
        restated=read(lambda c: figures(c, later, day))[0] if differs else None,
        reports_restated=recorded
        and not differs
        and reports(replace(of_then, known_at=first)) != reports(of_then),
        position=position,
    )


def _weight(item: Differing) -> tuple[int, str]:
    before, after = item.before, item.after
    closed = [view is not None and view.stage is Stage.CLOSED for view in (before, after)]
    late = [view is not None and view.overdue for view in (before, after)]
    if closed[0] and not closed[1]:
        place = 0
    elif closed[1] and not closed[0]:
        place = 1
    elif late[1] and not late[0]:
        place = 2
    else:
        place = 3
    return place, item.reference


def _apart(pack: Pack) -> str:
    """Return which lists are at different positions, in words; nothing if none are."""
    positions = {
        "worklist": pack.position,
        "progress": pack.now.position,
        "register": pack.changes.position,
        "reports": pack.coverage.position,
    }
    if len(set(positions.values())) == 1:
        return ""
    return "; ".join(f"{name} has come to {position}" for name, position in positions.items())


class Story(Struct, frozen=True):
    """The standing steps of a recommendation by two days, as known to a pack, and its states."""

    then: tuple[Entry[Event], ...]
    now: tuple[Entry[Event], ...]
    state: Recommendation | None
    """On the second day, or on the first if nothing is left of it by the second."""

    @property
    def between(self) -> tuple[Entry[Event], ...]:
        """The steps that happened after the first day, by the end of the second."""
        before = {entry.step for entry in self.then}
        return tuple(entry for entry in self.now if entry.step not in before)


def read_stories(request: Request, pack: Pack, streams: Sequence[UUID]) -> Mapping[UUID, Story]:
    """Return the steps of some recommendations, up to the position of the pack."""
    ledger = services(request).ledger
    return {
        stream: _story(pack, history, ledger.cache)
        for stream, history in ledger.histories(streams).items()
        if history and history[0].position <= pack.position
    }


def _story(pack: Pack, history: History, cache: HistoryCache) -> Story:
    known = [
        entry
        for entry in history
        if entry.position <= pack.position
        and (pack.known_at is None or entry.stamp.at <= pack.known_at)
    ]
    steps = chronology(known)
    then, now = (
        tuple(placed.entry for placed in steps if placed.day <= day)
        for day in (pack.since, pack.on)
    )
    if len(known) == len(history) and len(now) == len(steps):
        state = cache.state(history)
    else:
        state = state_of(now)
    if not (isinstance(state, Recommendation) and state.issued):
        state = state_of(then)
    return Story(then, now, state if isinstance(state, Recommendation) else None)
