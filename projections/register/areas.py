"""Counts of recommendations by area and force, taken from the register."""

from datetime import date, datetime
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor

from domain.vocabulary.values import Area, Code
from projections.filters import TrainingFilter
from projections.register.listing import LIMITED, OPEN
from projections.register.model import Register


class AreaCounts(Struct, frozen=True):
    """The counts of one area at one force."""

    area: Area
    force: Code
    total: int
    open: int
    limited: int
    """How many have a last day that is known and are not closed: the base of `overdue`."""
    overdue: int
    claimed: int
    not_known: int
    met: int
    partly_met: int
    not_met: int
    too_early: int
    narrative: int
    """`met` to `narrative` count the latest finding of a follow-up."""

    @property
    def found(self) -> int:
        """How many have a finding: the base of the shares."""
        return self.met + self.partly_met + self.not_met + self.too_early + self.narrative


class AreasPage(Struct, frozen=True, kw_only=True):
    """The counts by area and force, as of a position of the ledger.

    An area at a force that has none is left out.
    """

    items: tuple[AreaCounts, ...]
    position: int
    on: date
    known_at: datetime | None


def statement(filters: TrainingFilter) -> LiteralString:
    """Return the SQL of the counts."""
    return (
        "SELECT p.notification_id, s.* FROM " + Register.tracking + " p LEFT JOIN LATERAL ("
        "SELECT area, force, count(*), count(*) FILTER (WHERE "
        + OPEN
        + "), count(*) FILTER (WHERE "
        + LIMITED
        + "), count(*) FILTER (WHERE overdue_from <= %(today)s), count(claimed_on),"
        " count(*) FILTER (WHERE stage = 'not_known'), count(*) FILTER (WHERE finding = 'met'),"
        " count(*) FILTER (WHERE finding = 'partly_met'),"
        " count(*) FILTER (WHERE finding = 'not_met'),"
        " count(*) FILTER (WHERE finding = 'too_early'),"
        " count(*) FILTER (WHERE finding = 'narrative') FROM "
        + Register.schema
        + ".standing WHERE "
        + filters.of_force
        + " AND "
        + filters.as_of
        + " GROUP BY area, force) s ON true WHERE p.application_name = 'ledger'"
        " ORDER BY s.area, s.force"
    )


def count(cursor: Cursor[Any], filters: TrainingFilter, today: date) -> AreasPage:
    """Return the counts at the end of a day.

    Reads the row of every recommendation on that day.
    """
    day = filters.day_at(today)
    query = {**filters.as_of_parameters(today), "today": day}
    rows = cursor.execute(statement(filters), query).fetchall()
    return AreasPage(
        items=tuple(AreaCounts(*row[1:]) for row in rows if row[1] is not None),
        position=rows[0][0] if rows else 0,
        on=day,
        known_at=filters.known_at,
    )
