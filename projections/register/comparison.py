"""Two views of the register compared: two days, or a day known at two moments.

Recommendations are compared by where they are: the stage, with the reason if it is closed, the
time limit, whether it is overdue, and whether the force claims that it is done.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated, Any, LiteralString, TypeAlias
from uuid import UUID

from msgspec import Meta, Struct
from psycopg import Cursor

from adapters.tables.whole import Whole, read_whole
from domain.recommendation.state import Stage
from domain.vocabulary.dates import last_moment
from domain.vocabulary.values import CloseReason, Code, Reference, Text, TimeLimit
from projections.bitemporal import AT, EVER
from projections.filters import PAGE_MAX, ListFilter, force_condition
from projections.register.listing import CLAIMED, LIMITED, OVERDUE_IF_KNOWN
from projections.register.model import Register

DAYS_BETWEEN = 365
"""Days between the two days compared, if only the later day is requested."""

Since = Annotated[
    date,
    Meta(description=f"The earlier day; by default {DAYS_BETWEEN} days before the later day."),
]
KnownBy = Annotated[
    date,
    Meta(description="The state as known at the end of that day; by default of the day itself."),
]


class AsOf(Struct, frozen=True):
    """The register at the end of a day, as known at a moment, or now."""

    on: date
    known_at: datetime | None = None


class CompareFilter(ListFilter, frozen=True, kw_only=True):
    """Two days, as known at one moment."""

    since: Since | None = None

    def start_at(self, today: date) -> date:
        """Return the earlier day, when today is `today`."""
        day = self.day_at(today).toordinal()
        return self.since or date.fromordinal(max(1, day - DAYS_BETWEEN))

    def views(self, today: date) -> tuple[AsOf, AsOf]:
        """Return the two views to compare, the earlier day first."""
        return (
            AsOf(self.start_at(today), self.known_at),
            AsOf(self.day_at(today), self.known_at),
        )


class RestatementFilter(ListFilter, frozen=True, kw_only=True):
    """A past day, as known at two moments.

    The last day of the month before is the default.
    """

    known_by: KnownBy | None = None

    def day_at(self, today: date) -> date:
        """Return the day to show when today is `today`."""
        return self.on or today.replace(day=1) - timedelta(days=1)

    def views(self, today: date) -> tuple[AsOf, AsOf]:
        """Return the two views to compare: as known at first, and as known later."""
        day = self.day_at(today)
        return AsOf(day, last_moment(self.known_by or day)), AsOf(day, self.known_at)


class StandingThen(Struct, frozen=True):
    """The state of one recommendation, as far as views are compared by it."""

    stage: Stage
    closed_reason: CloseReason | None
    time_limit: TimeLimit
    overdue: bool | None
    """None where nothing on record says which limit counts, and whether it still does."""
    claimed: bool | None
    """None where it is not known where the recommendation stands."""


class Differing(Struct, frozen=True):
    """One recommendation whose state differs; a state is null where it was not on record."""

    id: UUID
    reference: Reference
    force: Code
    text: Text
    before: StandingThen | None
    after: StandingThen | None


class Tally(Struct, frozen=True):
    """Counts of recommendations by state. The stages add up to the total."""

    total: int
    open: int
    limited: int
    overdue: int
    claimed: int
    stages: dict[str, int]
    closed: dict[str, int]


class Pair(Struct, frozen=True):
    """The same figures in both views."""

    before: Tally
    after: Tally


class Comparison(Struct, frozen=True, kw_only=True):
    """All figures of both views, those of each force that differ, and the differing items.

    One page of items, in order of reference, as of a position of the ledger. `next` is the
    reference after which the next page begins; the API answers it as a cursor.
    """

    before: AsOf
    after: AsOf
    figures: Pair
    forces: dict[Code, Pair]
    items: tuple[Differing, ...]
    next: str | None
    position: int


_FigureRow: TypeAlias = tuple[int, Code, str, str | None, int, int, int, int]
"""View, force, stage, reason; how many, and of those the limited, the overdue and the claimed."""


def _view(name: LiteralString, where: LiteralString) -> LiteralString:
    """Return the SQL of a view's rows, whose parameters end in `_a` or `_b`."""
    on = "%(on_" + name + ")s"
    at = AT.replace("%(on)s", on).replace("%(known_at)s", "%(known_at_" + name + ")s")
    return (
        "SELECT reference, stream, force, text_id, stage, closed_reason, time_limit,"
        "" + OVERDUE_IF_KNOWN.replace("%(today)s", on) + " AS overdue, " + LIMITED + " AS limited,"
        " " + CLAIMED + " AS claimed"
        " FROM " + Register.schema + ".standing WHERE " + at + where
    )


def tallies(force: Code | None, *, training: bool | None = None) -> LiteralString:
    """Return the SQL of the figures of both views."""
    where = " AND " + force_condition(force, training=training)
    return (
        "SELECT p.notification_id, t.* FROM " + Register.tracking + " p LEFT JOIN LATERAL ("
        "SELECT view, force, stage, closed_reason, count(*), count(*) FILTER (WHERE limited),"
        " count(*) FILTER (WHERE overdue), count(*) FILTER (WHERE claimed) FROM ("
        "SELECT 0 AS view, a.* FROM (" + _view("a", where) + ") a UNION ALL "
        "SELECT 1, b.* FROM (" + _view("b", where) + ") b"
        ") s GROUP BY 1, 2, 3, 4) t ON true WHERE p.application_name = 'ledger'"
    )


