"""Commands to a report."""

from typing import Annotated, TypeAlias
from uuid import UUID

from msgspec import Meta, Struct

from domain.commands.common import (
    ApproveRedaction,
    ApproveSuppression,
    Correct,
    Dated,
    RequestRedaction,
    RequestSuppression,
)
from domain.commands.correspondence import ReplyCommand
from domain.events.report import Cases, TopicGrades
from domain.vocabulary.values import (
    ADDRESSEES_MAX,
    LIST_MAX,
    RECOMMENDATIONS_MAX,
    Answer,
    Area,
    AssuranceLevel,
    Code,
    Confidence,
    Count,
    Edition,
    Kind,
    Line,
    Milestone,
    Note,
    Ordinal,
    Product,
    Reading,
    Reference,
    RegisterStatus,
    SaidBy,
    Text,
    TimeLimit,
    Topic,
    When,
    Wording,
)


class Issue(Dated, frozen=True, kw_only=True, tag="issue"):
    """Issue one recommendation of a published report, with one stream for each addressee.

    Without a reference, the report's reference and the ordinal make up its name. If there are
    several addressees, each one is added to the name of its own stream. It takes effect on the
    report's first publication.
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
    cause: Ordinal | None = None
    """The number of the cause of concern in the same report that it belongs to."""


class PublishReport(Dated, frozen=True, kw_only=True, tag="publish_report"):
    """Publish a report with its recommendations; `on` is the date of its first publication."""

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
    publisher: Line | None = None
    recommendations: Annotated[tuple[Issue, ...], Meta(max_length=RECOMMENDATIONS_MAX)] = ()


class NoteArea(Dated, frozen=True, kw_only=True, tag="note_area"):
    """Record an area to improve that a source mentions; it is not a recommendation."""

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
    """Record a later statement by a source about an area of the report."""

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


class NoteReportMilestone(Dated, frozen=True, kw_only=True, tag="note_report_milestone"):
    """Record what a source says was done about the report, for one force."""

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


ReportCommand: TypeAlias = (
    PublishReport
    | Issue
    | NoteArea
    | NoteReportOutcome
    | NoteReportMilestone
    | Correct
    | RequestRedaction
    | ApproveRedaction
    | RequestSuppression
    | ApproveSuppression
    | ReplyCommand
)


class IssueTo(Struct, frozen=True, tag="issue_to"):
    """Issue one recommendation to one addressee; a published report becomes these."""

    report: UUID
    edition: Edition
    addressee: Code
    reference: Reference
    issue: Issue
    place: str = ""
    """Where in its command it is, as a JSON Pointer."""
