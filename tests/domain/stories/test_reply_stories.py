"""Stories of the right of reply: a party disputes what the record says, or asks."""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.access.notices import is_told
from domain.access.published import last_published
from domain.amendments.replies import OPEN_MAX, threads_of
from domain.amendments.suppression import suppressed
from domain.amendments.threads import FACT_MAX
from domain.amendments.withdrawal import withdrawable
from domain.commands.common import ApproveSuppression, Correct, RequestSuppression
from domain.commands.correspondence import (
    AgreeToWords,
    AnswerQuestion,
    AskQuestion,
    DisputeFact,
    ProposeWords,
    ReplyToDispute,
    SettleDispute,
    WithdrawDispute,
)
from domain.commands.recommendation import RespondUnderSection55, Withdraw
from domain.events.correspondence import (
    Disputed,
    DisputeReplied,
    DisputeSettled,
    DisputeWithdrawn,
    QuestionAnswered,
    QuestionAsked,
    ReportDisputed,
    ReportDisputeSettled,
    WordsAgreed,
    WordsProposed,
)
from domain.events.recommendation import Withdrawn
from domain.history import as_at, recommendation_after, state_of
from domain.recommendation.state import Recommendation
from domain.vocabulary.errors import Refused
from tests.support.data.examples import (
    ADMIN,
    ESSEX,
    INSPECTOR,
    KENT,
    KENT_BODY,
    NOON,
    OTHER_INSPECTOR,
)
from tests.support.data.stories import (
    ASSIGNED,
    CLOSED,
    ISSUED,
    TODAY,
    WAIVED,
    Story,
    assigned,
    followed_up,
    given,
    issued,
    published,
)

SAYS = "We were told of it in May."
WHY = "The letter is of May."
DISPUTE = DisputeFact(step=1, field="text", reasons=WHY, statement=SAYS)
SETTLED = SettleDispute(dispute=2, result="not_corrected", reason="No letter.", answer="It stands.")


def disputed(story: Story = issued) -> Story:
    return story.when(DISPUTE, by=KENT).done()


def fix(step: int = 1) -> Correct:
    return Correct(step=step, field="text", was="Do it.", now="Do it now.", why="Typing.")


def test_a_force_disputes_a_public_fact_in_its_own_words() -> None:
    story = issued.when(DISPUTE, by=KENT).then(Disputed(1, "text", "force", WHY, None, SAYS))
    (dispute,) = story.recommendation.threads.disputes
    assert (dispute.opened, dispute.on, dispute.step, dispute.field) == (2, TODAY, 1, "text")
    assert (dispute.public, dispute.open, dispute.said) == (True, True, SAYS)
    assert dispute.waits_for == "inspectorate"


def test_a_body_disputes_a_fact_of_its_report() -> None:
    command = replace(DISPUTE, field="cases.good")
    event = ReportDisputed(1, "cases.good", "local_policing_body", WHY, None, SAYS)
    story = published.when(command, by=KENT_BODY).then(event)
    assert story.report.threads.disputes[0].party == "local_policing_body"
    settled = story.when(SETTLED, by=OTHER_INSPECTOR).done()
    assert isinstance(settled.history[-1].event, ReportDisputeSettled)


def test_a_dispute_moves_nothing_but_the_threads() -> None:
    before, after = followed_up.recommendation, disputed(followed_up).recommendation
    assert replace(after, step=before.step, last_day=before.last_day, floors=before.floors) == (
        replace(before, threads=after.threads, published=after.published)
    )


@pytest.mark.parametrize("field", ["procedure", "window_from", "kind"])
def test_a_statement_stands_only_beside_what_everybody_may_read(field: str) -> None:
    public = field == "kind"
    silent = DisputeFact(step=3, field=field, reasons=WHY)
    spoken = replace(silent, statement=SAYS)
    right, wrong = (spoken, silent) if public else (silent, spoken)
    story = assigned.when(right, by=KENT).done()
    assert story.recommendation.threads.disputes[0].public is public
    assert is_told(story.history) is public
    with pytest.raises(Refused) as refused:
        assigned.when(wrong, by=KENT).answer()
    assert refused.value.place == "/statement"


