"""The rules of the check of facts: what is sent, commented, finished, and then made final.

The text changes after a check only where a comment of the force was accepted. Whatever else is to
change goes to the force again, and it has until the day of reply to look at that.
"""

from datetime import date
from typing import Final

from domain.checks import check_day
from domain.commands.inspection import EmbargoReport, SendToCheck
from domain.commands.report import PublishReport
from domain.events.inspection import CheckBegun, CheckFinished, PartSent, ReportEmbargoed
from domain.inspection.comparison import accepted_for
from domain.inspection.parts import REPORT_PART, changed_parts, parts_of, salt_sha256, seals_of
from domain.inspection.state import Check, FactComment, Inspection
from domain.vocabulary.dates import day_of, earliest, end_of, precision
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Refused, inside
from domain.vocabulary.values import StepNumber

COMMENTS_MAX: Final = 200
"""The most comments of a force on one inspection."""
CHECKS_MAX: Final = 20
"""The most times that a draft is sent to the check."""
SentEvent = CheckBegun | PartSent


def send(command: SendToCheck, state: Inspection, stamp: Stamp) -> tuple[SentEvent, ...]:
    """Return the events of a draft that goes to the force. Raises Refused with the rule."""
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
        check_salt(command.salt, state.check)
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


def check_comment(part: str, state: Inspection) -> None:
    """Raise Refused unless the force may comment on a part of the text that was sent."""
    check = checked(state)
    if check.finished is not None:
        raise Refused(
            "The force has said that it has no more comments on this text. Inspectors can send the "
            "draft to the check again."
        )
    if part not in {seal.part for seal in check.parts}:
        raise Refused(f"The draft that was sent has no part {part}.", "/part")
    if len(state.comments) >= COMMENTS_MAX:
        raise Refused(f"There are {COMMENTS_MAX} comments already, the most there can be.")


def open_comment(step: int, state: Inspection) -> FactComment:
    """Return the comment of a step. Raises Refused if it is none, or does not wait any more."""
    comment = next((each for each in state.comments if each.step == step), None)
    if comment is None:
        raise Refused(f"Step {step} is not a comment on the draft.", "/comment")
    if not comment.is_open:
        became = "withdrawn" if comment.withdrawn else "answered"
        raise Refused(f"The comment of step {step} was {became} already.", "/comment")
    return comment


def finish(step: StepNumber, state: Inspection) -> CheckFinished:
    """Return the force's word that it has no more comments. Raises Refused with the rule."""
    check = checked(state)
    if step != check.step:
        raise Refused(f"Step {step} is not the last check of the draft.", "/check")
    if check.finished is not None:
        raise Refused("The force has said already that it has no more comments.")
    return CheckFinished(step)


def waits_for_force(state: Inspection, day: date) -> bool:
    """Return whether the text may not be made final yet, on a day, as the force is still asked.

    So it is after the draft was sent again: what changed between two checks may rest on no comment.
    """
    check = state.check
    if check is None or len(state.checks) == 1 or check.finished is not None:
        return False
    return day <= end_of(check.reply_by)


def embargo(command: EmbargoReport, state: Inspection, stamp: Stamp) -> ReportEmbargoed:
    """Return the event of a text that is final from now on. Raises Refused with the rule."""
    check = checked(state)
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
    check_salt(command.salt, check)
    seals = seals_of(command.text, command.salt)
    unasked = [
        part
        for part in changed_parts(check.parts, seals)
        if not accepted_for(state, part, since=check.step)
    ]
    if unasked:
        raise Refused(
            f"Since the check the text changed where no comment was accepted: {', '.join(unasked)}."
            " Undo that, or send the draft to the check again.",
            "/text",
        )
    if waits_for_force(state, day_of(stamp.at)):
        raise Refused(
            f"The draft was sent to the force again, which is asked to reply by {check.reply_by}. "
            "Wait until that day is over, or until the force says that it has no more comments."
        )
    return ReportEmbargoed(command.draft_version, command.release_at, seals)


def checked(state: Inspection) -> Check:
    """Return the last check. Raises Refused if there was none."""
    if state.check is None:
        raise Refused(f"The draft's {REPORT_PART} has not been sent to the check.")
    return state.check


def check_salt(salt: str, check: Check) -> None:
    """Raise Refused unless a salt is that of a check."""
    if salt_sha256(salt) != check.salt_sha256:
        raise Refused("The salt is not that of the first check.", "/salt")
