"""Balances of progress: equal to the sums of differences, for batches of any size."""
# pyright: reportPrivateUsage=false

from collections import Counter
from collections.abc import Generator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from psycopg.rows import dict_row

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, PROJECTOR, Database
from projections.bitemporal import EVER
from projections.progress import medians
from projections.progress.board import read_board, statement
from projections.progress.model import Progress
from projections.progress.series import Month, read_series
from projections.runtime.follower import FollowedModel, Follower
from projections.runtime.rebuild import _compare
from projections.runtime.schemas import make
from projections.runtime.tracking import opened_store
from tests.support.data.lives import BEGIN, FORCES, Clock, populate

SUMMED = (Path(__file__).parent / "summed.sql").read_text().encode()
FAR = date(2031, 5, 5)
DAYS = 900

on_days = some.integers(-30, DAYS).map(lambda n: BEGIN.date() + timedelta(days=n))
moments = some.one_of(
    some.none(), some.integers(0, DAYS * 24).map(lambda n: BEGIN + timedelta(hours=n))
)
within_a_database = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def take(database: Database, schema: str, rows: int) -> None:
    """Build progress in a schema of its own, with so many rows a batch."""
    conninfo = database.conninfo(PROJECTOR)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        make(connection, Progress, schema)
    with (
        opened_store(conninfo, Progress.schema, schema, limit=30) as view,
        Ledger(environment(conninfo, pool=1)) as ledger,
    ):
        follower = Follower(ledger.rows, [FollowedModel(Progress, view)])
        for position in range(0, ledger.head(), rows):
            follower.take(ledger.rows.page(position, rows))


@pytest.fixture(scope="module")
def lived(make_database: Database) -> Database:
    """Two years of lives, taken in one entry after another."""
    clock = Clock()
    with Ledger(environment(make_database.conninfo(APP), pool=2), clock=clock) as ledger:
        populate(ledger, clock, 11, reports=30, steps=1000)
    take(make_database, Progress.schema, 1)
    return make_database


@pytest.fixture(scope="module")
def reader(lived: Database) -> Generator[psycopg.Connection]:
    with psycopg.connect(lived.conninfo(APP), autocommit=True) as connection:
        connection.execute("SET search_path TO " + Progress.schema)
        yield connection


def asked(reader: psycopg.Connection) -> psycopg.Cursor[Any]:
    return reader.cursor(binary=True)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [7, 5_000])
def test_batches_of_any_size_make_the_same_read_model(lived: Database, rows: int) -> None:
    take(lived, f"batches_of_{rows}", rows)
    with psycopg.connect(lived.conninfo(PROJECTOR), autocommit=True) as connection:
        assert _compare(connection, Progress, Progress.schema, f"batches_of_{rows}") == (0, 0, ())


@pytest.mark.slow
def test_a_balance_is_the_sum_of_the_differences_before_it(reader: psycopg.Connection) -> None:
    """And there is none that says what the one before it says."""
    rows = asked(reader).execute(
        "SELECT b.force, least(b.month, c.upto), counts, days_to_plan, days_to_close"
        " FROM balance b, carried c ORDER BY force, month"
    )
    told = [tuple(row) for row in rows]
    assert len({row[0] for row in told}) == len(FORCES) + 2
    assert len(told) > 60
    for force, upto, counts, *days in told:
        sums = asked(reader).execute(
            "SELECT measure, value, sum(delta)::integer FROM difference WHERE day < %s"
            " AND CASE %s WHEN '*' THEN force <> 'training' WHEN '*training'"
            " THEN force = 'training' ELSE force = %s END"
            " GROUP BY 1, 2 HAVING sum(delta) <> 0",
            (upto, force, force),
        )
        found = {(measure, value): count for measure, value, count in sums}
        assert counts == {m: n for (m, _), n in found.items() if not m.startswith("days")}
        for name, packed in zip(("days_to_plan", "days_to_close"), days, strict=True):
            expected = Counter({value: n for (m, value), n in found.items() if m == name})
            assert list(medians.unpacked(packed)) == sorted(expected.elements())
    assert not [one for one, other in pairwise(told) if one[0] == other[0] and one[2:] == other[2:]]


