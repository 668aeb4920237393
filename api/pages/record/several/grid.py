"""One step for the recommendations of a report: answers for all, and others in single rows."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from api.pages.forms.typed_dates import PARTS
from api.pages.people import NAME_SUFFIX
from api.pages.record.form_fields import OF_COMMAND, Field, Question
from api.pages.rendering.language import gettext as _
from domain.access.permissions import Verdict, may
from domain.commands.recommendation import (
    AssignFollowUp,
    ClaimCompletion,
    Close,
    ConfirmDecision,
    DeclineClosure,
    NameOwner,
    ProposeClosure,
    ReceiveActionPlan,
    ReceiveUpdate,
    RecordAssurance,
    ReportFollowUp,
    ReportProgress,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
    WaiveActionPlan,
)
from domain.recommendation.available_commands import Action
from domain.vocabulary.actors import Actor
from domain.vocabulary.values import Code


class BulkStep(Struct, frozen=True):
    """A step that one page records for the recommendations of a report."""

    command: Action
    own: tuple[str, ...]
    """The fields that every row shows; the others of a row are folded away."""
    once: tuple[str, ...] = ()
    """The fields with one answer for all rows."""
    words: str = ""
    """The field of words that belong to the first of `own`: no row has them with another answer."""
    apart: tuple[str, ...] = ()
    """The fields that only rows answer, since no two of them have the same."""
    together: bool = False
    """Whether it is recorded for all ticked rows or for none: it is one act."""

    beside: Action | None = None
    """A step that a row can record just before, by the first field of its form."""
    unfolded: bool = False
    """Whether each row shows what its answer judges; otherwise that is folded away."""
    said_of_each: bool = False
    """Whether it says that something is so of each: no row is ticked but by who records it."""

    @property
    def question(self) -> Question:
        """The form of its command."""
        return OF_COMMAND[self.command]

    @property
    def beside_field(self) -> Field | None:
        """The field of the step that a row can record just before."""
        return OF_COMMAND[self.beside].fields[0] if self.beside else None

    @property
    def for_all(self) -> list[Field]:
        """The fields with an answer for all rows, or for those that do not answer them."""
        return [field for field in self.question.fields if field.name not in self.apart]

    @property
    def in_rows(self) -> list[Field]:
        """The fields that a row can answer by itself, those that it always shows first."""
        fields = [field for field in self.question.fields if field.name not in self.once]
        return sorted(fields, key=lambda field: field.name not in self.own)

    @property
    def asked_in_rows(self) -> list[Field]:
        """The fields that a row asks for; others are taken from the record."""
        return [field for field in self.in_rows if not field.from_record]

    def shows(
        self, field: Field, of: str, typed: Mapping[str, str], errors: Mapping[str, str]
    ) -> bool:
        """Whether a field of a row has something to show: typed text, or an error."""
        name = f"{field.name}-{of}"
        wrong = {name, *(name + part for part in parts_of(field))} & errors.keys()
        return bool(wrong) or is_typed(field, f"-{of}", typed)


STEPS = (
    BulkStep(NameOwner, ("owner",)),
    BulkStep(
        ReceiveActionPlan,
        ("answer", "content"),
        words="content",
        once=("documents",),
        beside=NameOwner,
        unfolded=True,
    ),
    BulkStep(ReceiveUpdate, ("content",)),
    BulkStep(WaiveActionPlan, ("reason",), said_of_each=True),
    BulkStep(ReviewActionPlan, ("outcome", "remarks"), words="remarks", unfolded=True),
    BulkStep(AssignFollowUp, ("kind", "assignee"), words="reason"),
    BulkStep(ReportProgress, ("progress",)),
    BulkStep(ClaimCompletion, ("evidence",), once=("documents",), said_of_each=True),
    BulkStep(ReturnClaim, ("reason",), unfolded=True, said_of_each=True),
    BulkStep(ReportFollowUp, ("finding", "passage"), words="passage"),
    BulkStep(DeclineClosure, ("reason",), unfolded=True, said_of_each=True),
    BulkStep(ProposeClosure, ("basis", "second_reader")),
    BulkStep(Close, ("reason", "basis"), words="basis", apart=("proposal",)),
    BulkStep(ConfirmDecision, ("why",), said_of_each=True),
    BulkStep(
        RespondUnderSection55,
        ("answer", "explanation"),
        words="explanation",
        once=("chief_officer", "address", "copied_on", "on"),
        together=True,
    ),
    BulkStep(RecordAssurance, ("level", "reason"), words="reason", said_of_each=True),
)
"""The steps in the order in which they usually come."""
OF_TAG: Mapping[str, BulkStep] = {step.question.tag: step for step in STEPS}


def may_record_some(actor: Actor, addressee: Code) -> bool:
    """Whether an actor may ever record one of the steps about an addressee."""
    return any(may(actor, step.command, addressee) is Verdict.ALLOWED for step in STEPS)


def parts_of(field: Field) -> tuple[str, ...]:
    """The endings of the names of a field's inputs."""
    match field.kind:
        case "day":
            return tuple(f"-{part}" for part in PARTS)
        case "person":
            return ("", NAME_SUFFIX)
        case _:
            return ("",)


def in_row(number: int, text: str) -> str:
    """An error with the number of its row."""
    return _("Recommendation %(number)s: %(error)s", number=number, error=text)


def is_typed(field: Field, of: str, typed: Mapping[str, str]) -> bool:
    """Whether anything was typed in a field: for all, or in the row that `of` names."""
    return any(typed.get(f"{field.name}{of}{part}") for part in parts_of(field))


def typed_of(step: BulkStep, stream: UUID, typed: Mapping[str, str]) -> dict[str, str]:
    """Everything that was typed in one row, by the names of its inputs."""
    fields = [*step.in_rows, *([step.beside_field] if step.beside_field else [])]
    names = (f"{f.name}-{stream}{part}" for f in fields for part in parts_of(f))
    return {name: typed[name] for name in names if typed.get(name)}
