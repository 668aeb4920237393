"""Public pages: valid, small, without inline script or style, and with working links."""

import re
from collections import Counter
from datetime import UTC, date, datetime
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any, get_args
from urllib.parse import parse_qs, urldefrag, urlsplit
from xml.etree import ElementTree as ET

import html5lib
import pytest

from adapters.postgres.database import Database
from api.http.problems import PROBLEM_JSON
from api.pages.rendering import formatting, labels
from api.pages.rendering.assets import address_of, static
from domain.events.correspondence import RecommendationReply
from domain.events.recommendation import (
    ClosureDeclined,
    ClosureProposed,
    Corrected,
    DecisionConfirmed,
    NoteRedacted,
    OwnerNamed,
    RedactionApproved,
    SuppressionRequested,
    WithdrawalRequested,
    Withdrawn,
)
from domain.events.report import (
    ReportEvent,
    ReportMilestoneNoted,
    ReportOutcomeNoted,
    ReportSuppressionApproved,
)
from domain.recommendation.clocks import Clock
from domain.recommendation.deadlines import RULES
from domain.recommendation.evolve import REMARKS
from domain.recommendation.slippage import Slip
from domain.recommendation.state import Stage
from domain.recommendation.worklist import Work
from domain.vocabulary.actors import Role
from domain.vocabulary.dates import LONDON
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import (
    AREAS,
    CloseReason,
    Confidence,
    Finding,
    FollowUpKind,
    Grade,
    Kind,
    Milestone,
    Product,
    Reading,
    RedactionGround,
    RegisterStatus,
    ReviewOutcome,
    SaidBy,
    StoodAt,
    Wording,
)
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, issue
from tests.support.data.paged import LONG
from tests.support.served.browser import Browser
from tests.support.served.serving import (
    Published,
    Served,
    Service,
    command,
    published,
    serving,
    settings,
)

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGE_BYTES_MAX = 100_000
"""Of one page, without the files that a browser keeps."""
OF_ONE_QUESTION = 5
"""How many links are followed that ask an address for the same parameters."""
VENDORED = {
    "govuk-frontend.min.css": "6a516c9fc7188e515b6b405b1e9b70ff816ea53b70ab92ea8aea9cbaeb0f05b8",
    "govuk-frontend.min.js": "03560aaedbb42e58bbf21b212cc33c5c41bd58245264b48211090acb57f6997b",
}