def differences(
    force: Code | None, after: Reference | None, *, training: bool | None = None
) -> LiteralString:
    """Return the SQL of one page of what differs, by reference, reading the texts of that alone."""
    where = " AND " + force_condition(force, training=training)
    where += "" if after is None else " AND reference > %(after)s"
    return (
        "SELECT d.*, w.text FROM (SELECT reference, coalesce(b.stream, a.stream) AS stream,"
        " coalesce(b.force, a.force) AS force, coalesce(b.text_id, a.text_id) AS text_id,"
        " a.stage, a.closed_reason, a.time_limit, a.overdue, a.claimed,"
        " b.stage, b.closed_reason, b.time_limit, b.overdue, b.claimed"
        " FROM (" + _view("a", where) + ") a FULL JOIN (" + _view("b", where) + ") b"
        " USING (reference) WHERE (a.stage, a.closed_reason, a.time_limit, a.overdue, a.claimed)"
        " IS DISTINCT FROM (b.stage, b.closed_reason, b.time_limit, b.overdue, b.claimed)"
        " ORDER BY reference LIMIT %(limit)s OFFSET %(offset)s) d"
        " JOIN LATERAL (SELECT text FROM " + Register.schema + ".wording"
        " WHERE id = d.text_id OFFSET 0) w ON true ORDER BY d.reference"
    )


def count(cursor: Cursor[Any], filters: CompareFilter | RestatementFilter, today: date) -> int:
    """Return how many recommendations differ, on all pages."""
    query = parameters(*filters.views(today), filters.force, None, filters.limit)
    listed = differences(filters.force, None, training=filters.training)
    row = cursor.execute("SELECT count(*) FROM (" + listed + ") d", query | {"limit": None})
    return int((row.fetchone() or (0,))[0])


def every(
    cursor: Cursor[Any], filters: CompareFilter | RestatementFilter, today: date
) -> Whole[Differing]:
    """Return all recommendations that differ; for a transaction, which has to stay open meanwhile.

    It is as of the later view.
    """
    page = differences(filters.force, None, training=filters.training)
    query = parameters(*filters.views(today), filters.force, None, filters.limit)
    sql: LiteralString = (
        "SELECT p.notification_id, d.* FROM " + Register.tracking + " p LEFT JOIN LATERAL ("
        "" + page + ") d ON true WHERE p.application_name = 'ledger' ORDER BY d.reference"
    )
    return read_whole(cursor, sql, query, lambda row: _differing(row[1:]), filters, today)


def parameters(
    before: AsOf, after: AsOf, force: Code | None, after_reference: Reference | None, limit: int
) -> dict[str, object]:
    """Return the parameters of `tallies`, and of the first page of `differences`."""
    return {
        "on_a": before.on,
        "known_at_a": before.known_at or EVER,
        "on_b": after.on,
        "known_at_b": after.known_at or EVER,
        "force": force,
        "after": after_reference,
        "limit": min(limit, PAGE_MAX) + 1,
        "offset": 0,
    }


def compare(
    cursor: Cursor[Any],
    filters: CompareFilter | RestatementFilter,
    today: date,
    after_reference: Reference | None = None,
) -> Comparison:
    """Return the figures of two views, and one page of differences.

    Reads every row of both views. Training is left out unless the filter is for it. The page
    begins after a reference, or with the first difference.
    """
    before, after = filters.views(today)
    force, training = filters.force, filters.training
    query = parameters(before, after, force, after_reference, filters.limit)
    query["offset"] = filters.offset
    with cursor.connection.transaction():  # for figures and page of one moment
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tracked = cursor.execute(tallies(force, training=training), query).fetchall()
        page = differences(force, after_reference, training=training)
        rows = cursor.execute(page, query).fetchall()
    counted = [row[1:] for row in tracked if row[1] is not None]
    forces = sorted({row[1] for row in counted})
    pairs = {code: _pair(row for row in counted if row[1] == code) for code in forces}
    items = tuple(map(_differing, rows[: filters.limit]))
    return Comparison(
        before=before,
        after=after,
        figures=_pair(counted),
        forces={code: pair for code, pair in pairs.items() if pair.before != pair.after},
        items=items,
        next=items[-1].reference if len(rows) > filters.limit else None,
        position=tracked[0][0] if tracked else 0,
    )


def _pair(rows: Iterable[_FigureRow]) -> Pair:
    kept = list(rows)
    return Pair(*(_tally(row for row in kept if row[0] == view) for view in (0, 1)))


def _tally(rows: Iterable[_FigureRow]) -> Tally:
    stages, reasons, of = Counter[str](), Counter[str](), Counter[str]()
    for _, _, stage, reason, count, limited, overdue, claimed in rows:
        stages[stage] += count
        of["limited"] += limited
        of["overdue"] += overdue
        of["claimed"] += claimed
        if reason is not None:
            reasons[reason] += count
    return Tally(
        total=stages.total(),
        open=stages.total() - stages[Stage.CLOSED] - stages[Stage.NOT_KNOWN],
        limited=of["limited"],
        overdue=of["overdue"],
        claimed=of["claimed"],
        stages={str(stage): stages[stage] for stage in Stage if stage is not Stage.ABSENT},
        closed={str(reason): reasons[reason] for reason in CloseReason},
    )


def _differing(row: tuple[Any, ...]) -> Differing:
    reference, stream, force, _, *states, text = row
    half = len(states) // 2
    before, after = _standing(states[:half]), _standing(states[half:])
    return Differing(stream, reference, force, text, before, after)


def _standing(cells: list[Any]) -> StandingThen | None:
    if cells[0] is None:
        return None
    stage, reason, *others = cells
    return StandingThen(Stage(stage), CloseReason(reason) if reason else None, *others)
