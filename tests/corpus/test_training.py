"""The worked example is clearly marked, keeps the rules, and goes on where it was stopped."""

import re
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest

from adapters.corpus.training import play, requests, script
from adapters.ledger.draft import Draft
from adapters.ledger.ledger import Ledger
from domain.commands.report import PublishReport
from domain.events.event import Event
from domain.events.recommendation import Closed, Corrected, Reopened
from domain.history import recommendation_after
from domain.recommendation.clocks import clocks
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.vocabulary.entry import Entry
from domain.vocabulary.forces import TRAINING
from domain.vocabulary.ids import recommendation_id, report_id

DAY = date(2026, 11, 20)
REPORT = report_id("training-ncpi-2025")
STREAMS = [recommendation_id(f"training-ncpi-2025-r0{number}") for number in (1, 2, 3)]


def ignore(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def rehearsed() -> Draft:
    rehearsal = Draft(datetime(2026, 11, 20, 12, tzinfo=UTC))
    for request, actor in requests():
        assert len(rehearsal.history(request.stream)) == request.expected_step
        rehearsal.put(request.stream, request.command, actor)
    return rehearsal


def state(history: list[Entry[Event]]) -> tuple[Recommendation, dict[str, str]]:
    found = recommendation_after(history)
    return found, {clock.name: clock.state for clock in clocks(found, DAY)}


def test_the_first_recommendation_has_been_through_its_whole_life() -> None:
    history = rehearsed().history(STREAMS[0])
    found, clock = state(history)

    assert len(history) == 18
    assert {Closed, Reopened, Corrected} <= {type(entry.event) for entry in history}
    assert (found.stage, found.plan) == (Stage.FOLLOWED_UP, Plan.ACCEPTED)
    assert clock == {"action_plan": "late", "section_55": "in_time", "time_limit": "overdue"}


def test_the_second_was_waived_its_plan_and_followed_up() -> None:
    found, clock = state(rehearsed().history(STREAMS[1]))

    assert (found.stage, found.plan) == (Stage.FOLLOWED_UP, Plan.WAIVED)
    assert clock["action_plan"] == "waived"


def test_the_third_stays_issued_and_is_overdue() -> None:
    found, clock = state(rehearsed().history(STREAMS[2]))

    assert (found.stage, found.step) == (Stage.ISSUED, 1)
    assert clock["time_limit"] == clock["action_plan"] == "overdue"


def test_it_is_marked_as_an_example_and_addressed_to_the_training_force_alone() -> None:
    publication = script()[0].command
    assert isinstance(publication, PublishReport)
    addressees = {publication.addressee}.union(*(i.addressees for i in publication.recommendations))

    assert addressees == {TRAINING}
    assert publication.title.startswith("Training example:")
    assert all(i.text.startswith("Training example:") for i in publication.recommendations)
    assert {step.actor.force for step in script()} <= {TRAINING, None}
    assert all(step.actor.id.startswith("training:") for step in script())


def test_every_text_of_it_says_that_it_is_an_example() -> None:
    text = (files("adapters.corpus") / "data" / "training.json").read_text(encoding="utf-8")
    prose = "title|text|remark|remarks|owner|content|explanation|reason|progress|evidence|basis"
    found = re.findall(rf'"(?:{prose}|passage|why)": "([^"]+)"', text)
    reasons = [words for words in found if words != "verified"]

    assert len(reasons) > 20
    assert [words for words in reasons if not words.startswith("Training example:")] == []


def test_its_dates_are_past() -> None:
    dates = [step.on for step in script()]

    assert "2025-01-01" <= min(dates) <= max(dates) < "2026-11-20"


def test_it_plays_on_the_ledger_and_a_second_time_adds_nothing(ledger: Ledger) -> None:
    seen: list[tuple[int, int]] = []
    total = len(requests())

    assert play(ledger, lambda done, of: seen.append((done, of))) == total
    assert seen == [(number, total) for number in range(1, total + 1)]
    assert [len(ledger.history(stream)) for stream in (REPORT, *STREAMS)] == [1, 18, 4, 1]
    head = ledger.head()

    assert play(ledger, ignore) == 0
    assert ledger.head() == head


@pytest.mark.parametrize("after", [0, 1, 2, 9, 19, 20])
def test_a_run_that_was_killed_goes_on_where_it_stopped(ledger: Ledger, after: int) -> None:
    for request, actor in requests()[:after]:
        ledger.submit([request], actor)

    assert play(ledger, ignore) == len(requests()) - after
    assert [len(ledger.history(stream)) for stream in (REPORT, *STREAMS)] == [1, 18, 4, 1]
