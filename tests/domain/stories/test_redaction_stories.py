"""Stories of redactions: two people remove a note or document; the order of dates is unaffected."""

import pytest
from msgspec.structs import replace

from domain.commands.command import Command
from domain.commands.common import ApproveRedaction, Correct, RequestRedaction
from domain.commands.recommendation import (
    ClaimCompletion,
    Comment,
    ReceiveActionPlan,
    ReturnClaim,
)
from domain.commands.report import NoteArea
from domain.events.recommendation import (
    ActionPlanReceived,
    Commented,
    CompletionClaimed,
    NoteRedacted,
    RedactionApproved,
    RedactionRequested,
)
from domain.events.report import ReportRedactionApproved, ReportRedactionRequested
from domain.history import chronology
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.values import Plain
from tests.support.data.examples import ADMIN, INSPECTOR, KENT
from tests.support.data.stories import ISSUED, PUBLISHED, claimed, given, issued


def mend(field: str, was: Plain, now: Plain, *, step: int = 1) -> Correct:
    return Correct(step=step, field=field, was=was, now=now, why="Typing.")


def ask(step: int, field: str) -> RequestRedaction:
    return RequestRedaction(step=step, field=field, ground="data_protection")


def agree(step: int, field: str, request: int) -> ApproveRedaction:
    return ApproveRedaction(request=request, step=step, field=field)


OTHER_ADMIN = Actor("admin-2", Role.ADMIN)


def test_a_note_is_removed_when_one_person_asks_and_another_approves() -> None:
    story = claimed.when(ask(2, "evidence"), by=ADMIN).then(
        RedactionRequested(2, "evidence", "data_protection")
    )
    for other in (OTHER_ADMIN, INSPECTOR):
        story.when(agree(2, "evidence", 3), by=other).then(RedactionApproved(3, 2, "evidence"))


def test_nobody_approves_their_own_request() -> None:
    story = claimed.when(ask(2, "evidence"), by=ADMIN).done()
    for role in (Role.ADMIN, Role.INSPECTOR):
        story.when(agree(2, "evidence", 3), by=Actor(ADMIN.id, role)).refused(
            "The person who requested a redaction cannot approve it. Another person must."
        )


def test_an_approval_without_its_request_is_refused() -> None:
    claimed.when(agree(2, "evidence", 1), by=OTHER_ADMIN).refused(
        "Step 1 is not a request to remove this note."
    )
    story = claimed.when(Comment(comment="A name.")).done()
    story = story.when(ask(2, "evidence"), by=ADMIN).done()
    story.when(agree(3, "comment", 4), by=OTHER_ADMIN).refused(
        "Step 4 is not a request to remove this note."
    )


def test_the_removal_of_a_note_is_requested_once() -> None:
    story = claimed.when(ask(2, "evidence"), by=ADMIN).done()
    story.when(ask(2, "evidence"), by=OTHER_ADMIN).refused(
        "This redaction was already requested at step 3 and awaits approval."
    )


def test_a_missing_step_has_no_note_to_remove() -> None:
    claimed.when(ask(3, "evidence"), by=ADMIN).refused("There is no step 3. The last step is 2.")


@pytest.mark.parametrize("field", ["documents", "text", "remark"])
def test_only_an_existing_note_can_be_removed(field: str) -> None:
    for step in (1, 2):
        claimed.when(ask(step, field), by=ADMIN).refused(f"Step {step} has no note called {field}.")


def test_a_note_is_removed_once() -> None:
    story = given(("2022-08-05", ISSUED), ("2022-08-06", Commented("A name.")))
    story = story.when(ask(2, "comment"), by=ADMIN).done()
    story = story.when(agree(2, "comment", 3), by=OTHER_ADMIN).done()
    for again in (ask(2, "comment"), agree(2, "comment", 3)):
        story.when(again, by=Actor("admin-3", Role.ADMIN)).refused(
            "This note was already removed at step 4."
        )


def test_a_note_redacted_by_the_former_single_command_stays_removed() -> None:
    story = given(
        ("2022-08-05", ISSUED),
        ("2022-08-06", Commented("A name.")),
        ("2022-08-07", NoteRedacted(2, "comment", "DPA 2018, s. 47", "admin-2"), ADMIN),
    )
    story.when(ask(2, "comment"), by=ADMIN).refused("This note was already removed at step 3.")


