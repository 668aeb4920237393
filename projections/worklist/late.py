"""The late by any clock: counted by force, and as a list of who owes what."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, LiteralString
from uuid import UUID

from msgspec import Meta, Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.tables.whole import Whole, read_whole
from domain.recommendation.deadlines import ClockName
from domain.recommendation.state import Stage
from domain.recommendation.worklist import Work, next_by
from domain.vocabulary.actors import Role
from domain.vocabulary.values import Code, Reference, When
from projections.bitemporal import AT
from projections.filters import ForceFilter, ListFilter
from projections.register.model import Register
from projections.worklist.model import Worklist


class Late(Struct, frozen=True):
    """How many recommendations to a force are certainly overdue by one clock.

    `due` is the earliest last day of these.
    """

    force: Code
    clock: ClockName
    many: int
    due: date


def late_statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of what is late, by force and clock."""
    return (
        "SELECT p.notification_id, l.* FROM " + Worklist.tracking + " p LEFT JOIN LATERAL ("
        "SELECT force, clock, count(*), min(due) FROM "
        + Worklist.schema
        + ".item WHERE work = 'chase_overdue' AND shows_from <= %(on)s AND "
        + filters.as_of
        + " AND "
        + filters.of_force
        + " GROUP BY force, clock) l ON true WHERE p.application_name = 'ledger'"
        " ORDER BY l.force, l.clock"
    )


def read_late(
    cursor: Cursor[Any], filters: ForceFilter, today: date
) -> tuple[tuple[Late, ...], int]:
    """Return what is late at the end of the day, and the ledger position."""
    query = {**filters.as_of_parameters(today), "force": filters.force}
    rows = cursor.execute(late_statement(filters), query).fetchall()
    counted = tuple(Late(*row[1:]) for row in rows if row[1] is not None)
    return counted, rows[0][0] if rows else 0


LateOrder = Literal["longest", "latest", "force"]
_ORDER = (
    "By the last day, the longest late first, which is the default, or the latest first; or by "
    "force, the longest late of each first."
)


class LateFilter(ListFilter, frozen=True, kw_only=True):
    """A filter of what is late; None does not restrict a field."""

    clock: Annotated[ClockName, Meta(description="By that deadline.")] | None = None
    since: (
        Annotated[
            date,
            Meta(description="Instead, what was late at the end of that day and is not any more."),
        ]
        | None
    ) = None
    order: Annotated[LateOrder, Meta(description=_ORDER)] | None = None


class ClearingStep(Struct, frozen=True):
    """A published step that took effect on the day from which nothing was late any more."""

    step: int
    tag: str
    on: When


class LateItem(Struct, frozen=True):
    """One recommendation that is late by a clock, or was, and who owes the answer."""

    id: UUID
    reference: Reference
    force: Code
    clock: ClockName
    due: date
    """The last day, the latest possible one if the start is not exact."""
    owed_by: Role
    stage: Stage | None = None
    """Where it stood at the end of the day; comments stay late after a closure."""
    cleared_on: date | None = None
    """The first day on which it was not late any more; None if it is late."""
    cleared_by: tuple[ClearingStep, ...] = ()
    """The published steps of that day; none if only what is not published changed."""


class LatePage(Struct, frozen=True, kw_only=True):
    """One page of what is late, in the filter's order, as of a ledger position.

    `next` is the day, the reference and the clock after which the next page begins, and in the
    order of forces the force; the API answers it as a cursor.
    """

    items: tuple[LateItem, ...]
    next: str | None
    position: int
    on: date
    known_at: datetime | None


_LATE: LiteralString = (
    "SELECT stream, reference, force, clock, due, NULL::date AS cleared_on FROM "
    + Worklist.schema
    + ".item WHERE work = 'chase_overdue' AND shows_from <= "
)
_CLEARED: LiteralString = (
    "SELECT t.stream, t.reference, t.force, t.clock, t.due, (SELECT max(c.until) FROM "
    + Worklist.schema
    + ".item c WHERE (c.stream, c.clock) = (t.stream, t.clock) AND c.work = 'chase_overdue'"
    " AND c.shows_from < c.until AND c.until <= %(on)s AND c.known_from <= %(known_at)s"
    " AND c.known_to > %(known_at)s) AS cleared_on FROM ("
)
"""The rows of what was late, each with the day after the last on which it was."""
_BY_DAY: dict[LiteralString, LiteralString] = {
    "due": "%(after_due)s",
    "reference": "%(after)s",
    "clock": "%(after_clock)s",
}
_BY_FORCE: dict[LiteralString, LiteralString] = {"force": "%(after_force)s", **_BY_DAY}
"""The columns that the orders go by, each with its part of a place."""
_THEN: LiteralString = AT.replace("%(on)s", "%(since)s")
"""The rows true on the earlier day, as known at the same moment."""


