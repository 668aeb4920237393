"""A row of the corpus held against the record, as it was first made.

Corrections are no difference, nor are private notes, which may have been removed.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias, cast
from uuid import UUID

import msgspec

from adapters.corpus.cells import SEPARATOR, shown
from adapters.corpus.reading import OUTCOMES, PRODUCTS, RECOMMENDATIONS, Step
from adapters.corpus.sheets import Problem
from domain.correction import notes_of
from domain.events.event import Event
from domain.events.recommendation import Issued, OutcomeNoted
from domain.events.report import AreaNoted, ReportOutcomeNoted, ReportPublished
from domain.vocabulary.entry import Entry
from domain.vocabulary.ids import recommendation_id

Named: TypeAlias = ReportPublished | Issued | AreaNoted | OutcomeNoted | ReportOutcomeNoted
"""What has a reference that is given once."""

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
}
"""The column that a field of the record comes from, where the two have different names."""
_DERIVED = frozenset({"on", "edition", "report"})
"""What a recommendation has from its product: a difference is named there, and only there."""


def name_of(event: Named) -> tuple[str, str]:
    """What a step is known by: the file that its reference is from, and the reference."""
    match event:
        case ReportPublished():
            return PRODUCTS, event.reference
        case Issued() | AreaNoted():
            return RECOMMENDATIONS, event.reference
        case OutcomeNoted() | ReportOutcomeNoted():
            return OUTCOMES, event.reference


def streams_of(steps: Iterable[Step]) -> set[UUID]:
    """Every stream in which the record may know of some steps, under this kind or another."""
    found: set[UUID] = set()
    for step in steps:
        found |= {step.stream, step.entry.stream}
        if isinstance(step.entry.event, AreaNoted):
            found.add(recommendation_id(step.entry.event.reference))
    return found


def differences(step: Step, recorded: Entry[Event]) -> Iterator[Problem]:
    """Where a row says something else than the record did at first."""
    if elsewhere := _elsewhere(step, recorded):
        wrong, allowed = "is already on record elsewhere", "as on record; correct it there instead"
        yield Problem(step.file, step.line, elsewhere, wrong, allowed)
        return
    here, there = _fields(step.entry), _fields(recorded)
    beside = notes_of(type(step.entry.event))
    if step.file == RECOMMENDATIONS:
        beside |= _DERIVED
    for field, value in here.items():
        if field in beside or value == there[field]:
            continue
        column = _COLUMNS[step.file].get(field, field.replace("cases.", "cases_"))
        wrong = f"is {_said(value)}, already on record as {_said(there[field])}"
        allowed = f"{_said(there[field])}; correct it there instead"
        yield Problem(step.file, step.line, column.replace("grades.", "grade_"), wrong, allowed)


def _elsewhere(step: Step, recorded: Entry[Event]) -> str:
    """The column by which a row has become another kind of step, or one of another stream."""
    here, there = step.entry.event, recorded.event
    if type(here) is not type(there):
        return "rec_id" if step.file == OUTCOMES else "item_type"
    if isinstance(here, Issued) and isinstance(there, Issued):
        return "product_id" if here.report != there.report else ""
    if step.entry.stream != recorded.stream:
        return "rec_id" if isinstance(here, OutcomeNoted) else "product_id"
    return ""


def _fields(entry: Entry[Event]) -> dict[str, Any]:
    """The fields of an entry; one within another by both names, as a correction writes it."""
    plain: dict[str, Any] = {"on": entry.stamp.on, **msgspec.to_builtins(entry.event)}
    for outer in ("cases", "grades"):
        inner: dict[str, Any] = plain.pop(outer, {})
        plain.update({f"{outer}.{name}": value for name, value in inner.items()})
    return plain


def _said(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, tuple):
        return shown(SEPARATOR.join(cast("tuple[str, ...]", value)))
    return shown(str(value))
