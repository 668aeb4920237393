"""Clocks of a recommendation: their state on the days they turn, and their notes."""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.events.event import Event
from domain.events.recommendation import (
    ActionPlanReceived,
    ClaimReturned,
    Closed,
    Commented,
    OwnerNamed,
    Reopened,
    Section55Responded,
    TakenOver,
    TimeLimitChanged,
    UpdateReceived,
)
from domain.recommendation.clocks import CLAIMED as CLAIMED_NOTE
from domain.recommendation.clocks import (
    NOTHING_ON_RECORD,
    Clock,
    State,
    action_plan,
    clocks,
    immediate_update,
    overdue_from,
    plan_overdue_from,
    section_55,
    time_limit,
)
from domain.recommendation.deadlines import RULES
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.vocabulary.values import CloseReason, Code, Edition, StoodAt, TimeLimit, When
from tests.support.data.examples import IMPORT, KENT, KENT_BODY
from tests.support.data.stories import (
    ACCEPTED,
    ASSIGNED,
    CHANGES,
    CLAIMED,
    CLOSED,
    FOLLOWED_UP,
    ISSUED,
    PLAN,
    WAIVED,
    Happened,
    given,
)

VERIFIED = Closed(CloseReason.VERIFIED, "Seen.", "Review")
UPDATED = UpdateReceived("Done at once.")
RESPONSE = Section55Responded("act", "We asked.")


def day(text: str) -> date:
    return date.fromisoformat(text)


def issued(
    on: When,
    *then: Happened,
    limit: TimeLimit = "months:3",
    addressee: Code = "kent",
    edition: Edition = "pre-2024",
) -> Recommendation:
    """A recommendation published then, and what followed."""
    event: Event = replace(ISSUED, time_limit=limit, addressee=addressee, edition=edition)
    return given((on, event), *then).recommendation


def standing(clock: Clock) -> tuple[State, int | None]:
    return clock.state, clock.days


# The action plan: 42 days


def test_a_plan_is_due_six_weeks_after_publication() -> None:
    clock = action_plan(issued("2022-08-05"), day("2022-09-01"))
    assert clock == Clock(
        name="action_plan",
        state="running",
        rule="The force provides an action plan within six weeks (42 days) of publication.",
        source="HMICFRS, National child protection inspections: Post inspection activity",
        start="2022-08-05",
        due=day("2022-09-16"),
        due_earliest=day("2022-09-16"),
        due_latest=day("2022-09-16"),
        days=15,
    )


@pytest.mark.parametrize(
    ("on", "state", "days"),
    [
        ("2022-08-05", "running", 42),
        ("2022-09-15", "running", 1),
        ("2022-09-16", "running", 0),
        ("2022-09-17", "overdue", -1),
        ("2022-10-16", "overdue", -30),
    ],
)
def test_a_plan_is_overdue_the_day_after_it_was_due(on: str, state: State, days: int) -> None:
    assert standing(action_plan(issued("2022-08-05"), day(on))) == (state, days)


@pytest.mark.parametrize(
    ("came", "state"),
    [
        ("2022-09-16", "in_time"),
        ("2022-09-17", "late"),
        ("2022-08", "in_time"),
        ("2022-09", "stopped"),
        ("2022-10", "late"),
        ("2022", "stopped"),
        ("2023", "late"),
        ("unknown", "stopped"),
    ],
)
def test_a_plan_came_in_time_or_late_or_undecided(came: When, state: State) -> None:
    clock = action_plan(issued("2022-08-05", (came, PLAN, KENT)), day("2023-01-01"))
    assert standing(clock) == (state, None)
    assert clock.stopped_on == came


def test_the_first_plan_stops_the_clock_for_good() -> None:
    state = issued(
        "2022-08-05",
        ("2022-09-14", PLAN, KENT),
        ("2022-10-03", CHANGES),
        ("2022-10-20", ActionPlanReceived(1, "act", "By May."), KENT),
    )
    clock = action_plan(state, day("2022-11-01"))
    assert (clock.state, clock.stopped_on) == ("in_time", "2022-09-14")


def test_a_waived_plan_is_not_due() -> None:
    clock = action_plan(issued("2022-08-05", ("2022-09-01", WAIVED)), day("2023-01-01"))
    assert standing(clock) == ("waived", None)
    assert (clock.stopped_on, clock.due) == ("2022-09-01", day("2022-09-16"))


