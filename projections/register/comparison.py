"""Two views of the register side by side: two days, or one day as known at two moments.

What is compared is where each recommendation stands: its stage, with the reason if it is closed,
its time limit, whether it is overdue, and whether the force says that it is done.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, LiteralString, TypeAlias
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor

from domain.recommendation.state import Stage
from domain.vocabulary.values import CloseReason, Code, Reference, Text, TimeLimit
from projections.bitemporal import AT, EVER
from projections.register.listing import PAGE_MAX


class AsOf(Struct, frozen=True):
    """The register at the end of a day, as known at a moment; None for all that is known now."""

    on: date
    known_at: datetime | None = None


class StandingThen(Struct, frozen=True):
    """Where one recommendation stands, as far as views are compared by it."""

    stage: Stage
    closed_reason: CloseReason | None
    time_limit: TimeLimit
    overdue: bool
    claimed: bool


class Differing(Struct, frozen=True):
    """One recommendation that stands elsewhere; null where it was not on record."""

    id: UUID
    reference: Reference
    force: Code
    text: Text
    before: StandingThen | None
    after: StandingThen | None


class Tally(Struct, frozen=True):
    """How many recommendations stand where. The stages add up to the total."""

    total: int
    open: int
    overdue: int
    claimed: int
    stages: dict[str, int]
    closed: dict[str, int]


class Pair(Struct, frozen=True):
    """The same figures in both views."""

    before: Tally
    after: Tally


class Comparison(Struct, frozen=True):
    """All figures, those of each force that differ, and one page of what explains them."""

    every: Pair
    forces: dict[Code, Pair]
    items: tuple[Differing, ...]
    more: bool
    position: int


_Row: TypeAlias = tuple[int, Code, str, str | None, int, int, int]
"""Which view, force, stage, reason; how many, how many of them overdue, and claimed."""


def _view(which: LiteralString, where: LiteralString) -> LiteralString:
    """The rows of one view; its parameters end in which one it is."""
    on = "%(on_" + which + ")s"
    at = AT.replace("%(on)s", on).replace("%(known_at)s", "%(known_at_" + which + ")s")
    return (
        "SELECT reference, stream, force, text_id, stage, closed_reason, time_limit,"
        " coalesce(overdue_from <= " + on + ", false) AS overdue,"
        " claimed_on IS NOT NULL AS claimed FROM register.standing WHERE " + at + where
    )


def _of(force: Code | None) -> LiteralString:
    return " AND force <> 'training'" if force is None else " AND force = %(force)s"


def tallies(force: Code | None) -> LiteralString:
    """The SQL of the figures of both views."""
    where = _of(force)
    return (
        "SELECT p.notification_id, t.* FROM register.register_tracking p LEFT JOIN LATERAL ("
        "SELECT view, force, stage, closed_reason, count(*), count(*) FILTER (WHERE overdue),"
        " count(*) FILTER (WHERE claimed) FROM ("
        "SELECT 0 AS view, a.* FROM (" + _view("a", where) + ") a UNION ALL "
        "SELECT 1, b.* FROM (" + _view("b", where) + ") b"
        ") s GROUP BY 1, 2, 3, 4) t ON true WHERE p.application_name = 'ledger'"
    )


def differences(force: Code | None, after: Reference | None) -> LiteralString:
    """The SQL of one page of recommendations that stand elsewhere, in order of reference."""
    where = _of(force) + ("" if after is None else " AND reference > %(after)s")
    return (
        "SELECT d.*, w.text FROM (SELECT reference, coalesce(b.stream, a.stream) AS stream,"
        " coalesce(b.force, a.force) AS force, coalesce(b.text_id, a.text_id) AS text_id,"
        " a.stage, a.closed_reason, a.time_limit, a.overdue, a.claimed,"
        " b.stage, b.closed_reason, b.time_limit, b.overdue, b.claimed"
        " FROM (" + _view("a", where) + ") a FULL JOIN (" + _view("b", where) + ") b"
        " USING (reference) WHERE (a.stage, a.closed_reason, a.time_limit, a.overdue, a.claimed)"
        " IS DISTINCT FROM (b.stage, b.closed_reason, b.time_limit, b.overdue, b.claimed)"
        " ORDER BY reference LIMIT %(limit)s) d"
        " JOIN register.wording w ON w.id = d.text_id ORDER BY d.reference"
    )


def parameters(
    before: AsOf, after: AsOf, force: Code | None, after_reference: Reference | None, limit: int
) -> dict[str, object]:
    """The parameters of both statements."""
    return {
        "on_a": before.on,
        "known_at_a": before.known_at or EVER,
        "on_b": after.on,
        "known_at_b": after.known_at or EVER,
        "force": force,
        "after": after_reference,
        "limit": min(limit, PAGE_MAX) + 1,
    }


def compare(
    cursor: Cursor[Any],
    before: AsOf,
    after: AsOf,
    *,
    force: Code | None = None,
    after_reference: Reference | None = None,
    limit: int = 20,
) -> Comparison:
    """The figures of two views, and one page of what differs; it reads every row of both.

    Training is left out unless asked for.
    """
    given = parameters(before, after, force, after_reference, limit)
    with cursor.connection.transaction():  # so that the figures and the page are of one moment
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = cursor.execute(tallies(force), given).fetchall()
        rows = cursor.execute(differences(force, after_reference), given).fetchall()
    position = found[0][0] if found else 0
    counted = [row[1:] for row in found if row[1] is not None]
    pairs = {code: _pair(row for row in counted if row[1] == code) for code in _forces(counted)}
    return Comparison(
        every=_pair(counted),
        forces={code: pair for code, pair in pairs.items() if pair.before != pair.after},
        items=tuple(map(_differing, rows[:limit])),
        more=len(rows) > limit,
        position=position,
    )


def _forces(rows: Iterable[_Row]) -> list[Code]:
    return sorted({row[1] for row in rows})


def _pair(rows: Iterable[_Row]) -> Pair:
    kept = list(rows)
    before, after = (_tally(row for row in kept if row[0] == view) for view in (0, 1))
    return Pair(before, after)


def _tally(rows: Iterable[_Row]) -> Tally:
    stages, reasons, of = Counter[str](), Counter[str](), Counter[str]()
    for _, _, stage, reason, count, overdue, claimed in rows:
        stages[stage] += count
        of["overdue"] += overdue
        of["claimed"] += claimed
        if reason is not None:
            reasons[reason] += count
    return Tally(
        total=stages.total(),
        open=stages.total() - stages[Stage.CLOSED],
        overdue=of["overdue"],
        claimed=of["claimed"],
        stages={str(stage): stages[stage] for stage in Stage if stage is not Stage.ABSENT},
        closed={str(reason): reasons[reason] for reason in CloseReason},
    )


def _differing(row: tuple[Any, ...]) -> Differing:
    reference, stream, force, _, *places, text = row
    half = len(places) // 2
    before, after = _place(places[:half]), _place(places[half:])
    return Differing(stream, reference, force, text, before, after)


def _place(cells: list[Any]) -> StandingThen | None:
    if cells[0] is None:
        return None
    stage, reason, *others = cells
    return StandingThen(Stage(stage), CloseReason(reason) if reason else None, *others)
