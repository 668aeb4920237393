"""Excel workbooks, by XlsxWriter, in constant memory."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import IO, Any

from msgspec import Struct
from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.utility import xl_range  # type: ignore[import-untyped]

from adapters.tables import sheets
from adapters.tables.columns import Extract, Row, Value
from adapters.tables.sheets import HEAD_ROW, ROWS_MAX, TableSheet, TooManyRows

CREATED = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The date of every file, so that the same position gives the same bytes."""
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
WIDTH = 18


def write_xlsx(extract: Extract[Any], out: IO[bytes]) -> None:
    """Write a table as a workbook. Raises TooManyRows."""
    about = extract.about
    book: Any
    with Workbook(out, OPTIONS) as book:
        book.set_properties(
            {"title": extract.table.title, "author": about.publisher, "created": CREATED}
        )
        book.set_custom_property("Language", about.language)
        formats = _Formats(
            book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        )
        front = book.add_worksheet(sheets.COVER)
        front.set_column(0, 0, 5 * WIDTH)
        for number, line in enumerate(sheets.cover(extract)):
            front.write_string(number, 0, line, None if number else formats.bold)
        notes, sheet = sheets.notes_sheet(extract), sheets.sheet_of(extract)
        rows, marks = sheets.notes(extract), ["[z]"] * len(notes.heads)
        _table(book.add_worksheet(notes.name), notes, [rows], marks, formats)
        page, marks = book.add_worksheet(sheet.name), sheets.absent(extract.columns)
        _table(page, sheet, extract.chunks(), marks, formats)


class _Formats(Struct, frozen=True):
    """The formats of a workbook's cells; the library has no types."""

    bold: Any
    day: Any


def _table(
    page: Any,  # noqa: ANN401  as above
    sheet: TableSheet,
    chunks: Iterable[list[Row]],
    absent: list[str],
    formats: _Formats,
) -> None:
    page.set_column(0, len(sheet.heads) - 1, WIDTH)
    page.write_string(0, 0, sheet.title, formats.bold)
    page.write_string(1, 0, sheet.line)
    for place, head in enumerate(sheet.heads):
        page.write_string(HEAD_ROW, place, head, formats.bold)
    last = HEAD_ROW
    for chunk in chunks:
        if last - HEAD_ROW + len(chunk) > ROWS_MAX:
            raise TooManyRows(f"A sheet of Excel takes {ROWS_MAX} rows.")
        for row in chunk:
            last += 1
            for place, value in enumerate(row):
                shown = absent[place] if value is None else value
                _write(page, last, place, shown, formats.day)
    if last > HEAD_ROW:  # Excel knows no table without rows
        _mark(page, sheet, last)


def _write(page: Any, row: int, place: int, value: Value, day: Any) -> None:  # noqa: ANN401
    if isinstance(value, str):
        page.write_string(row, place, value)
    elif isinstance(value, bool):
        page.write_boolean(row, place, value)
    elif isinstance(value, datetime):
        page.write_string(row, place, value.isoformat())
    elif isinstance(value, date):
        page.write_datetime(row, place, value, day)
    elif value is not None:
        page.write_number(row, place, value)


def _mark(page: Any, sheet: TableSheet, last: int) -> None:  # noqa: ANN401
    """Mark the cells as a table.

    The library marks none in constant memory, since it keeps each cell of a table to find tables
    that overlap. So it marks the heads and one row, and the range is widened.
    """
    options = {
        "name": sheet.mark,
        "columns": [{"header": head} for head in sheet.heads],
        "autofilter": False,
        "style": None,
    }
    page.constant_memory = False
    page.add_table(HEAD_ROW, 0, HEAD_ROW + 1, len(sheet.heads) - 1, options)
    page.constant_memory = True
    page.tables[-1]["range"] = xl_range(HEAD_ROW, 0, last, len(sheet.heads) - 1)
