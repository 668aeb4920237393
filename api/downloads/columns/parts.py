"""Columns that several tables have: codes with their words, dates with their precision, forces."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from adapters.tables.columns import DataColumn, Datatype, NoValue
from api.pages.rendering import formatting
from domain.vocabulary.dates import precision
from domain.vocabulary.forces import ADDRESSEES

Columns = tuple[DataColumn[Any], ...]
UNKNOWN = "unknown"


def as_it_is(value: Any) -> Any:  # noqa: ANN401  any value of which few differ
    """Return the value itself; such a column's cells are kept."""
    return value


def plain(
    name: str,
    title: str,
    description: str,
    datatype: Datatype = "string",
    *,
    of: str | None = None,
    absent: NoValue = "[x]",
    few: bool = False,
) -> DataColumn[Any]:
    """Return a column with the value of an item's field, named by `of` with dots.

    `few` says that few of the values differ.
    """
    value: Callable[[Any], Any] = attrgetter(of or name)
    then = as_it_is if few else None
    return DataColumn(name, title, description, datatype, value, absent, then)


def text(
    name: str,
    title: str,
    description: str,
    *,
    of: str,
    absent: NoValue = "[x]",
    few: bool = False,
) -> DataColumn[Any]:
    """Return a column with a published text; of one that was suppressed, that it was removed."""
    value: Callable[[Any], str | None] = attrgetter(of)

    def published(content: str | None) -> str | None:
        return None if content is None else formatting.published(content)

    if few:
        return DataColumn(name, title, description, "string", value, absent, published)
    return DataColumn(
        name, title, description, "string", lambda item: published(value(item)), absent
    )


def recommendation(*, key: str = "id", reference: str = "reference") -> Columns:
    """Return the columns of the recommendation that an item is about, given its fields."""
    identity: Callable[[Any], object] = attrgetter(key)
    return (
        DataColumn(
            "id",
            "Id",
            "The id of the recommendation.",
            "string",
            lambda item: str(identity(item)),
        ),
        plain(
            "reference",
            "Reference",
            "A readable name of the recommendation, which never changes.",
            of=reference,
        ),
        DataColumn(
            "page",
            "Page",
            "The page of the recommendation.",
            "anyURI",
            lambda item: f"/recommendations/{identity(item)}",
        ),
    )


def counted(name: str, title: str, description: str, *, of: str | None = None) -> DataColumn[Any]:
    """Return a column with a number that is always known."""
    return plain(name, title, description, "integer", of=of, absent="[z]")


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

    def in_words(code: str | None) -> str | None:
        return None if code is None else words[code]

    meanings = "; ".join(f"{code}: {words[code]}" for code in words)
    return (
        DataColumn(
            name, f"{title} (code)", f"{description} {meanings}.", "string", value, absent, as_it_is
        ),
        DataColumn(
            f"{name}_words", title, f"{description} In words.", "string", value, absent, in_words
        ),
    )


def dated(name: str, title: str, description: str, *, of: str, absent: NoValue = "[x]") -> Columns:
    """Return a column with a date as precisely as it is known, and one with its precision."""
    when: Callable[[Any], str | None] = attrgetter(of)

    def known(text: str | None) -> str | None:
        return None if text == UNKNOWN else text

    def precise(text: str | None) -> str | None:
        return None if text is None else precision(text)

    form = "YYYY-MM-DD, YYYY-MM or YYYY, as precisely as it is known; none if it is not known."
    exact = "How precisely that date is known: day, month, year or unknown."
    return (
        DataColumn(name, title, f"{description} {form}", "string", when, absent, known),
        DataColumn(
            f"{name}_precision", f"{title}: precision", exact, "string", when, absent, precise
        ),
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
            then=as_it_is,
        ),
        DataColumn(
            "force_name",
            "Force",
            "The name of the force, or of all forces and national bodies.",
            "string",
            code,
            then=lambda force: ADDRESSEES[force].name,
        ),
        DataColumn(
            "force_ons_code",
            "Force (ONS code)",
            "The code of the police force area, by the Office for National Statistics.",
            "string",
            code,
            "[z]",
            lambda force: ADDRESSEES[force].ons_code,
        ),
        DataColumn(
            "force_region",
            "Region",
            "The region of England that the force is in, or Wales.",
            "string",
            code,
            "[z]",
            lambda force: ADDRESSEES[force].region or None,
        ),
    )
