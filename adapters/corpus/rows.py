"""The corpus files: their names, columns and allowed values.

The limits and words are those of the commands that the rows become. A column whose field has a
default may be missing.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from domain.vocabulary.dates import Precision
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import (
    LIST_MAX,
    Answer,
    Area,
    AssuranceLevel,
    Code,
    Confidence,
    Count,
    Edition,
    Grade,
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
Seen = Literal["yes", "partial", "no"]
Item = Annotated[
    str, Meta(pattern=f"^({'|'.join(ITEMS)})$", description=f"one of: {', '.join(ITEMS)}")
]
OutcomeArea = Literal["all", Area]

WORDINGS: dict[Seen, Wording] = {
    "yes": "paraphrase",
    "partial": "partly seen",
    "no": "not seen",
}
"""The text is always the compiler's own; the wording says whether the published text was seen."""


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
    fieldwork_precision: Precision
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
    source: Lines
    confidence: Confidence
    notes: Note | None
    url_publisher: OneLine | None = None
    cases_adequate: Count | None = None


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
    source: Lines
    confidence: Confidence
    notes: Note | None


class OutcomeRow(Struct, frozen=True):
    """A later statement about a recommendation, or about an area of a report."""

    outcome_id: Key
    force_code: Force
    product_id: Key
    reported_in_product_id: Key | None
    rec_id: Key | None
    area: OutcomeArea
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


class MilestoneRow(Struct, frozen=True):
    """A step in the published life of a recommendation, or of a report for one force."""

    step_id: Key
    rec_id: Key | None
    product_id: Key
    force_code: Force
    type: Milestone
    date: Day | None
    date_precision: Precision
    said_by: SaidBy
    answer: Answer | None
    level: AssuranceLevel | None
    address: OneLine | None
    text: Text
    source: OneLine
    confidence: Confidence
    notes: Remark | None
