"""Charts and the map of forces: the figures of the API, readable without colour."""

import re
from datetime import date
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from api.pages.rendering import formatting, labels
from api.pages.rendering.figures import svg
from domain.vocabulary.forces import FORCES
from projections.register.measures.ages import AgeBand, by_age
from tests.pages.test_pages import read
from tests.support.served.serving import Served, Service

AMBLEFORD = "training-ambleford"
SVG = f"{{{svg.NAMESPACE}}}"


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


def figure_of(counts: dict[str, Any]) -> str:
    """The words of a tile: no more than is known."""
    if not counts["total"]:
        return "none recorded"
    if counts["stages"]["not_known"] == counts["total"]:
        return f"{counts['total']} not known"
    overdue = f", {counts['overdue']} overdue" if counts["overdue"] else ""
    return f"{counts['open']} open{overdue}"


@pytest.mark.parametrize("query", ["", "?training=true"])
def test_the_map_has_a_tile_for_each_force_with_its_figure(service: Service, query: str) -> None:
    board = service.get(f"/v1/progress{query}").json()["forces"]
    tiles = re.findall(
        r'<li class="tracker-tile tracker-tile--([a-z-]+)[^>]*><a [^>]*href="([^"]+)">'
        r'<span class="tracker-tile__name">([^<]+)</span>'
        r' <span class="tracker-tile__figure">([^<]+)</span></a></li>',
        read(service, f"/progress{query}").replace("&amp;", "&"),
    )
    expected = [
        (code, f"/forces/{code}", formatting.short_force(code), figure_of(board[code]))
        for code in board
        if code != "national"
    ]
    assert sorted(tiles) == sorted(expected)
    if not query:
        assert {code for code, *_ in tiles} == FORCES.keys()


def test_what_was_issued_and_closed_by_month_is_what_the_months_differ_by(
    service: Service,
) -> None:
    series = service.get(f"/v1/progress/{AMBLEFORD}").json()["series"]
    shown = re.findall(
        r'rowheader">([^<]+)</th>\s*<td role="cell" data-head="Issued, less withdrawn">(-?\d+)</td>'
        r'\s*<td role="cell" data-head="Closed, less reopened">(-?\d+)</td>',
        read(service, f"/forces/{AMBLEFORD}"),
    )
    months: list[dict[str, Any]] = [{"total": 0, "closed": 0}, *series]
    expected = [
        (
            formatting.day(month["month"]),
            str(month["total"] - before["total"]),
            str(month["closed"] - before["closed"]),
        )
        for before, month in pairwise(months)
    ]
    assert shown == expected[-24:][::-1]
    assert any(int(closed) for _, _, closed in shown)
    drawn = ET.fromstring(  # noqa: S314  our own
        service.client.get(f"/charts/flow.svg?force={AMBLEFORD}").content
    )
    columns = [one for one in drawn.iter(f"{SVG}rect") if one.get("stroke")]
    positive = sum((int(issued) > 0) + (int(closed) > 0) for _, issued, closed in shown)
    assert len(columns) == positive


def test_small_charts_draw_what_was_open_at_each_force_month_by_month(service: Service) -> None:
    board = service.get("/v1/progress?training=true").json()["forces"]
    drawn = ET.fromstring(  # noqa: S314  our own
        service.client.get("/charts/forces-months.svg?training=true").content
    )
    words = ["".join(one.itertext()).replace(" ", "") for one in drawn.iter(f"{SVG}text")]
    columns = 0
    for code, counts in board.items():
        latest = service.get(f"/v1/progress/{code}").json()["series"][-24:]
        if any(month["open"] for month in latest):
            said = f"{formatting.force(code)}: {counts['open']} open"
            assert said.replace(" ", "") in words, code
        columns += sum(bool(month["open"]) for month in latest)
    assert columns
    assert len([one for one in drawn.iter(f"{SVG}rect") if one.get("stroke")]) == columns


@pytest.mark.parametrize("page", ["/progress?training=true", f"/forces/{AMBLEFORD}"])
def test_each_band_of_age_counts_the_open_recommendations_of_its_list(
    service: Service, page: str
) -> None:
    shown = read(service, page).replace("&amp;", "&")
    table = re.findall(r'<table[^>]*id="ages".*?</table>', shown, re.DOTALL)[0]
    rows = re.findall(r'rowheader">([^<]+)</th>\s*<td[^>]*>(.*?)</td>', table)
    assert [name for name, _cell in rows] == [*labels.AGES.values()]
    counts: list[int] = []
    for _name, cell in rows:
        link = re.findall(r'<a class="govuk-link" href="([^"]+)">(\d+)</a>', cell)
        if link:
            ((address, number),) = link
            assert f"all {number}<" in read(service, address) or f"of {number}<" in read(
                service, address
            )
            counts.append(int(number))
        else:
            assert cell == "0"
    path = "/v1/progress?training=true" if "training=" in page else f"/v1/progress/{AMBLEFORD}"
    board = service.get(path).json()
    assert sum(counts) == (board.get("national") or board["counts"])["open"]
    assert len(counts) > 1


def test_a_coarse_date_of_issue_is_in_a_band_of_age_only_where_that_is_certain() -> None:
    issued = {"2026-06-01": 1, "2026-05": 2, "2026-04": 4, "2024": 8, "2021": 16, "unknown": 32}
    ages = by_age(issued, date(2026, 11, 15))
    assert [band.many for band in ages.bands] == [1, 4, 0, 0, 16]
    assert ages.uncertain == 2 + 8 + 32
    assert ages.bands[1] == AgeBand(date(2025, 11, 16), date(2026, 5, 15), 4)
    assert ages.bands[-1] == AgeBand(None, date(2022, 11, 15), 16)
    assert by_age({"0001-01-02": 1}, date(1, 3, 1)).bands[0].many == 1, "as the calendar begins"


def test_findings_by_area_are_those_of_the_register(service: Service) -> None:
    areas = service.get("/v1/areas?training=true").json()["items"]
    words = service.client.get("/charts/areas.svg?training=true").text
    for finding in ("met", "partly_met", "not_met"):
        path = f"/v1/recommendations?training=true&finding={finding}&limit=500"
        counted = sum(area[finding] for area in areas)
        assert counted == len(service.get(path).json()["items"]) > 0
        said = re.sub(r"</?tspan[^>]*>", " ", words)
        numbers = re.findall(rf"(\d+)\s+{finding.replace('_', ' +')}\b", said)
        met = [int(number) for number in numbers]
        assert sum(met) == counted


def test_words_of_a_chart_fit_a_phone_and_its_parts_differ_without_colour() -> None:
    name = "Leadership and governance of the safeguarding of children: 3 met, 2 partly met"
    drawn = ET.fromstring(svg.bars("A title", [(name, (3, 2, 1))], ""))  # noqa: S314  our own
    lines = [one.text or "" for one in drawn.iter(f"{SVG}tspan")]
    assert " ".join(lines) == name
    assert all(len(line) <= svg.LINE_CHARS for line in lines)
    fills = [one.get("fill") for one in drawn.iter(f"{SVG}rect")][1:]
    assert fills == [svg.INK, svg.GREY, svg.PAPER]
    empty = ET.fromstring(svg.lines("A title", ("", ""), {"none": []}, "Nothing"))  # noqa: S314
    assert [one.text for one in empty.iter(f"{SVG}text")] == ["Nothing"]
