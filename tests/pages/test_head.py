"""The head of every page: its address without what others appended, and the way to sign in."""

import re
from html import unescape
from urllib.parse import quote

import httpx
import psycopg
import pytest

from adapters.identity.links import make_link
from adapters.postgres.database import OWNER, PROJECTOR, Database
from api.http.problem_types import PROBLEM_TYPES
from api.pages.rendering.problem import TEXTS, TITLES
from api.pages.routes import PAGES
from projections.register.model import Register
from tests.pages.test_pages import HTML
from tests.support.data.examples import INSPECTOR, KENT
from tests.support.matrices import route_matrix
from tests.support.served.browser import Browser
from tests.support.served.serving import AUDITOR, Published, Service, published

APPENDED = (
    "fbclid=IwAR0&utm_source=news&utm_medium=email&gclid=1&gclid=2&x=&%F0%9F%90%99=%F0%9F%90%99"
)
"""What mail, social media and advertisements append to a link that is shared."""


@pytest.fixture(scope="module")
def kents(service: Service) -> Published:
    made = published(service, "kent-head-2026")
    assert service.get(f"/v1/recommendations?position={made.position}").is_success
    return made


def addresses(kents: Published) -> list[str]:
    return [
        "/", "/recommendations", "/recommendations?force=kent&open=true", "/reports", "/statements",
        "/forces", "/forces/kent", "/forces/kent?on=2026-01-31", "/areas", "/areas/investigation",
        "/progress", "/slippage", "/compare?on=2026-02-01&since=2026-01-01", "/restatement",
        "/search?q=kent", "/training", "/about", "/contact", "/sign-in", "/sign-in/link",
        f"/reports/{kents.id}", f"/recommendations/{kents.recommendations[0]}",
    ]  # fmt: skip


