"""Calendars of deadlines, read by another library, and compared with the clocks."""

from datetime import date, timedelta
from typing import Any, TypeAlias, cast
from uuid import UUID, uuid5

import pytest

from adapters.clock import now
from adapters.postgres.database import Database
from api.pages.public.feeds.icalendar import CalendarDay, calendar
from domain.vocabulary.actors import Actor
from domain.vocabulary.dates import day_of
from tests.notices.test_private_addresses import shown_in
from tests.support.data.examples import INSPECTOR, KENT, KENT_BODY, NOON
from tests.support.served.browser import Browser
from tests.support.served.serving import Published, Service, command

pytestmark = pytest.mark.slow
ICALENDAR: Any = pytest.importorskip("icalendar")
Event: TypeAlias = dict[str, Any]

KENTS = "/forces/kent/deadlines.ics"
NOTE = "Canary in a note."


def read(service: Service, address: str) -> dict[str, Event]:
    """Return the events of a calendar by their ids."""
    answer = service.client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert answer.content.count(b"\n") == answer.content.count(b"\r\n")
    events = events_in(answer.content)
    by_id = {str(event["UID"]): event for event in events}
    assert len(by_id) == len(events)
    return by_id


def events_in(content: bytes) -> list[Event]:
    """Return the events of a calendar, each a mapping, as the library reads them."""
    return [*ICALENDAR.Calendar.from_ical(content).walk("VEVENT")]


def decoded(event: Any, name: str) -> date:  # noqa: ANN401  the library's
    """Return a day or a moment of an event."""
    return cast("date", event.decoded(name))


def event_of(events: dict[str, Event], stream: str, clock: str) -> Event | None:
    return events.get(str(uuid5(UUID(stream), f"deadline {clock}")))


def day_in(events: dict[str, Event], stream: str, clock: str) -> date | None:
    """Return the day of a deadline; None if it is not in the calendar."""
    event = event_of(events, stream, clock)
    return None if event is None else decoded(event, "DTSTART")


def give(
    service: Service, stream: str, tag: str, actor: Actor = INSPECTOR, /, **of: object
) -> None:
    answer = command(service, stream, actor, tag, **of)
    assert answer.status_code == 201, answer.text
    level(service, answer.json()["position"])


def level(service: Service, position: int) -> None:
    path = f"/v1/worklist?position={position}&limit=1"
    assert service.get(path, INSPECTOR).is_success


def issued(service: Service, reference: str, on: str, *limits: str) -> Published:
    """Publish a report on a day with a recommendation for each time limit."""
    report = {
        "reference": reference, "addressee": "kent", "product": "ncpi", "on": on,
        "edition": "2024" if on > "2024" else "pre-2024", "title": "An inspection",
        "address": "https://example.org/o", "sources": ["HMICFRS"],
        "recommendations": [
            {
                "kind": "recommendation", "text": f"Do; it, by “{limit}”\\n.", "area": "leadership",
                "time_limit": limit, "addressees": ["kent"], "ordinal": number,
            }
            for number, limit in enumerate(limits, 1)
        ],
    }  # fmt: skip
    answer = service.post("/v1/reports", report)
    assert answer.status_code == 201, answer.text
    level(service, answer.json()["position"])
    of = answer.json()
    return Published(of["id"], of["recommendations"], of["position"])


@pytest.fixture(scope="module")
def recent(service: Service) -> Published:
    """A report of yesterday, whose clocks all run."""
    return issued(service, "kent-dated-2026", str(yesterday()), "months:3", "date:2099-01-31")


def yesterday() -> date:
    return day_of(now()) - timedelta(1)


def test_the_calendar_has_each_last_day_that_a_clock_states(
    service: Service, recent: Published
) -> None:
    month = f"{yesterday():%Y-%m}"
    coarse = issued(service, "kent-coarse-2026", month, "months:3", "date:2098-01-31")
    late = issued(service, "kent-late-2025", "2025-01-31", "months:1")
    vague = issued(service, "kent-vague-2026", "unknown", "immediate", "none")
    events = read(service, KENTS)
    stated = 0
    for stream in (
        *recent.recommendations,
        *coarse.recommendations,
        *late.recommendations,
        *vague.recommendations,
    ):
        clocks = service.get(f"/v1/recommendations/{stream}").json()["clocks"]
        for clock in clocks:
            due = clock["due"] if clock["state"] in {"running", "overdue"} else None
            assert str(day_in(events, stream, clock["name"])) == str(due), clock
            stated += due is not None
    assert stated == 2 * 3 + 3 + 1
    body = service.client.get(KENTS).text.replace("\r\n ", "")
    assert "5 more are not here: the record leaves their last days open." in body


def test_a_deadline_has_its_words_and_no_note(service: Service, recent: Published) -> None:
    stream = recent.recommendations[0]
    give(service, stream, "comment", KENT, comment=NOTE)
    event = event_of(read(service, KENTS), stream, "time_limit")
    assert event is not None
    summary = "Time limit to act, Kent Police: Do; it, by “months:3”"
    assert str(event["SUMMARY"]).startswith(summary)
    assert str(event["DESCRIPTION"]) == "Do; it, by “months:3”\\n.\nOwed by: the force"
    assert str(event["URL"]) == f"{service.url}/recommendations/{stream}"
    assert NOTE not in service.client.get(KENTS).text


