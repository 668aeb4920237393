"""Whole words on a phone and on paper, whole edges, and nothing parted from its head."""

import re
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.support.served.printed import printed, squeezed
from tests.support.served.serving import Served, Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHEET = {"width": 703, "height": 1000}
"""The width of A4 between its margins, in pixels."""
BROKEN = """(selector) => {
  const broken = []
  for (const one of document.querySelectorAll(selector)) {
    const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT)
    while (texts.nextNode())
      for (const word of texts.currentNode.data.matchAll(/\\S+/g)) {
        const range = document.createRange()
        range.setStart(texts.currentNode, word.index)
        range.setEnd(texts.currentNode, word.index + word[0].length)
        const lines = new Set([...range.getClientRects()].map((rect) => Math.round(rect.top)))
        if (lines.size > 1 && !word[0].includes('-')) broken.push(word[0])
      }
  }
  return broken
}"""
"""The words that are broken over two lines; at a hyphen they may be."""
LINES = """(selector) => [...document.querySelectorAll(selector)].map((one) => {
  const range = document.createRange()
  range.selectNodeContents(one)
  return new Set([...range.getClientRects()].map((rect) => Math.round(rect.top))).size
})"""
EDGES = """(selector) => [...document.querySelectorAll(selector)].map(
  (one) => document.documentElement.clientWidth - one.getBoundingClientRect().right)"""


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


@pytest.fixture
def page(chromium: Chromium, service: Service) -> Generator[Page]:
    context = chromium.new_context(base_url=service.url)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", ["/progress", "/progress?training=true"])
def test_no_name_on_the_tile_map_breaks_within_a_word(page: Page, path: str) -> None:
    page.goto(path)
    for width in (320, 375, 640, 768, 1019, 1020, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(BROKEN, ".tracker-tile") == [], width
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.emulate_media(media="print")
    page.set_viewport_size({"width": SHEET["width"], "height": SHEET["height"]})
    assert page.evaluate(BROKEN, ".tracker-tile") == []


@pytest.mark.parametrize(
    "path",
    [
        "/board-pack/training-ambleford?since=2025-06-30",
        "/recommendations?training=true",
        "/forces/devon-and-cornwall",
        "/areas/managing_risk",
        "/claims?force=training",
    ],
)
def test_no_breadcrumb_and_no_heading_breaks_within_a_word_on_a_phone(
    page: Page, path: str
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(path)
    assert page.evaluate(BROKEN, "h1, h2, .govuk-breadcrumbs") == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_tile_map_is_on_one_sheet_with_its_heading(page: Page) -> None:
    page.goto("/progress")
    sheets = [squeezed(sheet) for sheet in printed(page)]
    names = page.locator(".tracker-tile__name").all_text_contents()
    assert len(names) == 43
    sheet = next(sheet for sheet in sheets if "Wherearerecommendationsopen?" in sheet)
    assert [name for name in names if squeezed(name) not in sheet] == []


def test_the_edges_of_what_has_a_border_are_on_the_sheet(page: Page) -> None:
    page.goto("/progress?training=true")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": SHEET["width"], "height": SHEET["height"]})
    edges = page.evaluate(EDGES, ".tracker-training, .tracker-tile, table")
    assert min(edges) >= 2


@pytest.mark.parametrize("path", ["/progress", "/progress?training=true"])
def test_a_chart_is_on_the_sheet_of_its_heading_and_key(page: Page, path: str) -> None:
    page.goto(path)
    images = page.locator("img.tracker-chart").all()
    for image in images:
        image.scroll_into_view_if_needed()
        image.evaluate("one => one.decode()")
    source = next(
        address
        for image in images
        if "/months.svg" in (address := image.get_attribute("src") or "")
    )
    months = re.findall(r"<text[^>]*>([^<]+ 20\d\d)</text>", page.request.get(source).text())
    assert months
    sheets = printed(page)
    sheet = next(sheet for sheet in sheets if "How have the numbers changed?" in sheet)
    assert "Solid line: open." in sheet
    chart = sheet.partition("Solid line: open.")[2].partition("Recommendations at the end")[0]
    assert [month for month in months if month not in chart] == []


def test_a_table_of_claims_breaks_no_word_and_no_date_in_print(page: Page) -> None:
    page.goto("/claims?training=true")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": SHEET["width"], "height": SHEET["height"]})
    assert page.evaluate(BROKEN, "#claims thead th, #claims td") == []
    assert set(page.evaluate(LINES, "#claims .tracker-date")) == {1}
    assert page.locator("#claims .tracker-date").count() > 30
    page.goto("/late?training=true")
    assert page.evaluate(BROKEN, "#late thead th, #late td") == []
    assert set(page.evaluate(LINES, "#late .tracker-date")) == {1}


@pytest.mark.parametrize(
    "path",
    ["/claims?training=true", "/late?training=true", "/recommendations", "/progress", "/reports"],
)
def test_no_last_sheet_has_the_foot_alone(page: Page, path: str) -> None:
    page.goto(path)
    last = squeezed(printed(page)[-1])
    for line in page.locator(".tracker-footer p").all_text_contents():
        assert squeezed(line) in last
        last = last.replace(squeezed(line), "")
    assert len(last) > 20
