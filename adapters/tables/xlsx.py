"""Excel workbooks: XlsxWriter makes all but the rows of the table, which are put in as they come.

So the parts of the file are those that Excel is known to open, and rows are written many times as
fast as cell by cell, in constant memory.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import partial
from io import BytesIO
from itertools import chain
from typing import IO, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.utility import xl_range  # type: ignore[import-untyped]

from adapters.tables import sheets
from adapters.tables.cells import Show, lines_of
from adapters.tables.columns import DataColumn, Extract
from adapters.tables.sheets import HEAD_ROW, ROWS_MAX, TableSheet, TooManyRows

CREATED = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The date of every file and part, so that the same position gives the same bytes."""
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
WIDTH = 18
CHARACTERS_MAX = 32_767
"""The most characters of a cell."""
DAY_ZERO = date(1899, 12, 30)
"""The day that Excel counts from."""
BYTES_MAX = 2_000_000_000
"""The most bytes of a sheet before compression: Excel distrusts the archives of larger ones."""
FAST = 1
"""The level of compression."""
SHEET = "xl/worksheets/sheet3.xml"
TABLE = "xl/tables/table2.xml"
TEXTS = "xl/sharedStrings.xml"
_FIRST = HEAD_ROW + 2
"""The number of the first row of the table, counted from 1."""
_ROWS_END = b"</sheetData>"
_SAMPLE = re.compile(rf'<row r="{_FIRST}"[^>]*><c r="A{_FIRST}" s="(\d+)".*?</row>'.encode())
_DIMENSION = re.compile(rb"<dimension [^>]*/>")
_COUNTS = re.compile(rb' (?:uniqueC|c)ount="\d+"')
_TEXTS_END = b"</sst>"
_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_ESCAPE = re.compile("_(?=x[0-9a-fA-F]{4}_)")


def write_xlsx(extract: Extract[Any], out: IO[bytes]) -> None:
    """Write a table as a workbook. Raises TooManyRows."""
    sheet = sheets.sheet_of(extract)
    made = _frame(extract, sheet, rows=1)
    with ZipFile(BytesIO(made)) as frame:
        shared = _Shared(frame.read(TEXTS).count(b"<si>"))
    chunks = lines_of(extract, partial(_shown, _parted(made)[2], shared))
    first = next(chunks, None)
    if first is None:
        made = _frame(extract, sheet, rows=0)
    with (
        ZipFile(BytesIO(made)) as frame,
        ZipFile(out, "w", ZIP_DEFLATED, compresslevel=FAST) as archive,
    ):
        begin, end, _ = _parted(made)
        with archive.open(_part(SHEET), "w") as part:
            part.write(begin)
            last = _write_rows(part, chain([first], chunks) if first else ())
            part.write(end)
        for name in frame.namelist():
            content = frame.read(name)
            if name == TABLE:
                width = len(sheet.heads) - 1
                sample, whole = (
                    f'"{xl_range(HEAD_ROW, 0, row, width)}"'.encode()
                    for row in (HEAD_ROW + 1, last)
                )
                content = content.replace(sample, whole)
            if name == TEXTS:
                content = shared.with_texts(content)
            if name != SHEET:
                archive.writestr(_part(name), content)


def _part(name: str) -> ZipInfo:
    info = ZipInfo(name, CREATED.timetuple()[:6])
    info.compress_type = ZIP_DEFLATED
    return info


def _frame(extract: Extract[Any], sheet: TableSheet, *, rows: int) -> bytes:
    """Return a workbook whose table has so many rows, and a sample of a day in its place."""
    out = BytesIO()
    book: Any
    with Workbook(out, OPTIONS) as book:
        book.set_properties(
            {"title": extract.table.title, "author": extract.about.publisher, "created": CREATED}
        )
        book.set_custom_property("Language", extract.about.language)
        bold = book.add_format({"bold": True})
        front = book.add_worksheet(sheets.COVER)
        front.set_column(0, 0, 5 * WIDTH)
        for number, line in enumerate(sheets.cover(extract)):
            front.write_string(number, 0, line, None if number else bold)
        notes, lines = sheets.notes_sheet(extract), sheets.notes(extract)
        page = book.add_worksheet(notes.name)
        _head(page, notes, bold, len(lines))
        for number, row in enumerate(lines, HEAD_ROW + 1):
            for place, text in enumerate(row):
                page.write_string(number, place, text)
        page = book.add_worksheet(sheet.name)
        _head(page, sheet, bold, rows)
        page.write_datetime(HEAD_ROW + 1, 0, CREATED, book.add_format({"num_format": "yyyy-mm-dd"}))
    return out.getvalue()


