"""Stories of late steps: each track keeps its own order, and the days say what happened first."""

import pytest
from msgspec.structs import replace

from domain.commands.command import Command
from domain.commands.common import Correct
from domain.commands.recommendation import (
    AssignFollowUp,
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Comment,
    NameOwner,
    NoteOutcome,
    ReceiveActionPlan,
    RecordAssurance,
    ReportFollowUp,
    ReportProgress,
    RespondUnderSection55,
    ReviewActionPlan,
    WaiveActionPlan,
)
from domain.history import as_at, neighbours
from domain.recommendation.clocks import section_55
from domain.recommendation.state import Stage
from domain.vocabulary.actors import Actor
from domain.vocabulary.values import CloseReason, Finding, FollowUpKind
from tests.support.data.examples import INSPECTOR, KENT, KENT_BODY
from tests.support.data.stories import (
    ACCEPTED,
    ASSIGNED,
    CLOSED,
    FOLLOWED_UP,
    ISSUED,
    PLAN,
    WAIVED,
    Story,
    accepted,
    assigned,
    claimed,
    closed,
    given,
    issued,
    noon,
    standing,
)

COMMENTS = RespondUnderSection55(answer="act", explanation="We asked.")
CLAIM = ClaimCompletion(evidence="All are trained.")


def stage(story: Story, on: str) -> Stage:
    return standing(as_at(story.history, on=noon(on).date())).stage


def test_a_late_step_stands_in_time_between_those_of_other_days() -> None:
    late = accepted.when(COMMENTS, on="2022-08-20", by=KENT_BODY).done()
    before, after = neighbours(late.history, 4)
    assert (before and before.step, after and after.step) == (1, 2)
    before, after = neighbours(late.history, 3)
    assert (before and before.step, after) == (2, None)
    assert neighbours(late.history, 1)[0] is None
    assert neighbours(late.history, 9) == (None, None)
    fix = Correct(step=4, field="on", was="2022-08-20", now="2022-08-21", why="Typing.")
    mended = late.when(fix, by=INSPECTOR).done()
    assert [entry and entry.step for entry in neighbours(mended.history, 4)] == [1, 2]


def test_comments_in_time_are_taken_after_a_later_step_of_inspectors() -> None:
    story = assigned.when(COMMENTS, on="2022-09-20", by=KENT_BODY).done()
    clock = section_55(story.recommendation, noon("2023-01-01").date())
    assert (clock.state, clock.stopped_on) == ("in_time", "2022-09-20")
    assert story.recommendation.stage is Stage.FOLLOW_UP_ASSIGNED


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (COMMENTS, KENT_BODY),
        (RecordAssurance(level="assured", reason="Seen."), KENT_BODY),
        (CLAIM, KENT),
        (NameOwner(owner="Head of crime"), KENT),
        (ReportProgress(progress="Half."), KENT),
        (Comment(comment="Noted."), INSPECTOR),
        (
            NoteOutcome(
                reference="o-1", said_by="force", text="So.", source="Letter", reading="claim"
            ),
            INSPECTOR,
        ),
    ],
)
def test_a_step_of_another_track_is_taken_however_late(command: Command, by: Actor) -> None:
    for on in ("2022-08-05", "2022-08-20", "2022-09", "2022", "unknown"):
        assigned.when(command, on=on, by=by).done()


def test_a_follow_up_of_last_month_is_reported_after_a_step_of_today_by_the_force() -> None:
    story = assigned.when(ReportProgress(progress="Half."), on="2026-01-05", by=KENT).done()
    met = ReportFollowUp(finding=Finding.MET, passage="All.", source="Review")
    story = story.when(met, on="2025-12-01").done()
    assert stage(story, "2025-11-30") is Stage.FOLLOW_UP_ASSIGNED
    assert stage(story, "2025-12-01") is Stage.FOLLOWED_UP


def test_no_step_is_before_an_earlier_step_of_its_own_track() -> None:
    story = claimed.when(NameOwner(owner="Head of crime"), on="2022-12-01", by=KENT).done()
    story.when(ReportProgress(progress="Half."), on="2022-11-30", by=KENT).refused(
        "2022-11-30 is before an earlier step. This one cannot have been before 2022-12-01, …"
    )
    assigned.when(ChangeTimeLimit(time_limit="none", reason="Moot."), on="2022-10-09").refused(
        "2022-10-09 is before an earlier step. This one cannot have been before 2022-10-10, …"
    )


def test_the_state_on_a_day_is_what_had_happened_by_then() -> None:
    story = given(
        ("2022-08-05", ISSUED), ("2022-09-01", PLAN, KENT), ("2022-10-03", ACCEPTED),
        ("2022-11-01", ASSIGNED),
    )  # fmt: skip
    story = story.when(CLAIM, on="2022-09-15", by=KENT).done()
    late = standing(as_at(story.history, on=noon("2022-09-20").date()))
    assert (late.stage, late.claim is not None) == (Stage.PLAN_RECEIVED, True)
    assert [entry.step for entry in as_at(story.history)] == [1, 2, 5, 3, 4]


def test_a_late_step_is_judged_where_it_belongs_in_time() -> None:
    closed.when(CLAIM, on="2022-11-01", by=KENT).done()
    closed.when(CLAIM, on="2023-06-02", by=KENT).refused(
        "The recommendation is closed: completion can be claimed only while open."
    )


