"""Constrained value types: every text has a form and a length, checked on input.

msgspec applies the same rule to a request body, to a file and to stored bytes.
"""

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias, get_args

from msgspec import Meta

LINE_MAX = 300
TEXT_MAX = 4_000
LIST_MAX = 100
ADDRESSEES_MAX = 60
RECOMMENDATIONS_MAX = 200

_LINE = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f]$(?!\n)"

Line = Annotated[
    str, Meta(min_length=1, max_length=LINE_MAX, pattern=_LINE, extra={"published": True})
]
"""One line of published text without control characters."""

FieldName = Annotated[str, Meta(min_length=1, max_length=LINE_MAX, pattern=_LINE)]
"""The name of a field of an earlier step, or of a part of it, parted by dots."""

Text = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=TEXT_MAX,
        pattern=r"^[^\x00]*[^\x00\s]$(?!\n)",
        extra={"published": True},
    ),
]
"""Published text, of one or more lines."""

Note = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=TEXT_MAX,
        pattern=r"^[^\x00]*[^\x00\s]$(?!\n)",
        extra={"note": True},
    ),
]
"""Unpublished free text: kept beside the ledger, which holds a commitment to it."""

Code = Annotated[str, Meta(min_length=2, max_length=40, pattern=r"^[a-z]+(-[a-z]+)*$(?!\n)")]
"""The short name of a force, as used in web addresses."""

Reference = Annotated[
    str, Meta(min_length=3, max_length=100, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)")
]
"""A readable name, assigned once and never changed."""

Topic = Annotated[str, Meta(min_length=2, max_length=40, pattern=r"^[a-z]+(_[a-z]+)*$(?!\n)")]

ActorId = Annotated[
    str, Meta(min_length=1, max_length=80, pattern=r"^[a-z0-9]([a-z0-9:._-]*[a-z0-9])?$(?!\n)")
]
"""An actor's identifier; never a name, so a person can be renamed or removed."""

When = Annotated[
    str,
    Meta(
        pattern=r"^(unknown|(19|20|21)[0-9][0-9](-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?)$(?!\n)",
        description="A date as precisely as it is known: YYYY-MM-DD, YYYY-MM, YYYY or unknown.",
    ),
]

TimeLimit = Annotated[
    str,
    Meta(
        pattern=r"^(immediate|none|unknown|months:([1-9]|[1-5][0-9]|60)"
        r"|date:(19|20|21)[0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))$(?!\n)",
        description="immediate, months:N (1 to 60), date:YYYY-MM-DD, none or unknown.",
    ),
]

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
Documents = Annotated[tuple[Sha256, ...], Meta(max_length=LIST_MAX)]
"""Documents that were sent to the recommendation before."""
Count = Annotated[int, Meta(ge=0, le=100_000)]
Ordinal = Annotated[int, Meta(ge=1, le=RECOMMENDATIONS_MAX)]
StepNumber = Annotated[int, Meta(ge=1, le=1_000_000_000)]

Edition = Literal["pre-2024", "2024", "n/a"]
"""The edition of the inspection methodology; areas and grades differ between them.

`n/a` is for products outside the programme, which follow no edition of it.
"""

Area = Literal[
    "leadership",
    "initial_contact",
    "assessment_and_help",
    "investigation",
    "decision_making",
    "managing_risk",
    "police_detention",
    "partnership",
    "initial_response",
    "risk_referral",
    "unknown",
    "n/a",
]
AREAS: dict[Edition, frozenset[Area]] = {
    "n/a": frozenset(get_args(Area)),
    "pre-2024": frozenset(
        {
            "leadership",
            "initial_contact",
            "assessment_and_help",
            "investigation",
            "decision_making",
            "managing_risk",
            "police_detention",
            "unknown",
            "n/a",
        }
    ),
    "2024": frozenset(
        {
            "leadership",
            "partnership",
            "initial_response",
            "risk_referral",
            "investigation",
            "unknown",
            "n/a",
        }
    ),
}
"""The chapters or topics of a report, by edition.

The editions are the methodologies of 2014 to 2023, and that of 2024; any area will do outside them.
"""

Grade = Literal["outstanding", "good", "adequate", "requires improvement", "inadequate"]
Confidence = Literal["stated", "inferred"]
"""Whether a source states the fact, or it was worked out from context."""

Wording = Literal["verbatim", "paraphrase", "partly seen", "not seen"]
"""How the text on record relates to the published wording."""

SaidBy = Literal["inspectorate", "force", "local_policing_body"]
RegisterStatus = Literal["awaiting-review", "will-be-progressed", "being-progressed", "complete"]
"""The literal statuses of the inspectorate's withdrawn public register."""

