"""The list of statements, page by page."""

from datetime import date, datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.tables.whole import Whole, read_whole
from domain.vocabulary.values import Area
from projections.filters import DatedOrder, ListFilter, Words
from projections.search.question import MATCHES
from projections.statements.model import COLUMNS, SAID_ON, Said, Statements


class StatementsFilter(ListFilter, frozen=True, kw_only=True):
    """A filter of statements; None does not restrict a field."""

    report: Annotated[UUID, Meta(description="Of that report or its recommendations.")] | None = (
        None
    )
    area: Annotated[Area, Meta(description="About that area.")] | None = None
    q: Words | None = None
    order: DatedOrder | None = None


class StatementItem(Struct, frozen=True):
    """One statement; `id` is the recommendation or the report that it is about."""

    id: UUID
    said: Said


class StatementsPage(Struct, frozen=True, kw_only=True):
    """One page of statements, in the filter's order, as of a ledger position.

    `next` is the reference, the stream, the step and the date after which the next page begins,
    parted by spaces; the API answers it as a cursor.
    """

    items: tuple[StatementItem, ...]
    next: str | None
    position: int
    on: date
    known_at: datetime | None


_CONDITIONS: dict[LiteralString, LiteralString] = {
    "report": "report = %(report)s",
    "area": "area = %(area)s",
    "q": "search @@ " + MATCHES,
}
_PLACE: LiteralString = "(reference, stream, step) > (%(reference)s, %(stream)s, %(step)s)"
_AFTER_NEWEST: LiteralString = (
    "(" + SAID_ON + " < %(said_on)s OR (" + SAID_ON + " = %(said_on)s AND " + _PLACE + "))"
)


def statement(filters: StatementsFilter, after: str | None = None) -> LiteralString:
    """Return the SQL of a page, which begins after a `next`."""
    newest = filters.order == "newest"
    where: LiteralString = _where(filters)
    if after is not None:
        where += " AND " + (_AFTER_NEWEST if newest else _PLACE)
    order: LiteralString = (SAID_ON + " DESC, " if newest else "") + "reference, stream, step"
    return (
        "SELECT p.notification_id, s.* FROM " + Statements.tracking + " p"
        " LEFT JOIN LATERAL (SELECT stream, "
        + ", ".join(COLUMNS)
        + " FROM "
        + Statements.schema
        + ".said WHERE "
        + where
        + " ORDER BY "
        + order
        + " LIMIT %(limit)s OFFSET %(offset)s) s ON true"
        " WHERE p.application_name = 'ledger' ORDER BY " + order
    )


def count(cursor: Cursor[Any], filters: StatementsFilter, today: date) -> int:
    """Return how many statements a filter lists on all its pages."""
    sql: LiteralString = "SELECT count(*) FROM " + Statements.schema + ".said WHERE "
    row = cursor.execute(sql + _where(filters), filters.sql_parameters(today)).fetchone()
    return int(row[0]) if row else 0


def _where(filters: StatementsFilter) -> LiteralString:
    of_force = filters.of_force if filters.report is None else filters.of_force_or_report
    return " AND ".join([filters.as_of, of_force, *filters.conditions_set(_CONDITIONS)])


def page(
    cursor: Cursor[Any], filters: StatementsFilter, today: date, after: str | None = None
) -> StatementsPage:
    """Return the page that begins after a `next`, or the first page."""
    query = filters.sql_parameters(today)
    if after is not None:
        reference, stream, step, said_on = after.split(" ")
        query |= {"reference": reference, "stream": stream, "step": int(step)}
        query |= {"said_on": said_on.removeprefix("unknown")}
    tracked = cursor.execute(statement(filters, after), query).fetchall()
    rows = [row for row in tracked if row[1] is not None]
    items = tuple(map(_item, rows[: filters.limit]))
    return StatementsPage(
        items=items,
        next=_place_of(items[-1]) if len(rows) > filters.limit else None,
        position=tracked[0][0] if tracked else 0,
        on=filters.day_at(today),
        known_at=filters.known_at,
    )


def every(cursor: Cursor[Any], filters: StatementsFilter, today: date) -> Whole[StatementItem]:
    """Return all that a filter lists; for a transaction, which has to stay open meanwhile."""
    query, fields = filters.sql_parameters(today), ("id", *("said." + name for name in COLUMNS))
    return read_whole(cursor, statement(filters), query, _item, filters, today, fields=fields)


def _item(row: TupleRow) -> StatementItem:
    return StatementItem(row[1], Said(*row[2:]))


def _place_of(item: StatementItem) -> str:
    return f"{item.said.reference} {item.id} {item.said.step} {item.said.said_on}"