def test_a_plan_received_after_its_waiver_stops_the_clock() -> None:
    state = issued("2022-08-05", ("2022-09-01", WAIVED), ("2022-09-20", PLAN, KENT))
    clock = action_plan(state, day("2023-01-01"))
    assert (clock.state, clock.stopped_on) == ("late", "2022-09-20")


def test_a_plan_received_before_a_waiver_stops_the_clock() -> None:
    state = issued(
        "2022-08-05", ("2022-09-14", PLAN, KENT), ("2022-10-03", CHANGES), ("2022-10-04", WAIVED)
    )
    clock = action_plan(state, day("2023-01-01"))
    assert (clock.state, clock.stopped_on) == ("in_time", "2022-09-14")


def test_six_weeks_for_a_plan_are_unconfirmed_for_the_2024_edition() -> None:
    clock = action_plan(issued("2024-08-05", edition="2024"), day("2024-09-01"))
    assert clock.due == day("2024-09-16")
    assert clock.notes == ("This rule is not confirmed for the 2024 edition of the methodology.",)


def test_no_single_force_owes_a_plan_for_a_national_recommendation() -> None:
    clock = action_plan(issued("2022-08-05", addressee="national"), day("2022-09-01"))
    assert clock == Clock(
        "action_plan",
        "no_rule",
        RULES["action_plan"].words,
        RULES["action_plan"].source,
        "2022-08-05",
        notes=("No single force owes a plan for a national addressee.",),
    )
    assert (clock.due, clock.days, clock.stopped_on, clock.moved_by_step) == (None,) * 4


# Section 55: 56 days beginning with the day of publication


def test_comments_are_due_on_the_55th_day_after_publication() -> None:
    clock = section_55(issued("2022-08-05"), day("2022-09-01"))
    assert clock == Clock(
        name="section_55",
        state="running",
        rule="The local policing body publishes its comments before the end of the 56 days "
        "beginning with the day of publication, that is, by the 55th day after it.",
        source="Police Act 1996, section 55(5A), "
        "inserted by the Policing and Crime Act 2017, section 37",
        start="2022-08-05",
        due=day("2022-09-29"),
        due_earliest=day("2022-09-29"),
        due_latest=day("2022-09-29"),
        days=28,
        notes=(
            (
                "The commencement date of section 55(5A) is not confirmed. "
                "It cannot be before 31 January 2017."
            ),
        ),
    )


@pytest.mark.parametrize(
    ("on", "state", "days"),
    [("2022-09-29", "running", 0), ("2022-09-30", "overdue", -1)],
)
def test_comments_are_overdue_the_day_after_they_were_due(on: str, state: State, days: int) -> None:
    assert standing(section_55(issued("2022-08-05"), day(on))) == (state, days)


@pytest.mark.parametrize(
    ("came", "state"),
    [("2022-09-29", "in_time"), ("2022-09-30", "late"), ("2022-09", "stopped")],
)
def test_comments_came_in_time_or_late_or_undecided(came: When, state: State) -> None:
    clock = section_55(issued("2022-08-05", (came, RESPONSE, KENT_BODY)), day("2023-01-01"))
    assert standing(clock) == (state, None)
    assert clock.stopped_on == came


@pytest.mark.parametrize("on", ["2017-01-30", "2016-12", "2016"])
def test_comments_had_no_limit_before_the_act(on: When) -> None:
    clock = section_55(issued(on), day("2017-06-01"))
    assert (clock.state, clock.due) == ("no_rule", None)
    assert clock.notes == ("Published before the 56-day limit applied.",)


@pytest.mark.parametrize("on", ["2017-01-31", "2017-01", "2017", "unknown"])
def test_comments_may_have_a_limit_since_the_act(on: When) -> None:
    assert section_55(issued(on), day("2017-01-31")).state != "no_rule"


def test_no_comments_are_due_on_a_national_recommendation() -> None:
    clock = section_55(issued("2022-08-05", addressee="national"), day("2022-09-01"))
    assert (clock.state, clock.notes) == (
        "no_rule",
        ("Each local policing body answers only for its own force.",),
    )


# The time limit


@pytest.mark.parametrize(
    ("published", "limit", "due"),
    [
        ("2022-08-05", "months:3", "2022-11-05"),
        ("2022-11-30", "months:3", "2023-02-28"),
        ("2023-11-30", "months:3", "2024-02-29"),
        ("2024-02-29", "months:12", "2025-02-28"),
        ("2024-02-29", "months:48", "2028-02-29"),
        ("2022-08-05", "months:60", "2027-08-05"),
        ("2022-08-05", "date:2023-03-31", "2023-03-31"),
    ],
)
def test_a_time_limit_ends_on_its_last_day(published: When, limit: TimeLimit, due: str) -> None:
    clock = time_limit(issued(published, limit=limit), day("2022-08-05"))
    assert clock.due == clock.due_earliest == clock.due_latest == day(due)


