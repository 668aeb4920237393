"""Commands to an inspection before its report is published."""

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from domain.commands.common import Dated
from domain.commands.report import PublishReport
from domain.vocabulary.values import (
    Code,
    CommentOutcome,
    DraftVersion,
    Edition,
    Note,
    PartName,
    Product,
    Reference,
    StepNumber,
    When,
)


class OfToday(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of commands that take effect on the day on which they are recorded."""

    on: None = None


class PlanInspection(Dated, frozen=True, kw_only=True, tag="plan_inspection"):
    """Plan an inspection of a force.

    Its reference is a name for inspectors, such as kent-2026; the report has one of its own.
    """

    reference: Reference
    addressee: Code
    product: Product
    edition: Edition
    fieldwork_from: When | None = None
    fieldwork_to: When | None = None
    remark: Note | None = None


class ChangePlan(OfToday, frozen=True, kw_only=True, tag="change_plan"):
    """Change the plan before the check, in full; the force and the reference stay as they are."""

    product: Product
    edition: Edition
    fieldwork_from: When | None = None
    fieldwork_to: When | None = None
    remark: Note | None = None


class BeginFieldwork(Dated, frozen=True, kw_only=True, tag="begin_fieldwork"):
    """Record that fieldwork began."""


class ModerateDraft(Dated, frozen=True, kw_only=True, tag="moderate_draft"):
    """Record that a version of the draft passed moderation."""

    draft_version: DraftVersion
    remark: Note | None = None


class SendToCheck(OfToday, frozen=True, kw_only=True, tag="send_to_check"):
    """Send the draft to the force, to check its facts until the end of a day.

    `salt` is that of the first check, if there was one.
    """

    reply_by: When
    salt: Note
    text: PublishReport


class CommentOnFact(OfToday, frozen=True, kw_only=True, tag="comment_on_fact"):
    """Say what is not accurate in a part of the draft: `report`, or `r3` for the third request."""

    part: PartName
    comment: Note


class FinishCheck(OfToday, frozen=True, kw_only=True, tag="finish_check"):
    """Say, as the force, that you have no more comments on the text of the check of a step."""

    check: StepNumber


class AnswerComment(OfToday, frozen=True, kw_only=True, tag="answer_comment"):
    """Accept or reject the comment made at a step, with the reason."""

    comment: StepNumber
    outcome: CommentOutcome
    reason: Note


class WithdrawComment(OfToday, frozen=True, kw_only=True, tag="withdraw_comment"):
    """Take back the comment made at a step."""

    comment: StepNumber


class EmbargoReport(OfToday, frozen=True, kw_only=True, tag="embargo_report"):
    """Make the text of a version of the draft final, and set the minute of its release."""

    draft_version: DraftVersion
    release_at: datetime
    salt: Note
    text: PublishReport


class AgreeToRelease(OfToday, frozen=True, kw_only=True, tag="agree_to_release"):
    """Agree, as another person, that everybody may read the report from that minute on."""

    embargo: StepNumber


class DeferPublication(OfToday, frozen=True, kw_only=True, tag="defer_publication"):
    """Put the publication off, with the reason."""

    reason: Note
    until: When | None = None


class ResumeInspection(OfToday, frozen=True, kw_only=True, tag="resume_inspection"):
    """Go on with what was deferred."""


class ReleaseReport(OfToday, frozen=True, kw_only=True, tag="release_report"):
    """Release the text that was embargoed; the same submit publishes it. The service does this."""

    salt: Note
    text: PublishReport


class DropInspection(OfToday, frozen=True, kw_only=True, tag="drop_inspection"):
    """End the inspection without a report, with the reason."""

    reason: Note


InspectionCommand: TypeAlias = (
    PlanInspection
    | ChangePlan
    | BeginFieldwork
    | ModerateDraft
    | SendToCheck
    | CommentOnFact
    | FinishCheck
    | AnswerComment
    | WithdrawComment
    | EmbargoReport
    | AgreeToRelease
    | DeferPublication
    | ResumeInspection
    | ReleaseReport
    | DropInspection
)
