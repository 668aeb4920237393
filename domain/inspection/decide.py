"""The rules of an inspection before its report is published (facts of the inspectorate's practice).

Findings go to the force for a check of their accuracy, then under embargo to the minute of release;
a publication can be deferred. Since the last check, text changes only where a comment was accepted.
"""

from collections.abc import Collection
from typing import Final, assert_never

from domain.checks import check_addressee, check_day, check_window
from domain.commands.inspection import (
    AgreeToRelease,
    AnswerComment,
    BeginFieldwork,
    ChangePlan,
    CommentOnFact,
    DeferPublication,
    DropInspection,
    EmbargoReport,
    FinishCheck,
    InspectionCommand,
    ModerateDraft,
    PlanInspection,
    ReleaseReport,
    ResumeInspection,
    SendToCheck,
    WithdrawComment,
)
from domain.events.inspection import (
    CommentAnswered,
    CommentWithdrawn,
    DraftModerated,
    FactCommented,
    FieldworkBegun,
    InspectionDropped,
    InspectionEvent,
    InspectionPlanned,
    InspectionResumed,
    PlanChanged,
    PublicationDeferred,
    ReleaseAgreed,
    ReportReleased,
)
from domain.inspection.checking import (
    check_comment,
    check_salt,
    checked,
    embargo,
    finish,
    open_comment,
    send,
)
from domain.inspection.parts import changed_parts, seals_of
from domain.inspection.state import ENDED, FINAL, Inspection, InspectionStage
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Refused, inside
from domain.vocabulary.ids import report_id

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
        case ChangePlan():
            _must_be(state, {stages.PLANNED, stages.FIELDWORK, stages.MODERATED})
            return (_changed(command, state),)
        case BeginFieldwork():
            _must_be(state, {stages.PLANNED})
            return (FieldworkBegun(),)
        case ModerateDraft(draft_version=version, remark=remark):
            _must_be(state, {stages.FIELDWORK})
            return (DraftModerated(remark, version),)
        case SendToCheck():
            _must_be(state, {stages.MODERATED, stages.IN_CHECK})
            return send(command, state, stamp)
        case CommentOnFact(part=part, comment=comment):
            _must_be(state, {stages.IN_CHECK})
            check_comment(part, state)
            return (FactCommented(part, comment),)
        case AnswerComment(comment=step, outcome=outcome, reason=reason):
            _must_be(state, {stages.IN_CHECK})
            open_comment(step, state)
            return (CommentAnswered(step, outcome, reason),)
        case FinishCheck(check=step):
            _must_be(state, {stages.IN_CHECK})
            return (finish(step, state),)
        case WithdrawComment(comment=step):
            _must_be(state, {stages.IN_CHECK})
            open_comment(step, state)
            return (CommentWithdrawn(step),)
        case EmbargoReport():
            _must_be(state, {stages.IN_CHECK})
            return (embargo(command, state, stamp),)
        case AgreeToRelease(embargo=step):
            _must_be(state, {stages.EMBARGOED})
            _check_agreement(step, state, stamp)
            return (ReleaseAgreed(step),)
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


def _changed(command: ChangePlan, state: Inspection) -> PlanChanged:
    begins, ends = command.fieldwork_from, command.fieldwork_to
    check_window(begins, ends, what="fieldwork", field="fieldwork")
    now = state.planned
    new = (command.product, command.edition, begins, ends)
    if now and new == (now.product, now.edition, now.fieldwork_from, now.fieldwork_to):
        raise Refused("The plan says this already.")
    return PlanChanged(*new, command.remark)


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


def _check_agreement(step: int, state: Inspection, stamp: Stamp) -> None:
    last = state.embargo
    if last is None or step != last.step:
        raise Refused(f"Step {step} is not the embargo that stands.", "/embargo")
    if stamp.by == last.by:
        raise Refused("Another person than the one who set the embargo has to agree.")
    if last.release_at <= stamp.at:
        raise Refused(
            "The minute of release has passed without agreement. Defer the publication, resume it "
            "and set another one."
        )


def _released(command: ReleaseReport, state: Inspection, stamp: Stamp) -> ReportReleased:
    last = state.embargo
    if last is None or stamp.at < last.release_at:
        raise Refused("The minute of release has not come.")
    check_salt(command.salt, checked(state))
    if changed := changed_parts(last.parts, seals_of(command.text, command.salt)):
        raise Refused(f"This is not the text that was embargoed: {', '.join(changed)}.", "/text")
    return ReportReleased(report_id(command.text.reference))
