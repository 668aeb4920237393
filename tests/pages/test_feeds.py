"""Feeds as a reader follows them: each published step once, and what it changed."""

import time
from collections import Counter
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

import pytest

from adapters.ledger import queries
from api.pages.public.feeds import feed as feeds
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR, issue
from tests.support.served.serving import Published, Service, command, published

pytestmark = pytest.mark.slow

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
RECOMMENDATIONS, REPORTS = "/feeds/recommendations.atom", "/feeds/reports.atom"
SMALL = 8
"""The positions in an archive, so that there are some."""


@pytest.fixture(autouse=True)
def small_archives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "POSITIONS", SMALL)
    monkeypatch.setattr(queries, "LAST_OF_STREAMS", 3)


class Page:
    """A page of a feed, as it was answered."""

    def __init__(self, service: Service, address: str) -> None:
        answer = service.client.get(address)
        assert answer.status_code == 200, answer.text
        self.root = ET.fromstring(answer.content)  # noqa: S314  our own
        self.content, self.cached = answer.content, answer.headers["Cache-Control"]
        self.entries = list(self.root.iter(f"{ATOM}entry"))

    def link(self, relation: str) -> str | None:
        """Return the address of a relation; None if there is none."""
        for link in self.root.findall(f"{ATOM}link"):
            if link.attrib["rel"] == relation:
                return link.attrib["href"]
        return None

    def texts(self, part: str) -> list[str]:
        """Return a part of each entry."""
        return [entry.findtext(f"{ATOM}{part}") or "" for entry in self.entries]


class Reader:
    """Reads a feed as RFC 5005 says: back through its archives, to one that it has read."""

    def __init__(self, service: Service, feed: str) -> None:
        self.service, self.feed = service, feed
        self.archives: set[str] = set()
        self.titles: dict[str, str] = {}

    def read(self) -> list[str]:
        """Return the ids of the entries that are new to this reader."""
        new: list[str] = []
        address: str | None = self.feed
        while address and address not in self.archives:
            page = Page(self.service, address)
            if page.root.find(f"{HISTORY}archive") is not None:
                self.archives.add(address)
            titles = dict(zip(page.texts("id"), page.texts("title"), strict=True))
            assert len(titles) == len(page.entries) <= max(SMALL, feeds.NEWEST)
            new += [entry for entry in titles if entry not in self.titles]
            self.titles |= titles
            address = page.link("prev-archive")
        return new


def step_of(stream: str, step: int) -> str:
    """Return the id of the entry of a step."""
    return uuid5(UUID(stream), str(step)).urn


def level(service: Service, position: int) -> None:
    assert service.get(f"/v1/reports?position={position}").is_success


def issued(service: Service, reference: str, many: int, force: str = "kent") -> Published:
    """Publish a report with recommendations to a force."""
    issues = [issue(force, ordinal=number) for number in range(1, many + 1)]
    made = published(service, reference, *issues, force=force)
    level(service, made.position)
    return made


def give(service: Service, stream: str, tag: str, **fields: object) -> int:
    """Give a command as an inspector; return its step once the feed can have it."""
    answer = command(service, stream, fields.pop("actor", INSPECTOR), tag, **fields)  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.text
    level(service, answer.json()["position"])
    return int(answer.json()["step"])


@pytest.mark.parametrize("force", ["", "?force=kent"])
def test_a_reader_that_stops_and_comes_back_has_each_step_once(
    service: Service, force: str
) -> None:
    suffix = "kent" if force else "all"
    reader = Reader(service, RECOMMENDATIONS + force)
    reader.read()
    read: Counter[str] = Counter()
    expected: Counter[str] = Counter()
    for round_ in range(4):
        made = issued(service, f"kent-{suffix}-{round_}-2022", 30 if round_ == 2 else 2)
        expected.update(step_of(stream, 1) for stream in made.recommendations)
        stream = made.recommendations[0]
        for _ in range(round_ * 3):
            give(service, stream, "comment", actor=KENT, comment="Private.")
        plan = give(service, stream, "receive_action_plan", actor=KENT, answer="act", content="A.")
        limit = give(service, stream, "change_time_limit", time_limit="months:9", reason="More.")
        expected.update((step_of(stream, plan), step_of(stream, limit)))
        if round_ != 1:
            read.update(reader.read())
    read.update(reader.read())
    assert read == expected
    assert reader.read() == []


def test_thirty_recommendations_at_once_are_all_told_of(service: Service) -> None:
    reader = Reader(service, RECOMMENDATIONS)
    reader.read()
    made = issued(service, "kent-thirty-2022", 30)
    assert {*reader.read()} == {step_of(stream, 1) for stream in made.recommendations}


