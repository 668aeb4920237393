"""Readers of saved tables, each by a library other than the one that wrote them."""

import csv
import json
import zipfile
from collections.abc import Mapping
from datetime import date
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

HEAD_ROW = 3
"""The row of the heads in a spreadsheet, counted from 1."""
ABSENT = {"[x]", "[z]"}
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

Rows = list[dict[str, Any]]
PYARROW: Any = pyarrow
"""The library has no types."""


def read_csv(content: bytes) -> Rows:
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"), newline="")))


def read_lines(content: bytes) -> Rows:
    return [json.loads(line) for line in content.splitlines()]


def read_parquet(content: bytes) -> Rows:
    return _plain(PYARROW.parquet.read_table(BytesIO(content)))


def read_arrow(content: bytes) -> Rows:
    return _plain(PYARROW.ipc.open_stream(content).read_all())


def _plain(table: Any) -> Rows:  # noqa: ANN401  the library has no types
    rows: Rows = table.to_pylist()
    return rows


def read_xlsx(content: bytes) -> Rows:
    """Return the rows of the last sheet, under the names that its notes give to its heads."""
    return _of_sheets(xlsx_sheets(content))


def workbook(content: bytes) -> Any:  # noqa: ANN401  the library has no types
    """Return a workbook of Excel, as openpyxl reads it."""
    return openpyxl.load_workbook(BytesIO(content))


def xlsx_sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """Return the cells of every sheet."""
    return {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)]
        for sheet in workbook(content).worksheets
    }


def ods_sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """Return the cells of every sheet."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        root = ET.fromstring(archive.read("content.xml"))  # noqa: S314  our own
    return {
        table.attrib[f"{_TABLE}name"]: [
            [_cell(cell) for cell in row.findall(f"{_TABLE}table-cell")]
            for row in table.iter(f"{_TABLE}table-row")
        ]
        for table in root.iter(f"{_TABLE}table")
    }


def read_ods(content: bytes) -> Rows:
    """Return the rows of the last sheet, as `read_xlsx`."""
    return _of_sheets(ods_sheets(content))


def _cell(cell: ET.Element) -> Any:  # noqa: ANN401  a value of any type
    match cell.attrib[f"{_OFFICE}value-type"]:
        case "float":
            return float(cell.attrib[f"{_OFFICE}value"])
        case "boolean":
            return cell.attrib[f"{_OFFICE}boolean-value"] == "true"
        case "date":
            return date.fromisoformat(cell.attrib[f"{_OFFICE}date-value"])
        case _:
            return "\n".join(map(_line, cell.findall(f"{_TEXT}p")))


def _line(paragraph: ET.Element) -> str:
    parts = [paragraph.text or ""]
    for element in paragraph:
        many = int(element.attrib.get(f"{_TEXT}c", "1"))
        parts += ["\t" if element.tag == f"{_TEXT}tab" else " " * many, element.tail or ""]
    return "".join(parts)


def _of_sheets(sheets: Mapping[str, list[list[Any]]]) -> Rows:
    notes = sheets["Notes"][HEAD_ROW:]
    names = {row[0]: row[3] for row in notes}
    *_, rows = sheets.values()
    heads = [names[head] for head in rows[HEAD_ROW - 1]]
    return [dict(zip(heads, row, strict=True)) for row in rows[HEAD_ROW:]]
