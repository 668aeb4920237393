"""Every kind of page with its longest texts: on a phone, in print, and for everybody.

With `--long`, every page that shows something on record, in the corpus, in the training world and
with the longest texts. Of forms (one for each field of each step, for whoever may give it) and of
lists chosen by filters, which have no end, the longest of a few for each form, field and set of
parameters.
"""

import re
from collections import Counter
from collections.abc import Generator, Iterator
from hashlib import sha256

import pytest
from httpx import Response
from msgspec import Struct
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from adapters.postgres.database import Database
from domain.vocabulary.actors import Actor
from tests.browser.test_pages import overflow, violations
from tests.support.data.examples import ADMIN, ESSEX, INSPECTOR
from tests.support.data.longest import LINE, WORD, record_longest
from tests.support.served.browser import Browser
from tests.support.served.chromium import PHONE
from tests.support.served.crawl import crawl
from tests.support.served.printed import lost_in_print, times
from tests.support.served.serving import AUDITOR, ESSEX_BODY, PUBLISHER, Served, Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]

READ = 5
"""The most pages of one kind that are read to choose the longest from."""
EVERY = 10_000
"""More pages than there are of a kind."""
UNSEEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
EVERYBODY: tuple[Actor | None, ...] = (
    None, INSPECTOR, ESSEX, ESSEX_BODY, AUDITOR, ADMIN, PUBLISHER,
)  # fmt: skip
OWN = {"/work", "/recommendations/{id}"}
"""Pages that say something else to each who is signed in."""
FORM = "form[method=post]:not([action^='/sign-'])"
FILL = """(texts) => {
  for (const one of document.querySelectorAll('main textarea')) one.value = texts.word
  for (const one of document.querySelectorAll('main input[type=text]'))
    if (one.inputMode !== 'numeric' && !/-(day|month|year|months)$/.test(one.id))
      one.value = texts.line
  for (const one of document.querySelectorAll('main select'))
    one.selectedIndex = one.options.length - 1
  for (const one of document.querySelectorAll('main .govuk-radios, main .govuk-checkboxes'))
    one.querySelector('input').checked = true
}"""


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


@pytest.fixture(scope="module")
def streams(service: Service) -> list[str]:
    return record_longest(service)


@pytest.fixture(scope="module")
def browsers(service: Service, make_database: Database) -> dict[Actor | None, Browser]:
    return {
        actor: Browser(service).sign_in(make_database, actor) if actor else Browser(service)
        for actor in EVERYBODY
    }


@pytest.fixture(scope="module")
def pages(
    request: pytest.FixtureRequest, browsers: dict[Actor | None, Browser], streams: list[str]
) -> dict[Actor | None, list[str]]:
    """The pages to look at as each actor: a page of each kind, with its longest text.

    At full length, all pages, but what somebody else sees just so.
    """
    every = bool(request.config.getoption("--long"))
    lives = [f"/recommendations/{stream}" for stream in streams]
    inside = [f"{life}/{page}" for life in lives for page in ("history", "correct")]
    chosen, kinds_of_others = dict[Actor | None, list[str]](), set[str]()
    contents = set[tuple[str, bytes]]()

    def most(kind: str) -> int:
        others = kind in kinds_of_others and kind not in OWN
        return EVERY if every and is_whole(kind) and not others else READ

    for actor, browser in browsers.items():
        reading = Reading(browser)
        kinds = crawl(
            reading.get,
            [*lives, "/", *(["/work", *inside] if actor else ["/sign-in", "/sign-in/link"])],
            most,
            closely=every,
        )
        lives = kinds["/recommendations/{id}"] if every else lives
        new = kinds.keys() - kinds_of_others | (OWN & kinds.keys())
        kinds_of_others |= new
        chosen[actor] = [
            page
            for kind in sorted(new)
            for page in kinds[kind][: None if every and is_whole(kind) else 1]
            if (page, reading.contents[page]) not in contents
        ]
        contents |= {(page, reading.contents[page]) for page in chosen[actor]}
    assert len(chosen[None]) > 30
    assert len(chosen[INSPECTOR]) > 15
    return chosen


def is_whole(kind: str) -> bool:
    """Whether every page of a kind is looked at, at full length: it shows what is on record."""
    is_form = "/record/" in kind or "/work/" in kind
    return not is_form and ("?" not in kind or kind.endswith("?page"))


