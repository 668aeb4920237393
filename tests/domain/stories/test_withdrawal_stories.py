"""Stories of mistakes taken back: withdrawn steps count as never having happened."""

import pytest

from domain.amendments.withdrawal import pending_requests, withdrawable
from domain.commands.common import Correct
from domain.commands.recommendation import (
    AgreeToWithdrawal,
    ClaimCompletion,
    Close,
    ReceiveActionPlan,
    Reopen,
    ReviewActionPlan,
    Withdraw,
)
from domain.events.recommendation import WithdrawalRequested, Withdrawn
from domain.history import as_at
from domain.recommendation.clocks import time_limit
from domain.recommendation.slippage import Slip
from domain.recommendation.state import Plan, Stage
from domain.vocabulary.values import CloseReason
from tests.support.data.examples import (
    ESSEX,
    INSPECTOR,
    KENT,
    KENT_BODY,
    OTHER_INSPECTOR,
)
from tests.support.data.stories import (
    CLAIMED,
    ISSUED,
    PLAN,
    accepted,
    claimed,
    followed_up,
    given,
    noon,
    planned,
    standing,
)


def withdraw(*steps: int) -> Withdraw:
    return Withdraw(steps=steps, why="Typing.")


def test_a_mistaken_closure_withdrawn_leaves_the_claim_standing_and_in_time() -> None:
    story = given(("2026-06-01", ISSUED))
    story = story.when(
        ClaimCompletion(evidence="Done."), on="2026-06-20", by=KENT, at=noon("2026-06-20")
    ).done()
    close = Close(reason=CloseReason.WITHDRAWN, basis="Moot.")
    story = story.when(close, on="2026-07-10", at=noon("2026-07-10")).done()
    back = story.when(withdraw(3), on="2026-07-10", at=noon("2026-07-10")).done()
    state = back.recommendation
    assert (state.stage, state.claim is not None, state.closure) == (Stage.ISSUED, True, None)
    assert time_limit(state, noon("2026-12-01").date()).state == "in_time"
    assert (state.slippage.reopenings, state.slippage.slips) == (0, (Slip.WITHDRAWN,))


def test_the_author_takes_a_step_back_at_once() -> None:
    claimed.when(withdraw(2), by=KENT).then(Withdrawn((2,), "Typing."))
    planned.when(withdraw(2), by=KENT).then(Withdrawn((2,), "Typing."))
    again = planned.when(withdraw(2), by=KENT).done()
    assert again.recommendation.plan is Plan.AWAITED
    again.when(ReceiveActionPlan(answer="no_action", content="Moot."), by=KENT).done()


def test_later_a_second_person_has_to_agree() -> None:
    asked = accepted.when(withdraw(3), by=OTHER_INSPECTOR).then(
        WithdrawalRequested((3,), "Typing.")
    )
    assert asked.recommendation.stage is Stage.PLAN_REVIEWED, "nothing is withdrawn yet"
    asked.when(withdraw(3), by=INSPECTOR).refused("Step 4 already asks to withdraw this, …")
    asked.when(AgreeToWithdrawal(request=4), by=OTHER_INSPECTOR).refused(
        "The person who asked for a withdrawal cannot agree to it. Another must."
    )
    asked.when(AgreeToWithdrawal(request=3), by=INSPECTOR).refused(
        "Step 3 is not a request to withdraw anything."
    )
    agreed = asked.when(AgreeToWithdrawal(request=4), by=INSPECTOR).then(Withdrawn((3,), request=4))
    assert agreed.recommendation.stage is Stage.PLAN_RECEIVED
    agreed.when(AgreeToWithdrawal(request=4), by=INSPECTOR).refused("Step 3 was already withdrawn.")


def test_a_step_after_which_a_decision_was_recorded_takes_a_second_person() -> None:
    story = claimed.when(ReceiveActionPlan(answer="act", content="Train."), by=KENT).done()
    story = story.when(ReviewActionPlan(outcome="accepted")).done()
    story.when(withdraw(2), by=KENT).then(WithdrawalRequested((2,), "Typing."))


def test_what_is_left_is_a_history_that_the_rules_allow_or_it_is_refused() -> None:
    accepted.when(withdraw(2), by=KENT).refused(
        "Step 3, of 2022-10-03, could not stand after this: Only an action plan that has been "
        "received can be reviewed; …"
    )
    both = accepted.when(withdraw(2, 3), by=INSPECTOR).then(WithdrawalRequested((2, 3), "Typing."))
    agreed = both.when(AgreeToWithdrawal(request=4), by=OTHER_INSPECTOR).done()
    assert agreed.recommendation.stage is Stage.ISSUED