@pytest.mark.parametrize(
    ("limit", "state", "note"),
    [
        (
            "immediate",
            "running",
            "No last day is stated: the word immediately is not defined.",
        ),
        (
            "months:3",
            "running",
            "No start is stated for the months. They are counted from publication.",
        ),
        ("date:2022-10-01", "running", "The inspectorate set this date."),
        ("none", "not_set", "The inspectorate set no time limit."),
        ("unknown", "unknown", "The time limit is not known."),
    ],
)
def test_a_time_limit_says_how_it_is_counted(limit: TimeLimit, state: State, note: str) -> None:
    clock = time_limit(issued("2022-08-05", limit=limit), day("2022-09-01"))
    assert (clock.name, clock.state, clock.notes) == ("time_limit", state, (note,))
    assert clock.start == "2022-08-05"
    assert clock.rule == "The time limit set by the inspectorate, counted from publication."
    assert clock.source == "Its own text"


@pytest.mark.parametrize(
    ("on", "state", "days"),
    [("2022-11-05", "running", 0), ("2022-11-06", "overdue", -1)],
)
def test_a_time_limit_is_overdue_the_day_after_its_last(on: str, state: State, days: int) -> None:
    assert standing(time_limit(issued("2022-08-05"), day(on))) == (state, days)


def test_a_changed_time_limit_names_the_step_that_changed_it() -> None:
    changed = TimeLimitChanged("months:3", "months:6", "Much to do.")
    for step, before in ((2, ()), (3, (("2022-09-01", PLAN, KENT),))):
        state = issued("2022-08-05", *before, ("2022-09-02", changed))
        clock = time_limit(state, day("2022-12-01"))
        assert (clock.due, clock.moved_by_step) == (day("2023-02-05"), step)
    assert time_limit(issued("2022-08-05"), day("2022-12-01")).moved_by_step is None


@pytest.mark.parametrize(
    ("then", "state", "stopped_on"),
    [
        ([("2022-11-05", CLAIMED, KENT)], "in_time", "2022-11-05"),
        ([("2022-11-06", CLAIMED, KENT)], "late", "2022-11-06"),
        ([("2022-11", CLAIMED, KENT)], "stopped", "2022-11"),
        ([("2022-11-04", VERIFIED)], "in_time", "2022-11-04"),
        ([("2022-11-07", VERIFIED)], "late", "2022-11-07"),
        ([("2022-11-05", CLAIMED, KENT), ("2022-12-01", VERIFIED)], "in_time", "2022-11-05"),
        ([("2022-11-07", CLOSED)], "ended", None),
        ([("2022-11-01", CLAIMED, KENT), ("2022-11-02", ClaimReturned("No."))], "overdue", None),
        ([("2022-11-01", CLOSED), ("2022-11-02", Reopened("Too soon."))], "overdue", None),
        ([("2022-11-01", PLAN, KENT), ("2022-11-02", ACCEPTED)], "overdue", None),
        ([("2022-11-01", WAIVED), ("2022-11-02", ASSIGNED)], "overdue", None),
        ([("2022-11-01", FOLLOWED_UP), ("2022-11-02", RESPONSE)], "overdue", None),
    ],
)
def test_only_a_standing_claim_or_a_verified_closure_stops_the_time_limit(
    then: list[Happened], state: State, stopped_on: When | None
) -> None:
    clock = time_limit(issued("2022-08-05", *then), day("2023-01-01"))
    assert (clock.state, clock.stopped_on) == (state, stopped_on)
    nobody_claimed = then[-1][1] == VERIFIED and len(then) == 1
    assert clock.stopped_by_closure is nobody_claimed


# Dates that are coarse or not known


@pytest.mark.parametrize(
    ("published", "begin", "end"),
    [("2022-08", "2022-11-01", "2022-11-30"), ("2022", "2022-04-01", "2023-03-31")],
)
def test_a_coarse_start_gives_a_window_of_due_dates(published: When, begin: str, end: str) -> None:
    clock = time_limit(issued(published), day("2022-04-01"))
    assert (clock.due, clock.days) == (None, None)
    assert (clock.due_earliest, clock.due_latest) == (day(begin), day(end))
    assert clock.notes[0] == f"Published in {published}, so due between {begin} and {end}."


