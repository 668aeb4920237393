"""Reading progress: the board of a day.

A count is the balance of its month plus the differences since, less those known only later.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor
from psycopg.sql import SQL, Composed

from domain.vocabulary.forces import addressees
from domain.vocabulary.values import Code
from projections.progress.measures import (
    ALL,
    ALL_TRAINING,
    CLAIMED,
    CLOSED,
    FINDINGS,
    KINDS,
    LIMITED,
    NOT_KNOWN,
    OVERDUE,
    PLAN_OVERDUE,
    REASONS,
    SLIPS,
    STAGES,
    TO_CLOSE,
    TO_PLAN,
)
from projections.progress.medians import median
from projections.progress.model import Progress


class Counts(Struct, frozen=True):
    """The counts of one force or of all; the stages add up to the total."""

    total: int
    kinds: dict[str, int]
    stages: dict[str, int]
    open: int
    limited: int
    """How many have a last day that is known and are not closed: the base of `overdue`."""
    overdue: int
    plan_overdue: int
    claimed: int
    assured: int
    partly_assured: int
    closed: dict[str, int]
    slipped: dict[str, int]
    findings: dict[str, int]
    """By the finding of the latest follow-up; `not_known` where none is on record."""
    median_days_to_plan: float | None
    median_days_to_close: float | None


class Board(Struct, frozen=True):
    """The counts of every force without training, or of training, and their sum.

    As of a ledger position.
    """

    national: Counts
    forces: dict[Code, Counts]
    position: int


class _BalanceRow(Struct, frozen=True):
    """A balance with the middle of its days, and the changes since it.

    `plans` and `closures` are the numbers of days that the middles are cut from. `reach` is the
    number of days added or taken away for all forces together: the most by which a median can move.
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
    "SELECT day, measure, value, delta FROM " + Progress.schema + ".difference"
    " WHERE force = b.force AND day >= b.since AND day <= %(on)s"
)
"""The differences to add to a balance for a day, as known now."""
_LATER: LiteralString = (
    " UNION ALL SELECT day, measure, value, -delta FROM " + Progress.schema + ".difference"
    " WHERE force = b.force AND known_from > %(known_at)s AND day <= %(on)s"
)
"""The differences to take away again because they were known only later."""
_MIDDLE: LiteralString = (
    "substr({days}, 4 * greatest(({size} - 1 - reach) / 2, 0) + 1,"
    " 4 * (({size} + reach) / 2 + 1 - greatest(({size} - 1 - reach) / 2, 0)))"
)
_BOARD: LiteralString = (
    "WITH brought AS ("
    "SELECT f.force, coalesce(b.since, '-infinity') AS since,"
    " coalesce(b.counts, '{{}}') AS counts,"
    " coalesce(b.days_to_plan, '') AS to_plan, coalesce(b.days_to_close, '') AS to_close"
    " FROM " + Progress.schema + ".carried c CROSS JOIN unnest(%(forces)s::text[]) AS f (force)"
    " LEFT JOIN LATERAL (SELECT b.*, least(b.month, c.upto) AS since FROM "
    + Progress.schema
    + ".balance b WHERE b.force = f.force"
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
    " LEFT JOIN " + Progress.tracking + " p ON p.application_name = 'ledger'"
)


def read_board(
    cursor: Cursor[Any],
    *,
    on: date,
    known_at: datetime | None = None,
    force: Code | None = None,
    training: bool | None = None,
) -> Board:
    """Return the counts of every force, a single force or all training forces, at a day's end.

    Reads the differences since the start of the day's month or, for a day after the last recorded
    day, only those in between. As known at a moment, it also reads all differences recorded after
    that moment, so the cost grows with the moment's age.
    """
    total = ALL_TRAINING if training else ALL
    codes = [force] if force else addressees(training=bool(training))
    parameters = {"forces": codes if force else [*codes, total], "on": on, "known_at": known_at}
    stored = cursor.execute(statement(known_at), parameters, prepare=True).fetchall()
    rows = [_BalanceRow(*row) for row in stored]
    counts = {row.force: _counts(row, row.changes) for row in rows if row.force != total}
    national = [_counts(row, _all_changes(rows)) for row in rows if row.force == total]
    return Board(
        national[0] if national else counts[codes[0]],
        {code: counts[code] for code in codes},
        rows[0].position,
    )


def statement(known_at: datetime | None) -> Composed:
    """Return the statement that reads a board."""
    return SQL(_BOARD).format(
        since=differences_since(known_at),
        to_plan=SQL(_MIDDLE).format(days=SQL("to_plan"), size=SQL("plans")),
        to_close=SQL(_MIDDLE).format(days=SQL("to_close"), size=SQL("closures")),
    )


def differences_since(known_at: datetime | None) -> SQL:
    """Return SQL for the differences since a balance, less those known only after a moment."""
    return SQL(_SINCE if known_at is None else _SINCE + _LATER)


def _all_changes(rows: Iterable[_BalanceRow]) -> list[tuple[str, int, int]]:
    return [change for row in rows for change in row.changes]


def _counts(row: _BalanceRow, changes: Iterable[tuple[str, int, int]]) -> Counts:
    of = Counter(row.counts)
    days: dict[str, Counter[int]] = {TO_PLAN: Counter(), TO_CLOSE: Counter()}
    for measure, value, delta in changes:
        if measure in days:
            days[measure][value] += delta
        else:
            of[measure] += delta
    kinds = {kind: of[measure] for kind, measure in KINDS.items()}
    total = sum(kinds.values())
    findings = {finding: of[measure] for finding, measure in FINDINGS.items()}
    return Counts(
        total=total,
        kinds=kinds,
        stages={stage: of[measure] for stage, measure in STAGES.items()},
        open=total - of[CLOSED] - of[NOT_KNOWN],
        limited=of[LIMITED],
        overdue=of[OVERDUE],
        plan_overdue=of[PLAN_OVERDUE],
        claimed=of[CLAIMED],
        assured=of["assured"],
        partly_assured=of["partly_assured"],
        closed={reason: of[measure] for reason, measure in REASONS.items()},
        slipped={slip: of[measure] for slip, measure in SLIPS.items()},
        findings={**findings, "not_known": total - sum(findings.values())},
        median_days_to_plan=median(row.plans, row.reach, row.to_plan, days[TO_PLAN]),
        median_days_to_close=median(row.closures, row.reach, row.to_close, days[TO_CLOSE]),
    )
