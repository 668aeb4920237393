"""Recommendations across forces by the area that they are about, counted from the register."""

from datetime import date, datetime
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor

from domain.vocabulary.values import Area, Code
from projections.bitemporal import AT, EVER, NOW


class AreaCounts(Struct, frozen=True):
    """The counts of one area at one force."""

    area: Area
    force: Code
    total: int
    open: int
    overdue: int
    claimed: int


class AreasPage(Struct, frozen=True):
    """Every area of every force that has any, training left out; as of a ledger position."""

    items: tuple[AreaCounts, ...]
    position: int


def statement(on: date | None, known_at: datetime | None) -> LiteralString:
    """The SQL of the counts, with the register's own conditions."""
    return (
        "SELECT p.notification_id, s.* FROM register.register_tracking p LEFT JOIN LATERAL ("
        "SELECT area, force, count(*), count(*) FILTER (WHERE stage <> 'closed'),"
        " count(*) FILTER (WHERE overdue_from <= %(today)s), count(claimed_on)"
        " FROM register.standing WHERE force <> 'training' AND "
        + (NOW if on is None and known_at is None else AT)
        + " GROUP BY area, force) s ON true WHERE p.application_name = 'ledger'"
        " ORDER BY s.area, s.force"
    )


def counts(
    cursor: Cursor[Any], *, today: date, on: date | None = None, known_at: datetime | None = None
) -> AreasPage:
    """The counts at the end of a day. It reads every recommendation's row of that day."""
    given = {"on": on or today, "known_at": known_at or EVER, "today": on or today}
    rows = cursor.execute(statement(on, known_at), given).fetchall()
    items = tuple(AreaCounts(*row[1:]) for row in rows if row[1] is not None)
    return AreasPage(items, rows[0][0] if rows else 0)
