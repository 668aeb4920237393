"""Errors of lists that say what works."""

import pytest

from tests.support.served.serving import Service

PAGED = ["recommendations", "reports", "statements", "claims", "compare", "restatement"]


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
