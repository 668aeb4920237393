"""The recommendations that have, or ever had, a text word for word."""

from typing import Any, LiteralString
from uuid import UUID

from psycopg import Cursor

from domain.vocabulary.folding import folded
from domain.vocabulary.values import Reference
from projections.register.model import Register

STATEMENT: LiteralString = (
    "SELECT DISTINCT s.reference, s.stream FROM "
    + Register.schema
    + ".wording w JOIN "
    + Register.schema
    + ".standing s ON s.text_id = w.id"
    " WHERE w.search @@ plainto_tsquery('english', %(words)s) AND w.text = %(text)s"
    " ORDER BY s.reference LIMIT %(limit)s"
)


def streams_with(cursor: Cursor[Any], text: str, limit: int) -> dict[UUID, Reference]:
    """Return recommendations with a text, as true and as known at any time, by their streams.

    A text without any word that is searched for, such as a number alone, has none.
    """
    rows = cursor.execute(STATEMENT, parameters(text, limit)).fetchall()
    return {stream: reference for reference, stream in rows}


def parameters(text: str, limit: int) -> dict[str, object]:
    """Return the parameters of `STATEMENT`."""
    return {"text": text, "words": folded(text), "limit": limit}
