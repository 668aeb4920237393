"""Open demands: from how many reports at a time, and for how long they have been open."""

from datetime import date
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor

from domain.recommendation.state import Plan, Stage
from domain.recommendation.worklist import next_move
from domain.vocabulary.actors import Role
from domain.vocabulary.values import Area, Code, Finding
from projections.filters import ForceFilter
from projections.register.listing import OPEN
from projections.register.model import Register


class Load(Struct, frozen=True):
    """What is open at one force at a time; with an area, in that area alone."""

    force: Code
    area: Area | None
    open: int
    reports: int
    """From how many reports the open ones are."""
    not_known: int
    """How many more may be open: nothing on record says what became of them."""


class Age(Struct, frozen=True):
    """How long what is open at a stage has been open, since the day of issue, by the next move.

    The bands part the years; each begins where the one before ends. `undated` are those whose
    issue is not known to the day.
    """

    stage: Stage
    next_by: Role | None
    under_6_months: int
    under_1_year: int
    under_2_years: int
    under_4_years: int
    over_4_years: int
    undated: int


def load_statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of the load of each force, and of each area in it."""
    return (
        "SELECT p.notification_id, s.* FROM " + Register.tracking + " p LEFT JOIN LATERAL ("
        "SELECT force, area, count(*) FILTER (WHERE "
        + OPEN
        + ") AS open, count(DISTINCT report) FILTER (WHERE "
        + OPEN
        + "), count(*) FILTER (WHERE stage = 'not_known') FROM "
        + Register.schema
        + ".standing WHERE stage <> 'closed' AND "
        + filters.as_of
        + " AND "
        + filters.of_force
        + " GROUP BY GROUPING SETS ((force), (force, area))) s ON true"
        " WHERE p.application_name = 'ledger'"
        " ORDER BY s.force, s.area NULLS FIRST"
    )


def read_load(
    cursor: Cursor[Any], filters: ForceFilter, today: date
) -> tuple[tuple[Load, ...], int]:
    """Return the load of each force, followed by that of its areas, and the ledger position."""
    query = {**filters.as_of_parameters(today), "force": filters.force}
    rows = cursor.execute(load_statement(filters), query).fetchall()
    found = tuple(Load(*row[1:]) for row in rows if row[1] is not None)
    return found, rows[0][0] if rows else 0


_BANDS: tuple[tuple[LiteralString, LiteralString], ...] = (
    ("'6 months'", "'0 days'"),
    ("'1 year'", "'6 months'"),
    ("'2 years'", "'1 year'"),
    ("'4 years'", "'2 years'"),
)


def _band(end: LiteralString, begin: LiteralString) -> LiteralString:
    """Return the SQL that counts what was issued from `begin` up to, not including, `end` ago."""
    after: LiteralString = "issued_on > (%(day)s::date - interval " + end + ")::date::text"
    before: LiteralString = " AND issued_on <= (%(day)s::date - interval " + begin + ")::date::text"
    return "count(*) FILTER (WHERE length(issued_on) = 10 AND " + after + before + ")"


def age_statement(filters: ForceFilter) -> LiteralString:
    """Return the SQL of the ages, by what the next move depends on."""
    oldest: LiteralString = (
        "count(*) FILTER (WHERE length(issued_on) = 10"
        " AND issued_on <= (%(day)s::date - interval '4 years')::date::text)"
    )
    return (
        "SELECT p.notification_id, s.* FROM "
        + Register.tracking
        + " p LEFT JOIN LATERAL (SELECT stage, plan, claimed_on IS NOT NULL AS claimed, finding, "
        + ", ".join([_band(end, begin) for end, begin in _BANDS])
        + ", "
        + oldest
        + ", count(*) FILTER (WHERE length(issued_on) <> 10) FROM "
        + Register.schema
        + ".standing WHERE "
        + OPEN
        + " AND "
        + filters.as_of
        + " AND "
        + filters.of_force
        + " GROUP BY 1, 2, 3, 4) s ON true WHERE p.application_name = 'ledger'"
    )


def read_ages(
    cursor: Cursor[Any], filters: ForceFilter, today: date
) -> tuple[tuple[Age, ...], int]:
    """Return the ages of what is open on the day, and the ledger position."""
    day = filters.day_at(today)
    query = {**filters.as_of_parameters(today), "force": filters.force, "day": day}
    rows = cursor.execute(age_statement(filters), query).fetchall()
    sums: dict[tuple[Stage, Role | None], list[int]] = {}
    for _, stage, plan, claimed, finding, *bands in rows:
        if stage is None:  # nothing is open
            continue
        seen = Finding(finding) if finding else None
        place = Stage(stage), next_move(Stage(stage), Plan(plan), claimed=claimed, finding=seen)
        sums[place] = [
            sum(pair) for pair in zip(sums.get(place, [0] * len(bands)), bands, strict=True)
        ]
    stages = list(Stage)
    found = sorted(sums.items(), key=lambda item: (stages.index(item[0][0]), item[0][1] or ""))
    return tuple(Age(*place, *bands) for place, bands in found), rows[0][0] if rows else 0
