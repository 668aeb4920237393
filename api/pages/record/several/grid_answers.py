"""The answers of a form for several recommendations: those for all, and those of single rows."""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from msgspec import Struct

from api.pages.people import Inspectors
from api.pages.record import form_parser
from api.pages.record.form_fields import OF_COMMAND, Field
from api.pages.record.form_parser import Answers
from api.pages.record.several.grid import BulkStep, is_typed, parts_of
from api.pages.record.several.grid_errors import RowFault, placed
from api.pages.rendering import reading
from api.pages.rendering.language import gettext as _
from domain.commands.recommendation import RecommendationCommand
from domain.vocabulary.errors import Refused


class RowAnswers(Struct, frozen=True):
    """The answers of one row, and the fields that the row answered by itself."""

    answers: Answers
    differs: frozenset[str]
    beside: Answers | None = None
    """The answer that makes the step before, if it changes what is on record."""
    instead_of: Mapping[str, object] = {}
    """The answers for all that the row's own are instead of, by field."""

    @property
    def commands(self) -> tuple[RecommendationCommand, ...]:
        """The commands that the answers make, in order; none if some are wrong."""
        made = [each.command for each in (self.beside, self.answers) if each]
        return tuple(command for command in made if command) if all(made) else ()

    def takes(self, field: Field) -> bool:
        """Whether the row has the answer for all to a field that its other answers ask for."""
        return field.name not in self.differs and field.applies(self.answers.typed)

    def display(self, step: BulkStep, people: Inspectors) -> str:
        """The answers to check: the first, and those that only this row has.

        Those for all that the row's own are instead of are below them.
        """
        lines = [
            f"{_(field.short)}: {answers.display(field, people)}"
            for answers, field in ((self.beside, step.beside_field),)
            if answers and field
        ]
        shown = [
            field
            for field in step.in_rows
            if field.name in {step.own[0], *self.differs} and field.applies(self.answers.typed)
        ]
        lines += [f"{_(field.short)}: {self.answers.display(field, people)}" for field in shown]
        unused = "; ".join(
            f"{_(field.short)}: {form_parser.display(field, self.instead_of[field.name], people)}"
            for field in shown
            if field.name in self.instead_of
        )
        if unused:
            lines.append(_("Not used here, though answered for all: %(answers)s", answers=unused))
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
            for row in [row for row in self.rows.values() if row.takes(field)][:1]
        ]

    def refusals(
        self,
        step: BulkStep,
        refused: Mapping[UUID, Refused],
        numbers: Mapping[UUID, int],
    ) -> dict[str, str]:
        """The errors by element for the rows whose commands the rules refuse."""
        faults: list[RowFault] = []
        for stream, why in refused.items():
            row, words = self.rows[stream], reading.refusal(why)
            # Of two commands, the first is that of the step before.
            if row.beside and step.beside_field and not why.number:
                faults.append(RowFault(stream, step.beside_field, "", words))
                continue
            element = form_parser.element_of(why.place, step.question.fields)
            field = _field_at(step, element) if element else None
            part = element.removeprefix(field.name) if field else ""
            faults.append(RowFault(stream, field, part, words))
        return placed(step, faults, numbers, self._differs)

    @property
    def _differs(self) -> dict[UUID, frozenset[str]]:
        return {stream: row.differs for stream, row in self.rows.items()}


def read_rows(
    step: BulkStep,
    numbers: Mapping[UUID, int],
    typed: Mapping[str, str],
    people: Inspectors,
    on_record: Mapping[UUID, str] | None = None,
) -> GridAnswers:
    """Read the answers of the ticked rows, each with its number on the page.

    `on_record` has what the step before would change, by row; without it, no row records that step.
    A field that a row leaves blank has the answer for all.
    """
    differs = {stream: _differs(step, stream, typed) for stream in numbers}
    common = _common(step, typed, people)
    rows: dict[UUID, RowAnswers] = {}
    faults: list[RowFault] = []
    for stream in numbers:
        own = _own(step, stream, typed, differs[stream])
        answers = form_parser.read(step.question, own, people=people, in_row=True)
        beside = None if on_record is None else _beside(step, stream, typed, on_record)
        instead = {
            name: common[name]
            for name in differs[stream] & common.keys()
            if answers.command and getattr(answers.command, name) != common[name]
        }
        rows[stream] = RowAnswers(answers, differs[stream], beside, instead)
        if beside and step.beside_field:
            faults += [RowFault(stream, step.beside_field, "", t) for t in beside.errors.values()]
        for place, text in answers.errors.items():
            field = _field_at(step, place)
            faults.append(RowFault(stream, field, place.removeprefix(field.name), text))
    return GridAnswers(rows, placed(step, faults, numbers, differs, typed))


def in_words(
    step: BulkStep, stream: UUID, typed: Mapping[str, str], people: Inspectors
) -> list[tuple[str, str]]:
    """Return what was typed in one row, with the label of each answer; as typed if it is wrong."""
    beside = [(step.beside_field, step.beside)] if step.beside_field and step.beside else []
    words: list[tuple[str, str]] = []
    for field, command in (*beside, *((field, step.command) for field in step.asked_in_rows)):
        if not is_typed(field, f"-{stream}", typed):
            continue
        own = {
            field.name + part: typed.get(f"{field.name}-{stream}{part}", "")
            for part in parts_of(field)
        }
        if field.kind == "person":
            own = people.resolved(field.name, own)
        always = msgspec.structs.replace(field, only=None)
        read, _wrong = form_parser.values((always,), command, own)
        shown = (
            form_parser.display(field, read[field.name], people)
            if field.name in read
            else " ".join(filter(None, reversed(own.values())))
        )
        words.append((_(field.short), shown))
    return words


def _common(step: BulkStep, typed: Mapping[str, str], people: Inspectors) -> dict[str, object]:
    """The answers for all that something was typed for, as far as they can be read."""
    resolved = dict(typed)
    for field in step.for_all:
        if field.kind == "person":
            resolved = people.resolved(field.name, resolved)
    fields = [field for field in step.for_all if is_typed(field, "", typed)]
    return form_parser.values(fields, step.command, resolved)[0]


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
