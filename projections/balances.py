"""Balances brought forward: what all differences before a month come to, kept beside them.

A count on a day is then one balance and the few differences since, however long the record is.
One more balance is carried on to the last day on which anything was recorded, so that of today
there is next to nothing to add. A balance is what is known now; it changes with a difference
that comes later for a day before it.
"""

import sys
from array import array
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Jsonb

from domain.dates import add_months
from domain.forces import ADDRESSEES, TRAINING
from domain.values import Code
from projections.measures import ALL, TO_CLOSE, TO_PLAN, Difference, Measured

LATEST = date.max
"""In place of a month: the balance of all days up to the last recorded one."""

TABLES: LiteralString = """
    CREATE TABLE balance (
        force text NOT NULL,
        month date NOT NULL,
        counts jsonb NOT NULL,
        days_to_plan bytea STORAGE EXTERNAL NOT NULL,
        days_to_close bytea STORAGE EXTERNAL NOT NULL,
        PRIMARY KEY (force, month)
    ) WITH (toast_tuple_target = 8160);
    COMMENT ON TABLE balance IS
        'What the differences before a month come to, as known now; * is all forces but training. '
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

_DUE: LiteralString = (
    "SELECT force, measure, value, date_trunc('month', day)::date, sum(delta)::integer"
    " FROM {}.difference WHERE force = ANY(%b) AND day >= %b AND day < %b"
    " GROUP BY 1, 2, 3, 4 HAVING sum(delta) <> 0"
)
_COLUMNS: LiteralString = "b.force, b.month, b.counts, b.days_to_plan, b.days_to_close"
_FROM: LiteralString = "unnest(%b::text[], %b::date[]) AS f (force, month)"
_TAKE: LiteralString = (
    "DELETE FROM {}.balance b USING " + _FROM + " WHERE b.force = f.force AND b.month >= f.month"
    " RETURNING " + _COLUMNS
)
_LAST: LiteralString = (
    "SELECT " + _COLUMNS + " FROM " + _FROM + " CROSS JOIN LATERAL"
    " (SELECT * FROM {}.balance b WHERE b.force = f.force ORDER BY b.month DESC LIMIT 1) b"
)
_COPY: LiteralString = (
    "COPY {}.balance (force, month, counts, days_to_plan, days_to_close) FROM STDIN (FORMAT binary)"
)


class Balance(Struct, frozen=True):
    """What the differences of a force come to, by measure, and the days one by one."""

    counts: dict[str, int]
    days_to_plan: bytes
    days_to_close: bytes

    def after(self, sums: Mapping[Measured, int]) -> "Balance":
        """The balance when some more is added, or taken away."""
        counts = Counter(self.counts)
        days: dict[str, dict[int, int]] = {TO_PLAN: {}, TO_CLOSE: {}}
        for (measure, value), delta in sums.items():
            if measure in days:
                days[measure][value] = delta
            else:
                counts[measure] += delta
        return Balance(
            {measure: count for measure, count in counts.items() if count},
            _changed(self.days_to_plan, days[TO_PLAN]),
            _changed(self.days_to_close, days[TO_CLOSE]),
        )


class _Row(Struct, frozen=True):
    """A balance at the beginning of a month."""

    force: Code
    month: date
    balance: Balance


Sums = Counter[Measured]

_NOTHING = Balance({}, b"", b"")


# Keeping them


def carry(cursor: Cursor[Any], schema: str, written: Iterable[Difference], recorded: date) -> None:
    """Keep the balances true to differences just written, the last entry recorded on a day.

    What they are then depends on the differences and on the last day that anything was recorded
    on, not on how the entries came in batches.
    """
    kept = cursor.connection.cursor(row_factory=tuple_row, binary=True)
    carried = kept.execute(_in(schema, "SELECT upto FROM {}.carried")).fetchone()
    upto: date = carried[0] if carried else date.min
    since, now = upto, recorded + timedelta(days=1)
    due: list[Difference] = []
    if now > upto:
        kept.execute(_in(schema, "UPDATE {}.carried SET upto = %b"), (now,))
        if _month(now) > upto:
            since = _month(upto)
            kept.execute(_in(schema, "DELETE FROM {}.balance WHERE month = %b"), (LATEST,))
        rows = kept.execute(_in(schema, _DUE), (list(ADDRESSEES), since, now))
        due = [Difference(*row) for row in rows]
    late = [difference for difference in written if difference.day < since]
    if changes := _by_month([*late, *due], _month(max(now, upto))):
        _rewrite(kept, schema, changes)


def _month(day: date) -> date:
    return day.replace(day=1)


def _by_month(differences: Iterable[Difference], last: date) -> dict[Code, dict[date, Sums]]:
    """What they add to the balances after them, of their force and of all."""
    found: dict[Code, dict[date, Sums]] = {}
    for one in differences:
        month = add_months(_month(one.day), 1)
        for force in (one.force,) if one.force == TRAINING else (one.force, ALL):
            sums = found.setdefault(force, {}).setdefault(
                month if month <= last else LATEST, Sums()
            )
            sums[one.measure, one.value] += one.delta
    return found


def _rewrite(cursor: Cursor[Any], schema: str, changes: Mapping[Code, Mapping[date, Sums]]) -> None:
    """Write the balances anew from the first month on that changes."""
    rows = cursor.connection.cursor(row_factory=args_row(_row), binary=True)
    where = (list(changes), [min(months) for months in changes.values()])
    later: dict[Code, dict[date, Balance]] = {force: {} for force in changes}
    for row in rows.execute(_in(schema, _TAKE), where):
        later[row.force][row.month] = row.balance
    last = {row.force: row.balance for row in rows.execute(_in(schema, _LAST), where)}
    with cursor.copy(_in(schema, _COPY)) as copy:
        copy.set_types(["text", "date", "jsonb", "bytea", "bytea"])
        for force, months in changes.items():
            before = last.get(force, _NOTHING)
            for month, balance in _carried(before, later[force], months):
                days = (balance.days_to_plan, balance.days_to_close)
                copy.write_row((force, month, Jsonb(balance.counts), *days))


def _carried(
    before: Balance, later: Mapping[date, Balance], changes: Mapping[date, Sums]
) -> Iterator[tuple[date, Balance]]:
    """The balances after the one before: those that were there and those of the changes."""
    upto = Sums()
    for month in sorted({*later, *changes}):
        change = changes.get(month, Sums())
        upto.update(change)
        balance = later[month].after(upto) if month in later else before.after(change)
        if balance != before:
            yield month, balance
        before = balance


def _row(force: Code, month: date, counts: dict[str, int], to_plan: bytes, to_close: bytes) -> _Row:
    return _Row(force, month, Balance(counts, to_plan, to_close))


def _in(schema: str, statement: LiteralString) -> Composed:
    return SQL(statement).format(Identifier(schema))


# Days


def median(size: int, reach: int, middle: bytes, changes: Mapping[int, int]) -> float | None:
    """The median of sorted days after some changes; None of none.

    Of the days only the middle is needed: see `middle_from`. The changes may be `reach` at most.
    """
    below, days = middle_from(size, reach), unpacked(middle)
    lowest = days[0] if below else None
    for day, times in changes.items():
        size += times
        for _ in range(times):
            if lowest is not None and day < lowest:
                below += 1
            else:
                insort(days, day)
        for _ in range(-times):
            if day in days:
                days.remove(day)
            elif lowest is not None and day <= lowest:
                below -= 1
    if not size:
        return None
    return (days[(size - 1) // 2 - below] + days[size // 2 - below]) / 2


def middle_from(size: int, reach: int) -> int:
    """How many of the sorted days lie below all that can be the median after so many changes.

    Each change moves the median by half a place; its way up ends at (size + reach) // 2.
    """
    return max((size - 1 - reach) // 2, 0)


def _changed(packed: bytes, changes: Mapping[int, int]) -> bytes:
    """Sorted days with some more or less; raises ValueError if one to be taken is not there."""
    if not changes:
        return packed
    days = unpacked(packed)
    for day, times in changes.items():
        for _ in range(times):
            insort(days, day)
        for _ in range(-times):
            days.remove(day)
    return _ordered(days).tobytes()


def unpacked(packed: bytes) -> "array[int]":
    """The days in some bytes."""
    return _ordered(array("i", packed))


def _ordered(days: "array[int]") -> "array[int]":
    """The same with its bytes turned round, where the machine's order is not that of the table."""
    if sys.byteorder == "big":
        days.byteswap()
    return days
