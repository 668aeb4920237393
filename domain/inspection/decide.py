"""The rules of an inspection before its report is published (facts of the inspectorate's practice).

Findings go to the force for a check of their accuracy, then under embargo to the minute of release;
a publication can be deferred. Text changes after the check only where a comment was accepted.
"""

from collections.abc import Collection
from typing import Final, assert_never

from domain.checks import check_addressee, check_day, check_window
from domain.commands.inspection import (
    AgreeToRelease,
    AnswerComment,
    BeginFieldwork,
    CommentOnFact,
    DeferPublication,
    DropInspection,
    EmbargoReport,
    InspectionCommand,
    ModerateDraft,
    PlanInspection,
    ReleaseReport,
    ResumeInspection,
    SendToCheck,
    WithdrawComment,
)
from domain.commands.report import PublishReport
from domain.events.inspection import (
    CheckBegun,
    CommentAnswered,
    CommentWithdrawn,
    DraftModerated,
    FactCommented,
    FieldworkBegun,
    InspectionDropped,
    InspectionEvent,
    InspectionPlanned,
    InspectionResumed,
    PartSent,
    PublicationDeferred,
    ReleaseAgreed,
    ReportEmbargoed,
    ReportReleased,
)
from domain.inspection.parts import REPORT_PART, changed_parts, parts_of, salt_sha256, seals_of
from domain.inspection.state import (
    ENDED,
    FINAL,
    Check,
    FactComment,
    Inspection,
    InspectionStage,
)
from domain.vocabulary.dates import day_of, earliest, precision
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Refused, inside
from domain.vocabulary.ids import report_id

COMMENTS_MAX: Final = 200
"""The most comments of a force on one inspection."""
CHECKS_MAX: Final = 20
"""The most times that a draft is sent to the check."""
STAGE_WORDS: Final = {
    InspectionStage.PLANNED: "planned",
    InspectionStage.FIELDWORK: "in fieldwork",
    InspectionStage.MODERATED: "moderated",
    InspectionStage.IN_CHECK: "in the check of facts",
    InspectionStage.EMBARGOED: "embargoed",
    InspectionStage.AGREED: "waiting for the minute of its release",
    InspectionStage.RELEASED: "published",
    InspectionStage.DROPPED: "ended without a report",
}


def decide_inspection(  # noqa: C901, PLR0911, PLR0912  one return a command
    command: InspectionCommand, state: Inspection, stamp: Stamp
) -> tuple[InspectionEvent, ...]:
    """Return the events that follow from a command. Raises Refused with the rule in words."""
    stages = InspectionStage
    if isinstance(command, PlanInspection):
        return (_planned(command, state),)
    _must_be_open(state)
    if not isinstance(command, DeferPublication | ResumeInspection | DropInspection):
        _must_go_on(state)
    match command:
        case BeginFieldwork():
            _must_be(state, {stages.PLANNED})
            return (FieldworkBegun(),)
        case ModerateDraft(remark=remark):
            _must_be(state, {stages.FIELDWORK})
            return (DraftModerated(remark),)
        case SendToCheck():
            _must_be(state, {stages.MODERATED, stages.IN_CHECK})
            return _sent(command, state, stamp)
        case CommentOnFact(part=part, comment=comment):
            _must_be(state, {stages.IN_CHECK})
            _check_comment(part, state)
            return (FactCommented(part, comment),)
        case AnswerComment(comment=step, outcome=outcome, reason=reason):
            _must_be(state, {stages.IN_CHECK})
            _open_comment(step, state)
            return (CommentAnswered(step, outcome, reason),)
        case WithdrawComment(comment=step):
            _must_be(state, {stages.IN_CHECK})
            _open_comment(step, state)
            return (CommentWithdrawn(step),)
        case EmbargoReport():
            _must_be(state, {stages.IN_CHECK})
            return (_embargoed(command, state, stamp),)
        case AgreeToRelease(embargo=embargo):
            _must_be(state, {stages.EMBARGOED})
            _check_agreement(embargo, state, stamp)
            return (ReleaseAgreed(embargo),)
        case DeferPublication(reason=reason, until=until):
            _must_go_on(state)
            if until is not None:
                with inside("/until"):
                    check_day(until)
            return (PublicationDeferred(reason, until),)
        case ResumeInspection():
            if state.deferred is None:
                raise Refused("The inspection is not deferred.")
            return (InspectionResumed(),)
        case ReleaseReport():
            _must_be(state, {stages.AGREED})
            return (_released(command, state, stamp),)
        case DropInspection(reason=reason):
            return (InspectionDropped(reason),)
        case _:
            assert_never(command)


def _planned(command: PlanInspection, state: Inspection) -> InspectionPlanned:
    if state.planned is not None:
        raise Refused(f"The inspection {command.reference} is already planned.", "/reference")
    with inside("/addressee"):
        check_addressee(command.addressee)
    check_window(command.fieldwork_from, command.fieldwork_to, what="fieldwork", field="fieldwork")
    return InspectionPlanned(
        command.reference,
        command.addressee,
        command.product,
        command.edition,
        command.fieldwork_from,
        command.fieldwork_to,
        command.remark,
    )


def _must_be_open(state: Inspection) -> None:
    if state.stage in ENDED:
        raise Refused(f"The inspection is over: it is {STAGE_WORDS[state.stage]}.")


