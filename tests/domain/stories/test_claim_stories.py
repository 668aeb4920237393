"""Stories of a recommendation: owner, claim, assurance and closure, or a refusal."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.commands.recommendation import (
    AssignFollowUp,
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Comment,
    DeclineClosure,
    NameOwner,
    NoteOutcome,
    ProposeClosure,
    RecommendationCommand,
    RecordAssurance,
    Reopen,
    ReportFollowUp,
    ReportProgress,
    RespondUnderSection55,
    ReturnClaim,
)
from domain.events.recommendation import (
    AssuranceRecorded,
    ClaimReturned,
    Closed,
    ClosureDeclined,
    Commented,
    CompletionClaimed,
    OutcomeNoted,
    OwnerNamed,
    ProgressReported,
    Reopened,
    Section55Responded,
    TimeLimitChanged,
)
from domain.recommendation.decide import event_of
from domain.recommendation.rules import check
from domain.recommendation.state import Assurance, Claim, Closure, Recommendation, Response, Stage
from domain.recommendation.worklist import Work, work
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import AssuranceLevel, CloseReason, Finding, FollowUpKind, When
from tests.support.data.examples import INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR
from tests.support.data.stories import (
    CLAIMED,
    OTHER_RECOMMENDATION,
    Attempt,
    Story,
    asking_for,
    assigned,
    claimed,
    closed,
    followed_up,
    issued,
    planned,
    stamped,
)

# Owner


def test_the_force_names_an_owner() -> None:
    story = issued.when(NameOwner(owner="Head of crime"), on="2022-08-08", by=KENT).then(
        OwnerNamed("Head of crime")
    )
    assert story.recommendation.owner_step == 2


def test_a_closed_recommendation_takes_no_owner() -> None:
    closed.when(NameOwner(owner="Head of crime"), by=KENT).refused(
        "The recommendation is closed: an owner can be named only while open."
    )


# Progress and claim


def test_the_force_reports_progress() -> None:
    issued.when(ReportProgress(progress="Half."), by=KENT).then(ProgressReported("Half."))


def test_a_closed_recommendation_takes_no_progress() -> None:
    closed.when(ReportProgress(progress="Half."), by=KENT).refused(
        "The recommendation is closed: progress can be reported only while open."
    )


def test_the_force_claims_completion() -> None:
    story = issued.when(
        ClaimCompletion(evidence="All are trained.", documents=("0" * 64,)),
        on="2022-11-01",
        by=KENT,
        documents={"0" * 64},
    ).then(CompletionClaimed("All are trained.", ("0" * 64,)))
    assert story.recommendation.claim == Claim(2, "2022-11-01", "kent-liaison")
    assert story.recommendation.stage is Stage.ISSUED


def test_a_claim_names_only_documents_that_were_sent() -> None:
    claim = ClaimCompletion(evidence="All are trained.", documents=("0" * 64, "1" * 64))
    issued.when(claim, by=KENT, documents={"0" * 64}).refused(
        f"The document {'1' * 64} has not been sent to this recommendation, or it was removed."
    )


def test_a_second_claim_is_refused_while_one_stands() -> None:
    claimed.when(ClaimCompletion(evidence="Again."), by=KENT).refused(
        "There is already a claim of completion, since step 2."
    )


def test_a_closed_recommendation_takes_no_claim() -> None:
    closed.when(ClaimCompletion(evidence="Done."), by=KENT).refused(
        "The recommendation is closed: completion can be claimed only while open."
    )


def test_inspectors_return_a_claim_and_the_force_claims_again() -> None:
    story = claimed.when(ReturnClaim(reason="No list.")).then(ClaimReturned("No list."))
    assert story.recommendation.claim is None
    story.when(ClaimCompletion(evidence="All are trained."), by=KENT).then(CLAIMED)


def test_only_a_standing_claim_is_returned() -> None:
    issued.when(ReturnClaim(reason="No list.")).refused(
        "There is no claim of completion to return."
    )


def test_a_claim_on_a_closed_recommendation_is_not_returned() -> None:
    closed.when(ReturnClaim(reason="No list.")).refused(
        "The recommendation is closed: a claim can be returned only while open."
    )


# The local policing body


def test_the_local_policing_body_publishes_its_comments() -> None:
    state = (
        issued.when(
            RespondUnderSection55(
                answer="act", explanation="We asked.", address="https://example.org/55"
            ),
            on="2022-09-29",
            by=KENT_BODY,
        )
        .then(Section55Responded("act", "We asked.", "https://example.org/55"))
        .recommendation
    )
    assert state.section_55 == Response(2, "2022-09-29", "act", "https://example.org/55")


def test_comments_carry_the_chief_officers_and_the_day_of_the_copy_that_was_sent() -> None:
    comments = RespondUnderSection55(
        answer="act", explanation="We asked.", chief_officer="I accept it.", copied_on="2022-10"
    )
    event = Section55Responded("act", "We asked.", None, "I accept it.", "2022-10")
    state = issued.when(comments, on="2022-09-29", by=KENT_BODY).then(event).recommendation
    assert state.section_55 == Response(2, "2022-09-29", "act", None, "2022-10")


@pytest.mark.parametrize(
    ("copied_on", "rule"),
    [
        ("2022-07", "A copy of 2022-07 is before the publication, 2022-08-05."),
        ("2022-02-30", "2022-02-30 is not a real date."),
        ("2199", "2199 is in the future; …"),
    ],
)
def test_a_copy_is_sent_after_the_publication_and_not_in_the_future(
    copied_on: When, rule: str
) -> None:
    comments = RespondUnderSection55(answer="act", explanation="We asked.", copied_on=copied_on)
    issued.when(comments, on="2022-09-29", by=KENT_BODY).refused(rule)


@pytest.mark.parametrize("level", ["assured", "partly_assured"])
def test_the_local_policing_body_records_its_assurance(level: AssuranceLevel) -> None:
    story = issued.when(
        RecordAssurance(level=level, reason="We looked."), on="2023-02-01", by=KENT_BODY
    ).then(AssuranceRecorded(level, "We looked."))
    assert story.recommendation.assurance == Assurance(2, "2023-02-01", level)
    assert story.recommendation.open


# Closure


def test_inspectors_verify_and_close_a_recommendation() -> None:
    proposed = claimed.when(
        ProposeClosure(basis="Seen.", source="Review of 2023"), on="2023-06-01"
    ).done()
    close = Close(reason=CloseReason.VERIFIED, basis="Seen.", source="Review of 2023", proposal=3)
    state = (
        proposed.when(close, on="2023-06-01", by=OTHER_INSPECTOR)
        .then(Closed(CloseReason.VERIFIED, "Seen.", "Review of 2023", proposal=3))
        .recommendation
    )
    assert (state.open, state.claim, state.proposal) == (False, None, None)
    assert state.closure == Closure(
        4, "2023-06-01", CloseReason.VERIFIED, "Review of 2023", None, claimed_on="2022-11-01"
    )


def verified(story: Story, *, proposal: int | None = None, by: Actor = INSPECTOR) -> Attempt:
    close = Close(reason=CloseReason.VERIFIED, basis="S.", source="Review", proposal=proposal)
    return story.when(close, by=by)


def test_to_close_as_verified_takes_a_second_inspector_unless_the_last_finding_is_met() -> None:
    again = followed_up.when(AssignFollowUp(kind=FollowUpKind.MONITORING, procedure="2020")).done()
    met = again.when(ReportFollowUp(finding=Finding.MET, passage="All.", source="Review")).done()
    verified(met).done()
    met.when(ProposeClosure(basis="Seen.", source="Review")).refused(
        "The last finding is met: it can be closed without a proposal."
    )
    for story in (issued, claimed, followed_up):
        verified(story).refused("No follow-up was the last to find that it is met. …")
        proposed = story.when(ProposeClosure(basis="Seen.", source="Review")).done()
        step = len(proposed.history)
        for named in (step, None):
            verified(proposed, proposal=named).refused("The inspector who proposed the closure …")
        verified(proposed, by=OTHER_INSPECTOR).refused(
            "No follow-up was the last to find that it is met. To close as verified then takes two "
            "inspectors: one proposes the closure, and another closes, naming the step of the "
            f"proposal. It was proposed at step {step}."
        )
        verified(proposed, proposal=step, by=OTHER_INSPECTOR).done()


def test_a_second_reader_is_another_inspector_and_has_the_proposal_among_their_work() -> None:
    propose = ProposeClosure(basis="Seen.", source="Review", second_reader=INSPECTOR.id)
    claimed.when(propose).refused("The second reader is another inspector.")
    asked = replace(propose, second_reader="inspector-9")
    proposed = claimed.when(asked).done()
    due = [item for item in work(proposed.recommendation) if item.work is Work.AGREE_CLOSURE]
    assert [item.assignee for item in due] == ["inspector-9"]
    verified(proposed, proposal=3, by=OTHER_INSPECTOR).done()  # whoever it is: none waits for one


def test_a_second_inspector_declines_a_proposal_and_it_stays_open() -> None:
    claimed.when(DeclineClosure(reason="No.")).refused("No closure waits for another inspector.")
    proposed = claimed.when(ProposeClosure(basis="Seen.", source="Review")).done()
    proposed.when(DeclineClosure(reason="No.")).refused("You proposed this closure. …")
    declined = proposed.when(DeclineClosure(reason="Half of it."), by=OTHER_INSPECTOR).then(
        ClosureDeclined("Half of it.")
    )
    state = declined.recommendation
    assert (state.open, state.proposal, state.claim) == (True, None, claimed.recommendation.claim)
    assert Work.AGREE_CLOSURE not in {item.work for item in work(state)}
    verified(declined, proposal=3, by=OTHER_INSPECTOR).refused("No follow-up was the last to …")
    declined.when(ProposeClosure(basis="All of it.", source="Review")).done()


def test_a_proposal_to_close_falls_with_a_new_finding_or_a_returned_claim() -> None:
    proposed = claimed.when(ProposeClosure(basis="Seen.", source="Review")).done()
    assert proposed.recommendation.proposal
    returned = proposed.when(ReturnClaim(reason="No list."), by=OTHER_INSPECTOR).done()
    assert returned.recommendation.proposal is None
    verified(returned, proposal=3, by=OTHER_INSPECTOR).refused("No follow-up was the last to …")


def test_a_verified_closure_needs_a_source() -> None:
    issued.when(Close(reason=CloseReason.VERIFIED, basis="Seen.")).refused(
        "A closure as verified must give the source that its basis relies on."
    )


def test_a_superseded_recommendation_names_the_later_one() -> None:
    story = issued.when(
        Close(
            reason=CloseReason.SUPERSEDED, basis="Asked anew.", superseded_by=OTHER_RECOMMENDATION
        )
    ).then(Closed(CloseReason.SUPERSEDED, "Asked anew.", superseded_by=OTHER_RECOMMENDATION))
    closure = story.recommendation.closure
    assert closure is not None
    assert closure.superseded_by == OTHER_RECOMMENDATION


@pytest.mark.parametrize(
    ("reason", "later"),
    [(CloseReason.SUPERSEDED, None), (CloseReason.WITHDRAWN, OTHER_RECOMMENDATION)],
)
def test_only_a_superseded_recommendation_names_a_later_one(
    reason: CloseReason, later: UUID | None
) -> None:
    issued.when(Close(reason=reason, basis="Moot.", superseded_by=later)).refused(
        "A closure as superseded, and no other, must give the id of the superseding recommendation."
    )


def test_a_past_claimant_cannot_close_the_recommendation() -> None:
    story = claimed.when(ReturnClaim(reason="No list.")).done()
    story = story.when(
        ClaimCompletion(evidence="Done."), by=Actor("kent-2", Role.FORCE, "kent")
    ).done()
    for actor in ("kent-liaison", "kent-2"):
        story.when(
            Close(reason=CloseReason.WITHDRAWN, basis="Moot."), by=Actor(actor, Role.INSPECTOR)
        ).refused("The person who claimed completion cannot close it. Another inspector must.")
    story.when(Close(reason=CloseReason.WITHDRAWN, basis="Moot.")).done()


def test_all_claimants_are_remembered() -> None:
    story = issued
    for name in ("d", "b", "e", "a", "c", "a"):
        actor = Actor(name, Role.FORCE, "kent")
        story = story.when(ClaimCompletion(evidence="Done."), by=actor).done()
        story = story.when(ReturnClaim(reason="No list.")).done()
    assert story.recommendation.claimants == ("a", "b", "c", "d", "e")


def test_a_recommendation_is_closed_once() -> None:
    closed.when(Close(reason=CloseReason.WITHDRAWN, basis="Moot."), by=OTHER_INSPECTOR).refused(
        "The recommendation is closed: it can be closed only while open."
    )


@pytest.mark.parametrize(
    ("story", "stage"),
    [(claimed, Stage.ISSUED), (assigned, Stage.FOLLOW_UP_ASSIGNED), (planned, Stage.PLAN_RECEIVED)],
)
def test_a_reopened_recommendation_is_back_at_its_stage(story: Story, stage: Stage) -> None:
    story = story.when(Close(reason=CloseReason.WITHDRAWN, basis="Moot."), on="2023-06-01").done()
    state = (
        story.when(Reopen(reason="Too soon."), on="2023-07-01")
        .then(Reopened("Too soon."))
        .recommendation
    )
    assert (state.stage, state.closure, state.claim) == (stage, None, None)
    assert state.moved_on == "2023-07-01"


def test_only_a_closed_recommendation_is_reopened() -> None:
    issued.when(Reopen(reason="Too soon.")).refused(
        "Only a closed recommendation can be reopened; "
        "this recommendation is issued, and its action plan has not been received."
    )


# Whatever else is said about it


def test_a_later_source_is_noted_even_on_a_closed_recommendation() -> None:
    event = OutcomeNoted(
        reference="kent-pir-2023-o1",
        said_by="force",
        text="It is done.",
        source="Letter of 2023",
        reading="claim",
        register_status="complete",
        reported_in="kent-pir-2023",
        confidence="inferred",
        remark="Read by hand.",
    )
    closed.when(asking_for(event, NoteOutcome)).then(event)


def test_inspectors_change_the_time_limit() -> None:
    story = issued.when(ChangeTimeLimit(time_limit="months:6", reason="Much to do.")).then(
        TimeLimitChanged("months:3", "months:6", "Much to do.")
    )
    story.when(ChangeTimeLimit(time_limit="none", reason="More.")).then(
        TimeLimitChanged("months:6", "none", "More.")
    )
    assert story.recommendation.time_limit_step == 2


def test_a_changed_time_limit_differs_from_the_present_one() -> None:
    issued.when(ChangeTimeLimit(time_limit="months:3", reason="Much to do.")).refused(
        "The time limit is months:3 already."
    )


def test_a_changed_time_limit_is_a_day_of_the_calendar() -> None:
    issued.when(ChangeTimeLimit(time_limit="date:2023-04-31", reason="Much to do.")).refused(
        "2023-04-31 is not a real date."
    )


def test_the_time_limit_of_a_closed_recommendation_does_not_change() -> None:
    closed.when(ChangeTimeLimit(time_limit="none", reason="Moot.")).refused(
        "The recommendation is closed: its time limit can be changed only while open."
    )


def test_a_party_comments_even_on_a_closed_recommendation() -> None:
    closed.when(Comment(comment="Noted."), by=KENT_BODY).then(Commented("Noted."))


# What does not exist


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Comment(comment="Noted."), "There is no such recommendation."),
        (
            ReportProgress(progress="Half."),
            "There is no such recommendation.",
        ),
        (
            Reopen(reason="Too soon."),
            "There is no such recommendation.",
        ),
    ],
)
def test_a_recommendation_never_issued_takes_no_command(
    command: RecommendationCommand, words: str
) -> None:
    with pytest.raises(Refused) as refusal:
        check(
            event_of(command, Recommendation()), Recommendation(), stamped(INSPECTOR, "2022-08-05")
        )
    assert str(refusal.value) == words
