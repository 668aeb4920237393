"""Lists in words: their filters, the subjects of their rows, and how many rows there are."""

import re
from html import unescape

import pytest

from api.pages.rendering import formatting
from tests.pages.test_pages import check, read
from tests.support.served.serving import Served, Service

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


def main_of(service: Service, path: str) -> str:
    """Return the main part of a page."""
    text = read(service, path)
    check(path, text)
    return text[text.index("<main") : text.index("</main>")]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/reports?force=kent", ["Kent Police"]),
        ("/reports?product=ncpi&q=child", ["National child protection inspection", "Words: child"]),
        ("/late?force=training", ["Training force (not a real force)"]),
        ("/late?clock=action_plan&training=true", ["Deadline: action plan"]),
        ("/claims?judgement=met&training=true", ["Found met"]),
        ("/claims?force=training", ["Training force (not a real force)"]),
        ("/statements?q=children&area=investigation", ["Words: children", "Investigation"]),
        ("/statements?q=zebra", ["Words: zebra"]),
    ],
)
def test_a_list_says_its_filters_and_each_can_be_removed(
    service: Service, path: str, words: list[str]
) -> None:
    shown = main_of(service, path)
    listed = re.search(r'<ul class="govuk-list tracker-applied">(.*?)</ul>', shown, re.DOTALL)
    assert listed
    links = re.findall(r'href="([^"]+)">.*?</span>(.*?) <span', listed[1])
    assert sorted(unescape(text) for _href, text in links) == sorted(words)
    for href, text in links:
        assert service.client.get(unescape(href)).status_code == 200
        without = read(service, unescape(href))
        assert f"</span>{text} <span" not in without


@pytest.mark.parametrize("path", ["/reports", "/late", "/claims", "/statements"])
def test_a_list_without_a_filter_names_none(service: Service, path: str) -> None:
    assert "tracker-applied" not in main_of(service, path)


@pytest.mark.parametrize("name", ["late", "claims"])
@pytest.mark.parametrize("day", ["", "&on=2026-06-30"])
def test_a_row_is_named_by_its_subject_with_its_reference(
    service: Service, name: str, day: str
) -> None:
    shown = main_of(service, f"/{name}?training=true{day}")
    items = service.get(f"/v1/{name}?training=true&limit=50{day}").json()["items"]
    assert items
    for item in items:
        reference = item["reference"] if name == "late" else item["claimed"]["reference"]
        text = service.get(f"/v1/recommendations/{item['id']}").json()["text"]
        row = re.search(
            rf'<a class="govuk-link" href="/recommendations/{item["id"]}">([^<]+)</a><br>'
            r'<span class="tracker-reference">([^<]+)</span>',
            shown,
        )
        assert row, reference
        assert unescape(row[1]) == formatting.headline(text)
        assert row[2] == reference