def test_the_comments_that_a_body_publishes_are_public_facts() -> None:
    response = RespondUnderSection55(answer="act", explanation="We asked.")
    story = issued.when(response, by=KENT_BODY).done()
    command = replace(DISPUTE, step=2, field="explanation")
    assert story.when(command, by=KENT).done().recommendation.threads.disputes[0].public
    remark = replace(DISPUTE, step=2, field="chief_officer")
    story.when(remark, by=KENT).refused("Step 2 has no field called chief_officer. Its fields: …")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"step": 9}, "There is no step 9. The last step is 1."),
        ({"field": "colour"}, "Step 1 has no field called colour. Its fields: on, report, …"),
    ],
)
def test_what_is_not_on_record_is_not_disputed(changes: dict[str, object], words: str) -> None:
    issued.when(replace(DISPUTE, **changes), by=KENT).refused(words)


def test_a_fact_is_disputed_once_at_a_time_by_each_party() -> None:
    story = disputed()
    story.when(DISPUTE, by=KENT).refused("This is disputed already, since step 2.")
    story.when(DISPUTE, by=KENT_BODY).done()
    ended = story.when(WithdrawDispute(dispute=2), by=KENT).done()
    ended.when(DISPUTE, by=KENT).done()


def test_one_fact_is_disputed_a_few_times_by_each_party_whatever_came_of_it() -> None:
    story = issued
    for number in range(FACT_MAX):
        story = story.when(DISPUTE, by=KENT).done()
        opened = len(story.history)
        if number == 0:
            story = story.when(replace(SETTLED, dispute=opened), by=OTHER_INSPECTOR).done()
        else:
            story = story.when(WithdrawDispute(dispute=opened), by=KENT).done()
    story.when(DISPUTE, by=KENT).refused("Your side disputed this 3 times, which is the most…")
    story.when(DISPUTE, by=KENT_BODY).done()
    story.when(replace(DISPUTE, field="area"), by=KENT).done()


def test_who_had_a_statement_removed_has_no_other_shown_there() -> None:
    ask = RequestSuppression(step=2, field="statement", ground="safeguarding", why="A name.")
    agree = ApproveSuppression(request=3, step=2, field="statement")
    story = disputed().when(ask).done().when(agree, by=OTHER_INSPECTOR).done()
    story = story.when(WithdrawDispute(dispute=2), by=KENT).done()
    story = Story(tuple(suppressed(story.history)))
    story.when(DISPUTE, by=KENT).refused("A statement of your side was removed here on …")
    story.when(replace(DISPUTE, field="area"), by=KENT).refused("A statement of your side…")
    story.when(AskQuestion(question="May we?"), by=KENT).done()
    story.when(DISPUTE, by=KENT_BODY).done()


def test_the_open_disputes_of_a_party_are_limited() -> None:
    story = issued
    fields = ["report", "reference", "addressee", "edition", "kind", "text", "area", "time_limit"]
    fields += ["ordinal", "topic", "wording", "sources", "confidence", "register_id", "on"]
    for number, field in enumerate(fields[:OPEN_MAX]):
        story = story.when(replace(DISPUTE, field=field), by=KENT).done()
        assert len(story.recommendation.threads.disputes) == number + 1
    questions = story
    for _ in range(OPEN_MAX):
        questions = questions.when(AskQuestion(question="When?"), by=KENT).done()
    questions.when(AskQuestion(question="When?"), by=KENT).refused("At most 20 of your…")
    questions.when(AskQuestion(question="When?"), by=KENT_BODY).done()


def test_nobody_disputes_for_another_and_inspectors_dispute_nothing() -> None:
    issued.when(DISPUTE, by=ESSEX).absent("There is no such recommendation or report.")
    issued.when(DISPUTE, by=INSPECTOR).forbidden("The role inspector cannot do this. …")


def test_a_dispute_is_of_the_day_on_which_it_is_recorded() -> None:
    issued.when(DISPUTE, by=KENT, on="2025-12-01").refused("A step of a dispute…")


def test_a_withdrawn_step_and_a_suppressed_text_are_not_disputed() -> None:
    gone = given(("2022-08-05", ISSUED), ("2022-09-01", WAIVED), ("2022-09-02", Withdrawn((2,))))
    command = replace(DISPUTE, step=2, field="on")
    gone.when(command, by=KENT).refused("Step 2 was withdrawn, so that nothing of it counts.")
    about = replace(DISPUTE, step=3, field="steps")
    gone.when(about, by=KENT).refused("Step 3 is about the record itself. …")
    disputed().when(replace(DISPUTE, step=2, field="step"), by=KENT_BODY).refused("Step 2 is…")