def statement(filters: LateFilter, after: str | None = None) -> LiteralString:
    """Return the SQL of a page, which begins after a `next`."""
    chosen: LiteralString = " AND " + filters.of_force
    if filters.clock is not None:
        chosen += " AND clock = %(clock)s"
    place = _BY_FORCE if filters.order == "force" else _BY_DAY
    down: LiteralString = " DESC" if filters.order == "latest" else ""
    if after is not None:
        beyond: LiteralString = ") < (" if down else ") > ("
        chosen += " AND (" + ", ".join(place) + beyond + ", ".join(place.values()) + ")"
    order: LiteralString = ", ".join([column + down for column in place])
    now: LiteralString = _LATE + "%(on)s AND " + filters.as_of
    rows: LiteralString = now + chosen
    if filters.since is not None:
        still: LiteralString = now + " AND stream = t.stream AND clock = t.clock"
        then: LiteralString = _LATE + "%(since)s AND " + _THEN + chosen
        rows = _CLEARED + then + ") t WHERE NOT EXISTS (" + still + ")"
    return (
        "SELECT p.notification_id, s.*, (SELECT stage FROM "
        + (Register.schema + ".standing WHERE stream = s.stream AND " + filters.as_of)
        + ") FROM "
        + Worklist.tracking
        + " p LEFT JOIN LATERAL ("
        + rows
        + " ORDER BY "
        + order
        + " LIMIT %(limit)s OFFSET %(offset)s) s ON true"
        " WHERE p.application_name = 'ledger' ORDER BY " + order
    )


def parameters(filters: LateFilter, today: date, after: str | None = None) -> dict[str, object]:
    """Return the parameters of `statement`."""
    return {
        **filters.as_of_parameters(today),
        **_place(after),
        "force": filters.force,
        "clock": filters.clock,
        "since": filters.since,
        "limit": filters.rows_max,
        "offset": filters.offset,
    }


def _place(after: str | None) -> dict[str, object]:
    if after is None:
        return {}
    due, reference, clock, *force = after.split(" ")
    return {
        "after_due": date.fromisoformat(due),
        "after": reference,
        "after_clock": clock,
        "after_force": "".join(force),
    }


def page(
    cursor: Cursor[Any], filters: LateFilter, today: date, after: str | None = None
) -> LatePage:
    """Return the page that begins after a `next`, or the page of the filter's number."""
    query = parameters(filters, today, after)
    tracked = cursor.execute(statement(filters, after), query).fetchall()
    rows = [row for row in tracked if row[1] is not None]
    items = tuple(map(_item, rows[: filters.limit]))
    last = items[-1] if len(rows) > filters.limit else None
    return LatePage(
        items=items,
        next=_place_of(filters, last) if last else None,
        position=tracked[0][0] if tracked else 0,
        on=filters.day_at(today),
        known_at=filters.known_at,
    )


def _place_of(filters: LateFilter, item: LateItem) -> str:
    force = [item.force] if filters.order == "force" else []
    return " ".join([item.due.isoformat(), item.reference, item.clock, *force])


def count(cursor: Cursor[Any], filters: LateFilter, today: date) -> int:
    """Return how many a filter lists on all its pages."""
    query = {**parameters(filters, today), "limit": None, "offset": None}
    listed = "SELECT count(s.stream) FROM (" + statement(filters) + ") s"
    row = cursor.execute(listed, query).fetchone()
    return int(row[0]) if row else 0


def every(cursor: Cursor[Any], filters: LateFilter, today: date) -> Whole[LateItem]:
    """Return all that a filter lists; for a transaction, which has to stay open meanwhile."""
    query = parameters(filters, today)
    return read_whole(cursor, statement(filters), query, _item, filters, today)


def _item(row: TupleRow) -> LateItem:
    stream, reference, force, clock, due, cleared_on, stage = row[1:]
    owed_by = next_by(Work.CHASE_OVERDUE, clock)
    standing = Stage(stage) if stage else None
    return LateItem(stream, reference, force, clock, due, owed_by, standing, cleared_on)
