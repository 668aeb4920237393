"""Reading progress: the board of a day, and the counts month by month.

A count is the balance of its month, the differences since, and less those known only later.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor
from psycopg.sql import SQL, Composed

from domain.vocabulary.forces import ADDRESSEES, TRAINING
from domain.vocabulary.values import Code
from projections.balances import median
from projections.measures import (
    ALL,
    CLAIMED,
    CLOSED,
    KINDS,
    OVERDUE,
    PLAN_OVERDUE,
    REASONS,
    SLIPS,
    STAGES,
    TO_CLOSE,
    TO_PLAN,
)

SERIES_MONTHS_MAX = 240
SHOWN = [*KINDS.values(), CLOSED, OVERDUE, CLAIMED]
"""What a series is made of."""


class Counts(Struct, frozen=True):
    """The counts of one force, or of all. The stages add up to the total."""

    total: int
    kinds: dict[str, int]
    stages: dict[str, int]
    open: int
    overdue: int
    plan_overdue: int
    claimed: int
    assured: int
    partly_assured: int
    closed: dict[str, int]
    slipped: dict[str, int]
    median_days_to_plan: float | None
    median_days_to_close: float | None


class Month(Struct, frozen=True):
    """The counts at the end of a month, or on the day asked for if that is earlier."""

    month: str
    total: int
    open: int
    overdue: int
    claimed: int
    closed: int


class Board(Struct, frozen=True):
    """Every force's counts, and their sum without training; as of a ledger position."""

    national: Counts
    forces: dict[Code, Counts]
    position: int


class _Found(Struct, frozen=True):
    """A balance, with the middle of its days, and what is to be added for the day asked for.

    There are so many plans and closures, of which the middle is found; `reach` is how many are
    added or taken away for all forces, which is how far the medians can move at most.
    """

    position: int
    force: Code
    counts: dict[str, int]
    changes: list[tuple[str, int, int]]
    reach: int
    plans: int
    to_plan: bytes
    closures: int
    to_close: bytes


_SINCE: LiteralString = (
    "SELECT day, measure, value, delta FROM progress.difference"
    " WHERE force = b.force AND day >= b.since AND day <= %(on)s"
)
"""What is to be added to a balance for a day, as known now."""
_LATER: LiteralString = (
    " UNION ALL SELECT day, measure, value, -delta FROM progress.difference"
    " WHERE force = b.force AND known_from > %(known_at)s AND day <= %(on)s"
)
"""What is to be taken away again, since it was known only later."""
_MIDDLE: LiteralString = (
    "substr({days}, 4 * greatest(({size} - 1 - reach) / 2, 0) + 1,"
    " 4 * (({size} + reach) / 2 + 1 - greatest(({size} - 1 - reach) / 2, 0)))"
)
_BOARD: LiteralString = (
    "WITH brought AS ("
    "SELECT f.force, coalesce(b.since, '-infinity') AS since,"
    " coalesce(b.counts, '{{}}') AS counts,"
    " coalesce(b.days_to_plan, '') AS to_plan, coalesce(b.days_to_close, '') AS to_close"
    " FROM progress.carried c CROSS JOIN unnest(%(forces)s::text[]) AS f (force)"
    " LEFT JOIN LATERAL (SELECT b.*, least(b.month, c.upto) AS since FROM progress.balance b"
    " WHERE b.force = f.force"
    " AND b.month <= CASE WHEN %(on)s >= c.upto - 1 THEN '9999-12-31' ELSE %(on)s END"
    " ORDER BY b.month DESC LIMIT 1) b ON true"
    "), found AS ("
    "SELECT b.*, c.changes, octet_length(to_plan) / 4 AS plans,"
    " octet_length(to_close) / 4 AS closures, (sum(c.days) OVER ())::integer AS reach"
    " FROM brought b CROSS JOIN LATERAL ("
    "SELECT coalesce(json_agg(json_build_array(measure, value, delta)), '[]') AS changes,"
    " coalesce(sum(abs(delta)) FILTER (WHERE measure IN ('days_to_plan', 'days_to_close')), 0)"
    " AS days FROM ("
    "SELECT measure, value, sum(delta)::integer AS delta FROM ({since}) AS s"
    " GROUP BY measure, value HAVING sum(delta) <> 0"
    ") AS g) AS c"
    ") SELECT coalesce(p.notification_id, 0), force, counts, changes, reach,"
    " plans, {to_plan}, closures, {to_close} FROM found"
    " LEFT JOIN progress.progress_tracking p ON p.application_name = 'ledger'"
)


def board(
    cursor: Cursor[Any],
    *,
    on: date,
    known_at: datetime | None = None,
    force: Code | None = None,
) -> Board:
    """The counts of every force, or of one, at the end of a day.

    It reads the differences since the beginning of the day's month, of a day after the last
    recorded one only those between; and, as known at a moment, all that were recorded after that,
    so that the longer ago the moment is, the more it reads.
    """
    codes = [force] if force else [code for code in ADDRESSEES if code != TRAINING]
    asked = {"forces": codes if force else [*codes, ALL], "on": on, "known_at": known_at}
    rows = cursor.execute(statement(known_at), asked, prepare=True).fetchall()
    found = [_Found(*row) for row in rows]
    told = {one.force: _told(one, one.changes) for one in found if one.force != ALL}
    every = [_told(one, _flat(found)) for one in found if one.force == ALL]
    return Board(
        every[0] if every else told[codes[0]],
        {code: told[code] for code in codes},
        found[0].position,
    )


