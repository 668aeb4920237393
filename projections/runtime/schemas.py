"""The schemas of read models: created, swapped and dropped by one process at a time."""

from typing import Any, LiteralString, TypeAlias

import psycopg
from psycopg.sql import SQL, Identifier

from projections.runtime.read_model import ReadModel

Connection: TypeAlias = psycopg.Connection[Any]

_LOCK = 7412


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
        connection.execute(SQL(comment).format(Identifier(schema), str(model.version)))


def index(connection: Connection, model: type[ReadModel], schema: str) -> None:
    """Create the indexes of tables that were created without them."""
    with connection.transaction():
        connection.execute(SQL("SET LOCAL search_path TO {}").format(Identifier(schema)))
        connection.execute(model.indexes)


def version(connection: Connection, schema: str) -> int | None:
    """Return the version of the read model in a schema; None without the schema."""
    row = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s",
        (schema,),
    ).fetchone()
    return int(row[0] or 0) if row else None


def exists(connection: Connection, schema: str) -> bool:
    """Return whether the schema exists."""
    return version(connection, schema) is not None


def is_ahead(connection: Connection, name: str) -> bool:
    """Return whether a read model exists and has come further than the ledger goes."""
    if not exists(connection, name):
        return False
    query: LiteralString = (
        "SELECT notification_id > (SELECT coalesce(max(notification_id), 0) FROM ledger_events)"
        " FROM {} WHERE application_name = 'ledger'"
    )
    row = connection.execute(SQL(query).format(Identifier(name, f"{name}_tracking"))).fetchone()
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
    row = connection.execute(
        "SELECT pg_try_advisory_lock(%s, hashtext(%s))", (_LOCK, name)
    ).fetchone()
    return bool(row and row[0])


def unlock(connection: Connection, name: str) -> None:
    """Release the lock of a name now; a closed session releases it a moment later."""
    connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (_LOCK, name))
