"""The worklist: what waits on any day, as known at any moment."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, LiteralString

from msgspec import Struct

from adapters.postgres.connection import LibpqConnection
from domain.history import State
from domain.recommendation.state import Recommendation
from domain.recommendation.worklist import WorkDue, work
from domain.vocabulary.dates import end_of
from domain.vocabulary.values import Code, Reference
from projections.bitemporal import NOW, TIMES, Cells, Table
from projections.filters import REAL, readable
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
                item.clock or "",
                item.waiting_since,
                end_of(item.waiting_since),
                item.shows_from,
                item.due,
                item.window_to,
                item.assignee,
                item.proposer,
            )


COLUMNS: tuple[LiteralString, ...] = (
    "reference",
    "force",
    "work",
    "clock",
    "waiting_since",
    "waiting_day",
    "shows_from",
    "due",
    "window_to",
    "assignee",
    "proposer",
)
ITEM = Table("item", COLUMNS, _rows)
_READABLE: LiteralString = (
    readable(
        "item",
        rows="clock <> '' AND " + REAL,
        columns="(stream, since, until, known_from, known_to, "
        + ", ".join(name for name in COLUMNS if name not in {"assignee", "proposer"})
        + ")",
    )
    + " CREATE POLICY own ON item FOR SELECT TO tracker_bi_force USING"
    " (work IN ('revise_plan', 'new_plan') AND force = (SELECT reporting.own_force()) AND "
    + (REAL + ");")
    + " CREATE POLICY every ON item FOR SELECT TO tracker_bi_inspectorate USING ("
    + REAL
    + ");"
)
"""Deadlines are published; what else waits is for a force its own, and for the inspectorate all."""


class Worklist(ReadModel):
    """A read model with one row for each piece of work, while it waits."""

    name: ClassVar[LiteralString] = "worklist"
    version: ClassVar[LiteralString] = "9"
    tables: ClassVar[LiteralString] = (
        "CREATE TABLE item (" + TIMES + ""","""
        """
            reference text NOT NULL,
            force text NOT NULL,
            work text NOT NULL,
            clock text NOT NULL,
            waiting_since text NOT NULL,
            waiting_day date NOT NULL,
            shows_from date,
            due date,
            window_to text,
            assignee text,
            proposer text
        );
        COMMENT ON TABLE item IS 'What waits for a reviewer; shown from shows_from on, if given.';
        """ + _READABLE
    )
    indexes: ClassVar[LiteralString] = (
        """
        ALTER TABLE item ADD PRIMARY KEY (stream, since, known_from, work, clock);
        CREATE INDEX item_force ON item (force, since, until, known_from, known_to);
        CREATE INDEX item_now ON item (force, work, shows_from) WHERE """
        + NOW
        + """;
        CREATE INDEX item_reference ON item (reference) WHERE """
        + NOW
        + """;
        CREATE INDEX item_due ON item (due, reference, work, clock) WHERE """
        + NOW
        + """;
        CREATE INDEX item_waiting ON item (waiting_day, reference, work, clock)
            WHERE shows_from IS NULL AND """
        + NOW
        + """;
        CREATE INDEX item_own_due ON item (due, reference, work, clock)
            WHERE shows_from IS NULL AND """
        + NOW
        + """;
        CREATE INDEX item_new ON item (known_from) WHERE """
        + NOW
        + """;
        CREATE INDEX item_proposer ON item (proposer) WHERE proposer IS NOT NULL AND """
        + NOW
        + """;
        CREATE INDEX item_assignee ON item (assignee) WHERE assignee IS NOT NULL;"""
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
