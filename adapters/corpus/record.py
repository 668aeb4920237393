"""Comparison of a corpus row with the record, as it was first made.

Corrections are no difference, nor are private notes and suppressed texts, which were removed.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.corpus.cells import SEPARATOR, shown
from adapters.corpus.facts.kinds import BY_COMMAND
from adapters.corpus.facts.life import NOT_IN_FILE
from adapters.corpus.facts.names import PRIVATE_FIELDS, NamedEntry, named_entries
from adapters.corpus.reading import CorpusStep
from adapters.corpus.rows import OUTCOMES, PRODUCTS, RECOMMENDATIONS, STEPS
from adapters.corpus.sheets import RowProblem
from domain.amendments.correction import notes_of
from domain.amendments.suppression import day_removed
from domain.commands.command import Command
from domain.commands.common import Correct
from domain.commands.recommendation import Comment, NoteMilestone, NoteOutcome
from domain.commands.report import (
    Issue,
    NoteArea,
    NoteReportMilestone,
    NoteReportOutcome,
    PublishReport,
)
from domain.commands.tidy import tidy_value
from domain.events.event import Event
from domain.events.recommendation import Issued, MilestoneNoted, OutcomeNoted
from domain.events.report import (
    AreaNoted,
    ReportCorrected,
    ReportMilestoneNoted,
    ReportOutcomeNoted,
    ReportPublished,
)
from domain.vocabulary.entry import Entry
from domain.vocabulary.ids import recommendation_id
from domain.vocabulary.values import Reference

_EVENTS: dict[type[Command], type[Event]] = {
    PublishReport: ReportPublished,
    Issue: Issued,
    NoteArea: AreaNoted,
    NoteOutcome: OutcomeNoted,
    NoteReportOutcome: ReportOutcomeNoted,
    NoteMilestone: MilestoneNoted,
    NoteReportMilestone: ReportMilestoneNoted,
    **{command: kind.event for command, kind in BY_COMMAND.items()},
}
_COLUMNS: dict[str, dict[str, str]] = {
    PRODUCTS: {
        "on": "first_published",
        "reference": "product_id",
        "addressee": "force_code",
        "product": "kind",
        "address": "url",
        "programme": "in_programme",
        "fieldwork_from": "fieldwork_start",
        "fieldwork_to": "fieldwork_end",
        "recommendations_stated": "recommendations_count",
        "causes_of_concern_stated": "causes_of_concern_count",
        "follows": "follows_product_id",
        "sources": "source",
        "publisher": "url_publisher",
    },
    RECOMMENDATIONS: {
        "reference": "rec_id",
        "addressee": "force_code",
        "kind": "item_type",
        "text": "paraphrase",
        "sources": "source",
        "wording": "text_seen",
    },
    OUTCOMES: {
        "on": "date",
        "reference": "outcome_id",
        "text": "reported_progress",
        "reading": "derived_code",
        "reported_in": "reported_in_product_id",
    },
    STEPS: {
        "on": "date",
        "reference": "step_id",
        "milestone": "type",
        "force": "force_code",
    },
}
"""The column that a field of the record comes from, where the two have different names."""
_NOT_COMPARED = frozenset({"type", "step", "steps", "proposal", "documents", "assignee"})
"""Fields that `about` compares by name, and private ones, which no file has."""
_MAY_BE_MISSING = frozenset({"about", "publisher", "cases.adequate", "cause", *PRIVATE_FIELDS})
"""Fields of columns that a file may lack; one that says nothing of them is no difference."""


def recorded_rows(
    histories: Iterable[Sequence[Entry[Event]]],
) -> dict[tuple[str, Reference], NamedEntry]:
    """Return the entries that rows can name, by the file and the name of the row."""
    return {
        (row.file, row.name): row
        for history in histories
        for row in named_entries(history, imported=True)
    }


def streams_of(steps: Iterable[CorpusStep]) -> set[UUID]:
    """Return every stream that may have a row on record, whatever its kind there."""
    streams: set[UUID] = set()
    for step in steps:
        streams.add(step.stream)
        if step.file == RECOMMENDATIONS:
            streams.add(recommendation_id(step.reference))
    return streams


def differences(step: CorpusStep, recorded: NamedEntry) -> Iterator[RowProblem]:
    """Yield each column in which a row differs from its entry as first recorded."""
    entry = recorded.entry
    if elsewhere := _elsewhere(step, entry):
        wrong, allowed = "is already on record elsewhere", "as on record; correct it there instead"
        yield RowProblem(step.file, step.line, elsewhere, wrong, allowed)
        return
    row, record = _fields(step.command), _fields(entry.event)
    kind = BY_COMMAND.get(type(step.command))
    for name, field in kind.renamed.items() if kind else ():
        record[name] = record.pop(field)
    columns = _COLUMNS[step.file] | (kind.columns if kind else {})
    ignored = notes_of(type(entry.event)) | _NOT_COMPARED
    row["about"], record["about"] = step.about or None, recorded.about or None
    if step.origin and step.origin.at:
        row["recorded"], record["recorded"] = step.origin.at, entry.stamp.first_at
    if step.file != RECOMMENDATIONS:  # which have their date from the product's row
        record = {"on": entry.stamp.on, **record}
    if _was_suppressed(record.get("text")):
        ignored |= {"wording"}  # that of the notice, in a file
    for field in record:
        if field in ignored or field not in row or row[field] == tidy_value(record[field]):
            continue
        if field in _MAY_BE_MISSING and row[field] in {None, NOT_IN_FILE}:
            continue
        if _was_suppressed(record[field]):
            continue
        column = columns.get(field, field)
        column = column.replace("cases.", "cases_").replace("grades.", "grade_")
        wrong = f"is {_said(row[field])}, already on record as {_said(record[field])}"
        allowed = f"{_said(record[field])}; correct it there instead"
        yield RowProblem(step.file, step.line, column, wrong, allowed)


def _was_suppressed(value: object) -> bool:
    parts = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)
    return any(map(day_removed, parts))


def _elsewhere(step: CorpusStep, recorded: Entry[Event]) -> str:
    """Return the column that makes a row another kind of step, or moves it."""
    kind = _EVENTS[type(step.command)]
    if type(recorded.event) is not kind and not _may_be(step, recorded):
        if step.origin and type(step.command) in BY_COMMAND:
            return "type"
        return "item_type" if step.file == RECOMMENDATIONS else "rec_id"
    if isinstance(recorded.event, Issued):
        return "" if recorded.event.report == step.stream else "product_id"
    if step.stream != recorded.stream:
        of_report = isinstance(step.command, NoteReportOutcome | NoteReportMilestone | NoteArea)
        return "product_id" if of_report else "rec_id"
    return ""


def _may_be(step: CorpusStep, recorded: Entry[Event]) -> bool:
    """Return whether a command can be that of an event with another name."""
    if isinstance(step.command, Correct):
        return isinstance(recorded.event, ReportCorrected)
    return isinstance(step.command, Comment)  # as which a file has what it may not tell


def _fields(message: Struct) -> dict[str, Any]:
    """Return all fields; a nested field by both names, as in a correction."""
    fields: dict[str, Any] = msgspec.to_builtins(message)
    for outer in ("cases", "grades"):
        inner: dict[str, Any] = fields.pop(outer, {})
        fields.update({f"{outer}.{name}": value for name, value in inner.items()})
    if isinstance(message, Issue):
        (fields["addressee"],) = message.addressees
    return fields


def _said(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, tuple):
        return shown(SEPARATOR.join(cast("tuple[str, ...]", value)))
    return shown(str(value))