def test_a_statement_can_be_suppressed_like_any_published_text() -> None:
    ask = RequestSuppression(step=2, field="statement", ground="safeguarding", why="A name.")
    agree = ApproveSuppression(request=3, step=2, field="statement")
    story = disputed().when(ask).done().when(agree, by=OTHER_INSPECTOR).done()
    shown = threads_of(suppressed(story.history)).disputes[0]
    assert shown.said == f"Text removed on {TODAY}"


def test_the_two_sides_reply_in_turn_and_the_other_party_is_kept_out() -> None:
    reply = ReplyToDispute(dispute=2, reply="Which letter?")
    story = disputed().when(reply).then(DisputeReplied(2, "force", "Which letter?"))
    assert story.recommendation.threads.disputes[0].waits_for == "force"
    again = story.when(ReplyToDispute(dispute=2, reply="This one."), by=KENT).done()
    assert again.recommendation.threads.disputes[0].waits_for == "inspectorate"
    story.when(reply, by=KENT_BODY).forbidden("This is between the inspectorate and the force.")
    story.when(replace(reply, dispute=1)).refused("Step 1 does not open a dispute.")


def test_words_stand_beside_a_fact_once_the_other_side_agrees() -> None:
    story = (
        disputed()
        .when(ProposeWords(dispute=2, words="The date is disputed."))
        .then(WordsProposed(2, "force", "The date is disputed."))
    )
    agree = AgreeToWords(dispute=2, proposal=3)
    assert story.recommendation.threads.disputes[0].said == SAYS
    assert last_published(story.history).step == 2
    story.when(agree).refused("Your side proposed these words. The other side has to agree.")
    story.when(replace(agree, proposal=2), by=KENT).refused("Step 2 is not the last proposal…")
    agreed = story.when(agree, by=KENT).then(WordsAgreed(2, "force", 3, "The date is disputed."))
    assert agreed.recommendation.threads.disputes[0].said == "The date is disputed."
    assert last_published(agreed.history).step == 4
    agreed.when(agree, by=KENT).refused("Step 3 is not the last proposal of words here.")


def test_another_inspector_lets_a_fact_stand_with_a_public_answer() -> None:
    story = disputed()
    story.when(SETTLED).refused("You recorded what is disputed, so that another inspector…")
    story.when(replace(SETTLED, answer=None), by=OTHER_INSPECTOR).refused("The dispute is public…")
    event = DisputeSettled(2, "force", "not_corrected", "No letter.", None, "It stands.", True)  # noqa: FBT003  a field
    done = story.when(SETTLED, by=OTHER_INSPECTOR).then(event)
    assert is_told(done.history)
    (dispute,) = done.recommendation.threads.disputes
    assert not dispute.open
    assert dispute.waits_for is None
    done.when(SETTLED, by=OTHER_INSPECTOR).refused("This dispute ended at step 3.")
    done.when(ReplyToDispute(dispute=2, reply="No."), by=KENT).refused("This dispute ended at…")


def test_whoever_mended_the_disputed_field_is_of_its_recorders() -> None:
    story = issued.when(fix(), by=OTHER_INSPECTOR).done()
    story = story.when(DISPUTE, by=KENT).done()
    settled = replace(SETTLED, dispute=3)
    story.when(settled, by=OTHER_INSPECTOR).refused("You recorded what is disputed…")
    story.when(settled, by=replace(INSPECTOR, id="inspector-3")).done()


def test_a_fact_is_put_right_by_a_later_step_about_it() -> None:
    story = disputed()
    mended = SettleDispute(dispute=2, result="corrected", reason="A typing error.", correction=3)
    story.when(mended).refused("Step 3 did not put right what is disputed. …")
    story.when(replace(mended, correction=None)).refused("Name the step that put the fact right.")
    fixed = story.when(fix()).done()
    done = fixed.when(mended).done()
    settlement = done.recommendation.threads.disputes[0].settlement
    assert settlement is not None
    assert (settlement.result, settlement.correction) == ("corrected", 3)
    fixed.when(replace(mended, correction=1)).refused("Step 1 did not put right…")


