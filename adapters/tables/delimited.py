"""CSV by RFC 4180, its description by CSVW, and JSON lines."""

import csv
from io import TextIOWrapper
from typing import IO, Any

import msgspec

from adapters.tables.columns import Extract, Value

FORMULA = ("=", "+", "-", "@", "\t", "\r")
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
    for chunk in extract.chunks():
        lines.writerows([_cell(value) for value in row] for row in chunk)
    text.detach()


def _cell(value: Value) -> Value:
    if isinstance(value, str):
        return QUOTED + value if value.startswith(FORMULA) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None or isinstance(value, int | float) else value.isoformat()


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
            "primaryKey": list(table.key),
        },
    }


def write_lines(extract: Extract[Any], out: IO[bytes]) -> None:
    """Write a table as one JSON object a line."""
    names = [column.name for column in extract.columns]
    for chunk in extract.chunks():
        rows = [dict(zip(names, row, strict=True)) for row in chunk]
        out.write(_LINES.encode_lines(rows))


_LINES = msgspec.json.Encoder()
