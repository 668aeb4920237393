"""Readiness: whether the database answers, and how far each read model has come."""

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
import structlog
from msgspec import Struct
from psycopg import Cursor
from psycopg.errors import InsufficientPrivilege

from projections.runtime.tracking import tracked_position

log = structlog.get_logger()

CONNECT_SECONDS = 2
"""The shortest timeout that libpq supports."""


_THERE: LiteralString = (
    "SELECT to_regclass(%s) IS NOT NULL, obj_description(to_regnamespace(%s), 'pg_namespace')"
)


class Readiness(Struct, frozen=True):
    """The last positions of the ledger and the read models; None for missing models."""

    schema: int
    """The number of the schema's last migration; 0 if too old to tell."""
    head: int
    reached: dict[str, int | None]


def read_readiness(conninfo: str, reader: str, versions: Mapping[str, int]) -> Readiness | None:
    """Return the readiness of the database and of the read models in `versions`.

    Connects separately, so that a busy service is not mistaken for a lost database. A read model
    in another version than the one in `versions` counts as missing. Returns None if the database
    does not answer, or lacks something that the service needs. The read models are read as
    `reader`.
    """
    try:
        return _read(conninfo, reader, versions)
    except psycopg.Error as error:
        log.warning("database_unreachable", error=type(error).__name__)
        return None


def _read(conninfo: str, reader: str, versions: Mapping[str, int]) -> Readiness:
    with (
        psycopg.connect(conninfo, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SET statement_timeout = '1s'")
        cursor.execute("SELECT FROM tokens LIMIT 0")
        schema = _schema(cursor)
        row = cursor.execute("SELECT max(notification_id) FROM ledger_events").fetchone()
    reached: dict[str, int | None] = {}
    with (
        psycopg.connect(reader, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SET statement_timeout = '1s'")
        for name, version in versions.items():
            there = cursor.execute(_THERE, (f"{name}.{name}_tracking", name)).fetchone()
            current = there == (True, str(version))
            reached[name] = tracked_position(cursor, name) if current else None
    return Readiness(schema, (row[0] if row else None) or 0, reached)


def _schema(cursor: Cursor[Any]) -> int:
    try:
        row = cursor.execute("SELECT max(number) FROM schema_migrations").fetchone()
    except InsufficientPrivilege:
        return 0
    return (row[0] if row else None) or 0
