"""Laws that hold for every history that random scripts of commands can leave."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import reduce
from itertools import pairwise
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from msgspec.structs import replace

from domain.amendments.consistency import broken_steps
from domain.amendments.correction import amend
from domain.amendments.withdrawal import withdrawn_steps
from domain.checks import ABOUT_THE_RECORD
from domain.events.event import Event
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    ActionPlanWaived,
    Closed,
    Corrected,
    DecisionConfirmed,
    FollowUpAssigned,
    FollowUpReported,
    Issued,
    Reopened,
    TakenOver,
    Withdrawn,
)
from domain.events.report import ReportCorrected
from domain.history import (
    State,
    advance,
    as_at,
    chronology,
    state_after,
    state_of,
    state_periods,
)
from domain.recommendation.state import Recommendation, Stage
from domain.recommendation.worklist import Work, next_by, next_move, work
from domain.tracks import ALL, TRACKS
from domain.vocabulary.dates import earliest, end_of, exact
from domain.vocabulary.entry import Entry
from domain.vocabulary.forces import NATIONAL
from domain.vocabulary.values import StoodAt
from tests.support.data.scripts import Played, of_either, of_recommendations, outcome, value

pytestmark = pytest.mark.slow

MOVES = (
    Issued,
    ActionPlanReceived,
    ActionPlanReviewed,
    FollowUpAssigned,
    FollowUpReported,
    Closed,
    Reopened,
    TakenOver,
    ActionPlanWaived,
)
DAY = timedelta(days=1)
some_days = some.dates(date(2022, 7, 1), date(2024, 6, 30))
laws = settings(max_examples=50)


def after(entries: Iterable[Entry[Event]], state: State | None = None) -> State | None:
    return reduce(advance, entries, state)


def states(entries: Sequence[Entry[Event]]) -> list[Recommendation]:
    """Where a recommendation stood after each step, and before the first."""
    found = [Recommendation()]
    for entry in entries:
        state = advance(found[-1], entry)
        assert isinstance(state, Recommendation)
        found.append(state)
    return found


# Histories


@laws
@given(of_either, some.integers(0, 20))
def test_a_history_can_be_cut_anywhere(played: Played, cut: int) -> None:
    steps = as_at(played.history)
    assert after(steps[cut:], after(steps[:cut])) == after(steps) == state_after(played.history)


@laws
@given(of_either)
def test_an_event_written_is_the_event_read(played: Played) -> None:
    for entry in (*played.history, *amend(played.history)):
        written = msgspec.json.encode(entry.event)
        assert msgspec.json.decode(written, type=Event) == entry.event


@laws
@given(of_either)
def test_every_decided_event_can_be_folded(played: Played) -> None:
    for length in range(1, len(played.history) + 1):
        state = state_after(played.history[:length])
        assert state is not None
        assert state.step == length


@laws
@given(of_either)
def test_a_command_yields_events_or_is_refused_without_effect(played: Played) -> None:
    for answer in played.answers:
        assert answer.events is None or len(answer.events) == 1
        assert answer.before == answer.since
    assert sum(answer.events is not None for answer in played.answers) == len(played.history)


@laws
@given(of_either)
def test_deciding_from_a_cached_state_gives_the_same_answer(played: Played) -> None:
    for answer in played.answers:
        again = outcome(answer.command, answer.before, answer.stamp, answer.actor, known=True)
        assert again == answer.events


# Work

ASIDE = frozenset({Work.AGREE_SUPPRESSION, Work.RECONSIDER})
"""Work beside the life cycle, which is nobody's next step in it."""


@settings(max_examples=300)
@given(of_recommendations)
def test_whoever_has_the_next_move_has_it_in_a_list(played: Played) -> None:
    for state in states(played.history):
        if state.issued is None or state.issued.addressee == NATIONAL:
            continue  # no single force reads a list for a national addressee
        finding = state.findings[-1].finding if state.findings else None
        # A proposed closure waits for another inspector: decision 71.
        mover = (
            next_by(Work.AGREE_CLOSURE, None)
            if state.proposal
            else next_move(
                state.stage,
                state.plan,
                claimed=state.claim is not None,
                updated=state.updated,
                finding=finding,
            )
        )
        rows = [
            item for item in work(state) if item.work not in ASIDE and item.clock != "time_limit"
        ]
        assert mover is None or mover in {next_by(item.work, item.clock) for item in rows}, state


# Corrections


