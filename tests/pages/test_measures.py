"""The figures of measures: each opens to as many recommendations as it counts."""

import re
from html import unescape

import pytest

from tests.support.served.serving import Served, Service

ROW = re.compile(r"<tr role=\"row\">(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<td role=\"cell\" data-head=\"([^\"]*)\">(.*?)</td>", re.DOTALL)
OPENED = re.compile(r'<a class="govuk-link" href="(/recommendations\?[^"]+)">(\d+)</a>')


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


def figures(service: Service, path: str, table: str) -> list[tuple[str, str]]:
    """Return the heading and the content of every cell of a table on a page."""
    answer = service.client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, path
    (body,) = re.findall(rf'<table [^>]*id="{table}">(.*?)</table>', answer.text, re.DOTALL)
    return [cell for row in ROW.findall(body) for cell in CELL.findall(row)]


def many(service: Service, address: str) -> int:
    """Return how many recommendations an address of a list has, by its file."""
    query = unescape(address).partition("?")[2]
    saved = service.client.get(f"/v1/recommendations.ndjson?{query}")
    assert saved.status_code == 200, saved.text
    assert service.client.get(unescape(address)).status_code == 200, address
    return len(saved.content.splitlines())


@pytest.mark.parametrize(
    "query", ["", "?training=true", "?force=training", "?on=2024-06-30&training=true"]
)
@pytest.mark.parametrize("table", ["cohorts", "ages"])
def test_every_figure_of_a_measure_opens_to_as_many_recommendations(
    service: Service, query: str, table: str
) -> None:
    cells = figures(service, f"/measures{query}", table)
    opened = 0
    for head, cell in cells:
        text = re.sub(r"<[^>]+>", "", cell).strip()
        if re.fullmatch(r"\d+( so far)?", text) and not text.startswith("0"):
            links = OPENED.findall(cell)
            assert links, (head, cell)
            assert many(service, links[0][0]) == int(links[0][1]), (head, cell)
            opened += 1
    assert opened or not query


def test_what_a_force_has_had_open_for_a_time_not_known_opens_to_as_many(service: Service) -> None:
    path = "/v1/recommendations?force=training&age_known=false&open=true&limit=500"
    listed = service.get(path).json()["items"]
    coarse = [item for item in listed if len(item["standing"]["issued_on"]) < 10]
    assert listed == coarse


def test_a_list_of_the_age_of_open_recommendations_is_in_no_feed(service: Service) -> None:
    refused = service.client.get("/feeds/changes.atom?age_known=false")
    assert (refused.status_code, "age_known" in refused.text) == (400, True)
    page = service.client.get("/recommendations?age_known=false")
    assert "/feeds/changes.atom" not in page.text
