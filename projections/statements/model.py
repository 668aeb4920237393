"""Statements of published sources: on recommendations, on reports, and on areas to improve."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, LiteralString, TypeAlias
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple

from adapters.postgres.connection import LibpqConnection
from domain.events.recommendation import MilestoneNoted, OutcomeNoted
from domain.events.report import AreaNoted, ReportMilestoneNoted, ReportOutcomeNoted
from domain.history import State
from domain.recommendation.decisions import Statement
from domain.recommendation.state import Recommendation
from domain.report import Report, ReportNote
from domain.vocabulary.folding import searchable
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import Code, Line, Reference, Text, Topic, When
from projections.bitemporal import NOW, TIMES, Cells, Table, columns_of
from projections.filters import readable
from projections.runtime.periods import Change, Content
from projections.runtime.read_model import ReadModel

Noted: TypeAlias = (
    AreaNoted | MilestoneNoted | OutcomeNoted | ReportMilestoneNoted | ReportOutcomeNoted
)
"""The events that record a statement."""


class Said(Struct, frozen=True, cache_hash=True):
    """One statement of a source: an area to improve, an outcome, or a milestone."""

    reference: Reference
    what: str
    """`area` for an area to improve, else the reading of an outcome or the kind of a milestone."""
    force: Code
    report: UUID
    recommendation: bool
    """Whether it names one recommendation, the stream itself; else it is about the report."""
    step: int
    said_on: When
    said_by: str | None
    area: Line | None
    topic: Topic | None
    text: Text
    source: Line
    address: Line | None
    reported_in: Reference | None
    register_status: str | None
    answer: str | None
    level: str | None
    confidence: str


class _Sayings(Struct, frozen=True, cache_hash=True):
    said: tuple[Said, ...]


COLUMNS = columns_of(Said)


def _rows(content: Content) -> Iterable[Cells]:
    if isinstance(content, _Sayings):
        for said in content.said:
            yield (*astuple(said), searchable(f"{said.text}\n{said.topic or ''}"))


SAID = Table("said", (*COLUMNS, "words"), _rows)


# Newest first, a coarse date comes after every day in it, and an unknown date after all others.
SAID_ON: LiteralString = "(CASE said_on WHEN 'unknown' THEN '' ELSE said_on END)"


class Statements(ReadModel):
    """A read model with a row for each statement, while it stands on the record."""

    name: ClassVar[LiteralString] = "statements"
    version: ClassVar[LiteralString] = "5"
    tables: ClassVar[LiteralString] = (
        "CREATE TABLE said (" + TIMES + ""","""
        """
            reference text NOT NULL,
            what text NOT NULL,
            force text NOT NULL,
            report uuid NOT NULL,
            recommendation boolean NOT NULL,
            step integer NOT NULL,
            said_on text NOT NULL,
            said_by text,
            area text,
            topic text,
            text text NOT NULL,
            source text NOT NULL,
            address text,
            reported_in text,
            register_status text,
            answer text,
            level text,
            confidence text NOT NULL,
            words text NOT NULL,
            search tsvector GENERATED ALWAYS AS (to_tsvector('english', words)) STORED
        );
        COMMENT ON TABLE said IS 'What sources said, as true and as known.';
        """ + readable("said")
    )
    indexes: ClassVar[LiteralString] = (
        """
        ALTER TABLE said ADD PRIMARY KEY (stream, since, known_from, step);
        CREATE INDEX said_force ON said (force, reference, step);
        CREATE INDEX said_report ON said (report, reference, step);
        CREATE INDEX said_area ON said (area, force, reference, step);
        CREATE INDEX said_in_order ON said (reference, step);
        CREATE INDEX said_search ON said USING gin (search);
        CREATE INDEX said_newest ON said ("""
        + SAID_ON
        + " DESC, reference, stream, step) WHERE "
        + NOW
        + ";"
    )
    compared = (("said", "stream, since, until, known_from, known_to, " + ", ".join(COLUMNS)),)

    @staticmethod
    def show(state: State) -> Content | None:
        """Return what was said of a recommendation or a report; None if nothing was."""
        match state:
            case Report():
                said = tuple(_of_report(state))
            case Recommendation():
                said = tuple(_of_recommendation(state))
            case _:
                return None
        return _Sayings(said)

    @classmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the rows of the changes."""
        SAID.write(wire, schema, changes)


def _of_report(state: Report) -> Iterator[Said]:
    published = state.published
    if published is None:
        return
    report = report_id(published.reference)
    for note in state.notes:
        match note.event:
            case ReportMilestoneNoted(force=force) as event:
                yield _said(note, event, report, force, (None, None))
            case AreaNoted(area=area, topic=topic) | ReportOutcomeNoted(area=area, topic=topic):
                yield _said(note, note.event, report, published.addressee, (area, topic))


def _of_recommendation(state: Recommendation) -> Iterator[Said]:
    issued = state.issued
    if issued is None:
        return
    about = (issued.area, issued.topic)
    for statement in state.statements:
        match statement.event:
            case MilestoneNoted(force=force) as event:
                yield _said(statement, event, issued.report, force or issued.addressee, about)
            case OutcomeNoted() as event:
                yield _said(statement, event, issued.report, issued.addressee, about)
            case _:
                pass


def _said(
    noted: ReportNote | Statement,
    event: Noted,
    report: UUID,
    force: Code,
    about: tuple[Line | None, Topic | None],
) -> Said:
    """Return what an event says of a force, and about which area and topic."""
    milestone = event if isinstance(event, MilestoneNoted | ReportMilestoneNoted) else None
    outcome = event if isinstance(event, OutcomeNoted | ReportOutcomeNoted) else None
    return Said(
        reference=event.reference,
        what=milestone.milestone if milestone else outcome.reading if outcome else "area",
        force=force,
        report=report,
        recommendation=isinstance(event, MilestoneNoted | OutcomeNoted),
        step=noted.step,
        said_on=noted.on,
        said_by=None if isinstance(event, AreaNoted) else event.said_by,
        area=about[0],
        topic=about[1],
        text=event.text,
        source=event.source,
        address=milestone.address if milestone else None,
        reported_in=outcome.reported_in if outcome else None,
        register_status=outcome.register_status if outcome else None,
        answer=milestone.answer if milestone else None,
        level=milestone.level if milestone else None,
        confidence=event.confidence,
    )