def test_an_old_report_that_is_recorded_late_is_the_newest_entry(service: Service) -> None:
    issued(service, "kent-new-2022", 1)
    report = service.post(
        "/v1/reports",
        {
            "reference": "kent-old-2015", "addressee": "kent", "product": "ncpi",
            "on": "2015-02-03", "edition": "pre-2024", "title": "An old inspection", "address": "https://example.org/o",
            "sources": ["HMICFRS"], "recommendations": [],
        },
    )  # fmt: skip
    assert report.status_code == 201, report.text
    level(service, report.json()["position"])
    for feed in (REPORTS, f"{REPORTS}?force=kent"):
        page = Page(service, feed)
        assert page.texts("title")[0] == "Report published. An old inspection"
        assert page.texts("id")[0] == step_of(report.json()["id"], 1)
        assert "3 February 2015" in page.texts("summary")[0]


def test_an_entry_says_what_changed(service: Service) -> None:
    stream = issued(service, "kent-said-2022", 1).recommendations[0]
    give(service, stream, "change_time_limit", time_limit="months:9", reason="More.")
    correction = {"step": 1, "field": "area", "was": "leadership", "now": "investigation"}
    give(service, stream, "correct", **correction, why="Misread.")
    plan = give(service, stream, "receive_action_plan", answer="act", content="Secret.")
    give(service, stream, "withdraw", steps=[plan], why="Another force's.")
    titles = Page(service, RECOMMENDATIONS).texts("title")[:5]
    assert titles == [
        "Recorded by mistake: the force answered: it will act. Do it.",
        "The force answered: it will act. Do it.",
        "Area corrected from Leadership and governance to Investigation. Do it.",
        "Time limit changed from within 3 months to within 9 months. Do it.",
        "Issued in the inspection report. Do it.",
    ]


def test_a_feed_has_nothing_that_the_public_does_not_see(service: Service) -> None:
    made = issued(service, "kent-private-2022", 1)
    stream = made.recommendations[0]
    give(service, stream, "waive_action_plan", reason="Hidden reason.")
    window = {"window_from": "2027-01", "window_to": "2027-02", "assignee": "inspector-9"}
    step = give(
        service, stream, "assign_follow_up", kind="monitoring", procedure="Hidden procedure",
        **window,
    )  # fmt: skip
    before = Page(service, RECOMMENDATIONS).content
    give(
        service, stream, "correct", step=step, field="assignee", was="inspector-9",
        now="inspector-8", why="Hidden why.",
    )  # fmt: skip
    give(service, stream, "name_owner", actor=KENT, owner="Hidden owner")
    give(service, stream, "comment", comment="Hidden comment.")
    page = Page(service, RECOMMENDATIONS)
    for word in ("idden", "inspector-", "2027"):
        assert word not in page.content.decode()
    assert [*page.texts("id")] == [*dict.fromkeys(page.texts("id"))]
    assert page.content == before


def test_what_is_not_published_fills_no_archive(service: Service) -> None:
    stream = issued(service, "kent-quiet-2022", 1).recommendations[0]
    before = Page(service, RECOMMENDATIONS).content
    for _ in range(2 * SMALL):
        give(service, stream, "comment", comment="Noted.")
    assert Page(service, RECOMMENDATIONS).content == before


def test_an_archive_never_changes_and_may_be_kept(service: Service) -> None:
    issued(service, "kent-kept-2022", 2 * SMALL)
    address = Page(service, RECOMMENDATIONS).link("prev-archive")
    assert address is not None
    before = Page(service, address)
    assert before.cached == "public, max-age=3600"
    assert before.link("current") == Page(service, RECOMMENDATIONS).link("self")
    assert before.link("self") == address
    issued(service, "kent-kept-2023", 2 * SMALL)
    assert Page(service, address).content == before.content
    number = int(address.partition("archive=")[2])
    for later in (number + 1_000, 2**40):
        assert service.client.get(f"{RECOMMENDATIONS}?archive={later}").status_code == 404
    for wrong in ("-1", "a", str(2**41)):
        assert service.client.get(f"{RECOMMENDATIONS}?archive={wrong}").status_code == 400


def test_a_text_that_is_suppressed_leaves_the_archives(service: Service) -> None:
    made = published(service, "kent-named-2022", issue(text="Ask Zebedee."))
    level(service, made.position)
    stream = made.recommendations[0]
    issued(service, "kent-after-2022", 2 * SMALL)
    reader = Reader(service, RECOMMENDATIONS)
    reader.read()
    named = [address for address in reader.archives if b"Zebedee" in Page(service, address).content]
    assert named
    before = Page(service, named[0]).texts("updated")
    time.sleep(1)  # the unit of `updated`
    place = {"step": 1, "field": "text"}
    request = give(service, stream, "request_suppression", **place, ground="safeguarding", why="N.")
    give(service, stream, "approve_suppression", actor=OTHER_INSPECTOR, request=request, **place)
    after = Page(service, named[0])
    assert b"Zebedee" not in after.content
    assert max(after.texts("updated")) > max(before)
    assert any("Text removed on" in title for title in after.texts("title"))
