"""Whole lists, read row by row while the server sends them, in constant memory.

One statement reads all of a list, so that it is of one moment, and stays that of one schema while
builds are swapped.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, Generic, LiteralString, Protocol, TypeAlias, TypeVar
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row
from psycopg.types.string import TextLoader

I = TypeVar("I")  # noqa: E741  an item
T = TypeVar("T")

Reader: TypeAlias = Cursor[Any]
"""The cursor that lists are read with, for callers that know no database."""

ROWS_AT_ONCE = 200
"""How many rows are received at a time, and written."""
ALL_ROWS: Mapping[str, None] = {"limit": None, "offset": None}
"""The parameters of a page's statement with which it reads all rows."""
_ID = psycopg.adapters.types["uuid"].oid


class Rows(Struct, Generic[I], frozen=True):
    """Items that are read as rows; `fields` has the place of each field of an item, by its path.

    Whoever takes their fields column by column is spared the items. Ids are texts in a row, since
    files show them as such, and making one a UUID and a text again takes longer than reading a row.
    """

    rows: Iterable[TupleRow]
    item: Callable[[TupleRow], I]
    fields: Mapping[str, int] = {}

    def __iter__(self) -> Iterator[I]:
        """Yield the items, once."""
        return map(self.item, self.rows)


def watched(items: Iterable[I], on_item: Callable[[], None]) -> Iterable[I]:
    """Return items, as rows if they are, that call a function for each that is taken."""

    def each(taken: Iterable[T]) -> Generator[T]:
        for item in taken:
            on_item()
            yield item

    if isinstance(items, Rows):
        rows: Rows[I] = items
        return Rows(each(rows.rows), rows.item, rows.fields)
    return each(items)


def _nothing() -> None:
    """Leave nothing open."""


class Whole(Struct, Generic[I], frozen=True, kw_only=True):
    """All items of a list in order, as of a ledger position; they can be read once."""

    items: Iterable[I]
    position: int
    on: date
    known_at: datetime | None
    close: Callable[[], None] = _nothing
    """Stops the reading; nobody else can use the connection before all is read, or this called."""


class ShownAt(Protocol):
    """The filter of a list: the day and the moment that it shows."""

    @property
    def known_at(self) -> datetime | None:
        """The moment at which it was known; None for now."""
        ...

    def day_at(self, today: date, /) -> date:
        """Return the day to show when today is `today`."""
        ...


def read_whole(  # noqa: PLR0917  each is a part of the question
    cursor: Cursor[Any],
    sql: LiteralString,
    query: Mapping[str, object],
    item: Callable[[TupleRow], I],
    filters: ShownAt,
    today: date,
    *,
    fields: Sequence[str] = (),
    first: int = 1,
) -> Whole[I]:
    """Return all items of a page's statement, read as they are asked for, to be closed.

    The statement's rows begin with the position, and the columns of an item with the `first`; if
    there is no item, its only row has none there. `fields` are the paths of these columns in an
    item, if each is a field as it is. For a transaction, which has to stay open meanwhile.
    """
    reader = cursor.connection.cursor(row_factory=tuple_row)
    reader.adapters.register_loader("uuid", TextLoader)
    rows = _rows(reader, sql, {**query, **ALL_ROWS})
    head = next(rows, None)
    ids = [n for n, column in enumerate(reader.description or ()) if column.type_code == _ID]
    every: Iterator[TupleRow] = iter(()) if head is None else chain((head,), rows)
    return Whole(
        items=Rows(
            (row for row in every if row[first] is not None),
            _with_ids(item, ids),
            {path: place for place, path in enumerate(fields, first)},
        ),
        position=head[0] if head else 0,
        on=filters.day_at(today),
        known_at=filters.known_at,
        close=rows.close,
    )


def _rows(
    reader: Cursor[TupleRow], sql: LiteralString, query: Mapping[str, object]
) -> Generator[TupleRow]:
    with reader:
        # As text, which the server makes; session settings that change it are fixed.
        yield from reader.stream(sql, query, size=ROWS_AT_ONCE)


def _with_ids(item: Callable[[TupleRow], I], places: Sequence[int]) -> Callable[[TupleRow], I]:
    """Return what makes an item of a row whose ids are texts, at some places."""

    def made(row: TupleRow) -> I:
        cells = list(row)
        for place in places:
            if cells[place] is not None:
                cells[place] = UUID(cells[place])
        return item(tuple(cells))

    return made
