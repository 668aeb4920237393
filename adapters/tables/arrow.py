"""Parquet and the stream of Apache Arrow, by pyarrow."""

import os
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from adapters.tables.cells import values_of
from adapters.tables.columns import Extract
from adapters.tables.whole import ROWS_AT_ONCE

BATCH_ROWS = 1_000
"""The rows of a batch of a stream."""
GROUP_ROWS = 2 * BATCH_ROWS
"""The rows of a group of a Parquet file, which are held in memory."""


def write_parquet(extract: Extract[Any], out: IO[bytes]) -> None:
    """Write a table as Parquet, compressed with Zstandard."""
    pa = _pyarrow()
    schema = _schema(pa, extract)
    with pa.parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        batches = _batches(pa, extract, schema, ROWS_AT_ONCE)
        while group := list(islice(batches, GROUP_ROWS // ROWS_AT_ONCE)):
            writer.write_table(pa.Table.from_batches(group), GROUP_ROWS)
            del group  # before the next is made


def write_stream(extract: Extract[Any], out: IO[bytes]) -> None:
    """Write a table as a stream of Arrow record batches."""
    pa = _pyarrow()
    schema = _schema(pa, extract)
    with pa.ipc.new_stream(out, schema) as writer:
        for batch in _batches(pa, extract, schema, BATCH_ROWS):
            writer.write_batch(batch)


def _pyarrow() -> Any:  # noqa: ANN401  the library has no types
    """Import the library, whose 30 MB a service without such downloads is spared.

    Its own memory pools keep tens of megabytes for later. That of the system is the default of all
    of the library only if it is named before the import.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    import pyarrow.parquet  # type: ignore[import-untyped]  # noqa: PLC0415

    pa: Any = pyarrow
    return pa


def _schema(pa: Any, extract: Extract[Any]) -> Any:  # noqa: ANN401  as above
    types = {
        "string": pa.string(),
        "anyURI": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "dateTime": pa.timestamp("us", tz="UTC"),
    }
    table, about = extract.table, extract.about
    fields = [
        pa.field(
            column.name,
            types[column.datatype],
            metadata={"title": column.title, "description": column.description},
        )
        for column in extract.columns
    ]
    about_file = {
        "title": table.title,
        "description": table.description,
        "publisher": about.publisher,
        "licence": about.licence,
        "source": about.source,
    }
    return pa.schema(fields, metadata=about_file)


def _batches(pa: Any, extract: Extract[Any], schema: Any, rows: int) -> Iterator[Any]:  # noqa: ANN401
    for columns in values_of(extract, rows):
        pairs = zip(columns, schema, strict=True)
        arrays = [pa.array(values, field.type) for values, field in pairs]
        yield pa.record_batch(arrays, schema=schema)
