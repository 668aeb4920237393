"""The tables of a database as text: the content of a backup, and the measure of a true copy.

Each row is a line, written by PostgreSQL's COPY in a fixed order, under the settings that every
session of the service has. Equal tables therefore give equal bytes on every server and version, and
one SHA-256 tells whether a copy is true. Read models are left out: they are built again.
"""

import hashlib
from collections.abc import Callable, Iterable

import psycopg
from msgspec import Struct
from psycopg.sql import SQL, Composable, Identifier

SESSION_TABLES = frozenset(
    {"form_tokens", "held_forms", "pending_sign_ins", "rates", "sessions", "sign_in_links"}
)
"""Left out: after a restore, an ended session or a used link would be good again."""
LEDGER = "ledger_events"
ORDERS = {LEDGER: ["notification_id"]}
"""Tables whose rows are not in the order of the primary key."""

_TABLES = """
    SELECT c.relname,
           array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''),
           (SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int2[], k.attnum))
              FROM pg_index i JOIN pg_attribute k
                ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey::int2[])
             WHERE i.indrelid = c.oid AND i.indisprimary),
           array_agg(a.attname::text) FILTER (WHERE a.attcollation <> 0)
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
       AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> ALL (%s)
     GROUP BY c.oid, c.relname ORDER BY c.relname
"""


class Table(Struct, frozen=True):
    """A table that a backup holds: its columns, and those that order its rows."""

    name: str
    columns: list[str]
    order: list[str]
    texts: frozenset[str]
    """Columns with a collation, which differs from one server to another."""

    @property
    def identifier(self) -> Identifier:
        """The name in SQL."""
        return Identifier("public", self.name)


class Content(Struct, frozen=True):
    """The rows of a table, as their number and the SHA-256 of their text."""

    rows: int
    sha256: str


def tables_of(connection: psycopg.Connection) -> list[Table]:
    """Return the tables that a backup of a database holds, in order of name."""
    rows = connection.execute(_TABLES, (sorted(SESSION_TABLES),)).fetchall()
    return [
        Table(name, columns, ORDERS.get(name) or key, frozenset(texts or ()))
        for name, columns, key, texts in rows
    ]


def sequences_of(connection: psycopg.Connection) -> dict[str, tuple[int, bool]]:
    """Return the sequences of a database: the last value of each, and whether it was taken."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'S'"
        " AND relnamespace = 'public'::regnamespace ORDER BY 1"
    ).fetchall()
    query = SQL("SELECT last_value, is_called FROM {}")
    return {
        name: connection.execute(query.format(Identifier("public", name))).fetchall()[0]
        for (name,) in names
    }


def set_sequence(
    connection: psycopg.Connection, name: str, last_value: int, *, is_called: bool
) -> None:
    """Set a sequence to a value."""
    sequence = Identifier("public", name).as_string(connection)
    connection.execute("SELECT setval(%s::regclass, %s, %s)", (sequence, last_value, is_called))


def read_rows(
    connection: psycopg.Connection,
    table: Table,
    write: Callable[[bytes], object],
    report_rows: Callable[[int], None] = lambda _rows: None,
) -> Content:
    """Write a table's rows as text, and return their content.

    Calls `report_rows` with the number of rows of each block.
    """
    digest, rows = hashlib.sha256(), 0
    query = SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        _names(table.columns), table.identifier, SQL(", ").join(_ordered(table))
    )
    with connection.cursor().copy(query) as copy:
        for part in copy:
            block = bytes(part)
            digest.update(block)
            write(block)
            count = block.count(b"\n")  # a line break within a value is escaped
            rows += count
            report_rows(count)
    return Content(rows, digest.hexdigest())


def content_of(connection: psycopg.Connection, table: Table) -> Content:
    """Return the content of a table."""
    return read_rows(connection, table, lambda _block: None)


def write_rows(
    connection: psycopg.Connection, table: Table, blocks: Iterable[bytes], *, replace: bool
) -> None:
    """Add the rows of a text to a table, with `replace` in place of its own; no trigger runs.

    Call within a transaction, as the table's owner.
    """
    connection.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table.identifier))
    if replace:
        connection.execute(SQL("DELETE FROM {}").format(table.identifier))
    query = SQL("COPY {} ({}) FROM STDIN").format(table.identifier, _names(table.columns))
    with connection.cursor().copy(query) as copy:
        for block in blocks:
            copy.write(block)
    connection.execute(SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table.identifier))


def _names(columns: list[str]) -> Composable:
    return SQL(", ").join(map(Identifier, columns))


def _ordered(table: Table) -> list[Composable]:
    collated = SQL('{} COLLATE "C"')
    return [
        collated.format(Identifier(name)) if name in table.texts else Identifier(name)
        for name in table.order
    ]
