"""The list of published reports, on any day, as known at any moment."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, LiteralString
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import astuple
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.postgres.connection import LibpqConnection
from adapters.tables.whole import Whole, read_whole
from domain.history import State
from domain.recommendation.state import Recommendation
from domain.report import Report, flags
from domain.vocabulary.folding import searchable
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code, Edition, Line, Product, Reference, When
from projections.bitemporal import TIMES, Cells, Table, columns_of
from projections.filters import DatedOrder, ListFilter, Words, readable
from projections.runtime.periods import Change, Content
from projections.runtime.read_model import ReadModel
from projections.search.question import MATCHES, text_query


class ListedReport(Struct, frozen=True, cache_hash=True):
    """The list's columns for one report."""

    reference: Reference
    force: Code
    product: Product
    edition: Edition
    programme: bool
    title: Line
    address: Line
    published_on: When
    page_date: When | None
    publisher: Line | None
    follows: Reference | None
    """The report that it follows, if it says so."""
    stated: int | None
    """How many recommendations the report states, causes of concern not counted."""
    flagged: bool
    """Whether its published figures do not add up."""


class Addressed(Struct, frozen=True, cache_hash=True):
    """The addressee of a recommendation, which may be another than its report's."""

    report: UUID
    addressee: Code


COLUMNS = columns_of(ListedReport)


def _rows(content: Content) -> Iterable[Cells]:
    if isinstance(content, ListedReport):
        name = ADDRESSEES[content.force].name if content.force in ADDRESSEES else ""
        words = searchable(f"{content.title}\n{name}\n{content.reference}")
        yield (*astuple(content), words)


def _addressees(content: Content) -> Iterable[Cells]:
    if isinstance(content, Addressed):
        yield astuple(content)


LISTING = Table("listing", (*COLUMNS, "words"), _rows)
ADDRESSED = Table("addressed", columns_of(Addressed), _addressees)


class Reports(ReadModel):
    """A read model with a row for each period without change of a report.

    It also has a row for each recommendation, with the force that it is addressed to.
    """

    name: ClassVar[LiteralString] = "reports"
    version: ClassVar[LiteralString] = "7"
    tables: ClassVar[LiteralString] = (
        "CREATE TABLE listing (" + TIMES + ""","""
        """
            reference text NOT NULL,
            force text NOT NULL,
            product text NOT NULL,
            edition text NOT NULL,
            programme boolean NOT NULL,
            title text NOT NULL,
            address text NOT NULL,
            published_on text NOT NULL,
            page_date text,
            publisher text,
            follows text,
            stated integer,
            flagged boolean NOT NULL,
            words text NOT NULL,
            search tsvector GENERATED ALWAYS AS (to_tsvector('english', words)) STORED
        );
        COMMENT ON TABLE listing IS 'The published reports, as true and as known.';
        CREATE TABLE addressed (""" + TIMES + ""","""
        """
            report uuid NOT NULL,
            addressee text NOT NULL
        );
        COMMENT ON TABLE addressed IS 'Whom recommendations are addressed to.';
        """ + readable("listing")
    )
    indexes: ClassVar[LiteralString] = """
        ALTER TABLE listing ADD PRIMARY KEY (stream, since, known_from);
        CREATE INDEX listing_reference ON listing (reference, since, until, known_from, known_to);
        CREATE INDEX listing_force
            ON listing (force, reference, since, until, known_from, known_to);
        CREATE INDEX listing_follows ON listing (follows);
        CREATE INDEX listing_search ON listing USING gin (search);
        ALTER TABLE addressed ADD PRIMARY KEY (stream, since, known_from);
        CREATE INDEX addressed_force ON addressed (addressee, report);
    """
    compared = (
        ("listing", "stream, since, until, known_from, known_to, " + ", ".join(COLUMNS)),
        ("addressed", "stream, since, until, known_from, known_to, report, addressee"),
    )

    @staticmethod
    def show(state: State) -> Content | None:
        """Return the columns of a report or the addressee of a recommendation, else None."""
        if isinstance(state, Recommendation):
            issued = state.issued
            return Addressed(issued.report, issued.addressee) if issued else None
        if not isinstance(state, Report) or state.published is None:
            return None
        published = state.published
        return ListedReport(
            published.reference,
            published.addressee,
            published.product,
            published.edition,
            published.programme,
            published.title,
            published.address,
            state.published_on,
            published.page_date,
            published.publisher,
            published.follows,
            published.recommendations_stated,
            bool(flags(published.cases)),
        )

    @classmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the rows of the changes."""
        LISTING.write(wire, schema, changes)
        ADDRESSED.write(wire, schema, changes)


# Reading it


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


# Newest first, a coarse date comes after every day in it, and an unknown date after all others.
_PUBLISHED: LiteralString = "(CASE published_on WHEN 'unknown' THEN '' ELSE published_on END)"
_AFTER_NEWEST: LiteralString = (
    "(" + _PUBLISHED + " < %(published_on)s OR "
    "(" + _PUBLISHED + " = %(published_on)s AND reference > %(reference)s))"
)


def statement(filters: ReportsFilter, after: str | None = None) -> LiteralString:
    """Return the SQL of a page, which begins after a `next`."""
    newest = filters.order == "newest"
    where = _where(filters)
    if after is not None:
        where.append(_AFTER_NEWEST if newest else "reference > %(reference)s")
    order: LiteralString = _PUBLISHED + " DESC, reference" if newest else "reference"
    return (
        "SELECT p.notification_id, s.* FROM " + Reports.tracking + " p"
        " LEFT JOIN LATERAL (SELECT stream, "
        + ", ".join(COLUMNS)
        + " FROM "
        + Reports.schema
        + ".listing WHERE "
        + " AND ".join(where)
        + " ORDER BY "
        + order
        + " LIMIT %(limit)s OFFSET %(offset)s) s ON true"
        + " WHERE p.application_name = 'ledger' ORDER BY "
        + order
    )


def count(cursor: Cursor[Any], filters: ReportsFilter, today: date) -> int:
    """Return how many reports a filter lists on all its pages."""
    sql: LiteralString = "SELECT count(*) FROM " + Reports.schema + ".listing WHERE "
    query = _parameters(filters, today)
    row = cursor.execute(sql + " AND ".join(_where(filters)), query).fetchone()
    return int(row[0]) if row else 0


def _where(filters: ReportsFilter) -> list[LiteralString]:
    where: list[LiteralString] = [filters.as_of, _of_force(filters)]
    if filters.product is not None:
        where.append("product = %(product)s")
    if filters.follows is not None:
        where.append("follows = %(follows)s")
    if filters.q is not None:
        where.append("search @@ " + MATCHES)
    return where


def _parameters(filters: ReportsFilter, today: date) -> dict[str, object]:
    return {
        **filters.as_of_parameters(today),
        "force": filters.force,
        "product": filters.product,
        "follows": filters.follows,
        "q": text_query(filters.q or ""),
        "limit": filters.rows_max,
        "offset": filters.offset,
    }


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
        **_parameters(filters, today),
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
    query, fields = _parameters(filters, today), ("id", *("listing." + name for name in COLUMNS))
    return read_whole(cursor, statement(filters), query, _item, filters, today, fields=fields)


def _item(row: TupleRow) -> ReportItem:
    return ReportItem(row[1], ListedReport(*row[2:]))
