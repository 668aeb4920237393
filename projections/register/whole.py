"""Whole lists, read row by row through a cursor of the server, in constant memory.

One statement reads all of a list, so that it is of one moment, and stays that of one schema while
builds are swapped.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any, Generic, LiteralString, TypeAlias, TypeVar

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row

from projections.filters import AsOfFilter

I = TypeVar("I")  # noqa: E741  an item

Reader: TypeAlias = Cursor[Any]
"""The cursor that lists are read with, for callers that know no database."""

ROWS_AT_ONCE = 1_000
"""How many rows are fetched at a time."""
ALL_ROWS: Mapping[str, None] = {"limit": None, "offset": None}
"""The parameters of a page's statement with which it reads all rows."""


class Whole(Struct, Generic[I], frozen=True, kw_only=True):
    """All items of a list in order, as of a ledger position; they can be read once."""

    items: Iterable[I]
    position: int
    on: date
    known_at: datetime | None


def read_whole(
    cursor: Cursor[Any],
    sql: LiteralString,
    query: Mapping[str, object],
    item: Callable[[TupleRow], I],
    *,
    filters: AsOfFilter,
    today: date,
) -> Whole[I]:
    """Return all items of a page's statement, read as they are asked for.

    The statement's rows begin with the position; its only row has no second column if there is
    no item. For a transaction, which has to stay open meanwhile.
    """
    rows = _rows(cursor, sql, {**query, **ALL_ROWS})
    first = next(rows, None)
    every: Iterator[TupleRow] = iter(()) if first is None else chain((first,), rows)
    return Whole(
        items=(item(row) for row in every if row[1] is not None),
        position=first[0] if first else 0,
        on=filters.day_at(today),
        known_at=filters.known_at,
    )


def _rows(
    cursor: Cursor[Any], sql: LiteralString, query: Mapping[str, object]
) -> Generator[TupleRow]:
    connection = cursor.connection
    with connection.cursor("whole", row_factory=tuple_row) as whole:
        whole.itersize = ROWS_AT_ONCE
        whole.execute(sql, query, binary=True)
        yield from whole
