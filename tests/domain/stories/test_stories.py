"""Stories of a recommendation: issue, plan, review and follow-up, or a refusal."""

import pytest
from msgspec.structs import replace

from domain.commands.recommendation import (
    AssignFollowUp,
    ChangeFollowUp,
    Comment,
    ReceiveActionPlan,
    ReportFollowUp,
    ReviewActionPlan,
    WaiveActionPlan,
)
from domain.commands.report import IssueTo
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    FollowUpAssigned,
    FollowUpChanged,
)
from domain.recommendation.state import FollowUp, Plan, ReportedFinding, Stage
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import Finding, FollowUpKind, ReviewOutcome, When
from tests.support.data.examples import INSPECTOR, KENT, REPORT, issue
from tests.support.data.stories import (
    ACCEPTED,
    ASSIGNED,
    CHANGES,
    FOLLOWED_UP,
    ISSUED,
    PLAN,
    WAIVED,
    Story,
    accepted,
    asking_for,
    assigned,
    closed,
    followed_up,
    given,
    issued,
    planned,
    stamped,
    waived,
)


def issue_to_kent(**changes: str) -> IssueTo:
    return IssueTo(
        report_id(REPORT),
        "pre-2024",
        changes.get("addressee", "kent"),
        ISSUED.reference,
        issue(time_limit=changes.get("time_limit", "months:3")),
    )


# Issue


def test_issuing_to_one_addressee_begins_its_stream() -> None:
    state = given().when(issue_to_kent(), on="2022-08-05").then(ISSUED).recommendation
    assert (state.stage, state.issued, state.issued_on) == (Stage.ISSUED, ISSUED, "2022-08-05")
    assert (state.step, state.time_limit, state.time_limit_step) == (1, "months:3", 1)


def test_a_recommendation_is_issued_once() -> None:
    issued.when(issue_to_kent()).refused(
        "The recommendation kent-ncpi-2022-r01 has already been issued."
    )


def test_an_addressee_is_a_force_on_record() -> None:
    given().when(issue_to_kent(addressee="camelot")).refused(
        "camelot is not a known police force. "
        f"The addressee must be one of: metropolitan, {', '.join([*ADDRESSEES][1:])}."
    )


def test_a_time_limit_is_a_day_of_the_calendar() -> None:
    given().when(issue_to_kent(time_limit="date:2023-02-29")).refused(
        "2023-02-29 is not a real date."
    )


# Action plan


def test_the_force_sends_its_action_plan() -> None:
    story = issued.when(
        ReceiveActionPlan(answer="act", content="Train all officers."), on="2022-09-14", by=KENT
    ).then(PLAN)
    assert story.recommendation.first_plan_on == "2022-09-14"
    assert story.recommendation.plan is Plan.RECEIVED


def test_no_action_with_a_reason_is_a_plan() -> None:
    issued.when(ReceiveActionPlan(answer="no_action", content="Done in 2021.")).then(
        ActionPlanReceived(1, "no_action", "Done in 2021.")
    )


def test_a_plan_may_come_after_it_was_waived() -> None:
    story = waived
    story = story.when(ReceiveActionPlan(answer="act", content="Train all officers.")).then(PLAN)
    assert story.recommendation.plan is Plan.RECEIVED


def test_a_revised_plan_may_come_after_it_was_waived() -> None:
    story = given(
        ("2022-08-05", ISSUED), ("2022-09-14", PLAN, KENT), ("2022-10-03", CHANGES),
        ("2022-10-04", WAIVED),
    )  # fmt: skip
    story.when(ReceiveActionPlan(answer="act", content="Train all officers.")).then(PLAN)


@pytest.mark.parametrize("story", [assigned, closed])
def test_a_plan_is_refused_after_a_follow_up_was_assigned_or_a_closure(story: Story) -> None:
    refusal = "An action plan can be received only after issue, …"
    story.when(ReceiveActionPlan(answer="act", content="Train."), by=KENT).refused(refusal)


def test_a_second_plan_waits_for_the_review_of_the_first() -> None:
    planned.when(ReceiveActionPlan(answer="act", content="More."), by=KENT).refused(
        "An action plan can be received only after issue, after a request for changes "
        "or after a follow-up; "
        "this recommendation is waiting for the review of its action plan."
    )


def test_a_follow_up_begins_a_new_cycle_of_plans() -> None:
    story = followed_up.when(
        ReceiveActionPlan(answer="act", content="Train the rest."), on="2023-06-20", by=KENT
    ).then(ActionPlanReceived(2, "act", "Train the rest."))
    story = story.when(ReviewActionPlan(outcome="changes_requested", remarks="Whom?")).done()
    story.when(ReceiveActionPlan(answer="act", content="The new.")).then(
        ActionPlanReceived(2, "act", "The new.")
    )
    assert story.recommendation.first_plan_on == "2023-06-20"


