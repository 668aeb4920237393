"""The worklist as a list: filters, orders, pages, and the part that is somebody's own."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.tables.whole import Whole, read_whole
from domain.recommendation.deadlines import ClockName
from domain.recommendation.worklist import OF_OTHERS, Work, next_by
from domain.vocabulary.actors import Role
from domain.vocabulary.values import ActorId, Code, Reference, When
from projections.worklist.filter import Share, WorklistFilter
from projections.worklist.statement import (
    ORDERS,
    ROW,
    counts_statement,
    forces_statement,
    open_statement,
    page_statement,
    parameters,
    place_of,
)

FIRST = 1
"""The columns of a row follow the position."""


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
    *,
    counts: Mapping[str, int],
) -> WorklistPage:
    """Return the page that begins after a `next`, or the page of the filter's number.

    `counts` are those of the same filter and share, whoever has the next move.
    """
    place = place_of(filters, after)
    statement = page_statement(filters, share, place)
    query = parameters(filters, today, share, place)
    tracked = cursor.execute(statement, query).fetchall()
    rows = [row for row in tracked if row[FIRST] is not None]
    return WorklistPage(
        counts=dict(counts),
        total=sum(
            many
            for kind, many in counts.items()
            if filters.work in {None, kind}
            and filters.for_inspectors in {None, kind not in OF_OTHERS}
        ),
        items=tuple(map(_item, rows[: filters.limit])),
        next=_next(filters, rows[filters.limit - 1]) if len(rows) > filters.limit else None,
        position=tracked[0][0] if tracked else 0,
        on=filters.day_at(today),
        known_at=filters.known_at,
    )


class OpenWork(Struct, frozen=True):
    """The most urgent work of a filter at recommendations that are not closed, and how much."""

    items: tuple[WorkItem, ...]
    total: int


def still_open(cursor: Cursor[Any], filters: WorklistFilter, today: date) -> OpenWork:
    """Return the most urgent of what a filter lists, up to its limit.

    The register, which says what is closed, has to be at the same position.
    """
    query = {**parameters(filters, today, None, {}), "limit": filters.limit}
    rows = cursor.execute(open_statement(filters), query).fetchall()
    return OpenWork(tuple(map(_item, rows)), rows[0][0] if rows else 0)


def every(
    cursor: Cursor[Any], filters: WorklistFilter, today: date, share: Share | None = None
) -> Whole[WorkItem]:
    """Return all that a filter lists; for a transaction, which has to stay open meanwhile."""
    query = {**parameters(filters, today, share, {}), "through": None}
    sql = page_statement(filters, share, {})
    return read_whole(cursor, sql, query, _item, filters, today, first=FIRST)


def counts(
    cursor: Cursor[Any],
    filters: WorklistFilter,
    today: date,
    share: Share | None = None,
) -> dict[str, int]:
    """Return how much work of each kind a filter lists, whatever its own kind."""
    query = parameters(filters, today, share, {})
    counted = cursor.execute(counts_statement(filters, share), query).fetchall()
    return {**{str(kind): 0 for kind in Work}, **{str(kind): many for kind, many in counted}}


def by_force(cursor: Cursor[Any], filters: WorklistFilter, today: date) -> dict[Code, int]:
    """Return how much a filter lists of each force of which it lists anything."""
    query = parameters(filters, today, None, {})
    return dict(cursor.execute(forces_statement(filters), query).fetchall())


def _next(filters: WorklistFilter, row: TupleRow) -> str:
    values = dict(zip(ROW, row[FIRST:], strict=True))
    return " ".join(str(values[name]) for name in ORDERS[filters.order])


def _item(row: TupleRow) -> WorkItem:
    kind, clock = Work(row[FIRST]), row[7] or None
    return WorkItem(
        work=kind,
        id=row[2],
        reference=row[3],
        force=row[4],
        waiting_since=row[5],
        window_to=row[6],
        clock=clock,
        due=row[8],
        assignee=row[9],
        next_by=next_by(kind, clock),
    )
