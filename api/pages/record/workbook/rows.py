"""A row of the workbook with answers: its place, its recommendation, and the commands it makes."""

from collections.abc import Iterator, Mapping
from typing import Annotated, TypeAlias
from uuid import UUID

from msgspec import Meta, Struct

from api.pages.forms.headed import RowPlace
from api.pages.record.workbook import columns
from api.pages.record.workbook.columns import AnswerColumn
from api.pages.rendering import formatting, labels
from api.pages.rendering.language import gettext as _
from domain.commands.recommendation import (
    ClaimCompletion,
    NameOwner,
    ReceiveActionPlan,
    ReceiveUpdate,
    ReportProgress,
)
from domain.vocabulary.ids import recommendation_id
from domain.vocabulary.values import Reference, StepNumber

AnswerCommand: TypeAlias = (
    NameOwner | ReceiveActionPlan | ReceiveUpdate | ReportProgress | ClaimCompletion
)
"""The commands of a force that a row can make."""
_MAIN: Mapping[type[AnswerCommand], AnswerColumn] = {
    NameOwner: columns.OWNER,
    ReceiveActionPlan: columns.PLAN,
    ReceiveUpdate: columns.UPDATE,
    ReportProgress: columns.PROGRESS,
    ClaimCompletion: columns.DONE,
}
"""The column of each command; a refusal of one of its fields may have a column of its own."""
_OF_FIELD: Mapping[tuple[type[AnswerCommand], str], AnswerColumn] = {
    (ReceiveActionPlan, "/answer"): columns.ANSWER,
    (ClaimCompletion, "/evidence"): columns.EVIDENCE,
    (ClaimCompletion, "/on"): columns.DONE_ON,
}


class AnsweredRow(Struct, frozen=True):
    """A row with answers: its recommendation, the step it was made at, and the commands."""

    place: RowPlace
    reference: Reference
    step: StepNumber
    commands: Annotated[tuple[AnswerCommand, ...], Meta(min_length=1, max_length=5)]
    seen: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    """The last step that its sender was shown before recording; 0 before anything was shown."""

    @property
    def stream(self) -> UUID:
        """The recommendation that it is about."""
        return recommendation_id(self.reference)

    @property
    def shown(self) -> list[tuple[str, str]]:
        """The answers in words, each with the head of its column, to check."""
        return [pair for command in self.commands for pair in in_words(command)]


def in_words(command: AnswerCommand) -> Iterator[tuple[str, str]]:
    """Yield the answers of a command in words, each with the head of its column."""
    match command:
        case NameOwner(owner=owner):
            yield columns.OWNER.head, owner
        case ReceiveActionPlan(answer=answer, content=content):
            yield columns.ANSWER.head, labels.ANSWERS[answer]
            yield columns.PLAN.head, content
        case ReceiveUpdate(content=content):
            yield columns.UPDATE.head, content
        case ReportProgress(progress=progress):
            yield columns.PROGRESS.head, progress
        case ClaimCompletion(evidence=evidence, on=on):
            yield columns.DONE.head, columns.DONE.options[columns.YES]
            yield columns.DONE_ON.head, formatting.day(on) if on else _("Today")
            yield columns.EVIDENCE.head, evidence


def head_of(command: AnswerCommand, place: str) -> str:
    """Return the head of the column of a part of a command, as a refusal names it."""
    return _OF_FIELD.get((type(command), place), _MAIN[type(command)]).head
