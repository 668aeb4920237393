"""Events of a report. A released tag or field is never renamed, retyped or reused."""

from typing import TypeAlias

from msgspec import Struct

from domain.events.correspondence import ReportReply
from domain.vocabulary.values import (
    ActorId,
    Answer,
    Area,
    AssuranceLevel,
    Code,
    Confidence,
    Count,
    Edition,
    FieldName,
    Grade,
    Line,
    Milestone,
    Note,
    Plain,
    Product,
    Reading,
    RedactionGround,
    Reference,
    RegisterStatus,
    SaidBy,
    StepNumber,
    Text,
    TimeLimit,
    Topic,
    When,
    Wording,
)


class Cases(Struct, frozen=True, forbid_unknown_fields=True):
    """The case files examined and their grades, each as published or unknown.

    Published numbers do not always add up; they are kept as published, and flagged.
    """

    examined: Count | None = None
    good: Count | None = None
    adequate: Count | None = None
    requires_improvement: Count | None = None
    inadequate: Count | None = None


class TopicGrades(Struct, frozen=True, forbid_unknown_fields=True):
    """The graded judgments of the 2024 edition."""

    leadership: Grade | None = None
    partnership: Grade | None = None
    initial_response: Grade | None = None
    risk_referral: Grade | None = None
    investigation: Grade | None = None


class ReportPublished(Struct, frozen=True, tag="report.published"):
    """An inspection product came out; the event took effect on its first publication.

    `page_date` is the date on its web page, often the date of a later re-issue.
    """

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
    sources: tuple[Line, ...] = ()
    confidence: Confidence = "stated"
    remark: Note | None = None
    publisher: Line | None = None
    """Whose page `address` is, and whether it is the report's own; None if that is not known."""


class AreaNoted(Struct, frozen=True, tag="report.area_noted"):
    """A source mentions an area to improve.

    It is not a recommendation, and is never counted as one.
    """

    reference: Reference
    text: Text
    area: Area
    source: Line
    topic: Topic | None = None
    time_limit: TimeLimit = "unknown"
    wording: Wording = "paraphrase"
    confidence: Confidence = "inferred"
    remark: Note | None = None


class ReportOutcomeNoted(Struct, frozen=True, tag="report.outcome_noted"):
    """A source later commented on an area of the report, without naming a recommendation."""

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


class ReportMilestoneNoted(Struct, frozen=True, tag="report.milestone_noted"):
    """A source says that something was done about the report, without naming a recommendation.

    `force` is the force that it is about; `address` is where the response or claim can be read.
    """

    reference: Reference
    milestone: Milestone
    said_by: SaidBy
    text: Text
    source: Line
    force: Code
    answer: Answer | None = None
    level: AssuranceLevel | None = None
    address: Line | None = None
    confidence: Confidence = "stated"
    remark: Note | None = None


class ReportCorrected(Struct, frozen=True, tag="report.corrected"):
    """An earlier step was recorded wrongly, or the report itself was amended."""

    step: StepNumber
    field: FieldName
    was: Plain
    now: Plain
    why: Note


class ReportNoteRedacted(Struct, frozen=True, tag="report.note_redacted"):
    """A note's text was removed; its commitment stays. No longer recorded."""

    step: StepNumber
    field: FieldName
    legal_basis: Line
    approved_by: ActorId


class ReportRedactionRequested(Struct, frozen=True, tag="report.redaction_requested"):
    """An actor requested the removal of a note's text; another person must approve it."""

    step: StepNumber
    field: FieldName
    ground: RedactionGround


class ReportRedactionApproved(Struct, frozen=True, tag="report.redaction_approved"):
    """Another person approved a redaction: the note's text was removed, its commitment stays."""

    request: StepNumber
    step: StepNumber
    field: FieldName


class ReportSuppressionRequested(Struct, frozen=True, tag="report.suppression_requested"):
    """An actor asked to take a published text out of every answer; another has to approve it."""

    step: StepNumber
    field: FieldName
    ground: RedactionGround
    why: Note


class ReportSuppressionApproved(Struct, frozen=True, tag="report.suppression_approved"):
    """Another person approved a suppression: the text is in no answer any more, of any day."""

    request: StepNumber
    step: StepNumber
    field: FieldName


ReportEvent: TypeAlias = (
    ReportPublished
    | AreaNoted
    | ReportOutcomeNoted
    | ReportMilestoneNoted
    | ReportCorrected
    | ReportNoteRedacted
    | ReportRedactionRequested
    | ReportRedactionApproved
    | ReportSuppressionRequested
    | ReportSuppressionApproved
    | ReportReply
)