def with_more(path: str, more: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{more}"


def canonical(answer: httpx.Response) -> str | None:
    found = re.search(r'<link rel="canonical" href="([^"]*)">', answer.text)
    return unescape(found[1]) if found else None


def test_a_link_with_what_others_append_shows_the_page_it_shared(
    service: Service, kents: Published
) -> None:
    for path in addresses(kents):
        plain = service.client.get(path, headers=HTML)
        shared = service.client.get(with_more(path, APPENDED), headers=HTML)
        assert (shared.status_code, shared.text) == (200, plain.text), path
        assert "fbclid" not in shared.text


PAGES_OF = {INSPECTOR: 70, KENT: 40, AUDITOR: 50, None: 30}
"""The readers of pages, and how many pages they may read at least."""


@pytest.mark.slow
def test_every_page_that_somebody_may_read_ignores_what_others_append(
    service: Service, make_database: Database
) -> None:
    kents = route_matrix.prepare(service, make_database)
    addresses = [
        address
        for handler in PAGES
        for path in sorted(handler.paths)
        if "GET" in handler.http_methods
        and "{" not in (address := route_matrix.address_of(path, kents))
    ]
    for actor, least in PAGES_OF.items():
        browser = Browser(service)
        if actor:
            browser.sign_in(make_database, actor)
        read = 0
        for address in addresses:
            plain = browser.get(address, **HTML)
            if plain.status_code == 200 and plain.headers["Content-Type"].startswith("text/html"):
                shared = browser.get(with_more(address, "fbclid=1&utm_source=news"), **HTML)
                assert shared.status_code == 200, (actor, address)
                read += 1
        assert read >= least, (actor, read)


def test_a_page_names_its_address_without_what_others_append(
    service: Service, kents: Published
) -> None:
    for path in addresses(kents):
        answer = service.client.get(with_more(path, APPENDED), headers=HTML)
        address = canonical(answer)
        assert address is not None, path
        assert httpx.URL(address) == httpx.URL(service.url + path), path


def test_a_page_that_is_not_there_has_no_address_of_its_own(service: Service) -> None:
    for path in ("/nothing", "/forces/kent?on=soon"):
        assert canonical(service.client.get(path, headers=HTML)) is None


def test_a_bad_value_of_a_known_parameter_is_refused_in_words(
    service: Service, kents: Published
) -> None:
    for path in ("/forces/kent", "/progress", f"/recommendations/{kents.recommendations[0]}"):
        answer = service.client.get(f"{path}?{APPENDED}&on=soon", headers=HTML)
        assert answer.status_code == 400
        assert "The date must be today or in the past" in answer.text


def test_the_api_and_the_feeds_refuse_what_a_page_ignores(
    service: Service, kents: Published
) -> None:
    stream = kents.recommendations[0]
    for path in (
        "/v1/forces", "/v1/progress/kent", f"/v1/recommendations/{stream}", "/feeds/reports.atom",
    ):  # fmt: skip
        answer = service.get(f"{path}?utm_source=news")
        assert answer.json()["errors"][0]["parameter"] == "utm_source", path


# Signing in


def test_every_page_leads_to_signing_in_and_back(service: Service, kents: Published) -> None:
    for path in (*addresses(kents), "/nothing", "/forces/atlantis"):
        answer = service.client.get(path, headers=HTML)
        links = re.findall(r'href="(/sign-in[^"]*)">Sign in</a>', answer.text)
        if path.startswith("/sign-in"):
            assert links == [], path
            continue
        link = httpx.URL(unescape(links[0]))
        assert httpx.URL(link.params.get("return", "/")) == httpx.URL(path), path
        assert service.client.get(str(link), headers=HTML).status_code == 200, path


def test_a_person_with_a_link_comes_back_to_the_page_where_they_began(
    service: Service, make_database: Database
) -> None:
    browser, path = Browser(service), "/forces/kent?on=2026-01-31"
    asked = browser.get(f"/sign-in?return={quote(path)}", **HTML)
    hidden = re.search(r'name="return" value="([^"]*)"', asked.text)
    assert hidden
    code = make_link(make_database.conninfo(OWNER), INSPECTOR)
    form = {"code": code, "return": unescape(hidden[1])}
    signed_in = browser.post("/sign-in/link", form)
    assert (signed_in.status_code, signed_in.headers["Location"]) == (303, path)
    shown = browser.get(path, **HTML).text
    assert "Signed in as inspector" in shown
    assert ">Sign out</button>" in shown
    assert ">Sign in</a>" not in shown


def test_a_link_never_leads_to_another_site(service: Service, make_database: Database) -> None:
    for place in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
        code = make_link(make_database.conninfo(OWNER), KENT)
        answer = Browser(service).post("/sign-in/link", {"code": code, "return": place})
        assert answer.status_code == 400, place
        assert "Location" not in answer.headers


def test_the_page_for_signing_in_says_what_to_do_with_and_without_a_link(service: Service) -> None:
    for path in ("/sign-in", "/sign-in/link"):
        shown = service.client.get(path, headers=HTML).text
        for words in ("If you have a link", "Paste the link",
                      "If you do not have a link", "How to contact them", "There is no password",
                      "tracker signin-link --role inspector",
                      "trying its demonstration"):  # fmt: skip
            assert words in shown, (path, words)


# Problems


def test_a_page_that_is_not_there_says_so_in_the_words_of_a_reader(service: Service) -> None:
    for path in ("/nothing", "/recommendations/00000000-0000-4000-8000-000000000000"):
        shown = service.client.get(path, headers=HTML)
        assert shown.status_code == 404
        assert '<h1 class="govuk-heading-xl">Page not found</h1>' in shown.text
        assert "URL" not in shown.text
        assert service.client.get(path).json()["title"] == "Not found", "programs keep their words"


OF_PROGRAMS = {
    "invalid-token", "token-in-address", "unreadable", "removed", "misdirected", "not-ready",
    "unsupported-media-type", "key-reused", "head-too-large", "unknown-coding", "not-acceptable",
}  # fmt: skip
"""The problems that come from the API alone, or before anything is known of the request."""


def test_every_problem_that_a_page_can_have_is_put_in_words_of_its_own() -> None:
    assert {*TITLES} == {*PROBLEM_TYPES} - OF_PROGRAMS
    assert {*TEXTS} <= {*TITLES}


def test_a_list_that_is_behind_the_record_says_until_when_it_is_complete(
    service: Service, make_database: Database, kents: Published
) -> None:
    inspector = Browser(service).sign_in(make_database, INSPECTOR)
    pages = ("/recommendations", "/areas", "/slippage", "/search?q=children")
    assert "Figures as of" not in "".join(service.get(path).text for path in pages)
    with psycopg.connect(make_database.conninfo(PROJECTOR)) as held:
        held.execute("TABLE " + Register.tracking + " FOR UPDATE")
        made = published(service, "kent-behind-2026")
        assert service.get(f"/v1/statements?position={made.position}").is_success
        for path in pages[:2]:
            for page in (service.get(path), inspector.get(path)):
                assert re.search(
                    r"Figures as of \d+:\d\d[ap]m on \d+ \w+ \d{4}\. What was", page.text
                ), path
        for path in ("/statements", f"/reports/{kents.id}", f"/reports/{made.id}"):
            assert "Figures as of" not in service.get(path).text
    assert service.get(f"/v1/recommendations?position={made.position}").is_success
    assert "Figures as of" not in "".join(service.get(path).text for path in pages)