def test_the_date_of_the_first_plan_stays() -> None:
    story = given(("2022-08-05", ISSUED), ("2022-09-14", PLAN, KENT), ("2022-10-03", CHANGES))
    story = story.when(ReceiveActionPlan(answer="act", content="By May."), on="2022-10-20").then(
        ActionPlanReceived(1, "act", "By May.")
    )
    assert story.recommendation.first_plan_on == "2022-09-14"


def test_inspectors_waive_the_plan() -> None:
    story = issued.when(WaiveActionPlan(reason="The finding is small."), on="2022-09-01").then(
        WAIVED
    )
    assert story.recommendation.plan_waived_on == "2022-09-01"


def test_inspectors_waive_a_revised_plan() -> None:
    story = given(("2022-08-05", ISSUED), ("2022-09-14", PLAN, KENT), ("2022-10-03", CHANGES))
    story.when(WaiveActionPlan(reason="The finding is small.")).then(WAIVED)


@pytest.mark.parametrize(
    ("story", "words"),
    [
        (waived, "issued, and its action plan has…"),
        (planned, "waiting for the review of its action plan."),
        (accepted, "past the review of its action plan."),
        (assigned, "waiting for its follow-up."),
        (followed_up, "followed up."),
        (closed, "closed."),
    ],
)
def test_only_a_plan_that_is_owed_can_be_waived(story: Story, words: str) -> None:
    story.when(WaiveActionPlan(reason="Small.")).refused(
        f"An action plan can be waived only while one is due; this recommendation is {words}"
    )


# Review


@pytest.mark.parametrize("outcome", ["accepted", "changes_requested"])
def test_inspectors_review_the_plan(outcome: ReviewOutcome) -> None:
    story = planned.when(ReviewActionPlan(outcome=outcome, remarks="By when?"), on="2022-10-03")
    state = story.then(ActionPlanReviewed(outcome, "By when?")).recommendation
    assert (state.plan, state.moved_on) == (Plan(outcome), "2022-10-03")


def test_a_plan_is_accepted_without_remarks() -> None:
    planned.when(ReviewActionPlan(outcome="accepted")).then(ACCEPTED)


def test_a_request_for_changes_needs_remarks() -> None:
    planned.when(ReviewActionPlan(outcome="changes_requested")).refused(
        "You are requesting changes. Say in the remarks what is missing."
    )


def test_only_a_received_plan_can_be_reviewed() -> None:
    issued.when(ReviewActionPlan(outcome="accepted")).refused(
        "Only an action plan that has been received can be reviewed; "
        "this recommendation is issued, and its action plan has not been received."
    )


# Follow-up


def test_inspectors_assign_a_follow_up() -> None:
    event = FollowUpAssigned(
        FollowUpKind.REINSPECTION, "2020", "2023-03", "2023-06-15", "inspector-2", "Serious."
    )
    story = accepted.when(asking_for(event, AssignFollowUp), on="2022-10-10").then(event)
    assert story.recommendation.follow_up == FollowUp(
        4, "2022-10-10", FollowUpKind.REINSPECTION, "2020", "2023-03", "2023-06-15", "inspector-2"
    )


def test_a_second_follow_up_can_be_assigned_after_the_first() -> None:
    followed_up.when(AssignFollowUp(kind=FollowUpKind.MONITORING, procedure="2020")).then(ASSIGNED)


def test_a_follow_up_waits_for_an_accepted_or_waived_plan() -> None:
    issued.when(AssignFollowUp(kind=FollowUpKind.MONITORING, procedure="2020")).refused(
        "A follow-up can be assigned only once the plan is accepted or waived; "
        "this recommendation is issued, and its action plan has not been received."
    )
    immediate = given(("2022-08-05", replace(ISSUED, time_limit="immediate")))
    immediate.when(AssignFollowUp(kind=FollowUpKind.MONITORING, procedure="2020")).refused(
        "A follow-up can be assigned only once the plan is accepted or waived, or its update is "
        "received; this recommendation is issued, …"
    )


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("2023-06-15", "2023-06-15"),
        ("2023-06-15", "2023-06"),
        ("2023-06-15", "2023"),
        ("2023-06-15", "unknown"),
        ("unknown", "2023-06-15"),
        (None, "2023-06-15"),
        ("2023-06-15", None),
    ],
)
def test_a_follow_up_window_may_be_coarse_or_open(begin: When | None, end: When | None) -> None:
    accepted.when(
        AssignFollowUp(
            kind=FollowUpKind.MONITORING, procedure="2020", window_from=begin, window_to=end
        )
    ).then(FollowUpAssigned(FollowUpKind.MONITORING, "2020", begin, end))


