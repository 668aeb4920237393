"""Dates of any precision, the day in London, and months of the calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain.vocabulary.dates import (
    Precision,
    add_months,
    day_of,
    earliest,
    end_of,
    exact,
    latest,
    precision,
)
from domain.vocabulary.values import When

DAY = timedelta(days=1)
days = some.dates(date(1900, 1, 1), date(2199, 12, 31))
months = some.integers(0, 60)


@pytest.mark.parametrize(
    ("when", "known", "first", "last"),
    [
        ("2022-08-05", "day", "2022-08-05", "2022-08-05"),
        ("2022-02", "month", "2022-02-01", "2022-02-28"),
        ("2024-02", "month", "2024-02-01", "2024-02-29"),
        ("1900-02", "month", "1900-02-01", "1900-02-28"),
        ("2000-02", "month", "2000-02-01", "2000-02-29"),
        ("2022-12", "month", "2022-12-01", "2022-12-31"),
        ("2022", "year", "2022-01-01", "2022-12-31"),
        ("unknown", "unknown", "0001-01-01", "9999-12-31"),
    ],
)
def test_a_date_is_a_range_of_days(when: When, known: Precision, first: str, last: str) -> None:
    assert precision(when) == known
    assert (earliest(when).isoformat(), end_of(when).isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("when", "recorded", "last"),
    [
        ("2022-08-05", "2022-08-06", "2022-08-05"),
        ("2022-08", "2022-08-06", "2022-08-06"),
        ("2022-08", "2022-09-06", "2022-08-31"),
        ("2022", "2022-08-06", "2022-08-06"),
        ("unknown", "2022-08-06", "2022-08-06"),
        ("2022-09-14", "2022-08-06", "2022-09-14"),
        ("2022-09", "2022-08-06", "2022-09-01"),
    ],
)
def test_a_step_is_no_later_than_its_record_unless_its_date_is(
    when: When, recorded: str, last: str
) -> None:
    assert latest(when, date.fromisoformat(recorded)).isoformat() == last


@pytest.mark.parametrize("when", ["2023-02-29", "2022-04-31", "2100-02-29"])
def test_a_day_that_is_not_in_the_calendar_is_an_error(when: When) -> None:
    for read in (earliest, end_of, exact):
        with pytest.raises(ValueError, match="day is out of range for month"):
            read(when)
    with pytest.raises(ValueError, match="day is out of range for month"):
        latest(when, date(2022, 1, 1))


def test_only_a_whole_date_is_exact() -> None:
    assert exact("2022-08-05") == date(2022, 8, 5)
    assert [exact(when) for when in ("2022-08", "2022", "unknown", None)] == [None] * 4


@given(days)
def test_a_coarser_date_contains_the_finer(day: date) -> None:
    for when in (day.isoformat(), day.isoformat()[:7], day.isoformat()[:4], "unknown"):
        assert earliest(when) <= day <= end_of(when)
    assert earliest(day.isoformat()[:7]).month == end_of(day.isoformat()[:7]).month == day.month
    assert (end_of(day.isoformat()[:7]) + DAY).day == 1


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2022-03-26T23:59:59", "2022-03-26"),
        ("2022-03-27T22:59:59", "2022-03-27"),
        ("2022-03-27T23:00:00", "2022-03-28"),
        ("2022-08-05T22:59:59", "2022-08-05"),
        ("2022-08-05T23:00:00", "2022-08-06"),
        ("2022-10-29T23:00:00", "2022-10-30"),
        ("2022-10-30T23:59:59", "2022-10-30"),
        ("2022-10-31T00:00:00", "2022-10-31"),
        ("2022-12-31T23:59:59", "2022-12-31"),
    ],
)
def test_the_day_of_a_moment_is_the_day_in_london(moment: str, day: str) -> None:
    assert day_of(datetime.fromisoformat(moment).replace(tzinfo=UTC)).isoformat() == day


def test_the_day_of_a_moment_does_not_depend_on_its_zone() -> None:
    late = datetime.fromisoformat("2022-08-06T07:30:00+09:00")
    assert day_of(late) == day_of(late.astimezone(UTC)) == date(2022, 8, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("0001-01-01T00:00:00+00:00", "0001-01-01"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01"),
        ("9999-12-31T23:59:59-14:00", "9999-12-31"),
        ("9999-12-31T23:59:59.999999+00:00", "9999-12-31"),
    ],
)
def test_every_moment_has_a_day_in_london(text: str, day: str) -> None:
    assert day_of(datetime.fromisoformat(text)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2022-11-30", 3, "2023-02-28"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2022-08-31", 1, "2022-09-30"),
        ("2022-12-31", 12, "2023-12-31"),
        ("2022-12-15", 1, "2023-01-15"),
        ("2022-11-15", 1, "2022-12-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2022-08-05", 0, "2022-08-05"),
    ],
)
def test_adding_months_stops_at_the_end_of_a_shorter_month(
    start: str, count: int, end: str
) -> None:
    assert add_months(date.fromisoformat(start), count).isoformat() == end


@given(days, months)
def test_adding_months_agrees_with_counting_day_by_day(start: date, count: int) -> None:
    day = start
    for _ in range(count):
        day = day.replace(day=1)
        day += DAY
        while day.day != 1:
            day += DAY
    while day.day != start.day and (day + DAY).month == day.month:
        day += DAY
    assert add_months(start, count) == day


@given(days, days, months)
def test_adding_months_keeps_the_order_of_dates(one: date, other: date, count: int) -> None:
    first, last = sorted((one, other))
    assert add_months(first, count) <= add_months(last, count)
