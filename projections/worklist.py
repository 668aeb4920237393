"""What waits for reviewers, on any day, as known at any moment."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor

from adapters.postgres.connection import LibpqConnection
from domain.history import State
from domain.recommendation.state import Recommendation
from domain.recommendation.worklist import SOON_DAYS, Item, Work, work
from domain.vocabulary.values import Code, Reference, When
from projections.bitemporal import AT, EVER, NOW, TIMES, Cells, Table
from projections.runtime.periods import Change, Content
from projections.runtime.read_model import ReadModel

PAGE_MAX = 500


class Waiting(Struct, frozen=True, cache_hash=True):
    """Everything that waits at one recommendation."""

    reference: Reference
    force: Code
    items: tuple[Item, ...]


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
    """One row for every thing to do, while it waits."""

    name: ClassVar[LiteralString] = "worklist"
    version: ClassVar[int] = 2
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
        """What waits at a recommendation."""
        if not isinstance(state, Recommendation) or state.issued is None:
            return None
        return Waiting(state.issued.reference, state.issued.addressee, work(state))

    @classmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the rows of the changes."""
        ITEM.write(wire, schema, changes)


# Reading it


class Listed(Struct, frozen=True):
    """One thing to do, for one recommendation."""

    work: Work
    id: UUID
    reference: Reference
    force: Code
    waiting_since: When
    window_to: When | None


class Page(Struct, frozen=True):
    """Some things to do in order of kind and reference, with the counts of all that wait."""

    counts: dict[str, int]
    items: tuple[Listed, ...]
    more: bool
    position: int


class Filter(Struct, frozen=True):
    """Which things to do; None leaves a thing open. Training is left out unless asked for."""

    on: date | None = None
    known_at: datetime | None = None
    force: Code | None = None
    work: Work | None = None
    after: tuple[str, str] | None = None
    limit: int = 20


_SOON: LiteralString = "shows_from <= %(on)s + %(soon)s"
_SHOWN: dict[Work | None, LiteralString] = {
    None: "(shows_from IS NULL OR " + _SOON + ")",
    Work.DUE_SOON: "(shows_from > %(on)s AND " + _SOON + ")",
}
_SHOWN_BY_NOW: LiteralString = "work = %(work)s AND (shows_from IS NULL OR shows_from <= %(on)s)"
"""What is shown of one kind of work, which an index has; beside everything, and what is to come."""


def page(cursor: Cursor[Any], asked: Filter, today: date) -> Page:
    """One page. `today` is the day that counts where none is asked for."""
    where: list[LiteralString] = [NOW if asked.on is None and asked.known_at is None else AT]
    where.append(_SHOWN.get(asked.work, _SHOWN_BY_NOW))
    where.append("force <> 'training'" if asked.force is None else "force = %(force)s")
    chosen: LiteralString = " AND ".join(where)
    following: LiteralString = "(work, reference) > (%(after_work)s, %(after_reference)s)"
    after = asked.after or ("", "")
    rows = cursor.execute(
        "WITH w AS (SELECT stream, reference, force, waiting_since, window_to,"
        " CASE WHEN shows_from > %(on)s THEN 'due_soon' ELSE work END AS work"
        " FROM worklist.item WHERE " + chosen + ")"
        " SELECT p.notification_id, (SELECT jsonb_object_agg(work, n) FROM"
        " (SELECT work, count(*) AS n FROM w GROUP BY work) c), s.*"
        " FROM worklist.worklist_tracking p LEFT JOIN LATERAL"
        " (SELECT work, stream, reference, force, waiting_since, window_to FROM w WHERE "
        + following
        + " ORDER BY work, reference LIMIT %(limit)s) s ON true"
        " WHERE p.application_name = 'ledger' ORDER BY s.work, s.reference",
        {
            "on": asked.on or today,
            "soon": SOON_DAYS,
            "known_at": asked.known_at or EVER,
            "force": asked.force,
            "work": asked.work,
            "after_work": after[0],
            "after_reference": after[1],
            "limit": min(asked.limit, PAGE_MAX) + 1,
        },
    ).fetchall()
    found = [row for row in rows if row[2] is not None]
    items = tuple(Listed(Work(row[2]), *row[3:]) for row in found[: asked.limit])
    counts: dict[str, int] = {str(kind): 0 for kind in Work}
    counts |= (rows[0][1] or {}) if rows else {}
    return Page(counts, items, len(found) > asked.limit, rows[0][0] if rows else 0)
