"""Cohorts: of what was issued in a year, how much was done within one, two and four years."""

from datetime import date
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor

from projections.filters import ForceFilter
from projections.register.listing import OPEN
from projections.register.measures.conditions import ENDED, ISSUED_IN, done_within
from projections.register.model import Register


class Cohort(Struct, frozen=True):
    """The recommendations issued in a calendar year, by what became of them.

    A reopened one counts as not done, however early it was first closed.
    """

    year: int | None
    """None for those whose year of issue is not known."""
    issued: int
    done_in_1: int
    done_in_2: int
    done_in_4: int
    """Closed as verified within so many years of issue, both known to the day; each includes the
    one before. Of a young cohort, the count so far: see `is_over`."""
    done: int
    """Closed as verified, whenever."""
    ended: int
    """Closed for another reason."""
    open: int
    not_known: int
    """It is not known where they stand."""

    def is_over(self, years: int, on: date) -> bool:
        """Return whether all of the cohort had so many years by the end of a day."""
        return self.year is not None and on >= date(self.year + years, 12, 31)


def _within(years: LiteralString) -> LiteralString:
    return "count(*) FILTER (WHERE " + done_within(years) + ")"


_COUNTS: LiteralString = ", ".join(
    [
        ISSUED_IN + " AS year",
        "count(*)",
        _within("1"),
        _within("2"),
        _within("4"),
        "count(*) FILTER (WHERE closed_reason = 'verified')",
        "count(*) FILTER (WHERE " + ENDED + ")",
        "count(*) FILTER (WHERE " + OPEN + ")",
        "count(*) FILTER (WHERE stage = 'not_known')",
    ]
)


def statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of the cohorts."""
    return (
        "SELECT p.notification_id, s.* FROM "
        + Register.tracking
        + " p LEFT JOIN LATERAL (SELECT "
        + _COUNTS
        + " FROM "
        + Register.schema
        + ".standing WHERE "
        + filters.as_of
        + " AND "
        + filters.of_force
        + " GROUP BY 1) s ON true WHERE p.application_name = 'ledger' ORDER BY s.year"
    )


def read_cohorts(
    cursor: Cursor[Any], filters: ForceFilter, today: date
) -> tuple[tuple[Cohort, ...], int]:
    """Return the cohorts, the oldest first, and the ledger position."""
    query = {**filters.as_of_parameters(today), "force": filters.force}
    rows = cursor.execute(statement(filters), query).fetchall()
    counted = tuple(
        Cohort(None if year == "not_known" else int(year), *counts)
        for _, year, *counts in rows
        if year is not None
    )
    return counted, rows[0][0] if rows else 0
