"""Changes of a filtered list: when each recommendation came into it and left it.

The register is asked twice about each moment: what was listed just before, and what just after. A
list of what is overdue changes without any entry, too, as a day begins.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, LiteralString
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import Cursor

from domain.vocabulary.dates import day_of
from domain.vocabulary.values import Code
from projections.register.listing import RegisterFilter, conditions, parameters
from projections.register.measures.conditions import CHANGED
from projections.register.model import Register

TIME_ZONE: LiteralString = "Europe/London"
DAY_ROWS_MAX = 1_000
"""The most changes by days alone in one part of a feed."""


class Turn(Struct, frozen=True):
    """A moment at which a recommendation may have come into a list, or left it."""

    stream: UUID
    at: datetime


class Listed(Struct, frozen=True):
    """Whether a recommendation was listed just before a moment, and just after it."""

    before: bool
    after: bool


class DayChange(Struct, frozen=True):
    """A recommendation that came into a list as a day began, or left it (`came` is false)."""

    stream: UUID
    day: date
    at: datetime
    """The beginning of the day, by the clocks of the United Kingdom."""
    came: bool


def filter_of(query: str) -> RegisterFilter:
    """Return the filter of a list by its query string, which was checked when it was kept."""
    return msgspec.convert(dict(parse_qsl(query)), RegisterFilter, strict=False)


def changes_with_days(filters: RegisterFilter) -> bool:
    """Return whether a list can change as a day begins, without an entry."""
    dated = filters.overdue is not None or filters.plan_overdue is not None
    return dated and filters.on is None


def is_narrow(filters: RegisterFilter) -> bool:
    """Return whether the recommendations that a list can have are found by an index, and few."""
    return filters.force is not None or filters.report is not None


def listed_statement(filters: RegisterFilter) -> LiteralString:
    """Return the SQL of which recommendations were listed before and after moments."""
    rows: LiteralString = (
        "EXISTS (SELECT FROM " + Register.schema + ".standing s WHERE s.stream = m.m_stream AND "
    )
    rows += _as_of(filters) + " AND " + _with_day(filters, "m.m_day")
    return (
        "SELECT m.m_stream, m.m_at, "
        + rows
        + " AND s.known_from < m.m_at AND s.known_to >= m.m_at), "
        + rows
        + " AND s.known_from <= m.m_at AND s.known_to > m.m_at)"
        " FROM (SELECT m_stream, m_at, (m_at AT TIME ZONE '"
        + TIME_ZONE
        + "')::date AS m_day FROM unnest(%(streams)s::uuid[], %(ats)s::timestamptz[])"
        " AS t (m_stream, m_at)) m"
    )


def listed_at(
    cursor: Cursor[Any], filters: RegisterFilter, turns: Collection[Turn]
) -> dict[Turn, Listed]:
    """Return whether the recommendation of each turn was listed before and after it."""
    query = {
        **query_of(filters),
        "streams": [turn.stream for turn in turns],
        "ats": [turn.at for turn in turns],
    }
    rows = cursor.execute(listed_statement(filters), query).fetchall()
    return {Turn(row[0], row[1]): Listed(row[2], row[3]) for row in rows}


class TimeSpan(Struct, frozen=True):
    """The time after a moment and up to another."""

    after: datetime
    through: datetime


def days_statement(filters: RegisterFilter) -> LiteralString:
    """Return the SQL of the changes of a list as days began, in a span of moments."""
    selects: list[LiteralString] = [
        _of_days(filters, column) for column in ("overdue_from", "plan_overdue_from")
    ]
    return (
        "SELECT DISTINCT stream, m_day, begins, came FROM ("
        + " UNION ALL ".join(selects)
        + ") c WHERE begins > %(after)s AND begins <= %(through)s"
        " ORDER BY m_day, stream, came LIMIT %(rows)s OFFSET %(skipped)s"
    )


def day_changes(
    cursor: Cursor[Any], filters: RegisterFilter, span: TimeSpan, part: int
) -> Sequence[DayChange]:
    """Return a part of the changes of a list as days began, the earliest first.

    A part that has DAY_ROWS_MAX is full: later days only add to the parts after it.
    """
    query = _query_of_days(filters, span, DAY_ROWS_MAX, part * DAY_ROWS_MAX)
    rows = cursor.execute(days_statement(filters), query).fetchall()
    return [DayChange(*row) for row in rows]


def full_parts(cursor: Cursor[Any], filters: RegisterFilter, span: TimeSpan) -> int:
    """Return how many parts of the changes of a list as days began are full."""
    counted: LiteralString = "SELECT count(*) FROM (" + days_statement(filters) + ") d"
    row = cursor.execute(counted, _query_of_days(filters, span, None, 0)).fetchone()
    return int(row[0]) // DAY_ROWS_MAX if row else 0


def part_ends_at(
    cursor: Cursor[Any], filters: RegisterFilter, span: TimeSpan, part: int
) -> datetime | None:
    """Return the moment of the last change of a full part."""
    query = _query_of_days(filters, span, 1, (part + 1) * DAY_ROWS_MAX - 1)
    row = cursor.execute(days_statement(filters), query).fetchone()
    return row[2] if row else None


def _query_of_days(
    filters: RegisterFilter, span: TimeSpan, rows: int | None, skipped: int
) -> dict[str, object]:
    return {
        **query_of(filters),
        "after": span.after,
        "through": span.through,
        "first_day": day_of(span.after),
        "last_day": day_of(span.through),
        "rows": rows,
        "skipped": skipped,
    }


def streams_of(cursor: Cursor[Any], filters: RegisterFilter) -> Sequence[UUID]:
    """Return the recommendations that were ever in a narrow list, and perhaps a few others."""
    of = RegisterFilter(force=filters.force, report=filters.report)
    sql: LiteralString = "SELECT DISTINCT stream FROM " + Register.schema + ".standing WHERE "
    rows = cursor.execute(sql + conditions(of), query_of(of)).fetchall()
    return [stream for (stream,) in rows]


def _of_days(filters: RegisterFilter, column: LiteralString) -> LiteralString:
    """Return the SQL of the changes on the days in a column, as known when they began."""
    begins: LiteralString = "(" + column + "::timestamp AT TIME ZONE '" + TIME_ZONE + "')"
    listed: LiteralString = "(" + _with_day(filters, column) + ")"
    listed_before: LiteralString = "(" + _with_day(filters, "(" + column + " - 1)") + ")"
    return (
        "SELECT s.stream, " + column + " AS m_day, " + begins + " AS begins, " + listed + " AS came"
        " FROM " + Register.schema + ".standing s WHERE s.until = 'infinity' AND " + column + ""
        " BETWEEN %(first_day)s AND %(last_day)s AND s.known_from < " + begins + ""
        " AND s.known_to >= " + begins + " AND " + listed + " <> " + listed_before
    )


def _as_of(filters: RegisterFilter) -> LiteralString:
    """Return the SQL condition for the rows true on the day of a list: by default, the last."""
    return (
        "s.until = 'infinity'" if filters.on is None else "s.since <= %(on)s AND s.until > %(on)s"
    )


def _with_day(filters: RegisterFilter, day: LiteralString) -> LiteralString:
    """Return the conditions of a list on a day of each row, or on the day that it names."""
    return conditions(filters).replace("%(today)s", "%(on)s" if filters.on else day)


def query_of(filters: RegisterFilter) -> dict[str, object]:
    """Return the parameters of both statements that a filter sets."""
    return {**parameters(filters, date.max), "on": filters.on}


CHANGED_SINCE: LiteralString = (
    "SELECT force, count(*) FROM "
    + Register.schema
    + ".standing WHERE force = ANY(%(forces)s) AND until = 'infinity' AND known_to = 'infinity'"
    " AND " + CHANGED + " GROUP BY force"
)


def changed_since(
    cursor: Cursor[Any], forces: Collection[Code], since: datetime
) -> Mapping[Code, int]:
    """Return how many recommendations of each force changed, as known now, since a moment."""
    query = {"forces": [*forces], "changed_since": since}
    return dict(cursor.execute(CHANGED_SINCE, query).fetchall())
