"""The table of all published steps, whole: for files, which take no pages."""

from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.tables.whole import Whole, read_whole
from projections.filters import ForceFilter
from projections.statements.steps import COLUMNS, ListedStep, Steps


class StepItem(Struct, frozen=True):
    """One published step; `id` is its recommendation."""

    id: UUID
    step: ListedStep


def statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of the steps, by recommendation and number."""
    return (
        "SELECT p.notification_id, s.* FROM "
        + Steps.tracking
        + " p LEFT JOIN LATERAL (SELECT stream, "
        + ", ".join(COLUMNS)
        + " FROM "
        + Steps.schema
        + ".step WHERE "
        + (filters.as_of + " AND " + filters.of_force)
        + " ORDER BY reference, stream, number LIMIT %(limit)s) s ON true"
        " WHERE p.application_name = 'ledger' ORDER BY s.reference, s.stream, s.number"
    )


def every(cursor: Cursor[Any], filters: ForceFilter, today: date) -> Whole[StepItem]:
    """Return all that a filter lists; for a transaction, which has to stay open meanwhile."""
    query = {**filters.as_of_parameters(today), "force": filters.force}
    fields = ("id", *("step." + name for name in COLUMNS))
    return read_whole(cursor, statement(filters), query, _item, filters, today, fields=fields)


def _item(row: TupleRow) -> StepItem:
    return StepItem(row[1], ListedStep(*row[2:]))
