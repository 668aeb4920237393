"""Open demands: how many are open at one force or area, and from how many reports, at a time."""

from datetime import date
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor

from domain.vocabulary.values import Area, Code
from projections.filters import ForceFilter
from projections.register.listing import OPEN
from projections.register.model import Register


class Demands(Struct, frozen=True):
    """The demands that are open at one force at a time; with an area, in that area alone."""

    force: Code
    area: Area | None
    open: int
    reports: int
    """From how many reports the open ones are."""
    not_known: int
    """How many more may be open: it is not known where they stand."""


def load_statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of the load of each force, and of each area in it."""
    return (
        "SELECT p.notification_id, s.* FROM " + Register.tracking + " p LEFT JOIN LATERAL ("
        "SELECT force, area, count(*) FILTER (WHERE "
        + OPEN
        + ") AS open, count(DISTINCT report) FILTER (WHERE "
        + OPEN
        + "), count(*) FILTER (WHERE stage = 'not_known') FROM "
        + Register.schema
        + ".standing WHERE stage <> 'closed' AND "
        + filters.as_of
        + " AND "
        + filters.of_force
        + " GROUP BY GROUPING SETS ((force), (force, area))) s ON true"
        " WHERE p.application_name = 'ledger'"
        " ORDER BY s.force, s.area NULLS FIRST"
    )


def read_load(
    cursor: Cursor[Any], filters: ForceFilter, today: date
) -> tuple[tuple[Demands, ...], int]:
    """Return the load of each force, followed by that of its areas, and the ledger position."""
    query = {**filters.as_of_parameters(today), "force": filters.force}
    rows = cursor.execute(load_statement(filters), query).fetchall()
    counted = tuple(Demands(*row[1:]) for row in rows if row[1] is not None)
    return counted, rows[0][0] if rows else 0
