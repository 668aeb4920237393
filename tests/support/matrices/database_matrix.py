"""Privileges of every database role, read from the catalogue."""

from collections.abc import Generator, Sequence
from typing import LiteralString

import psycopg
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

from adapters.postgres.database import APP, CHECKER, OPERATOR, OWNER, PROJECTOR, READER, Database
from adapters.postgres.upkeep.bi_logins import Audience

ROLES = (OWNER, APP, READER, PROJECTOR, CHECKER, OPERATOR)
AUDIENCES = tuple(audience.role for audience in Audience)
"""The roles of those who read by SQL; nobody logs in as them."""
ON_TABLES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
ON_SCHEMAS = ("USAGE", "CREATE")
ON_DATABASES = ("CONNECT", "CREATE", "TEMPORARY")
OURS: LiteralString = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"

_TABLES: LiteralString = (
    "SELECT n.nspname, c.relname, c.relkind FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    f" WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {OURS} ORDER BY 1, 2"
)
_FUNCTIONS: LiteralString = (
    "SELECT n.nspname, p.proname, p.oid FROM pg_proc p"
    f" JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {OURS} ORDER BY 1, 2"
)
_SCHEMAS: LiteralString = f"SELECT n.nspname FROM pg_namespace n WHERE {OURS} ORDER BY 1"


OPEN: LiteralString = (
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    f" WHERE c.relkind = 'v' AND {OURS}"
    " AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)"
    " UNION ALL SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
    f" WHERE {OURS} AND NOT coalesce(p.proconfig::text LIKE '%search_path=%', false)"
    " AND NOT (n.nspname = 'reporting' AND NOT p.prosecdef)"
)
"""Views that run with their owner's rights, and functions without a search_path of their own.

Those that the reporting views read run with their caller's rights, and name every schema: with a
search_path, the planner could not put their queries in place of the calls.
"""

STATEMENTS: dict[str, SQL] = {
    "SELECT": SQL("SELECT {column} FROM {} LIMIT 0"),
    "INSERT": SQL("INSERT INTO {} ({column}) VALUES (DEFAULT)"),
    "UPDATE": SQL("UPDATE {} SET {column} = DEFAULT"),
    "DELETE": SQL("DELETE FROM {}"),
    "TRUNCATE": SQL("TRUNCATE {}"),
}


def table(database: Database) -> str:
    """Return each role's privileges on the database, schemas, tables, views and functions."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        rows = ("| " + " | ".join(row) + " |" for row in _rows(connection))
        heads = ["in the database", *(f"`{role}`" for role in (*ROLES, *AUDIENCES)), "`PUBLIC`"]
        return "\n".join((f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *rows))


def privileges(database: Database, role: str) -> Generator[tuple[Composed, bool]]:
    """Yield each statement that needs one privilege, and whether the role has it.

    The privileges are those on tables and columns; of a view or a sequence, only SELECT. The
    statements change nothing if they are rolled back.
    """
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        for schema, name, kind in connection.execute(_TABLES).fetchall():
            writable = kind not in {"v", "S"}
            place = SQL("{}.{}").format(Identifier(schema), Identifier(name))
            for verb in ("DELETE", "TRUNCATE") if writable else ():
                had = _having(connection, "table", role, place.as_string(), (verb,))
                yield STATEMENTS[verb].format(place), had == verb
            for verb in ("SELECT", "INSERT", "UPDATE") if writable else ("SELECT",):
                columns = connection.execute(
                    "SELECT a.attname, has_column_privilege(%s, a.attrelid, a.attnum, %s)"
                    " FROM pg_attribute a WHERE a.attrelid = %s::regclass"
                    " AND a.attnum > 0 AND NOT a.attisdropped",
                    (role, verb, place.as_string()),
                ).fetchall()
                for column, may in columns:
                    yield STATEMENTS[verb].format(place, column=Identifier(column)), may


def _rows(connection: psycopg.Connection[TupleRow]) -> Generator[Sequence[str]]:
    for schema in ("", *(row[0] for row in connection.execute(_SCHEMAS).fetchall())):
        kind, name = ("schema", schema) if schema else ("database", _database(connection))
        wanted = ON_SCHEMAS if schema else ON_DATABASES
        cells = [
            _having(connection, kind, role, name, wanted) for role in (*ROLES, *AUDIENCES, "public")
        ]
        yield (f"{kind} `{schema}`" if schema else "the database", *cells)
    for schema, name, _ in connection.execute(_TABLES).fetchall():
        cells = [
            _on_table(connection, role, schema, name) for role in (*ROLES, *AUDIENCES, "public")
        ]
        yield (f"`{schema}.{name}`", *cells)
    for schema, name, oid in connection.execute(_FUNCTIONS).fetchall():
        cells = [
            _having(connection, "function", role, oid, ("EXECUTE",))
            for role in (*ROLES, *AUDIENCES, "public")
        ]
        yield (f"`{schema}.{name}()`", *cells)


def _having(
    connection: psycopg.Connection[TupleRow],
    kind: str,
    role: str,
    name: object,
    privileges: Sequence[str],
) -> str:
    function = Identifier(f"has_{kind}_privilege")
    query = SQL("SELECT {}(%s, %s, %s)").format(function)
    had = [
        privilege
        for privilege in privileges
        if connection.execute(query, (role, name, privilege)).fetchall() == [(True,)]
    ]
    return _in_words(had, privileges)


def _on_table(connection: psycopg.Connection[TupleRow], role: str, schema: str, name: str) -> str:
    full = SQL("{}.{}").format(Identifier(schema), Identifier(name)).as_string()
    whole = _having(connection, "table", role, full, ON_TABLES)
    if role in {OWNER, "public"} or whole == "all":
        return whole
    some = connection.execute(
        "SELECT privilege_type, string_agg(column_name, ', ' ORDER BY column_name)"
        " FROM information_schema.column_privileges"
        " WHERE (table_schema, table_name, grantee) = (%s, %s, %s)"
        " AND NOT has_table_privilege(%s, %s, privilege_type) GROUP BY 1 ORDER BY 1",
        (schema, name, role, role, full),
    ).fetchall()
    of_columns = "; ".join(f"{privilege} of {named}" for privilege, named in some)
    return "; ".join(filter(None, (whole.strip("-"), of_columns))) or "-"


def _in_words(had: Sequence[str], privileges: Sequence[str]) -> str:
    if len(had) == len(privileges) > 1:
        return "all"
    return ", ".join(had) or "-"


def _database(connection: psycopg.Connection[TupleRow]) -> str:
    return connection.info.dbname
