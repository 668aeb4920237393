"""A view of the reporting schema, and the SQL that makes it.

Each view reads a function, whose text names the schema of a read model. PostgreSQL looks the name
up at each query. So a rebuild can swap the schema, and another version can take its place, without
the view being made again or dropped. The planner puts the function's query in place of the call.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from projections.bitemporal import EVER
from projections.filters import EVERY_AUDIENCE
from projections.reporting.column import AS_OF, KNOWN_AT, POSITION, TODAY, ViewColumn, day, quoted

SIGNED_IN_AUDIENCES = "tracker_bi_force, tracker_bi_inspectorate"
_TRUE = (
    f"since <= {AS_OF} AND until > {AS_OF} AND known_from <= {KNOWN_AT} AND known_to > {KNOWN_AT}"
)
_PERIOD = (
    day("valid_from", "The first day on which the row is true.", "since"),
    day(
        "valid_to",
        "The first day on which the row is true no more. Null: it still is.",
        "NULLIF(until, 'infinity')",
    ),
    ViewColumn(
        "known_from", "timestamptz", "known_from", "The moment from which the service knew the row."
    ),
    ViewColumn(
        "known_to",
        "timestamptz",
        f"CASE WHEN known_to <= {KNOWN_AT} THEN known_to END",
        "The moment from which the service knew better. Null: it still knows the row.",
    ),
)
_AT = "on_day date DEFAULT NULL, known_at timestamptz DEFAULT NULL"
_ASKED = {AS_OF: f"coalesce(on_day, {TODAY})", KNOWN_AT: f"coalesce(known_at, '{EVER}')"}
_NOT_ASKED = {KNOWN_AT: f"'{EVER}'"}

Rows: TypeAlias = Literal["periods", "sums", "constant"]
"""Rows that are true and known for a time; sums of a day and moment; or the same for ever."""


class View(Struct, frozen=True):
    """A view: its name without the version, its comment, its columns, and the SQL of its rows."""

    name: str
    comment: str
    columns: Sequence[ViewColumn]
    source: str
    """The SQL between FROM and WHERE."""
    rows: Rows
    condition: str = "true"
    history: bool = False
    """Whether there is a view of all periods too."""
    audiences: str = EVERY_AUDIENCE
    version: int = 1

    @property
    def made(self) -> "list[MadeView]":
        """The views to make: that of today, and that of all periods."""
        today = MadeView(self, f"{self.name}_v{self.version}", self.comment, self.columns)
        if not self.history:
            return [today]
        columns = (*_PERIOD, *(column for column in self.columns if not column.of_a_day))
        name = f"{self.name}_history_v{self.version}"
        comment = f"{self.comment} Every row that was ever true or known, with its times."
        return [today, MadeView(self, name, comment, columns)]


class MadeView(Struct, frozen=True):
    """One view as it is made in the database."""

    of: View
    name: str
    comment: str
    columns: Sequence[ViewColumn]

    @property
    def is_history(self) -> bool:
        """Whether it has every row that was ever true or known."""
        return self.columns is not self.of.columns

    @property
    def sql(self) -> str:
        """The SQL that makes it, or makes it again, with its function and its comments."""
        names = ", ".join(column.name for column in self.columns)
        view, called = f"reporting.{self.name}", self._called
        query = f"SELECT {names} FROM {called}()"
        statements = [
            self._function,
            f"CREATE OR REPLACE VIEW {view} WITH (security_invoker = true) AS {query}",
            f"COMMENT ON VIEW {view} IS {quoted(self.comment)}",
            f"REVOKE ALL ON FUNCTION {called} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {called} TO {self.of.audiences}",
            f"REVOKE ALL ON {view} FROM tracker_app, tracker_reader",
            f"GRANT SELECT ON {view} TO {self.of.audiences}",
        ]
        statements += [
            f"COMMENT ON COLUMN {view}.{column.name} IS {quoted(column.comment)}"
            for column in self.columns
        ]
        return ";\n".join(statements)

    @property
    def dropped(self) -> str:
        """The SQL that drops it and its function, if they are there."""
        return f"DROP VIEW IF EXISTS reporting.{self.name};\nDROP FUNCTION IF EXISTS {self._called}"

    @property
    def _called(self) -> str:
        kind = "rows" if self._is_fixed else "as_at"
        name = self.name.removesuffix(f"_v{self.of.version}")
        return f"reporting.{name}_{kind}_v{self.of.version}"

    @property
    def _is_fixed(self) -> bool:
        """Whether its rows are the same for every day and moment."""
        return self.of.rows == "constant" or self.is_history

    def query(self, position: str | None = None) -> str:
        """Return the SQL of its rows, with `AS_OF` and `KNOWN_AT` in it.

        `position` is the SQL of the position that they are as of, if not as the view has it.
        """
        values = ", ".join(
            f"({position if position and column.name == POSITION else column.value})"
            f"::{column.type} AS {column.name}"
            for column in self.columns
        )
        query = f"SELECT {values} FROM {self.of.source} WHERE {self.of.condition}"
        if self.of.rows == "periods":
            query += f" AND {f'known_from <= {KNOWN_AT}' if self.is_history else _TRUE}"
        return query

    @property
    def _function(self) -> str:
        returned = ", ".join(f"{column.name} {column.type}" for column in self.columns)
        query = self.query()
        for placeholder, value in (_NOT_ASKED if self._is_fixed else _ASKED).items():
            query = query.replace(placeholder, value)
        comment = "The rows of the view of that name, on a day, as known at a moment."
        return (
            f"CREATE OR REPLACE FUNCTION {self._called}({'' if self._is_fixed else _AT})"
            f" RETURNS TABLE ({returned}) LANGUAGE sql STABLE AS $query$ {query} $query$;\n"
            f"COMMENT ON FUNCTION {self._called} IS"
            f" {quoted('The rows of the view of that name.' if self._is_fixed else comment)}"
        )
