"""The names of recommendations: their kind, number and text, for lists of other read models."""

from collections.abc import Sequence
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor

from domain.vocabulary.values import Kind, Reference, Text, Wording
from projections.filters import AsOfFilter
from projections.register.model import Register


class RecommendationName(Struct, frozen=True):
    """The words by which a recommendation is named."""

    kind: Kind
    ordinal: int | None
    text: Text
    wording: Wording
    reference: Reference


def statement(filters: AsOfFilter) -> LiteralString:
    """Return the SQL of the names of some recommendations."""
    return (
        "SELECT s.stream, s.kind, s.ordinal, w.text, s.wording, s.reference FROM "
        + Register.schema
        + ".standing s JOIN "
        + Register.schema
        + ".wording w ON w.id = s.text_id WHERE s.stream = ANY(%(streams)s) AND "
        + filters.as_of
    )


def names_of(
    cursor: Cursor[Any], filters: AsOfFilter, today: date, streams: Sequence[UUID]
) -> dict[UUID, RecommendationName]:
    """Return the names of recommendations by their streams: those that were on record then."""
    query = {**filters.as_of_parameters(today), "streams": list(dict.fromkeys(streams))}
    rows = cursor.execute(statement(filters), query).fetchall()
    return {row[0]: RecommendationName(*row[1:]) for row in rows}
