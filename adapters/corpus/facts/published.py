"""The published facts of a stream as rows of the import's files.

A row states an entry as it was first recorded, when and in which role. Notes are in no row, nor is
a text that was suppressed: its notice is in its place.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct

from adapters.corpus.cells import split
from adapters.corpus.facts.life import life_cells
from adapters.corpus.facts.names import NamedEntry, named_entries
from adapters.corpus.rows import AREA_TO_IMPROVE, PRODUCTS, RECOMMENDATIONS, WORDINGS
from domain.amendments.suppression import day_removed
from domain.events.event import Event, History
from domain.events.recommendation import Issued, MilestoneNoted, OutcomeNoted
from domain.events.report import (
    AreaNoted,
    ReportMilestoneNoted,
    ReportOutcomeNoted,
    ReportPublished,
)
from domain.vocabulary.actors import Role
from domain.vocabulary.dates import precision
from domain.vocabulary.entry import Stamp
from domain.vocabulary.values import Area, Code, Reference, Topic, When, Wording

Cells = dict[str, Any]
_PUBLISHED_NOTES = {"explanation": "text", "chief_officer": "chief_officer"}
"""The notes that are published, those of comments under section 55, and their columns."""
_SEEN = {wording: seen for seen, wording in WORDINGS.items()}


class StreamPlace(Struct, frozen=True):
    """The report of a stream, whom the stream addresses, and its own reference."""

    product: Reference
    force: Code
    reference: Reference


class PublishedRow(Struct, frozen=True):
    """A row of one of the files; a column that is not among the cells is empty."""

    file: str
    cells: Cells


def published_rows(
    history: History,
    place: StreamPlace,
    references: Mapping[UUID, Reference],
    notes: Mapping[UUID, Mapping[str, str]],
) -> Iterator[PublishedRow]:
    """Yield the rows of a report or of a recommendation, in the order of its entries.

    `references` are those of the recommendations by stream, and `notes` the published ones by
    entry.
    """
    first = history[0].event
    on = history[0].stamp.on
    subject = (first.area, first.topic) if isinstance(first, Issued) else None
    for row in named_entries(history):
        stamp = row.entry.stamp
        cells = _cells(row, place, on, subject, references)
        if texts := notes.get(row.entry.id):
            cells |= {_PUBLISHED_NOTES[field]: text for field, text in texts.items()}
        cells |= {"recorded": stamp.first_at, "recorded_by": _role(stamp)}
        yield PublishedRow(row.file, cells)


def named_rows(history: History, place: StreamPlace) -> Iterator[PublishedRow]:
    """Yield the rows of a stream in the first two files, by which other rows can name it."""
    for row in named_entries(history, imported=True):
        if row.file in {PRODUCTS, RECOMMENDATIONS}:
            yield PublishedRow(row.file, _cells(row, place, history[0].stamp.on, None, {}))


def _cells(
    row: NamedEntry,
    place: StreamPlace,
    published: When,
    subject: tuple[Area, Topic | None] | None,
    references: Mapping[UUID, Reference],
) -> Cells:
    event, stamp, name = row.entry.event, row.entry.stamp, row.name
    match event:
        case ReportPublished():
            return _product(event, stamp)
        case Issued():
            return {
                "rec_id": name,
                "force_code": event.addressee,
                "product_id": place.product,
                "ordinal": event.ordinal,
                "register_id": event.register_id,
                "item_type": event.kind,
                "source": event.sources,
                "cause": event.cause,
                **_asked(event),
            }
        case AreaNoted():
            return {
                "rec_id": name,
                "force_code": place.force,
                "product_id": place.product,
                "item_type": AREA_TO_IMPROVE,
                "source": tuple(split(event.source)),
                "date": stamp.on if stamp.on != published else None,
                "reference": _other(event.reference, name),
                **_asked(event),
            }
        case OutcomeNoted() | ReportOutcomeNoted():
            return _outcome(event, row, place, subject)
        case _:
            return _step(event, row, place, references)


def _product(event: ReportPublished, stamp: Stamp) -> Cells:
    start, end = _day(event.fieldwork_from), _day(event.fieldwork_to)
    mixed = start is not None and end is not None and precision(start) != precision(end)
    return {
        "product_id": event.reference,
        "force_code": event.addressee,
        "kind": event.product,
        "in_programme": "yes" if event.programme else "no",
        "edition": event.edition,
        "title": event.title,
        "first_published": _day(stamp.on),
        "first_published_precision": precision(stamp.on),
        "page_date": _day(event.page_date),
        "fieldwork_start": start,
        "fieldwork_end": end,
        "fieldwork_precision": None if mixed else precision(start or end or "unknown"),
        "recommendations_count": event.recommendations_stated,
        "causes_of_concern_count": event.causes_of_concern_stated,
        **{f"cases_{name}": getattr(event.cases, name) for name in event.cases.__struct_fields__},
        **{f"grade_{name}": getattr(event.grades, name) for name in event.grades.__struct_fields__},
        "follows_product_id": event.follows,
        "url": event.address,
        "url_publisher": event.publisher,
        "source": event.sources,
        "confidence": event.confidence,
    }


def _asked(event: Issued | AreaNoted) -> Cells:
    return {
        "text_seen": _SEEN[_wording(event)],
        "time_limit": event.time_limit,
        "area": event.area,
        "topic": event.topic,
        "paraphrase": event.text,
        "confidence": event.confidence,
    }


def _wording(event: Issued | AreaNoted) -> Wording:
    """Return how the text of a row relates to the published one: a notice of removal is not it."""
    removed = event.wording == "verbatim" and day_removed(event.text)
    return "paraphrase" if removed else event.wording


def _outcome(
    event: OutcomeNoted | ReportOutcomeNoted,
    row: NamedEntry,
    place: StreamPlace,
    subject: tuple[Area, Topic | None] | None,
) -> Cells:
    if isinstance(event, ReportOutcomeNoted):
        area, topic = event.area, event.topic
    else:
        area, topic = subject or ("unknown", None)
    return {
        "outcome_id": row.name,
        "rec_id": place.reference if isinstance(event, OutcomeNoted) else None,
        "force_code": place.force,
        "product_id": place.product,
        "reported_in_product_id": event.reported_in,
        "area": area,
        "topic": topic,
        "reported_progress": event.text,
        "derived_code": event.reading,
        "register_status": event.register_status,
        **_said(event, row),
    }


def _step(
    event: Event, row: NamedEntry, place: StreamPlace, references: Mapping[UUID, Reference]
) -> Cells:
    stamp = row.entry.stamp
    cells = {
        "step_id": row.name,
        "rec_id": place.reference if place.reference != place.product else None,
        "force_code": place.force,
        "product_id": place.product,
    }
    if isinstance(event, MilestoneNoted | ReportMilestoneNoted):
        return {
            **cells,
            "force_code": event.force or place.force,
            "type": event.milestone,
            "answer": event.answer,
            "level": event.level,
            "address": event.address,
            "text": event.text,
            **_said(event, row),
        }
    return {
        **cells,
        "date": _day(stamp.on),
        "date_precision": precision(stamp.on),
        **life_cells(row, references),
    }


def _said(
    event: OutcomeNoted | ReportOutcomeNoted | MilestoneNoted | ReportMilestoneNoted,
    row: NamedEntry,
) -> Cells:
    on = row.entry.stamp.on
    return {
        "date": _day(on),
        "date_precision": precision(on),
        "said_by": event.said_by,
        "source": event.source,
        "confidence": event.confidence,
        "reference": _other(event.reference, row.name),
    }


def _role(stamp: Stamp) -> Role | None:
    return stamp.first_role if stamp.first_role is not Role.IMPORTER else None


def _other(reference: Reference, name: Reference) -> Reference | None:
    """Return the reference of an entry if its row has another name."""
    return reference if reference != name else None


def _day(when: When | None) -> When | None:
    return None if when == "unknown" else when
