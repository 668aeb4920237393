"""A column of the views, with its words, dates and comment."""

from collections.abc import Mapping

from msgspec import Struct

from domain.vocabulary.forces import ADDRESSEES

AS_OF = "{day}"
"""In the SQL of a column or a source: the day that is asked about."""
KNOWN_AT = "{known_at}"
"""In the same: the moment as known at which it is asked about."""
POSITION = "as_of_position"
"""The column of the position in the ledger that the rows of a view are as of."""
TODAY = "(now() AT TIME ZONE 'Europe/London')::date"


class ViewColumn(Struct, frozen=True):
    """A column of a view: its name, its type, the SQL of its value, and its comment."""

    name: str
    type: str
    value: str
    comment: str

    @property
    def of_a_day(self) -> bool:
        """Whether its value depends on the day that is asked about."""
        return AS_OF in self.value


def text(name: str, comment: str, value: str | None = None) -> ViewColumn:
    """Return a column of text."""
    return ViewColumn(name, "text", value or name, comment)


def number(name: str, comment: str, value: str | None = None) -> ViewColumn:
    """Return a column of whole numbers."""
    return ViewColumn(name, "integer", value or name, comment)


def day(name: str, comment: str, value: str | None = None) -> ViewColumn:
    """Return a column of days."""
    return ViewColumn(name, "date", value or name, comment)


def flag(name: str, comment: str, value: str | None = None) -> ViewColumn:
    """Return a column that is true or false."""
    return ViewColumn(name, "boolean", value or name, comment)


def identity(name: str, comment: str, value: str | None = None) -> ViewColumn:
    """Return a column of ids, as in the addresses of the JSON API."""
    return ViewColumn(name, "uuid", value or name, comment)


def coded(
    name: str, comment: str, words: Mapping[str, str], null: str = ""
) -> tuple[ViewColumn, ViewColumn]:
    """Return a column of codes, and one of the words for them; `null` is what no code means."""
    empty = f" Null: {null}." if null else ""
    cases = " ".join(f"WHEN {quoted(code)} THEN {quoted(of)}" for code, of in words.items())
    return (
        text(name, f"{comment}: a code.{empty}"),
        text(
            f"{name}_words", f"{comment}, in words.{empty}", f"CASE {name} {cases} ELSE {name} END"
        ),
    )


def dated(name: str, comment: str) -> tuple[ViewColumn, ViewColumn, ViewColumn]:
    """Return a column of a date as precisely as it is known, and its first and last day."""
    known = f"NULLIF({name}, 'unknown')"
    until = f"WHEN 4 THEN ({known} || '-12-31')::date WHEN 7 THEN"
    until += f" (({known} || '-01')::date + interval '1 month - 1 day')::date"
    return (
        text(
            name, f"{comment}, as precisely as it is known: YYYY-MM-DD, YYYY-MM, YYYY or unknown."
        ),
        day(
            f"{name}_earliest",
            f"{comment}: the first day that it can be. Null: not known, or there is none.",
            f"rpad({known}, 10, '-01-01')::date",
        ),
        day(
            f"{name}_latest",
            f"{comment}: the last day that it can be. Null: not known, or there is none.",
            f"CASE length({known}) {until} WHEN 10 THEN {known}::date END",
        ),
    )


def quoted(value: str | None) -> str:
    """Return a text as a literal of SQL."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


FORCES = ", ".join(
    f"({', '.join(map(quoted, (force.code, force.name, force.ons_code)))})"
    for force in ADDRESSEES.values()
    if not force.training
)
BY_FORCE = f"(VALUES {FORCES}) AS forces (code, force_name, ons_code)"
"""A table of the names and codes of forces, to be joined."""
OF_FORCE = (
    text("force", "The force, or other body, that it is addressed to: a code.", "code"),
    text("force_name", "The name of that force."),
    text(
        "ons_code",
        "The code of that force by the Office for National Statistics. Null: it has none.",
    ),
)


def position(name: str) -> ViewColumn:
    """Return the column of the position that a list has reached."""
    comment = (
        "The number of the last record that the row takes into account: rows with the same number,"
        " day and moment are of the same extract."
    )
    return ViewColumn(POSITION, "bigint", f"(SELECT reporting.position_v1('{name}'))", comment)


def by_code(column: str, values: Mapping[str, str]) -> str:
    """Return the SQL of a value by the code in a column."""
    cases = " ".join(f"WHEN '{code}' THEN {quoted(value)}" for code, value in values.items())
    return f"CASE {column} {cases} END"


REFERENCE = text("reference", "The readable reference, which never changes.")