def statement(known_at: datetime | None) -> Composed:
    """The one statement that a board is read by."""
    return SQL(_BOARD).format(
        since=_since(known_at),
        to_plan=SQL(_MIDDLE).format(days=SQL("to_plan"), size=SQL("plans")),
        to_close=SQL(_MIDDLE).format(days=SQL("to_close"), size=SQL("closures")),
    )


def _since(known_at: datetime | None) -> SQL:
    return SQL(_SINCE if known_at is None else _SINCE + _LATER)


def _flat(found: Iterable[_Found]) -> list[tuple[str, int, int]]:
    return [change for one in found for change in one.changes]


def _told(found: _Found, changes: Iterable[tuple[str, int, int]]) -> Counts:
    of = Counter(found.counts)
    days: dict[str, Counter[int]] = {TO_PLAN: Counter(), TO_CLOSE: Counter()}
    for measure, value, delta in changes:
        if measure in days:
            days[measure][value] += delta
        else:
            of[measure] += delta
    kinds = {kind: of[measure] for kind, measure in KINDS.items()}
    total = sum(kinds.values())
    return Counts(
        total=total,
        kinds=kinds,
        stages={stage: of[measure] for stage, measure in STAGES.items()},
        open=total - of[CLOSED],
        overdue=of[OVERDUE],
        plan_overdue=of[PLAN_OVERDUE],
        claimed=of[CLAIMED],
        assured=of["assured"],
        partly_assured=of["partly_assured"],
        closed={reason: of[measure] for reason, measure in REASONS.items()},
        slipped={slip: of[measure] for slip, measure in SLIPS.items()},
        median_days_to_plan=median(found.plans, found.reach, found.to_plan, days[TO_PLAN]),
        median_days_to_close=median(found.closures, found.reach, found.to_close, days[TO_CLOSE]),
    )


_SERIES: LiteralString = (
    "WITH brought AS ("
    "SELECT month, counts FROM progress.balance WHERE force = %(balance)s AND month <= %(on)s"
    " AND month < '9999-12-31'"
    "), b AS ("
    "SELECT f.force, coalesce((SELECT max(month) FROM brought), '-infinity') AS since"
    " FROM unnest(%(forces)s::text[]) AS f (force)"
    ") SELECT to_char(month - 1, 'YYYY-MM'), counts, NULL, NULL FROM brought"
    " UNION ALL SELECT c.month, NULL, c.measure, c.delta"
    " FROM b CROSS JOIN LATERAL ("
    "SELECT to_char(day, 'YYYY-MM') AS month, measure, sum(delta)::integer AS delta"
    " FROM ({since}) AS s WHERE measure = ANY(%(measures)s) GROUP BY 1, 2) AS c"
)


def series(
    cursor: Cursor[Any],
    *,
    on: date,
    known_at: datetime | None = None,
    force: Code | None = None,
) -> tuple[Month, ...]:
    """The counts at each month's end up to a day, from the first month that has any.

    It reads the balances, and what a board of the day reads beside them.
    """
    asked = {
        "balance": force or ALL,
        "forces": [force] if force else [code for code in ADDRESSEES if code != TRAINING],
        "measures": SHOWN,
        "on": on,
        "known_at": known_at,
    }
    brought: dict[str, Mapping[str, int]] = {}
    changes: dict[str, Counter[str]] = {}
    rows = cursor.execute(SQL(_SERIES).format(since=_since(known_at)), asked, prepare=True)
    for month, counts, measure, delta in rows:
        if counts is not None:
            brought[month] = counts
        else:
            changes.setdefault(month, Counter())[measure] += delta
    return tuple(_told_by_month(brought, changes, f"{on:%Y-%m}")[-SERIES_MONTHS_MAX:])


def _told_by_month(
    brought: Mapping[str, Mapping[str, int]], changes: Mapping[str, Mapping[str, int]], last: str
) -> list[Month]:
    """Each month's end: the latest balance by then, and all changes by then."""
    found: list[Month] = []
    since: Counter[str] = Counter()
    balance: Mapping[str, int] = {}
    names = {*brought, *changes}
    for month in _months(min(names), last) if names else ():
        balance = brought.get(month, balance)
        since.update(changes.get(month, {}))
        of = {measure: balance.get(measure, 0) + since[measure] for measure in SHOWN}
        total = sum(of[kind] for kind in KINDS.values())
        told = Month(month, total, total - of[CLOSED], of[OVERDUE], of[CLAIMED], closed=of[CLOSED])
        if found or told != Month(month, 0, 0, 0, 0, 0):
            found.append(told)
    return found


def _months(first: str, last: str) -> Iterator[str]:
    year, month = int(first[:4]), int(first[5:])
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004  December
