"""The training example: clearly marked, within the rules, and resumed after an interruption."""

import re
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest

from adapters.corpus.training import play, script, submissions
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
    """Ignore the progress."""


def rehearsed() -> Draft:
    rehearsal = Draft(datetime(2026, 11, 20, 12, tzinfo=UTC))
    for submission, actor in submissions():
        assert len(rehearsal.history(submission.stream)) == submission.expected_step
        rehearsal.put(submission.stream, submission.command, actor)
    return rehearsal


def state(history: list[Entry[Event]]) -> tuple[Recommendation, dict[str, str]]:
    recommendation = recommendation_after(history)
    return recommendation, {clock.name: clock.state for clock in clocks(recommendation, DAY)}


def test_the_first_training_recommendation_goes_through_its_whole_life() -> None:
    history = rehearsed().history(STREAMS[0])
    recommendation, clock = state(history)

    assert len(history) == 18
    assert {Closed, Reopened, Corrected} <= {type(entry.event) for entry in history}
    assert (recommendation.stage, recommendation.plan) == (Stage.FOLLOWED_UP, Plan.ACCEPTED)
    assert clock == {"action_plan": "late", "section_55": "in_time", "time_limit": "overdue"}


def test_the_second_training_recommendation_is_followed_up_without_a_plan() -> None:
    recommendation, clock = state(rehearsed().history(STREAMS[1]))

    assert (recommendation.stage, recommendation.plan) == (Stage.FOLLOWED_UP, Plan.WAIVED)
    assert clock["action_plan"] == "waived"


def test_the_third_training_recommendation_stays_issued_and_overdue() -> None:
    recommendation, clock = state(rehearsed().history(STREAMS[2]))

    assert (recommendation.stage, recommendation.step) == (Stage.ISSUED, 1)
    assert clock["time_limit"] == clock["action_plan"] == "overdue"


def test_the_training_report_is_marked_and_only_for_the_training_force() -> None:
    publication = script()[0].command
    assert isinstance(publication, PublishReport)
    addressees = {publication.addressee}.union(*(i.addressees for i in publication.recommendations))

    assert addressees == {TRAINING}
    assert publication.title.startswith("Training example:")
    assert all(i.text.startswith("Training example:") for i in publication.recommendations)
    assert {step.actor.force for step in script()} <= {TRAINING, None}
    assert all(step.actor.id.startswith("training:") for step in script())


def test_every_training_text_says_that_it_is_an_example() -> None:
    text = (files("adapters.corpus") / "data" / "training.json").read_text(encoding="utf-8")
    prose = "title|text|remark|remarks|owner|content|explanation|reason|progress|evidence|basis"
    texts = re.findall(rf'"(?:{prose}|passage|why)": "([^"]+)"', text)
    texts = [words for words in texts if words != "verified"]

    assert len(texts) > 20
    assert [words for words in texts if not words.startswith("Training example:")] == []


def test_the_training_dates_are_past() -> None:
    dates = [step.on for step in script()]

    assert "2025-01-01" <= min(dates) <= max(dates) < "2026-11-20"


def test_playing_the_training_example_twice_adds_nothing(ledger: Ledger) -> None:
    seen: list[tuple[int, int]] = []
    total = len(submissions())

    assert play(ledger, lambda done, of: seen.append((done, of))) == total
    assert seen == [(number, total) for number in range(1, total + 1)]
    assert [len(ledger.history(stream)) for stream in (REPORT, *STREAMS)] == [1, 18, 4, 1]
    head = ledger.head()

    assert play(ledger, ignore) == 0
    assert ledger.head() == head


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 1, 2, 9, 19, 20])
def test_an_interrupted_training_run_goes_on_where_it_stopped(ledger: Ledger, after: int) -> None:
    for submission, actor in submissions()[:after]:
        ledger.submit([submission], actor)

    assert play(ledger, ignore) == len(submissions()) - after
    assert [len(ledger.history(stream)) for stream in (REPORT, *STREAMS)] == [1, 18, 4, 1]
