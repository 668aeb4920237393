"""OpenDocument spreadsheets (ISO/IEC 26300), written straight into their archive."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from adapters.tables import sheets
from adapters.tables.cells import Show, lines_of
from adapters.tables.columns import DataColumn, Extract, Row, Value
from adapters.tables.sheets import HEAD_ROW, ROWS_MAX, TableSheet, TooManyRows

ODS = "application/vnd.oasis.opendocument.spreadsheet"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every part, so that the same position gives the same bytes."""
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"),
        ("number", "datastyle"), ("meta", "meta"), ("fo", "xsl-fo-compatible"),
        ("manifest", "manifest"),
    )
) + ' xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"'  # fmt: skip
_STYLES = (
    '<number:date-style style:name="days"><number:year number:style="long"/><number:text>-'
    '</number:text><number:month number:style="long"/><number:text>-</number:text>'
    '<number:day number:style="long"/></number:date-style>'
    '<style:style style:name="day" style:family="table-cell" style:data-style-name="days"/>'
    '<style:style style:name="head" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="wide" style:family="table-column">'
    '<style:table-column-properties style:column-width="4cm"/></style:style>'
)
_MANIFEST = "".join(
    f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
    for path, kind in (
        ("/", ODS),
        *((f"{part}.xml", "text/xml") for part in ("content", "styles", "meta")),
    )
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES = re.compile("^ +|  +|\t")


def write_ods(extract: Extract[Any], out: IO[bytes]) -> None:
    """Write a table as a spreadsheet. Raises TooManyRows."""
    about, table = extract.about, extract.table
    language, _, country = about.language.partition("-")
    with ZipFile(out, "w") as archive:
        archive.writestr(_part("mimetype", ZIP_STORED), ODS)
        _write_part(
            archive,
            "META-INF/manifest",
            f"<manifest:manifest {_NAMES.replace('office:version', 'manifest:version')}>"
            f"{_MANIFEST}</manifest:manifest>",
        )
        _write_part(
            archive,
            "meta",
            f"<office:document-meta {_NAMES}><office:meta>"
            f"<dc:title>{escape(table.title)}</dc:title><dc:language>{about.language}</dc:language><dc:creator>{escape(about.publisher)}"
            "</dc:creator></office:meta></office:document-meta>",
        )
        _write_part(
            archive,
            "styles",
            f"<office:document-styles {_NAMES}><office:styles>"
            '<style:default-style style:family="table-cell"><style:text-properties '
            f'fo:language="{language}" fo:country="{country or "none"}"/></style:default-style>'
            "</office:styles></office:document-styles>",
        )
        with archive.open(_part("content.xml", ZIP_DEFLATED), "w", force_zip64=True) as part:
            _write_content(extract, part)


def _part(name: str, compression: int) -> ZipInfo:
    info = ZipInfo(name, LONG_AGO)
    info.compress_type = compression
    return info


def _write_part(archive: ZipFile, name: str, xml: str) -> None:
    archive.writestr(_part(f"{name}.xml", ZIP_DEFLATED), _HEAD + xml)


def _write_content(extract: Extract[Any], part: IO[bytes]) -> None:
    begin = f"<office:document-content {_NAMES}><office:automatic-styles>{_STYLES}"
    part.write(
        f"{_HEAD}{begin}</office:automatic-styles><office:body><office:spreadsheet>".encode()
    )
    lines = "".join(map(_line, sheets.cover(extract)))
    part.write(f'<table:table table:name="{sheets.COVER}">{_wide(1)}{lines}</table:table>'.encode())
    notes, sheet = sheets.notes_sheet(extract), sheets.sheet_of(extract)
    ranges = [
        _write_table(part, notes, [_lines(sheets.notes(extract))]),
        _write_table(part, sheet, lines_of(extract, _shown)),
    ]
    end = f"<table:database-ranges>{''.join(ranges)}</table:database-ranges>"
    part.write(f"{end}</office:spreadsheet></office:body></office:document-content>".encode())


def _shown(column: DataColumn[Any]) -> Show:
    """Return the function that makes the cells of a column."""
    return lambda value: _cell(column.absent if value is None else value).encode()


def _lines(rows: list[Row]) -> list[bytes]:
    return ["".join(map(_cell, row)).encode() for row in rows]


def _write_table(part: IO[bytes], sheet: TableSheet, chunks: Iterable[list[bytes]]) -> str:
    """Write a sheet with its table, some at a time; return the mark of its range."""
    width = len(sheet.heads)
    heads = "".join(_cell(head, ' table:style-name="head"') for head in sheet.heads)
    part.write(
        f"<table:table table:name={quoteattr(sheet.name)}>{_wide(width)}{_line(sheet.title)}"
        f"{_line(sheet.line)}<table:table-header-rows><table:table-row>{heads}"
        "</table:table-row></table:table-header-rows>".encode()
    )
    count = 0
    for rows in chunks:
        count += len(rows)
        if count > ROWS_MAX:
            raise TooManyRows(f"A sheet takes {ROWS_MAX} rows.")
        lines = b"</table:table-row><table:table-row>".join(rows)
        part.write(b"<table:table-row>%b</table:table-row>" % lines)
    part.write(b"</table:table>")
    name = sheet.name.replace("'", "''")
    last = f"{sheets.letters(width)}{HEAD_ROW + 1 + count}"
    address = quoteattr(f"'{name}'.A{HEAD_ROW + 1}:'{name}'.{last}")
    return (
        f'<table:database-range table:name="{sheet.mark}" table:target-range-address={address}'
        ' table:display-filter-buttons="false"/>'
    )


def _wide(columns: int) -> str:
    return (
        f'<table:table-column table:style-name="wide" table:number-columns-repeated="{columns}"/>'
    )


def _line(text: str) -> str:
    return f"<table:table-row>{_cell(text)}</table:table-row>"


def _cell(value: Value, style: str = "") -> str:
    match value:
        case bool():
            shown = str(value).upper()
            kind = f'boolean" office:boolean-value="{str(value).lower()}'
        case int() | float():
            shown, kind = str(value), f'float" office:value="{value}'
        case date() if not isinstance(value, datetime):
            shown = value.isoformat()
            kind, style = f'date" office:date-value="{shown}', ' table:style-name="day"'
        case _:
            shown = value.isoformat() if isinstance(value, datetime) else str(value)
            kind = "string"
    lines = "".join(f"<text:p>{_text(line)}</text:p>" for line in shown.split("\n"))
    return f'<table:table-cell{style} office:value-type="{kind}">{lines}</table:table-cell>'


def _text(line: str) -> str:
    if (
        line.isprintable()
        and "&" not in line
        and "<" not in line
        and "  " not in line
        and line[:1] != " "
    ):
        return line
    return _SPACES.sub(_spaces, escape(_NOT_XML.sub("\ufffd", line)))


def _spaces(match: re.Match[str]) -> str:
    return "<text:tab/>" if match[0] == "\t" else f'<text:s text:c="{len(match[0])}"/>'
