"""The commands that an inspection may take now, for pages that offer them."""

from collections.abc import Mapping
from typing import Final

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
    ResumeInspection,
    SendToCheck,
    WithdrawComment,
)
from domain.inspection.state import ENDED, Inspection, InspectionStage

_OPEN = frozenset(InspectionStage) - ENDED
OF_STAGE: Final[Mapping[type[InspectionCommand], frozenset[InspectionStage]]] = {
    ChangePlan: frozenset(
        {InspectionStage.PLANNED, InspectionStage.FIELDWORK, InspectionStage.MODERATED}
    ),
    BeginFieldwork: frozenset({InspectionStage.PLANNED}),
    ModerateDraft: frozenset({InspectionStage.FIELDWORK}),
    SendToCheck: frozenset({InspectionStage.MODERATED, InspectionStage.IN_CHECK}),
    CommentOnFact: frozenset({InspectionStage.IN_CHECK}),
    FinishCheck: frozenset({InspectionStage.IN_CHECK}),
    AnswerComment: frozenset({InspectionStage.IN_CHECK}),
    WithdrawComment: frozenset({InspectionStage.IN_CHECK}),
    EmbargoReport: frozenset({InspectionStage.IN_CHECK}),
    AgreeToRelease: frozenset({InspectionStage.EMBARGOED}),
    DeferPublication: _OPEN,
    ResumeInspection: _OPEN,
    DropInspection: _OPEN,
}
"""The stages in which the rules may allow a command; the rest of the rules are asked with it."""


def is_possible(command: type[InspectionCommand], state: Inspection) -> bool:
    """Return whether the rules may allow a command in the state of an inspection."""
    if state.planned is None or state.stage not in OF_STAGE.get(command, frozenset()):
        return False
    if command is ResumeInspection:
        return state.deferred is not None
    if command in {CommentOnFact, FinishCheck} and state.check and state.check.finished:
        return False
    return state.deferred is None or command is DropInspection
