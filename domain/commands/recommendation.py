"""Commands to a recommendation.

The body of a request is one of these commands; an unknown field is an error.
`on` is the date of effect, as precisely as it is known; without it, today in London.
"""

from typing import Annotated, TypeAlias
from uuid import UUID

from msgspec import Meta

from domain.commands.common import (
    ApproveRedaction,
    ApproveSuppression,
    Correct,
    Dated,
    RequestRedaction,
    RequestSuppression,
)
from domain.commands.correspondence import ReplyCommand
from domain.vocabulary.values import (
    LIST_MAX,
    ActorId,
    Answer,
    AssuranceLevel,
    CloseReason,
    Code,
    Confidence,
    Documents,
    Finding,
    FollowUpKind,
    Line,
    Milestone,
    Note,
    Reading,
    Reference,
    RegisterStatus,
    ReviewOutcome,
    SaidBy,
    StepNumber,
    StoodAt,
    Text,
    TimeLimit,
    When,
)


class NameOwner(Dated, frozen=True, kw_only=True, tag="name_owner"):
    """Name the senior post that answers for the recommendation."""

    owner: Note


class ReceiveActionPlan(Dated, frozen=True, kw_only=True, tag="receive_action_plan"):
    """Record the force's action plan: its intended actions, or its reason for taking none.

    `documents` are the plan as it was sent, if it was sent as files.
    """

    answer: Answer
    content: Note
    documents: Documents = ()


class WaiveActionPlan(Dated, frozen=True, kw_only=True, tag="waive_action_plan"):
    """Waive the action plan this time, with the reason."""

    reason: Note


class ReviewActionPlan(Dated, frozen=True, kw_only=True, tag="review_action_plan"):
    """Accept the action plan, or request changes and say in the remarks what is missing."""

    outcome: ReviewOutcome
    remarks: Note | None = None


class AssignFollowUp(Dated, frozen=True, kw_only=True, tag="assign_follow_up"):
    """Assign a follow-up: its kind, its window and the edition of the procedure."""

    kind: FollowUpKind
    procedure: Line
    window_from: When | None = None
    window_to: When | None = None
    assignee: ActorId | None = None
    reason: Note | None = None


class ChangeFollowUp(Dated, frozen=True, kw_only=True, tag="change_follow_up"):
    """Replace the current follow-up, with the reason."""

    kind: FollowUpKind
    procedure: Line
    reason: Note
    window_from: When | None = None
    window_to: When | None = None
    assignee: ActorId | None = None


class ReportFollowUp(Dated, frozen=True, kw_only=True, tag="report_follow_up"):
    """Record the finding of the follow-up, with the published passage that supports it."""

    finding: Finding
    passage: Text
    source: Line


class TakeOver(Dated, frozen=True, kw_only=True, tag="take_over"):
    """Say where a recommendation from published sources stood on a day, and how that is known.

    `follow_up_assigned` needs the kind and procedure of the follow-up, `followed_up` its finding,
    passage and source, and `closed` its reason.
    """

    standing: StoodAt
    basis: Note
    source: Line | None = None
    kind: FollowUpKind | None = None
    procedure: Line | None = None
    window_from: When | None = None
    window_to: When | None = None
    finding: Finding | None = None
    passage: Text | None = None
    reason: CloseReason | None = None
    superseded_by: UUID | None = None


class ReceiveUpdate(Dated, frozen=True, kw_only=True, tag="receive_update"):
    """Record the force's update on a recommendation that asks for something immediately."""

    content: Note


class ReportProgress(Dated, frozen=True, kw_only=True, tag="report_progress"):
    """Report progress on behalf of the force."""

    progress: Note


class ClaimCompletion(Dated, frozen=True, kw_only=True, tag="claim_completion"):
    """Claim that the recommendation is complete, with the evidence."""

    evidence: Note
    documents: Documents = ()


class ReturnClaim(Dated, frozen=True, kw_only=True, tag="return_claim"):
    """Return a claim of completion, with the reason."""

    reason: Note


