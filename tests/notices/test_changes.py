"""Feeds of a list's changes, read as a feed reader does, and compared with the register."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from adapters.ledger import queries
from api.pages.public.feeds import feed as feeds
from domain.vocabulary.dates import day_of
from projections.register import changes
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR, issue
from tests.support.served.browser import Clock
from tests.support.served.serving import Published, Served, Service, command, published

pytestmark = pytest.mark.slow

ATOM = "{http://www.w3.org/2005/Atom}"
CHANGES = "/feeds/changes.atom"
SMALL = 8
"""The positions in an archive, so that there are some."""


class Ticking(Clock):
    """A clock that goes on a little whenever somebody looks at it."""

    def __call__(self) -> datetime:
        self.forward(milliseconds=1)
        return self.at


CLOCK = Ticking()


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(clock=CLOCK)


@pytest.fixture(autouse=True)
def small_archives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "POSITIONS", SMALL)
    monkeypatch.setattr(queries, "LAST_OF_STREAMS", 3)


class Follower:
    """Follows a feed back through its archives, each of which it reads once."""

    def __init__(self, service: Service, feed: str) -> None:
        self.service, self.feed = service, feed
        self.archives: dict[str, bytes] = {}
        self.titles: dict[str, str] = {}

    def read(self) -> list[tuple[str, str]]:
        """Return the streams and titles of the entries that are new, oldest first."""
        new: list[tuple[str, str]] = []
        address: str | None = self.feed
        while address and address not in self.archives:
            answer = self.service.client.get(address)
            assert answer.status_code == 200, answer.text
            root = ET.fromstring(answer.content)  # noqa: S314  our own
            links = {e.attrib["rel"]: e.attrib["href"] for e in root.findall(f"{ATOM}link")}
            if "current" in links:
                self.archives[address] = answer.content
            for entry in root.iter(f"{ATOM}entry"):
                identity, title = (entry.findtext(ATOM + part) or "" for part in ("id", "title"))
                link = entry.find(f"{ATOM}link")
                assert link is not None
                if identity not in self.titles:
                    self.titles[identity] = title
                    new.append((link.attrib["href"].rpartition("/")[2], title))
            address = links.get("prev-archive")
        return new[::-1]


def listed_after(entries: Sequence[tuple[str, str]]) -> set[str]:
    """Return what is in a list after its changes; each comes in and leaves in turn."""
    listed: set[str] = set()
    for stream, title in entries:
        if title.startswith("Came into the list. "):
            assert stream not in listed, title
            listed.add(stream)
        elif title.startswith("Left the list. "):
            assert stream in listed, title
            listed.remove(stream)
        else:
            assert stream in listed, f"{title} changed outside the list"
    return listed


def level(service: Service, position: int) -> None:
    assert service.get(f"/v1/recommendations?position={position}&limit=1").is_success


def issued(
    service: Service, reference: str, many: int = 1, force: str = "kent", text: str = "Do it."
) -> Published:
    """Publish a report with recommendations to a force."""
    made = published(
        service,
        reference,
        *(issue(force, ordinal=number, text=text) for number in range(1, many + 1)),
        force=force,
    )
    level(service, made.position)
    return made


def give(service: Service, stream: str, tag: str, **fields: object) -> int:
    """Give a command; return its step once the register knows it."""
    answer = command(service, stream, fields.pop("actor", INSPECTOR), tag, **fields)  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.text
    level(service, answer.json()["position"])
    return int(answer.json()["step"])


def in_register(service: Service, query: str) -> set[str]:
    page = service.get(f"/v1/recommendations?limit=500&{query}").json()
    assert page["next"] is None
    return {item["id"] for item in page["items"]}


QUERIES = (
    "force=kent", "force=kent&open=true", "open=false", "claimed=true", "stage=plan_received",
    "overdue=true", "force=kent&overdue=false", "plan_overdue=true", "area=investigation",
    "q=zebra", "due_before=2023-01-01", "finding=met", "plan_owed=true&force=essex",
    "next_by=force&open=true",
)  # fmt: skip


def test_the_changes_lead_to_what_the_register_lists_and_none_comes_twice(
    service: Service,
) -> None:
    followers = {query: Follower(service, f"{CHANGES}?{query}") for query in QUERIES}
    read: dict[str, list[tuple[str, str]]] = {query: [] for query in QUERIES}
    for round_ in range(3):
        ours = issued(service, f"kent-followed-{round_}-2022", 2 * SMALL + 3 if round_ == 1 else 3)
        essex = issued(service, f"essex-followed-{round_}-2022", 2, "essex", text="A zebra.")
        stream, other, third = ours.recommendations[:3]
        plan = give(service, stream, "receive_action_plan", actor=KENT, answer="act", content="A.")
        give(service, stream, "comment", actor=KENT, comment="Private.")
        give(service, other, "change_time_limit", time_limit="months:60", reason="More.")
        give(service, other, "claim_completion", actor=KENT, evidence="Done.", on="2022-09-01")
        give(service, third, "claim_completion", actor=KENT, evidence="Done.", on="2022-09-02")
        area = {"step": 1, "field": "area", "was": "leadership", "now": "investigation"}
        give(service, third, "correct", **area, why="Misread.")
        give(service, third, "return_claim", reason="No.", on="2022-10-01")
        give(service, stream, "withdraw", steps=[plan], why="Another force's.")
        give(service, essex.recommendations[0], "withdraw", steps=[1], why="Not theirs.")
        if round_ != 1:
            for query, follower in followers.items():
                read[query] += follower.read()
    for query, follower in followers.items():
        assert listed_after(read[query]) == in_register(service, query), query
        assert follower.read() == []
    assert Counter(bool(entries) for entries in read.values())[True] >= len(QUERIES) - 2
    for query, follower in followers.items():
        again = Follower(service, f"{CHANGES}?{query}")
        assert again.read() == read[query]
        assert again.archives.items() >= follower.archives.items()


def test_what_is_told_of_a_list_is_what_the_register_said_at_each_moment(
    service: Service,
) -> None:
    query = "force=kent&report=kent-checked-2022&claimed=true"
    made = issued(service, "kent-checked-2022", 2)
    stream, other = made.recommendations
    follower = Follower(service, f"{CHANGES}?{query}")
    give(service, stream, "receive_action_plan", actor=KENT, answer="act", content="A.")
    assert follower.read() == []
    claim = give(service, stream, "claim_completion", actor=KENT, evidence="Done.")
    give(service, other, "claim_completion", actor=KENT, evidence="Done.", on="2022-09-01")
    give(service, stream, "change_time_limit", time_limit="months:9", reason="More.")
    give(service, stream, "withdraw", actor=KENT, steps=[claim], why="Another's.")
    give(service, other, "change_time_limit", time_limit="months:9", reason="More.")
    assert [(of == other, title) for of, title in follower.read()] == [
        (False, "Came into the list. The force said that it is done. Do it."),
        (True, "Came into the list. The force said that it is done. Do it."),
        (False, "Time limit changed from within 3 months to within 9 months. Do it."),
        (
            False,
            "Left the list. Recorded by mistake: the force said that it is done. Do it.",
        ),
        (True, "Time limit changed from within 3 months to within 9 months. Do it."),
    ]


def test_of_steps_recorded_at_one_moment_the_first_brings_it_in_and_the_last_takes_it_out(
    service: Service,
) -> None:
    stream = issued(service, "kent-at-once-2022").recommendations[0]
    follower = Follower(service, f"{CHANGES}?report=kent-at-once-2022&claimed=true")
    into = (
        {"type": "receive_action_plan", "answer": "act", "content": "A."},
        {"type": "claim_completion", "evidence": "Done."},
    )
    answer = service.post("/v1/commands", [{"stream": stream, "command": c} for c in into], KENT)
    assert answer.status_code == 201, answer.text
    level(service, answer.json()["position"])
    titles = [title.partition(". Do")[0] for _of, title in follower.read()]
    assert titles == [
        "Came into the list. The force answered: it will act",
        "The force said that it is done",
    ]
    both = (
        {"type": "return_claim", "reason": "No."},
        {"type": "change_time_limit", "time_limit": "months:9", "reason": "More."},
    )
    answer = service.post("/v1/commands", [{"stream": stream, "command": c} for c in both])
    assert answer.status_code == 201, answer.text
    level(service, answer.json()["position"])
    titles = [title for _of, title in follower.read()]
    assert titles[0].startswith("Inspectors did not accept"), titles
    assert titles[1].startswith("Left the list. Time limit changed"), titles


def test_a_list_of_the_overdue_changes_as_a_day_begins_and_its_archives_stay(
    service: Service,
) -> None:
    today = day_of(CLOCK())
    limits = [f"date:{today + timedelta(days=days)}" for days in (1, 1, 3, 5)]
    report = {
        "reference": "kent-days-2022", "addressee": "kent", "product": "ncpi", "on": "2022-08-05",
        "edition": "pre-2024", "title": "An inspection", "address": "https://example.org/o",
        "sources": ["HMICFRS"],
        "recommendations": [
            {
                "kind": "recommendation", "text": f"Do {number}.", "area": "leadership",
                "time_limit": limit, "addressees": ["kent"], "ordinal": number,
            }
            for number, limit in enumerate(limits, 1)
        ],
    }  # fmt: skip
    answer = service.post("/v1/reports", report)
    assert answer.status_code == 201, answer.text
    level(service, answer.json()["position"])
    of = answer.json()["recommendations"]
    overdue = Follower(service, f"{CHANGES}?report=kent-days-2022&overdue=true")
    others = Follower(service, f"{CHANGES}?report=kent-days-2022&overdue=false")
    assert overdue.read() == []
    assert len(others.read()) == len(of)
    came = "Came into the list. The day before was the last day. Do {}."
    told: list[tuple[str, str]] = []
    CLOCK.forward(days=2)
    told += overdue.read()
    assert sorted(told) == sorted([(of[0], came.format(1)), (of[1], came.format(2))])
    claim = give(service, of[1], "claim_completion", actor=KENT, evidence="Done.")
    CLOCK.forward(days=2)
    give(service, of[1], "withdraw", actor=KENT, steps=[claim], why="Another's.")
    issued(service, "kent-days-2023", 2 * SMALL)  # so that the days are in an archive
    CLOCK.forward(days=4)
    issued(service, "kent-days-2024", 2 * SMALL)  # an archive with a day alone
    told += (new := overdue.read())
    assert [title.partition(". Do")[0] for _of, title in new] == [
        "Left the list. The force said that it is done",
        "Came into the list. The day before was the last day",
        "Came into the list. Recorded by mistake: the force said that it is done",
        "Came into the list. The day before was the last day",
    ]
    assert listed_after(told) == in_register(service, "report=kent-days-2022&overdue=true")
    assert listed_after(told) == set(of)
    again = Follower(service, overdue.feed)
    assert again.read() == told
    assert again.archives.items() >= overdue.archives.items()
    left = [title.partition(". ")[0] for _of, title in others.read()]
    assert left.count("Left the list") == len(of) + 1


def with_limits(service: Service, reference: str, days: Sequence[int]) -> list[str]:
    """Publish recommendations whose last days are so many days ahead, and return them."""
    today = day_of(CLOCK())
    report = {
        "reference": reference, "addressee": "kent", "product": "ncpi", "on": "2022-08-05",
        "edition": "pre-2024", "title": "An inspection", "address": "https://example.org/o",
        "sources": ["HMICFRS"],
        "recommendations": [
            {
                "kind": "recommendation", "text": f"Do {number}.", "area": "leadership",
                "time_limit": f"date:{today + timedelta(days=ahead)}", "addressees": ["kent"],
                "ordinal": number,
            }
            for number, ahead in enumerate(days, 1)
        ],
    }  # fmt: skip
    answer = service.post("/v1/reports", report)
    assert answer.status_code == 201, answer.text
    level(service, answer.json()["position"])
    made: list[str] = answer.json()["recommendations"]
    return made


def test_however_many_come_into_a_list_as_days_begin_none_is_left_out_and_parts_stay(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "DAY_ROWS_MAX", 3)
    of = with_limits(service, "kent-burst-2022", [1] * 7 + [3] * 4)
    issued(service, "kent-burst-before", 2 * SMALL)  # so that the days are in one range
    overdue = Follower(service, f"{CHANGES}?report=kent-burst-2022&overdue=true")
    others = Follower(service, f"{CHANGES}?report=kent-burst-2022&overdue=false")
    assert overdue.read() == []
    others.read()

    CLOCK.forward(days=2)
    came = overdue.read()
    assert sorted(stream for stream, _title in came) == sorted(of[:7]), "seven, and three a part"
    assert len(others.read()) == 7
    parts = [address for address in overdue.archives if "part=" in address]
    assert len(parts) == 2
    claim = give(service, of[0], "claim_completion", actor=KENT, evidence="Done.")
    CLOCK.forward(days=2)
    give(service, of[0], "withdraw", actor=KENT, steps=[claim], why="Another's.")
    came += overdue.read()
    issued(service, "kent-burst-after", 2 * SMALL)  # so that the range is full
    came += overdue.read()
    assert listed_after(came) == set(of)
    assert len(came) == len(of) + 2
    again = Follower(service, overdue.feed)
    assert listed_after(again.read()) == set(of)
    assert again.archives.items() >= overdue.archives.items(), "what was read once stays as it was"
    for missing in ("archive=999999&part=0", "part=0", "archive=0&part=9"):
        answer = service.client.get(f"{overdue.feed}&{missing}")
        assert answer.status_code == 404, missing


def test_a_public_feed_of_changes_tells_and_moves_by_nothing_inside(service: Service) -> None:
    stream = issued(service, "kent-inside-2022").recommendations[0]
    address = f"{CHANGES}?report=kent-inside-2022"
    give(service, stream, "name_owner", actor=KENT, owner="A private post")
    before = service.client.get(address).content
    assert before.count(b"<entry>") == 1
    for _ in range(2 * SMALL):
        give(service, stream, "comment", actor=KENT, comment="Private.")
    assert service.client.get(address).content == before
    assert service.get(address, INSPECTOR).content == before


def test_a_suppressed_text_leaves_the_changes(service: Service) -> None:
    stream = issued(service, "kent-zebedee-2022", 1, text="Ask Zebedee.").recommendations[0]
    address = f"{CHANGES}?report=kent-zebedee-2022"
    assert b"Zebedee" in service.client.get(address).content
    place = {"step": 1, "field": "text"}
    request = give(service, stream, "request_suppression", **place, ground="safeguarding", why="N.")
    give(service, stream, "approve_suppression", actor=OTHER_INSPECTOR, request=request, **place)
    answer = service.client.get(address)
    assert b"Zebedee" not in answer.content
    assert b"Came into the list" in answer.content


@pytest.mark.parametrize(
    "query",
    ["training=true", "force=training", "known_at=2026-01-01T00:00:00Z", "archive=-1", "claimed=x",
     "nothing=1", "archive=a"],
)  # fmt: skip
def test_a_list_that_cannot_be_followed_is_refused_by_name(service: Service, query: str) -> None:
    answer = service.client.get(f"{CHANGES}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


def test_a_list_of_a_past_day_changes_by_what_is_recorded_about_it(service: Service) -> None:
    stream = issued(service, "kent-past-2022").recommendations[0]
    follower = Follower(service, f"{CHANGES}?report=kent-past-2022&claimed=true&on=2022-10-01")
    give(service, stream, "claim_completion", actor=KENT, evidence="Done.", on="2022-11-01")
    assert follower.read() == []
    claim = {"actor": KENT, "evidence": "Done."}
    other = issued(service, "kent-past-2023").recommendations[0]
    early = Follower(service, f"{CHANGES}?report=kent-past-2023&claimed=true&on=2022-10-01")
    give(service, other, "claim_completion", on="2022-09-01", **claim)
    assert [title.partition(". ")[0] for _of, title in early.read()] == ["Came into the list"]
