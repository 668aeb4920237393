"""The published steps of every recommendation, while they stand on the record.

A step is true from the day by which it had certainly happened by its own date. Other steps, which
may tell more of a coarse date, are not asked: its row is written once, and not with every step.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar, LiteralString
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple

from adapters.postgres.connection import LibpqConnection
from domain.events.recommendation import Issued
from domain.history import State
from domain.recommendation.published_steps import (
    PublishedStep,
    party_of,
    reported_in,
    result_of,
    source_of,
    tag_of_step,
    text_of,
)
from domain.recommendation.state import Recommendation
from domain.vocabulary.values import Code, Line, Reference, Text, When
from projections.bitemporal import TIMES, Cells, LastingTable, columns_of
from projections.filters import readable
from projections.runtime.periods import Change, Content
from projections.runtime.read_model import ReadModel


class ListedStep(Struct, frozen=True):
    """One published step of a recommendation."""

    reference: Reference
    report: UUID
    force: Code
    number: int
    """Its place among the published steps: that in the ledger would count private ones."""
    what: str
    """The tag of its event."""
    happened_on: When
    recorded_at: datetime
    party: str
    result: str | None
    """Its own code: an answer, outcome, finding, reason or time limit."""
    text: Text | None
    source: Line | None
    reported_in: Reference | None


class _Published(Struct, frozen=True):
    issued: Issued | None
    """None if it was withdrawn."""
    steps: tuple[PublishedStep, ...]


COLUMNS = columns_of(ListedStep)


def _facts(content: Content) -> Sequence[tuple[Issued, PublishedStep]]:
    if not isinstance(content, _Published) or content.issued is None:
        return ()
    return [(content.issued, step) for step in content.steps]


def _row(number: int, fact: tuple[Issued, PublishedStep]) -> tuple[date, Cells]:
    issued, step = fact
    return step.by, astuple(_step(issued, number, step))


STEP = LastingTable("step", COLUMNS, _facts, _row)


class Steps(ReadModel):
    """A read model with a row for each published step of a recommendation."""

    name: ClassVar[LiteralString] = "steps"
    version: ClassVar[LiteralString] = "1"
    tables: ClassVar[LiteralString] = (
        "CREATE TABLE step (" + TIMES + ""","""
        """
            reference text NOT NULL,
            report uuid NOT NULL,
            force text NOT NULL,
            number integer NOT NULL,
            what text NOT NULL,
            happened_on text NOT NULL,
            recorded_at timestamptz NOT NULL,
            party text NOT NULL,
            result text,
            text text,
            source text,
            reported_in text
        );
        COMMENT ON TABLE step IS 'The published steps of recommendations, as true and as known.';
        """ + readable("step")
    )
    indexes: ClassVar[LiteralString] = """
        ALTER TABLE step ADD PRIMARY KEY (stream, number, known_from);
        CREATE INDEX step_in_order ON step (reference, stream, number);
        CREATE INDEX step_force ON step (force, reference, stream, number);
        """
    compared = (("step", "stream, since, until, known_from, known_to, " + ", ".join(COLUMNS)),)

    @staticmethod
    def show(state: State) -> Content | None:
        """Return the published steps of a recommendation, or None for any other state."""
        if not isinstance(state, Recommendation):
            return None
        return _Published(state.issued, state.published)

    @classmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the rows of the changes."""
        STEP.write(wire, schema, changes)


def _step(issued: Issued, number: int, step: PublishedStep) -> ListedStep:
    event = step.event
    return ListedStep(
        reference=issued.reference,
        report=issued.report,
        force=issued.addressee,
        number=number,
        what=tag_of_step(event),
        happened_on=step.on,
        recorded_at=step.at,
        party=party_of(event),
        result=result_of(event),
        text=text_of(event),
        source=source_of(event) or None,
        reported_in=reported_in(event),
    )
