"""CSV by RFC 4180, its description by CSVW, and JSON lines."""

import csv
from collections.abc import Callable
from datetime import date, datetime
from io import TextIOWrapper
from typing import IO, Any

import msgspec
from msgspec import Struct, defstruct

from adapters.tables.columns import DataColumn, Extract, Show

FORMULA = frozenset("=+-@\t\r")
"""How a text begins that a spreadsheet would take for a formula."""
QUOTED = "'"
"""The mark before such a text, as OWASP recommends; spreadsheets and readers show it."""
BOM = b"\xef\xbb\xbf"


def write_csv(extract: Extract[Any], out: IO[bytes], *, bom: bool = False) -> None:
    """Write a table as CSV in UTF-8; with `bom`, older Excel knows that it is UTF-8."""
    if bom:
        out.write(BOM)
    text = TextIOWrapper(out, "utf-8", newline="", write_through=True)
    lines = csv.writer(text)
    lines.writerow(column.name for column in extract.columns)
    for columns in extract.chunks(_shown):
        lines.writerows(zip(*columns, strict=True))
    text.detach()


def _shown(column: DataColumn[Any]) -> Show | None:
    match column.datatype:
        case "string" | "anyURI":
            return _unlike_formula
        case "boolean":
            return {True: "true", False: "false", None: None}.__getitem__
        case "date" | "dateTime":
            return _moment
        case _:
            return None


def _unlike_formula(value: str | None) -> str | None:
    return QUOTED + value if value and value[0] in FORMULA else value


def _moment(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()


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
    names = [column.name for column in extract.columns]
    line: Callable[..., Struct] = defstruct("Line", [(name, Any) for name in names])
    for columns in extract.chunks(_as_it_is):
        out.write(_LINES.encode_lines(list(map(line, *columns))))


def _as_it_is(_: DataColumn[Any]) -> None:
    """Show values as they are."""


_LINES = msgspec.json.Encoder()
