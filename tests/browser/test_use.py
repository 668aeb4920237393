"""Pages in use in a real browser: by Tab, without scripts, revisited, and going back."""

import re
from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, ViewportSize

from adapters.identity.links import make_link
from adapters.postgres.database import OWNER, Database
from tests.browser.test_pages import PAGES, address_of
from tests.pages.test_pages import PAGE_BYTES_MAX
from tests.support.data.examples import INSPECTOR
from tests.support.served.chromium import DESKTOP, PHONE
from tests.support.served.serving import Published, Served, Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WATCH = """() => {
  const look = (one) => [one, one.parentElement].flatMap((each) =>
    ['', '::before', '::after'].map((part) => {
      const s = getComputedStyle(each, part || undefined)
      const line = (style, width, color) =>  // one that is not drawn still has the colour of text
        style === 'none' || width === '0px' || color.endsWith(', 0)') ? '' : style + width + color
      return [line(s.outlineStyle, s.outlineWidth, s.outlineColor), s.boxShadow, s.backgroundColor,
        line(s.borderBottomStyle, s.borderBottomWidth, s.borderBottomColor)].join()
    })).join('|')
  const seen = (one) => {
    const {left, right, top, bottom} = one.getClientRects()[0]
    const middle = (from, to, most) => (Math.max(from, 0) + Math.min(to, most)) / 2
    const over = document.elementFromPoint(
      middle(left, right, innerWidth), middle(top, bottom, innerHeight))
    return over !== null && (one.contains(over) || over.contains(one))
  }
  const stops = [...document.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex]')]
    .filter((one) => one.tabIndex >= 0 && one.checkVisibility({visibilityProperty: true}))
  const plain = new Map(stops.map((one) => [one, look(one)]))
  stops[1].focus()  // a page may put the focus elsewhere, as on its error summary
  window.reached = []
  document.addEventListener('focusin', ({target: one}) => window.reached.push(
    {stop: stops.indexOf(one), shown: look(one) !== plain.get(one), seen: seen(one),
     html: one.outerHTML.slice(0, 200)}))
  return stops.length
}"""
"""Note what comes to have the focus: which of the elements that should, in the order of the page,
whether it looks other than before, and whether it lies in sight and under nothing else."""
CONTROLS = """() => [...document.querySelectorAll('a[href], button, input, select, textarea')]
  .filter((one) => one.type !== 'hidden' && one.checkVisibility({visibilityProperty: true}))
  .map((one) => (one.id || one.getAttribute('href') || '') + ' ' + one.textContent.trim())"""
SENT = """() => ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, one) => sum + one.transferSize, 0)"""
"""The bytes of a page with what it shows of the record: a chart is drawn anew with its figures."""
TRANSFERRED = """() => performance.getEntriesByType('resource')
  .filter((one) => one.transferSize > 0).map((one) => one.name)"""


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


@pytest.fixture
def page(chromium: Chromium, service: Service) -> Generator[Page]:
    context = chromium.new_context(base_url=service.url, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def tabbed(page: Page) -> tuple[int, list[dict[str, Any]]]:
    """How many elements Tab should reach, and what it did reach."""
    stops = int(page.evaluate(WATCH))
    for key in ["Shift+Tab", *["Tab"] * (stops - 1)]:
        page.keyboard.press(key)
    return stops, page.evaluate("window.reached")


@pytest.mark.parametrize(
    ("name", "size"),
    [*((name, DESKTOP) for name in PAGES), *((name, PHONE) for name in ("register", "a life"))],
)
def test_tab_reaches_every_control_in_page_order_with_visible_focus(
    page: Page, lived: Published, name: str, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    page.goto(address_of(PAGES[name], lived))
    stops, reached = tabbed(page)
    assert stops > 5, "each page has its navigation"
    assert [one["stop"] for one in reached] == [*range(stops)]
    assert [one["html"] for one in reached if not one["shown"]] == []
    assert [one["html"] for one in reached if not one["seen"]] == [], "out of sight, or covered"


def test_the_focus_check_catches_missed_hidden_or_unmarked_controls(page: Page) -> None:
    page.set_content(
        "<style>#plain:focus { outline: none }</style>"
        "<a href=w tabindex=1>w</a><a id=plain href=x>x</a><a href=y tabindex=2>y</a>"
        "<a href=z style='position: fixed; bottom: 0'>z</a>"
        "<p style='position: fixed; inset: auto 0 0; height: 90px; margin: 0; z-index: 1'>over</p>"
    )
    _, reached = tabbed(page)
    assert [one["stop"] for one in reached] == [2, 1, 3]
    assert [one["shown"] for one in reached] == [True, False, True]
    assert [one["seen"] for one in reached] == [True, True, False]


def test_every_page_is_complete_on_a_phone_without_scripts(
    chromium: Chromium, page: Page, service: Service, lived: Published
) -> None:
    context = chromium.new_context(
        base_url=service.url, java_script_enabled=False, viewport=PHONE, reduced_motion="reduce"
    )
    plain = context.new_page()
    page.set_viewport_size(PHONE)
    for path in PAGES.values():
        for each in (page, plain):
            each.goto(address_of(path, lived))
        missing = {*page.evaluate(CONTROLS)} - {*plain.evaluate(CONTROLS)}
        assert {one for one in missing if one.strip() != "Menu"} == set(), path
        assert shown(page) <= shown(plain), path
    context.close()


def shown(page: Page) -> set[str]:
    """The words that can be read, but for the reference of a problem, which is new each time."""
    words = page.locator("main").inner_text().split()
    return {word for word in words if not re.fullmatch(r"[0-9a-f]{32}\.?", word)}


def test_a_revisited_page_transfers_only_itself(page: Page, lived: Published) -> None:
    page.goto("/")
    assert page.evaluate(TRANSFERRED), "the first time, its files as well"
    for path in PAGES.values():
        page.goto(address_of(path, lived))
        files = [url for url in page.evaluate(TRANSFERRED) if "/charts/" not in url]
        assert files == [], path
        sent = page.evaluate(SENT)
        assert 0 < sent < PAGE_BYTES_MAX, path


def test_going_back_after_sign_out_shows_no_signed_in_page(
    page: Page, make_database: Database
) -> None:
    """Fails when `no-store`, `Vary: Cookie` and `Clear-Site-Data` are all gone; one is enough.

    Chromium's cache of whole pages to go back to is switched off by Playwright, and not tried here.
    """
    page.goto("/sign-in/link")
    page.get_by_label("Paste the link").fill(make_link(make_database.conninfo(OWNER), INSPECTOR))
    page.get_by_role("button", name="Sign in").click()
    for path in ("/forces", "/recommendations"):
        page.goto(path)
        assert page.get_by_text("Signed in as inspector").is_visible()
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading", name="You are signed out").is_visible()
    for _ in range(3):
        page.go_back()
        assert page.get_by_text("Signed in").count() == 0, page.url
