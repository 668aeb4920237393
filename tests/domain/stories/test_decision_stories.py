"""Stories of decisions: later evidence makes a decision stale until it is confirmed."""

import pytest

from domain.commands.common import ApproveRedaction, Correct, RequestRedaction
from domain.commands.recommendation import (
    AssignFollowUp,
    Close,
    Comment,
    ConfirmDecision,
    NoteOutcome,
    RecordAssurance,
    Reopen,
    ReportProgress,
    RespondUnderSection55,
    ReviewActionPlan,
)
from domain.events.event import Event
from domain.events.recommendation import DecisionConfirmed
from domain.recommendation.decisions import Decision
from domain.recommendation.worklist import Work, WorkDue, work
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.values import CloseReason, FollowUpKind
from tests.support.data.examples import ADMIN, INSPECTOR, KENT, KENT_BODY
from tests.support.data.stories import (
    ACCEPTED,
    ASSIGNED,
    CLOSED,
    FOLLOWED_UP,
    ISSUED,
    NOTED,
    PLAN,
    Story,
    asking_for,
    given,
)

IMPORTER = Actor("importer", Role.IMPORTER)
accepted = given(("2022-08-05", ISSUED), ("2022-09-01", PLAN, KENT), ("2022-10-01", ACCEPTED))
assigned = given(
    ("2022-08-05", ISSUED),
    ("2022-09-01", PLAN, KENT),
    ("2022-10-01", ACCEPTED),
    ("2022-10-01", ASSIGNED),
)
followed = given(
    ("2022-08-05", ISSUED),
    ("2022-09-01", PLAN, KENT),
    ("2022-10-01", ACCEPTED),
    ("2022-10-01", ASSIGNED),
    ("2023-03-01", FOLLOWED_UP),
)
closed = given(
    ("2022-08-05", ISSUED),
    ("2022-09-01", PLAN, KENT),
    ("2022-10-01", ACCEPTED),
    ("2023-06-01", CLOSED),
)
TEXT = Correct(step=1, field="text", was="Do it.", now="Do it at once.", why="Read again.")
NOTE = asking_for(NOTED, NoteOutcome)
ASSURE = RecordAssurance(level="partly_assured", reason="Half.")
RESPOND = RespondUnderSection55(answer="no_action", explanation="It is not done.")


def decision(story: Story) -> Decision:
    found = story.recommendation.decision
    assert found is not None
    return found


def stale_work(story: Story) -> list[WorkDue]:
    return [item for item in work(story.recommendation) if item.work is Work.RECONSIDER]


# What makes which decision stale


@pytest.mark.parametrize("story", [accepted, assigned, followed, closed])
def test_a_correction_of_its_basis_makes_any_decision_stale(story: Story) -> None:
    before = decision(story)
    after = decision(story.when(TEXT, on="2024-01-01").done())
    assert (before.stale, after.stale) == (False, True)
    assert (after.stale_step, after.stale_on) == (len(story.history) + 1, "2024-01-01")


@pytest.mark.parametrize("story", [accepted, assigned, followed, closed])
def test_the_removal_of_a_note_in_its_basis_makes_any_decision_stale(story: Story) -> None:
    request = RequestRedaction(step=2, field="content", ground="court_order")
    asked = story.when(request, by=ADMIN).done()
    assert not decision(asked).stale, "nothing is removed yet"
    approve = ApproveRedaction(request=len(asked.history), step=2, field="content")
    assert decision(asked.when(approve).done()).stale


@pytest.mark.parametrize("story", [followed, closed])
@pytest.mark.parametrize(
    ("said", "by"), [(NOTE, INSPECTOR), (NOTE, IMPORTER), (ASSURE, KENT_BODY), (RESPOND, KENT_BODY)]
)
def test_later_statements_of_others_make_a_judgement_stale(
    story: Story, said: NoteOutcome | RecordAssurance | RespondUnderSection55, by: Actor
) -> None:
    assert decision(story.when(said, by=by).done()).stale


@pytest.mark.parametrize("story", [accepted, assigned])
def test_later_statements_of_others_leave_a_procedural_decision_fresh(story: Story) -> None:
    assert not decision(story.when(NOTE).done()).stale


