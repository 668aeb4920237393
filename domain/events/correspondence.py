"""Events of a right of reply: disputes of a fact, and questions between two parties.

Recommendations and reports have the same, each under tags of its own. They are about the record:
they move no stage, no deadline and no count. `party` is whose dispute or question it is, a force
or a local policing body; the other side is always the inspectorate. Notes are for these two alone.
"""

from typing import TypeAlias

from msgspec import Struct

from domain.vocabulary.values import (
    DisputeResult,
    FieldName,
    Note,
    Party,
    StepNumber,
    Text,
)


class DisputeFields(Struct, frozen=True):
    """A party disputes a fact: what a field of an earlier step says."""

    step: StepNumber
    field: FieldName
    party: Party
    reasons: Note
    should_be: Note | None = None
    """The value that the party says is right."""
    statement: Text | None = None
    """The party's own words beside the fact, if it is public; None if it is not."""


class ReplyFields(Struct, frozen=True):
    """One of the two sides of a dispute replied to the other."""

    dispute: StepNumber
    party: Party
    reply: Note


class ProposalFields(Struct, frozen=True):
    """One side of a dispute proposed the words that stand beside the fact."""

    dispute: StepNumber
    party: Party
    words: Text


class AgreementFields(Struct, frozen=True):
    """The other side agreed to the words, which now stand in the place of the statement."""

    dispute: StepNumber
    party: Party
    proposal: StepNumber
    words: Text


class SettlementFields(Struct, frozen=True):
    """Inspectors settled a dispute: the fact was put right by a later step, or it stands."""

    dispute: StepNumber
    party: Party
    result: DisputeResult
    reason: Note
    correction: StepNumber | None = None
    """The step that put it right."""
    answer: Text | None = None
    """The inspectorate's own words, if the fact is public."""
    public: bool = False
    """Whether the fact was public when it was disputed."""


class RetreatFields(Struct, frozen=True):
    """The party that opened a dispute took it back."""

    dispute: StepNumber
    party: Party
    why: Note | None = None
    public: bool = False
    """Whether the fact was public when it was disputed."""


class QuestionFields(Struct, frozen=True):
    """One side asked the other a question, perhaps about a step."""

    party: Party
    question: Note
    step: StepNumber | None = None


class AnswerFields(Struct, frozen=True):
    """The side that was asked answered; it may add to its answer."""

    question: StepNumber
    party: Party
    answer: Note


class Disputed(DisputeFields, frozen=True, tag="recommendation.disputed"):
    """A party disputes what a field of an earlier step says."""


class DisputeReplied(ReplyFields, frozen=True, tag="recommendation.dispute_replied"):
    """One side of a dispute replied to the other."""


class WordsProposed(ProposalFields, frozen=True, tag="recommendation.words_proposed"):
    """One side of a dispute proposed words to stand beside the fact."""


class WordsAgreed(AgreementFields, frozen=True, tag="recommendation.words_agreed"):
    """The other side agreed to the words, which stand beside the fact."""


class DisputeSettled(SettlementFields, frozen=True, tag="recommendation.dispute_settled"):
    """Inspectors put the disputed fact right, or let it stand."""


class DisputeWithdrawn(RetreatFields, frozen=True, tag="recommendation.dispute_withdrawn"):
    """The party that opened a dispute took it back."""


class QuestionAsked(QuestionFields, frozen=True, tag="recommendation.question_asked"):
    """A party asked the inspectorate, or inspectors asked it."""


class QuestionAnswered(AnswerFields, frozen=True, tag="recommendation.question_answered"):
    """The side that was asked answered."""


class ReportDisputed(DisputeFields, frozen=True, tag="report.disputed"):
    """A party disputes what a field of an earlier step of the report says."""


class ReportDisputeReplied(ReplyFields, frozen=True, tag="report.dispute_replied"):
    """One side of a dispute replied to the other."""


class ReportWordsProposed(ProposalFields, frozen=True, tag="report.words_proposed"):
    """One side of a dispute proposed words to stand beside the fact."""


class ReportWordsAgreed(AgreementFields, frozen=True, tag="report.words_agreed"):
    """The other side agreed to the words, which stand beside the fact."""


class ReportDisputeSettled(SettlementFields, frozen=True, tag="report.dispute_settled"):
    """Inspectors put the disputed fact right, or let it stand."""


class ReportDisputeWithdrawn(RetreatFields, frozen=True, tag="report.dispute_withdrawn"):
    """The party that opened a dispute took it back."""


class ReportQuestionAsked(QuestionFields, frozen=True, tag="report.question_asked"):
    """A party asked the inspectorate about the report, or inspectors asked it."""


class ReportQuestionAnswered(AnswerFields, frozen=True, tag="report.question_answered"):
    """The side that was asked answered."""


RecommendationReply: TypeAlias = (
    Disputed
    | DisputeReplied
    | WordsProposed
    | WordsAgreed
    | DisputeSettled
    | DisputeWithdrawn
    | QuestionAsked
    | QuestionAnswered
)
ReportReply: TypeAlias = (
    ReportDisputed
    | ReportDisputeReplied
    | ReportWordsProposed
    | ReportWordsAgreed
    | ReportDisputeSettled
    | ReportDisputeWithdrawn
    | ReportQuestionAsked
    | ReportQuestionAnswered
)
