"""Statements of published sources: on recommendations, on reports, and on areas to improve."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, LiteralString, TypeAlias
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import astuple
from psycopg import Cursor

from adapters.postgres.connection import LibpqConnection
from domain.events.recommendation import MilestoneNoted, OutcomeNoted
from domain.events.report import AreaNoted, ReportMilestoneNoted, ReportOutcomeNoted
from domain.history import State
from domain.recommendation.decisions import Statement
from domain.recommendation.state import Recommendation
from domain.report import Report, ReportNote
from domain.vocabulary.folding import searchable
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import Area, Code, Line, Reference, Text, Topic, When
from projections.bitemporal import NOW, TIMES, Cells, Table, columns_of
from projections.filters import ListFilter, Words, readable
from projections.runtime.periods import Change, Content
from projections.runtime.read_model import ReadModel
from projections.search.question import MATCHES, text_query

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
_SAID_ON: LiteralString = "(CASE said_on WHEN 'unknown' THEN '' ELSE said_on END)"


class Statements(ReadModel):
    """A read model with a row for each statement, while it stands on the record."""

    name: ClassVar[LiteralString] = "statements"
    version: ClassVar[LiteralString] = "4"
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
        + _SAID_ON
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


# Reading it


Order = Annotated[
    Literal["reference", "newest"],
    Meta(description="In order of reference, which is the default, or the newest first."),
]


class StatementsFilter(ListFilter, frozen=True, kw_only=True):
    """A filter of statements; None does not restrict a field."""

    report: Annotated[UUID, Meta(description="Of that report or its recommendations.")] | None = (
        None
    )
    area: Annotated[Area, Meta(description="About that area.")] | None = None
    q: Words | None = None
    order: Order | None = None


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


_PLACE: LiteralString = "(reference, stream, step) > (%(reference)s, %(stream)s, %(step)s)"
_AFTER_NEWEST: LiteralString = (
    "(" + _SAID_ON + " < %(said_on)s OR (" + _SAID_ON + " = %(said_on)s AND " + _PLACE + "))"
)


def statement(filters: StatementsFilter, after: str | None = None) -> LiteralString:
    """Return the SQL of a page, which begins after a `next`."""
    newest = filters.order == "newest"
    where = _where(filters)
    if after is not None:
        where.append(_AFTER_NEWEST if newest else _PLACE)
    order: LiteralString = (_SAID_ON + " DESC, " if newest else "") + "reference, stream, step"
    return (
        "SELECT p.notification_id, s.* FROM " + Statements.tracking + " p"
        " LEFT JOIN LATERAL (SELECT stream, "
        + ", ".join(COLUMNS)
        + " FROM "
        + Statements.schema
        + ".said WHERE "
        + " AND ".join(where)
        + " ORDER BY "
        + order
        + " LIMIT %(limit)s OFFSET %(offset)s) s ON true"
        " WHERE p.application_name = 'ledger' ORDER BY " + order
    )


def count(cursor: Cursor[Any], filters: StatementsFilter, today: date) -> int:
    """Return how many statements a filter lists on all its pages."""
    sql: LiteralString = "SELECT count(*) FROM " + Statements.schema + ".said WHERE "
    query = _parameters(filters, today)
    row = cursor.execute(sql + " AND ".join(_where(filters)), query).fetchone()
    return int(row[0]) if row else 0


def _where(filters: StatementsFilter) -> list[LiteralString]:
    of_force = filters.of_force if filters.report is None else filters.of_force_or_report
    where: list[LiteralString] = [filters.as_of, of_force]
    if filters.report is not None:
        where.append("report = %(report)s")
    if filters.area is not None:
        where.append("area = %(area)s")
    if filters.q is not None:
        where.append("search @@ " + MATCHES)
    return where


def _parameters(filters: StatementsFilter, today: date) -> dict[str, object]:
    return {
        **filters.as_of_parameters(today),
        "force": filters.force,
        "report": filters.report,
        "area": filters.area,
        "q": text_query(filters.q or ""),
        "limit": filters.rows_max,
        "offset": filters.offset,
    }


def page(
    cursor: Cursor[Any], filters: StatementsFilter, today: date, after: str | None = None
) -> StatementsPage:
    """Return the page that begins after a `next`, or the first page."""
    query = _parameters(filters, today)
    if after is not None:
        reference, stream, step, said_on = after.split(" ")
        query |= {"reference": reference, "stream": stream, "step": int(step)}
        query |= {"said_on": said_on.removeprefix("unknown")}
    tracked = cursor.execute(statement(filters, after), query).fetchall()
    rows = [row for row in tracked if row[1] is not None]
    items = tuple(StatementItem(row[1], Said(*row[2:])) for row in rows[: filters.limit])
    return StatementsPage(
        items=items,
        next=_place_of(items[-1]) if len(rows) > filters.limit else None,
        position=tracked[0][0] if tracked else 0,
        on=filters.day_at(today),
        known_at=filters.known_at,
    )


def _place_of(item: StatementItem) -> str:
    return f"{item.said.reference} {item.id} {item.said.step} {item.said.said_on}"
