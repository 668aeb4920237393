"""The language of `$filter`: each condition selects the rows that the words of the standard say."""

from collections.abc import Callable
from typing import Any

import pytest

from api.v1.odata.entity_sets import ENTITY_SETS
from projections.reporting.filter_tokens import FilterError
from projections.reporting.filtering import LIST_SQL_MAX, read_filter
from tests.api.odata.test_odata import level
from tests.support.data.examples import issue
from tests.support.data.paged import live
from tests.support.served.serving import Served, Service, published

pytestmark = pytest.mark.slow

Row = dict[str, Any]


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


@pytest.fixture(scope="module", autouse=True)
def recorded(service: Service) -> None:
    """Recommendations of every stage beside the corpus, with texts that are hard to find."""
    live(service)
    texts = ("It is the child's.", "child first", "All 100% of it", "\N{SNOWMAN} Kent")
    limits = ("immediate", "months:3", "date:2023-01-01", "none")
    issues = [
        issue(ordinal=number, text=text, time_limit=limit)
        for number, (text, limit) in enumerate(zip(texts, limits, strict=True), 1)
    ]
    made = published(service, "kent-filters-2018", *issues)
    level(service, made.position)


def rows(service: Service, name: str, condition: str | None = None) -> list[Row]:
    params = {"$filter": condition} if condition else None
    answer = service.get(f"/odata/v4/{name}", params=params)
    assert answer.status_code == 200, answer.text
    value: list[Row] = answer.json()["value"]
    return value


SELECTED: dict[str, Callable[[Row], bool]] = {
    "force eq 'kent'": lambda row: row["force"] == "kent",
    "force ne 'kent'": lambda row: row["force"] != "kent",
    "finding eq 'met'": lambda row: row["finding"] == "met",
    "finding ne 'met'": lambda row: row["finding"] != "met",
    "not (finding eq 'met')": lambda row: row["finding"] != "met",
    "finding eq null": lambda row: row["finding"] is None,
    "finding ne null": lambda row: row["finding"] is not None,
    "due gt null": lambda _row: False,
    "not (due gt 2022-09-01)": lambda row: not (row["due"] and row["due"] > "2022-09-01"),
    "(due gt 2022-09-01) eq false": lambda row: not (row["due"] and row["due"] > "2022-09-01"),
    "2022-09-01 lt due": lambda row: bool(row["due"]) and row["due"] > "2022-09-01",
    "due ge issued_on_latest": lambda row: (
        bool(row["due"] and row["issued_on_latest"]) and row["due"] >= row["issued_on_latest"]
    ),
    "ordinal ge 3 and ordinal lt 5.5": lambda row: row["ordinal"] in {3, 4, 5},
    "ordinal in (1,2, 7)": lambda row: row["ordinal"] in {1, 2, 7},
    "not (ordinal in (1,null))": lambda row: row["ordinal"] not in {1, None},
    "force in ('kent','essex')": lambda row: row["force"] in {"kent", "essex"},
    "force eq 'kent' or force eq 'essex' and ordinal eq 1": lambda row: (
        row["force"] == "kent" or (row["force"] == "essex" and row["ordinal"] == 1)
    ),
    "(force eq 'kent' or force eq 'essex') and ordinal eq 1": lambda row: (
        row["force"] in {"kent", "essex"} and row["ordinal"] == 1
    ),
    "contains(text,'child')": lambda row: "child" in row["text"],
    "contains(text,'\N{SNOWMAN}')": lambda row: "\N{SNOWMAN}" in row["text"],
    "contains(text,'%')": lambda row: "%" in row["text"],
    "contains(tolower(text),'CHILD')": lambda _row: False,
    "startswith(force,'k')": lambda row: row["force"].startswith("k"),
    "endswith(text,'.') eq true": lambda row: row["text"].endswith("."),
    "endswith(text,'')": lambda _row: True,
    "not contains(topic,'a')": lambda row: "a" not in (row["topic"] or ""),
    "indexof(text,'child') eq 0": lambda row: row["text"].startswith("child"),
    "length(text) gt 100": lambda row: len(row["text"]) > 100,
    "concat(force,trim(' x ')) eq 'kentx'": lambda row: row["force"] == "kent",
    "toupper(force) eq 'KENT'": lambda row: row["force"] == "kent",
    "force_name gt 'M'": lambda row: row["force_name"] > "M",
    "year(issued_on_latest) eq 2019 and month(issued_on_latest) le 6": lambda row: (
        "2019-01" <= (row["issued_on_latest"] or "")[:7] <= "2019-06"
    ),
    "overdue": lambda row: bool(row["overdue"]),
    "overdue eq false": lambda row: row["overdue"] is False,
    "true": lambda _row: True,
    "closed_without_evidence or reopenings gt 0": lambda row: (
        row["closed_without_evidence"] or (row["reopenings"] or 0) > 0
    ),
    "contains(text,'child''s')": lambda row: "child's" in row["text"],
    "force eq 'kent'' OR true --'": lambda _row: False,
    "report_id ne 45fd50dd-7508-54fb-94ac-784b0b6d4ac0": lambda _row: True,
    "as_of_position gt 1": lambda _row: True,
}


@pytest.mark.parametrize("condition", SELECTED)
def test_a_condition_selects_the_rows_that_it_says(service: Service, condition: str) -> None:
    every = rows(service, "recommendations")
    chosen = [row["id"] for row in every if SELECTED[condition](row)]
    assert [row["id"] for row in rows(service, "recommendations", condition)] == chosen


def test_most_of_the_conditions_select_some_rows_and_not_all(service: Service) -> None:
    every = rows(service, "recommendations")
    counts = [sum(map(selects, every)) for selects in SELECTED.values()]
    assert sum(0 < count < len(every) for count in counts) > len(counts) / 2


def test_moments_are_compared_as_moments(service: Service) -> None:
    every = rows(service, "recommendation_history")
    moment = sorted(row["known_from"] for row in every)[len(every) // 2]
    selected: dict[str, Callable[[Row], bool]] = {
        f"known_from le {moment}": lambda row: row["known_from"] <= moment,
        f"known_from gt {moment}": lambda row: row["known_from"] > moment,
        "date(known_from) ge 2020-01-01": lambda _row: True,
        "year(known_from) lt 2020": lambda _row: False,
        "known_from lt 0001-01-01T00:00:00+14:00": lambda _row: False,
        "known_to eq null": lambda row: row["known_to"] is None,
    }
    for condition, selects in selected.items():
        chosen = rows(service, "recommendation_history", condition)
        assert chosen == [row for row in every if selects(row)], condition


def test_lists_within_lists_do_not_grow_without_bounds() -> None:
    condition = "true"
    for _ in range(5):
        condition = f"({condition} in ({','.join(['true'] * 10)}))"
    columns = ENTITY_SETS["forces"].view.columns
    assert len(read_filter("true in (true,false)", columns).sql) < LIST_SQL_MAX
    with pytest.raises(FilterError, match="list after in is too long"):
        read_filter(condition, columns)


def test_the_longest_filter_is_answered(service: Service) -> None:
    condition = " or ".join([f"ordinal eq {number}" for number in range(1, 1000)])[:4000]
    condition = condition[: condition.rindex(" or ")]
    assert len(condition) > 3900
    assert rows(service, "recommendations", condition)
