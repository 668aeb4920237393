"""The schemas of read models: created, swapped and dropped by one process at a time."""

from typing import Any, LiteralString, TypeAlias

import psycopg
from psycopg.sql import SQL, Identifier

from projections.runtime.read_model import ReadModel

Connection: TypeAlias = psycopg.Connection[Any]

LOCK: LiteralString = "7412"
"""The first part of the advisory locks of read models; the second is the hash of a name."""


def make(
    connection: Connection, model: type[ReadModel], schema: str, *, indexed: bool = True
) -> None:
    """Create the schema and its tables unless the schema exists, with or without indexes."""
    if exists(connection, schema):
        return
    with connection.transaction():
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
        connection.execute(SQL("SET LOCAL search_path TO {}").format(Identifier(schema)))
        connection.execute(model.tables)
        if indexed:
            index(connection, model, schema)
        comment: LiteralString = "COMMENT ON SCHEMA {} IS {}"
        connection.execute(SQL(comment).format(Identifier(schema), model.version))


def index(connection: Connection, model: type[ReadModel], schema: str) -> None:
    """Create the indexes of tables that were created without them."""
    with connection.transaction():
        connection.execute(SQL("SET LOCAL search_path TO {}").format(Identifier(schema)))
        connection.execute(model.indexes)


def exists(connection: Connection, schema: str) -> bool:
    """Return whether the schema exists."""
    query: LiteralString = "SELECT FROM pg_namespace WHERE nspname = %s"
    return connection.execute(query, (schema,)).fetchone() is not None


def is_ahead(connection: Connection, model: type[ReadModel]) -> bool:
    """Return whether a read model exists and has come further than the ledger goes."""
    if not exists(connection, model.schema):
        return False
    row = connection.execute(
        "SELECT notification_id > (SELECT coalesce(max(notification_id), 0) FROM ledger_events)"
        " FROM " + model.tracking + " WHERE application_name = 'ledger'"
    ).fetchone()
    return bool(row and row[0])


def drop(connection: Connection, schema: str) -> None:
    """Drop a schema and everything in it, if it exists."""
    connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))


def rename(connection: Connection, schema: str, name: str) -> None:
    """Rename a schema."""
    connection.execute(
        SQL("ALTER SCHEMA {} RENAME TO {}").format(Identifier(schema), Identifier(name))
    )


def try_lock(connection: Connection, name: str) -> bool:
    """Lock a name while the connection lives; return False if another session holds it."""
    query: LiteralString = "SELECT pg_try_advisory_lock(" + LOCK + ", hashtext(%s))"
    row = connection.execute(query, (name,)).fetchone()
    return bool(row and row[0])


def unlock(connection: Connection, name: str) -> None:
    """Release the lock of a name now; a closed session releases it a moment later."""
    query: LiteralString = "SELECT pg_advisory_unlock(" + LOCK + ", hashtext(%s))"
    connection.execute(query, (name,))
