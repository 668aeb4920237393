"""Coverage: how much of what was published is on record, to be read beside every figure."""

from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor

from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code, When
from projections.bitemporal import NOW
from projections.filters import AsOfFilter, ForceFilter, force_condition
from projections.register.model import Register
from projections.reports.model import Reports
from projections.statements.model import Statements


class Coverage(Struct, frozen=True):
    """How many reports of a force are on record, and how many of their recommendations.

    `stated` is how many recommendations those `stating` reports state that state a number, and
    `on_record` how many of these are on record; both are None if no report states one.
    """

    reports: int = 0
    stating: int = 0
    stated: int | None = None
    on_record: int | None = None


class Coverages(Struct, frozen=True):
    """The coverage of each force, as of a ledger position that both read models have reached."""

    forces: dict[Code, Coverage]
    position: int

    @property
    def together(self) -> Coverage:
        """The coverage of all these forces together."""
        forces = self.forces.values()
        stating = [force for force in forces if force.stated is not None]
        return Coverage(
            reports=sum(force.reports for force in forces),
            stating=sum(force.stating for force in forces),
            stated=sum(force.stated or 0 for force in stating) if stating else None,
            on_record=sum(force.on_record or 0 for force in stating) if stating else None,
        )


class Holdings(Struct, frozen=True):
    """Everything that this copy of the record holds today, training left out."""

    reports: int
    statements: int
    """How many of recommendations, of reports and of areas to improve."""
    forces: frozenset[Code]
    """The addressees of which anything is on record."""
    newest_report: When | None
    newest_statement: When | None
    """None if there is none, or none has a date that is known."""


_COUNTED: LiteralString = (
    "count(DISTINCT coalesce(ordinal::text, regexp_replace(reference, '-' || force || '$',"
    " ''))) AS issued FROM " + Register.schema + ".standing WHERE kind = 'recommendation' AND "
)
"""A recommendation to several addressees is one recommendation of those it states."""


def statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of the coverage of each force.

    The few reports of a force are counted one by one; those of all forces in one pass.
    """
    of_report: LiteralString = " CROSS JOIN LATERAL (" + _of_report(filters, "l.stream") + ") r"
    of_all: LiteralString = (
        " LEFT JOIN (SELECT report, " + _COUNTED + filters.as_of + " GROUP BY report) r"
        " ON r.report = l.stream"
    )
    return (
        "SELECT l.force, count(*)::integer, count(l.stated)::integer, sum(l.stated)::integer,"
        " sum(coalesce(r.issued, 0)) FILTER (WHERE l.stated IS NOT NULL)::integer"
        " FROM (SELECT * FROM "
        + Reports.schema
        + ".listing WHERE "
        + filters.as_of
        + " AND "
        + filters.of_force
        + ") l"
        + (of_report if filters.force or filters.training else of_all)
        + " GROUP BY l.force"
    )


def _of_report(filters: AsOfFilter, report: LiteralString) -> LiteralString:
    return "SELECT " + _COUNTED + filters.as_of + " AND report = " + report


POSITION: LiteralString = (
    "SELECT least((SELECT max(notification_id) FROM "
    + Reports.tracking
    + "), (SELECT max(notification_id) FROM "
    + Register.tracking
    + "))"
)


def read_coverage(cursor: Cursor[Any], filters: ForceFilter, today: date) -> Coverages:
    """Return the coverage of a force, or of every force but training, on the filter's day."""
    parameters = {**filters.as_of_parameters(today), "force": filters.force}
    rows = cursor.execute(statement(filters), parameters).fetchall()
    known = {force: Coverage(*counts) for force, *counts in rows}
    position = cursor.execute(POSITION).fetchone()
    codes = [filters.force] if filters.force else list(ADDRESSEES)
    return Coverages(
        {code: known.get(code, Coverage()) for code in codes if code in known or filters.force},
        position[0] or 0 if position else 0,
    )


_RESTATED: LiteralString = (
    "since <= %(on)s AND until > %(on)s AND known_from <= %(known_at)s AND known_to > %(before)s"
    " AND (known_from > %(before)s OR known_to <= %(known_at)s)"
)


def restated_statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of whether any row is known otherwise than at the moment `before`."""
    standing: LiteralString = "EXISTS (SELECT FROM " + Register.schema + ".standing WHERE "
    reports: LiteralString = Reports.schema + ".listing WHERE " + filters.of_force
    listed: LiteralString = "EXISTS (SELECT FROM " + reports + " AND " + _RESTATED + ")"
    if filters.force is None:
        return "SELECT " + listed + " OR " + standing + _RESTATED + ")"
    own: LiteralString = standing + filters.of_force + " AND " + _RESTATED + ")"
    of_reports: LiteralString = "report = ANY (ARRAY(SELECT stream FROM " + reports + ")) AND "
    return "SELECT " + listed + " OR " + own + " OR " + standing + of_reports + _RESTATED + ")"


def may_be_restated(
    cursor: Cursor[Any], filters: ForceFilter, before: datetime, today: date
) -> bool:
    """Return whether anything of the filter's day became known, or was replaced, after a moment.

    If not, the day is the same as known at both: its recommendations, reports and coverage.
    """
    parameters = {**filters.as_of_parameters(today), "force": filters.force, "before": before}
    row = cursor.execute(restated_statement(filters), parameters).fetchone()
    return bool(row and row[0])


def count_of_report(cursor: Cursor[Any], report: UUID, filters: AsOfFilter, today: date) -> int:
    """Return how many recommendations of one report are on record."""
    query = _of_report(filters, "%(report)s")
    parameters = {**filters.as_of_parameters(today), "report": report}
    row = cursor.execute(query, parameters).fetchone()
    return row[0] if row else 0


_REAL: LiteralString = force_condition(None)
_REPORTS: LiteralString = Reports.schema + ".listing WHERE " + NOW + " AND " + _REAL
_SAID: LiteralString = Statements.schema + ".said WHERE " + NOW + " AND " + _REAL
_HOLDINGS: LiteralString = (
    "SELECT (SELECT count(*) FROM "
    + _REPORTS
    + "), (SELECT count(*) FROM "
    + _SAID
    + "), (SELECT array_agg(force) FROM (SELECT force FROM "
    + _REPORTS
    + " UNION SELECT force FROM (SELECT addressee AS force, until, known_to FROM "
    + Reports.schema
    + ".addressed) a WHERE "
    + _REAL
    + " AND "
    + NOW
    + " UNION SELECT force FROM "
    + _SAID
    + ") f), (SELECT max(published_on) FROM "
    + _REPORTS
    + " AND published_on <> 'unknown'), (SELECT max(said_on) FROM "
    + _SAID
    + " AND said_on <> 'unknown')"
)


def read_holdings(cursor: Cursor[Any]) -> Holdings:
    """Return what this copy of the record holds."""
    reports, statements, forces, *newest = cursor.execute(_HOLDINGS).fetchone() or (0, 0, None)
    return Holdings(reports, statements, frozenset(forces or ()), *(newest or (None, None)))
