"""What may be asked. The body of a request is one of these; an unknown field is an error.

`on` is the effective date, as precisely as it is known; without it, today in London.
"""

from typing import Annotated, TypeAlias
from uuid import UUID

from msgspec import Meta

from domain.commands.common import ApproveRedaction, Correct, Dated, RequestRedaction
from domain.vocabulary.values import (
    LIST_MAX,
    ActorId,
    Answer,
    AssuranceLevel,
    CloseReason,
    Confidence,
    Finding,
    FollowUpKind,
    Line,
    Note,
    Reading,
    Reference,
    RegisterStatus,
    ReviewOutcome,
    SaidBy,
    Sha256,
    Text,
    TimeLimit,
    When,
)

# On a recommendation


class NameOwner(Dated, frozen=True, kw_only=True, tag="name_owner"):
    """Name the senior post that answers for it."""

    owner: Note


class ReceiveActionPlan(Dated, frozen=True, kw_only=True, tag="receive_action_plan"):
    """Record the force's plan: what it will do, or why it will do nothing."""

    answer: Answer
    content: Note


class WaiveActionPlan(Dated, frozen=True, kw_only=True, tag="waive_action_plan"):
    """Ask for no plan this time."""

    reason: Note


class ReviewActionPlan(Dated, frozen=True, kw_only=True, tag="review_action_plan"):
    """Accept the plan, or say in the remarks what is missing."""

    outcome: ReviewOutcome
    remarks: Note | None = None


class AssignFollowUp(Dated, frozen=True, kw_only=True, tag="assign_follow_up"):
    """Decide how, when and under which edition of the procedure inspectors look again."""

    kind: FollowUpKind
    procedure: Line
    window_from: When | None = None
    window_to: When | None = None
    assignee: ActorId | None = None
    reason: Note | None = None


class ChangeFollowUp(Dated, frozen=True, kw_only=True, tag="change_follow_up"):
    """Replace the follow-up that stands, with the reason."""

    kind: FollowUpKind
    procedure: Line
    reason: Note
    window_from: When | None = None
    window_to: When | None = None
    assignee: ActorId | None = None


class ReportFollowUp(Dated, frozen=True, kw_only=True, tag="report_follow_up"):
    """Record what the follow-up found, with the published passage."""

    finding: Finding
    passage: Text
    source: Line


class ReportProgress(Dated, frozen=True, kw_only=True, tag="report_progress"):
    """Report progress, for the force."""

    progress: Note


class ClaimCompletion(Dated, frozen=True, kw_only=True, tag="claim_completion"):
    """Say that it is done, with the evidence."""

    evidence: Note
    documents: Annotated[tuple[Sha256, ...], Meta(max_length=LIST_MAX)] = ()


class ReturnClaim(Dated, frozen=True, kw_only=True, tag="return_claim"):
    """Send a claim back, with the reason."""

    reason: Note


class RespondUnderSection55(Dated, frozen=True, kw_only=True, tag="respond_under_section_55"):
    """Record the local policing body's published comments (Police Act 1996, section 55)."""

    answer: Answer
    explanation: Note
    address: Line | None = None


class RecordAssurance(Dated, frozen=True, kw_only=True, tag="record_assurance"):
    """Record the local policing body's own view."""

    level: AssuranceLevel
    reason: Note


class Close(Dated, frozen=True, kw_only=True, tag="close"):
    """Close it, for the inspectorate; `verified` needs the source that its basis rests on."""

    reason: CloseReason
    basis: Note
    source: Line | None = None
    superseded_by: UUID | None = None


class Reopen(Dated, frozen=True, kw_only=True, tag="reopen"):
    """Take the closure back, with the reason."""

    reason: Note


class ConfirmDecision(Dated, frozen=True, kw_only=True, tag="confirm_decision"):
    """Say that the decision that became stale holds all the same, and why."""

    why: Note


class NoteOutcome(Dated, frozen=True, kw_only=True, tag="note_outcome"):
    """Record what a source later said about it."""

    reference: Reference
    said_by: SaidBy
    text: Text
    source: Line
    reading: Reading
    register_status: RegisterStatus | None = None
    reported_in: Reference | None = None
    confidence: Confidence = "stated"
    remark: Note | None = None


class ChangeTimeLimit(Dated, frozen=True, kw_only=True, tag="change_time_limit"):
    """Give another time limit, with the reason."""

    time_limit: TimeLimit
    reason: Note


class Comment(Dated, frozen=True, kw_only=True, tag="comment"):
    """Leave a remark."""

    comment: Note


RecommendationCommand: TypeAlias = (
    NameOwner
    | ReceiveActionPlan
    | WaiveActionPlan
    | ReviewActionPlan
    | AssignFollowUp
    | ChangeFollowUp
    | ReportFollowUp
    | ReportProgress
    | ClaimCompletion
    | ReturnClaim
    | RespondUnderSection55
    | RecordAssurance
    | Close
    | Reopen
    | ConfirmDecision
    | NoteOutcome
    | ChangeTimeLimit
    | Comment
    | Correct
    | RequestRedaction
    | ApproveRedaction
)

# On a report