@pytest.mark.parametrize(
    ("on", "state"),
    [("2022-09-11", "running"), ("2022-10-12", "running"), ("2022-10-13", "overdue")],
)
def test_a_clock_with_a_coarse_start_is_overdue_only_when_certain(on: str, state: State) -> None:
    assert standing(action_plan(issued("2022-08"), day(on))) == (state, None)


@pytest.mark.parametrize(
    ("came", "state"),
    [
        ("2022-09-12", "in_time"),
        ("2022-09-13", "stopped"),
        ("2022-10-12", "stopped"),
        ("2022-10-13", "late"),
    ],
)
def test_a_coarse_start_leaves_some_days_undecided(came: When, state: State) -> None:
    assert action_plan(issued("2022-08", (came, PLAN, KENT)), day("2023-01-01")).state == state


def test_an_unknown_start_invents_no_due_date() -> None:
    note = "The day of publication is not known, so the last day is not known either."
    for clock in clocks(issued("unknown"), day("2022-09-01")):
        assert standing(clock) == ("unknown", None)
        assert (clock.due, clock.due_earliest, clock.due_latest) == (None, None, None)
        assert clock.notes[0] == note


def test_an_unknown_start_leaves_timeliness_undecided() -> None:
    state = issued("unknown", ("2022-09-01", PLAN, KENT), ("2022-09-02", CLAIMED, KENT))
    assert [clock.state for clock in clocks(state, day("2022-10-01"))] == [
        "stopped",
        "unknown",
        "stopped",
    ]


def test_a_fixed_due_date_needs_no_start() -> None:
    clock = time_limit(issued("unknown", limit="date:2023-03-31"), day("2023-04-01"))
    assert standing(clock) == ("overdue", -1)
    assert clock.notes == ("The inspectorate set this date.",)


# All together


def imported(*then: Happened, limit: TimeLimit = "months:3") -> Recommendation:
    """A recommendation from published sources, and what followed."""
    event: Event = replace(ISSUED, time_limit=limit)
    return given(("2022-08-05", event, IMPORT), *then).recommendation


def test_no_clock_runs_of_a_recommendation_from_sources_of_which_nothing_is_on_record() -> None:
    state = imported()
    assert (state.stage, state.plan) == (Stage.NOT_KNOWN, Plan.NOT_KNOWN)
    for clock in clocks(state, day("2026-01-05")):
        assert (clock.state, clock.days) == ("unknown", None)
        assert NOTHING_ON_RECORD in clock.notes
        assert clock.due is not None, "the day that the rule gives"
    assert (overdue_from(state), plan_overdue_from(state)) == (None, None)


def test_what_is_on_record_of_it_is_judged_and_its_silence_is_not() -> None:
    state = imported(("2022-09-29", RESPONSE, KENT_BODY))
    found = {clock.name: clock.state for clock in clocks(state, day("2023-01-01"))}
    assert found == {"action_plan": "unknown", "section_55": "in_time", "time_limit": "unknown"}


def test_its_time_limit_runs_from_the_first_step_of_the_force_or_of_inspectors() -> None:
    owner = OwnerNamed("Head of crime")
    state = imported(("2022-10-01", owner, KENT))
    assert standing(time_limit(state, day("2022-11-06"))) == ("overdue", -1)
    assert overdue_from(state) == day("2022-11-06")
    assert action_plan(state, day("2022-11-06")).state == "unknown"
    for then in (("2022-10-01", Commented("Noted."), KENT), ("2022-09-29", RESPONSE, KENT_BODY)):
        assert time_limit(imported(then), day("2022-11-06")).state == "unknown"


def test_its_comments_are_awaited_only_if_they_fall_due_after_it_was_taken_over() -> None:
    owner = OwnerNamed("Head of crime")
    early = imported(("2022-09-29", owner, KENT))
    assert section_55(early, day("2022-09-30")).state == "overdue"
    late = imported(("2022-09-30", owner, KENT))
    assert section_55(late, day("2022-10-30")).state == "unknown"


