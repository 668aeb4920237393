"""The published reports as a list: filters, order and pages."""

from datetime import date, datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.tables.whole import Whole, read_whole
from domain.vocabulary.values import Product, Reference
from projections.filters import DatedOrder, ListFilter, Words
from projections.reports.model import COLUMNS, ListedReport, Reports
from projections.search.question import MATCHES


class ReportsFilter(ListFilter, frozen=True, kw_only=True):
    """A filter and order of reports; None does not restrict a field.

    The reports of a force are those about it, and those that made it a recommendation.
    """

    product: Product | None = None
    follows: Annotated[Reference, Meta(description="Of those that follow that one.")] | None = None
    q: Words | None = None
    order: DatedOrder | None = None


class ReportItem(Struct, frozen=True):
    """One report in the list."""

    id: UUID
    listing: ListedReport


class ReportsPage(Struct, frozen=True, kw_only=True):
    """One page of reports, in the filter's order, as of a ledger position.

    `next` is the reference and the date of publication after which the next page begins, parted
    by a space; the API answers it as a cursor.
    """

    items: tuple[ReportItem, ...]
    next: str | None
    position: int
    on: date
    known_at: datetime | None


_CONDITIONS: dict[LiteralString, LiteralString] = {
    "product": "product = %(product)s",
    "follows": "follows = %(follows)s",
    "q": "search @@ " + MATCHES,
}
# Newest first, a coarse date comes after every day in it, and an unknown date after all others.
_PUBLISHED: LiteralString = "(CASE published_on WHEN 'unknown' THEN '' ELSE published_on END)"
_AFTER_NEWEST: LiteralString = (
    "(" + _PUBLISHED + " < %(published_on)s OR "
    "(" + _PUBLISHED + " = %(published_on)s AND reference > %(reference)s))"
)


def statement(filters: ReportsFilter, after: str | None = None) -> LiteralString:
    """Return the SQL of a page, which begins after a `next`."""
    newest = filters.order == "newest"
    where: LiteralString = _where(filters)
    if after is not None:
        where += " AND " + (_AFTER_NEWEST if newest else "reference > %(reference)s")
    order: LiteralString = _PUBLISHED + " DESC, reference" if newest else "reference"
    return (
        "SELECT p.notification_id, s.* FROM " + Reports.tracking + " p"
        " LEFT JOIN LATERAL (SELECT stream, "
        + ", ".join(COLUMNS)
        + " FROM "
        + Reports.schema
        + ".listing WHERE "
        + where
        + " ORDER BY "
        + order
        + " LIMIT %(limit)s OFFSET %(offset)s) s ON true"
        + " WHERE p.application_name = 'ledger' ORDER BY "
        + order
    )


def count(cursor: Cursor[Any], filters: ReportsFilter, today: date) -> int:
    """Return how many reports a filter lists on all its pages."""
    sql: LiteralString = "SELECT count(*) FROM " + Reports.schema + ".listing WHERE "
    row = cursor.execute(sql + _where(filters), filters.sql_parameters(today)).fetchone()
    return int(row[0]) if row else 0


def _where(filters: ReportsFilter) -> LiteralString:
    return " AND ".join([filters.as_of, _of_force(filters), *filters.conditions_set(_CONDITIONS)])


def _of_force(filters: ReportsFilter) -> LiteralString:
    if filters.force is None:
        return filters.of_force
    return (
        "("
        + filters.of_force
        + " OR stream IN (SELECT report FROM "
        + Reports.schema
        + ".addressed WHERE addressee = %(force)s AND "
        + filters.as_of
        + "))"
    )


def page(
    cursor: Cursor[Any], filters: ReportsFilter, today: date, after: str | None = None
) -> ReportsPage:
    """Return the page that begins after a `next`, or the first page."""
    reference, _, published_on = (after or "").partition(" ")
    query = {
        **filters.sql_parameters(today),
        "published_on": published_on.removeprefix("unknown"),
        "reference": reference,
    }
    tracked = cursor.execute(statement(filters, after), query).fetchall()
    rows = [row for row in tracked if row[1] is not None]
    items = tuple(map(_item, rows[: filters.limit]))
    last = items[-1].listing if len(rows) > filters.limit else None
    return ReportsPage(
        items=items,
        next=f"{last.reference} {last.published_on}" if last else None,
        position=tracked[0][0] if tracked else 0,
        on=filters.day_at(today),
        known_at=filters.known_at,
    )


def every(cursor: Cursor[Any], filters: ReportsFilter, today: date) -> Whole[ReportItem]:
    """Return all that a filter lists; for a transaction, which has to stay open meanwhile."""
    query, fields = filters.sql_parameters(today), ("id", *("listing." + name for name in COLUMNS))
    return read_whole(cursor, statement(filters), query, _item, filters, today, fields=fields)


def _item(row: TupleRow) -> ReportItem:
    return ReportItem(row[1], ListedReport(*row[2:]))
