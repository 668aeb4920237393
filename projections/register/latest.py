"""The recommendations about which something new became known last, from the register."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor

from domain.recommendation.state import Stage
from domain.vocabulary.values import Area, Code, Kind, Text, When, Wording
from projections.bitemporal import NOW
from projections.filters import force_condition
from projections.register.model import Register


class Latest(Struct, frozen=True):
    """One recommendation, and the moment from which its current state has been known."""

    id: UUID
    force: Code
    kind: Kind
    ordinal: int | None
    text: Text
    wording: Wording
    stage: Stage
    stage_since: When
    known_from: datetime


def statement(force: Code | None, area: Area | None) -> LiteralString:
    """Return the SQL of the latest recommendations."""
    return (
        "SELECT s.stream, s.force, s.kind, s.ordinal, w.text, s.wording, s.stage,"
        " s.stage_since, s.known_from FROM (SELECT * FROM "
        + Register.schema
        + ".standing WHERE "
        + NOW
        + " AND "
        + force_condition(force)
        + ("" if area is None else " AND area = %(area)s")
        + " ORDER BY known_from DESC, reference DESC LIMIT %(limit)s) s"
        " JOIN "
        + Register.schema
        + ".wording w ON w.id = s.text_id ORDER BY s.known_from DESC, s.reference DESC"
    )


def latest(
    cursor: Cursor[Any], *, force: Code | None, area: Area | None, limit: int
) -> tuple[Latest, ...]:
    """Return the latest recommendations, newest first; without a force, all but training."""
    query = {"force": force, "area": area, "limit": limit}
    rows = cursor.execute(statement(force, area), query)
    return tuple(
        Latest(stream, force_code, Kind(kind), ordinal, text, wording, Stage(stage), *times)
        for stream, force_code, kind, ordinal, text, wording, stage, *times in rows
    )
