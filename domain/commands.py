"""What may be asked. The body of a request is one of these; an unknown field is an error.

`on` is the effective date, as precisely as it is known; without it, today in London.
"""

from typing import Annotated, TypeAlias
from uuid import UUID

from msgspec import Meta, Struct

from domain.events import Cases, TopicGrades
from domain.values import (
    ADDRESSEES_MAX,
    LIST_MAX,
    RECOMMENDATIONS_MAX,
    ActorId,
    Answer,
    Area,
    AssuranceLevel,
    CloseReason,
    Code,
    Confidence,
    Count,
    Edition,
    Finding,
    FollowUpKind,
    Kind,
    Line,
    Note,
    Ordinal,
    Plain,
    Product,
    Reading,
    RedactionGround,
    Reference,
    RegisterStatus,
    ReviewOutcome,
    SaidBy,
    Sha256,
    StepNumber,
    Text,
    TimeLimit,
    Topic,
    When,
    Wording,
)


class Dated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every command has: the date on which what it records took effect."""

    on: When | None = None


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


class Correct(Dated, frozen=True, kw_only=True, tag="correct"):
    """Mend one field of an earlier step: what it said, what it should say, and why.

    The field `on` is the step's effective date.
    """

    step: StepNumber
    field: Line
    was: Plain
    now: Plain
    why: Note


class RequestRedaction(Dated, frozen=True, kw_only=True, tag="request_redaction"):
    """Ask that the text of one note be removed; another person has to approve it."""

    step: StepNumber
    field: Line
    ground: RedactionGround


class ApproveRedaction(Dated, frozen=True, kw_only=True, tag="approve_redaction"):
    """Agree to the request of another person, made at step `request`: that note's text goes."""

    request: StepNumber
    step: StepNumber
    field: Line


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


class Issue(Dated, frozen=True, kw_only=True, tag="issue"):
    """Issue one recommendation of a published report to its addressees, one stream each.

    Without a reference it is named after the report and the ordinal; of several addressees
    each is added to it. It takes effect on the report's first publication.
    """

    kind: Kind
    text: Text
    area: Area
    time_limit: TimeLimit
    addressees: Annotated[tuple[Code, ...], Meta(min_length=1, max_length=ADDRESSEES_MAX)]
    ordinal: Ordinal | None = None
    reference: Reference | None = None
    topic: Topic | None = None
    wording: Wording = "verbatim"
    sources: Annotated[tuple[Line, ...], Meta(max_length=LIST_MAX)] = ()
    confidence: Confidence = "stated"
    register_id: Line | None = None
    remark: Note | None = None


class PublishReport(Dated, frozen=True, kw_only=True, tag="publish_report"):
    """Publish a report with its recommendations; `on` is its first publication."""

    reference: Reference
    addressee: Code
    product: Product
    edition: Edition
    title: Line
    address: Line
    programme: bool = True
    page_date: When | None = None
    fieldwork_from: When | None = None
    fieldwork_to: When | None = None
    recommendations_stated: Count | None = None
    causes_of_concern_stated: Count | None = None
    cases: Cases = Cases()
    grades: TopicGrades = TopicGrades()
    follows: Reference | None = None
    sources: Annotated[tuple[Line, ...], Meta(max_length=LIST_MAX)] = ()
    confidence: Confidence = "stated"
    remark: Note | None = None
    recommendations: Annotated[tuple[Issue, ...], Meta(max_length=RECOMMENDATIONS_MAX)] = ()


class NoteArea(Dated, frozen=True, kw_only=True, tag="note_area"):
    """Record an area to improve that a source mentions; it is no recommendation."""

    reference: Reference
    text: Text
    area: Area
    source: Line
    topic: Topic | None = None
    time_limit: TimeLimit = "unknown"
    wording: Wording = "paraphrase"
    confidence: Confidence = "inferred"
    remark: Note | None = None


class NoteReportOutcome(Dated, frozen=True, kw_only=True, tag="note_report_outcome"):
    """Record what a source later said about an area of the report."""

    reference: Reference
    said_by: SaidBy
    text: Text
    source: Line
    reading: Reading
    area: Line
    topic: Topic | None = None
    register_status: RegisterStatus | None = None
    reported_in: Reference | None = None
    confidence: Confidence = "stated"
    remark: Note | None = None


ReportCommand: TypeAlias = (
    PublishReport
    | Issue
    | NoteArea
    | NoteReportOutcome
    | Correct
    | RequestRedaction
    | ApproveRedaction
)

Command: TypeAlias = RecommendationCommand | ReportCommand


class IssueTo(Struct, frozen=True, tag="issue_to"):
    """Issue one recommendation to one addressee: what publishing a report comes down to."""

    report: UUID
    edition: Edition
    addressee: Code
    reference: Reference
    issue: Issue
