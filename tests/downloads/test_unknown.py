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


COUNTED = ("open", "overdue", "claimed", "limited", "plan_overdue", "assured")


def test_no_count_is_nought_where_nothing_is_known_of_what_it_counts(service: Service) -> None:
    board = service.get("/v1/progress").json()["forces"]
    saved = tables.read_csv(service.get("/v1/progress.csv").content)
    of_set = service.get("/odata/v4/progress_by_force").json()["value"]
    in_file = {str(row["force"]): row for row in saved}
    by_odata = {row["force"]: row for row in of_set}
    unknown = [code for code, of in board.items() if of["total"] == of["stages"]["not_known"] > 0]

    assert "lincolnshire" in unknown
    for code in unknown:
        for name in COUNTED:
            assert board[code][name] is None, (code, name)
            assert not in_file[code][name], (code, name)
            assert by_odata[code][name] is None, (code, name)
        assert board[code]["findings"]["met"] is board[code]["stages"]["closed"] is None
        assert not in_file[code]["findings_met"]
        assert by_odata[code]["finding_met"] is by_odata[code]["stage_closed"] is None


def test_a_month_and_an_area_of_which_nothing_is_known_have_no_count(service: Service) -> None:
    series = service.get("/v1/progress/lincolnshire").json()["series"]
    months = tables.read_csv(service.get("/v1/progress/lincolnshire.csv").content)
    of_set = service.get(
        "/odata/v4/progress_by_month?$filter=force eq 'lincolnshire'&$orderby=month"
    ).json()["value"]
    areas = tables.read_csv(service.get("/v1/areas.csv").content)

    assert len(series) == len(months) == len(of_set[-240:]) > 0
    for name in ("open", "overdue", "claimed", "closed"):
        assert {month[name] for month in series} == {row[name] for row in of_set} == {None}
        assert {row[name] or None for row in months} == {None}
    for name in ("open", "overdue", "claimed", "met", "too_early", "narrative"):
        assert {row[name] or None for row in areas} == {None}


def test_a_count_of_which_a_part_is_known_is_a_number_and_says_what_it_leaves_out(
    service: Service,
) -> None:
    counts = service.get("/v1/progress?training=true").json()["national"]
    assert counts["open"] > 0
    assert counts["plan_overdue"] is not None
    fields = service.get("/v1/progress.csv-metadata.json").json()["tableSchema"]["columns"]
    described = {field["name"]: field["dc:description"] for field in fields}
    assert "Those of which it is not known are left out" in described["open"]


def test_the_shares_of_findings_have_their_base_on_the_page_and_in_files(
    service: Service,
) -> None:
    items = service.get("/v1/areas?training=true").json()["items"]
    rows = tables.read_csv(service.get("/v1/areas.csv?training=true").content)
    page = service.get("/areas?training=true", accept="text/html").text
    base = ("met", "partly_met", "not_met", "too_early", "narrative")

    assert sum(item["too_early"] or 0 for item in items) > 0
    for item, row in zip(items, rows, strict=True):
        assert [row[name] or "" for name in base] == [
            "" if item[name] is None else str(item[name]) for name in base
        ]
    area = "investigation"
    found = sum(item[name] or 0 for item in items for name in base if item["area"] == area)
    met = sum(item["met"] or 0 for item in items if item["area"] == area)
    assert met > 0
    assert f"({round(100 * met / found)}%)" in page
