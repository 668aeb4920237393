"""Where nothing is known there is no value: in JSON, in files and in the OData feed alike."""

import pytest

from tests.support.data import tables
from tests.support.served.serving import Served, Service

OF_A_ROW = ("plan_owed", "overdue", "claimed_on", "closed_on", "closed_reason")
"""Columns of the register that say where a recommendation stands."""


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


def test_a_row_of_which_nothing_is_known_is_neither_overdue_nor_not(service: Service) -> None:
    listed = service.get("/v1/recommendations?stage=not_known&limit=500").json()["items"]
    of_set = service.get("/odata/v4/recommendations?$filter=stage eq 'not_known'").json()["value"]

    assert len(listed) == len(of_set) > 50
    assert {item["overdue"] for item in listed} == {None}
    assert {item["standing"]["plan_owed"] for item in listed} == {None}
    assert {row["overdue"] for row in of_set} == {None}
    for path in ("/v1/recommendations.csv", "/v1/recommendations.xlsx"):
        rows = (tables.read_csv if path.endswith("csv") else tables.read_xlsx)(
            service.get(f"{path}?stage=not_known").content
        )
        assert {str(row[name] or "") for row in rows for name in OF_A_ROW} <= {"", "[x]"}, path


def test_what_is_not_known_is_in_neither_list_of_overdue_and_not(service: Service) -> None:
    for name in ("overdue", "plan_owed"):
        for flag in ("true", "false"):
            path = f"/v1/recommendations?training=true&limit=500&{name}={flag}"
            items = service.get(path).json()["items"]
            assert items, path
            told = {"overdue": "overdue", "plan_owed": "standing"}[name]
            values = [item[told] for item in items]
            shown = {value["plan_owed"] if name == "plan_owed" else value for value in values}
            assert shown == {flag == "true"}
            assert not service.get(f"/v1/recommendations?stage=not_known&{name}={flag}").json()[
                "items"
            ]


def test_each_row_says_its_cause_its_source_and_whether_it_was_inferred(service: Service) -> None:
    rows = tables.read_csv(service.get("/v1/recommendations.csv").content)
    listed = service.get("/v1/recommendations?limit=500").json()["items"]

    assert {row["confidence"] for row in rows} == {"stated", "inferred"}
    for name in ("confidence", "source", "cause"):
        shown = [str(row[name] or "") for row in rows]
        assert shown == [str(item["standing"][name] or "") for item in listed]
    assert all(row["source"] for row in rows)
