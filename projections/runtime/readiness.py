"""Whether a read model is there and how far it has come."""

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
from msgspec import Struct
from psycopg import Cursor
from psycopg.errors import InsufficientPrivilege

from projections.runtime.tracking import log, tracked_position

CONNECT_SECONDS = 2
"""The least that libpq knows."""


_THERE: LiteralString = (
    "SELECT to_regclass(%s) IS NOT NULL, obj_description(to_regnamespace(%s), 'pg_namespace')"
)


class Readiness(Struct, frozen=True):
    """The last position of the ledger, and of each read model; None of one that is not made."""

    schema: int
    """The schema's last step; 0 if it is too old to say."""
    head: int
    reached: dict[str, int | None]


def read_readiness(conninfo: str, versions: Mapping[str, int]) -> Readiness | None:
    """Look on a connection of its own, so that a busy service is not taken for a lost database.

    A read model of another version than is asked for counts as one that is not made. None if the
    database does not answer, or lacks what the service needs.
    """
    try:
        return _read(conninfo, versions)
    except psycopg.Error as error:
        log.warning("database_unreachable", error=type(error).__name__)
        return None


def _read(conninfo: str, versions: Mapping[str, int]) -> Readiness:
    with (
        psycopg.connect(conninfo, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SET statement_timeout = '1s'")
        cursor.execute("SELECT FROM tokens LIMIT 0")
        schema = _schema(cursor)
        row = cursor.execute("SELECT max(notification_id) FROM ledger_events").fetchone()
        found: dict[str, int | None] = {}
        for name, version in versions.items():
            there = cursor.execute(_THERE, (f"{name}.{name}_tracking", name)).fetchone()
            found[name] = tracked_position(cursor, name) if there == (True, str(version)) else None
    return Readiness(schema, (row[0] if row else None) or 0, found)


def _schema(cursor: Cursor[Any]) -> int:
    try:
        row = cursor.execute("SELECT max(number) FROM schema_migrations").fetchone()
    except InsufficientPrivilege:
        return 0
    return (row[0] if row else None) or 0
