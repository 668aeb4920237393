"""How long the open recommendations have been open: in bands of age, counted from the register."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor

from domain.recommendation.state import Stage
from domain.vocabulary.actors import Role
from domain.vocabulary.dates import add_months, earliest, end_of
from domain.vocabulary.values import When
from projections.filters import ForceFilter
from projections.register.listing import OPEN
from projections.register.measures.conditions import BOUNDS, NEXT_BY
from projections.register.model import Register


class AgeBand(Struct, frozen=True):
    """The open recommendations that were certainly issued between two days, both included.

    A bound is None where there is none.
    """

    issued_from: date | None
    issued_to: date | None
    many: int


class OpenAges(Struct, frozen=True):
    """The bands of age, the youngest first, and how many are in no band for certain."""

    bands: tuple[AgeBand, ...]
    uncertain: int


class StageAges(Struct, frozen=True):
    """The ages of what is open at a stage and waits for the same party."""

    stage: Stage
    next_by: Role | None
    ages: OpenAges


def statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of the counts by date of issue."""
    return (
        "SELECT issued_on, count(*) FROM "
        + Register.schema
        + ".standing WHERE "
        + (OPEN + " AND " + filters.as_of + " AND " + filters.of_force)
        + " GROUP BY issued_on"
    )


def open_ages(cursor: Cursor[Any], filters: ForceFilter, today: date) -> OpenAges:
    """Return the ages of what is open at the end of a day."""
    query = {**filters.as_of_parameters(today), "force": filters.force}
    rows = cursor.execute(statement(filters), query).fetchall()
    return by_age(dict(rows), filters.day_at(today))


def by_age(issued: Mapping[When, int], on: date) -> OpenAges:
    """Return the bands of age on a day, of the numbers issued by date."""
    bands = [_band(issued, *days) for days in _days(on)]
    return OpenAges(tuple(bands), sum(issued.values()) - sum(band.many for band in bands))


def _days(on: date) -> Sequence[tuple[date | None, date | None]]:
    """Return the first and the last day of issue of each band, the youngest first."""
    ends = [_before(on, months) for months in BOUNDS]
    starts = [end + timedelta(days=1) for end in ends]
    return list(zip([*starts, None], [None, *ends], strict=True))


def _before(on: date, months: int) -> date:
    """Return the day so many months before, or the first of the calendar."""
    return add_months(on, -months) if on.year > months // 12 + 1 else date.min


def _band(issued: Mapping[When, int], first: date | None, last: date | None) -> AgeBand:
    many = sum(
        number
        for when, number in issued.items()
        if when != "unknown"
        and (first is None or earliest(when) >= first)
        and (last is None or end_of(when) <= last)
    )
    return AgeBand(first, last, many)


def stages_statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of the counts by date of issue, and by stage and whose move it is."""
    return (
        "SELECT p.notification_id, s.* FROM "
        + Register.tracking
        + " p LEFT JOIN LATERAL (SELECT stage, "
        + NEXT_BY
        + ", issued_on, count(*) FROM "
        + Register.schema
        + ".standing WHERE "
        + (OPEN + " AND " + filters.as_of + " AND " + filters.of_force)
        + " GROUP BY 1, 2, 3) s ON true WHERE p.application_name = 'ledger'"
    )


def read_ages(
    cursor: Cursor[Any], filters: ForceFilter, today: date
) -> tuple[tuple[StageAges, ...], int]:
    """Return the ages of what is open on the day, stage by stage, and the ledger position."""
    day = filters.day_at(today)
    query = {**filters.as_of_parameters(today), "force": filters.force}
    rows = cursor.execute(stages_statement(filters), query).fetchall()
    issued: dict[tuple[Stage, Role | None], Counter[When]] = {}
    for _, stage, next_by, issued_on, many in rows:
        if stage is not None:  # there is a row without one where nothing is open
            mover = Role(next_by) if next_by else None
            issued.setdefault((Stage(stage), mover), Counter())[issued_on] += many
    order = list(Stage)
    places = sorted(issued, key=lambda place: (order.index(place[0]), place[1] or ""))
    counted = tuple(StageAges(*place, by_age(issued[place], day)) for place in places)
    return counted, rows[0][0] if rows else 0