@pytest.mark.parametrize("story", [accepted, assigned, followed, closed])
@pytest.mark.parametrize(
    ("field", "was", "now"), [("ordinal", 1, 2), ("area", "leadership", "investigation")]
)
def test_a_correction_of_how_it_is_filed_leaves_a_decision_fresh(
    story: Story, field: str, was: object, now: object
) -> None:
    mend = Correct(step=1, field=field, was=was, now=now, why="Typing.")  # type: ignore[arg-type]
    assert not decision(story.when(mend).done()).stale


def test_progress_and_remarks_leave_a_decision_fresh() -> None:
    told = followed.when(ReportProgress(progress="More."), by=KENT).done()
    assert not decision(told.when(Comment(comment="Noted.")).done()).stale


def test_a_correction_of_the_decision_itself_leaves_it_fresh() -> None:
    mend = Correct(step=5, field="passage", was="Half were trained.", now="A third.", why="Read.")
    assert not decision(followed.when(mend).done()).stale


def test_an_imported_closure_is_not_a_decision_of_ours() -> None:
    story = given(("2022-08-05", ISSUED, IMPORTER), ("2023-06-01", CLOSED, IMPORTER))
    story = story.when(NOTE, by=IMPORTER).done()
    assert story.recommendation.decision is None
    story.when(ConfirmDecision(why="It holds.")).refused("No decision waits to be confirmed.")


# What becomes of a stale one


def test_a_stale_decision_waits_for_inspectors_since_the_step_that_made_it_stale() -> None:
    stale = closed.when(NOTE, on="2024-01-01").done()
    assert stale_work(stale) == [WorkDue(Work.RECONSIDER, "2024-01-01")]
    assert not stale_work(closed)


def test_a_decision_waits_no_longer_than_it_is_made() -> None:
    stale = closed.when(NOTE, on="2022-10-01").done()
    assert stale_work(stale) == [WorkDue(Work.RECONSIDER, decision(closed).on)]


def test_a_stale_decision_names_the_first_step_that_made_it_stale() -> None:
    stale = closed.when(NOTE, on="2024-01-01").done().when(ASSURE, by=KENT_BODY).done()
    assert decision(stale).stale_step == 5


def test_inspectors_confirm_a_stale_decision_and_say_why() -> None:
    stale = closed.when(NOTE).done()
    held = stale.when(ConfirmDecision(why="The letter is older.")).then(
        DecisionConfirmed(4, "The letter is older.")
    )
    assert not decision(held).stale
    assert not stale_work(held)
    assert held.recommendation.stage == closed.recommendation.stage
    assert held.recommendation.closure == closed.recommendation.closure


def test_a_confirmed_decision_can_become_stale_again() -> None:
    held = closed.when(NOTE).done().when(ConfirmDecision(why="Older.")).done()
    mend = Correct(step=5, field="text", was=NOTED.text, now="None are trained.", why="Read again.")
    assert decision(held.when(mend).done()).stale


@pytest.mark.parametrize(
    ("story", "anew", "step"),
    [
        (accepted, AssignFollowUp(kind=FollowUpKind.MONITORING, procedure="2020"), 5),
        (followed, Close(reason=CloseReason.WITHDRAWN, basis="Moot."), 7),
        (closed, Reopen(reason="Not so."), 6),
    ],
)
def test_a_new_decision_replaces_a_stale_one(
    story: Story, anew: AssignFollowUp | Close | Reopen, step: int
) -> None:
    found = decision(story.when(TEXT).done().when(anew).done())
    assert (found.step, found.stale) == (step, False)


@pytest.mark.parametrize("by", [KENT, KENT_BODY, IMPORTER])
def test_only_inspectors_confirm_a_stale_decision(by: Actor) -> None:
    stale = closed.when(NOTE).done()
    stale.when(ConfirmDecision(why="Yes."), by=by).forbidden(
        f"The role {by.role} cannot do this. Only these roles can: inspector."
    )


def test_only_a_stale_decision_can_be_confirmed() -> None:
    closed.when(ConfirmDecision(why="Yes.")).refused("No decision waits to be confirmed.")
    given(("2022-08-05", ISSUED)).when(ConfirmDecision(why="Yes.")).refused(
        "No decision waits to be confirmed."
    )


def test_sending_a_plan_back_is_a_decision() -> None:
    planned = given(("2022-08-05", ISSUED), ("2022-09-01", PLAN, KENT))
    sent = planned.when(ReviewActionPlan(outcome="changes_requested", remarks="By when?")).done()
    found: Event = sent.history[-1].event
    assert found.outcome == "changes_requested"  # type: ignore[union-attr]
    assert decision(sent.when(TEXT).done()).stale