def test_a_note_of_a_report_is_removed_in_the_same_way() -> None:
    story = given(("2022-08-05", replace(PUBLISHED, remark="A name.")))
    story = story.when(ask(1, "remark"), by=ADMIN).then(
        ReportRedactionRequested(1, "remark", "data_protection")
    )
    story = story.when(agree(1, "remark", 2), by=OTHER_ADMIN).then(
        ReportRedactionApproved(2, 1, "remark")
    )
    story.when(ask(1, "remark"), by=ADMIN).refused("This note was already removed at step 3.")


def test_a_redaction_changes_nothing_but_the_note() -> None:
    story = claimed.when(ask(2, "evidence"), by=ADMIN).done()
    story = story.when(agree(2, "evidence", 3), by=OTHER_ADMIN).done()
    assert replace(story.recommendation, step=2, last_day=claimed.recommendation.last_day) == (
        claimed.recommendation
    )


# What is about the record only is not in the order of dates


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (mend("ordinal", 1, 2), INSPECTOR),
        (ask(2, "evidence"), ADMIN),
    ],
)
def test_an_earlier_step_may_be_recorded_after_a_correction_or_redaction(
    command: Command, by: Actor
) -> None:
    story = claimed.when(command, by=by, on="2026-01-05").done()
    story = story.when(Comment(comment="Noted."), on="2022-12-24").done()
    days = [step.day.isoformat() for step in chronology(story.history)]
    assert days == ["2022-08-05", "2022-11-01", "2022-11-01", "2022-12-24"]


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (mend("confidence", "stated", "inferred"), INSPECTOR),
        (ask(1, "remark"), ADMIN),
    ],
)
def test_an_earlier_step_of_a_report_may_be_recorded_after_a_correction(
    command: Command, by: Actor
) -> None:
    noted = NoteArea(reference="kent-a1", text="Train.", area="leadership", source="Page 9")
    story = given(("2022-08-05", replace(PUBLISHED, remark="A name.")))
    story = story.when(command, by=by, on="2026-01-05").done()
    story = story.when(noted, on="2022-08-05").done()
    story.when(noted, on="2022-08-04").refused("2022-08-04 is before an earlier step. …")
    assert {step.day.isoformat() for step in chronology(story.history)} == {"2022-08-05"}


def test_a_date_may_be_moved_past_a_correction() -> None:
    story = given(("2022-08", ISSUED))
    story = story.when(mend("text", "Do it.", "Do it now."), on="2022-08-10").done()
    story.when(mend("on", "2022-08", "2022-08-31"), on="2022-08-10").done()


def test_a_correction_does_not_bound_the_date_of_an_earlier_step() -> None:
    story = given(("2022-08", ISSUED))
    story = story.when(mend("text", "Do it.", "Do it now."), on="2022-08-10").done()
    assert {step.day.isoformat() for step in chronology(story.history)} == {"2022-08-31"}


def test_the_date_of_a_correction_can_be_corrected_after_later_steps() -> None:
    story = issued.when(mend("text", "Do it.", "Do it now."), on="2026-01-05").done()
    story = story.when(Comment(comment="Noted."), on="2022-09-14").done()
    story.when(mend("on", "2026-01-05", "2026-01-04", step=2)).done()


# Documents


DOCUMENT, OTHER = "ab" * 32, "cd" * 32
FIELD = f"documents.{DOCUMENT}"
evidenced = given(("2022-08-05", ISSUED), ("2022-11-01", CompletionClaimed("All.", (DOCUMENT,))))


def test_a_document_is_removed_when_one_person_asks_and_another_approves() -> None:
    story = evidenced.when(ask(2, FIELD), by=ADMIN, documents=[DOCUMENT]).then(
        RedactionRequested(2, FIELD, "data_protection")
    )
    for other in (OTHER_ADMIN, INSPECTOR):
        story.when(agree(2, FIELD, 3), by=other).then(RedactionApproved(3, 2, FIELD))
    story.when(agree(2, FIELD, 3), by=ADMIN).refused(
        "The person who requested a redaction cannot approve it. Another person must."
    )
    story.when(ask(2, FIELD), by=OTHER_ADMIN, documents=[DOCUMENT]).refused(
        "This redaction was already requested at step 3 and awaits approval."
    )