class Reading:
    """Pages as somebody reads them, each with a digest of what it shows below its header."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.contents: dict[str, bytes] = {}

    def get(self, path: str) -> Response:
        answer = self._browser.get(path, Accept="text/html")
        shown = UNSEEN.sub("", answer.text[answer.text.find("<main") :])
        self.contents[path] = sha256(shown.encode()).digest()
        return answer


@pytest.fixture(scope="module")
def windows(
    chromium: Chromium, service: Service, browsers: dict[Actor | None, Browser]
) -> Generator[dict[Actor | None, Page]]:
    """A window of the browser for each actor."""
    made: dict[Actor | None, Page] = {}
    secure = {"url": service.url.replace("http:", "https:"), "secure": True}
    for actor, browser in browsers.items():
        context = chromium.new_context(
            base_url=service.url, reduced_motion="reduce", viewport=PHONE
        )
        for name, value in browser.cookies.items():
            context.add_cookies([{"name": name, "value": value, **secure}])  # type: ignore[typeddict-item]
        made[actor] = context.new_page()
    yield made
    for window in made.values():
        window.context.close()


def visits(
    windows: dict[Actor | None, Page], pages: dict[Actor | None, list[str]]
) -> Iterator[tuple[str, Page]]:
    for actor, paths in pages.items():
        for path in paths:
            answer = windows[actor].goto(path)
            assert answer is not None
            assert answer.status < 500, path
            yield f"{path} as {actor.role if actor else 'the public'}", windows[actor]


class Seen(Struct):
    """What is wrong with pages, by their addresses: each is opened once for all the checks."""

    narrow: dict[str, list[str]]
    printed: dict[str, list[str]]


@pytest.fixture(scope="module")
def seen(windows: dict[Actor | None, Page], pages: dict[Actor | None, list[str]]) -> Seen:
    seen = Seen({}, {})
    for path, window in visits(windows, pages):
        if faults := [*too_wide(window), *violations(window)]:
            seen.narrow[path] = faults
        if lost := lost_in_print(window):
            seen.printed[path] = lost
    return seen


def test_no_kind_of_page_scrolls_sideways_on_a_phone_or_lacks_access(seen: Seen) -> None:
    assert seen.narrow == {}


def too_wide(page: Page) -> list[str]:
    """By how much a page is wider than its window, and its parts that scroll sideways."""
    over = overflow(page)
    parts: list[str] = page.evaluate(
        "[...document.querySelectorAll('main, main *')].filter((one) =>"
        " ['auto', 'scroll'].includes(getComputedStyle(one).overflowX)"
        " && one.scrollWidth > one.clientWidth && !one.matches('textarea'))"
        ".map((one) => one.outerHTML.slice(0, 200))"
    )
    return [*([f"{over} pixels"] if over > 0 else []), *parts]


def test_a_printed_page_loses_no_column_and_no_folded_text(seen: Seen) -> None:
    assert seen.printed == {}


def test_forms_in_error_and_their_checks_fit_a_phone(
    windows: dict[Actor | None, Page], pages: dict[Actor | None, list[str]]
) -> None:
    wrong, headings = dict[str, object](), Counter[str]()
    forms = {actor: [path for path in paths if "/record" in path] for actor, paths in pages.items()}
    for path, window in visits(windows, forms):
        button = window.locator(f"main {FORM} button[name=then][value=check]")
        for texts in (None, {"word": WORD, "line": LINE[:40]}):
            if button.count() == 0:
                continue
            if texts:
                window.evaluate(FILL, texts)
            button.click()
            headings[window.inner_text("h1")] += 1
            if faults := [*too_wide(window), *violations(window)]:
                wrong[f"{path}, {'filled' if texts else 'empty'}"] = faults
    assert wrong == {}
    assert headings["Check your answers"] > 8, headings
    assert headings.total() > 2 * headings["Check your answers"], headings


def test_the_checks_of_width_and_print_catch_a_page_that_loses_text(chromium: Chromium) -> None:
    page = chromium.new_page(viewport=PHONE)
    wide = '<div style="overflow-x:auto"><p style="width:900px">wide</p></div>'
    page.set_content(f"<main>{wide}</main>")
    assert too_wide(page) == [wide]
    page.set_content("<main><details><summary>More</summary><p>Folded.</p></details></main>")
    assert lost_in_print(page) == ["Folded."]
    assert times("said:", ["said:whole.sa", "id:overleaf"]) == 2
    last = "<p style='width:900px;text-align:right'>Last.</p>"
    page.set_content(f"<main><div style='width:100px;overflow:hidden'>{last}</div></main>")
    assert lost_in_print(page) == ["Last."]
    page.close()