Reading = Literal[
    "improved",
    "partly_improved",
    "not_improved",
    "too_early",
    "claim",
    "not_applicable",
    "status_change",
]
"""The reading of a source by its compiler; never the inspectorate's own code."""


class Milestone(StrEnum):
    """A kind of step in the published life of a recommendation: what a source says was done."""

    SECTION_55_RESPONSE = "section_55_response"
    CLAIM = "claim"
    ASSURANCE = "assurance"
    ACTION_PLAN_RECEIVED = "action_plan_received"
    FOLLOW_UP_ANNOUNCED = "follow_up_announced"
    FOLLOW_UP_HELD = "follow_up_held"
    CLOSED_BY_INSPECTORATE = "closed_by_inspectorate"


class StoodAt(StrEnum):
    """Where a recommendation stood when inspectors took it over from published sources."""

    PLAN_AWAITED = "plan_awaited"
    PLAN_RECEIVED = "plan_received"
    PLAN_ACCEPTED = "plan_accepted"
    PLAN_WAIVED = "plan_waived"
    FOLLOW_UP_ASSIGNED = "follow_up_assigned"
    FOLLOWED_UP = "followed_up"
    CLOSED = "closed"


class Kind(StrEnum):
    """The inspectorate's name for a finding that asks something of its addressee."""

    RECOMMENDATION = "recommendation"
    CAUSE_OF_CONCERN = "cause_of_concern"
    AREA_FOR_IMPROVEMENT = "area_for_improvement"


class Product(StrEnum):
    """The kind of inspection product that a report is."""

    NCPI = "ncpi"
    POST_INSPECTION_REVIEW = "post_inspection_review"
    REINSPECTION = "reinspection"
    ASSESSMENT_OF_PROGRESS = "assessment_of_progress"
    QUARTERLY_UPDATE = "quarterly_update"
    ACCELERATED_CAUSE_OF_CONCERN = "accelerated_cause_of_concern"
    THEMATIC = "thematic"
    COMMISSIONED_INSPECTION = "commissioned_inspection"
    REVISIT = "revisit"
    PEEL = "peel"


class FollowUpKind(StrEnum):
    """The kind of follow-up (methodology for post-inspection follow-up activity)."""

    LIGHT_TOUCH = "light_touch"
    POST_INSPECTION_REVIEW = "post_inspection_review"
    REINSPECTION = "reinspection"
    QUARTERLY_UPDATES = "quarterly_updates"
    ASSESSMENT_OF_PROGRESS = "assessment_of_progress"
    MONITORING = "monitoring"


REVIEWS = frozenset(
    {
        Product.POST_INSPECTION_REVIEW,
        Product.REINSPECTION,
        Product.ASSESSMENT_OF_PROGRESS,
        Product.QUARTERLY_UPDATE,
        Product.REVISIT,
    }
)
"""The products that look again at what an earlier one asked for."""


class Finding(StrEnum):
    """The result of a follow-up; `narrative` where the inspectorate gave words and no verdict."""

    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"
    TOO_EARLY = "too_early"
    NARRATIVE = "narrative"


class CloseReason(StrEnum):
    """The inspectorate's reason for closing a recommendation."""

    VERIFIED = "verified"
    SUPERSEDED = "superseded"
    NOT_APPLICABLE = "not_applicable"
    WITHDRAWN = "withdrawn"


Party = Literal["force", "local_policing_body"]
"""A party with a right of reply to the inspectorate."""

DisputeResult = Literal["corrected", "not_corrected"]
"""The end that inspectors put to a dispute: the fact was put right, or it stands."""

PartName = Annotated[str, Meta(pattern=r"^(report|r[1-9][0-9]{0,2})$(?!\n)")]
"""A part of a report's text: `report` for all but its recommendations, `r3` for the third."""

DraftVersion = Annotated[int, Meta(ge=1, le=1_000_000_000)]
"""The number of a saved draft, counted from 1."""

CommentOutcome = Literal["accepted", "rejected"]
"""The inspectorate's answer to a comment of the force on a fact of a draft."""

Answer = Literal["act", "no_action"]
"""The addressee's answer to a recommendation; no action, with a reason, is lawful."""

ReviewOutcome = Literal["accepted", "changes_requested"]
AssuranceLevel = Literal["assured", "partly_assured"]

RedactionGround = Literal["data_protection", "safeguarding", "court_order", "recorded_in_error"]
"""The ground for removing a text: a category, as free text could repeat what has to go."""

Plain: TypeAlias = str | bool | int | None
"""The value of a field as quoted in a correction."""
