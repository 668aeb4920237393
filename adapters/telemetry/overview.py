"""An overview of the database: versions, positions and sizes, for `tracker info`."""

from typing import Any, LiteralString

import psycopg
from msgspec import Struct

from adapters.postgres.database import APP, OWNER, Database
from adapters.postgres.migrate import DatabaseUnusable


class Overview(Struct, frozen=True):
    """The database at one moment; the schema step and the head are 0 where there is none yet."""

    postgresql: str
    schema: int
    head: int
    lineage: str | None
    bytes: int
    documents: int
    document_bytes: int
    """Of the table of documents on disk, with its indexes."""


def read_overview(database: Database) -> Overview:
    """Return the overview, also of a database that is not up to date. Raises DatabaseUnusable."""
    try:
        try:
            return _read(database.conninfo(APP))
        except psycopg.OperationalError:  # a new database has no role but its owner's
            return _read(database.conninfo(OWNER))
    except psycopg.Error as error:
        raise DatabaseUnusable(f"The database cannot be read: {str(error).strip()}") from error


def _read(conninfo: str) -> Overview:
    with psycopg.connect(conninfo, autocommit=True) as connection:

        def value(query: LiteralString) -> Any:  # noqa: ANN401  of any type
            try:
                row = connection.execute(query).fetchone()
            except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
                return None
            return row and row[0]

        lineage = value("SELECT id FROM ledger_lineages ORDER BY number DESC LIMIT 1")
        return Overview(
            postgresql=value("SHOW server_version"),
            schema=value("SELECT max(number) FROM schema_migrations") or 0,
            head=value("SELECT max(notification_id) FROM ledger_events") or 0,
            lineage=str(lineage) if lineage else None,
            bytes=value("SELECT pg_database_size(current_database())"),
            documents=value("SELECT count(sha256) FROM documents") or 0,
            document_bytes=value("SELECT pg_total_relation_size(to_regclass('documents'))") or 0,
        )
