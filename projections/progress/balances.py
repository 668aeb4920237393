"""Balances brought forward: the sums of all differences before a month, kept beside them.

A count on a day is then one balance plus the few differences since, however long the record is.
One further balance is carried forward to the last day on which anything was recorded, so that
today's counts need almost no additions. A balance holds what is known now; it changes when a
difference arrives late for a day before it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import chain
from typing import LiteralString

from msgspec import Struct
from msgspec.json import encode

from adapters.postgres.binary import dates, on_day, texts
from adapters.postgres.connection import LibpqConnection, encode_row
from adapters.postgres.query import Query
from domain.vocabulary.dates import add_months
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import Code
from projections.progress.measures import TO_CLOSE, TO_PLAN, Difference, Measured, sum_of
from projections.progress.medians import with_changes

LATEST = date.max
"""In place of a month: the balance of all days through the last recorded."""

TABLES: LiteralString = """
    CREATE TABLE balance (
        force text NOT NULL,
        month date NOT NULL,
        counts jsonb NOT NULL,
        days_to_plan bytea NOT NULL,
        days_to_close bytea NOT NULL,
        PRIMARY KEY (force, month)
    ) WITH (toast_tuple_target = 8160);
    -- Not within CREATE TABLE, which PostgreSQL 15 does not take.
    ALTER TABLE balance
        ALTER COLUMN days_to_plan SET STORAGE EXTERNAL,
        ALTER COLUMN days_to_close SET STORAGE EXTERNAL;
    COMMENT ON TABLE balance IS
        'What the differences before a month come to, as known now; * is all forces but training, '
        'and *training is all training forces. '
        'A month whose balance is that of the month before has no row. Days are sorted numbers '
        'of 4 bytes, the least significant first, so that a median is read from the middle.';
    CREATE TABLE carried (upto date NOT NULL);
    INSERT INTO carried VALUES ('0001-01-01');
    COMMENT ON TABLE carried IS 'The day after the last recorded one: balances are kept up to it.';
"""
COMPARED: tuple[tuple[LiteralString, LiteralString], ...] = (
    ("balance", "force, month, counts, days_to_plan, days_to_close"),
    ("carried", "upto"),
)

_COLUMNS: tuple[LiteralString, ...] = (
    *("force", "month", "counts", "days_to_plan", "days_to_close"),
)


def _due_in(schema: LiteralString) -> LiteralString:
    return (
        "SELECT force, measure, value, date_trunc('month', day)::date, sum(delta)::integer"
        " FROM " + schema + ".difference WHERE force = ANY($1) AND day >= $2 AND day < $3"
        " GROUP BY 1, 2, 3, 4 HAVING sum(delta) <> 0"
    )


_OF_B: LiteralString = "b." + ", b.".join(_COLUMNS)
_FROM: LiteralString = "unnest($1, $2) AS f (force, month)"


def _take_from(schema: LiteralString) -> LiteralString:
    return (
        "DELETE FROM "
        + schema
        + ".balance b USING "
        + _FROM
        + " WHERE b.force = f.force AND b.month >= f.month RETURNING "
        + _OF_B
    )


def _last_of(schema: LiteralString) -> LiteralString:
    return (
        "SELECT "
        + _OF_B
        + " FROM "
        + _FROM
        + " CROSS JOIN LATERAL (SELECT * FROM "
        + schema
        + ".balance b WHERE b.force = f.force ORDER BY b.month DESC LIMIT 1) b"
    )


class Balance(Struct, frozen=True):
    """The summed differences of a force by measure, and its sorted individual days."""

    counts: dict[str, int]
    days_to_plan: bytes
    days_to_close: bytes

    def after(self, sums: Mapping[Measured, int]) -> "Balance":
        """Return the balance after adding the sums, which may be negative."""
        counts = Counter(self.counts)
        days: dict[str, dict[int, int]] = {TO_PLAN: {}, TO_CLOSE: {}}
        for (measure, value), delta in sums.items():
            if measure in days:
                days[measure][value] = delta
            else:
                counts[measure] += delta
        return Balance(
            {measure: count for measure, count in counts.items() if count},
            with_changes(self.days_to_plan, days[TO_PLAN]),
            with_changes(self.days_to_close, days[TO_CLOSE]),
        )


Sums = Counter[Measured]

_NOTHING = Balance({}, b"", b"")


def carry(
    wire: LibpqConnection, schema: LiteralString, written: Iterable[Difference], recorded: date
) -> None:
    """Update the balances for differences just written; `recorded` is the last entry's day.

    The resulting balances depend only on the differences and on the last day on which anything was
    recorded, not on how the entries were cut into batches.
    """
    ((until,),) = wire.rows(Query("SELECT upto FROM " + schema + ".carried"))
    since, now = until, recorded + timedelta(days=1)
    due: Iterable[Difference] = ()
    if now > until:
        wire.rows(Query("UPDATE " + schema + ".carried SET upto = $1", (on_day(now),)))
        if _month(now) > until:
            since = _month(until)
            latest = (on_day(LATEST),)
            wire.rows(Query("DELETE FROM " + schema + ".balance WHERE month = $1", latest))
        parameters = (texts(ADDRESSEES), on_day(since), on_day(now))
        due = (Difference(*row) for row in wire.each(Query(_due_in(schema), parameters)))
    late = (difference for difference in written if difference.day < since)
    if changes := _by_month(chain(late, due), _month(max(now, until))):
        _rewrite(wire, schema, changes)


def _month(day: date) -> date:
    return day.replace(day=1)


def _by_month(differences: Iterable[Difference], last: date) -> dict[Code, dict[date, Sums]]:
    """Sum differences by the month after them, for their force and for the sum of forces."""
    changes: dict[Code, dict[date, Sums]] = {}
    for difference in differences:
        month = add_months(_month(difference.day), 1)
        force = difference.force
        for code in (force, sum_of(force)):
            sums = changes.setdefault(code, {}).setdefault(
                month if month <= last else LATEST, Sums()
            )
            sums[difference.measure, difference.value] += difference.delta
    return changes


def _rewrite(
    wire: LibpqConnection, schema: LiteralString, changes: Mapping[Code, Mapping[date, Sums]]
) -> None:
    """Rewrite each force's balances from its first changed month onward."""
    where = (texts(changes), dates(min(months) for months in changes.values()))
    later: dict[Code, dict[date, Balance]] = {force: {} for force in changes}
    for force, month, *balance in wire.rows(Query(_take_from(schema), where)):
        later[force][month] = Balance(*balance)
    previous = wire.rows(Query(_last_of(schema), where))
    last = {force: Balance(*balance) for force, _, *balance in previous}
    rows = (
        encode_row((force, month, encode(new.counts).decode(), new.days_to_plan, new.days_to_close))
        for force, months in changes.items()
        for month, new in _carried(last.get(force, _NOTHING), later[force], months)
    )
    wire.copy_in(schema + ".balance", _COLUMNS, rows)


def _carried(
    before: Balance, later: Mapping[date, Balance], changes: Mapping[date, Sums]
) -> Iterator[tuple[date, Balance]]:
    """Yield the balances after `before` by month: existing months and changed months.

    A balance equal to the preceding month's is left out.
    """
    total = Sums()
    for month in sorted({*later, *changes}):
        change = changes.get(month, Sums())
        total.update(change)
        balance = later[month].after(total) if month in later else before.after(change)
        if balance != before:
            yield month, balance
        before = balance
