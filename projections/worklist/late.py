"""The late, counted by the force and the clock that they are late by."""

from datetime import date
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor

from domain.recommendation.deadlines import ClockName
from domain.vocabulary.values import Code
from projections.filters import ForceFilter
from projections.worklist.model import Worklist


class Late(Struct, frozen=True):
    """How many recommendations to a force are certainly overdue by one clock.

    `due` is the earliest last day of these.
    """

    force: Code
    clock: ClockName
    many: int
    due: date


def late_statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of what is late, by force and clock."""
    return (
        "SELECT p.notification_id, l.* FROM " + Worklist.tracking + " p LEFT JOIN LATERAL ("
        "SELECT force, clock, count(*), min(due) FROM "
        + Worklist.schema
        + ".item WHERE work = 'chase_overdue' AND shows_from <= %(on)s AND "
        + filters.as_of
        + " AND "
        + filters.of_force
        + " GROUP BY force, clock) l ON true WHERE p.application_name = 'ledger'"
        " ORDER BY l.force, l.clock"
    )


def read_late(
    cursor: Cursor[Any], filters: ForceFilter, today: date
) -> tuple[tuple[Late, ...], int]:
    """Return what is late at the end of the day, and the ledger position."""
    query = {**filters.as_of_parameters(today), "force": filters.force}
    rows = cursor.execute(late_statement(filters), query).fetchall()
    counted = tuple(Late(*row[1:]) for row in rows if row[1] is not None)
    return counted, rows[0][0] if rows else 0
