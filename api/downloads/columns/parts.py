"""Columns that several tables have: codes with their words, dates with their precision, forces."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.tables.columns import DataColumn, Datatype, NoValue
from api.pages.rendering import formatting
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
    few: bool = False,
) -> DataColumn[Any]:
    """Return a column with the value of an item's field, named by `of` with dots.

    `few` says that few of the values differ.
    """
    return DataColumn(name, title, description, datatype, of or name, absent, few=few)


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

    def published(content: str | None) -> str | None:
        return None if content is None else formatting.published(content)

    return DataColumn(name, title, description, "string", of, absent, published, few)


def recommendation(*, key: str = "id", reference: str = "reference") -> Columns:
    """Return the columns of the recommendation that an item is about, given its fields."""
    return (
        DataColumn("id", "Id", "The id of the recommendation.", "string", key, then=str),
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
            key,
            then=lambda name: f"/recommendations/{name}",
        ),
    )


def counted(name: str, title: str, description: str, *, of: str | None = None) -> DataColumn[Any]:
    """Return a column with a number that is always known."""
    return plain(name, title, description, "integer", of=of, absent="[z]")


LEFT_OUT = "Those of which it is not known are left out; none where it is known of none."
"""Of a number that counts nothing where it is not known where recommendations stand."""


def known(name: str, title: str, description: str, *, of: str | None = None) -> DataColumn[Any]:
    """Return a column with a number of those of which something is known, if of any."""
    return plain(name, title, f"{description} {LEFT_OUT}", "integer", of=of)


def _few(  # noqa: PLR0917  those of a column
    name: str,
    title: str,
    description: str,
    of: str,
    absent: NoValue = "[x]",
    then: Callable[[Any], str | None] | None = None,
) -> DataColumn[Any]:
    """Return a column of texts of which few differ."""
    return DataColumn(name, title, description, "string", of, absent, then, few=True)


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

    def in_words(code: str | None) -> str | None:
        return None if code is None else words[code]

    meanings = "; ".join(f"{code}: {words[code]}" for code in words)
    return (
        _few(name, f"{title} (code)", f"{description} {meanings}.", of, absent),
        _few(f"{name}_words", title, f"{description} In words.", of, absent, in_words),
    )


def dated(name: str, title: str, description: str, *, of: str, absent: NoValue = "[x]") -> Columns:
    """Return a column with a date as precisely as it is known, and one with its precision."""

    def known(text: str | None) -> str | None:
        return None if text == UNKNOWN else text

    def precise(text: str | None) -> str | None:
        return None if text is None else precision(text)

    form = "YYYY-MM-DD, YYYY-MM or YYYY, as precisely as it is known; none if it is not known."
    exact = "How precisely that date is known: day, month, year or unknown."
    return (
        _few(name, title, f"{description} {form}", of, absent, known),
        _few(f"{name}_precision", f"{title}: precision", exact, of, absent, precise),
    )


def force(of: str) -> Columns:
    """Return the columns of an addressee: its code, name, ONS code and region."""
    return (
        _few("force", "Force (code)", "The code of the force in addresses of this service.", of),
        _few(
            "force_name",
            "Force",
            "The name of the force, or of all forces and national bodies.",
            of,
            then=lambda force: ADDRESSEES[force].name,
        ),
        _few(
            "force_ons_code",
            "Force (ONS code)",
            "The code of the police force area, by the Office for National Statistics.",
            of,
            "[z]",
            lambda force: ADDRESSEES[force].ons_code,
        ),
        _few(
            "force_region",
            "Region",
            "The region of England that the force is in, or Wales.",
            of,
            "[z]",
            lambda force: ADDRESSEES[force].region or None,
        ),
    )
