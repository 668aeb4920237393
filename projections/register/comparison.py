"""Two views of the register compared: two days, or a day known at two moments.

Recommendations are compared by where they are: the stage, with the reason if it is closed, the
time limit, whether it is overdue, and whether the force claims that it is done.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, LiteralString, TypeAlias
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor

from adapters.tables.whole import Whole, read_whole
from domain.recommendation.state import Stage
from domain.vocabulary.values import CloseReason, Code, Reference, Text, TimeLimit
from projections.bitemporal import AT
from projections.filters import force_condition
from projections.register.model import Register
from projections.register.views import (
    STAGES,
    AsOf,
    ComparedOrder,
    CompareFilter,
    RestatementFilter,
    parameters,
    view,
)


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


class Differences(Struct, frozen=True, kw_only=True):
    """One page of what differs between two views, in the filter's order.

    As of a position of the ledger. `next` is the reference after which the next page begins, and
    what the order goes by before it.
    """

    before: AsOf
    after: AsOf
    items: tuple[Differing, ...]
    next: str | None
    position: int


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


class Comparison(Differences, frozen=True, kw_only=True):
    """All figures of both views, those of each force that differ, and a page of differences."""

    figures: Pair
    forces: dict[Code, Pair]


_FigureRow: TypeAlias = tuple[int, Code, str, str | None, int, int, int, int]
"""View, force, stage, reason; how many, and of those the limited, the overdue and the claimed."""


def tallies(force: Code | None, *, training: bool | None = None) -> LiteralString:
    """Return the SQL of the figures of both views."""
    where = " AND " + force_condition(force, training=training)
    return (
        "SELECT view, force, stage, closed_reason, count(*), count(*) FILTER (WHERE limited),"
        " count(*) FILTER (WHERE overdue), count(*) FILTER (WHERE claimed) FROM ("
        "SELECT 0 AS view, a.* FROM (" + view("a", where) + ") a UNION ALL "
        "SELECT 1, b.* FROM (" + view("b", where) + ") b"
        ") s GROUP BY 1, 2, 3, 4"
    )


_BEFORE_REFERENCE: dict[ComparedOrder | None, tuple[LiteralString, LiteralString]] = {
    "force": ("force", "%(after_key)s"),
    "stage": (
        "array_position(%(stages)s::text[], coalesce(stage_b, ''))",
        "%(after_key)s::integer",
    ),
}
"""By order: the value before the reference, and its part of a place."""


def differences(
    force: Code | None,
    after: str | None,
    *,
    training: bool | None = None,
    later: LiteralString = AT,
    order: ComparedOrder | None = None,
) -> LiteralString:
    """Return the SQL of one page of what differs, after a `next`, with the texts of that alone.

    `later` is the condition for the rows of the later view.
    """
    where = " AND " + force_condition(force, training=training)
    beyond: LiteralString = ""
    if order in _BEFORE_REFERENCE and after is not None:
        value, place = _BEFORE_REFERENCE[order]
        beyond = " WHERE (" + value + ", reference) > (" + place + ", %(after)s)"
    elif after is not None:
        where += " AND reference > %(after)s"
    sorted_by = _sorted_by(order)
    return (
        "SELECT d.*, w.text FROM (SELECT * FROM ("
        "SELECT reference, coalesce(b.stream, a.stream) AS stream,"
        " coalesce(b.force, a.force) AS force, coalesce(b.text_id, a.text_id) AS text_id,"
        " a.stage, a.closed_reason, a.time_limit, a.overdue, a.claimed,"
        " b.stage AS stage_b, b.closed_reason, b.time_limit, b.overdue, b.claimed"
        " FROM (" + view("a", where) + ") a FULL JOIN (" + view("b", where, later) + ") b"
        " USING (reference) WHERE (a.stage, a.closed_reason, a.time_limit, a.overdue, a.claimed)"
        " IS DISTINCT FROM (b.stage, b.closed_reason, b.time_limit, b.overdue, b.claimed)"
        ") c" + beyond + " ORDER BY " + sorted_by + " LIMIT %(limit)s OFFSET %(offset)s) d"
        " JOIN LATERAL (SELECT text FROM " + Register.schema + ".wording"
        " WHERE id = d.text_id OFFSET 0) w ON true ORDER BY " + sorted_by
    )


def _sorted_by(order: ComparedOrder | None) -> LiteralString:
    value, _ = _BEFORE_REFERENCE.get(order, ("", ""))
    return value + ", reference" if value else "reference"


def _key(order: ComparedOrder | None, item: Differing) -> str:
    match order:
        case "force":
            return " " + item.force
        case "stage":
            return f" {STAGES.index(item.after.stage if item.after else '') + 1}"
        case _:
            return ""


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
    force, training, order = filters.force, filters.training, filters.order
    sql = _tracked(differences(force, None, training=training, order=order), order)
    query = parameters(*filters.views(today), filters.force, None, filters.limit)
    return read_whole(cursor, sql, query, lambda row: _differing(row[1:]), filters, today)


def differing(
    cursor: Cursor[Any],
    filters: CompareFilter | RestatementFilter,
    today: date,
    place: str | None = None,
) -> Differences:
    """Return one page of differences, after a `next` or from the first, without any figures."""
    before, after = filters.views(today)
    force, training, order = filters.force, filters.training, filters.order
    page = differences(force, place, training=training, later=filters.as_of, order=order)
    query = parameters(before, after, force, place, filters.limit)
    tracked = cursor.execute(_tracked(page, order), {**query, "offset": filters.offset}).fetchall()
    rows = [row[1:] for row in tracked if row[1] is not None]
    items = tuple(map(_differing, rows[: filters.limit]))
    return Differences(
        before=before,
        after=after,
        items=items,
        next=items[-1].reference + _key(order, items[-1]) if len(rows) > filters.limit else None,
        position=tracked[0][0] if tracked else 0,
    )


def figures(
    cursor: Cursor[Any], filters: CompareFilter | RestatementFilter, today: date
) -> tuple[Pair, dict[Code, Pair]]:
    """Return the figures of two views, and those of each force; it reads every row of both."""
    query = parameters(*filters.views(today), filters.force, None, filters.limit)
    rows = cursor.execute(tallies(filters.force, training=filters.training), query).fetchall()
    forces = sorted({row[1] for row in rows})
    return _pair(rows), {code: _pair(row for row in rows if row[1] == code) for code in forces}


def compare(
    cursor: Cursor[Any],
    filters: CompareFilter | RestatementFilter,
    today: date,
    place: str | None = None,
) -> Comparison:
    """Return the figures of two views, and one page of differences.

    Reads every row of both views. Training is left out unless the filter is for it. The page
    begins after a `next`, or with the first difference.
    """
    with cursor.connection.transaction():  # for figures and page of one moment
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        together, forces = figures(cursor, filters, today)
        page = differing(cursor, filters, today, place)
    return Comparison(
        before=page.before,
        after=page.after,
        figures=together,
        forces={code: pair for code, pair in forces.items() if pair.before != pair.after},
        items=page.items,
        next=page.next,
        position=page.position,
    )


def _tracked(page: LiteralString, order: ComparedOrder | None) -> LiteralString:
    """Return the SQL of a page of what differs, with the position of the ledger in each row."""
    return (
        "SELECT p.notification_id, d.* FROM " + Register.tracking + " p LEFT JOIN LATERAL ("
        "" + page + ") d ON true WHERE p.application_name = 'ledger' ORDER BY "
        "" + _sorted_by(order)
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
