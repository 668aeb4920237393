"""The recommendations of which something new was known last, from the register."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor

from domain.recommendation.state import Stage
from domain.vocabulary.values import Area, Code, Kind, Text, When
from projections.bitemporal import NOW


class Latest(Struct, frozen=True):
    """One recommendation, and since when what is shown of it has been known."""

    id: UUID
    force: Code
    kind: Kind
    text: Text
    stage: Stage
    stage_since: When
    known_from: datetime


def statement(force: Code | None, area: Area | None) -> LiteralString:
    """The SQL of the latest."""
    return (
        "SELECT s.stream, s.force, s.kind, w.text, s.stage, s.stage_since, s.known_from FROM ("
        "SELECT * FROM register.standing WHERE "
        + NOW
        + (" AND force <> 'training'" if force is None else " AND force = %(force)s")
        + ("" if area is None else " AND area = %(area)s")
        + " ORDER BY known_from DESC, reference DESC LIMIT %(limit)s) s"
        " JOIN register.wording w ON w.id = s.text_id ORDER BY s.known_from DESC, s.reference DESC"
    )


def latest(
    cursor: Cursor[Any], *, force: Code | None, area: Area | None, limit: int
) -> tuple[Latest, ...]:
    """The latest, the newest first; training is left out unless asked for."""
    given = {"force": force, "area": area, "limit": limit}
    rows = cursor.execute(statement(force, area), given)
    return tuple(
        Latest(stream, of, Kind(kind), text, Stage(stage), *times)
        for stream, of, kind, text, stage, *times in rows
    )
