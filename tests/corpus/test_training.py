"""The training world: clearly marked, within the rules, and resumed after an interruption."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest

from adapters.corpus.training.evidence import content_of
from adapters.corpus.training.lives import VERBS, LifeSubject, TrainingStep, steps_of
from adapters.corpus.training.play import example, play, script, submissions
from adapters.corpus.training.world import DATA, WHOLE_LIFE, steps
from adapters.documents.media_types import detect_media
from adapters.documents.store import listing
from adapters.ledger.draft import Draft
from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import Submission
from domain.checks import REPLIES
from domain.commands.command import Command
from domain.commands.recommendation import Close, DeclineClosure
from domain.commands.report import Issue, PublishReport
from domain.events.event import Event, History
from domain.events.recommendation import (
    Closed,
    Corrected,
    FollowUpAssigned,
    Issued,
    NoteRedacted,
    RecommendationEvent,
    Reopened,
    TakenOver,
)
from domain.events.report import ReportEvent, ReportNoteRedacted
from domain.history import recommendation_after
from domain.recommendation.clocks import clocks
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.vocabulary.entry import Entry
from domain.vocabulary.forces import TRAINING, TRAINING_FORCES
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import CloseReason, Finding, FollowUpKind

PROSE = {
    *("title", "text", "remark", "remarks", "owner", "content", "explanation", "reason"),
    *("progress", "evidence", "basis", "passage", "why", "comment"),
}
"""The fields of commands that hold somebody's words."""
CLOSE_REASONS = {*map(str, CloseReason)}
DAY = date(2026, 11, 28)
REPORT = report_id("training-ncpi-2025")
STREAMS = [recommendation_id(f"training-ncpi-2025-r0{number}") for number in (1, 2, 3)]


def ignore(_done: int, _total: int) -> None:
    """Ignore the progress."""


@cache
def rehearsed() -> Draft:
    every = submissions()
    sent = [
        (step.submission.stream, sha256(content).hexdigest())
        for step in every
        for content in step.files
    ]
    rehearsal = Draft(datetime(2026, 11, 28, 12, tzinfo=UTC), documents=sent)
    for step in every:
        submission = step.submission
        assert len(rehearsal.history(submission.stream)) == submission.expected_step
        rehearsal.put(submission.stream, submission.command, step.actor)
    return rehearsal


def state(history: list[Entry[Event]]) -> tuple[Recommendation, dict[str, str]]:
    recommendation = recommendation_after(history)
    return recommendation, {clock.name: clock.state for clock in clocks(recommendation, DAY)}


def test_the_first_training_recommendation_goes_through_its_whole_life() -> None:
    history = rehearsed().history(STREAMS[0])
    recommendation, clock = state(history)

    assert len(history) == 19
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
    publication = example()[0].command
    assert isinstance(publication, PublishReport)
    addressees = {publication.addressee}.union(*(i.addressees for i in publication.recommendations))

    assert addressees == {TRAINING}
    assert publication.title.startswith("Training example:")
    assert all(i.text.startswith("Training example:") for i in publication.recommendations)
    assert {step.actor.force for step in example()} <= {TRAINING, None}
    assert all(step.actor.id.startswith("training:") for step in script())


def test_every_training_text_says_that_it_is_training() -> None:
    texts = [text for step in script() for text in texts_of(step.command)]

    assert len(texts) > 400
    assert [
        text for text in texts if not text.startswith(("Training: ", "Training example:"))
    ] == []


def test_every_training_step_is_past_on_a_weekday_and_in_order() -> None:
    for stream, lives in groupby(sorted(steps(), key=lambda step: step.stream), by_stream):
        dates = [step.on for step in lives]
        assert dates == sorted(dates), stream
        assert "2023-01-01" <= min(dates) <= max(dates) < "2026-11-28", stream
        assert [on for on in dates if date.fromisoformat(on).weekday() > 4] == [], stream
    assert max(step.on for step in example()) < "2026-11-20"


def test_the_training_world_is_about_its_own_six_forces_and_acts_for_each() -> None:
    publications = [s.command for s in steps() if isinstance(s.command, PublishReport)]
    forces = {*TRAINING_FORCES} - {TRAINING}

    assert {publication.addressee for publication in publications} == forces
    assert {a for p in publications for i in p.recommendations for a in i.addressees} == forces
    assert {step.actor.force for step in steps()} == {*forces, None}
    assert all(step.stream.startswith("training-") for step in steps())
    assert all(step.actor.id.startswith("training:") for step in steps())
    for step in steps():
        assert step.actor.force is None or step.stream.startswith(f"{step.actor.force}-")


def test_a_training_text_names_its_time_limit_in_words() -> None:
    months = {"one": 1, "three": 3, "six": 6, "nine": 9, "twelve": 12}
    for issue in issues():
        match = re.match(r"Training: (?:within (\w+) months?|(immediately)), ", issue.text)
        if match is None:
            assert (issue.time_limit == "none") or issue.kind == "area_for_improvement", issue.text
        else:
            said = f"months:{months[match[1]]}" if match[1] else "immediate"
            assert issue.time_limit == said, issue.text


