"""Events of a recommendation. A released tag or field is never renamed, retyped or reused.

A new field has a default; a changed meaning is a new event. Fields of type Note are not
published: the ledger keeps a commitment in their place.
"""

from typing import TypeAlias
from uuid import UUID

from msgspec import Struct

from domain.events.correspondence import RecommendationReply
from domain.vocabulary.values import (
    ActorId,
    Answer,
    Area,
    AssuranceLevel,
    CloseReason,
    Code,
    Confidence,
    Edition,
    FieldName,
    Finding,
    FollowUpKind,
    Kind,
    Line,
    Milestone,
    Note,
    Ordinal,
    Plain,
    Reading,
    RedactionGround,
    Reference,
    RegisterStatus,
    ReviewOutcome,
    SaidBy,
    Sha256,
    StepNumber,
    StoodAt,
    Text,
    TimeLimit,
    Topic,
    When,
    Wording,
)


class Issued(Struct, frozen=True, tag="recommendation.issued"):
    """A finding that asks one addressee for something; it took effect on publication."""

    report: UUID
    reference: Reference
    addressee: Code
    edition: Edition
    kind: Kind
    text: Text
    area: Area
    time_limit: TimeLimit
    ordinal: Ordinal | None = None
    topic: Topic | None = None
    wording: Wording = "verbatim"
    sources: tuple[Line, ...] = ()
    confidence: Confidence = "stated"
    register_id: Line | None = None
    remark: Note | None = None
    cause: Ordinal | None = None
    """The number of the cause of concern in the same report that it belongs to."""


class OwnerNamed(Struct, frozen=True, tag="recommendation.owner_named"):
    """The force named the senior post that answers for the recommendation."""

    owner: Note


class ActionPlanReceived(Struct, frozen=True, tag="recommendation.action_plan_received"):
    """The force stated its intended actions, or its reason for taking none."""

    cycle: int
    answer: Answer
    content: Note
    documents: tuple[Sha256, ...] = ()
    """The plan as it was sent, if it was sent as files."""


class ActionPlanWaived(Struct, frozen=True, tag="recommendation.action_plan_waived"):
    """Inspectors decided to ask for no action plan this time."""

    reason: Note


class ActionPlanReviewed(Struct, frozen=True, tag="recommendation.action_plan_reviewed"):
    """Inspectors accepted the action plan, or asked for changes."""

    outcome: ReviewOutcome
    remarks: Note | None = None


class FollowUpAssigned(Struct, frozen=True, tag="recommendation.follow_up_assigned"):
    """Inspectors set the kind, time and procedure of a follow-up."""

    kind: FollowUpKind
    procedure: Line
    window_from: When | None = None
    window_to: When | None = None
    assignee: ActorId | None = None
    reason: Note | None = None


class FollowUpChanged(Struct, frozen=True, tag="recommendation.follow_up_changed"):
    """Inspectors replaced the current follow-up, and gave the reason."""

    kind: FollowUpKind
    procedure: Line
    reason: Note
    window_from: When | None = None
    window_to: When | None = None
    assignee: ActorId | None = None


class FollowUpReported(Struct, frozen=True, tag="recommendation.follow_up_reported"):
    """The finding of a follow-up, with the published passage that supports it."""

    finding: Finding
    passage: Text
    source: Line


