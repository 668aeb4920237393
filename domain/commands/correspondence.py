"""Commands of the right of reply, which recommendations and reports share.

A force or a local policing body disputes a fact about it, or asks; inspectors answer. A step of
these takes effect on the day on which it is recorded.
"""

from typing import TypeAlias

from domain.commands.common import Dated
from domain.vocabulary.values import (
    DisputeResult,
    FieldName,
    Note,
    Party,
    StepNumber,
    Text,
)


class DisputeFact(Dated, frozen=True, kw_only=True, tag="dispute"):
    """Dispute what a field of an earlier step says; `on` disputes the date of the step.

    Of a public fact, `statement` is shown beside it to everybody until the dispute is settled, so
    that it has to stand alone. `reasons` and `should_be` are read by inspectors only.
    """

    step: StepNumber
    field: FieldName
    reasons: Note
    should_be: Note | None = None
    statement: Text | None = None


class ReplyToDispute(Dated, frozen=True, kw_only=True, tag="reply_to_dispute"):
    """Reply in the dispute that was opened at step `dispute`, as either of its two sides."""

    dispute: StepNumber
    reply: Note


class ProposeWords(Dated, frozen=True, kw_only=True, tag="propose_words"):
    """Propose the words that stand beside the disputed fact; the other side has to agree."""

    dispute: StepNumber
    words: Text


class AgreeToWords(Dated, frozen=True, kw_only=True, tag="agree_to_words"):
    """Agree to the words that the other side proposed at step `proposal`."""

    dispute: StepNumber
    proposal: StepNumber


class SettleDispute(Dated, frozen=True, kw_only=True, tag="settle_dispute"):
    """Settle a dispute for the inspectorate: `corrected`, or `not_corrected`, with the reason.

    `correction` is the later step that put the fact right, which may be of the same submit. If the
    fact is public and stands, `answer` says so to everybody in the inspectorate's own words.
    """

    dispute: StepNumber
    result: DisputeResult
    reason: Note
    correction: StepNumber | None = None
    answer: Text | None = None


class WithdrawDispute(Dated, frozen=True, kw_only=True, tag="withdraw_dispute"):
    """Take back a dispute, as the force or body that opened it."""

    dispute: StepNumber
    why: Note | None = None


class AskQuestion(Dated, frozen=True, kw_only=True, tag="ask_question"):
    """Ask the inspectorate, as a force or body; or ask the `party` that is named, as an inspector.

    Only these two sides read the question and its answers. `step` is the step that it is about.
    """

    question: Note
    party: Party | None = None
    step: StepNumber | None = None


class AnswerQuestion(Dated, frozen=True, kw_only=True, tag="answer_question"):
    """Answer the question of step `question`, as the side that was asked."""

    question: StepNumber
    answer: Note


ReplyCommand: TypeAlias = (
    DisputeFact
    | ReplyToDispute
    | ProposeWords
    | AgreeToWords
    | SettleDispute
    | WithdrawDispute
    | AskQuestion
    | AnswerQuestion
)