@pytest.mark.parametrize(
    ("begin", "end"), [("2023-06-15", "2023-06-14"), ("2023-07", "2023-06"), ("2024", "2023-12")]
)
def test_a_follow_up_window_ends_after_it_begins(begin: When, end: When) -> None:
    accepted.when(
        AssignFollowUp(
            kind=FollowUpKind.MONITORING, procedure="2020", window_from=begin, window_to=end
        )
    ).refused("The follow-up window cannot end before it begins.")


@pytest.mark.parametrize(
    ("begin", "end"), [("2023-02-29", None), (None, "2023-02-29"), ("2023-01", "2023-02-29")]
)
def test_a_follow_up_window_is_in_the_calendar(begin: When | None, end: When | None) -> None:
    assigned.when(
        ChangeFollowUp(
            kind=FollowUpKind.MONITORING,
            procedure="2020",
            reason="Later.",
            window_from=begin,
            window_to=end,
        )
    ).refused("2023-02-29 is not a real date.")


def test_inspectors_change_the_follow_up() -> None:
    event = FollowUpChanged(
        FollowUpKind.LIGHT_TOUCH, "2024", "It went well.", "2023-03", "2023-04", "inspector-3"
    )
    story = assigned.when(asking_for(event, ChangeFollowUp), on="2023-01-09").then(event)
    assert story.recommendation.moved_on == "2022-10-10"
    assert story.recommendation.follow_up == FollowUp(
        4, "2023-01-09", FollowUpKind.LIGHT_TOUCH, "2024", "2023-03", "2023-04", "inspector-3"
    )


def test_a_plan_with_changes_to_come_is_not_called_past_its_review() -> None:
    story = given(("2022-08-05", ISSUED), ("2022-09-14", PLAN, KENT), ("2022-10-03", CHANGES))
    story.when(ReportFollowUp(finding=Finding.MET, passage="All.", source="Review")).refused(
        "A follow-up can be reported only after it has been assigned; this recommendation is "
        "waiting for the changes to its action plan that inspectors asked for."
    )


def test_only_an_assigned_follow_up_can_be_changed() -> None:
    accepted.when(
        ChangeFollowUp(kind=FollowUpKind.MONITORING, procedure="2020", reason="Later.")
    ).refused(
        "A follow-up can be changed only between its assignment and its report; "
        "this recommendation is past the review of its action plan."
    )


def test_a_follow_up_reports_its_finding() -> None:
    command = ReportFollowUp(
        finding=Finding.PARTLY_MET, passage="Half were trained.", source="Review of 2023, p. 9"
    )
    state = assigned.when(command, on="2023-05-16").then(FOLLOWED_UP).recommendation
    assert state.follow_up is None
    assert state.findings == (
        ReportedFinding(
            4, "2023-05-16", Finding.PARTLY_MET, "Half were trained.", "Review of 2023, p. 9"
        ),
    )


def test_every_finding_is_kept() -> None:
    command = ReportFollowUp(finding=Finding.MET, passage="All were.", source="Review of 2024")
    story = followed_up.also(ASSIGNED, stamped(INSPECTOR, "2023-07-01"))
    state = story.when(command).done().recommendation
    assert [found.finding for found in state.findings] == [Finding.PARTLY_MET, Finding.MET]


def test_only_an_assigned_follow_up_can_be_reported() -> None:
    accepted.when(ReportFollowUp(finding=Finding.MET, passage="All.", source="Review")).refused(
        "A follow-up can be reported only after it has been assigned; "
        "this recommendation is past the review of its action plan."
    )


# When it took effect


def test_no_step_takes_effect_in_the_future() -> None:
    issued.when(Comment(comment="Noted."), on="2026-01-06").refused(
        "2026-01-06 is in the future; today is 2026-01-05."
    )


def test_this_month_and_this_year_are_not_in_the_future() -> None:
    for on in ("2026-01-05", "2026-01", "2026", "unknown"):
        issued.when(Comment(comment="Noted."), on=on).done()


def test_no_step_takes_effect_before_an_earlier_step() -> None:
    planned.when(ReviewActionPlan(outcome="accepted"), on="2022-09-13").refused(
        "2022-09-13 is before an earlier step. This one cannot have been before 2022-09-14, by "
        "the steps of the same track on record. To change an earlier date, correct that step."
    )


def test_a_coarse_date_may_be_after_an_earlier_step() -> None:
    for on in ("2022-09-14", "2022-09", "2022", "unknown"):
        planned.when(ReviewActionPlan(outcome="accepted"), on=on).done()


def test_a_later_coarse_date_does_not_admit_earlier_steps() -> None:
    story = planned.when(Comment(comment="Noted."), on="2022").done()
    story.when(ReviewActionPlan(outcome="accepted"), on="2022-09-13").refused(
        "2022-09-13 is before an earlier step. This one cannot have been before 2022-09-14, …"
    )


def test_a_step_takes_effect_on_a_day_of_the_calendar() -> None:
    issued.when(Comment(comment="Noted."), on="2023-02-29").refused(
        "2023-02-29 is not a real date."
    )