class TakenOver(Struct, frozen=True, tag="recommendation.taken_over"):
    """Inspectors said where a recommendation from published sources stood on a day.

    The steps before are not on record, and none is made up. Only the fields of its `standing` are
    set: those of a follow-up, of a finding, or of a closure.
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


class UpdateReceived(Struct, frozen=True, tag="recommendation.update_received"):
    """The force gave its update on a recommendation that asks for something immediately."""

    content: Note


class ProgressReported(Struct, frozen=True, tag="recommendation.progress_reported"):
    """The force reported progress."""

    progress: Note


class CompletionClaimed(Struct, frozen=True, tag="recommendation.completion_claimed"):
    """The force says that the work is done. A claim closes nothing."""

    evidence: Note
    documents: tuple[Sha256, ...] = ()


class ClaimReturned(Struct, frozen=True, tag="recommendation.claim_returned"):
    """Inspectors did not accept the claim."""

    reason: Note


class Section55Responded(Struct, frozen=True, tag="recommendation.section_55_responded"):
    """The local policing body published its comments (Police Act 1996, section 55)."""

    answer: Answer
    explanation: Note
    address: Line | None = None
    chief_officer: Note | None = None
    """The chief officer's comments, which are published with the body's."""
    copied_on: When | None = None
    """When a copy was sent to the Secretary of State."""


class AssuranceRecorded(Struct, frozen=True, tag="recommendation.assurance_recorded"):
    """The local policing body gave its own view of completion. It closes nothing."""

    level: AssuranceLevel
    reason: Note


class Closed(Struct, frozen=True, tag="recommendation.closed"):
    """The inspectorate ended the recommendation, as done or as no longer asked for."""

    reason: CloseReason
    basis: Note
    source: Line | None = None
    superseded_by: UUID | None = None
    proposal: StepNumber | None = None
    """The step at which another inspector proposed this closure, if one had to."""


class ClosureProposed(Struct, frozen=True, tag="recommendation.closure_proposed"):
    """An inspector proposed to close as verified; another inspector has to agree.

    Asked for where the last finding is not `met`, or none is on record. It closes nothing.
    """

    basis: Note
    source: Line
    second_reader: ActorId | None = None
    """The inspector who is asked to agree; any other but the one who proposed it may."""


class ClosureDeclined(Struct, frozen=True, tag="recommendation.closure_declined"):
    """Another inspector did not agree to close it as verified; it stays open."""

    reason: Note


class Reopened(Struct, frozen=True, tag="recommendation.reopened"):
    """The inspectorate withdrew its closure; the stage before it is restored."""

    reason: Note


class DecisionConfirmed(Struct, frozen=True, tag="recommendation.decision_confirmed"):
    """Inspectors looked at a stale decision again and upheld it."""

    decision: StepNumber
    why: Note


class OutcomeNoted(Struct, frozen=True, tag="recommendation.outcome_noted"):
    """A source later commented on the recommendation. It never changes the stage."""

    reference: Reference
    said_by: SaidBy
    text: Text
    source: Line
    reading: Reading
    register_status: RegisterStatus | None = None
    reported_in: Reference | None = None
    confidence: Confidence = "stated"
    remark: Note | None = None


class MilestoneNoted(Struct, frozen=True, tag="recommendation.milestone_noted"):
    """A source says that something was done about the recommendation. It never changes the stage.

    `address` is where the response, claim or closure itself can be read.
    """

    reference: Reference
    milestone: Milestone
    said_by: SaidBy
    text: Text
    source: Line
    force: Code | None = None
    """The force that it is about, where the recommendation is addressed to a national body."""
    answer: Answer | None = None
    level: AssuranceLevel | None = None
    address: Line | None = None
    confidence: Confidence = "stated"
    remark: Note | None = None


class TimeLimitChanged(Struct, frozen=True, tag="recommendation.time_limit_changed"):
    """The inspectorate set a different time limit."""

    was: TimeLimit
    now: TimeLimit
    reason: Note


class Commented(Struct, frozen=True, tag="recommendation.commented"):
    """An actor left a comment."""

    comment: Note


class Corrected(Struct, frozen=True, tag="recommendation.corrected"):
    """An earlier step was recorded wrongly; both versions stay readable."""

    step: StepNumber
    field: FieldName
    was: Plain
    now: Plain
    why: Note


class WithdrawalRequested(Struct, frozen=True, tag="recommendation.withdrawal_requested"):
    """An actor asked to take steps back that were recorded by mistake; another has to agree."""

    steps: tuple[StepNumber, ...]
    why: Note


class Withdrawn(Struct, frozen=True, tag="recommendation.steps_withdrawn"):
    """Steps recorded by mistake were taken back: from now on they count as never having happened.

    By their author, with the reason; or, with `request`, by a second person who agreed.
    """

    steps: tuple[StepNumber, ...]
    why: Note | None = None
    request: StepNumber | None = None


class NoteRedacted(Struct, frozen=True, tag="recommendation.note_redacted"):
    """A note's text was removed; its commitment stays. No longer recorded."""

    step: StepNumber
    field: FieldName
    legal_basis: Line
    approved_by: ActorId


class RedactionRequested(Struct, frozen=True, tag="recommendation.redaction_requested"):
    """An actor requested the removal of a note's text; another person must approve it.

    `field` is that of the note, or `documents.` and the SHA-256 of a document to remove.
    """

    step: StepNumber
    field: FieldName
    ground: RedactionGround


class RedactionApproved(Struct, frozen=True, tag="recommendation.redaction_approved"):
    """Another person approved a redaction: the note's text was removed, its commitment stays.

    If `field` is `documents.` and a SHA-256, the document was removed, and its SHA-256 stays. The
    database reads this field of this event to remove it: 0010_document_removal.sql.
    """

    request: StepNumber
    step: StepNumber
    field: FieldName


class SuppressionRequested(Struct, frozen=True, tag="recommendation.suppression_requested"):
    """An actor asked to take a published text out of every answer; another has to approve it."""

    step: StepNumber
    field: FieldName
    ground: RedactionGround
    why: Note


class SuppressionApproved(Struct, frozen=True, tag="recommendation.suppression_approved"):
    """Another person approved a suppression: the text is in no answer any more, of any day.

    The ledger keeps it, and every answer of the earlier steps says that it was removed, and when.
    """

    request: StepNumber
    step: StepNumber
    field: FieldName


RecommendationEvent: TypeAlias = (
    Issued
    | OwnerNamed
    | ActionPlanReceived
    | ActionPlanWaived
    | ActionPlanReviewed
    | FollowUpAssigned
    | FollowUpChanged
    | FollowUpReported
    | TakenOver
    | UpdateReceived
    | ProgressReported
    | CompletionClaimed
    | ClaimReturned
    | Section55Responded
    | AssuranceRecorded
    | ClosureProposed
    | ClosureDeclined
    | Closed
    | Reopened
    | DecisionConfirmed
    | OutcomeNoted
    | MilestoneNoted
    | TimeLimitChanged
    | Commented
    | Corrected
    | WithdrawalRequested
    | Withdrawn
    | NoteRedacted
    | RedactionRequested
    | RedactionApproved
    | SuppressionRequested
    | SuppressionApproved
    | RecommendationReply
)
