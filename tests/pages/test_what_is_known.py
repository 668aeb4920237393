"""Pages say what the record knows of real forces, and no more."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urldefrag, urlsplit
from uuid import uuid5
from xml.etree import ElementTree as ET

import msgspec
import pytest

from api.cli.main import CORPUS
from api.pages.public.life import in_order, opening
from api.pages.rendering import labels, reading
from api.pages.rendering.figures import cells
from api.v1.lists.reports import ReportView
from domain.events.report import Cases, TopicGrades
from domain.vocabulary.forces import FORCES
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import Kind, Product, When
from projections.progress.board import Counts
from tests.pages.test_pages import Outline, check, read
from tests.support.data.examples import issue, publish
from tests.support.served.serving import Served, Service

NOT_FOLLOWED = ("/v1/", "/static/", "/feeds/", "/about", "/contact", "/sign-in", "/compare")
"""Addresses that state nothing of a recommendation, or have tests of their own."""
OF_ONE_LIST = 6
"""How many pages of one list are followed, with whatever query."""
AWAITED = re.compile(r"overdue|awaited|\blate\b|in time|not due yet|open\b", re.IGNORECASE)
ASSERTED = re.compile(
    r'<strong class="govuk-tag[^>]*>(.*?)</strong>'  # tags
    r"|<strong>(.*?)</strong>"  # clocks
    r'|__number">\d+</span> <a [^>]*>(.*?)</a>'  # figures
    r"|<text[^>]*>((?:[^<]|</?tspan[^>]*>)*: (?:[^<]|</?tspan[^>]*>)*\d.*?)</text>",  # charts
    re.DOTALL,
)
COUNTED = re.compile(r'href="(/recommendations\?[^"]+)">\d+</a>')
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


def plain(text: str) -> str:
    """Return the words of a page, in one line."""
    whole = re.sub(r"<details.*?</details>|<form.*?</form>", "", text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", whole)).split())


def rows(file: str) -> list[dict[str, str]]:
    with (CORPUS / file).open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def crawl(service: Service) -> Iterator[tuple[str, str]]:
    """Yield every page of the corpus that a reader comes to by links, and its charts."""
    seen, lists, todo = set[str](), Counter[str](), ["/", "/recommendations", "/statements"]
    while todo:
        path = todo.pop()
        parts = urlsplit(path)
        if path in seen or path.startswith(NOT_FOLLOWED):
            continue
        if parts.query:
            lists[parts.path] += 1
            if lists[parts.path] > OF_ONE_LIST:
                continue
        seen.add(path)
        answer = service.client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, path
        yield path, answer.text
        if parts.path.startswith("/charts/"):
            continue
        outline = Outline(answer.text)
        images = [str(found["src"]) for tag, found in outline.tags if tag == "img"]
        for link in (*outline.links, *images):
            address = urldefrag(link)[0]
            if address.startswith("/"):
                todo.append(address)


@pytest.mark.slow
def test_no_page_says_that_anything_is_awaited_of_what_nothing_is_recorded_about(
    service: Service,
) -> None:
    board = service.get("/v1/progress").json()["national"]
    assert board["total"] == board["stages"]["not_known"] > 0, "the corpus records no step"
    pages = statements = 0
    for path, text in crawl(service):
        said: list[str] = ["".join(found) for found in ASSERTED.findall(text)]
        pages, statements = pages + 1, statements + len(said)
        assert not [words for words in said if AWAITED.search(words)], path
        counted = [address for address in COUNTED.findall(text) if AWAITED.search(address)]
        assert not counted, path
        assert not re.search(r"days? (overdue|left)", text), path
    assert (pages > 150, statements > 300) == (True, True), (pages, statements)


def test_stages_add_up_and_nothing_unknown_is_open_or_overdue(service: Service) -> None:
    board = service.get("/v1/progress").json()
    for code, counts in board["forces"].items():
        assert sum(filter(None, counts["stages"].values())) == counts["total"], code
        assert sum(filter(None, counts["findings"].values())) == counts["total"], code
        assert counts["open"] is counts["overdue"] is counts["limited"] is None, code
    for area in service.get("/v1/areas").json()["items"]:
        assert area["total"] == area["not_known"], area
        assert area["open"] is area["overdue"] is area["limited"] is None, area


@pytest.mark.slow
def test_every_outcome_grade_and_case_count_is_on_the_page_of_its_force(service: Service) -> None:
    pages = {code: plain(read(service, f"/forces/{code}")) for code in (*FORCES, "national")}

    def shown(force: str, *parts: str) -> bool:
        return all(" ".join(part.split()) in pages[force] for part in parts)

    outcomes = rows("outcomes.csv")
    for row in outcomes:
        sites = map(reading.host, reading.addresses(row["source"]))
        assert shown(row["force_code"], row["reported_progress"], *sites), row
    grades = counts = 0
    for row in rows("products.csv"):
        for area in TopicGrades.__struct_fields__:
            if grade := row[f"grade_{area}"]:
                grades += 1
                assert shown(row["force_code"], f"{labels.AREAS[area]}: {grade}"), row
        for name in Cases.__struct_fields__:
            if number := row.get(f"cases_{name}"):
                counts += 1
                words = f"{labels.FIELDS[f'cases.{name}'].lower()}: {number}"
                assert shown(row["force_code"], words), row
    assert (len(outcomes), grades, counts) >= (168, 16, 74)
    steps = rows("steps.csv") if (CORPUS / "steps.csv").exists() else []
    assert [row["step_id"] for row in steps if not shown(row["force_code"], row["text"])] == []


def test_a_force_with_nothing_on_record_has_no_zeros(service: Service) -> None:
    shown = read(service, "/forces/kent")
    check("/forces/kent", shown)
    assert "does not mean that there is none" in shown
    assert "No recommendation to it is on record" in shown
    for empty in ("tracker-figures", "<table", "<img", "Closed, by reason", ">0<"):
        assert empty not in shown, empty
    row = re.findall(r'href="/forces/kent">.*?</tr>', read(service, "/forces"), re.DOTALL)[0]
    assert plain(row).split("none on record")[1].count("not known") == 5, (
        "one for each other figure"
    )
    assert "0" not in plain(row)


def test_a_comparison_counts_nothing_as_closed_or_open_of_which_nothing_is_known(
    service: Service,
) -> None:
    shown = read(service, "/restatement?on=2026-01-31")
    check("/restatement", shown)
    table = shown[shown.index('id="forces"') :]
    row = plain(re.findall(r"Bedfordshire Police</a>.*?</tr>", table, re.DOTALL)[0])
    assert row.split()[2:4] == ["+1", "+1"], "all, and those of which nothing is known"
    assert row.count("not known") == 4, "open, overdue, said to be done, closed"


def test_a_force_with_nothing_but_reports_says_which_and_that_none_was_seen(
    service: Service,
) -> None:
    shown = read(service, "/forces/gwent")
    check("/forces/gwent", shown)
    start = re.findall(r'id="opening">(.*?)</div>', shown, re.DOTALL)[0]
    assert plain(start).startswith(
        "The latest inspection on record is the national child protection inspection (published"
    )
    assert "No recommendation to it is on record" in start
    assert "does not mean that none was made" in shown
    assert "tracker-figures" not in shown
    assert shown.index('<h3 class="govuk-heading-m') < shown.index("It follows:")


def test_the_coverage_of_a_report_stands_on_its_page_and_on_that_of_its_force(
    service: Service,
) -> None:
    stated = "The report makes 8 recommendations. On record here: 6."
    assert stated in read(service, "/forces/warwickshire")
    assert stated in read(service, f"/reports/{report_id('warwickshire-ncpi-2022')}")
    assert "6 of 8" in plain(read(service, "/forces"))
    assert "6 of 8" in plain(read(service, "/progress"))


def test_the_first_page_says_what_it_holds_and_what_it_does_not(service: Service) -> None:
    shown = plain(read(service, "/"))
    reports = len(rows("products.csv"))
    assert f"This copy of the record holds {reports} reports" in shown
    assert re.search(
        r"Of \d+ of the 43 forces, nothing is on record that is about one force alone: .*Kent",
        shown,
    )
    assert "The newest report is dated" in shown
    for promise in ("each recommendation", "every recommendation", "every police force"):
        assert promise not in shown


def test_a_recommendation_whose_wording_was_not_seen_is_listed_as_such(service: Service) -> None:
    stream = recommendation_id("derbyshire-ncpi-2021-r01")
    feed = "/feeds/recommendations.atom?force=derbyshire"
    for path in ("/recommendations?force=derbyshire", "/search?q=wording", "/forces/derbyshire"):
        shown = read(service, path)
        assert "Recommendation whose wording was not seen" in shown, path
        assert "exactly one 2021 recommendation" not in shown, path
    entries = ET.fromstring(service.client.get(feed).content).iter(f"{ATOM}entry")  # noqa: S314
    titles = {entry.findtext(f"{ATOM}id"): entry.findtext(f"{ATOM}title") for entry in entries}
    assert titles[uuid5(stream, "1").urn] == (
        "Issued in the inspection report. Recommendation whose wording was not seen: "
        "derbyshire-ncpi-2021-r01"
    )


def test_wording_that_was_not_seen_is_named_by_its_number_where_it_has_one() -> None:
    kind = Kind.AREA_FOR_IMPROVEMENT
    assert reading.titled(kind, 3, "Note.", "not seen", "kent-r3") == (
        "Area for improvement 3, whose wording was not seen"
    )
    assert reading.titled(kind, 3, "Do it.", "partly seen", "kent-r3") == "Do it."


def test_a_feed_says_of_an_imported_recommendation_only_what_a_source_says(
    service: Service,
) -> None:
    content = service.client.get("/feeds/recommendations.atom").content
    summaries = [
        str(entry.findtext(f"{ATOM}summary"))
        for entry in ET.fromstring(content).iter(f"{ATOM}entry")  # noqa: S314
    ]
    said = ("Issued in the inspection report", "A published source", "The inspectorate's register")
    assert summaries
    assert [summary for summary in summaries if not any(map(summary.__contains__, said))] == []


def test_statements_are_listed_paged_and_filtered(service: Service) -> None:
    path, found, pages = "/statements", 0, 1
    while path:
        outline = check(path, shown := read(service, path))
        found += shown.count("Source: <a")
        pages += 1
        path = next((link for link in outline.links if link.endswith(f"page={pages}")), "")
    assert found >= 231
    assert f"Showing 1 to 50 of {found}" in read(service, "/statements")
    for order, key in (("newest", "said_on"), ("reference", "reference")):
        whole, address = list[str](), f"/v1/statements?order={order}&limit=40"
        while address:
            answer = service.get(address)
            whole += [item["said"][key] for item in answer.json()["items"]]
            address = answer.links["next"]["url"] if "next" in answer.links else ""
        assert len(whole) == found
        whole = [day for day in whole if day != "unknown"]
        assert whole == sorted(whole, reverse=order == "newest")
    for query in ("force=gwent", "area=investigation", f"report={report_id('gwent-ncpi-2019')}"):
        listed = service.get(f"/v1/statements?{query}&limit=50").json()["items"]
        assert read(service, f"/statements?{query}").count("Source: <a") == len(listed) > 0
    check("/statements", read(service, "/statements?area=nowhere", 400))


def test_an_area_shows_its_statements_and_recommendations_with_their_forces(
    service: Service,
) -> None:
    shown = read(service, "/areas/investigation")
    check("/areas/investigation", shown)
    listed = service.get("/v1/statements?area=investigation&limit=30").json()["items"]
    words = plain(shown)
    for item in listed:
        assert " ".join(item["said"]["text"].split()) in words
        assert f'href="/forces/{item["said"]["force"]}"' in shown
    assert "Rank online investigations better by risk." in words


# Reports


@pytest.fixture(scope="module")
def thematic(service: Service) -> str:
    """A report of all forces, with one recommendation to two of them, which states one."""
    report = publish(
        issue("surrey", "wiltshire", text="Do the same."), reference="national-both-2026",
        force="national", on="2026-02-03",
    )  # fmt: skip
    body: dict[str, Any] = msgspec.to_builtins(report)
    more = {"product": "thematic", "recommendations_stated": 1, "follows": "gwent-ncpi-2019",
            "sources": ["https://a.example/1 | https://b.example/2"]}  # fmt: skip
    answer = service.post("/v1/reports", {**body, **more})
    assert answer.status_code == 201, answer.text
    for name in ("reports", "recommendations", "progress", "statements"):
        service.get(f"/v1/{name}?position={answer.json()['position']}")
    return str(answer.json()["id"])


def test_a_report_lists_all_that_it_issued_by_force(service: Service, thematic: str) -> None:
    shown = read(service, f"/reports/{thematic}")
    check("/reports", shown)
    assert "No recommendations from this report" not in shown
    assert re.findall(r'<h3 class="govuk-heading-m">(.*?)</h3>', shown)[:2] == [
        "Surrey Police",
        "Wiltshire Police",
    ]
    assert "The report makes 1 recommendation. On record here: 1." in shown
    listed = service.get(f"/v1/recommendations?report={thematic}").json()["items"]
    assert {item["standing"]["force"] for item in listed} == {"surrey", "wiltshire"}


@pytest.mark.parametrize("force", ["surrey", "wiltshire", "national"])
def test_a_report_is_in_the_lists_of_all_forces_that_it_asks_something_of(
    service: Service, thematic: str, force: str
) -> None:
    listed = service.get(f"/v1/reports?force={force}").json()["items"]
    assert thematic in {item["id"] for item in listed}
    assert f'href="/reports/{thematic}"' in read(service, f"/reports?force={force}")
    assert f'href="/reports/{thematic}"' in read(service, f"/forces/{force}")
    if force != "national":
        before = service.get(f"/v1/reports?force={force}&on=2026-02-02").json()["items"]
        assert thematic not in {item["id"] for item in before}


def test_a_report_and_the_one_it_follows_link_to_each_other(
    service: Service, thematic: str
) -> None:
    first = report_id("gwent-ncpi-2019")
    assert f'It follows: <a class="govuk-link" href="/reports/{first}"' in read(
        service, f"/reports/{thematic}"
    )
    back = read(service, f"/reports/{first}")
    assert re.search(rf'Followed by: .*href="/reports/{thematic}"', back)
    followers = service.get("/v1/reports?follows=gwent-ncpi-2019").json()["items"]
    assert thematic in {item["id"] for item in followers}


def test_a_source_with_several_addresses_is_several_links(service: Service, thematic: str) -> None:
    shown = read(service, f"/reports/{thematic}")
    for address in ("https://a.example/1", "https://b.example/2"):
        assert f'<a class="govuk-link" href="{address}">{address}</a>' in shown


def test_a_report_shows_its_counts_as_published_and_warns_if_they_do_not_add_up(
    service: Service,
) -> None:
    flagged = [
        item["id"]
        for item in service.get("/v1/reports?limit=500").json()["items"]
        if item["listing"]["flagged"]
    ]
    for stream in flagged:
        assert "<strong>Warning</strong>: The grades add up to" in read(
            service, f"/reports/{stream}"
        )


@pytest.mark.parametrize(
    ("publisher", "address", "own"),
    [
        (None, "https://hmicfrs.justiceinspectorates.gov.uk/publications/x/", True),
        (None, "https://www.justiceinspectorates.gov.uk/hmicfrs/publications/x/", True),
        (None, "https://hmicfrs.justiceinspectorates.gov.uk/news/news-feed/x/", False),
        (None, "https://www.itv.com/news/x", False),
        (None, "https://justiceinspectorates.gov.uk.example/x", False),
        ("press: ITV News", "https://www.itv.com/news/x", False),
        ("the inspectorate: publication page", "https://example.org/x", True),
        ("the inspectorate: news notice, not the report",
         "https://hmicfrs.justiceinspectorates.gov.uk/publications/x/", False),
    ],
)  # fmt: skip
def test_only_the_inspectorates_own_page_is_called_the_report(
    publisher: str | None, address: str, *, own: bool
) -> None:
    assert reading.is_own_page(publisher, address) is own


# The order of reports


def view(reference: str, on: When, product: Product, follows: str | None = None) -> ReportView:
    return ReportView(
        id=report_id(reference), step=1, position=1, on=date(2026, 1, 1), known_at=None,
        reference=reference, addressee="kent", product=product, edition="pre-2024",
        programme=True, title="T", address="a", published_on=on, page_date=None,
        fieldwork_from=None, fieldwork_to=None, recommendations_stated=None,
        causes_of_concern_stated=None, cases=Cases(), flags=(), grades=TopicGrades(), disputes=(),
        follows=follows, sources=(), confidence="stated", publisher=None, areas=(), outcomes=(),
        milestones=(),
    )  # fmt: skip


FIRST = view("kent-first", "2015", Product.NCPI)
REVIEW = view("kent-review", "unknown", Product.POST_INSPECTION_REVIEW, "kent-first")
LAST = view("kent-last", "2019-03", Product.NCPI)
LOST = view("kent-lost", "unknown", Product.NCPI)
NO_COUNTS = Counts(
    total=0, kinds={}, stages={}, open=0, limited=0, overdue=0, plan_overdue=0, claimed=0,
    assured=0, partly_assured=0, closed={}, slipped={}, findings={}, median_days_to_plan=None,
    median_days_to_close=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "not known"),
        ({"total": 2, "stages": {"not_known": 2}}, "not known"),
        ({"total": 2, "stages": {"not_known": 1, "closed": 1}}, "not known"),
        ({"total": 2, "stages": {"issued": 1, "closed": 1}, "open": 1}, "not known"),
        ({"total": 2, "stages": {"closed": 2}}, "None open"),
        ({"total": 2, "stages": {"issued": 2}, "open": 2, "limited": 1}, "0 of 1"),
    ],
)
def test_the_overdue_are_not_known_where_no_limit_runs_of_what_may_be_open(
    counts: dict[str, Any], words: str
) -> None:
    of = msgspec.structs.replace(NO_COUNTS, **{"stages": {}, **counts})
    unknown = of.stages.get("not_known", 0)
    assert re.sub(r"<[^>]+>", "", cells.overdue(of, unknown, "/")).strip("\N{EN DASH}") == words


@pytest.mark.parametrize("path", ["/progress", "/board-pack", "/board-pack/warwickshire"])
def test_no_page_says_that_no_limit_is_known_of_forces_with_limits_on_record(
    service: Service, path: str
) -> None:
    assert "no limit" not in plain(read(service, path)).lower()


def test_no_page_says_that_nothing_is_known_of_what_sources_speak_of(service: Service) -> None:
    home = plain(read(service, "/"))
    assert "of which it is not known where they stand" in home
    assert "since publication" not in home + plain(read(service, "/about/methodology"))


def test_a_report_without_a_date_comes_after_the_one_that_it_follows() -> None:
    assert in_order([LOST, LAST, REVIEW, FIRST]) == [FIRST, REVIEW, LAST, LOST]
    circle = view("kent-circle", "unknown", Product.NCPI, "kent-circle")
    assert in_order([circle, FIRST]) == [FIRST, circle]


def test_only_what_certainly_came_last_is_called_the_latest() -> None:
    sure = " ".join(opening("kent", [FIRST, REVIEW, LAST], (), NO_COUNTS))
    for words in (
        "The latest inspection on record is the national child protection inspection (published Ma",
        "The latest review on record is the post-inspection review (date of publication not known)",
    ):
        assert words in sure
    of_all = msgspec.structs.replace(LAST, addressee="national", product=Product.THEMATIC)
    assert opening("kent", [FIRST, of_all], (), NO_COUNTS)[0] == (
        "The latest inspection on record is the national child protection inspection "
        "(published 2015)."
    ), "a report about all forces is no inspection of this one"
    for reports, words in (
        ([of_all], "No report about this force alone is on record."),
        ([FIRST, LOST], "One of the reports on record is the national child protection inspection"),
        ([], "No report about this force is on record."),
    ):
        assert opening("kent", reports, (), NO_COUNTS)[0].startswith(words)


@pytest.mark.parametrize(
    ("force", "words"),
    [
        ("gloucestershire", "3 causes of concern are on record."),
        ("greater-manchester", "1 recommendation and 5 areas for improvement are on record."),
    ],
)
def test_a_force_s_page_names_the_kinds_of_what_was_asked(
    service: Service, force: str, words: str
) -> None:
    assert words in plain(read(service, f"/forces/{force}"))
