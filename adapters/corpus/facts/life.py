"""Rows of the steps of a life as commands, and their events as cells.

The private text of a step is in the column `notes`. A row that has none is recorded with a text
that says so, since a step without its reason cannot be.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast, get_args
from uuid import UUID

import msgspec
from msgspec import NODEFAULT, Struct

from adapters.corpus.cells import columns_of
from adapters.corpus.facts.kinds import KINDS
from adapters.corpus.facts.names import PRIVATE_FIELDS, NamedEntry
from adapters.corpus.rows import NotedStep, StepRow
from domain.amendments.correction import CORRECTABLE, notes_of
from domain.commands.command import Command
from domain.commands.common import Correct
from domain.commands.recommendation import Close, Withdraw
from domain.events.event import Event
from domain.events.report import ReportCorrected
from domain.vocabulary.ids import recommendation_id
from domain.vocabulary.values import Plain, Reference, When

NOT_IN_FILE = "The imported file has no text here."
_WORDS: dict[type[Event], str] = {
    **{kind.event: word for word, kind in KINDS.items()},
    ReportCorrected: "correct",
}
NOTED_COLUMNS = frozenset(
    {"said_by", "answer", "level", "address", "text", "source", "confidence", "notes", "reference"}
)
"""The columns of a step that a source mentions."""
NOTED_REQUIRED = ("said_by", "text", "source", "confidence")
_OF_ANY = frozenset(
    {"step_id", "rec_id", "product_id", "force_code", "type", "date", "date_precision", "notes"}
    | {"recorded", "recorded_by"}
)
_MAY_BE_EMPTY = frozenset({"notes", "procedure", "was", "now"})
_ALLOWED = {
    column.name: column.allowed.removesuffix(", or empty") for column in columns_of(StepRow)
}


def _typed(event: type[Struct], outer: str = "") -> Iterator[tuple[str, type]]:
    """Yield the fields of an event that are whole numbers, or true or false, with their type."""
    for field in msgspec.structs.fields(event):
        kind, name = msgspec.inspect.type_info(field.type), outer + field.name
        if isinstance(kind, msgspec.inspect.UnionType):
            kind = kind.types[0]
        if isinstance(kind, msgspec.inspect.Metadata):
            kind = kind.type
        match kind:
            case msgspec.inspect.StructType(cls=inner):
                yield from _typed(inner, f"{name}.")
            case msgspec.inspect.IntType():
                yield name, int
            case msgspec.inspect.BoolType():
                yield name, bool
            case _:
                pass


_PLAIN = {name: kind for event in CORRECTABLE for name, kind in _typed(event)}
"""The types of the corrected values that are no text."""


def is_life(row: StepRow) -> bool:
    """Return whether a row is a step of a life, not one that a source mentions."""
    return row.type in KINDS


class StepColumns(Struct, frozen=True):
    """The columns that a type of step must have, and those that it has no use for.

    `private` are the fields of its command for which the file may have no text.
    """

    required: tuple[str, ...]
    unused: tuple[str, ...]
    private: tuple[str, ...]


def _columns_of_type(word: str) -> StepColumns:
    if word not in KINDS:
        return StepColumns(NOTED_REQUIRED, _unused(NOTED_COLUMNS), ())
    kind = KINDS[word]
    needs = [
        field.name
        for field in msgspec.structs.fields(kind.command)
        if field.name in kind.columns and field.default is NODEFAULT
    ]
    required = (kind.columns[name] for name in needs)
    return StepColumns(
        tuple(column for column in required if column not in _MAY_BE_EMPTY),
        _unused(kind.columns.values()),
        tuple(name for name in needs if name in notes_of(kind.event)),
    )


def _unused(used: Collection[str]) -> tuple[str, ...]:
    return tuple(c for c in StepRow.__struct_fields__ if c not in used and c not in _OF_ANY)


_COLUMNS = {word: _columns_of_type(word) for word in (*get_args(NotedStep), *KINDS)}


def unfit_columns(row: StepRow) -> Iterator[tuple[str, str, str]]:
    """Yield each column that a step of its type lacks, or does not have."""
    columns = _COLUMNS[row.type]
    for column in columns.required:
        if getattr(row, column) is None:
            yield column, "is empty", _ALLOWED[column]
    for column in columns.unused:
        if getattr(row, column) is not None:
            yield column, f"is not empty, but {row.type} has no such column", "empty"
    if row.type in {"correct", "close"} and row.about and len(row.about) > 1:
        yield "about", f"names {len(row.about)} rows", "one row"


def life_command(row: StepRow, on: When) -> Command:
    """Return the command of a step of a life; what it is `about` is filled in by `about_steps`.

    Raises ValidationError if a corrected value has not the form of its field.
    """
    kind = KINDS[row.type]
    values = {name: getattr(row, column) for name, column in kind.columns.items()}
    for name in _COLUMNS[row.type].private:
        values[name] = values[name] or NOT_IN_FILE
    if row.outcome == "changes_requested":
        values["remarks"] = row.notes or NOT_IN_FILE
    if "procedure" in values and row.follow_up is not None:
        values["procedure"] = row.procedure or NOT_IN_FILE
    if values.get("superseded_by"):
        values["superseded_by"] = _stream(values["superseded_by"])
    if kind.command is Correct:
        field = row.field or ""
        values |= {"step": 1, "was": _plain(field, row.was), "now": _plain(field, row.now)}
    elif kind.command is Withdraw:
        values["steps"] = ()
    elif kind.command is Close:
        values["proposal"] = None
    return kind.command(**values, on=on)


def about_steps(command: Command, steps: tuple[int, ...]) -> Command:
    """Return a command with the numbers of the steps that it is about."""
    match command:
        case Correct():
            return msgspec.structs.replace(command, step=steps[0])
        case Withdraw():
            return msgspec.structs.replace(command, steps=steps)
        case Close():
            return msgspec.structs.replace(command, proposal=steps[0])
        case _:
            return command


def life_cells(row: NamedEntry, references: Mapping[UUID, Reference]) -> dict[str, Any]:
    """Return the type and the own columns of a step of a life, without what is private."""
    if not row.shown:
        return {"type": "comment"}
    event, about = row.entry.event, row.about
    word = _WORDS[type(event)]
    kind, private = KINDS[word], notes_of(type(event))
    cells: dict[str, Any] = {"type": word}
    for name, column in kind.columns.items():
        if column == "about":
            cells[column] = about
        elif name not in private | PRIVATE_FIELDS:
            cells[column] = getattr(event, kind.renamed.get(name, name))
    if isinstance(named := cells.get("superseded_by"), UUID):
        cells["superseded_by"] = references.get(named, str(named))
    return cells


def _stream(name: Reference) -> UUID:
    """Return the stream of a recommendation, by its reference or its id."""
    try:
        return UUID(name)
    except ValueError:
        return recommendation_id(name)


def _plain(field: str, cell: str | None) -> Plain:
    kind = _PLAIN.get(field, str)
    value = {"true": True, "false": False}.get(cell or "", cell) if kind is bool else cell
    return cast("Plain", msgspec.convert(value, kind | None, strict=kind is not int))
