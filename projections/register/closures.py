"""How many recommendations were closed on which day, counted from the register."""

from datetime import date, datetime
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor

from domain.recommendation.slippage import HalfYear, first_day, half_years
from domain.vocabulary.values import Code
from projections.bitemporal import AT, EVER, NOW
from projections.register.listing import BETWEEN


class Closed(Struct, frozen=True):
    """The latest half-years, the latest first; as of a position of the ledger."""

    half_years: tuple[HalfYear, ...]
    position: int


def statement(asked: date | None, known_at: datetime | None, force: Code | None) -> LiteralString:
    """The SQL of the counts, with the register's own conditions."""
    return (
        "SELECT p.notification_id, s.* FROM register.register_tracking p LEFT JOIN LATERAL ("
        "SELECT closed_on, count(*) FROM register.standing WHERE "
        + BETWEEN
        + " AND "
        + (NOW if asked is None and known_at is None else AT)
        + (" AND force <> 'training'" if force is None else " AND force = %(force)s")
        + " GROUP BY closed_on) s ON true WHERE p.application_name = 'ledger'"
    )


def parameters(on: date, known_at: datetime | None, force: Code | None) -> dict[str, object]:
    """The parameters of `statement`."""
    return {
        "on": on,
        "known_at": known_at or EVER,
        "force": force,
        "closed_from": first_day(on).isoformat(),
        "closed_to": on.isoformat(),
    }


def closed(
    cursor: Cursor[Any],
    *,
    today: date,
    on: date | None = None,
    known_at: datetime | None = None,
    force: Code | None = None,
) -> Closed:
    """The closures of the latest half-years up to the end of a day."""
    day = on or today
    rows = cursor.execute(statement(on, known_at, force), parameters(day, known_at, force))
    found = rows.fetchall()
    days = {date.fromisoformat(row[1]): row[2] for row in found if row[1] is not None}
    return Closed(half_years(days, day), found[0][0] if found else 0)
