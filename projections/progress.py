"""The progress of every force: counts on any day, as known at any moment.

Nothing is counted twice or overwritten. The table holds differences: from this day on one more
or one less of something, known since a moment. A count is a sum of differences, and what becomes
true by itself on a later day, like being overdue, is a difference on that day.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any, ClassVar, LiteralString

from msgspec import Struct
from psycopg import Cursor
from psycopg.sql import SQL, Identifier

from domain.clocks import action_plan, overdue_from
from domain.dates import exact
from domain.forces import ADDRESSEES
from domain.life import State
from domain.recommendation import Recommendation, Stage
from domain.values import CloseReason, Code, Kind
from projections.bitemporal import EVER
from projections.pieces import Change, Content, Piece
from projections.runtime import ReadModel

TOTAL = "total"
OVERDUE = "overdue"
PLAN_OVERDUE = "plan_overdue"
CLAIMED = "claimed"
TO_PLAN = "days_to_plan"
TO_CLOSE = "days_to_close"
SERIES_MONTHS_MAX = 240

Measured = tuple[str, int]
"""A measure, and a value where one is told apart by days."""


class Figures(Struct, frozen=True):
    """What counts of one recommendation."""

    force: Code
    kind: Kind
    stage: Stage
    claimed: bool
    assurance: str | None
    closed_reason: CloseReason | None
    overdue_from: date | None
    plan_overdue_from: date | None
    days_to_plan: int | None
    days_to_close: int | None


def figures(state: Recommendation) -> Figures | None:
    """What counts of a state."""
    if state.issued is None:
        return None
    plan = action_plan(state, date.min)
    plan_due = plan.due_latest if plan.stopped_on is None and state.open else None
    issued = exact(state.issued_on)
    planned = exact(state.first_plan_on)
    closed = exact(state.closure.on) if state.closure else None
    return Figures(
        force=state.issued.addressee,
        kind=state.issued.kind,
        stage=state.stage,
        claimed=state.claim is not None,
        assurance=state.assurance.level if state.assurance else None,
        closed_reason=state.closure.reason if state.closure else None,
        overdue_from=overdue_from(state),
        plan_overdue_from=plan_due + timedelta(days=1) if plan_due else None,
        days_to_plan=(planned - issued).days if planned and issued else None,
        days_to_close=(closed - issued).days if closed and issued else None,
    )


def differences(piece: Piece) -> Iterator[tuple[Code, Kind, str, int, date, int]]:
    """What a piece adds to the counts: one more from a day on, one less when it ends."""
    content = piece.content
    if not isinstance(content, Figures):
        return
    for (measure, value), begins in _measures(content, piece.since):
        if piece.until is None or begins < piece.until:
            yield (content.force, content.kind, measure, value, begins, 1)
            if piece.until is not None:
                yield (content.force, content.kind, measure, value, piece.until, -1)


def _measures(content: Figures, since: date) -> Iterator[tuple[Measured, date]]:
    yield (TOTAL, 0), since
    yield (f"stage:{content.stage}", 0), since
    if content.claimed:
        yield (CLAIMED, 0), since
    if content.assurance:
        yield (content.assurance, 0), since
    if content.closed_reason:
        yield (f"closed:{content.closed_reason}", 0), since
    if content.overdue_from:
        yield (OVERDUE, 0), max(since, content.overdue_from)
    if content.plan_overdue_from:
        yield (PLAN_OVERDUE, 0), max(since, content.plan_overdue_from)
    if content.days_to_plan is not None:
        yield (TO_PLAN, content.days_to_plan), since
    if content.days_to_close is not None:
        yield (TO_CLOSE, content.days_to_close), since


class Progress(ReadModel):
    """Differences that add up to every count."""

    name = "progress"
    tables: ClassVar[LiteralString] = """
        CREATE TABLE difference (
            force text NOT NULL,
            kind text NOT NULL,
            measure text NOT NULL,
            value integer NOT NULL,
            day date NOT NULL,
            known_from timestamptz NOT NULL,
            delta integer NOT NULL CHECK (delta <> 0)
        );
        CREATE INDEX difference_force ON difference
            (force, day, known_from) INCLUDE (kind, measure, value, delta);
        COMMENT ON TABLE difference IS
            'A count on a day, as known at a moment, is the sum of delta up to both.';
    """
    compared = (("difference", "force, kind, measure, value, day, known_from, delta"),)

    @staticmethod
    def show(state: State) -> Content | None:
        """What counts of a recommendation."""
        return figures(state) if isinstance(state, Recommendation) else None

    @staticmethod
    def write(cursor: Cursor[Any], schema: str, changes: Sequence[Change]) -> None:
        """Write what the changes add and take away, summed up for each submit."""
        sums: Counter[tuple[Code, Kind, str, int, date, datetime]] = Counter()
        for change in changes:
            at = change.entry.stamp.at
            for sign, changed in ((1, change.added), (-1, change.removed)):
                for piece in changed:
                    for force, kind, measure, value, day, delta in differences(piece):
                        sums[force, kind, measure, value, day, at] += sign * delta
        rows = [(*what, delta) for what, delta in sums.items() if delta]
        if rows:
            statement = SQL(
                "COPY {}.difference (force, kind, measure, value, day, known_from, delta)"
                " FROM STDIN"
            ).format(Identifier(schema))
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)


# Reading it


class Counts(Struct, frozen=True):
    """The counts of one force, or of all. The stages add up to the total."""

    total: int
    kinds: dict[str, int]
    stages: dict[str, int]
    open: int
    overdue: int
    plan_overdue: int
    claimed: int
    assured: int
    partly_assured: int
    closed: dict[str, int]
    median_days_to_plan: float | None
    median_days_to_close: float | None


class Month(Struct, frozen=True):
    """The counts at the end of a month, or on the day asked for if that is earlier."""

    month: str
    total: int
    open: int
    overdue: int
    claimed: int
    closed: int


class Board(Struct, frozen=True):
    """Every force's counts, and their sum without training; as of a ledger position."""

    national: Counts
    forces: dict[Code, Counts]
    position: int


