"""Of what sources state and nobody took over here, it is not known whether the limit passed."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from msgspec import Struct

from adapters.corpus.rows import OUTCOMES, PRODUCTS, RECOMMENDATIONS, STEPS
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, PROJECTOR, Database
from projections.reporting import schema
from tests.projections.test_projections import eventually
from tests.support.data import tables
from tests.support.data.corpus_files import Cells, corpus, take
from tests.support.data.examples import INSPECTOR, issue
from tests.support.data.tables import Rows
from tests.support.served.serving import Service, command, published

READERS: dict[str, Callable[[bytes], Rows]] = {
    "csv": tables.read_csv,
    "xlsx": tables.read_xlsx,
    "ods": tables.read_ods,
    "parquet": tables.read_parquet,
    "arrow": tables.read_arrow,
    "ndjson": tables.read_lines,
}
NO_VALUE = {"", "[x]", None}
IMPORTED = {
    "kent-ncpi-2019-r01": "months:3",
    "kent-ncpi-2019-r02": "none",
    "kent-ncpi-2019-r03": "months:3",
    "kent-ncpi-2019-r04": "months:3",
}
"""With a plan; with a plan and no limit; closed; with a plan, and a claim that the work is done."""


def step(number: int, rec: int, kind: str, on: str, **cells: str) -> dict[str, str]:
    blank = dict.fromkeys(("said_by", "text", "source", "confidence"), "")
    key, of = f"s{number:02}", f"kent-ncpi-2019-r{rec:02}"
    return {**blank, "step_id": key, "rec_id": of, "type": kind, "date": on, **cells}


PLANS = [
    step(rec, rec, "receive_action_plan", "2019-09-02", answer="act", notes="Train all.")
    for rec in (1, 2, 3, 4)
]
STEPS_ROWS = [
    *PLANS,
    step(5, 3, "close", "2020-03-20", reason="withdrawn", source="Review."),
    step(6, 4, "claim_completion", "2020-01-15"),
]


class Lives(Struct):
    """Recommendations by reference, and the position after which all are on record."""

    imported: dict[str, str]
    without_limit: str
    """One that is recorded here, whose time limit is not known."""
    position: str


@pytest.fixture(scope="module")
def lives(
    service: Service, make_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Lives:
    rows: dict[str, list[Cells]] = {
        PRODUCTS: [{}],
        RECOMMENDATIONS: [
            {"rec_id": rec, "time_limit": limit} for rec, limit in IMPORTED.items()
        ],
        OUTCOMES: [],
        STEPS: [*STEPS_ROWS],
    }  # fmt: skip
    with Ledger(environment(make_database.conninfo(APP), pool=2, wait=5)) as ledger:
        take(ledger, corpus(tmp_path_factory.mktemp("corpus"), rows))
    made = published(service, "essex-2022", issue("essex", time_limit="unknown"), force="essex")
    service.get(f"/v1/recommendations?position={made.position}")
    eventually(lambda: schema.follow(make_database.conninfo(PROJECTOR)))
    listed = service.get("/v1/recommendations?force=kent").json()["items"]
    ids = {item["standing"]["reference"]: item["id"] for item in listed}
    return Lives(ids, made.recommendations[0], str(made.position))


def overdue_by_json(service: Service, query: str) -> dict[str, bool | None]:
    items = service.get(f"/v1/recommendations?{query}").json()["items"]
    return {item["standing"]["reference"]: item["overdue"] for item in items}


KNOWN = {"kent-ncpi-2019-r01": None, "kent-ncpi-2019-r02": None, "kent-ncpi-2019-r03": False,
         "kent-ncpi-2019-r04": None}  # fmt: skip


@pytest.mark.usefixtures("lives")
def test_an_imported_plan_or_claim_that_nobody_took_over_is_neither_overdue_nor_not(
    service: Service,
) -> None:
    assert overdue_by_json(service, "force=kent") == KNOWN
    assert overdue_by_json(service, "force=kent&overdue=true") == {}
    assert overdue_by_json(service, "force=kent&overdue=false") == {"kent-ncpi-2019-r03": False}


@pytest.mark.usefixtures("lives")
@pytest.mark.parametrize("ending", READERS)
def test_a_file_has_no_value_where_it_is_not_known_whether_the_limit_passed(
    service: Service, ending: str
) -> None:
    content = service.get(f"/v1/recommendations.{ending}?force=kent").content
    rows = {str(row["reference"]): row["overdue"] for row in READERS[ending](content)}
    for reference, overdue in KNOWN.items():
        if overdue is None:
            assert rows[reference] in NO_VALUE, reference
        else:
            assert str(rows[reference]).lower() in {"false", "0"}, reference


@pytest.mark.usefixtures("lives")
def test_views_for_tools_have_null_where_it_is_not_known_whether_the_limit_passed(
    service: Service, make_database: Database
) -> None:
    rows = service.get("/odata/v4/recommendations?$filter=force eq 'kent'").json()["value"]
    assert {row["reference"]: row["overdue"] for row in rows} == KNOWN
    with psycopg.connect(make_database.conninfo(PROJECTOR)) as connection:
        of_sql = connection.execute(
            "SELECT reference, overdue FROM reporting.recommendation_v1 WHERE force = 'kent'"
        ).fetchall()
    assert dict(of_sql) == KNOWN


def test_one_recorded_here_without_a_known_limit_is_neither_overdue_nor_not(
    service: Service, lives: Lives
) -> None:
    assert overdue_by_json(service, "force=essex") == {"essex-2022-r01": None}
    shown = service.get(f"/v1/recommendations/{lives.without_limit}").json()
    states = {clock["name"]: clock["state"] for clock in shown["clocks"]}
    assert states["time_limit"] == "unknown"


@pytest.mark.usefixtures("lives")
def test_a_month_counts_none_as_overdue_where_the_board_of_the_same_day_counts_none(
    service: Service,
) -> None:
    shown = service.get("/v1/progress/kent").json()
    of_set = service.get("/odata/v4/progress_by_month?$filter=force eq 'kent'&$orderby=month")
    saved = tables.read_csv(service.get("/v1/progress/kent.csv").content)
    every = tables.read_csv(service.get("/v1/progress/months-by-force.csv").content)
    last, counts = shown["series"][-1], shown["counts"]

    assert (counts["limited"], counts["overdue"]) == (0, None)
    for month in (last, of_set.json()["value"][-1]):
        assert (month["open"], month["limited"], month["overdue"]) == (3, 0, None)
    for row in (saved[-1], [row for row in every if row["force"] == "kent"][-1]):
        assert (row["open"], row["limited"], row["overdue"] or None) == ("3", "0", None)


@pytest.mark.usefixtures("lives")
def test_the_months_of_a_page_and_its_chart_show_no_nought_in_place_of_what_is_not_known(
    service: Service,
) -> None:
    page = service.get("/forces/kent", accept="text/html").text
    table = page[page.index('id="months"') :]
    (latest,) = re.findall(r"<tr[^>]*>(?:(?!</tr>).)*</tr>", table, re.DOTALL)[1:2]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", latest, re.DOTALL)
    assert "not known" in cells[3], "overdue"
    chart = service.get("/charts/months.svg?force=kent").text
    lines = re.findall(r"<(?:ns0:|svg:)?polyline [^>]*>", chart)
    assert not [line for line in lines if 'stroke-dasharray="12 6"' in line], "none of the overdue"
    assert [line for line in lines if 'stroke-dasharray="none"' in line], "one of the open"


def then(service: Service, on: str) -> dict[str, Any]:
    compared = service.get(f"/v1/compare?since=2019-01-01&on={on}&force=kent").json()
    return {item["reference"]: item["after"] for item in compared["items"]}


@pytest.mark.usefixtures("lives")
def test_a_comparison_says_of_none_that_it_is_not_overdue_where_that_is_not_known(
    service: Service,
) -> None:
    after = then(service, "2026-01-01")
    assert {reference: place["overdue"] for reference, place in after.items()} == KNOWN
    issued = then(service, "2019-06-30")["kent-ncpi-2019-r01"]
    assert (issued["stage"], issued["overdue"], issued["claimed"]) == ("not_known", None, None)

    figures = service.get("/v1/compare?since=2019-01-01&on=2026-01-01&force=kent").json()["figures"]
    assert (figures["after"]["limited"], figures["after"]["overdue"]) == (0, None)
    assert figures["before"]["open"] is figures["before"]["stages"]["closed"] is None
    saved = tables.read_csv(
        service.get("/v1/compare.csv?since=2019-01-01&on=2026-01-01&force=kent").content
    )
    shown = {str(row["reference"]): row["after_overdue"] for row in saved}
    assert shown == {
        of: "false" if overdue is False else "" for of, overdue in KNOWN.items()
    }  # fmt: skip
    page = service.get(
        "/compare?since=2019-06-30&on=2026-01-01&force=kent", accept="text/html"
    ).text
    assert "Overdue: from “No”" not in page


@pytest.mark.usefixtures("lives")
def test_what_is_not_known_is_in_no_list_of_plans_that_are_not_overdue(service: Service) -> None:
    for item in service.get("/v1/recommendations?plan_overdue=false").json()["items"]:
        assert item["standing"]["plan_owed"] is not None
    listed = service.get("/v1/recommendations?on=2019-06-30&plan_overdue=false").json()["items"]
    assert listed == []


@pytest.mark.usefixtures("lives")
def test_what_is_not_known_is_in_no_list_of_what_is_not_said_to_be_done(service: Service) -> None:
    listed = service.get("/v1/recommendations?force=kent&claimed=false").json()["items"]
    assert "closed" in {item["standing"]["stage"] for item in listed}
    assert "not_known" not in {item["standing"]["stage"] for item in listed}


def test_once_it_is_taken_over_it_is_known_to_be_overdue(service: Service, lives: Lives) -> None:
    stream = lives.imported["kent-ncpi-2019-r01"]
    answer = command(
        service, stream, INSPECTOR, "take_over", standing="plan_accepted", basis="The file."
    )
    assert answer.is_success, answer.text
    position = answer.json()["position"]
    query = f"force=kent&position={position}"
    assert overdue_by_json(service, query)["kent-ncpi-2019-r01"] is True
    today = date.today().isoformat()  # noqa: DTZ011  a day of the record, not of a clock
    compared = service.get(f"/v1/compare?since=2020-01-01&on={today}&force=kent").json()
    (item,) = (one for one in compared["items"] if one["id"] == stream)
    assert (item["before"]["overdue"], item["after"]["overdue"]) == (None, True)
