"""Events of an inspection before its report is published. A released tag or field is never changed.

Only inspectors, and the force from its check on, are told of them; nothing public depends on them.
"""

from datetime import datetime
from typing import TypeAlias, get_args
from uuid import UUID

from msgspec import Struct

from domain.vocabulary.values import (
    Code,
    CommentOutcome,
    DraftVersion,
    Edition,
    Note,
    PartName,
    Product,
    Reference,
    Sha256,
    StepNumber,
    When,
)


class PartSeal(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a report's text, and a salted hash of it (see `domain.inspection.parts`)."""

    part: PartName
    sha256: Sha256


class InspectionPlanned(Struct, frozen=True, tag="inspection.planned"):
    """Inspectors plan to inspect a force; the reference is the inspection's, not the report's."""

    reference: Reference
    addressee: Code
    product: Product
    edition: Edition
    fieldwork_from: When | None = None
    fieldwork_to: When | None = None
    remark: Note | None = None


class PlanChanged(Struct, frozen=True, tag="inspection.plan_changed"):
    """The plan was changed before the check; it counts in full, with null for what is unknown."""

    product: Product
    edition: Edition
    fieldwork_from: When | None = None
    fieldwork_to: When | None = None
    remark: Note | None = None


class FieldworkBegun(Struct, frozen=True, tag="inspection.fieldwork_begun"):
    """Fieldwork began."""


class DraftModerated(Struct, frozen=True, tag="inspection.draft_moderated"):
    """The draft passed moderation; old entries do not say which version of it."""

    remark: Note | None = None
    draft_version: DraftVersion | None = None


class CheckBegun(Struct, frozen=True, tag="inspection.check_begun"):
    """The draft went to the force, to check that its facts are accurate.

    `salt` is that of every seal of the inspection, in hexadecimal; `salt_sha256` is the hash of it.
    """

    reply_by: When
    salt: Note
    salt_sha256: Sha256
    parts: tuple[PartSeal, ...]


class PartSent(Struct, frozen=True, tag="inspection.part_sent"):
    """The text of one part of a draft, as it went to the check.

    `facts` is what it says besides its words, in JSON.
    """

    part: PartName
    facts: Note
    words: Note | None = None


class CheckFinished(Struct, frozen=True, tag="inspection.check_finished"):
    """The force says that it has no more comments on the text of a check; maybe it had none."""

    check: StepNumber


class FactCommented(Struct, frozen=True, tag="inspection.fact_commented"):
    """The force says what is not accurate in a part of the draft."""

    part: PartName
    comment: Note


class CommentAnswered(Struct, frozen=True, tag="inspection.comment_answered"):
    """Inspectors accepted a comment of the force, or rejected it, with a reason."""

    comment: StepNumber
    outcome: CommentOutcome
    reason: Note


class CommentWithdrawn(Struct, frozen=True, tag="inspection.comment_withdrawn"):
    """The force took a comment back."""

    comment: StepNumber


class ReportEmbargoed(Struct, frozen=True, tag="inspection.embargoed"):
    """A version of the draft is final, and is released at a minute, if another person agrees."""

    draft_version: DraftVersion
    release_at: datetime
    parts: tuple[PartSeal, ...]


class ReleaseAgreed(Struct, frozen=True, tag="inspection.release_agreed"):
    """Another person than the one who set the embargo agreed that everybody may read the report."""

    embargo: StepNumber


class PublicationDeferred(Struct, frozen=True, tag="inspection.deferred"):
    """The publication was put off; `until` is when it is expected to go on, if anybody knows."""

    reason: Note
    until: When | None = None


class InspectionResumed(Struct, frozen=True, tag="inspection.resumed"):
    """A deferred publication goes on; an embargo has to be set again."""


class ReportReleased(Struct, frozen=True, tag="inspection.report_released"):
    """The report was published, in the same submit, with the text that was embargoed."""

    report: UUID


class InspectionDropped(Struct, frozen=True, tag="inspection.dropped"):
    """The inspection ends without a report."""

    reason: Note


InspectionEvent: TypeAlias = (
    InspectionPlanned
    | PlanChanged
    | FieldworkBegun
    | DraftModerated
    | CheckBegun
    | PartSent
    | CheckFinished
    | FactCommented
    | CommentAnswered
    | CommentWithdrawn
    | ReportEmbargoed
    | ReleaseAgreed
    | PublicationDeferred
    | InspectionResumed
    | ReportReleased
    | InspectionDropped
)
INSPECTION_EVENTS: tuple[type[InspectionEvent], ...] = get_args(InspectionEvent)