class Outline(HTMLParser):
    """What of a page is looked at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.headings: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(tag)


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


def read(service: Service, path: str, status: int = 200) -> str:
    answer = service.client.get(path, headers=HTML)
    assert answer.status_code == status, (path, answer.text[:300])
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.text


FILES = (".pdf", ".zip", ".jsonld", ".ics")
"""How the address of a file ends that a page leads to."""
LINKED_DATA = "application/ld+json"
"""The type of an element `script` that is data, which no browser runs."""


def check(path: str, text: str) -> Outline:
    """What holds for every page."""
    parser: Any = html5lib.HTMLParser(strict=True)
    parser.parse(text)
    assert len(text.encode()) < PAGE_BYTES_MAX, path
    outline = Outline(text)
    assert outline.headings.count("h1") == 1, path
    levels = [int(heading[1]) for heading in outline.headings]
    assert all(after - before <= 1 for before, after in pairwise([1, *levels])), (path, levels)
    assert len(outline.ids) == len(set(outline.ids)), path
    for tag, found in outline.tags:
        assert tag != "style", path
        assert not any(name == "style" or name.startswith("on") for name in found), (path, found)
        assert tag != "script" or found.get("src") or found.get("type") == LINKED_DATA, path
    assert outline.tags[0][1].get("lang") == "en-GB" or outline.tags[1][1].get("lang") == "en-GB"
    return outline


@pytest.mark.slow
@pytest.mark.usefixtures("lived")
def test_every_link_leads_to_a_valid_and_small_page(service: Service) -> None:
    seen: dict[str, Outline] = {}
    asked = Counter[tuple[str, ...]]()
    todo = ["/", "/sign-in", "/sign-in/link"]
    titles: dict[str, str] = {}
    while todo:
        path = todo.pop()
        parts = urlsplit(path)
        question = (parts.path, *parse_qs(parts.query))
        if path in seen or (parts.query and asked[question] == OF_ONE_QUESTION):
            continue
        asked[question] += 1
        text = read(service, path)
        seen[path] = check(path, text)
        titles[path] = re.findall(r"<title>(.*?)</title>", text, re.DOTALL)[0]
        for link in seen[path].links:
            address, anchor = urldefrag(link)
            if anchor and not address:
                assert anchor in seen[path].ids, (path, anchor)
            is_page = address.startswith("/") and not address.startswith(
                ("/v1/", "/odata/", "/static/", "/feeds/", "/charts/")
            )
            if is_page and not urlsplit(address).path.endswith(FILES):
                todo.append(address)
    assert len(seen) > 150, "a report, recommendation and force each has a page"
    assert all(title.endswith("Recommendation Tracker") for title in titles.values())


def test_an_error_is_a_page_for_browsers_and_a_problem_for_programs(
    service: Service,
) -> None:
    for path, status in (("/nothing", 404), ("/forces/atlantis", 404), ("/reports/x", 404)):
        check(path, read(service, path, status))
        plain = service.client.get(path)
        assert (plain.status_code, plain.headers["Content-Type"]) == (status, PROBLEM_JSON)
    for path in ("/v1/nothing", "/health/nothing"):
        answer = service.client.get(path, headers=HTML)
        assert answer.headers["Content-Type"] == PROBLEM_JSON, "an interface is for programs"
    refused = service.client.request("DELETE", "/forces", headers=HTML)
    assert refused.status_code == 405
    assert refused.headers["Allow"] == "GET, HEAD, OPTIONS"
    check("/forces", refused.text)


def test_a_fault_page_shows_a_reference_and_no_internals(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.public.about.pages.RULES", None)
    answer = service.client.get("/about/methodology", headers=HTML)
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text
    assert not re.search(r"Traceback|NoneType|\.py|jinja", answer.text)
    check("/about/methodology", answer.text)


@pytest.mark.parametrize(
    ("query", "field", "text"),
    [
        ("on-day=31&on-month=2&on-year=2023", "on-day", "enter a day from 1 to 28, as February"),
        ("on-day=1&on-month=&on-year=2023", "on-month", "enter the month too"),
        ("on-day=1&on-month=1&on-year=99999999999999999999", "on-year", "year in 4 digits"),
        ("on-day=1&on-month=1&on-year=2199", "on-day", "must be today or in the past"),
        ("on=soon", "on-day", "must be today or in the past"),
        ("force=atlantis", "force", "Choose a force from the list"),
        ("stage=finished", "stage", "Choose a stage from the list"),
        ("q=" + "a" * 201, "q", "Enter words of up to 200 characters"),
    ],
)
def test_a_filter_error_is_shown_beside_its_field_with_the_input_kept(
    service: Service, query: str, field: str, text: str
) -> None:
    shown = read(service, f"/recommendations?{query}", 400)
    outline = check(query, shown)
    assert f'href="#{field}"' in shown
    assert field in outline.ids
    assert text in shown
    assert "<title>Error: " in shown
    assert not re.search(r'href="/recommendations/[0-9a-f]', shown), "not a list of all instead"
    for name, value in (part.split("=") for part in query.split("&")):
        if name.startswith("on-") and value:
            assert f'name="{name}"' in shown
            assert f'value="{value}"' in shown


def test_every_page_of_a_day_reports_an_error_in_the_day(
    service: Service, lived: Published
) -> None:
    for path in (
        "/progress",
        "/forces/essex",
        f"/reports/{lived.id}",
        f"/recommendations/{lived.recommendations[0]}",
    ):
        shown = read(service, f"{path}?on-day=1&on-month=1&on-year=2199&x=1", 400)
        check(path, shown)
        assert 'href="#on-day' in shown


def test_a_page_of_a_past_day_shows_no_later_steps(service: Service, lived: Published) -> None:
    assert "Closed by the inspectorate" in read(service, f"/reports/{lived.id}")
    for path in (f"/reports/{lived.id}", "/forces/essex"):
        shown = read(service, f"{path}?on=2022-08-05")
        check(path, shown)
        assert "No action plan yet" in shown
        assert "Closed by the inspectorate" not in shown


def test_a_page_as_known_at_a_moment_shows_no_later_knowledge(service: Service) -> None:
    for path in ("/reports", "/recommendations", "/forces/essex"):
        shown = read(service, f"{path}?known_at=2020-01-01T00:00:00Z")
        assert not re.search(r'href="/re(ports|commendations)/[0-9a-f]', shown), path


def test_a_signed_in_person_is_not_shown_an_earlier_cached_page(
    service: Service, make_database: Database, lived: Published
) -> None:
    path = f"/recommendations/{lived.recommendations[0]}?on=2022-08-05"
    before = service.client.get(path, headers=HTML)
    browser = Browser(service).sign_in(make_database, KENT)
    after = browser.get(path, **{**HTML, "If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "Signed in" in after.text


def test_an_empty_filter_form_lists_everything(service: Service) -> None:
    empty = "q=&force=&area=&stage=&kind=&overdue=&claimed=&on-day=&on-month=&on-year="
    plain, asked = (
        # Who signed in before is on record, and may be told of between the two.
        re.sub(r"up to number \d+", "", read(service, path))
        for path in ("/recommendations", f"/recommendations?{empty}")
    )
    assert asked == plain


def test_a_link_to_a_past_day_fills_in_its_fields(service: Service) -> None:
    shown = read(service, "/recommendations?on=2023-03-05")
    assert "As at 5 March 2023" in shown
    for name, value in (("on-day", "5"), ("on-month", "3"), ("on-year", "2023")):
        assert re.search(rf'name="{name}"[^>]*value="{value}"', shown), name


@pytest.mark.slow
def test_a_page_can_be_shown_as_known_at_the_end_of_a_day(service: Service) -> None:
    fields = "known-day=31&known-month=3&known-year=2026"
    for path in ("/recommendations", "/progress", "/forces/essex", "/areas", "/reports"):
        shown = read(service, f"{path}?{fields}")
        check(path, shown)
        assert "known on 31 March 2026 at 11:59pm" in unescape(shown), path
        assert not re.search(r'href="/re(ports|commendations)/[0-9a-f]', shown), path
        assert re.search(r'name="known-day"[^>]*value="31"', shown), path
    day = datetime.now(UTC).astimezone(LONDON).date()
    now = f"known-day={day.day}&known-month={day.month}&known-year={day.year}"
    assert "known on" not in read(service, f"/progress?{now}"), "today all is known"
    for wrong, field in (
        ("known-day=31&known-month=2&known-year=2026", "known-day"),
        ("known-day=1&known-month=1&known-year=2199", "known-day"),
        ("known-day=31&known-month=12&known-year=9999", "known-year"),
        ("known_at=soon", "known-day"),
    ):
        shown = read(service, f"/progress?{wrong}", 400)
        check(wrong, shown)
        assert f'href="#{field}"' in shown, wrong


def test_the_register_page_is_paged(service: Service) -> None:
    path, found = "/recommendations?kind=recommendation", list[str]()
    for _ in range(10):
        outline = check(path, read(service, path))
        found += [link for link in outline.links if re.match(r"/recommendations/[0-9a-f]", link)]
        following = re.search(r'href="([^"]*)" rel="next"', read(service, path))
        if not following:
            break
        path = following[1].replace("&amp;", "&")
    listed = service.get("/v1/recommendations?kind=recommendation&limit=500").json()["items"]
    assert found == [f"/recommendations/{item['id']}" for item in listed]
    second = read(service, "/recommendations?kind=recommendation&page=2")
    assert f"Showing 21 to {min(40, len(listed))} of {len(listed)}" in second
    assert "Sorted by reference." in second
    assert 'rel="prev"' in second


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize(
    ("path", "filters"),
    [
        ("/recommendations", "kind=recommendation"),
        ("/late", "force=essex"),
        ("/claims", "force=kent"),
    ],
)
def test_a_list_is_sorted_as_its_reader_chooses(service: Service, path: str, filters: str) -> None:
    """The order stays with the filters, the pages, the form and the files."""
    if path == "/claims":  # of one there is no order
        made = published(service, "kent-claims-2026", issue(), issue(ordinal=2))
        for stream in made.recommendations:
            claim = command(service, stream, KENT, "claim_completion", evidence="Seen.")
            service.get(f"/v1/claims?position={claim.json()['position']}")
    first = read(service, f"{path}?{filters}")
    links = re.findall(
        rf'href="({path}\?[^"]*order=[a-z]+)"[^>]*>(?:<span.*?</span>)?([^<]+)', first
    )
    assert len(links) > 1
    for link, words in links:
        page = read(service, address := unescape(link))
        order = parse_qs(urlsplit(address).query)["order"][0]
        expected = service.get(f"/v1{path}?{filters}&order={order}").json()["items"]
        shown = re.findall(r'href="/recommendations/([0-9a-f-]{36})"', page)
        assert shown[:5] == [item["id"] for item in expected[:5]], address
        assert f"Sorted by {words}." in page
        assert f'<input type="hidden" name="order" value="{order}">' in page
        leading = check(address, page).links
        for begin in (f"/v1{path}.csv?", f"{path}?page=2" if path == "/recommendations" else ""):
            kept = [to for to in leading if begin and to.startswith(begin)]
            assert all(filters in to and f"order={order}" in to for to in kept)
            assert kept or not begin, leading
    assert "cannot be sorted in that way" in read(service, f"{path}?order=colour", 400)


def test_a_past_day_keeps_the_order_of_its_list(service: Service) -> None:
    query = "order=newest&on=2022-06-30"
    page = read(service, f"/recommendations?{query}")
    assert "Sorted by date of issue, newest first." in page
    assert "/recommendations?on=2022-06-30&amp;page=2&amp;order=newest" in page


def test_the_files_of_a_page_have_the_order_of_the_page(service: Service) -> None:
    for path in ("/reports", "/statements"):
        assert f'href="/v1{path}.csv?order=newest"' in read(service, path)


def test_reports_are_shown_newest_first_by_year_and_paged(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def years(text: str) -> list[str]:
        return re.findall(r'<h2 class="govuk-heading-l">(.*?)</h2>', text)

    whole = read(service, "/reports")
    listed = re.findall(r'href="/reports/([0-9a-f-]{36})"', whole)
    known = [year for year in years(whole) if year.isdigit()]
    assert known == sorted(set(known), reverse=True)
    assert known[-1] == "2013"
    assert years(whole)[: len(known)] == known, "what has no date stands at the end"
    monkeypatch.setattr("api.pages.public.recommendations.REPORTS_SHOWN", 7)
    path, found, pages = "/reports", list[str](), 1
    while path:
        outline = check(path, text := read(service, path))
        found += re.findall(r'href="/reports/([0-9a-f-]{36})"', text)
        pages += 1
        path = next((link for link in outline.links if link.endswith(f"page={pages}")), "")
    assert found == listed
    assert f"Showing 1 to 7 of {len(listed)}" in read(service, "/reports")
    assert "Sorted by newest first." in read(service, "/reports")
    references = service.get("/v1/reports?limit=500").json()["items"]
    by_reference = read(service, "/reports?order=reference")
    assert re.findall(r'href="/reports/([0-9a-f-]{36})"', by_reference) == [
        item["id"] for item in references[:7]
    ]
    thematic = service.get("/v1/reports?limit=500&product=thematic").json()["items"]
    shown = read(service, "/reports?product=thematic")
    assert {item["id"] for item in thematic} == {
        *re.findall(r'href="/reports/([0-9a-f-]{36})"', shown)
    }
    assert thematic


def test_slippage_is_sorted_by_force_or_by_a_count(service: Service) -> None:
    forces = service.get("/v1/slippage").json()["forces"]
    shown = {code: counts for code, counts in forces.items() if counts["total"]}
    by_name = sorted(shown, key=lambda code: ADDRESSEES[code].name)
    for order, expected in (
        ("", by_name),
        ("?order=total", sorted(by_name, key=lambda code: -shown[code]["total"])),
        ("?order=reopened", sorted(by_name, key=lambda c: -(shown[c]["slipped"]["reopened"] or 0))),
    ):
        page = read(service, f"/slippage{order}")
        check(f"/slippage{order}", page)
        assert re.findall(r'"rowheader"><a [^>]*href="/forces/([a-z-]+)', page) == expected
        assert f"Showing all {len(shown)}" in page
    assert "Sorted by force." in read(service, "/slippage")
    assert read(service, "/slippage?order=colour", 400)


def test_every_active_filter_is_shown_and_can_be_removed(
    service: Service, lived: Published
) -> None:
    query = (
        f"q=response&report={lived.id}&force=essex&area=investigation&topic=record_keeping"
        "&stage=closed&open=false&reason=verified&kind=recommendation&overdue=false"
        "&due_before=2026-01-01&claimed=true"
        "&on=2024-01-02&known_at=2026-01-01T00:00:00Z"
    )
    shown = read(service, f"/recommendations?{query}")
    check(query, shown)
    taken = re.findall(r'href="([^"]*)"><span class="govuk-visually-hidden">Remove filter', shown)
    names = [part.split("=")[0] for part in query.split("&")]
    assert len(taken) == len(names)
    for name in names:
        left = [link for link in taken if name not in parse_qs(urlsplit(unescape(link)).query)]
        assert len(left) == 1, f"one link takes off {name}, and it alone"
    for name in ("report", "topic", "reason", "due_before"):
        assert re.search(rf'type="hidden" name="{name}"', shown), "the form keeps it"


def test_a_recommendation_page_shows_its_state_and_only_published_text(
    service: Service, lived: Published
) -> None:
    shown = read(service, f"/recommendations/{lived.recommendations[0]}")
    for text in ("Closed by the inspectorate", "Inspectors verified that it is done",
                 "The force said that it is done", "Followed up: met", LONG,
                 "&lt;b&gt;Yes&lt;/b&gt;"):  # fmt: skip
        assert text in shown, text
    for hidden in (INSPECTOR.id, ESSEX.id, "It is.", "Seen.", "We will."):
        assert hidden not in shown, hidden
    before = read(
        service,
        f"/recommendations/{lived.recommendations[0]}?on-day=5&on-month=8&on-year=2022",
    )
    assert "As at the end of 5 August 2022." in before
    assert "No action plan yet" in before


@pytest.mark.usefixtures("lived")
def test_the_figures_of_the_home_page_are_those_of_the_api(service: Service) -> None:
    board = service.get("/v1/progress").json()["national"]
    home = read(service, "/")
    numbers = [int(one) for one in re.findall(r'__number">(\d+)<', home)]
    overdue = [board["overdue"]] if board["limited"] else []
    assert numbers == [
        board["total"], board["stages"]["not_known"], board["open"], *overdue, board["claimed"],
        board["stages"]["closed"],
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize(
    "path",
    [
        "/progress",
        "/progress?on=2023-03-31",
        "/forces/essex",
        "/slippage",
        "/slippage?on=2023-03-31",
        "/",
        "/areas",
        "/areas/n-a",
        "/areas/investigation?on=2023-03-31",
    ],
)
def test_every_figure_leads_to_as_many_recommendations(service: Service, path: str) -> None:
    shown = read(service, path)
    figures = re.findall(r'data-head="[^"]*"><a class="govuk-link" href="([^"]+)">(\d+)</a>', shown)
    figures += [
        (address, number)
        for number, address in re.findall(r'__number">(\d+)</span> <a [^>]*href="([^"]+)"', shown)
    ]
    assert len(figures) > 3
    for address, number in figures:
        query = parse_qs(urlsplit(unescape(address)).query)
        params = {name: values[0] for name, values in query.items()}
        listed = service.get("/v1/recommendations", params={"limit": "500", **params})
        assert len(listed.json()["items"]) == int(number), address


def test_a_past_year_is_shown_by_its_last_month(service: Service) -> None:
    """A month for each of twenty years would be more than a page may have."""
    shown = read(service, "/progress")
    days = re.findall(r'<th scope="row"[^>]*>(\d+ \w+ \d{4})</th>', shown)
    assert 24 < len(days) < 42
    assert "31 December 2018" in days
    assert "30 November 2018" not in days
    assert days[0] == formatting.day(datetime.now(UTC).astimezone(LONDON).date())


def test_a_public_page_is_cacheable_and_sent_again_only_if_changed(service: Service) -> None:
    for path in ("/", "/recommendations", "/progress"):
        first = service.client.get(path, headers=HTML)
        assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        again = service.client.get(path, headers={**HTML, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_page_shows_who_is_signed_in_and_a_sign_out_button(
    service: Service, make_database: Database
) -> None:
    browser = Browser(service).sign_in(make_database, KENT)
    shown = browser.get("/").text
    check("/", shown)
    assert "Signed in as force liaison, Kent Police" in shown
    token = re.findall(r'name="_csrf" value="([^"]+)"', shown)[0]
    left = browser.post("/sign-out", {"_csrf": token})
    check("/sign-out", left.text)
    assert "Signed in" not in left.text
    assert "Signed in" not in browser.get("/").text


def test_the_feed_of_reports_lists_the_newest(service: Service, make_database: Database) -> None:
    def feed(of: Service, path: str) -> ET.Element:
        answer = of.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("application/atom+xml")
        return ET.fromstring(answer.content)  # noqa: S314  our own

    name = "{http://www.w3.org/2005/Atom}"
    found = feed(service, "/feeds/reports.atom")
    reports = {
        f"/reports/{item['id']}" for item in service.get("/v1/reports?limit=500").json()["items"]
    }
    linked = [link.attrib["href"] for link in found.iterfind(f"{name}entry/{name}link")]
    assert len(linked) >= 20
    assert {link.removeprefix(service.url) for link in linked} <= reports
    for one in (found, *found.iter(f"{name}entry")):
        for part in ("id", "title", "updated", "link"):
            assert one.find(f"{name}{part}") is not None, part
    for entry in feed(service, "/feeds/reports.atom?force=essex").iter(f"{name}entry"):
        for link in entry.iter(f"{name}link"):
            assert service.client.get(link.attrib["href"], headers=HTML).status_code == 200
        assert "Essex Police" in str(entry.findtext(f"{name}summary"))
    for query in ("force=atlantis", "on=2020-01-01"):
        assert service.client.get(f"/feeds/reports.atom?{query}").status_code == 400
    chosen = settings(TRACKER_PUBLIC_URL="https://tracker.example")
    with serving(make_database, keep=False, chosen=chosen) as other:
        links = [
            link.attrib["href"] for link in feed(other, "/feeds/reports.atom").iter(f"{name}link")
        ]
    assert all(link.startswith("https://tracker.example/") for link in links)


@pytest.mark.slow
def test_the_contact_page_names_the_contact_if_there_is_one(
    service: Service, make_database: Database
) -> None:
    shown = read(service, "/contact")
    check("/contact", shown)
    assert "You can also" not in shown
    for address, link in (
        ("help@tracker.example", "mailto:help@tracker.example"),
        ("https://tracker.example/help", "https://tracker.example/help"),
    ):
        chosen = settings(TRACKER_CONTACT=address)
        with serving(make_database, keep=False, chosen=chosen) as other:
            shown = read(other, "/contact")
        check("/contact", shown)
        assert f'href="{link}">{address}</a>' in shown
        assert "You can also" in shown


# Files


def test_a_static_file_is_immutable_under_its_versioned_address(
    service: Service, make_database: Database
) -> None:
    browser = Browser(service).sign_in(make_database, KENT)
    for name in static():
        for answer in (service.client.get(address_of(name)), browser.get(address_of(name))):
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["/static/0/tracker.css", "/static/{}/nothing.css", "/static/{}/..%2fpage.py",
     "/static/{}/../templates/layout.html", "/static/{}", "/static/{}/tracker.css/x"],
)  # fmt: skip
def test_only_static_files_are_served_below_their_path(service: Service, path: str) -> None:
    version = address_of("tracker.css").split("/")[2]
    assert service.client.get(path.format(version)).status_code == 404


def test_the_vendored_design_system_files_are_unchanged() -> None:
    for name, digest in VENDORED.items():
        content = static()[name].content
        assert sha256(content).hexdigest() == digest
        assert not re.search(rb"GDS Transport|@font-face|crest|sourceMappingURL", content)


# Words


def test_every_code_has_a_label() -> None:
    assert (
        set(labels.STAGES)
        == set(labels.STAGES_SHORT)
        == set(labels.STAGE_MEANS)
        == {*Stage} - {Stage.ABSENT}
    )
    assert set(labels.KINDS) == {*Kind}
    assert set(labels.AREAS) == {area for areas in AREAS.values() for area in areas}
    assert set(labels.PRODUCTS) == {*Product}
    assert set(labels.FINDINGS) == {*Finding}
    assert set(labels.FINDINGS_SHORT) == {*Finding, "not_known"}
    assert set(labels.REGISTER_STATUSES) == {*get_args(RegisterStatus)}
    assert set(labels.CLOSED) == {*CloseReason}
    assert set(labels.FOLLOW_UPS) == {*FollowUpKind}
    assert set(labels.WORK) == {*Work}
    assert set(labels.SLIPS) == {*Slip}
    assert set(labels.GROUNDS) == {*get_args(RedactionGround)}
    assert set(labels.SAID_BY) == {*get_args(SaidBy)}
    assert set(labels.READINGS) == {*get_args(Reading)}
    assert set(labels.WORDINGS) == {*get_args(Wording)}
    assert set(labels.GRADES) == {*get_args(Grade)}
    assert set(labels.CONFIDENCE) == {*get_args(Confidence)}
    assert set(labels.HANDS) == {*Stage, "unmet", "immediate"} - {Stage.ABSENT}
    assert set(labels.PARTIES) == {*get_args(SaidBy)}
    assert set(labels.MILESTONES) == {*Milestone}
    assert set(labels.STANDINGS) == {*StoodAt}
    assert set(labels.OUTCOMES) == {*get_args(ReviewOutcome)}
    assert set(labels.REGISTER_STATUSES) == {*get_args(RegisterStatus)}
    told = {ReportOutcomeNoted, ReportMilestoneNoted, ReportSuppressionApproved}
    of_reports = {*get_args(ReportEvent)} - told
    untold = (
        *REMARKS,
        OwnerNamed,
        ClosureProposed,
        ClosureDeclined,
        DecisionConfirmed,
        *of_reports,
    )
    about = (
        *(Corrected, WithdrawalRequested, Withdrawn, NoteRedacted, RedactionApproved),
        SuppressionRequested,
        *get_args(RecommendationReply),
    )
    assert set(labels.REMARKS) == {one.__name__ for one in (*untold, *about)}
    assert set(labels.CLOCKS) == {*RULES}
    assert set(labels.ROLES) == {*Role} - {Role.PUBLIC}
    states = Clock.__annotations__["state"].__args__
    assert set(labels.CLOCK_STATES) == {*states}


def test_dates_are_shown_as_precisely_as_they_are_known() -> None:
    assert formatting.day("2026-03-05") == formatting.day(date(2026, 3, 5)) == "5 March 2026"
    assert formatting.day("2026-03") == "March 2026"
    assert formatting.day("2026") == "2026"
    assert formatting.day("unknown") == "on an unknown date"
    assert formatting.moment(datetime(2026, 7, 1, 23, 5, tzinfo=UTC)) == "2 July 2026 at 12:05am"
    assert formatting.moment(datetime(2026, 1, 1, 12, 0, tzinfo=UTC)) == "1 January 2026 at 12:00pm"


def test_a_chart_states_the_figures_of_the_table_and_holds_no_script(service: Service) -> None:
    answer = service.client.get("/charts/stages.svg")
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    drawn = ET.fromstring(answer.content)  # noqa: S314 - our own
    name = "{http://www.w3.org/2000/svg}"
    assert drawn.find(f"{name}title") is not None
    assert not list(drawn.iter(f"{name}script"))
    assert not [key for one in drawn.iter() for key in one.attrib if key.endswith("href")]
    board = service.get("/v1/progress").json()
    for path, counts in (("", board["national"]), ("?force=essex", board["forces"]["essex"])):
        texts = service.client.get(f"/charts/stages.svg{path}")
        said = {one.text for one in ET.fromstring(texts.content).iter(f"{name}text")}  # noqa: S314
        stages = counts["stages"].items()
        assert {f"{labels.STAGES_SHORT[stage]}: {number or 0}" for stage, number in stages} <= said
        assert service.client.get(f"/charts/stages.svg{path}").content == texts.content
    for wrong in ("force=nowhere", "force=%3Cscript%3E", "on=never"):
        assert service.client.get(f"/charts/stages.svg?{wrong}").status_code == 400
