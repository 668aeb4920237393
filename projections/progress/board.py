"""Reading progress: the board of a day, and the counts month by month.

A count is the balance of its month, the differences since, and less those known only later.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor
from psycopg.sql import SQL, Composed

from domain.vocabulary.forces import ADDRESSEES, TRAINING
from domain.vocabulary.values import Code
from projections.progress.measures import (
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
from projections.progress.medians import median


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


class Board(Struct, frozen=True):
    """Every force's counts, and their sum without training; as of a ledger position."""

    national: Counts
    forces: dict[Code, Counts]
    position: int


class _BalanceRow(Struct, frozen=True):
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


def read_board(
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
    found = [_BalanceRow(*row) for row in rows]
    told = {one.force: _counts(one, one.changes) for one in found if one.force != ALL}
    every = [_counts(one, _flat(found)) for one in found if one.force == ALL]
    return Board(
        every[0] if every else told[codes[0]],
        {code: told[code] for code in codes},
        found[0].position,
    )


def statement(known_at: datetime | None) -> Composed:
    """The one statement that a board is read by."""
    return SQL(_BOARD).format(
        since=differences_since(known_at),
        to_plan=SQL(_MIDDLE).format(days=SQL("to_plan"), size=SQL("plans")),
        to_close=SQL(_MIDDLE).format(days=SQL("to_close"), size=SQL("closures")),
    )


def differences_since(known_at: datetime | None) -> SQL:
    """The differences since a balance, and less those known only after a moment."""
    return SQL(_SINCE if known_at is None else _SINCE + _LATER)


def _flat(found: Iterable[_BalanceRow]) -> list[tuple[str, int, int]]:
    return [change for one in found for change in one.changes]


def _counts(found: _BalanceRow, changes: Iterable[tuple[str, int, int]]) -> Counts:
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