@laws
@given(of_either)
def test_a_correction_never_loses_the_earlier_version(played: Played) -> None:
    history = played.history
    for number, entry in enumerate(history):
        if not isinstance(entry.event, Corrected | ReportCorrected):
            continue
        fix, named = entry.event, entry.event.step - 1
        before, now = amend(history[:number]), amend(history[: number + 1])
        assert value(before[named], fix.field) == fix.was
        assert value(now[named], fix.field) == fix.now
        just_before = entry.stamp.at - timedelta(microseconds=1)
        assert as_at(history, known_at=just_before) == as_at(
            [known for known in history if known.stamp.at < entry.stamp.at]
        )
        assert [*before[:named], *before[named + 1 :]] == [
            *now[:named],
            *now[named + 1 : number],
        ]


@laws
@given(of_either)
def test_a_corrected_step_keeps_its_kind(played: Played) -> None:
    for entry, amended in zip(played.history, amend(played.history), strict=True):
        assert type(entry.event) is type(amended.event)
        assert (entry.step, entry.id) == (amended.step, amended.id)


# Days


@laws
@given(of_either)
def test_steps_become_certain_in_order_and_within_their_dates(played: Played) -> None:
    steps = chronology(played.history)
    days = [step.day for step in steps]
    assert days == sorted(days)
    for step in steps:
        if not isinstance(step.entry.event, ABOUT_THE_RECORD):
            assert earliest(step.entry.stamp.on) <= step.day <= end_of(step.entry.stamp.on)
    for track in ALL:
        own = [step.entry.step for step in steps if track in TRACKS[type(step.entry.event)]]
        assert own == sorted(own), "in the order of recording within each track"


@laws
@given(of_either, some_days, some_days)
def test_steps_certain_on_a_day_are_certain_on_later_days(
    played: Played, one: date, other: date
) -> None:
    earlier, later = (as_at(played.history, on=day) for day in sorted((one, other)))
    assert later[: len(earlier)] == earlier


@laws
@given(of_either)
def test_all_steps_are_certain_by_the_last_day(played: Played) -> None:
    last = played.history[-1].stamp.at.date() + DAY
    assert as_at(played.history, on=last) == as_at(played.history)
    withdrawn = withdrawn_steps(played.history)
    standing = {entry.step for entry in played.history} - withdrawn
    assert {entry.step for entry in as_at(played.history)} == standing


@laws
@given(of_either, some.lists(some_days, max_size=5))
def test_an_interval_holds_the_state_on_each_of_its_days(played: Played, days: list[date]) -> None:
    found = state_periods(played.history)
    turns = [stretch.since for stretch in found]
    for day in (*days, *turns, *(turn - DAY for turn in turns)):
        standing = [
            stretch.state
            for stretch in found
            if stretch.since <= day and (stretch.until is None or day < stretch.until)
        ]
        expected = after(as_at(played.history, on=day))
        assert standing == ([expected] if expected else [])


@laws
@given(of_either)
def test_intervals_follow_one_another_and_the_last_is_open(played: Played) -> None:
    found = state_periods(played.history)
    assert [stretch.until for stretch in found] == [
        *(stretch.since for stretch in found[1:]),
        None,
    ]
    assert all(one.since < other.since for one, other in pairwise(found))
    assert found[-1].state == state_after(played.history)


# The life cycle


@laws
@given(of_recommendations)
def test_only_some_events_move_the_stage(played: Played) -> None:
    steps = as_at(played.history)
    for entry, (before, now) in zip(steps, pairwise(states(steps)), strict=True):
        if not isinstance(entry.event, MOVES):
            assert (now.stage, now.moved_on) == (before.stage, before.moved_on)


@laws
@given(of_recommendations)
def test_only_a_closure_closes_a_recommendation(played: Played) -> None:
    steps = as_at(played.history)
    for entry, (before, now) in zip(steps, pairwise(states(steps)), strict=True):
        assert (now.stage is Stage.CLOSED) == (
            isinstance(entry.event, Closed)
            or (isinstance(entry.event, TakenOver) and entry.event.standing is StoodAt.CLOSED)
            or (before.stage is Stage.CLOSED and not isinstance(entry.event, Reopened))
        )
        assert (now.closure is not None) == (now.stage is Stage.CLOSED)
        assert now.may_be_open == (now.closure is None and now.issued is not None)
        if isinstance(entry.event, Reopened):
            assert now.stage == before.stage_before_closure


@laws
@given(of_recommendations)
def test_each_standing_fact_names_the_step_that_made_it(played: Played) -> None:
    dates = {entry.step: entry.stamp.on for entry in as_at(played.history)}
    for state in states(as_at(played.history)):
        standing = [
            state.claim, state.assurance, state.closure, state.follow_up, state.proposal,
            *state.responses, *state.findings,
        ]  # fmt: skip
        for one in standing:
            assert one is None or 1 < one.step <= state.step
            assert one is None or one.on == dates[one.step]


