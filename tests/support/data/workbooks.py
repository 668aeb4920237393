"""Workbooks that people and attackers may send: by openpyxl, and part by part."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl  # type: ignore[import-untyped]

from adapters.tables.workbooks.reader import Cell, Value, WorkbookSheet
from api.pages.record.workbook.columns import COLUMNS, ROW_ID

HEAD_ROW = 3
"""The row of the heads in the workbook that is downloaded."""
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{MAIN}"/></Types>'
)
_RELATION = '<Relationship Id="{id}" Type="http://example.org/relationships/{kind}" Target="{to}"/>'
_RELATIONS = "<Relationships>{}</Relationships>"


def by_openpyxl(fill: Callable[[Any], object]) -> bytes:
    """Return a workbook with one sheet, `Answers`, that a function fills in."""
    book: Any = openpyxl.Workbook()
    book.active.title = "Answers"
    fill(book.active)
    return saved(book)


def saved(book: Any) -> bytes:  # noqa: ANN401  the library has no types
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def by_parts(sheet: str, **parts: str) -> bytes:
    """Return a workbook of one sheet from the XML of its parts; `texts` are its shared strings."""
    relations = [_RELATION.format(id="s", kind="worksheet", to="worksheets/sheet1.xml")]
    relations += [
        _RELATION.format(id=name, kind=kind, to=f"/xl/{name}.xml")
        for name, kind in (("texts", "sharedStrings"), ("styles", "styles"))
        if name in parts
    ]
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        main = _RELATION.format(id="m", kind="officeDocument", to="xl/workbook.xml")
        archive.writestr("_rels/.rels", _RELATIONS.format(main))
        archive.writestr("xl/_rels/workbook.xml.rels", _RELATIONS.format("".join(relations)))
        book = f'<workbook>{parts.get("book", "")}<sheets><sheet name="Answers" id="s"/></sheets>'
        archive.writestr("xl/workbook.xml", f"{book}</workbook>")
        for name in ("texts", "styles"):
            if name in parts:
                archive.writestr(f"xl/{name}.xml", parts[name])
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return out.getvalue()


def sheet_xml(cells: str, after: str = "") -> str:
    """Return a sheet whose only row has some cells."""
    return f'<worksheet><sheetData><row r="1">{cells}</row></sheetData>{after}</worksheet>'


def answers_sheet(
    *rows: Mapping[str, Value | Cell], name: str = "Answers", without: str = ""
) -> WorkbookSheet:
    """Return a sheet with the heads of the workbook, and rows by those heads from row 4 on."""
    heads = [column.head for column in COLUMNS if column.head != without]
    own = [head for row in rows for head in row if head not in heads]
    places = {head: place for place, head in enumerate(dict.fromkeys([*heads, *own]), 1)}
    cells = {
        HEAD_ROW: {place: Cell(head) for head, place in places.items()},
        **{
            number: {
                places[head]: value if isinstance(value, Cell) else Cell(value)
                for head, value in row.items()
            }
            for number, row in enumerate(rows, HEAD_ROW + 1)
        },
    }
    return WorkbookSheet(name, cells)


def row(
    reference: str = "kent-ncpi-2022-1", step: int = 1, /, **answers: Value | Cell
) -> dict[str, Value | Cell]:
    """Return a row by heads, whose answers are named in small letters."""
    named = {column.head.lower().replace(" ", "_"): column.head for column in COLUMNS}
    return {ROW_ID.head: f"{reference}/{step}", **{named[n]: v for n, v in answers.items()}}
