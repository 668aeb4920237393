"""The worklist as a list: filters, orders, pages, and the part that is somebody's own."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from domain.recommendation.deadlines import ClockName
from domain.recommendation.worklist import Work, next_by
from domain.vocabulary.actors import Role
from domain.vocabulary.values import ActorId, Code, Reference, When
from projections.worklist.filter import Share, WorklistFilter
from projections.worklist.statement import (
    ORDERS,
    ROW,
    count_statement,
    page_statement,
    parameters,
    place_of,
)

FIRST = 2
"""The columns of a row follow the position and the counts."""


class WorkItem(Struct, frozen=True):
    """One piece of work at one recommendation, and whose move it is."""

    work: Work
    id: UUID
    reference: Reference
    force: Code
    waiting_since: When
    window_to: When | None
    clock: ClockName | None
    due: date | None
    assignee: ActorId | None
    next_by: Role


class WorklistPage(Struct, frozen=True, kw_only=True):
    """One page of work, and the counts of all kinds with the other filters.

    As of a position of the ledger. `total` counts the work on all pages. `next` is the place in
    the order after which the next page begins, its parts parted by spaces; the API answers it as
    a cursor.
    """

    counts: dict[str, int]
    total: int
    items: tuple[WorkItem, ...]
    next: str | None
    position: int
    on: date
    known_at: datetime | None


def page(
    cursor: Cursor[Any],
    filters: WorklistFilter,
    today: date,
    after: str | None = None,
    share: Share | None = None,
) -> WorklistPage:
    """Return the page that begins after a `next`, or the page of the filter's number."""
    place = place_of(filters, after)
    statement = page_statement(filters, share, place)
    query = parameters(filters, today, share, place)
    tracked = cursor.execute(statement, query).fetchall()
    rows = [row for row in tracked if row[2] is not None]
    counts: dict[str, int] = {str(kind): 0 for kind in Work}
    counts |= (tracked[0][1] or {}) if tracked else {}
    return WorklistPage(
        counts=counts,
        total=sum(counts.values()) if filters.work is None else counts[filters.work],
        items=tuple(map(_item, rows[: filters.limit])),
        next=_next(filters, rows[filters.limit - 1]) if len(rows) > filters.limit else None,
        position=tracked[0][0] if tracked else 0,
        on=filters.day_at(today),
        known_at=filters.known_at,
    )


def count(
    cursor: Cursor[Any], filters: WorklistFilter, today: date, share: Share | None = None
) -> int:
    """Return how much work a filter lists, whatever its kind."""
    query = parameters(filters, today, share, {})
    row = cursor.execute(count_statement(filters, share), query).fetchone()
    return int(row[0]) if row else 0


def _next(filters: WorklistFilter, row: TupleRow) -> str:
    values = dict(zip(ROW, row[FIRST:], strict=True))
    return " ".join(str(values[name]) for name in ORDERS[filters.order])


def _item(row: TupleRow) -> WorkItem:
    kind, clock = Work(row[FIRST]), row[8] or None
    return WorkItem(
        work=kind,
        id=row[3],
        reference=row[4],
        force=row[5],
        waiting_since=row[6],
        window_to=row[7],
        clock=clock,
        due=row[9],
        assignee=row[10],
        next_by=next_by(kind, clock),
    )