def _must_go_on(state: Inspection) -> None:
    if state.deferred is not None:
        raise Refused("The publication is deferred. Resume the inspection first.")


def _must_be(state: Inspection, stages: Collection[InspectionStage]) -> None:
    if state.stage in stages:
        return
    words = " or ".join(STAGE_WORDS[stage] for stage in InspectionStage if stage in stages)
    advice = (
        " To change a final text, defer the publication and resume it."
        if state.stage in FINAL
        else ""
    )
    raise Refused(
        f"The inspection is {STAGE_WORDS[state.stage]}. This is possible only while it is "
        f"{words}.{advice}"
    )


def _sent(command: SendToCheck, state: Inspection, stamp: Stamp) -> tuple[InspectionEvent, ...]:
    with inside("/reply_by"):
        check_day(command.reply_by)
        if precision(command.reply_by) != "day":
            raise Refused("Give the day by which the force is asked to reply.")
        if earliest(command.reply_by) < day_of(stamp.at):
            raise Refused(f"The day {command.reply_by} is over.")
    if len(state.checks) >= CHECKS_MAX:
        raise Refused(f"The draft was sent to the check {CHECKS_MAX} times, the most there can be.")
    _check_addressees(command.text, state)
    if state.check is not None:
        _check_salt(command.salt, state.check)
    seals = seals_of(command.text, command.salt)
    begun = CheckBegun(command.reply_by, command.salt, salt_sha256(command.salt), seals)
    parts = (PartSent(part.name, part.facts, part.words) for part in parts_of(command.text))
    return (begun, *parts)


def _check_addressees(text: PublishReport, state: Inspection) -> None:
    """Raise Refused if a draft is about another force than the one that checks it."""
    planned = state.planned
    if planned is not None and text.addressee != planned.addressee:
        raise Refused(
            f"The draft is about {text.addressee}, but the inspection is of {planned.addressee}.",
            "/text/addressee",
        )


def _check_comment(part: str, state: Inspection) -> None:
    check = _checked(state)
    if part not in {seal.part for seal in check.parts}:
        raise Refused(f"The draft that was sent has no part {part}.", "/part")
    if len(state.comments) >= COMMENTS_MAX:
        raise Refused(f"There are {COMMENTS_MAX} comments already, the most there can be.")


def _open_comment(step: int, state: Inspection) -> FactComment:
    comment = next((each for each in state.comments if each.step == step), None)
    if comment is None:
        raise Refused(f"Step {step} is not a comment on the draft.", "/comment")
    if not comment.is_open:
        became = "withdrawn" if comment.withdrawn else "answered"
        raise Refused(f"The comment of step {step} was {became} already.", "/comment")
    return comment


def _embargoed(command: EmbargoReport, state: Inspection, stamp: Stamp) -> ReportEmbargoed:
    check = _checked(state)
    waiting = sum(comment.is_open for comment in state.comments)
    if waiting:
        raise Refused(
            f"Comments of the force wait for an answer: {waiting}. Accept or reject each first."
        )
    with inside("/release_at"):
        if command.release_at.tzinfo is None:
            raise Refused("Give the minute of release with its offset, such as +00:00.")
        if command.release_at.second or command.release_at.microsecond:
            raise Refused("The release is at a whole minute.")
        if command.release_at <= stamp.at:
            raise Refused("The minute of release is over. Set a later one.")
    _check_addressees(command.text, state)
    _check_salt(command.salt, check)
    seals = seals_of(command.text, command.salt)
    accepted = {
        comment.part
        for comment in state.comments
        if comment.accepted and (comment.answer or 0) > check.step
    }
    unasked = [part for part in changed_parts(check.parts, seals) if part not in accepted]
    if unasked:
        raise Refused(
            f"Since the check the text changed where no comment was accepted: {', '.join(unasked)}."
            " Undo that, or send the draft to the check again.",
            "/text",
        )
    return ReportEmbargoed(command.draft_version, command.release_at, seals)


def _check_agreement(step: int, state: Inspection, stamp: Stamp) -> None:
    embargo = state.embargo
    if embargo is None or step != embargo.step:
        raise Refused(f"Step {step} is not the embargo that stands.", "/embargo")
    if stamp.by == embargo.by:
        raise Refused("Another person than the one who set the embargo has to agree.")
    if embargo.release_at <= stamp.at:
        raise Refused(
            "The minute of release has passed without agreement. Defer the publication, resume it "
            "and set another one."
        )


def _released(command: ReleaseReport, state: Inspection, stamp: Stamp) -> ReportReleased:
    embargo = state.embargo
    if embargo is None or stamp.at < embargo.release_at:
        raise Refused("The minute of release has not come.")
    _check_salt(command.salt, _checked(state))
    if changed := changed_parts(embargo.parts, seals_of(command.text, command.salt)):
        raise Refused(f"This is not the text that was embargoed: {', '.join(changed)}.", "/text")
    return ReportReleased(report_id(command.text.reference))


def _checked(state: Inspection) -> Check:
    if state.check is None:
        raise Refused(f"The draft's {REPORT_PART} has not been sent to the check.")
    return state.check


def _check_salt(salt: str, check: Check) -> None:
    if salt_sha256(salt) != check.salt_sha256:
        raise Refused("The salt is not that of the first check.", "/salt")
