"""CSV by RFC 4180, its description by CSVW, and JSON lines."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import IO, Any

import msgspec

from adapters.tables.cells import Show, lines_of
from adapters.tables.columns import DataColumn, Extract

FORMULA = frozenset("=+-@\t\r")
"""How a text begins that a spreadsheet would take for a formula."""
QUOTED = "'"
"""The mark before such a text, as OWASP recommends; spreadsheets and readers show it."""
END = b"\r\n"
BOM = b"\xef\xbb\xbf"


def write_csv(extract: Extract[Any], out: IO[bytes], *, bom: bool = False) -> None:
    """Write a table as CSV in UTF-8; with `bom`, older Excel knows that it is UTF-8."""
    if bom:
        out.write(BOM)
    out.write(",".join(column.name for column in extract.columns).encode() + END)
    for lines in lines_of(extract, _shown, b","):
        out.write(END.join([*lines, b""]))


def _shown(column: DataColumn[Any]) -> Show:
    """Return the function that makes the cells of a column, quoted where they need it."""
    return _CELLS.get(column.datatype, _text)


def _text(value: str | None) -> bytes:
    if not value:
        return b""
    if value[0] in FORMULA:
        value = QUOTED + value
    if "," in value or '"' in value or "\n" in value or "\r" in value:
        doubled = value.replace('"', '""')
        value = f'"{doubled}"'
    return value.encode()


def _number(value: float | None) -> bytes:
    return b"" if value is None else str(value).encode()


def _flag(value: bool | None) -> bytes:  # noqa: FBT001  the value of a cell
    return b"" if value is None else b"true" if value else b"false"


def _moment(value: date | datetime | None) -> bytes:
    return b"" if value is None else value.isoformat().encode()


_CELLS: dict[str, Show] = {
    "integer": _number,
    "number": _number,
    "boolean": _flag,
    "date": _moment,
    "dateTime": _moment,
}


def write_csv_metadata(extract: Extract[Any], out: IO[bytes]) -> None:
    """Write the description of the CSV (W3C, Metadata Vocabulary for Tabular Data)."""
    out.write(msgspec.json.format(msgspec.json.encode(csvw(extract))))


def csvw(extract: Extract[Any]) -> dict[str, Any]:
    """Return the description of the CSV of a table."""
    table, about = extract.table, extract.about
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": about.language}],
        "url": about.csv_address,
        "dc:title": table.title,
        "dc:description": table.description,
        "dc:publisher": about.publisher,
        "dc:source": about.source,
        "dc:license": {"@id": about.licence_address},
        "dc:rights": about.licence,
        "dc:temporal": about.day.isoformat(),
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\r\n"], "header": True},
        "tableSchema": {
            "columns": [
                {
                    "name": column.name,
                    "titles": column.name,
                    "rdfs:label": column.title,
                    "dc:description": column.description,
                    "datatype": column.datatype,
                    "required": column.name in table.key,
                }
                for column in extract.columns
            ],
            **({"primaryKey": list(table.key)} if table.key else {}),
        },
    }


def write_lines(extract: Extract[Any], out: IO[bytes]) -> None:
    """Write a table as one JSON object a line."""
    for lines in lines_of(extract, partial(_member, extract.columns), b","):
        out.write(b"".join(lines))


def _member(columns: Sequence[DataColumn[Any]], column: DataColumn[Any]) -> Show:
    """Return the function that makes the members of a column, with its name.

    That of the first column begins the line, and that of the last ends it: each copy of all counts.
    """
    begin = b"{" if column is columns[0] else b""
    name, encode = begin + f'"{column.name}":'.encode(), msgspec.json.Encoder().encode
    if column is columns[-1]:
        return lambda value: name + encode(value) + b"}\n"
    return lambda value: name + encode(value)