def test_what_is_met_leaves_the_calendar_and_what_is_withdrawn_comes_back(
    service: Service,
) -> None:
    made = issued(service, "kent-met-2026", str(yesterday()), "months:3")
    stream = made.recommendations[0]
    before = event_of(read(service, KENTS), stream, "action_plan")
    assert before is not None
    give(service, stream, "receive_action_plan", KENT, answer="act", content=NOTE)
    events = read(service, KENTS)
    assert day_in(events, stream, "action_plan") is None
    assert day_in(events, stream, "time_limit") is not None
    give(service, stream, "withdraw", KENT, steps=[2], why="Another's.")
    assert event_of(read(service, KENTS), stream, "action_plan") == before
    comments = {"answer": "act", "explanation": "Yes."}
    give(service, stream, "respond_under_section_55", KENT_BODY, **comments)
    assert day_in(read(service, KENTS), stream, "section_55") is None


def test_a_changed_deadline_keeps_its_id_and_counts_its_changes(service: Service) -> None:
    stream = issued(service, "kent-moved-2026", str(yesterday()), "months:3").recommendations[0]
    sequences, days, stamps = list[int](), list[date | None](), list[object]()
    for limit in ("months:6", "months:9", "months:6"):
        before = service.client.get(KENTS).content
        give(service, stream, "comment", KENT, comment="Noted.")
        assert service.client.get(KENTS).content == before, "what is inside moves nothing"
        give(service, stream, "change_time_limit", time_limit=limit, reason="More.")
        event = event_of(read(service, KENTS), stream, "time_limit")
        assert event is not None
        sequences.append(int(str(event["SEQUENCE"])))
        days.append(day_in({str(event["UID"]): event}, stream, "time_limit"))
        stamps.append(decoded(event, "DTSTAMP"))
    assert sequences == [1, 2, 3]
    assert days[0] == days[2] != days[1]
    assert stamps == sorted(stamps, key=str)


def test_a_force_without_recommendations_has_an_empty_calendar(service: Service) -> None:
    assert read(service, "/forces/essex/deadlines.ics") == {}
    for code in ("nowhere", "training", "training-corvenham"):
        assert service.client.get(f"/forces/{code}/deadlines.ics").status_code == 404


def own(service: Service, database: Database, actor: Actor) -> str:
    """Make the private calendar of a person, and return its address."""
    browser = Browser(service).sign_in(database, actor)
    form = {"_csrf": browser.csrf, "kind": "deadlines"}
    return shown_in(browser.post("/work/addresses", form))


def test_a_persons_calendar_has_what_they_lead_or_answer_for_and_follow_ups(
    service: Service, make_database: Database
) -> None:
    stream = issued(service, "kent-led-2026", str(yesterday()), "months:3").recommendations[0]
    give(service, stream, "waive_action_plan", reason="Small.")
    window = {"window_from": "2027-01-11", "window_to": "2027-02-12", "assignee": "inspector-9"}
    give(service, stream, "assign_follow_up", kind="monitoring", procedure=NOTE, **window)
    nobody = Actor("inspector-8", INSPECTOR.role)
    addresses = {a: own(service, make_database, a) for a in (INSPECTOR, KENT, KENT_BODY, nobody)}
    assigned = own(service, make_database, Actor("inspector-9", INSPECTOR.role))
    assert read(service, addresses[INSPECTOR]) == {}
    patch = service.client.patch(
        "/v1/portfolios/kent", json={"lead": INSPECTOR.id}, headers=service.headers(INSPECTOR)
    )
    assert patch.is_success
    public = read(service, KENTS)
    for actor in (INSPECTOR, KENT, KENT_BODY):
        events = read(service, addresses[actor])
        assert events.keys() > public.keys()
        assert day_in(events, stream, "follow_up") == date(2027, 2, 12)
        assert NOTE not in service.client.get(addresses[actor]).text
    assert day_in(public, stream, "follow_up") is None
    assert [*read(service, assigned)] == [str(uuid5(UUID(stream), "deadline follow_up"))]
    later = {**window, "kind": "monitoring", "procedure": NOTE, "window_to": "2027-03"}
    give(service, stream, "change_follow_up", reason="Later.", **later)
    assert day_in(read(service, assigned), stream, "follow_up") is None
    assert read(service, addresses[nobody]) == {}
    answer = service.client.get(addresses[KENT])
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("text", ["a" * 300, "é" * 200, "😀" * 90, "a,b;c\\d\ne\r\nf", "\x00\x1bx"])
def test_any_text_is_folded_escaped_and_read_back(text: str) -> None:
    of = CalendarDay(UUID(int=1), date(2026, 1, 5), text, text, "https://example.org", 0, NOON)
    content = calendar("A name", "About", [of])
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    (event,) = events_in(content)
    expected = text.replace("\r\n", "\n").replace("\x00", " ").replace("\x1b", " ")
    assert str(event["SUMMARY"]) == expected
    assert str(event["DESCRIPTION"]) == expected