def test_a_force_takes_back_only_its_own_steps_and_inspectors_any() -> None:
    accepted.when(withdraw(3), by=KENT).forbidden("Step 3 was recorded by the role inspector. …")
    claimed.when(withdraw(2), by=KENT_BODY).forbidden("Step 2 was recorded by the role force. …")
    claimed.when(withdraw(2), by=ESSEX).absent("There is no such recommendation or report.")
    claimed.when(withdraw(2), by=INSPECTOR).then(WithdrawalRequested((2,), "Typing."))


def test_the_steps_open_to_withdrawal_are_those_of_the_role_and_for_inspectors_all() -> None:
    assert withdrawable(accepted.history, KENT) == (2,)
    assert withdrawable(accepted.history, INSPECTOR) == (1, 2, 3)
    assert withdrawable(accepted.history, KENT_BODY) == ()
    gone = claimed.when(withdraw(2), by=KENT).done()
    assert withdrawable(gone.history, KENT) == ()


def test_a_request_is_pending_until_another_person_agrees() -> None:
    assert pending_requests(accepted.history) == ()
    request = accepted.when(withdraw(3), by=OTHER_INSPECTOR).done()
    assert pending_requests(request.history) == (4,)
    agreed = request.when(AgreeToWithdrawal(request=4), by=INSPECTOR).done()
    assert pending_requests(agreed.history) == ()


def test_only_standing_steps_of_the_life_are_withdrawn() -> None:
    claimed.when(withdraw(3), by=KENT).refused("There is no step 3. The last step is 2.")
    gone = claimed.when(withdraw(2), by=KENT).done()
    gone.when(withdraw(2), by=KENT).refused("Step 2 was already withdrawn.")
    gone.when(withdraw(3), by=KENT).refused("Step 3 is about the record itself. …")
    gone.when(
        Correct(step=2, field="on", was="2022-11-01", now="2022-11-02", why="Typing.")
    ).refused("Step 2 was withdrawn, so that nothing of it can be corrected.")


def test_a_recommendation_issued_by_mistake_is_withdrawn_with_all_its_steps() -> None:
    claimed.when(withdraw(1), by=INSPECTOR).refused(
        "Step 2, of 2022-11-01, could not stand after this: There is no such recommendation."
    )
    story = given(("2022-08-05", ISSUED)).when(withdraw(1), by=INSPECTOR).done()
    assert (story.recommendation.stage, story.recommendation.issued) == (Stage.ABSENT, None)


def test_a_withdrawn_step_counts_on_days_before_as_known_before_and_not_as_known_after() -> None:
    story = claimed.when(withdraw(2), by=KENT).done()
    day = noon("2022-12-01").date()
    assert standing(as_at(story.history, on=day)).claim is None
    before = story.history[:2][-1].stamp.at
    assert standing(as_at(story.history, on=day, known_at=before)).claim is not None


def test_a_withdrawal_of_what_a_decision_rests_on_makes_it_stale() -> None:
    story = given(("2022-08-05", ISSUED), ("2022-09-01", CLAIMED, KENT), ("2022-09-14", PLAN, KENT))
    story = story.when(ReviewActionPlan(outcome="accepted")).done()
    asked = story.when(withdraw(2), by=KENT).done()
    agreed = asked.when(AgreeToWithdrawal(request=5), by=INSPECTOR).done()
    decision = agreed.recommendation.decision
    assert decision
    assert (decision.step, decision.stale_step) == (4, 6)


def test_after_a_withdrawal_the_dates_of_its_track_are_free_again() -> None:
    story = followed_up.when(withdraw(4), by=INSPECTOR).done()
    assert (
        story.recommendation.floors
        == given(
            ("2022-08-05", ISSUED), *[(e.stamp.on, e.event) for e in followed_up.history[1:3]]
        ).recommendation.floors
    )


@pytest.mark.parametrize("twice", [(2, 2), (2,)])
def test_steps_named_twice_are_withdrawn_once(twice: tuple[int, ...]) -> None:
    claimed.when(withdraw(*twice), by=KENT).then(Withdrawn((2,), "Typing."))


def test_a_reopening_is_no_withdrawal() -> None:
    story = claimed.when(Close(reason=CloseReason.WITHDRAWN, basis="Moot.")).done()
    story = story.when(Reopen(reason="Not so.")).done()
    assert story.recommendation.slippage.slips == (Slip.REOPENED,)
