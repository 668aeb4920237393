"""The formats of a table, by the ending of its address."""

from collections.abc import Callable
from typing import IO, Any

from msgspec import Struct

from adapters.tables.arrow import write_parquet, write_stream
from adapters.tables.columns import Extract
from adapters.tables.delimited import write_csv, write_csv_metadata, write_lines
from adapters.tables.ods import ODS, write_ods
from adapters.tables.xlsx import write_xlsx


class Format(Struct, frozen=True):
    """A format: its ending, its media type, its name, and how it is written."""

    ending: str
    media_type: str
    title: str
    write: Callable[[Extract[Any], IO[bytes]], None]


CSV = Format("csv", "text/csv; header=present", "CSV", write_csv)
"""The server adds that it is UTF-8, as to every text."""
CSV_METADATA = Format(
    "csv-metadata.json", "application/csvm+json", "CSV on the Web metadata", write_csv_metadata
)
_ALL = (
    CSV,
    CSV_METADATA,
    Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Excel",
        write_xlsx,
    ),
    Format("ods", ODS, "OpenDocument spreadsheet", write_ods),
    Format("parquet", "application/vnd.apache.parquet", "Parquet", write_parquet),
    Format("arrow", "application/vnd.apache.arrow.stream", "Arrow stream", write_stream),
    Format("ndjson", "application/x-ndjson", "JSON lines", write_lines),
)
FORMATS = {format_.ending: format_ for format_ in _ALL}
MEDIA_TYPES = {format_.media_type.partition(";")[0]: format_.ending for format_ in _ALL}
"""The endings by media type, without its parameters."""
