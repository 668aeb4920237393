"""The list of published reports, on any day, as known at any moment."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, LiteralString, TypeAlias
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple
from psycopg import Cursor

from adapters.postgres.connection import LibpqConnection
from domain.history import State
from domain.report import Report, flags
from domain.vocabulary.values import Code, Edition, Line, Product, Reference, When
from projections.bitemporal import AT, EVER, NOW, TIMES, Cells, Table, columns_of
from projections.runtime.periods import Change, Content
from projections.runtime.read_model import ReadModel

PAGE_MAX = 500


class Listing(Struct, frozen=True, cache_hash=True):
    """What the list says of one report."""

    reference: Reference
    force: Code
    product: Product
    edition: Edition
    programme: bool
    title: Line
    address: Line
    published_on: When
    page_date: When | None
    flagged: bool
    """Whether its published figures do not add up."""


COLUMNS = columns_of(Listing)


def _rows(content: Content) -> Iterable[Cells]:
    if isinstance(content, Listing):
        yield astuple(content)


LISTING = Table("listing", COLUMNS, _rows)


class Reports(ReadModel):
    """One row for every stretch of a report's record that shows something new."""

    name: ClassVar[LiteralString] = "reports"
    version: ClassVar[int] = 2
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
            flagged boolean NOT NULL
        );
        COMMENT ON TABLE listing IS 'The published reports, as true and as known.';
        """
    )
    indexes: ClassVar[LiteralString] = """
        ALTER TABLE listing ADD PRIMARY KEY (stream, since, known_from);
        CREATE INDEX listing_reference ON listing (reference, since, until, known_from, known_to);
        CREATE INDEX listing_force
            ON listing (force, reference, since, until, known_from, known_to);
        CREATE INDEX listing_title ON listing USING gin (to_tsvector('english', title));
    """
    compared = (("listing", "stream, since, until, known_from, known_to, " + ", ".join(COLUMNS)),)

    @staticmethod
    def show(state: State) -> Content | None:
        """The listing of a report."""
        if not isinstance(state, Report) or state.published is None:
            return None
        published = state.published
        return Listing(
            published.reference,
            published.addressee,
            published.product,
            published.edition,
            published.programme,
            published.title,
            published.address,
            state.published_on,
            published.page_date,
            bool(flags(published.cases)),
        )

    @classmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the rows of the changes."""
        LISTING.write(wire, schema, changes)


# Reading it


class Listed(Struct, frozen=True):
    """One line of the list."""

    id: UUID
    listing: Listing


Place: TypeAlias = tuple[Reference, When]
"""Where a page begins: behind a report, which was published then."""

# A coarse date stands behind every day of it, and one that is not known behind all.
_PUBLISHED: LiteralString = "(CASE published_on WHEN 'unknown' THEN '' ELSE published_on END)"
_BEHIND_NEWEST: LiteralString = (
    "(" + _PUBLISHED + " < %(published_on)s OR "
    "(" + _PUBLISHED + " = %(published_on)s AND reference > %(reference)s))"
)


class Filter(Struct, frozen=True):
    """Which reports; None leaves a thing open. Training is left out unless asked for."""

    on: date | None = None
    known_at: datetime | None = None
    force: Code | None = None
    product: Product | None = None
    q: str | None = None
    newest: bool = False
    """The newest first; else by reference."""
    after: Place | None = None
    limit: int = 20


class Page(Struct, frozen=True):
    """Some lines in order, and whether there are more; as of a ledger position."""

    items: tuple[Listed, ...]
    more: bool
    position: int


def statement(asked: Filter) -> LiteralString:
    """The SQL of a page."""
    now = asked.on is None and asked.known_at is None
    where: list[LiteralString] = [NOW if now else AT]
    where.append("force <> 'training'" if asked.force is None else "force = %(force)s")
    if asked.product is not None:
        where.append("product = %(product)s")
    if asked.q is not None:
        where.append("to_tsvector('english', title) @@ websearch_to_tsquery('english', %(q)s)")
    if asked.after is not None:
        where.append(_BEHIND_NEWEST if asked.newest else "reference > %(reference)s")
    order: LiteralString = _PUBLISHED + " DESC, reference" if asked.newest else "reference"
    return (
        "SELECT p.notification_id, s.* FROM reports.reports_tracking p"
        " LEFT JOIN LATERAL (SELECT stream, "
        + ", ".join(COLUMNS)
        + " FROM reports.listing WHERE "
        + " AND ".join(where)
        + " ORDER BY "
        + order
        + " LIMIT %(limit)s) s ON true WHERE p.application_name = 'ledger' ORDER BY "
        + order
    )


def page(cursor: Cursor[Any], asked: Filter, today: date) -> Page:
    """One page. `today` is the day that counts where none is asked for."""
    reference, published_on = asked.after or (None, "")
    given = {
        "on": asked.on or today,
        "known_at": asked.known_at or EVER,
        "force": asked.force,
        "product": asked.product,
        "q": asked.q,
        "published_on": published_on.removeprefix("unknown"),
        "reference": reference,
        "limit": min(asked.limit, PAGE_MAX) + 1,
    }
    rows = cursor.execute(statement(asked), given).fetchall()
    found = [row for row in rows if row[1] is not None]
    items = tuple(Listed(row[1], Listing(*row[2:])) for row in found[: asked.limit])
    return Page(items, len(found) > asked.limit, rows[0][0] if rows else 0)