def test_the_training_world_has_about_sixty_recommendations_in_every_stage() -> None:
    states = recommendations()
    stages = Counter(state.stage for state in states)

    assert 55 <= len(states) <= 65
    assert set(stages) == {*Stage} - {Stage.ABSENT, Stage.NOT_KNOWN}
    assert min(stages.values()) >= 4


def test_the_training_world_has_every_event_that_can_be_recorded() -> None:
    events = {type(entry.event) for history in histories() for entry in history}

    recordable = {*get_args(RecommendationEvent), *get_args(ReportEvent)}
    former, of_sources = {NoteRedacted, ReportNoteRedacted}, {TakenOver}
    of_their_day = {*REPLIES}  # which no past can have: each is of the day of its recording
    assert events == recordable - former - of_sources - of_their_day


def test_the_training_world_uses_every_verb_of_a_life() -> None:
    lines = [
        line.partition(": ")[0].split()[1:]
        for file in DATA.iterdir()
        if file.name.endswith(".toml")
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.match(r"\d{4}-\d\d-\d\d ", line)
    ]
    used = {" ".join(words[:2]) for words in lines} | {words[0] for words in lines}
    assert VERBS.keys() - used == set()


LEAST = {
    "action_plan in_time": 20, "action_plan late": 4, "action_plan overdue": 1,
    "action_plan running": 1, "action_plan waived": 2,
    "section_55 in_time": 20, "section_55 late": 1, "section_55 overdue": 5,
    "time_limit in_time": 5, "time_limit late": 3, "time_limit overdue": 5, "time_limit running": 5,
    "closed verified": 10, "closed superseded": 2, "closed not_applicable": 2,
    "closed withdrawn": 1,
    "found met": 10, "found partly_met": 5, "found not_met": 2, "found too_early": 2,
    "found narrative": 2,
    "a time limit changed": 5, "a time limit changed twice": 1, "reopened": 3,
    "a second cycle": 5, "changes requested": 2, "claimed": 5, "an owner": 10,
    "comments to take no action": 2, "assured": 2, "partly_assured": 2, "a stale decision": 1,
}  # fmt: skip


@pytest.mark.parametrize("situation", LEAST)
def test_the_training_world_has_each_situation(situation: str) -> None:
    met = [state for state in recommendations() if situation in situations(state)]
    assert len(met) >= LEAST[situation]


def situations(state: Recommendation) -> set[str]:
    """The situations that a recommendation is in, or has been in."""
    conditions = {
        "a time limit changed": state.slippage.time_limit_changes > 0,
        "a time limit changed twice": state.slippage.time_limit_changes > 1,
        "reopened": state.slippage.reopenings > 0,
        "a second cycle": state.cycle > 1,
        "changes requested": state.plan is Plan.CHANGES_REQUESTED,
        "claimed": state.claim is not None,
        "an owner": state.owner_step > 0,
        "comments to take no action": bool(
            state.section_55 and state.section_55.answer == "no_action"
        ),
        "a stale decision": bool(state.decision and state.decision.stale),
    }
    words = {words for words, holds in conditions.items() if holds}
    words |= {f"{clock.name} {clock.state}" for clock in clocks(state, DAY)}
    words |= {f"found {found.finding}" for found in state.findings}
    words |= {f"closed {closure.reason}" for closure in (state.closure,) if closure}
    return words | {assurance.level for assurance in (state.assurance,) if assurance}


def test_follow_ups_of_every_kind_are_assigned_with_a_window() -> None:
    assigned = [
        entry.event
        for history in histories()
        for entry in history
        if isinstance(entry.event, FollowUpAssigned)
    ]
    assert {event.kind for event in assigned} == {*FollowUpKind}
    assert all(event.window_from and event.window_to for event in assigned)


def test_a_training_recommendation_is_superseded_by_another_that_is_on_record() -> None:
    by = [state.closure.superseded_by for state in recommendations() if state.closure]
    found = [stream for stream in by if stream]

    assert len(found) >= 2
    for stream in found:
        assert recommendation_after(rehearsed().history(stream)).issued


def test_a_training_closure_as_verified_rests_on_a_finding_and_another_inspector() -> None:
    for history in world_histories():
        for number, entry in enumerate(history):
            if isinstance(entry.event, Closed) and entry.event.reason is CloseReason.VERIFIED:
                before = recommendation_after(history[:number])
                assert before.findings[-1].finding is Finding.MET
                found = history[before.findings[-1].step - 1]
                assert found.stamp.by != entry.stamp.by
                assert entry.event.source