class RespondUnderSection55(Dated, frozen=True, kw_only=True, tag="respond_under_section_55"):
    """Record the local policing body's published comments (Police Act 1996, section 55).

    `chief_officer` has the chief officer's comments, which the body publishes with its own;
    `copied_on` is when it sent a copy to the Secretary of State.
    """

    answer: Answer
    explanation: Note
    address: Line | None = None
    chief_officer: Note | None = None
    copied_on: When | None = None


class RecordAssurance(Dated, frozen=True, kw_only=True, tag="record_assurance"):
    """Record the local policing body's own view of completion."""

    level: AssuranceLevel
    reason: Note


class Close(Dated, frozen=True, kw_only=True, tag="close"):
    """Close the recommendation for the inspectorate.

    The reason `verified` needs the source that supports the basis. Where the last finding is not
    `met`, or none is on record, it also needs the `proposal` of another inspector: the number of
    that step.
    """

    reason: CloseReason
    basis: Note
    source: Line | None = None
    superseded_by: UUID | None = None
    proposal: StepNumber | None = None


class ProposeClosure(Dated, frozen=True, kw_only=True, tag="propose_closure"):
    """Propose to close as verified although no last finding is `met`; another inspector decides."""

    basis: Note
    source: Line
    second_reader: ActorId | None = None


class DeclineClosure(Dated, frozen=True, kw_only=True, tag="decline_closure"):
    """Decline to close as another inspector proposed, with the reason; it stays open."""

    reason: Note


class Reopen(Dated, frozen=True, kw_only=True, tag="reopen"):
    """Reopen a closed recommendation, with the reason."""

    reason: Note


class ConfirmDecision(Dated, frozen=True, kw_only=True, tag="confirm_decision"):
    """Confirm that a stale decision still holds, with the reason."""

    why: Note


class NoteOutcome(Dated, frozen=True, kw_only=True, tag="note_outcome"):
    """Record a later statement by a source about the recommendation."""

    reference: Reference
    said_by: SaidBy
    text: Text
    source: Line
    reading: Reading
    register_status: RegisterStatus | None = None
    reported_in: Reference | None = None
    confidence: Confidence = "stated"
    remark: Note | None = None


class NoteMilestone(Dated, frozen=True, kw_only=True, tag="note_milestone"):
    """Record what a source says was done about the recommendation."""

    reference: Reference
    milestone: Milestone
    said_by: SaidBy
    text: Text
    source: Line
    force: Code | None = None
    answer: Answer | None = None
    level: AssuranceLevel | None = None
    address: Line | None = None
    confidence: Confidence = "stated"
    remark: Note | None = None


class ChangeTimeLimit(Dated, frozen=True, kw_only=True, tag="change_time_limit"):
    """Set a different time limit, with the reason."""

    time_limit: TimeLimit
    reason: Note


class Comment(Dated, frozen=True, kw_only=True, tag="comment"):
    """Leave a comment."""

    comment: Note


class Withdraw(Dated, frozen=True, kw_only=True, tag="withdraw"):
    """Take back steps that were recorded by mistake, with the reason.

    Their author can do so at once, for as long as no decision was recorded after them. Later it is
    a request, and another person has to agree.
    """

    steps: Annotated[tuple[StepNumber, ...], Meta(min_length=1, max_length=LIST_MAX)]
    why: Note


class AgreeToWithdrawal(Dated, frozen=True, kw_only=True, tag="agree_to_withdrawal"):
    """Agree to the request made by another person at step `request`: its steps are taken back."""

    request: StepNumber


RecommendationCommand: TypeAlias = (
    NameOwner
    | ReceiveActionPlan
    | WaiveActionPlan
    | ReviewActionPlan
    | AssignFollowUp
    | ChangeFollowUp
    | ReportFollowUp
    | TakeOver
    | ReceiveUpdate
    | ReportProgress
    | ClaimCompletion
    | ReturnClaim
    | RespondUnderSection55
    | RecordAssurance
    | ProposeClosure
    | DeclineClosure
    | Close
    | Reopen
    | ConfirmDecision
    | NoteOutcome
    | NoteMilestone
    | ChangeTimeLimit
    | Comment
    | Correct
    | Withdraw
    | AgreeToWithdrawal
    | RequestRedaction
    | ApproveRedaction
    | RequestSuppression
    | ApproveSuppression
    | ReplyCommand
)
