"""The worklist: work that waits for reviewers on any day, as known at any moment."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor

from adapters.postgres.connection import LibpqConnection
from domain.history import State
from domain.recommendation.state import Recommendation
from domain.recommendation.worklist import SOON_DAYS, Work, WorkDue, work
from domain.vocabulary.values import Code, Reference, When
from projections.bitemporal import NOW, TIMES, Cells, Table
from projections.filters import ListFilter
from projections.runtime.periods import Change, Content
from projections.runtime.read_model import ReadModel


class Waiting(Struct, frozen=True, cache_hash=True):
    """All work that waits at one recommendation."""

    reference: Reference
    force: Code
    items: tuple[WorkDue, ...]


def _rows(content: Content) -> Iterable[Cells]:
    if isinstance(content, Waiting):
        for item in content.items:
            yield (
                content.reference,
                content.force,
                item.work,
                item.waiting_since,
                item.shows_from,
                item.window_to,
            )


COLUMNS: tuple[LiteralString, ...] = (
    "reference",
    "force",
    "work",
    "waiting_since",
    "shows_from",
    "window_to",
)
ITEM = Table("item", COLUMNS, _rows)


class Worklist(ReadModel):
    """A read model with one row for each piece of work, while it waits."""

    name: ClassVar[LiteralString] = "worklist"
    version: ClassVar[LiteralString] = "3"
    tables: ClassVar[LiteralString] = (
        "CREATE TABLE item (" + TIMES + ""","""
        """
            reference text NOT NULL,
            force text NOT NULL,
            work text NOT NULL,
            waiting_since text NOT NULL,
            shows_from date,
            window_to text
        );
        COMMENT ON TABLE item IS 'What waits for a reviewer; shown from shows_from on, if given.';
        """
    )
    indexes: ClassVar[LiteralString] = (
        """
        ALTER TABLE item ADD PRIMARY KEY (stream, since, known_from, work);
        CREATE INDEX item_work ON item (work, reference, since, until, known_from, known_to);
        CREATE INDEX item_now ON item (work, reference) WHERE """
        + NOW
        + ";"
    )
    compared = (("item", "stream, since, until, known_from, known_to, " + ", ".join(COLUMNS)),)

    @staticmethod
    def show(state: State) -> Content | None:
        """Return the work that waits at a recommendation, or None for any other state."""
        if not isinstance(state, Recommendation) or state.issued is None:
            return None
        return Waiting(state.issued.reference, state.issued.addressee, work(state))

    @classmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the rows of the changes."""
        ITEM.write(wire, schema, changes)


# Reading it


class WorklistFilter(ListFilter, frozen=True, kw_only=True):
    """A filter of work; None does not restrict a field."""

    work: Work | None = None


class WorkItem(Struct, frozen=True):
    """One piece of work at one recommendation."""

    work: Work
    id: UUID
    reference: Reference
    force: Code
    waiting_since: When
    window_to: When | None


class WorklistPage(Struct, frozen=True, kw_only=True):
    """One page of work, in order of kind and reference, and all counts by kind.

    As of a position of the ledger. `next` is the kind and the reference after which the next page
    begins, parted by a space; the API answers it as a cursor.
    """

    counts: dict[str, int]
    items: tuple[WorkItem, ...]
    next: str | None
    position: int
    on: date
    known_at: datetime | None


_SOON: LiteralString = "shows_from <= %(on)s + %(soon)s"
_SHOWN: dict[Work | None, LiteralString] = {
    None: "(shows_from IS NULL OR " + _SOON + ")",
    Work.DUE_SOON: "(shows_from > %(on)s AND " + _SOON + ")",
}
_SHOWN_BY_NOW: LiteralString = "work = %(work)s AND (shows_from IS NULL OR shows_from <= %(on)s)"
"""The rows of one kind of work, as an index has them; `_SHOWN` is for all work and for DUE_SOON."""


def page(
    cursor: Cursor[Any], filters: WorklistFilter, today: date, after: str | None = None
) -> WorklistPage:
    """Return the page that begins after a `next`, or the first page."""
    where: list[LiteralString] = [
        filters.as_of,
        _SHOWN.get(filters.work, _SHOWN_BY_NOW),
        filters.of_force,
    ]
    chosen: LiteralString = " AND ".join(where)
    following: LiteralString = "(work, reference) > (%(after_work)s, %(after_reference)s)"
    after_work, _, after_reference = (after or "").partition(" ")
    tracked = cursor.execute(
        "WITH w AS (SELECT stream, reference, force, waiting_since, window_to,"
        " CASE WHEN shows_from > %(on)s THEN 'due_soon' ELSE work END AS work"
        " FROM " + Worklist.schema + ".item WHERE " + chosen + ")"
        " SELECT p.notification_id, (SELECT jsonb_object_agg(work, n) FROM"
        " (SELECT work, count(*) AS n FROM w GROUP BY work) c), s.*"
        " FROM " + Worklist.tracking + " p LEFT JOIN LATERAL"
        " (SELECT work, stream, reference, force, waiting_since, window_to FROM w WHERE "
        + following
        + " ORDER BY work, reference LIMIT %(limit)s) s ON true"
        " WHERE p.application_name = 'ledger' ORDER BY s.work, s.reference",
        {
            **filters.as_of_parameters(today),
            "soon": SOON_DAYS,
            "force": filters.force,
            "work": filters.work,
            "after_work": after_work,
            "after_reference": after_reference,
            "limit": filters.rows_max,
        },
    ).fetchall()
    rows = [row for row in tracked if row[2] is not None]
    items = tuple(WorkItem(Work(row[2]), *row[3:]) for row in rows[: filters.limit])
    counts: dict[str, int] = {str(kind): 0 for kind in Work}
    counts |= (tracked[0][1] or {}) if tracked else {}
    return WorklistPage(
        counts=counts,
        items=items,
        next=f"{items[-1].work} {items[-1].reference}" if len(rows) > filters.limit else None,
        position=tracked[0][0] if tracked else 0,
        on=filters.day_at(today),
        known_at=filters.known_at,
    )