def test_the_whole_life_has_most_kinds_of_step() -> None:
    history = rehearsed().history(recommendation_id(WHOLE_LIFE))

    assert len(history) > 20
    assert len({type(entry.event) for entry in history}) >= 13
    assert recommendation_after(history).stage is Stage.CLOSED


def test_evidence_files_are_small_and_of_a_type_that_can_be_stored() -> None:
    contents = [content for step in steps() for content in step.files]

    kinds = {detect_media(content).media_type for content in contents}
    assert kinds == {"application/pdf", "text/plain"}
    assert all(b"Training: fictional." in content for content in contents)
    assert max(map(len, contents)) < 2_000
    assert content_of("a.pdf", "(one) \\ two") == content_of("a.pdf", "(one) \\ two")


@pytest.mark.parametrize(
    "line",
    [
        "2024-01-02 celebrate: hooray",
        "2024-01-02 plan",
        "2024-01-02 follow-up light_touch 2024-03",
        "2024-01-02 finding good: it is",
        "soon plan: we will",
    ],
)
def test_a_line_that_is_no_step_is_named(line: str) -> None:
    subject = LifeSubject("training-x-r01", "training-x", "2024", "training-ambleford")

    with pytest.raises(ValueError, match=re.escape(f"training-x-r01: {line}")):
        list(steps_of(subject, f"\n{line}\n"))


def test_playing_the_training_world_twice_adds_nothing(ledger: Ledger) -> None:
    seen: list[tuple[int, int]] = []
    total = len(submissions())

    assert play(ledger, lambda done, of: seen.append((done, of))) == total
    assert seen == [(number, total) for number in range(1, total + 1)]
    assert [len(ledger.history(stream)) for stream in (REPORT, *STREAMS)] == [1, 19, 4, 1]
    head = ledger.head()
    documents = ledger.rows.run(listing(recommendation_id(WHOLE_LIFE)))
    assert len(documents) == 3

    assert play(ledger, ignore) == 0
    assert ledger.head() == head


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 1, 2, 9, 19, 20, 60, 300])
def test_an_interrupted_training_run_goes_on_where_it_stopped(ledger: Ledger, after: int) -> None:
    class Stopped(Exception):  # noqa: N818  no fault
        pass

    def stop(done: int, _total: int) -> None:
        if done == after:
            raise Stopped

    if after:
        with pytest.raises(Stopped):
            play(ledger, stop)

    assert play(ledger, ignore) == len(submissions()) - after
    assert [len(ledger.history(stream)) for stream in (REPORT, *STREAMS)] == [1, 19, 4, 1]
    assert play(ledger, ignore) == 0


def test_a_training_recommendation_that_somebody_went_on_with_is_left_to_them(
    ledger: Ledger,
) -> None:
    class Stopped(Exception):  # noqa: N818  no fault
        pass

    every = submissions()
    (before,) = [
        number
        for number, step in enumerate(every)
        if isinstance(step.submission.command, DeclineClosure)
    ]

    def stop(done: int, _total: int) -> None:
        if done == before:
            raise Stopped

    with pytest.raises(Stopped):
        play(ledger, stop)
    declined = every[before]
    close = Close(reason=CloseReason.WITHDRAWN, basis="Tried.")
    ledger.submit([Submission(declined.submission.stream, close)], declined.actor)
    after = [step.submission.stream for step in every[before:]]
    theirs = after.count(declined.submission.stream)

    assert theirs > 1
    assert play(ledger, ignore) == len(after) - theirs
    assert play(ledger, ignore) == 0


def texts_of(command: Command) -> Iterator[str]:
    """Every text of a command that somebody wrote."""
    plain: Any = msgspec.to_builtins(command)
    for fields in (plain, *plain.get("recommendations", ())):
        for name in PROSE & fields.keys():
            if fields[name] is not None and not (
                name == "reason" and fields[name] in CLOSE_REASONS
            ):
                yield fields[name]


def issues() -> Iterator[Issue]:
    """Every recommendation of the world, as it is issued."""
    for step in steps():
        if isinstance(step.command, PublishReport):
            yield from step.command.recommendations


def by_stream(step: TrainingStep) -> str:
    return step.stream


def histories() -> list[History]:
    """Every history of the example and the world."""
    return [rehearsed().history(stream) for stream in streams(script())]


def world_histories() -> list[History]:
    """Every history of a recommendation of the world."""
    every = [rehearsed().history(stream) for stream in streams(steps())]
    return [history for history in every if isinstance(history[0].event, Issued)]


@cache
def recommendations() -> list[Recommendation]:
    """Every recommendation of the world, as it is today."""
    return [recommendation_after(history) for history in world_histories()]


def streams(script: Iterable[TrainingStep]) -> Iterator[UUID]:
    """Every stream that some steps begin."""
    for step in script:
        if isinstance(step.command, PublishReport):
            yield report_id(step.stream)
            for issue in step.command.recommendations:
                yield recommendation_id(f"{step.stream}-r{issue.ordinal:02}")
