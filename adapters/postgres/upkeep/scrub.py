"""Rewriting the files of private texts, so that what was removed leaves the disk."""

from typing import LiteralString

import psycopg

from adapters.postgres.migrate import DatabaseUnusable

TABLES: tuple[LiteralString, ...] = ("ledger_notes", "documents")
"""The tables whose rows can be removed: of notes, and of documents with their names."""
LOCK_SECONDS = 10
"""How long to wait for those who use a table, which hold up everybody behind them."""


def scrub(conninfo: str) -> None:
    """Write each table into a new file, as its owner; meanwhile nobody can use the table.

    VACUUM alone frees the place of a removed row, and its bytes stay until others need the place.
    Raises DatabaseUnusable if a table stays in use.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'".encode())
        for table in TABLES:
            try:
                connection.execute("VACUUM (FULL, ANALYZE) " + table)
            except psycopg.errors.LockNotAvailable:
                raise DatabaseUnusable(
                    f"The table {table} stays in use (a backup, for example): try again later."
                ) from None
