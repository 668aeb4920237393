"""The columns of a table: their names, types and meanings, and the values of a row.

This one definition makes every format, the description beside a CSV, the notes of a spreadsheet
and the data dictionary.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from msgspec import Struct

R = TypeVar("R")

Value: TypeAlias = str | int | float | bool | date | datetime | None
Row: TypeAlias = Sequence[Value]
Read: TypeAlias = Callable[[Any], Any] | str
"""Returns the value of an item; or the path of the field that has it, with dots."""
Datatype = Literal["string", "anyURI", "integer", "number", "boolean", "date", "dateTime"]
"""A type of W3C's XML Schema, by the name that CSVW has for it."""
NoValue = Literal["[x]", "[z]"]
"""The mark of a spreadsheet for no value, as no cell of it may be blank."""
ABSENT: dict[NoValue, str] = {
    "[x]": "Not on record, or not known.",
    "[z]": "Does not apply.",
}


class DataColumn(Struct, Generic[R], frozen=True):
    """A column, and its value in the row of an item."""

    name: str
    """In lower case with underscores, unique in its table, and kept for ever."""
    title: str
    description: str
    datatype: Datatype
    value: Callable[[R], Any] | str
    """Returns the value of an item; or the path of the field that has it, with dots."""
    absent: NoValue = "[x]"
    then: Callable[[Any], Any] | None = None
    """Makes the cell from that value; columns that have the value in common share its reading."""
    few: bool = False
    """Whether few of the values differ, so that the cell of each is kept."""


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


AS_OF: tuple[DataColumn[About], ...] = (
    DataColumn(
        "as_at", "As at the end of", "The day that the row is as at the end of.", "date", "day"
    ),
    DataColumn(
        "position",
        "Ledger position",
        "The number of the last record that the row takes into account.",
        "integer",
        "position",
    ),
    DataColumn(
        "known_at",
        "Known at",
        "The moment at which it was known; none for everything known when the file was made.",
        "dateTime",
        "known_at",
        "[z]",
    ),
)
"""The last columns of every table."""
