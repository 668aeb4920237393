"""The corpus files: their names, columns and allowed values.

The limits and words are those of the commands that the rows become. A column whose field has a
default may be missing.
"""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias, get_args

from msgspec import Meta, Struct

from domain.vocabulary.dates import Precision
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import (
    LIST_MAX,
    Answer,
    Area,
    AssuranceLevel,
    CloseReason,
    Code,
    Confidence,
    Count,
    Edition,
    FieldName,
    Finding,
    FollowUpKind,
    Grade,
    Kind,
    Line,
    Note,
    Ordinal,
    Product,
    Reading,
    Reference,
    RegisterStatus,
    ReviewOutcome,
    SaidBy,
    StoodAt,
    Text,
    TimeLimit,
    Topic,
    When,
    Wording,
)

PRODUCTS, RECOMMENDATIONS, OUTCOMES = "products.csv", "recommendations.csv", "outcomes.csv"
STEPS = "steps.csv"
"""A directory may lack this file."""
FILES = (PRODUCTS, RECOMMENDATIONS, OUTCOMES, STEPS)

AREA_TO_IMPROVE = "area_to_improve"
"""The compiler's inference from a notice: noted on the report, never a recommendation."""
ITEMS = (*Kind, AREA_TO_IMPROVE)

Key = Annotated[
    Reference, Meta(description="3 to 100 characters: a-z and 0-9, single hyphens between them")
]
Force = Annotated[Code, Meta(description=f"one of: {', '.join(ADDRESSEES)}")]
Subject = Annotated[Topic, Meta(description="2 to 40 characters: a-z, single _ between them")]
OneLine = Annotated[Line, Meta(description="1 to 300 characters on one line")]
Lines = Annotated[tuple[OneLine, ...], Meta(max_length=LIST_MAX)]
Day = Annotated[str, Meta(description="a date as its precision says")]
Remark = Annotated[str, Meta(min_length=1, max_length=3_700)]
"""Leaves room for the columns of a statement that its event has no field for."""
YesNo = Literal["yes", "no"]
Seen = Literal["verbatim", "yes", "partial", "no"]
Item = Annotated[
    str, Meta(pattern=f"^({'|'.join(ITEMS)})$", description=f"one of: {', '.join(ITEMS)}")
]
OUTCOME_AREAS = ("all", *get_args(Area))

WORDINGS: dict[Seen, Wording] = {
    "verbatim": "verbatim",
    "yes": "paraphrase",
    "partial": "partly seen",
    "no": "not seen",
}
"""The text is the compiler's own, unless it is the published one; it says whether that was seen."""

LifeStep = Literal[
    "name_owner",
    "receive_action_plan",
    "waive_action_plan",
    "review_action_plan",
    "assign_follow_up",
    "change_follow_up",
    "report_follow_up",
    "take_over",
    "receive_update",
    "claim_completion",
    "return_claim",
    "respond_under_section_55",
    "record_assurance",
    "propose_closure",
    "decline_closure",
    "close",
    "reopen",
    "change_time_limit",
    "comment",
    "correct",
    "withdraw",
]
"""A step that moves a recommendation, or amends the record: the word of its command."""
NotedStep = Literal[
    "section_55_response",
    "claim",
    "assurance",
    "action_plan_received",
    "follow_up_announced",
    "follow_up_held",
    "closed_by_inspectorate",
]
"""A step that a source mentions, noted beside the life of it: the word of its milestone."""
StepType = Literal[NotedStep, LifeStep]
Keys = Annotated[tuple[Key, ...], Meta(max_length=LIST_MAX)]
Cell = Annotated[str, Meta(max_length=4_000)]
Moment = Annotated[datetime, Meta(tz=True, description="a moment, such as 2026-11-20T12:00:00Z")]
RecordedBy = Literal["inspector", "publisher", "force", "local_policing_body"]
"""The role of the first record of a row; without one, it comes from a published source."""


class ProductRow(Struct, frozen=True):
    """One published inspection product."""

    product_id: Key
    force_code: Force
    kind: Product
    in_programme: YesNo
    edition: Edition
    title: OneLine
    first_published: Day | None
    first_published_precision: Precision
    page_date: Day | None
    fieldwork_start: Day | None
    fieldwork_end: Day | None
    fieldwork_precision: Precision | None
    recommendations_count: Count | None
    causes_of_concern_count: Count | None
    cases_examined: Count | None
    cases_good: Count | None
    cases_requires_improvement: Count | None
    cases_inadequate: Count | None
    grade_leadership: Grade | None
    grade_partnership: Grade | None
    grade_initial_response: Grade | None
    grade_risk_referral: Grade | None
    grade_investigation: Grade | None
    follows_product_id: Key | None
    url: OneLine | None
    source: Lines | None
    confidence: Confidence
    notes: Note | None
    url_publisher: OneLine | None = None
    cases_adequate: Count | None = None
    recorded: Moment | None = None
    recorded_by: RecordedBy | None = None


class RecommendationRow(Struct, frozen=True):
    """A recommendation, cause of concern or area for improvement; or an area to improve."""

    rec_id: Key
    force_code: Force
    product_id: Key
    ordinal: Ordinal | None
    register_id: OneLine | None
    item_type: Item
    text_seen: Seen
    time_limit: TimeLimit
    area: Area
    topic: Subject | None
    paraphrase: Text
    source: Lines | None
    confidence: Confidence
    notes: Note | None
    date: When | None = None
    reference: Key | None = None
    cause: Ordinal | None = None
    recorded: Moment | None = None
    recorded_by: RecordedBy | None = None


class OutcomeRow(Struct, frozen=True):
    """A later statement about a recommendation, or about an area of a report."""

    outcome_id: Key
    force_code: Force
    product_id: Key
    reported_in_product_id: Key | None
    rec_id: Key | None
    area: OneLine
    topic: Subject | None
    reported_progress: Text
    derived_code: Reading
    register_status: RegisterStatus | None
    date: Day | None
    date_precision: Precision
    said_by: SaidBy
    source: OneLine
    confidence: Confidence
    notes: Remark | None
    reference: Key | None = None
    recorded: Moment | None = None
    recorded_by: RecordedBy | None = None


class StepRow(Struct, frozen=True):
    """A step in the life of a recommendation, or of a report for one force.

    It is noted beside that life, as a source says it, or it is a step of that life itself.
    """

    step_id: Key
    rec_id: Key | None
    product_id: Key
    force_code: Force
    type: StepType
    date: Day | None
    date_precision: Precision
    said_by: SaidBy | None
    answer: Answer | None
    level: AssuranceLevel | None
    address: OneLine | None
    text: Text | None
    source: OneLine | None
    confidence: Confidence | None
    notes: Remark | None
    outcome: ReviewOutcome | None = None
    follow_up: FollowUpKind | None = None
    procedure: OneLine | None = None
    window_from: When | None = None
    window_to: When | None = None
    finding: Finding | None = None
    standing: StoodAt | None = None
    reason: CloseReason | None = None
    superseded_by: Key | None = None
    time_limit: TimeLimit | None = None
    copied_on: When | None = None
    chief_officer: Note | None = None
    about: Keys | None = None
    field: FieldName | None = None
    was: Cell | None = None
    now: Cell | None = None
    reference: Key | None = None
    recorded: Moment | None = None
    recorded_by: RecordedBy | None = None


Row: TypeAlias = ProductRow | RecommendationRow | OutcomeRow | StepRow
