"""Pages in a real browser: accessible, on a phone, by keyboard alone, without scripts."""

from collections.abc import Generator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page

from adapters.identity.links import make_link
from adapters.postgres.database import OWNER, Database
from api.http.cookies import SESSION
from tests.support.data.examples import INSPECTOR
from tests.support.served.chromium import DESKTOP, PHONE
from tests.support.served.serving import Published, Served, Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
"""The rules; all that passed is not listed, which takes as long as the check of a large page."""
PAGES = {
    "home": "/",
    "register": "/recommendations",
    "nothing found": "/recommendations?q=zebra",
    "typed wrong": "/recommendations?on-day=31&on-month=2&on-year=2023",
    "a life": "/recommendations/{}",
    "a past day": "/recommendations/{}?on-day=5&on-month=8&on-year=2022",
    "reports": "/reports",
    "a report": "/reports/{report}",
    "statements": "/statements",
    "a force with reports alone": "/forces/gwent",
    "a force with nothing": "/forces/kent",
    "forces": "/forces",
    "areas": "/areas",
    "measures": "/measures",
    "claims": "/claims",
    "late": "/late",
    "an area": "/areas/investigation",
    "an area without any": "/areas/police_detention?on=2014-05-01",
    "a force": "/forces/essex",
    "a force without any": "/forces/cumbria",
    "progress": "/progress",
    "board pack": "/board-pack",
    "data": "/data",
    "board pack of one": "/board-pack/training-ambleford?since=2025-06-30",
    "slippage": "/slippage",
    "slippage of one": "/slippage?force=essex",
    "search": "/search",
    "found": "/search?q=essex",
    "found nothing": "/search?q=zebra",
    "two days": "/compare?since=2018-06-30&on=2023-03-31",
    "two days asked wrong": "/compare?since=2023-04-01&on=2023-03-31",
    "a restated day": "/restatement?on=2023-03-31",
    "about": "/about",
    "how to verify": "/about/verify",
    "methodology": "/about/methodology",
    "contact": "/contact",
    "alerts": "/alerts",
    "stop messages": "/messages/unsubscribe/00000000-0000-4000-8000-000000000000",
    "views for SQL": "/data/sql",
    "a view for SQL": "/data/sql/recommendation_v1",
    "accessibility": "/about/accessibility",
    "training": "/training",
    "a list of training": "/recommendations?training=true",
    "a training force": "/forces/training-ambleford",
    "not there": "/nothing",
    "sign in": "/sign-in",
    "a link": "/sign-in/link",
}


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


@pytest.fixture
def context(chromium: Chromium, service: Service) -> Generator[BrowserContext]:
    made = chromium.new_context(base_url=service.url, reduced_motion="reduce")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def address_of(path: str, lived: Published) -> str:
    return path.format(lived.recommendations[0], report=lived.id)


def violations(page: Page) -> list[str]:
    axe: Any = Axe()
    found: list[dict[str, Any]] = axe.run(page, options=WCAG).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def overflow(page: Page) -> int:
    """How many pixels a page is wider than its window."""
    page.wait_for_load_state()
    root = "document.documentElement"
    return int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_every_page_is_accessible_at_every_width(
    page: Page, service: Service, lived: Published, path: str
) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text) if is_fault(message) else None)
    page.on("request", lambda request: asked.append(request.url))
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.goto(address_of(path, lived))
        assert violations(page) == [], size
        assert overflow(page) <= 0, size
    assert said == [], "no fault, and nothing that the policy of the page forbids"
    assert {url for url in asked if not url.startswith(service.url)} == set()


def is_fault(message: Any) -> bool:  # noqa: ANN401  the library's
    """An answer of 400 or 404 is said on the console too, and is meant."""
    return message.type in {"error", "warning"} and "Failed to load resource" not in message.text


def test_the_accessibility_check_catches_an_inaccessible_page(page: Page) -> None:
    page.set_content(
        "<html lang=en><title>x</title><main><h1>x</h1><input><img src=x>"
        "<p style='color:#aaa;background:#fff'>pale</p></main>"
    )
    found = {one.split(":")[0] for one in violations(page)}
    assert {"label", "image-alt", "color-contrast"} <= found
    page.set_viewport_size(PHONE)
    page.set_content("<p style='width:900px'>wide</p>")
    assert overflow(page) > 0