def test_a_plan_names_documents_that_were_sent_and_they_are_removed_at_its_step() -> None:
    plan = ReceiveActionPlan(answer="act", content="As in the file.", documents=(DOCUMENT,))
    story = issued.when(plan, by=KENT, documents=[DOCUMENT]).then(
        ActionPlanReceived(1, "act", "As in the file.", (DOCUMENT,))
    )
    issued.when(plan, by=KENT, documents=[OTHER]).refused(f"The document {DOCUMENT} has not …")
    story.when(ask(2, FIELD), by=ADMIN, documents=[DOCUMENT]).done()
    story.when(ask(1, FIELD), by=ADMIN, documents=[DOCUMENT]).refused(
        f"The document {DOCUMENT} is removed at step 2, not at step 1."
    )


def test_a_document_is_removed_once() -> None:
    story = evidenced.when(ask(2, FIELD), by=ADMIN, documents=[DOCUMENT]).done()
    story = story.when(agree(2, FIELD, 3), by=OTHER_ADMIN).done()
    for again in (ask(2, FIELD), ask(1, FIELD), agree(2, FIELD, 3)):
        story.when(again, by=Actor("admin-3", Role.ADMIN)).refused(
            "This document was already removed at step 4."
        )


def test_only_a_stored_document_can_be_removed() -> None:
    for field in (f"documents.{OTHER}", FIELD):
        evidenced.when(ask(2, field), by=ADMIN).refused(
            f"The document {field[10:]} has not been sent to this recommendation."
        )
    for field in ("documents", "documents.", "documents.ab", f"documents.{DOCUMENT.upper()}"):
        evidenced.when(ask(2, field), by=ADMIN, documents=[DOCUMENT]).refused(
            f"Step 2 has no note called {field}."
        )


def test_a_document_is_removed_at_the_first_step_that_names_it() -> None:
    story = evidenced.when(ReturnClaim(reason="Which?"), by=INSPECTOR).done()
    again = ClaimCompletion(evidence="These.", documents=(DOCUMENT, OTHER))
    story = story.when(again, by=KENT, documents=[DOCUMENT, OTHER]).done()
    for step in (1, 3, 4):
        story.when(ask(step, FIELD), by=ADMIN, documents=[DOCUMENT]).refused(
            f"The document {DOCUMENT} is removed at step 2, not at step {step}."
        )
    story.when(ask(4, f"documents.{OTHER}"), by=ADMIN, documents=[OTHER]).done()


def test_a_document_that_no_claim_names_is_removed_at_the_first_step() -> None:
    story = issued.when(ask(1, FIELD), by=ADMIN, documents=[DOCUMENT]).done()
    claim = ClaimCompletion(evidence="All.", documents=(DOCUMENT,))
    story = story.when(claim, by=KENT, documents=[DOCUMENT]).done()
    for step in (1, 3):
        story.when(ask(step, FIELD), by=OTHER_ADMIN, documents=[DOCUMENT]).refused(
            "This redaction was already requested at step 2 and awaits approval."
        )
    story.when(agree(3, FIELD, 2), by=OTHER_ADMIN).refused("The request names step 1, not step 3.")
    story.when(agree(1, FIELD, 2), by=OTHER_ADMIN).then(RedactionApproved(2, 1, FIELD))


def test_an_approval_for_another_document_is_refused() -> None:
    story = evidenced.when(ask(2, FIELD), by=ADMIN, documents=[DOCUMENT]).done()
    story.when(agree(2, f"documents.{OTHER}", 3), by=OTHER_ADMIN).refused(
        "Step 3 is not a request to remove this document."
    )
    story.when(agree(2, "evidence", 3), by=OTHER_ADMIN).refused(
        "Step 3 is not a request to remove this note."
    )


def test_a_decision_becomes_stale_when_a_document_it_rests_on_is_removed() -> None:
    story = evidenced.when(ReturnClaim(reason="Which?"), by=INSPECTOR).done()
    story = story.when(ask(2, FIELD), by=ADMIN, documents=[DOCUMENT]).done()
    assert story.recommendation.decision
    assert not story.recommendation.decision.stale
    story = story.when(agree(2, FIELD, 4), by=OTHER_ADMIN).done()
    assert story.recommendation.decision
    assert story.recommendation.decision.stale_step == 5


def test_a_report_has_no_documents_to_remove() -> None:
    story = given(("2022-08-05", PUBLISHED))
    story.when(ask(1, FIELD), by=ADMIN).refused(
        f"The document {DOCUMENT} has not been sent to this recommendation."
    )