class Sum(Struct, frozen=True):
    """One sum of differences."""

    force: Code
    kind: Kind
    measure: str
    value: int
    count: int


_SUMS: LiteralString = (
    "SELECT p.notification_id, s.* FROM progress.progress_tracking p LEFT JOIN LATERAL"
    " (SELECT force, kind, measure, value, sum(delta)::integer AS count"
    " FROM progress.difference WHERE day <= %(on)s AND known_from <= %(known_at)s{only}"
    " GROUP BY force, kind, measure, value HAVING sum(delta) <> 0) s ON true"
    " WHERE p.application_name = 'ledger'"
)


def board(
    cursor: Cursor[Any],
    *,
    on: date,
    known_at: datetime | None = None,
    force: Code | None = None,
) -> Board:
    """The counts of every force, or of one, at the end of a day."""
    statement = SQL(_SUMS).format(only=SQL("" if force is None else " AND force = %(force)s"))
    rows = cursor.execute(
        statement, {"on": on, "known_at": known_at or EVER, "force": force}
    ).fetchall()
    sums = [Sum(*row[1:]) for row in rows if row[1] is not None]
    by_force: dict[Code, list[Sum]] = {
        code: [] for code in ([force] if force else [c for c in ADDRESSEES if c != "training"])
    }
    for found in sums:
        if found.force in by_force:
            by_force[found.force].append(found)
    return Board(
        counts([one for some in by_force.values() for one in some]),
        {code: counts(some) for code, some in by_force.items()},
        rows[0][0] if rows else 0,
    )


def counts(sums: Sequence[Sum]) -> Counts:
    """The counts that some sums make."""
    of: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    days: dict[str, Counter[int]] = {TO_PLAN: Counter(), TO_CLOSE: Counter()}
    for one in sums:
        of[one.measure] += one.count
        if one.measure == TOTAL:
            kinds[one.kind] += one.count
        if one.measure in days:
            days[one.measure][one.value] += one.count
    stages = {str(stage): of[f"stage:{stage}"] for stage in Stage if stage is not Stage.ABSENT}
    return Counts(
        total=of[TOTAL],
        kinds={str(kind): kinds[kind] for kind in Kind},
        stages=stages,
        open=of[TOTAL] - stages[Stage.CLOSED],
        overdue=of[OVERDUE],
        plan_overdue=of[PLAN_OVERDUE],
        claimed=of[CLAIMED],
        assured=of["assured"],
        partly_assured=of["partly_assured"],
        closed={str(reason): of[f"closed:{reason}"] for reason in CloseReason},
        median_days_to_plan=median(days[TO_PLAN]),
        median_days_to_close=median(days[TO_CLOSE]),
    )


def median(histogram: Mapping[int, int]) -> float | None:
    """The median of values that each occur some times; None of none."""
    values = sorted(value for value, times in histogram.items() if times > 0)
    if not values:
        return None
    sums = list(accumulate(histogram[value] for value in values))
    low, high = (sums[-1] + 1) // 2, sums[-1] // 2 + 1
    lower = next(value for value, upto in zip(values, sums, strict=True) if upto >= low)
    upper = next(value for value, upto in zip(values, sums, strict=True) if upto >= high)
    return (lower + upper) / 2


def series(
    cursor: Cursor[Any],
    *,
    on: date,
    known_at: datetime | None = None,
    force: Code | None = None,
) -> tuple[Month, ...]:
    """The counts at each month's end up to a day, from the first month that has any."""
    only: LiteralString = "force <> 'training'" if force is None else "force = %(force)s"
    rows = cursor.execute(
        SQL(
            "SELECT to_char(day, 'YYYY-MM'), measure, sum(delta)::integer"
            " FROM progress.difference WHERE day <= %(on)s AND known_from <= %(known_at)s"
            " AND measure IN ('total', 'stage:closed', 'overdue', 'claimed') AND {only}"
            " GROUP BY 1, 2 ORDER BY 1"
        ).format(only=SQL(only)),
        {"on": on, "known_at": known_at or EVER, "force": force},
    ).fetchall()
    changes: dict[str, Counter[str]] = {}
    for month, measure, delta in rows:
        changes.setdefault(month, Counter())[measure] += delta
    found: list[Month] = []
    running: Counter[str] = Counter()
    for month in _months(min(changes), f"{on:%Y-%m}") if changes else ():
        running.update(changes.get(month, Counter()))
        found.append(
            Month(
                month,
                total=running[TOTAL],
                open=running[TOTAL] - running["stage:closed"],
                overdue=running[OVERDUE],
                claimed=running[CLAIMED],
                closed=running["stage:closed"],
            )
        )
    return tuple(found[-SERIES_MONTHS_MAX:])


def _months(first: str, last: str) -> Iterator[str]:
    year, month = int(first[:4]), int(first[5:])
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004  December