# Tracks, late steps and withdrawals


def recorded(played: Played, entries: Iterable[Entry[Event]]) -> list[Entry[Event]]:
    """Return entries numbered anew, in the order given, all recorded at the end."""
    at = played.history[-1].stamp.at
    return [
        replace(entry, step=step, stamp=replace(entry.stamp, at=at))
        for step, entry in enumerate(entries, 1)
    ]


def shape(state: State | None) -> object:
    """Return a state without what depends on the order of recording: steps, floors, decisions."""
    if not isinstance(state, Recommendation):
        return None
    return (
        state.stage, state.moved_on, state.plan, state.first_plan_on, state.time_limit,
        state.claim and state.claim.on, state.assurance and state.assurance.on,
        tuple(response.on for response in state.responses),
        tuple((finding.on, finding.finding) for finding in state.findings),
        state.closure and (state.closure.on, state.closure.reason),
        state.slippage.time_limit_changes, state.slippage.reopenings,
    )  # fmt: skip


@laws
@given(of_recommendations, some.randoms())
def test_tracks_recorded_in_any_order_give_the_same_state_on_every_day(
    played: Played, random: Random
) -> None:
    """Steps of exact dates, no two tracks on one day, shuffled among the tracks."""
    steps = [
        placed.entry
        for placed in chronology(played.history)
        if not isinstance(placed.entry.event, (*ABOUT_THE_RECORD, DecisionConfirmed))
        and exact(placed.entry.stamp.on)
    ]
    if not steps or steps[0].step != 1:
        return
    first, days = steps[0], dict[str, tuple[int, ...]]()
    kept = [
        entry
        for entry in steps[1:]
        if days.setdefault(entry.stamp.on, TRACKS[type(entry.event)]) == TRACKS[type(entry.event)]
        and len(TRACKS[type(entry.event)]) == 1
    ]
    queues: dict[tuple[int, ...], list[Entry[Event]]] = {}
    for entry in kept:
        queues.setdefault(TRACKS[type(entry.event)], []).append(entry)
    shuffled = list[Entry[Event]]()
    while any(queues.values()):
        queue = random.choice([queue for queue in queues.values() if queue])
        shuffled.append(queue.pop(0))
    in_order, mixed = recorded(played, [first, *kept]), recorded(played, [first, *shuffled])
    for day in {date.fromisoformat(entry.stamp.on) for entry in [first, *kept]}:
        assert shape(state_of(as_at(mixed, on=day))) == shape(state_of(as_at(in_order, on=day)))


@laws
@given(of_recommendations)
def test_every_decided_step_leaves_a_history_that_the_rules_allow(played: Played) -> None:
    """Whether late, corrected or withdrawn: what results is always allowed, or it is refused."""
    assert broken_steps(played.history) == {}


@laws
@given(of_recommendations)
def test_a_withdrawn_step_counts_as_if_it_had_never_been(played: Played) -> None:
    gone = withdrawn_steps(played.history)
    if not gone or any(isinstance(e.event, Corrected) for e in played.history):
        return  # a correction names steps by number
    left = [
        entry
        for entry in played.history
        if entry.step not in gone and not isinstance(entry.event, ABOUT_THE_RECORD)
    ]
    never = [replace(entry, step=step) for step, entry in enumerate(left, 1)]
    for day in {placed.day for placed in chronology(played.history)}:
        now = state_of(as_at(played.history, on=day))
        assert shape(now) == (shape(state_of(as_at(never, on=day))) or shape(Recommendation()))


@laws
@given(of_recommendations)
def test_a_withdrawal_changes_nothing_as_known_before_it(played: Played) -> None:
    for number, entry in enumerate(played.history):
        if isinstance(entry.event, Withdrawn):
            before = [e for e in played.history[:number] if e.stamp.at < entry.stamp.at]
            just_before = entry.stamp.at - timedelta(microseconds=1)
            assert as_at(played.history, known_at=just_before) == as_at(before)


def test_the_random_scripts_hold_late_and_withdrawn_steps() -> None:
    late: list[int] = []
    withdrawn: list[int] = []
    kept = 0

    @settings(max_examples=400, derandomize=True)  # which a few hundred hold by chance alone
    @given(of_recommendations)
    def look(played: Played) -> None:
        nonlocal kept
        kept += 1
        withdrawn.extend(withdrawn_steps(played.history))
        steps = [entry.step for entry in as_at(played.history)]
        late.extend(step for step, following in pairwise(steps) if following < step)

    look()
    assert min(len(late), len(withdrawn)) > kept // 10
