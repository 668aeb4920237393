"""Reading progress month by month."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor
from psycopg.sql import SQL

from domain.vocabulary.forces import addressees
from domain.vocabulary.values import Code
from projections.progress.board import Board, differences_since
from projections.progress.measures import (
    ALL,
    ALL_TRAINING,
    CLAIMED,
    CLOSED,
    KINDS,
    LIMITED,
    NOT_KNOWN,
    OVERDUE,
)
from projections.progress.model import Progress

SERIES_MONTHS_MAX = 240


SHOWN = [*KINDS.values(), CLOSED, NOT_KNOWN, LIMITED, OVERDUE, CLAIMED]
"""The measures of a series."""


class Month(Struct, frozen=True):
    """The counts at a month's end, or on the requested day if that is earlier."""

    month: str
    total: int
    open: int
    limited: int
    """How many have a last day that is known and are not closed: the base of `overdue`."""
    overdue: int
    claimed: int
    closed: int
    not_known: int


_SERIES: LiteralString = (
    "WITH brought AS ("
    "SELECT month, counts FROM "
    + Progress.schema
    + ".balance WHERE force = %(balance)s AND month <= %(on)s AND month < '9999-12-31'"
    "), b AS ("
    "SELECT f.force, coalesce((SELECT max(month) FROM brought), '-infinity') AS since"
    " FROM unnest(%(forces)s::text[]) AS f (force)"
    ") SELECT to_char(month - 1, 'YYYY-MM'), counts, NULL, NULL FROM brought"
    " UNION ALL SELECT c.month, NULL, c.measure, c.delta"
    " FROM b CROSS JOIN LATERAL ("
    "SELECT to_char(day, 'YYYY-MM') AS month, measure, sum(delta)::integer AS delta"
    " FROM ({since}) AS s WHERE measure = ANY(%(measures)s) GROUP BY 1, 2) AS c"
)


def read_series(
    cursor: Cursor[Any],
    *,
    on: date,
    known_at: datetime | None = None,
    force: Code | None = None,
    training: bool | None = None,
) -> tuple[Month, ...]:
    """Return month-end counts, from the first month with any to a day.

    Returns the last SERIES_MONTHS_MAX months at most. Reads the balances, and the differences that
    a board of the day reads beside them.
    """
    parameters = {
        "balance": force or (ALL_TRAINING if training else ALL),
        "forces": [force] if force else addressees(training=bool(training)),
        "measures": SHOWN,
        "on": on,
        "known_at": known_at,
    }
    brought: dict[str, Mapping[str, int]] = {}
    changes: dict[str, Counter[str]] = {}
    rows = cursor.execute(
        SQL(_SERIES).format(since=differences_since(known_at)), parameters, prepare=True
    )
    for month, counts, measure, delta in rows:
        if counts is not None:
            brought[month] = counts
        else:
            changes.setdefault(month, Counter())[measure] += delta
    return tuple(_by_month(brought, changes, f"{on:%Y-%m}")[-SERIES_MONTHS_MAX:])


def read_series_of_forces(
    cursor: Cursor[Any], board: Board, *, on: date, known_at: datetime | None
) -> dict[Code, tuple[Month, ...]]:
    """Return the series of each force of a board of that day that has any recommendation."""
    return {
        code: read_series(cursor, on=on, known_at=known_at, force=code)
        for code, counts in board.forces.items()
        if counts.total
    }


def _by_month(
    brought: Mapping[str, Mapping[str, int]], changes: Mapping[str, Mapping[str, int]], last: str
) -> list[Month]:
    """Return each month's end: the latest balance by then plus all changes by then."""
    series: list[Month] = []
    since: Counter[str] = Counter()
    balance: Mapping[str, int] = {}
    names = {*brought, *changes}
    for month in _months(min(names), last) if names else ():
        balance = brought.get(month, balance)
        since.update(changes.get(month, {}))
        of = {measure: balance.get(measure, 0) + since[measure] for measure in SHOWN}
        total = sum(of[kind] for kind in KINDS.values())
        end = Month(
            month=month,
            total=total,
            open=total - of[CLOSED] - of[NOT_KNOWN],
            limited=of[LIMITED],
            overdue=of[OVERDUE],
            claimed=of[CLAIMED],
            closed=of[CLOSED],
            not_known=of[NOT_KNOWN],
        )
        if series or total or any(of.values()):
            series.append(end)
    return series


def _months(first: str, last: str) -> Iterator[str]:
    year, month = int(first[:4]), int(first[5:])
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004  December
