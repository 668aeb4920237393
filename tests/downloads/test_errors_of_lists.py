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
