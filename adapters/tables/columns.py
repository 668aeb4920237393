"""The columns of a table: their names, types and meanings, and the values of a row.

This one definition makes every format, the description beside a CSV, the notes of a spreadsheet
and the data dictionary.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from msgspec import Struct

R = TypeVar("R")

Value: TypeAlias = str | int | float | bool | date | datetime | None
Row: TypeAlias = Sequence[Value]
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


class DataTable(Struct, Generic[R], frozen=True):
    """A table: its columns, and those that name a row."""

    name: str
    title: str
    description: str
    columns: tuple[DataColumn[R], ...]
    key: tuple[str, ...]


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

    def chunks(self, size: int = ROWS_AT_ONCE) -> Iterator[list[Row]]:
        """Yield the rows in order, a number of them at a time."""
        rows = self._rows()
        while chunk := list(islice(rows, size)):
            yield chunk

    def _rows(self) -> Iterator[Row]:
        about, columns = self.about, self.table.columns
        values = [
            _whole(column.value, about.service) if column.datatype == "anyURI" else column.value
            for column in columns
        ]
        as_of = [column.value(about) for column in AS_OF]
        for item in self.items:
            yield [*[value(item) for value in values], *as_of]


def _whole(value: Callable[[R], str | None], service: str) -> Callable[[R], str | None]:
    """Return a function for the whole address of a page, given one for its path."""

    def address(item: R) -> str | None:
        path = value(item)
        return service + path if path is not None and path.startswith("/") else path

    return address


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
