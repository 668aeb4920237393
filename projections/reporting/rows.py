"""The rows of a view for callers that read no SQL: some columns, filtered, in order, by parts.

The service reads the views' queries itself, by its own role, which sees all rows: a view has none
of training, whoever reads it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from projections.bitemporal import EVER
from projections.reporting.column import AS_OF, KNOWN_AT
from projections.reporting.filtering import Condition
from projections.reporting.view import MadeView
from projections.reporting.views import READ
from projections.runtime.tracking import tracked_positions

_ASKED = {
    "%": "%%",
    AS_OF: "%(day)s::date",
    KNOWN_AT: "%(known_at)s::timestamptz",
    "{position}": "%(position)s",
}
"""The parts of a view's SQL to replace by parameters, in that order."""


class RowsAsOf(Struct, frozen=True, kw_only=True):
    """The day, the moment and the position that rows are as of; None is now."""

    day: date
    known_at: datetime | None
    position: int


class Order(Struct, frozen=True):
    """A column to order rows by."""

    column: str
    descending: bool = False


class RowsPart(Struct, frozen=True, kw_only=True):
    """The rows to read: of which columns, under which condition, in which order, and how many."""

    columns: Sequence[str]
    condition: Condition = Condition()
    order: Sequence[Order] = ()
    then: Sequence[str] = ()
    """Columns that are never null and end the order, as the lists' indexes have them."""
    limit: int
    offset: int = 0


def position_of_all(cursor: Cursor[Any]) -> int:
    """Return the position that every list of the views has reached."""
    reached = tracked_positions(cursor, READ)
    return min(position for position, _ in reached) if len(reached) == len(READ) else 0


def read_part(
    cursor: Cursor[Any], view: MadeView, as_of: RowsAsOf, part: RowsPart
) -> list[TupleRow]:
    """Return the values of some columns of a view's rows."""
    return cursor.execute(statement(view, part).encode(), parameters(as_of, part)).fetchall()


def statement(view: MadeView, part: RowsPart) -> str:
    """Return the SQL of some rows of a view.

    Columns and order are names of the view's columns. Null comes first in rising order.
    """
    columns = ", ".join(f"r.{name}" for name in part.columns)
    order = ", ".join(
        [*(_ordered(view, order) for order in part.order), *(f"r.{name}" for name in part.then)]
    )
    sql = f"SELECT {columns} FROM {_from(view)} WHERE {part.condition.sql}"
    return sql + f"{' ORDER BY ' + order if order else ''} LIMIT %(limit)s OFFSET %(offset)s"


def parameters(as_of: RowsAsOf, part: RowsPart) -> Mapping[str, object]:
    """Return the parameters of `statement`."""
    limits = {"limit": part.limit, "offset": part.offset}
    return {**_as_of_parameters(as_of, part.condition), **limits}


def count_rows(cursor: Cursor[Any], view: MadeView, as_of: RowsAsOf, condition: Condition) -> int:
    """Return how many rows of a view fulfil a condition."""
    sql = f"SELECT count(*) FROM {_from(view)} WHERE {condition.sql}"
    row = cursor.execute(sql.encode(), _as_of_parameters(as_of, condition)).fetchone()
    return int(row[0]) if row else 0


def _from(view: MadeView) -> str:
    query = view.query("{position}")
    for text, instead in _ASKED.items():
        query = query.replace(text, instead)
    return f"({query}) r"


def _as_of_parameters(as_of: RowsAsOf, condition: Condition) -> Mapping[str, object]:
    return {
        **condition.parameters,
        "day": as_of.day,
        "known_at": as_of.known_at or EVER,
        "position": as_of.position,
    }


def _ordered(view: MadeView, order: Order) -> str:
    """Return the SQL of an order that no setting of the database changes."""
    kinds = {column.name: column.type for column in view.columns}
    collation = ' COLLATE "C"' if kinds[order.column] == "text" else ""
    return f"r.{order.column}{collation} {'DESC NULLS LAST' if order.descending else 'NULLS FIRST'}"