def _head(page: Any, sheet: TableSheet, bold: Any, rows: int) -> None:  # noqa: ANN401  the library has no types
    """Write what is above the rows of a table, and mark it; Excel knows no table without rows."""
    page.set_column(0, len(sheet.heads) - 1, WIDTH)
    page.write_string(0, 0, sheet.title, bold)
    page.write_string(1, 0, sheet.line)
    for place, head in enumerate(sheet.heads):
        page.write_string(HEAD_ROW, place, head, bold)
    if rows:
        options = {
            "name": sheet.mark,
            "columns": [{"header": head} for head in sheet.heads],
            "autofilter": False,
            "style": None,
        }
        page.add_table(HEAD_ROW, 0, HEAD_ROW + rows, len(sheet.heads) - 1, options)


def _parted(frame: bytes) -> tuple[bytes, bytes, str]:
    """Return the parts of the sheet before and after its rows, and the style of days.

    How far a sheet reaches is not known before its rows, and need not be said.
    """
    with ZipFile(BytesIO(frame)) as archive:
        sheet = archive.read(SHEET)
    sample = _SAMPLE.search(sheet)
    if sample is None:
        raise ValueError("The workbook has no sample of a day.")
    begin, _, end = _DIMENSION.sub(b"", sheet).replace(sample[0], b"").partition(_ROWS_END)
    return begin, _ROWS_END + end, sample[1].decode()


def _write_rows(part: IO[bytes], chunks: Iterable[list[bytes]]) -> int:
    """Write rows, some at a time; return the number of the last, counted from 0."""
    last, size = HEAD_ROW, 0
    for rows in chunks:
        last += len(rows)
        content = b"<row>%b</row>" % b"</row><row>".join(rows)
        size += len(content)
        if last - HEAD_ROW > ROWS_MAX or size > BYTES_MAX:
            raise TooManyRows(f"A sheet of Excel takes {ROWS_MAX} rows and {BYTES_MAX} bytes.")
        part.write(content)
    return last


class _Shared(dict[str, bytes]):
    """The cells of texts that the workbook holds once, after those that it has already."""

    def __init__(self, before: int) -> None:
        super().__init__()
        self._before = before

    def __missing__(self, text: str) -> bytes:
        self[text] = cell = f'<c t="s"><v>{self._before + len(self)}</v></c>'.encode()
        return cell

    def with_texts(self, part: bytes) -> bytes:
        """Return the part with the texts of the workbook, these among them."""
        ours = "".join(f"<si>{_inline(text)}</si>" for text in self)
        begin = _COUNTS.sub(b"", part).removesuffix(_TEXTS_END)
        return begin + ours.encode() + _TEXTS_END


def _shown(day: str, shared: _Shared, column: DataColumn[Any]) -> Show:
    """Return the function that makes the cells of a column, given the style of days."""
    absent = shared[column.absent]
    make = shared.__getitem__ if column.few else _MAKERS.get(column.datatype, _text)
    if column.datatype == "date":
        make = partial(_day, day)
    return lambda value: absent if value is None else make(value)


def _text(text: str) -> bytes:
    return f'<c t="inlineStr"><is>{_inline(text)}</is></c>'.encode()


def _inline(text: str) -> str:
    """Return the element of a text; most need nothing else."""
    if (
        text.isprintable()
        and "&" not in text
        and "<" not in text
        and "_x" not in text
        and text[:1] != " " != text[-1:]
        and len(text) <= CHARACTERS_MAX
    ):
        return f"<t>{text}</t>"
    if len(text) > CHARACTERS_MAX:
        text = text[: CHARACTERS_MAX - 1] + "…"
    space = ' xml:space="preserve"' if text != text.strip() else ""
    plain = escape(_NOT_XML.sub("\ufffd", _LIKE_ESCAPE.sub("_x005F_", text)))
    return f"<t{space}>{plain}</t>"


def _number(value: float) -> bytes:
    return f"<c><v>{value}</v></c>".encode()


def _flag(value: bool) -> bytes:  # noqa: FBT001  the value of a cell
    return f'<c t="b"><v>{value:d}</v></c>'.encode()


def _day(style: str, value: date) -> bytes:
    return f'<c s="{style}"><v>{(value - DAY_ZERO).days}</v></c>'.encode()


def _moment(value: datetime) -> bytes:
    return _text(value.isoformat())


_MAKERS: dict[str, Callable[[Any], bytes]] = {
    "integer": _number,
    "number": _number,
    "boolean": _flag,
    "dateTime": _moment,
}
