"""The files beside the tables of the data set: a data package, a dictionary, licence and guide."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

import msgspec
from msgspec import Struct

from adapters.tables.columns import ABSENT, About, DataColumn, Datatype
from adapters.tables.formats import CSV
from api.downloads.sources import SavedList

TITLE = "Recommendations of HMICFRS about child protection"
DESCRIPTION = (
    "Recommendations that HMICFRS made to police forces in England and Wales about child "
    "protection, as published sources and those who use the service put them on record: what was "
    "asked, where each stands, and how much of what was published is on record. A recommendation "
    "that is not on record here is in no table."
)
KEYWORDS = ("police", "child protection", "inspection", "HMICFRS", "recommendations")
LICENCE_NAME = "OGL-UK-3.0"
"""The name of the Open Government Licence in the list of SPDX."""
TYPES: dict[Datatype, tuple[str, str]] = {
    "string": ("string", "default"),
    "anyURI": ("string", "uri"),
    "integer": ("integer", "default"),
    "number": ("number", "default"),
    "boolean": ("boolean", "default"),
    "date": ("date", "default"),
    "dateTime": ("datetime", "any"),
}
"""The type and format of Frictionless Data's Table Schema, by the datatype of a column."""


class Written(Struct, frozen=True):
    """A table that was written: its list, its columns, and the size and SHA-256 of its CSV."""

    source: SavedList[Any, Any]
    about: About
    columns: tuple[DataColumn[Any], ...]
    size: int
    sha256: str

    @property
    def file(self) -> str:
        """The name of its CSV."""
        return f"{self.source.table.name}.{CSV.ending}"


def describe(about: About, tables: Sequence[Written], *, version: str) -> dict[str, bytes]:
    """Return the files beside the tables, by name."""
    package = msgspec.json.encode(data_package(about, tables, version=version))
    return {
        "datapackage.json": msgspec.json.format(package),
        "data-dictionary.csv": _dictionary(tables).encode(),
        "LICENCE.txt": f"{about.licence}\n\n{about.licence_address}\n".encode(),
        "README.md": _readme(about, tables).encode(),
    }


def data_package(about: About, tables: Sequence[Written], *, version: str) -> dict[str, Any]:
    """Return the tables as a Tabular Data Package (Frictionless Data, version 1)."""
    licence = {
        "name": LICENCE_NAME,
        "title": "Open Government Licence v3.0",
        "path": about.licence_address,
    }
    return {
        "profile": "tabular-data-package",
        "name": "recommendation-tracker",
        "id": f"{about.service}/data",
        "title": TITLE,
        "description": DESCRIPTION,
        "homepage": f"{about.service}/data",
        "version": version,
        "keywords": KEYWORDS,
        "licenses": [licence],
        "sources": [{"title": about.source}],
        "contributors": [{"title": about.publisher, "role": "publisher"}],
        "resources": [_resource(table) for table in tables],
    }


def _resource(table: Written) -> dict[str, Any]:
    defined = table.source.table
    return {
        "profile": "tabular-data-resource",
        "name": defined.name,
        "path": table.file,
        "title": defined.title,
        "description": defined.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": table.size,
        "hash": f"sha256:{table.sha256}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "header": True},
        "schema": {
            "fields": [_field(column, defined.key) for column in table.columns],
            "missingValues": [""],
            **({"primaryKey": list(defined.key)} if defined.key else {}),
        },
    }


def _field(column: DataColumn[Any], key: tuple[str, ...]) -> dict[str, Any]:
    kind, form = TYPES[column.datatype]
    return {
        "name": column.name,
        "type": kind,
        "format": form,
        "title": column.title,
        "description": column.description,
        **({"constraints": {"required": True}} if column.name in key else {}),
    }


def _dictionary(tables: Sequence[Written]) -> str:
    """Return the meaning of each column of each table, as CSV."""
    out = StringIO()
    lines = csv.writer(out)
    lines.writerow(("table", "column", "title", "description", "type", "key", "no_value"))
    for table in tables:
        key = table.source.table.key
        lines.writerows(
            (
                table.source.table.name,
                column.name,
                column.title,
                column.description,
                column.datatype,
                "true" if column.name in key else "false",
                ABSENT[column.absent],
            )
            for column in table.columns
        )
    return out.getvalue()


def _readme(about: About, tables: Sequence[Written]) -> str:
    """Return the guide to the data set, in Markdown."""
    rows = "\n".join(
        f"| `{table.file}` | {table.source.table.title} | {table.source.table.description} |"
        for table in tables
    )
    return f"""# {TITLE}

{DESCRIPTION}

As at the end of {about.day.isoformat()}, with everything recorded up to number {about.position}.
The newest is at {about.service}/data.

| file | table | rows |
|---|---|---|
{rows}

- `data-dictionary.csv` has the meaning of each column.
- `datapackage.json` describes all tables for programs (Frictionless Data), with the size and
  SHA-256 of each; `NAME.csv-metadata.json` describes one (W3C, CSV on the Web).
- The tables are CSV in UTF-8. No value is an empty field. A text that begins like a formula has an
  apostrophe before it, so that no spreadsheet takes it for one.
- What is not on record is not known: it does not mean that nothing was done, or asked.
- Training forces, which do not exist, and texts that are not published are in no table.

Source: {about.source}

{about.licence} {about.licence_address}

This is not an HMICFRS service.
"""
