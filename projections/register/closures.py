"""Closures by day, counted from the register, and by half-year."""

from datetime import date
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor

from domain.recommendation.slippage import HalfYear, first_day, half_years
from projections.filters import ForceFilter
from projections.register.listing import BETWEEN
from projections.register.model import Register


class RecentClosures(Struct, frozen=True):
    """The latest half-years, the latest first, as of a position of the ledger."""

    half_years: tuple[HalfYear, ...]
    earlier: int
    """How many were closed on a day before the first of them, and not reopened since."""
    position: int


_EARLIER: LiteralString = (
    "stage = 'closed' AND closed_on < %(closed_from)s AND length(closed_on) = 10"
)


def statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of the counts by day, each with the count of all days before."""
    return (
        "SELECT p.notification_id, (SELECT count(*) FROM "
        + Register.schema
        + ".standing WHERE "
        + (_EARLIER + " AND " + filters.as_of + " AND " + filters.of_force)
        + "), s.* FROM "
        + Register.tracking
        + " p LEFT JOIN LATERAL (SELECT closed_on, count(*) FROM "
        + Register.schema
        + ".standing WHERE "
        + (BETWEEN + " AND " + filters.as_of + " AND " + filters.of_force)
        + " GROUP BY closed_on) s ON true WHERE p.application_name = 'ledger'"
    )


def parameters(filters: ForceFilter, today: date) -> dict[str, object]:
    """Return the parameters of `statement`."""
    day = filters.day_at(today)
    return {
        **filters.as_of_parameters(today),
        "force": filters.force,
        "closed_from": first_day(day).isoformat(),
        "closed_to": day.isoformat(),
    }


def recent_closures(cursor: Cursor[Any], filters: ForceFilter, today: date) -> RecentClosures:
    """Return the closures of the latest half-years up to the end of a day."""
    rows = cursor.execute(statement(filters), parameters(filters, today)).fetchall()
    days = {date.fromisoformat(row[2]): row[3] for row in rows if row[2] is not None}
    position, earlier = rows[0][:2] if rows else (0, 0)
    return RecentClosures(half_years(days, filters.day_at(today)), earlier, position)