def test_a_reader_without_scripts_finds_the_overdue_items_of_a_force(
    chromium: Chromium, service: Service, lived: Published
) -> None:
    context = chromium.new_context(base_url=service.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Recommendations", exact=True).click()
    page.get_by_label("Force", exact=True).select_option("Essex Police")
    page.get_by_label("Overdue", exact=True).select_option("Overdue")
    page.get_by_role("button", name="Apply").click()
    assert page.locator("main li h3").count() == 1
    page.locator("main li h3 a").click()
    assert page.url.endswith(lived.recommendations[1])
    assert "overdue" in page.locator("main").inner_text().lower()
    context.close()


def test_a_reader_by_keyboard_finds_the_overdue_items_of_a_force(
    page: Page, lived: Published
) -> None:
    page.goto("/recommendations")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    reach(page, "force")
    page.keyboard.type("Essex")
    reach(page, "overdue")
    page.keyboard.type("Overdue")
    reach(page, "", text="Apply")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "force=essex" in page.url
    assert "overdue=true" in page.url
    reach(page, "", text="Do it.")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(lived.recommendations[1])


def reach(page: Page, identity: str, text: str | None = None) -> None:
    """Press Tab until something has the focus, and see that it shows so."""
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.id, e.textContent.trim(), s.outlineStyle + s.boxShadow] })()"
        )
        if found[0] == identity if identity else found[1] == text:
            assert found[2] != "nonenone", f"{identity or text} does not show that it has the focus"
            return
    raise AssertionError(f"{identity or text} is not reached by keyboard")


def test_a_person_signs_in_by_a_link_and_out_without_leaving_a_trace(
    page: Page, make_database: Database
) -> None:
    """Chromium takes a `Secure` cookie of http://127.0.0.1, which it trusts."""
    page.goto("/sign-in/link")
    page.get_by_label("Paste the link").fill(make_link(make_database.conninfo(OWNER), INSPECTOR))
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_text("Signed in as inspector").is_visible()
    assert [one.get("name") for one in page.context.cookies()] == [SESSION]
    assert violations(page) == []
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading", name="You are signed out").is_visible()
    assert page.context.cookies() == []
    page.go_back()
    page.reload()
    assert page.get_by_text("Signed in").count() == 0


def test_an_opened_link_fills_the_form_in_and_leaves_no_code_in_the_address(
    page: Page, make_database: Database
) -> None:
    page.goto("/forces/essex")
    page.get_by_role("link", name="Sign in").click()
    code = make_link(make_database.conninfo(OWNER), INSPECTOR)
    page.goto(f"/sign-in/link#{code}")
    assert page.get_by_label("Paste the link").input_value() == code
    assert page.get_by_text("Your link is filled in").is_visible()
    assert code not in page.url
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_text("Signed in as inspector").is_visible()


def test_results_begin_within_the_first_screen_of_a_phone_and_a_link_leads_to_the_filter(
    page: Page,
) -> None:
    page.set_viewport_size(PHONE)
    page.goto("/recommendations")
    first = page.locator("#list h3").first.evaluate("one => one.getBoundingClientRect().top")
    assert first < PHONE["height"]
    page.get_by_role("link", name="Filter this list").click()
    assert page.locator("#filter").evaluate("one => one.getBoundingClientRect().top") < 100


@pytest.mark.parametrize("path", ["/progress", "/forces/essex"])
def test_a_chart_is_drawn_under_the_page_policy_with_its_figures_in_words(
    page: Page, lived: Published, path: str
) -> None:
    assert lived.recommendations
    page.goto(path)
    charts = page.locator("img.tracker-chart").all()
    assert len(charts) == (6 if path == "/progress" else 4)
    for chart in charts:
        chart.scroll_into_view_if_needed()  # which is when it is loaded
        assert chart.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
        assert chart.get_attribute("alt")
    assert "No plan yet " in (charts[0].get_attribute("alt") or "")


def test_a_printed_page_has_the_text_without_filters_and_navigation(page: Page) -> None:
    page.emulate_media(media="print")
    page.goto("/recommendations")
    filters = page.locator(".tracker-filter").all()
    assert filters
    assert not any(one.is_visible() for one in filters)
    assert not page.locator(".govuk-service-navigation").is_visible()
    assert page.locator("main h1").is_visible()
