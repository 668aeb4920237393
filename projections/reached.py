"""How far each read model has come in the ledger, and whether the database is there to ask.

And whether its schema is the one that this program knows.
"""

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
import structlog
from msgspec import Struct
from psycopg import Cursor
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier

from adapters.postgres.query import Asking, Query, rows

CONNECT_SECONDS = 2
"""The least that libpq knows."""

_THERE: LiteralString = (
    "SELECT to_regclass(%s) IS NOT NULL, obj_description(to_regnamespace(%s), 'pg_namespace')"
)
_REACHED: LiteralString = (
    "SELECT notification_id, tableoid::bigint FROM {} WHERE application_name = 'ledger'"
)

log = structlog.get_logger()


class Mark(Struct, frozen=True):
    """The position of a read model, and its table there: a rebuilt one has another."""

    position: int
    table: int


class Look(Struct, frozen=True):
    """The last position of the ledger, and of each read model; None of one that is not made."""

    schema: int
    """The schema's last step; 0 if it is too old to say."""
    head: int
    reached: dict[str, int | None]


def reached(cursor: Cursor[Any], name: str) -> int:
    """The position up to which a read model has taken the ledger in."""
    tracking = Identifier(name, f"{name}_tracking")
    row = cursor.execute(SQL(_REACHED).format(tracking)).fetchone()
    return row[0] if row else 0


def mark_of(name: LiteralString) -> Asking[Mark]:
    """The same, asked on the event loop, and of which of its builds."""
    tracking = name + "." + name + "_tracking"
    found = yield from rows(Query(_REACHED.format(tracking)))
    return Mark(*found[0]) if found else Mark(0, 0)


def look(conninfo: str, versions: Mapping[str, int]) -> Look | None:
    """Look on a connection of its own, so that a busy service is not taken for a lost database.

    A read model of another version than is asked for counts as one that is not made. None if the
    database does not answer, or lacks what the service needs.
    """
    try:
        return _look(conninfo, versions)
    except psycopg.Error as error:
        log.warning("database_unreachable", error=type(error).__name__)
        return None


def _look(conninfo: str, versions: Mapping[str, int]) -> Look:
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
            found[name] = reached(cursor, name) if there == (True, str(version)) else None
    return Look(schema, (row[0] if row else None) or 0, found)


def _schema(cursor: Cursor[Any]) -> int:
    try:
        row = cursor.execute("SELECT max(number) FROM schema_migrations").fetchone()
    except InsufficientPrivilege:
        return 0
    return (row[0] if row else None) or 0
