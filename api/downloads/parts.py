"""Columns that several tables have: codes with their words, dates with their precision, forces."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from adapters.tables.columns import DataColumn, Datatype, NoValue
from domain.vocabulary.dates import precision
from domain.vocabulary.forces import ADDRESSEES

Columns = tuple[DataColumn[Any], ...]
UNKNOWN = "unknown"


def plain(
    name: str,
    title: str,
    description: str,
    datatype: Datatype = "string",
    *,
    of: str | None = None,
    absent: NoValue = "[x]",
) -> DataColumn[Any]:
    """Return a column with the value of an item's field, named by `of` with dots."""
    value: Callable[[Any], Any] = attrgetter(of or name)
    return DataColumn(name, title, description, datatype, value, absent)


def worded(
    name: str,
    title: str,
    description: str,
    words: Mapping[str, str],
    *,
    of: str,
    absent: NoValue = "[x]",
) -> Columns:
    """Return a column of codes, and one of their words."""
    value: Callable[[Any], str | None] = attrgetter(of)

    def in_words(item: Any) -> str | None:  # noqa: ANN401  an item of any table
        code = value(item)
        return None if code is None else words[code]

    meanings = "; ".join(f"{code}: {words[code]}" for code in words)
    return (
        DataColumn(name, f"{title} (code)", f"{description} {meanings}.", "string", value, absent),
        DataColumn(f"{name}_words", title, f"{description} In words.", "string", in_words, absent),
    )


def dated(name: str, title: str, description: str, *, of: str, absent: NoValue = "[x]") -> Columns:
    """Return a column with a date as precisely as it is known, and one with its precision."""
    when: Callable[[Any], str | None] = attrgetter(of)

    def known(item: Any) -> str | None:  # noqa: ANN401  as above
        text = when(item)
        return None if text == UNKNOWN else text

    def precise(item: Any) -> str | None:  # noqa: ANN401  as above
        text = when(item)
        return None if text is None else precision(text)

    form = "YYYY-MM-DD, YYYY-MM or YYYY, as precisely as it is known; none if it is not known."
    exact = "How precisely that date is known: day, month, year or unknown."
    return (
        DataColumn(name, title, f"{description} {form}", "string", known, absent),
        DataColumn(f"{name}_precision", f"{title}: precision", exact, "string", precise, absent),
    )


def force(of: str) -> Columns:
    """Return the columns of an addressee: its code, name, ONS code and local policing body."""
    code: Callable[[Any], str] = attrgetter(of)
    return (
        DataColumn(
            "force",
            "Force (code)",
            "The code of the force in addresses of this service.",
            "string",
            code,
        ),
        DataColumn(
            "force_name",
            "Force",
            "The name of the force, or of all forces and national bodies.",
            "string",
            lambda item: ADDRESSEES[code(item)].name,
        ),
        DataColumn(
            "force_ons_code",
            "Force (ONS code)",
            "The code of the police force area, by the Office for National Statistics.",
            "string",
            lambda item: ADDRESSEES[code(item)].ons_code,
            "[z]",
        ),
        DataColumn(
            "force_region",
            "Region",
            "The region of England that the force is in, or Wales.",
            "string",
            lambda item: ADDRESSEES[code(item)].region or None,
            "[z]",
        ),
    )