def test_a_withdrawal_of_the_disputed_step_puts_it_right() -> None:
    story = given(("2022-08-05", ISSUED), ("2022-09-01", WAIVED))
    story = story.when(replace(DISPUTE, step=2, field="on"), by=KENT).done()
    story = story.when(Withdraw(steps=(2,), why="Another one.")).done()
    mended = SettleDispute(dispute=3, result="corrected", reason="It was another.", correction=4)
    assert not story.when(mended).done().recommendation.threads.disputes[0].open


def test_only_its_party_takes_a_dispute_back() -> None:
    story = disputed()
    story.when(WithdrawDispute(dispute=2)).forbidden("The role inspector cannot do this. …")
    story.when(WithdrawDispute(dispute=2), by=KENT_BODY).forbidden("This is between…")
    done = story.when(WithdrawDispute(dispute=2, why="A slip."), by=KENT).then(
        DisputeWithdrawn(2, "force", "A slip.", True)  # noqa: FBT003  a field
    )
    assert not done.recommendation.threads.disputes[0].open


def test_inspectors_cannot_withdraw_or_correct_a_dispute_away() -> None:
    story = disputed()
    command = Withdraw(steps=(2,), why="Typing.")
    story.when(command).refused("Step 2 is of a dispute or a question, which both sides have…")
    assert 2 not in withdrawable(story.history, KENT)
    moved = Correct(step=2, field="on", was=TODAY, now="2025-01-01", why="Typing.")
    story.when(moved).refused("on of step 2 cannot be corrected. In that step you can correct: n…")


def test_a_question_is_between_the_inspectorate_and_one_party() -> None:
    ask = AskQuestion(question="When was it sent?", step=1)
    story = issued.when(ask, by=KENT).then(QuestionAsked("force", "When was it sent?", 1))
    (question,) = story.recommendation.threads.questions
    assert (question.asked_by, question.waits_for) == ("force", "inspectorate")
    assert last_published(story.history).step == 1
    answer = AnswerQuestion(question=2, answer="In May.")
    story.when(answer, by=KENT).refused("The side that asked cannot answer. Ask another…")
    story.when(answer, by=KENT_BODY).forbidden("This is between the inspectorate and the force.")
    done = story.when(answer).then(QuestionAnswered(2, "force", "In May."))
    assert done.recommendation.threads.questions[0].waits_for is None
    done.when(replace(answer, question=1)).refused("Step 1 is not a question.")
    done.when(replace(answer, answer="On the 3rd.")).done()


def test_an_inspector_says_which_party_is_asked() -> None:
    ask = AskQuestion(question="Who answers for it?")
    issued.when(ask).refused("Say whom you ask: the force, or the local policing body.")
    story = issued.when(replace(ask, party="local_policing_body")).done()
    assert story.recommendation.threads.questions[0].waits_for == "local_policing_body"
    story.when(AnswerQuestion(question=2, answer="I do."), by=KENT_BODY).done()
    issued.when(replace(ask, party="force"), by=KENT_BODY).refused("You can ask the inspectorate…")
    issued.when(ask, by=ADMIN).forbidden("The role admin cannot do this. …")


def test_a_dispute_is_open_on_the_days_between_its_opening_and_its_end() -> None:
    story = disputed()
    at = NOON.replace(month=2)
    done = story.when(SETTLED, by=OTHER_INSPECTOR, on="2026-02-05", at=at).done()

    def then(day: str) -> list[bool]:
        state = state_of(as_at(done.history, on=date.fromisoformat(day)))
        assert isinstance(state, Recommendation)
        return [dispute.open for dispute in state.threads.disputes]

    assert [then(day) for day in ("2026-01-04", "2026-01-05", "2026-02-04", "2026-02-05")] == [
        [],
        [True],
        [True],
        [False],
    ]
    known = as_at(done.history, known_at=NOON)
    before = state_of(known)
    assert isinstance(before, Recommendation)
    assert before.threads.disputes[0].open
    assert not recommendation_after(done.history).threads.disputes[0].open


def test_a_closed_recommendation_can_be_disputed() -> None:
    story = given(("2022-08-05", ISSUED), ("2022-09-01", ASSIGNED), ("2023-06-01", CLOSED))
    story.when(replace(DISPUTE, step=3, field="reason"), by=KENT).done()