@pytest.mark.slow
@within_a_database
@given(on_days, moments)
@example(FAR, None)
@example(date.max, None)
@example(date(2022, 1, 1), None)
def test_the_national_counts_are_the_sums_of_all_differences(
    reader: psycopg.Connection, on: date, known_at: datetime | None
) -> None:
    national = read_board(asked(reader), on=on, known_at=known_at).national
    given = {"on": on, "known_at": known_at or EVER}
    raw = reader.cursor(row_factory=dict_row).execute(SUMMED, given).fetchone()
    assert raw == {
        "total": national.total,
        "closed": national.stages["closed"],
        "overdue": national.overdue,
        "plan_overdue": national.plan_overdue,
        "median_to_plan": national.median_days_to_plan,
        "median_to_close": national.median_days_to_close,
    }


@pytest.mark.slow
def test_the_counts_add_up_on_every_day_around_the_last_recorded_one(
    reader: psycopg.Connection,
) -> None:
    row = reader.execute("SELECT upto FROM carried").fetchone()
    assert row
    for days in range(-40, 40):
        on = row[0] + timedelta(days=days)
        given = {"on": on, "known_at": EVER}
        raw = reader.cursor(row_factory=dict_row).execute(SUMMED, given).fetchone()
        national = read_board(asked(reader), on=on).national
        assert raw
        assert (raw["total"], raw["overdue"]) == (national.total, national.overdue)
        assert raw["median_to_close"] == national.median_days_to_close


@pytest.mark.slow
@within_a_database
@given(on_days, moments, some.sampled_from([None, *FORCES]))
@example(FAR, None, None)
def test_the_monthly_series_agrees_with_the_boards_of_its_days(
    reader: psycopg.Connection, on: date, known_at: datetime | None, force: str | None
) -> None:
    months = read_series(asked(reader), on=on, known_at=known_at, force=force)
    for told in (*months[:2], *months[-3:]):
        year, month = map(int, told.month.split("-"))
        end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        board = read_board(asked(reader), on=min(end, on), known_at=known_at, force=force)
        counts = board.national
        assert told == Month(
            told.month,
            counts.total,
            counts.open,
            counts.limited,
            counts.overdue,
            counts.claimed,
            counts.stages["closed"],
            counts.stages["not_known"],
        )
    assert not months or months[-1].month == f"{on:%Y-%m}"


@pytest.mark.slow
@pytest.mark.parametrize("known_at", [None, datetime(2023, 6, 1, tzinfo=UTC)])
def test_a_board_is_read_by_an_index(reader: psycopg.Connection, known_at: datetime | None) -> None:
    given = {"forces": [*FORCES, "*"], "on": date(2023, 3, 15), "known_at": known_at}
    sql = b"EXPLAIN " + statement(known_at).as_bytes(reader)
    told = "\n".join(row[0] for row in psycopg.ClientCursor(reader).execute(sql, given))
    assert "Index Scan Backward using balance_pkey" in told
    assert "difference_force" in told
    assert "Seq Scan on difference" not in told
    assert "Seq Scan on balance" not in told


sorted_days = some.lists(some.integers(-5, 20)).map(sorted)


@given(sorted_days, some.lists(some.integers(-5, 20), max_size=8), some.data())
def test_a_median_is_computed_from_the_middle_of_the_list(
    days: list[int], more: list[int], data: some.DataObject
) -> None:
    less = data.draw(some.lists(some.sampled_from(days), max_size=8) if days else some.just([]))
    less = list((Counter(less) & Counter(days)).elements())
    changes = Counter(more)
    changes.subtract(less)
    reach = sum(map(abs, changes.values())) + data.draw(some.integers(0, 3))
    left = sorted((Counter(days) + Counter(more) - Counter(less)).elements())
    first = medians.middle_from(len(days), reach)
    middle = b"".join(
        day.to_bytes(4, "little", signed=True) for day in days[first : (len(days) + reach) // 2 + 1]
    )
    told = medians.median(len(days), reach, middle, changes)
    assert told == (median(left) if left else None)