def test_a_late_step_on_which_a_later_one_would_fail_is_refused_and_names_it() -> None:
    story = given(("2022-08-05", ISSUED), ("2022-11-01", WAIVED), ("2022-12-01", ASSIGNED))
    plan = ReceiveActionPlan(answer="act", content="Train.")
    story.when(plan, on="2022-09-01", by=KENT).refused("2022-09-01 is before an earlier step. …")
    twice = given(("2022-08-05", ISSUED), ("2022-11-01", PLAN, KENT))
    again = twice.when(WaiveActionPlan(reason="Small."), on="2022-09-01")
    again.refused("2022-09-01 is before an earlier step. …")
    other = given(("2022-08-05", ISSUED), ("2022-12-01", CLOSED))
    late = other.when(WaiveActionPlan(reason="Small."), on="2022-12-01")
    late.refused("An action plan can be waived only while one is due; …")


def test_a_late_closure_is_refused_if_a_later_step_needs_it_open() -> None:
    story = given(("2022-08-05", ISSUED)).when(CLAIM, on="2023-01-10", by=KENT).done()
    close = Close(reason=CloseReason.WITHDRAWN, basis="Moot.")
    story.when(close, on="2023-01-09").refused(
        "Step 2, of 2023-01-10, could not stand after this: The recommendation is closed: "
        "completion can be claimed only while open."
    )
    story.when(close, on="2023-01-10").done()


def test_a_coarse_date_is_bounded_by_what_follows_in_its_track() -> None:
    story = given(("2022-08", ISSUED))
    story = story.when(
        ReceiveActionPlan(answer="act", content="Train."), on="2022-09", by=KENT
    ).done()
    story = story.when(ReviewActionPlan(outcome="accepted"), on="2022-09-20").done()
    assert stage(story, "2022-09-19") is Stage.ISSUED
    assert stage(story, "2022-09-20") is Stage.PLAN_REVIEWED


def test_a_date_moves_freely_among_the_steps_of_other_tracks() -> None:
    story = assigned.when(COMMENTS, on="2022-11-01", by=KENT_BODY).done()
    back = Correct(step=4, field="on", was="2022-11-01", now="2022-08-30", why="Typing.")
    assert story.when(back).done().recommendation.responses[0].on == "2022-08-30"
    early = Correct(step=4, field="on", was="2022-11-01", now="2022-08-04", why="Typing.")
    story.when(early).refused("Step 1, dated 2022-08-05, would come after step 4, …")


def test_a_corrected_date_leaves_a_history_that_the_rules_allow() -> None:
    story = given(("2022-08-05", ISSUED), ("2022-11-01", replace(CLOSED)))
    story = story.when(CLAIM, on="2022-10-01", by=KENT).done()
    story.when(
        Correct(step=2, field="on", was="2022-11-01", now="2022-09-01", why="Typing.")
    ).refused("Step 3, of 2022-10-01, could not stand after this: …")


def test_the_words_of_a_changed_limit_follow_the_corrected_record() -> None:
    story = issued.when(ChangeTimeLimit(time_limit="months:6", reason="Much.")).done()
    story = story.when(
        Correct(step=1, field="time_limit", was="months:3", now="months:4", why="Typing.")
    ).done()
    assert story.amended(2) == replace(story.history[1].event, was="months:4", now="months:6")
    assert story.recommendation.slippage.time_limit_changes == 1
    story.when(Correct(step=2, field="now", was="months:6", now="months:4", why="Typing.")).refused(
        "The time limit is months:4 already."
    )
    story = story.when(
        Correct(step=2, field="now", was="months:6", now="months:3", why="Typing.")
    ).done()
    assert story.amended(2) == replace(story.history[1].event, was="months:4", now="months:3")


def test_what_others_said_before_a_decision_but_recorded_after_it_makes_it_stale() -> None:
    story = given(
        ("2022-08-05", ISSUED), ("2022-09-01", WAIVED), ("2022-10-10", ASSIGNED),
        ("2023-05-16", FOLLOWED_UP),
    )  # fmt: skip
    late = story.when(COMMENTS, on="2022-09-20", by=KENT_BODY).done()
    decision = late.recommendation.decision
    assert decision
    assert (decision.step, decision.stale_step, decision.stale_on) == (4, 5, "2022-09-20")
    early = given(("2022-08-05", ISSUED), ("2022-09-01", WAIVED), ("2022-10-10", ASSIGNED))
    early = early.when(COMMENTS, on="2023-06-01", by=KENT_BODY).done()
    early = early.when(
        ReportFollowUp(finding=Finding.MET, passage="All.", source="Review"), on="2023-05-16"
    ).done()
    decision = early.recommendation.decision
    assert decision
    assert not decision.stale, "it was made with the comments on record"


def test_released_histories_in_one_order_read_as_before() -> None:
    assert stage(accepted, "2022-10-02") is Stage.PLAN_RECEIVED
    assert stage(accepted, "2022-10-03") is Stage.PLAN_REVIEWED
    again = accepted.when(
        AssignFollowUp(kind=FollowUpKind.MONITORING, procedure="2020"), on="2022-10-03"
    ).done()
    assert again.recommendation.stage is Stage.FOLLOW_UP_ASSIGNED
