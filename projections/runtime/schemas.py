"""The schemas that read models live in: made, swapped and dropped by one process at a time."""

from typing import Any, LiteralString, TypeAlias

import psycopg
from psycopg.sql import SQL, Identifier

from projections.runtime.read_model import ReadModel

Connection: TypeAlias = psycopg.Connection[Any]

_LOCK = 7412


def make(
    connection: Connection, model: type[ReadModel], schema: str, *, indexed: bool = True
) -> None:
    """Make the schema and its tables unless they are there, with their indexes or without."""
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
    """Make the indexes of tables that were made without."""
    with connection.transaction():
        connection.execute(SQL("SET LOCAL search_path TO {}").format(Identifier(schema)))
        connection.execute(model.indexes)


def version(connection: Connection, schema: str) -> int | None:
    """The version of the read model in a schema; None if there is no such schema."""
    row = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s",
        (schema,),
    ).fetchone()
    return int(row[0] or 0) if row else None


def exists(connection: Connection, schema: str) -> bool:
    """Say whether there is such a schema."""
    return version(connection, schema) is not None


def drop(connection: Connection, schema: str) -> None:
    """Drop a schema with all that is in it, if it is there."""
    connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))


def rename(connection: Connection, schema: str, name: str) -> None:
    """Give a schema another name."""
    connection.execute(
        SQL("ALTER SCHEMA {} RENAME TO {}").format(Identifier(schema), Identifier(name))
    )


def try_lock(connection: Connection, name: str) -> bool:
    """Take a name for as long as the connection lives, unless somebody else has it."""
    row = connection.execute(
        "SELECT pg_try_advisory_lock(%s, hashtext(%s))", (_LOCK, name)
    ).fetchone()
    return bool(row and row[0])
