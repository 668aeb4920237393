"""Errors of lists that say what works."""

import re

import pytest

from tests.support.data.tables import read_csv
from tests.support.served.serving import Served, Service

PAGED = ["recommendations", "reports", "statements", "claims", "compare", "restatement"]


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


@pytest.mark.parametrize("name", PAGED)
def test_a_page_that_is_too_long_leads_to_the_file_with_all_rows(
    service: Service, name: str
) -> None:
    answer = service.get(f"/v1/{name}?limit=1000")
    assert answer.status_code == 400
    detail = answer.json()["detail"]
    assert "at most 500 items" in detail
    assert "download the list: put .csv, .xlsx, .parquet" in detail
    assert service.get(f"/v1/{name}.csv").status_code == 200


@pytest.mark.parametrize("path", [*PAGED, "progress", "progress/kent", "areas", "slippage"])
def test_a_parameter_for_a_format_leads_to_the_ending_of_the_path(
    service: Service, path: str
) -> None:
    answer = service.get(f"/v1/{path}?format=csv")
    assert answer.status_code == 400
    assert "put its ending after the path, such as .csv" in answer.json()["detail"]
    assert "Accept: text/csv" in answer.json()["detail"]
    assert service.get(f"/v1/{path}", Accept="text/csv").headers["Content-Type"].startswith("text/")


@pytest.mark.parametrize("accept", ["text/csv", "application/vnd.apache.parquet"])
@pytest.mark.parametrize("path", ["measures", "search?q=kent"])
def test_an_answer_without_a_file_names_the_files_that_there_are(
    service: Service, path: str, accept: str
) -> None:
    answer = service.get(f"/v1/{path}", Accept=accept)
    assert (answer.status_code, answer.json()["type"]) == (406, "/problems/not-acceptable")
    for file in re.findall(r"/v1/[a-z/-]+\.csv", answer.json()["detail"]):
        query = "?q=kent" if path.startswith("search") else ""
        assert service.get(f"{file}{query}").status_code == 200, file
    assert service.get(f"/v1/{path}", Accept="application/json, text/csv;q=0.5").is_success


def test_the_forces_are_a_file_and_the_character_set_of_a_csv_is_named_once(
    service: Service,
) -> None:
    answer = service.get("/v1/forces", Accept="text/csv")
    rows = read_csv(answer.content)
    assert [row["force"] for row in rows] == [
        force["code"] for force in service.get("/v1/forces").json()["items"]
    ]
    assert answer.headers["Content-Type"].lower().count("charset") == 1
    assert [row["force"] for row in read_csv(service.get("/v1/forces.csv?q=kent").content)] == [
        "kent"
    ]


def test_the_months_of_all_forces_are_those_of_each(service: Service) -> None:
    every = read_csv(service.get("/v1/progress/months-by-force.csv?training=true").content)
    codes = list(dict.fromkeys(row["force"] for row in every))
    assert len(codes) > 2
    for code in codes:
        own = read_csv(service.get(f"/v1/progress/{code}.csv").content)
        assert [
            {name: row[name] for name in own[0]} for row in every if row["force"] == code
        ] == own


@pytest.mark.parametrize("query", ["", "?training=true", "?on=2023-03-31"])
def test_the_figures_of_all_forces_are_a_row_in_a_table_of_their_own(
    service: Service, query: str
) -> None:
    (row,) = read_csv(service.get(f"/v1/progress/all-together.csv{query}").content)
    forces = read_csv(service.get(f"/v1/progress.csv{query}").content)
    national = service.get(f"/v1/progress{query}").json()["national"]

    for name in ("total", "open", "limited", "overdue", "plan_overdue", "claimed",
                 "median_days_to_plan", "median_days_to_close"):  # fmt: skip
        expected = national[name]
        assert (float(row[name]) if row[name] else None) == expected, name
    closed = national["stages"]["closed"]
    assert row["stages_closed"] == ("" if closed is None else str(closed))
    assert all(of["force"] for of in forces), "no row of progress is a sum of others"
    for name in ("total", "stages_not_known", "recommendations_stated"):
        assert int(row[name]) == sum(int(of[name] or 0) for of in forces), name
    assert "force" not in row


@pytest.mark.parametrize("query", ["", "?training=true"])
def test_the_months_of_all_forces_together_end_with_their_figures(
    service: Service, query: str
) -> None:
    months = read_csv(service.get(f"/v1/progress/all-together-by-month.csv{query}").content)
    (row,) = read_csv(service.get(f"/v1/progress/all-together.csv{query}").content)
    for name in ("total", "open", "limited", "overdue", "claimed"):
        assert months[-1][name] == row[name], name
    page = service.get(f"/progress{query}", accept="text/html").text
    assert "/v1/progress/all-together.csv" in page
    assert "/v1/progress/all-together-by-month.csv" in page
