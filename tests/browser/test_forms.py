"""Forms in a real browser: what is shown, where the focus stays, and the end of a session."""

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page

from adapters.postgres.database import Database
from tests.browser.test_work import signed_in
from tests.support.data.examples import INSPECTOR
from tests.support.served.browser import Browser
from tests.support.served.serving import Service, published

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def stream(service: Service) -> str:
    return published(service, "kent-forms-2026").recommendations[0]


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def context(
    chromium: Chromium, service: Service, request: pytest.FixtureRequest
) -> Generator[BrowserContext]:
    opened = chromium.new_context(base_url=service.url, java_script_enabled=request.param)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, make_database: Database) -> Page:
    return signed_in(context.new_page(), make_database, INSPECTOR)


def test_what_a_choice_makes_needless_is_not_shown(page: Page, stream: str) -> None:
    page.goto(f"/recommendations/{stream}/record/change_time_limit")
    months, day = page.locator("#time_limit-months"), page.locator("#time_limit-day")
    assert not months.is_visible()
    assert not day.is_visible()
    page.get_by_label("Within a number of months").check()
    assert (months.is_visible(), day.is_visible()) == (True, False)
    page.get_by_label("By a date").check()
    assert (months.is_visible(), day.is_visible()) == (False, True)
    page.goto(f"/recommendations/{stream}/record/close")
    replaced = page.get_by_label("Which recommendation replaces it?")
    assert not replaced.is_visible()
    page.get_by_label("A later recommendation replaces it").check()
    assert replaced.is_visible()
    page.get_by_label("What is this decision based on?").fill("So.")
    page.get_by_role("button", name="Continue").click()
    assert page.locator("#superseded_by-error").is_visible()
    page.get_by_label("It no longer applies").check()
    assert replaced.is_visible(), "what has an error stays shown"


def test_where_a_message_was_corrected_is_asked_only_if_it_was(
    page: Page, service: Service
) -> None:
    message = {"text": "A date is wrong.", "then": "record"}
    reference = Browser(service).post("/contact", message).headers["Location"].rpartition("/")[2]
    page.goto(f"/contacts/{reference}")
    place = page.get_by_label("If it was corrected, the address")
    assert not place.is_visible()
    page.get_by_label("Nothing needed to change").check()
    assert not place.is_visible()
    page.get_by_label("The record was corrected").check()
    assert place.is_visible()
    assert page.get_by_label("If it was corrected, the number of the step").is_visible()


def test_adding_another_recommendation_stays_where_one_is(page: Page) -> None:
    page.goto("/record/report")
    page.get_by_role("button", name="Add another recommendation").click()
    assert page.url.endswith("/record/report#r2")
    box = page.locator("#r2").bounding_box()
    assert box is not None
    assert -1 <= box["y"] < 720, "its fields are in sight"
    page.keyboard.press("Tab")
    assert page.locator("#r2-text:focus").count() == 1, "and next by keyboard"


def test_a_session_about_to_end_is_announced(
    chromium: Chromium, service: Service, make_database: Database, stream: str
) -> None:
    context = chromium.new_context(base_url=service.url)
    page = signed_in(context.new_page(), make_database, INSPECTOR)
    page.clock.install()
    page.goto(f"/recommendations/{stream}/record/comment")
    ends = page.locator("#session-ends")
    assert "You stay signed in until" in ends.inner_text()
    page.clock.fast_forward("29:00")
    assert ends.get_attribute("role") == "alert"
    assert "You will be signed out in two minutes." in ends.inner_text()
    context.close()
