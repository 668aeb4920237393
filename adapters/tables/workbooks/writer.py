"""A workbook to answer in, by XlsxWriter: one table, with columns to leave alone and to fill in.

It keeps the UK government's rules for published spreadsheets (`adapters/tables/sheets.py`), except
that the cells to fill in are blank. Its sheet is protected without a password, so that nobody
overwrites the other columns by accident.
"""

from collections.abc import Sequence
from typing import IO, Any

from msgspec import Struct
from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.utility import xl_rowcol_to_cell  # type: ignore[import-untyped]

from adapters.tables.sheets import COVER, HEAD_ROW, TableSheet
from adapters.tables.xlsx import CREATED

BLANK_ROW_HEIGHT = 15
PROTECTED = {
    "select_locked_cells": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "autofilter": True,
    "sort": True,
}
"""The actions that the protected sheet still allows."""


class BookColumn(Struct, frozen=True):
    """A column of a workbook to answer in."""

    head: str
    means: str
    width: int
    to_answer: bool = False
    options: tuple[str, ...] = ()
    """The answers to choose from, where others are refused."""
    is_date: bool = False


class AnswerBook(Struct, frozen=True, kw_only=True):
    """A workbook to answer in: its cover, its columns, and the rows of those that are filled."""

    title: str
    publisher: str
    language: str
    cover: Sequence[str]
    sheet: TableSheet
    columns: Sequence[BookColumn]
    rows: Sequence[Sequence[str | int | None]]
    """The values of the columns that are not to answer, in order."""


def write_answer_book(book: AnswerBook, out: IO[bytes]) -> None:
    """Write a workbook with a cover, notes on the columns, and the sheet to answer in."""
    written: Any
    with Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as written:
        written.set_properties({"title": book.title, "author": book.publisher, "created": CREATED})
        written.set_custom_property("Language", book.language)
        _cover(written, book)
        _notes(written, book)
        _answers(written, book)


def _cover(written: Any, book: AnswerBook) -> None:  # noqa: ANN401  the library has no types
    page = written.add_worksheet(COVER)
    page.set_column(0, 0, 90, written.add_format({"text_wrap": True, "valign": "top"}))
    page.write_string(0, 0, book.title, written.add_format({"bold": True}))
    for number, line in enumerate(book.cover, 1):
        page.write_string(number, 0, line)


def _notes(written: Any, book: AnswerBook) -> None:  # noqa: ANN401  as above
    page = written.add_worksheet("Notes")
    wrapped = written.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 30, wrapped)
    page.set_column(1, 1, 90, wrapped)
    page.write_string(0, 0, f"{book.title}: notes", written.add_format({"bold": True}))
    page.write_string(1, 0, "This sheet has one table, with the meaning of each column.")
    heads = ("Column", "Meaning")
    rows = [(column.head, column.means) for column in book.columns]
    _table(page, "notes", heads, rows)


def _answers(written: Any, book: AnswerBook) -> None:  # noqa: ANN401  as above
    page = written.add_worksheet(book.sheet.name)
    kept = written.add_format({"text_wrap": True, "valign": "top"})
    free = written.add_format({"text_wrap": True, "valign": "top", "locked": False})
    day = written.add_format({"num_format": "d mmmm yyyy", "valign": "top", "locked": False})
    page.write_string(0, 0, book.sheet.title, written.add_format({"bold": True}))
    page.write_string(1, 0, book.sheet.line)
    first, last = HEAD_ROW + 1, HEAD_ROW + len(book.rows)
    for place, column in enumerate(book.columns):
        style = (day if column.is_date else free) if column.to_answer else kept
        page.set_column(place, place, column.width, style)
        if column.options and book.rows:
            page.data_validation(
                first, place, last, place, {"validate": "list", "source": [*column.options]}
            )
        for row in range(first, last + 1) if column.to_answer else ():
            page.write_blank(row, place, None, style)
    filled = [place for place, column in enumerate(book.columns) if not column.to_answer]
    for number, values in enumerate(book.rows, first):
        for place, value in zip(filled, values, strict=True):
            if isinstance(value, str):
                page.write_string(number, place, value, kept)
            else:
                page.write(number, place, value, kept)
    heads = tuple(column.head for column in book.columns)
    _table(page, book.sheet.mark, heads, [()] * len(book.rows))
    page.protect("", PROTECTED)
    page.set_selection(xl_rowcol_to_cell(first, len(filled)))


def _table(
    page: Any,  # noqa: ANN401  as above
    mark: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> None:
    """Mark the cells below the heads as a table; Excel knows no table without rows."""
    options = {
        "name": mark,
        "columns": [{"header": head} for head in heads],
        "data": [list(row) for row in rows if row],
        "autofilter": False,
        "style": None,
    }
    page.add_table(HEAD_ROW, 0, HEAD_ROW + max(len(rows), 1), len(heads) - 1, options)
