"""The columns of a table: their names, types and meanings, and the values of a row.

This one definition makes every format, the description beside a CSV, the notes of a spreadsheet
and the data dictionary.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from msgspec import Struct

R = TypeVar("R")

Value: TypeAlias = str | int | float | bool | date | datetime | None
Row: TypeAlias = Sequence[Value]
Show: TypeAlias = Callable[[Any], Any]
"""Makes a cell of a file from a value."""
Datatype = Literal["string", "anyURI", "integer", "number", "boolean", "date", "dateTime"]
"""A type of W3C's XML Schema, by the name that CSVW has for it."""
NoValue = Literal["[x]", "[z]"]
"""The mark of a spreadsheet for no value, as no cell of it may be blank."""
ABSENT: dict[NoValue, str] = {
    "[x]": "Not on record, or not known.",
    "[z]": "Does not apply.",
}

ROWS_AT_ONCE = 1_000
"""How many rows are written at a time, and held in memory."""


class DataColumn(Struct, Generic[R], frozen=True):
    """A column, and its value in the row of an item."""

    name: str
    """In lower case with underscores, unique in its table, and kept for ever."""
    title: str
    description: str
    datatype: Datatype
    value: Callable[[R], Any]
    absent: NoValue = "[x]"
    then: Callable[[Any], Any] | None = None
    """Makes the cell from that value; kept for each of them, so for values of which few differ."""


class DataTable(Struct, Generic[R], frozen=True):
    """A table: its columns, and those that name a row."""

    name: str
    title: str
    description: str
    columns: tuple[DataColumn[R], ...]
    key: tuple[str, ...]
    """None where a row is named by values that can be absent."""


class About(Struct, frozen=True, kw_only=True):
    """The day, position and origin that a file states of itself."""

    day: date
    """The state is that at the end of this day."""
    position: int
    known_at: datetime | None
    """The moment at which it was known; None for now."""
    address: str
    """The address of the list in the service."""
    service: str
    """The address of the service; without one, that of no page is whole."""
    csv_address: str
    """The address of the CSV, from that of its description."""
    language: str
    publisher: str
    licence: str
    licence_address: str
    source: str


class Extract(Struct, Generic[R], frozen=True):
    """A table to write: its definition, its items in order, and what the file says of itself."""

    table: DataTable[R]
    items: Iterable[R]
    about: About

    @property
    def columns(self) -> tuple[DataColumn[Any], ...]:
        """The columns of the table, and those of the day and position it was taken at."""
        return (*self.table.columns, *AS_OF)

    def chunks(
        self, shown: Callable[[DataColumn[Any]], Show | None], size: int = ROWS_AT_ONCE
    ) -> Iterator[list[Sequence[Any]]]:
        """Yield the cells of all columns, each as a sequence, a number of rows at a time.

        `shown` returns the function that makes the cells of a column from its values, None for
        values as they are. It is asked column by column, since that is several times as fast as
        row by row.
        """
        columns = [
            _cells(column, self.about.service, shown(column)) for column in self.table.columns
        ]
        as_of = [_constant(column, self.about, shown(column)) for column in AS_OF]
        items = iter(self.items)
        while chunk := list(islice(items, size)):
            yield [
                *(cells(chunk) for cells in columns),
                *([cell] * len(chunk) for cell in as_of),
            ]


class _Kept(dict[Any, Any]):
    """The results of a function, by its argument."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, argument: object) -> object:
        self[argument] = made = self._function(argument)
        return made


FEW = frozenset({"boolean", "date", "integer"})
"""The types of which a table has few values that differ."""


def _cells(
    column: DataColumn[R], service: str, show: Show | None
) -> Callable[[list[R]], list[Any]]:
    """Return a function for the cells of a column in the rows of some items."""
    steps: list[Callable[[Any], Any]] = [step for step in (column.then,) if step]
    if column.datatype == "anyURI":
        steps.append(partial(_whole, service))
    steps += [show] if show else []
    if not steps:
        return lambda items: list(map(column.value, items))
    make = steps[0] if len(steps) == 1 else partial(_through, steps)
    if column.then or column.datatype in FEW:
        make = _Kept(make).__getitem__
    return lambda items: list(map(make, map(column.value, items)))


def _through(steps: list[Callable[[Any], Any]], value: object) -> object:
    for step in steps:
        value = step(value)
    return value


def _constant(column: DataColumn[About], about: About, show: Show | None) -> object:
    value = column.value(about)
    return show(value) if show else value


def _whole(service: str, path: str | None) -> str | None:
    """Return the whole address of a page, given its path."""
    return service + path if path is not None and path.startswith("/") else path


def _day(about: About) -> date:
    return about.day


def _position(about: About) -> int:
    return about.position


def _known_at(about: About) -> datetime | None:
    return about.known_at


AS_OF: tuple[DataColumn[About], ...] = (
    DataColumn(
        "as_at", "As at the end of", "The day that the row is as at the end of.", "date", _day
    ),
    DataColumn(
        "position",
        "Ledger position",
        "The number of the last record that the row takes into account.",
        "integer",
        _position,
    ),
    DataColumn(
        "known_at",
        "Known at",
        "The moment at which it was known; none for everything known when the file was made.",
        "dateTime",
        _known_at,
        "[z]",
    ),
)
"""The last columns of every table."""