def test_a_plan_that_had_come_before_it_was_taken_over_is_not_overdue() -> None:
    accepted = TakenOver(StoodAt.PLAN_ACCEPTED, "A letter of 2022.")
    awaited = TakenOver(StoodAt.PLAN_AWAITED, "No plan has come.")
    state = imported(("2022-10-01", accepted))
    assert action_plan(state, day("2022-10-01")).state == "stopped"
    assert plan_overdue_from(state) is None
    state = imported(("2022-10-01", awaited))
    assert action_plan(state, day("2022-10-01")).state == "overdue"
    assert plan_overdue_from(state) == day("2022-09-17")


def test_no_clock_of_the_force_runs_once_it_is_closed() -> None:
    for limit in ("months:3", "immediate"):
        state = issued("2022-08-05", ("2022-08-14", CLOSED), limit=limit)
        found = {clock.name: clock.state for clock in clocks(state, day("2026-01-05"))}
        del found["section_55"]  # a duty of the local policing body, whatever inspectors close
        assert set(found.values()) <= {"ended", "no_rule"}
        assert (overdue_from(state), plan_overdue_from(state)) == (None, None)


def test_a_clock_stopped_by_a_claim_says_that_it_was_not_verified() -> None:
    clock = time_limit(issued("2022-08-05", ("2022-11-01", CLAIMED, KENT)), day("2022-12-01"))
    assert (clock.state, CLAIMED_NOTE in clock.notes) == ("in_time", True)


def test_what_is_asked_immediately_has_an_update_for_its_clock_and_no_last_day() -> None:
    state = issued("2022-08-05", limit="immediate")
    found = {clock.name: clock.state for clock in clocks(state, day("2022-12-01"))}
    assert found == {
        "action_plan": "no_rule",
        "immediate_update": "running",
        "section_55": "overdue",
        "time_limit": "running",
    }
    assert plan_overdue_from(state) is None
    state = issued("2022-08-05", ("2022-08-20", UPDATED, KENT), limit="immediate")
    clock = immediate_update(state, day("2022-12-01"))
    assert (clock.state, clock.stopped_on) == ("stopped", "2022-08-20")


def test_every_recommendation_has_three_clocks_and_an_immediate_one_four() -> None:
    names = [clock.name for clock in clocks(issued("2022-08-05"), day("2022-09-01"))]
    assert names == ["action_plan", "section_55", "time_limit"]
    immediate = clocks(issued("2022-08-05", limit="immediate"), day("2022-09-01"))
    assert [clock.name for clock in immediate] == [rule.name for rule in RULES.values()]


def test_a_recommendation_never_issued_has_no_clock() -> None:
    assert clocks(Recommendation(), day("2022-09-01")) == ()
    assert action_plan(Recommendation(), day("2022-09-01")).state == "no_rule"
    assert section_55(Recommendation(), day("2022-09-01")).state == "no_rule"
    assert overdue_from(Recommendation()) is None


def test_a_rule_states_when_it_applies_from_and_whether_that_is_confirmed() -> None:
    assert {name: (rule.applies_from, rule.confirmed) for name, rule in RULES.items()} == {
        "action_plan": (day("2014-04-01"), False),
        "immediate_update": (day("2014-04-01"), False),
        "section_55": (day("2017-01-31"), False),
        "time_limit": (day("2014-04-01"), True),
    }


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (issued("2022-08-05"), "2022-11-06"),
        (issued("2022-08-05", limit="immediate"), None),
        (issued("2022-08"), "2022-12-01"),
        (issued("2022-08-05", limit="none"), None),
        (issued("2022-08-05", limit="unknown"), None),
        (issued("unknown"), None),
        (issued("2022-08-05", ("2022-09-01", CLAIMED, KENT)), None),
        (issued("2022-08-05", ("2022-09-01", CLOSED)), None),
        (
            issued("2022-08-05", ("2022-09-01", CLOSED), ("2022-10-01", Reopened("No."))),
            "2022-11-06",
        ),
        (
            issued(
                "2022-08-05", ("2022-09-01", CLAIMED, KENT), ("2022-10-01", ClaimReturned("No."))
            ),
            "2022-11-06",
        ),
    ],
)
def test_overdue_from_is_the_first_day_certainly_overdue(
    state: Recommendation, expected: str | None
) -> None:
    assert overdue_from(state) == (day(expected) if expected else None)


def test_overdue_from_agrees_with_the_clock() -> None:
    for limit in ("months:3", "date:2022-10-01"):
        state = issued("2022-08", limit=limit)
        first = overdue_from(state)
        assert first is not None
        assert time_limit(state, first).state == "overdue"
        assert time_limit(state, first - (day("2022-01-02") - day("2022-01-01"))).state == "running"
