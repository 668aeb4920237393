"""The cover, notes and tables of spreadsheets, by the UK government's rules for published ones.

Source: Government Analysis Function, "Releasing statistics in spreadsheets" and its checklist. A
cover, notes, and one table a sheet below its title in A1; no cell of a table is blank, merged or
coloured, and no pane is frozen.
"""

from typing import Any

from msgspec import Struct

from adapters.tables.columns import ABSENT, Extract, Row

HEAD_ROW = 2
"""The row of the heads of a table, counted from 0: its title and a line about it come before."""
ROWS_MAX = 1_048_576 - HEAD_ROW - 1
"""The most rows of a table: a sheet of Excel has 1,048,576."""
COVER = "Cover"


class TableSheet(Struct, frozen=True):
    """A sheet with one table; its data sheet is named after the table, its notes `Notes`."""

    name: str
    title: str
    line: str
    mark: str
    """The name of the table in the file."""
    heads: tuple[str, ...]


class TooManyRows(ValueError):  # noqa: N818  says what is the matter
    """A table has more rows than a sheet takes."""


def cover(extract: Extract[Any]) -> list[str]:
    """Return the lines of the cover, the title first."""
    table, about = extract.table, extract.about
    known = (
        f"As known at {about.known_at.isoformat()}."
        if about.known_at
        else "As known when the file was made."
    )
    return [
        table.title,
        table.description,
        f"As at the end of {about.day.isoformat()}. {known}",
        f"Everything recorded up to number {about.position} is taken into account.",
        f"Source: {about.source}",
        f"Published by: {about.publisher}",
        f"Licence: {about.licence}",
        about.licence_address,
        f"The list in the service: {about.address}",
        f"Sheets: {COVER}; Notes, with the meaning of each column; {sheet_of(extract).name}.",
    ]


def notes_sheet(extract: Extract[Any]) -> TableSheet:
    """Return the sheet with the meaning of each column."""
    shorthand = " ".join(f"{mark}: {words}" for mark, words in ABSENT.items())
    return TableSheet(
        "Notes",
        f"{extract.table.title}: notes",
        f"This sheet has one table, with the meaning of each column. {shorthand}",
        "notes",
        ("Column", "Meaning", "Type", "Name in other formats", "Where there is no value"),
    )


def notes(extract: Extract[Any]) -> list[Row]:
    """Return the rows of the notes."""
    return [
        (column.title, column.description, column.datatype, column.name, column.absent)
        for column in extract.columns
    ]


def sheet_of(extract: Extract[Any]) -> TableSheet:
    """Return the sheet of the table itself."""
    table, about = extract.table, extract.about
    return TableSheet(
        table.title,
        f"{table.title}, as at the end of {about.day.isoformat()}",
        "This sheet has one table. The sheet Notes has the meaning of its columns and of [x], [z].",
        table.name.replace("-", "_"),
        tuple(column.title for column in extract.columns),
    )


def letters(column: int) -> str:
    """Return the letters of a column, counted from 1."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
