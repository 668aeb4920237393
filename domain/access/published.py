"""Published entries: those that can change what the public sees.

All others must leave no trace in public answers, neither in their content nor in a number: whoever
sees a step, a position or an entity tag move can count and time what is private.
"""

from typing import Final, get_args

from domain.events.access import AccessEvent
from domain.events.correspondence import (
    DisputeReplied,
    QuestionAnswered,
    QuestionAsked,
    ReportDisputeReplied,
    ReportQuestionAnswered,
    ReportQuestionAsked,
    ReportWordsProposed,
    WordsProposed,
)
from domain.events.event import Event, History
from domain.events.inspection import INSPECTION_EVENTS
from domain.events.recommendation import (
    Commented,
    ProgressReported,
    RedactionRequested,
    SuppressionRequested,
    WithdrawalRequested,
)
from domain.events.report import ReportRedactionRequested, ReportSuppressionRequested
from domain.vocabulary.entry import Entry

UNPUBLISHED: Final[tuple[type[Event], ...]] = (
    Commented,
    ProgressReported,
    RedactionRequested,
    SuppressionRequested,
    WithdrawalRequested,
    ReportRedactionRequested,
    ReportSuppressionRequested,
    DisputeReplied,
    WordsProposed,
    QuestionAsked,
    QuestionAnswered,
    ReportDisputeReplied,
    ReportWordsProposed,
    ReportQuestionAsked,
    ReportQuestionAnswered,
    *INSPECTION_EVENTS,
    *get_args(AccessEvent),
)
"""Events on which no public answer depends; a partial index of the ledger leaves out the same."""


def last_published(history: History) -> Entry[Event]:
    """Return the last published entry of a recommendation or a report: at least its first."""
    return next(
        (entry for entry in reversed(history) if not isinstance(entry.event, UNPUBLISHED)),
        history[0],
    )
