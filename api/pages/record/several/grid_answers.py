"""The answers of a form for several recommendations: those for all, and those of single rows."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

import msgspec
from msgspec import Struct

from api.pages.people import Inspectors
from api.pages.record import form_parser
from api.pages.record.form_fields import OF_COMMAND, ON, Field
from api.pages.record.form_parser import Answers
from api.pages.record.several.grid import BulkStep, is_typed, parts_of
from api.pages.record.several.grid_errors import RowFault, placed
from api.pages.rendering import reading
from api.pages.rendering.language import gettext as _
from domain.commands.recommendation import RecommendationCommand
from domain.recommendation.available_commands import Action
from domain.vocabulary.errors import Refused


class RowAnswers(Struct, frozen=True):
    """The answers of one row, and the fields that the row answered by itself."""

    answers: Answers
    differs: frozenset[str]
    beside: Answers | None = None
    """The answer that makes the step before, if it changes what is on record."""
    instead_of: Mapping[str, object] = {}
    """The answers for all that the row's own are instead of, by field."""
    withheld: str = ""
    """Why the words for all are not taken, if they belong to another answer."""

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
            element = form_parser.element_of(why.place, step.question.fields)
            field = _field_at(step, element) if element else None
            # Of two commands, the first is that of the step before; both are of one day.
            if row.beside and step.beside_field and not why.number and field != _day_of(step):
                faults.append(RowFault(stream, step.beside_field, "", words))
                continue
            part = element.removeprefix(field.name) if field else ""
            faults.append(RowFault(stream, field, part, _with_reason(step, row, field, words)))
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
    A field that a row leaves blank has the answer for all; but words that belong to an answer are
    for those rows alone that have it.
    """
    withheld = _withheld(step, numbers, typed)
    differs = {
        stream: _differs(step, stream, typed).union([step.words] if stream in withheld else ())
        for stream in numbers
    }
    common = _common(step, typed, people)
    rows: dict[UUID, RowAnswers] = {}
    faults: list[RowFault] = []
    for stream in numbers:
        own = _own(step, stream, typed, differs[stream])
        answers = form_parser.read(step.question, own, people=people, in_row=True)
        beside = None if on_record is None else _beside(step, stream, typed, own, on_record)
        instead = {
            name: common[name]
            for name in differs[stream] & common.keys()
            if answers.command and getattr(answers.command, name) != common[name]
        }
        row = RowAnswers(answers, differs[stream], beside, instead, withheld.get(stream, ""))
        rows[stream] = row
        if beside and (field := step.beside_field) and field.name in beside.errors:
            faults.append(RowFault(stream, field, "", beside.errors[field.name]))
        for place, text in answers.errors.items():
            field = _field_at(step, place)
            why = _with_reason(step, row, field, text)
            faults.append(RowFault(stream, field, place.removeprefix(field.name), why))
    return GridAnswers(rows, placed(step, faults, numbers, differs, typed))


def in_words(
    step: BulkStep, stream: UUID, typed: Mapping[str, str], people: Inspectors
) -> list[tuple[str, str]]:
    """Return what was typed in one row, with the label of each answer; as typed if it is wrong."""
    beside = [(step.beside_field, step.beside)] if step.beside_field and step.beside else []
    fields = [*beside, *((field, step.command) for field in step.asked_in_rows)]
    return _in_words(fields, f"-{stream}", typed, people)


def common_in_words(
    step: BulkStep, typed: Mapping[str, str], people: Inspectors
) -> list[tuple[str, str]]:
    """Return what was typed for all rows, with the label of each answer; but no files."""
    shown = [f for f in step.for_all if not (f.from_record or f.kind == "documents")]
    return _in_words([(field, step.command) for field in shown], "", typed, people)


def _in_words(
    fields: Iterable[tuple[Field, Action]], of: str, typed: Mapping[str, str], people: Inspectors
) -> list[tuple[str, str]]:
    words: list[tuple[str, str]] = []
    for field, command in fields:
        if not is_typed(field, of, typed):
            continue
        own = {
            field.name + part: typed.get(f"{field.name}{of}{part}", "") for part in parts_of(field)
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


def _withheld(
    step: BulkStep, streams: Collection[UUID], typed: Mapping[str, str]
) -> dict[UUID, str]:
    """Return why the words for all are not those of some rows that have none of their own.

    They belong to the answer for all; if there is none, to that of the rows, if they have the same.
    """
    if not typed.get(step.words):
        return {}
    name = step.own[0]
    common = typed.get(name)
    answers = {
        stream: typed.get(f"{name}-{stream}") or common
        for stream in streams
        if not typed.get(f"{step.words}-{stream}")
    }
    if common:
        why = _("It has another answer than that for all, so the words for all are not used here.")
        return {stream: why for stream, own in answers.items() if own != common}
    why = _("The answers differ, so the words for all are not used here.")
    return dict.fromkeys(answers, why) if len({*filter(None, answers.values())}) > 1 else {}


def _with_reason(step: BulkStep, row: RowAnswers, field: Field | None, text: str) -> str:
    """An error about a row; about its words, with why those for all are not used for it."""
    if not row.withheld or field is None or field.name != step.words:
        return text
    return f"{text if text.endswith(('.', '?')) else f'{text}.'} {row.withheld}"


def _day_of(step: BulkStep) -> Field | None:
    return next((field for field in step.question.fields if field.name == ON.name), None)


def _beside(
    step: BulkStep,
    stream: UUID,
    typed: Mapping[str, str],
    own: Mapping[str, str],
    on_record: Mapping[UUID, str],
) -> Answers | None:
    """The answer of a row to the step before, of the same day.

    None if it is blank, or on record already.
    """
    if (field := step.beside_field) is None or step.beside is None:
        return None
    text = typed.get(f"{field.name}-{stream}", "")
    if not text or text == on_record.get(stream):
        return None
    day = {ON.name + part: own.get(ON.name + part, "") for part in parts_of(ON)}
    return form_parser.read(OF_COMMAND[step.beside], {field.name: text, **day})


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
