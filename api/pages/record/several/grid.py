"""One step for the recommendations of a report: answers for all, and others in single rows."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from api.pages.forms.typed_dates import PARTS
from api.pages.people import NAME_SUFFIX, Inspectors
from api.pages.record import form_parser
from api.pages.record.form_fields import OF_COMMAND, Field, Question
from api.pages.record.form_parser import Answers
from api.pages.rendering.language import gettext as _
from domain.access.permissions import Verdict, may
from domain.commands.recommendation import (
    AssignFollowUp,
    ClaimCompletion,
    Close,
    NameOwner,
    ProposeClosure,
    ReceiveActionPlan,
    ReceiveUpdate,
    RecommendationCommand,
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
    apart: tuple[str, ...] = ()
    """The fields that only rows answer, since no two of them have the same."""
    together: bool = False
    """Whether it is recorded for all ticked rows or for none: it is one act."""

    beside: Action | None = None
    """A step that a row can record just before, by the first field of its form."""
    unfolded: bool = False
    """Whether each row shows what its answer judges; otherwise that is folded away."""

    @property
    def question(self) -> Question:
        """The form of its command."""
        return OF_COMMAND[self.command]

    @property
    def beside_field(self) -> Field | None:
        """The field of the step that a row can record just before."""
        return OF_COMMAND[self.beside].fields[0] if self.beside else None

    def done(self, many: int) -> str:
        """Return in words that so many steps of a row were recorded."""
        done = _(self.question.done)
        if many == 1 or self.beside is None:
            return done
        return f"{_(OF_COMMAND[self.beside].done)}. {done}"

    @property
    def for_all(self) -> list[Field]:
        """The fields with an answer for all rows, or for those that do not answer them."""
        return [field for field in self.question.fields if field.name not in self.apart]

    @property
    def in_rows(self) -> list[Field]:
        """The fields that a row can answer by itself, those that it always shows first."""
        fields = [field for field in self.question.fields if field.name not in self.once]
        return sorted(fields, key=lambda field: field.name not in self.own)

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
        once=("documents",),
        beside=NameOwner,
        unfolded=True,
    ),
    BulkStep(ReceiveUpdate, ("content",)),
    BulkStep(WaiveActionPlan, ("reason",)),
    BulkStep(ReviewActionPlan, ("outcome", "remarks"), unfolded=True),
    BulkStep(AssignFollowUp, ("kind", "assignee")),
    BulkStep(ReportProgress, ("progress",)),
    BulkStep(ClaimCompletion, ("evidence",), once=("documents",)),
    BulkStep(ReturnClaim, ("reason",), unfolded=True),
    BulkStep(ReportFollowUp, ("finding", "passage")),
    BulkStep(ProposeClosure, ("basis", "second_reader")),
    BulkStep(Close, ("reason", "basis"), apart=("proposal",)),
    BulkStep(
        RespondUnderSection55,
        ("answer", "explanation"),
        once=("chief_officer", "address", "copied_on", "on"),
        together=True,
    ),
    BulkStep(RecordAssurance, ("level", "reason")),
)
"""The steps in the order in which they usually come."""
OF_TAG: Mapping[str, BulkStep] = {step.question.tag: step for step in STEPS}


class RowAnswers(Struct, frozen=True):
    """The answers of one row, and the fields that the row answered by itself."""

    answers: Answers
    differs: frozenset[str]
    beside: Answers | None = None
    """The answer that makes the step before, if it changes what is on record."""

    @property
    def commands(self) -> tuple[RecommendationCommand, ...]:
        """The commands that the answers make, in order; none if some are wrong."""
        made = [each.command for each in (self.beside, self.answers) if each]
        return tuple(command for command in made if command) if all(made) else ()

    def display(self, step: BulkStep, people: Inspectors) -> str:
        """The answers to check: the first, and those that only this row has."""
        lines = [
            f"{_(field.short)}: {answers.display(field, people)}"
            for answers, field in ((self.beside, step.beside_field),)
            if answers and field
        ]
        shown = [field for field in step.in_rows if field.name in {step.own[0], *self.differs}]
        lines += [f"{_(field.short)}: {self.answers.display(field, people)}" for field in shown]
        return "\n".join(lines)


class GridAnswers(Struct, frozen=True):
    """The answers of the ticked rows, and the errors by the name of their field."""

    rows: Mapping[UUID, RowAnswers]
    errors: Mapping[str, str]

    def for_all(self, step: BulkStep, people: Inspectors) -> list[tuple[Field, str]]:
        """The answers to check that rows have in common; those that every row changes are out."""
        return [
            (field, row.answers.display(field, people))
            for field in step.for_all
            for row in [row for row in self.rows.values() if field.name not in row.differs][:1]
        ]


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


def read_rows(
    step: BulkStep,
    numbers: Mapping[UUID, int],
    typed: Mapping[str, str],
    people: Inspectors,
    on_record: Mapping[UUID, str] | None = None,
) -> GridAnswers:
    """Read the answers of the ticked rows, each with its number on the page.

    `on_record` has what the step before would change, by row; without it, no row records that step.
    A field that a row leaves blank has the answer for all. An error is beside the field for all
    unless the row typed something, or other rows answer that field by themselves.
    """
    differs = {stream: _differs(step, stream, typed) for stream in numbers}
    in_some = frozenset[str]().union(*differs.values())
    rows: dict[UUID, RowAnswers] = {}
    errors: dict[str, str] = {}
    for stream, number in numbers.items():
        own = _own(step, stream, typed, differs[stream])
        answers = form_parser.read(step.question, own, people=people)
        beside = None if on_record is None else _beside(step, stream, typed, on_record)
        rows[stream] = RowAnswers(answers, differs[stream], beside)
        for place, text in beside.errors.items() if beside else ():
            errors[f"{place}-{stream}"] = in_row(number, text)
        for place, text in answers.errors.items():
            field = _field_at(step, place)
            blank = field.name in in_some and not is_typed(field, "", typed)
            if field.name in differs[stream] or blank:
                part = place.removeprefix(field.name)
                errors[f"{field.name}-{stream}{part}"] = in_row(number, text)
            else:
                errors[place] = text
    return GridAnswers(rows, errors)


def in_row(number: int, text: str) -> str:
    """An error with the number of its row."""
    return _("Recommendation %(number)s: %(error)s", number=number, error=text)


def _beside(
    step: BulkStep, stream: UUID, typed: Mapping[str, str], on_record: Mapping[UUID, str]
) -> Answers | None:
    """The answer of a row to the step before; None if it is blank, or on record already."""
    if (field := step.beside_field) is None or step.beside is None:
        return None
    text = typed.get(f"{field.name}-{stream}", "")
    if not text or text == on_record.get(stream):
        return None
    return form_parser.read(OF_COMMAND[step.beside], {field.name: text})


def element_in_row(step: BulkStep, stream: UUID, place: str) -> str:
    """The id of the element for a place in the command of one row, or of the row itself."""
    element = form_parser.element_of(place, step.question.fields)
    if not element:
        return f"row-{stream}"
    field = _field_at(step, element)
    part = element.removeprefix(field.name)
    return f"{field.name}-{stream}{part}" if field in step.in_rows else element


def is_typed(field: Field, of: str, typed: Mapping[str, str]) -> bool:
    """Whether anything was typed in a field: for all, or in the row that `of` names."""
    return any(typed.get(f"{field.name}{of}{part}") for part in parts_of(field))


def typed_of(step: BulkStep, stream: UUID, typed: Mapping[str, str]) -> dict[str, str]:
    """Everything that was typed in one row, by the names of its inputs."""
    fields = [*step.in_rows, *([step.beside_field] if step.beside_field else [])]
    names = (f"{f.name}-{stream}{part}" for f in fields for part in parts_of(f))
    return {name: typed[name] for name in names if typed.get(name)}


def _differs(step: BulkStep, stream: UUID, typed: Mapping[str, str]) -> frozenset[str]:
    return frozenset(field.name for field in step.in_rows if is_typed(field, f"-{stream}", typed))


def _own(
    step: BulkStep, stream: UUID, typed: Mapping[str, str], differs: frozenset[str]
) -> dict[str, str]:
    """The answers of one row, by the names that a form for it alone would have."""
    return {
        field.name + part: typed.get(
            f"{field.name}-{stream}{part}" if field.name in differs else field.name + part, ""
        )
        for field in step.question.fields
        for part in parts_of(field)
    }


def _field_at(step: BulkStep, place: str) -> Field:
    """The field with the element that an error leads to."""
    return next(
        field
        for field in step.question.fields
        if place in {field.name, *(field.name + part for part in parts_of(field))}
    )
