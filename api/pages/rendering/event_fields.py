"""The fields of an event in words, whichever they are: a new field is shown without a line here.

Names come from `labels.FIELDS`, codes from the tables below, and the rest from a field's type.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from msgspec import Struct, structs

from adapters.documents.store import Stored
from api.pages.rendering import formatting, labels
from api.pages.rendering.formatting import Source
from api.pages.rendering.language import Table
from api.pages.rendering.language import gettext as _
from domain.amendments.correction import notes_of
from domain.amendments.redaction import document_of
from domain.events.correspondence import DisputeFields
from domain.events.event import Event
from domain.events.recommendation import Corrected
from domain.events.report import ReportCorrected
from domain.vocabulary.values import ActorId, Code, Sha256, StepNumber, TimeLimit, Topic, When

CODES: Mapping[str, Table] = {
    "answer": labels.ANSWERS,
    "area": labels.AREAS,
    "confidence": labels.CONFIDENT,
    "edition": labels.EDITIONS,
    "finding": labels.FINDINGS,
    "grades": labels.GRADES,
    "ground": labels.GROUNDS,
    "kind": Table({**labels.KINDS.english, **labels.FOLLOW_UPS.english}),
    "level": labels.ASSURANCE,
    "milestone": labels.MILESTONES,
    "outcome": labels.OUTCOMES,
    "party": labels.WITH_RIGHT_OF_REPLY,
    "product": labels.PRODUCTS,
    "reading": labels.READINGS,
    "reason": labels.CLOSED,
    "result": labels.DISPUTE_RESULTS,
    "register_status": labels.REGISTER_STATUSES,
    "said_by": labels.SAID_BY,
    "standing": labels.STANDINGS,
    "wording": labels.WORDINGS,
}
"""The words of the codes in a field, by its name."""
LINES = frozenset({"source", "sources", "address"})
"""Fields that name a source, which may be an address."""
PLACES = {"report": "/reports", "superseded_by": "/recommendations"}
"""The pages of the streams that a field names."""
INSPECTORS = ("assignee", "second_reader")
"""Fields that name an inspector by the identifier."""
CORRECTIONS = (Corrected, ReportCorrected)


class EventField(Struct, frozen=True):
    """A field of an event: its name and its values in words, with their links."""

    label: str
    values: tuple[Source, ...]
    name: str = ""


class Links(Struct, frozen=True):
    """The addresses that fields lead to: the stream's, and that of each of its steps."""

    stream: str
    step: Callable[[int], str]
    stored: Mapping[Sha256, Stored] = MappingProxyType({})
    """The documents that are known by the names of their files."""
    names: Mapping[UUID, str] = MappingProxyType({})
    """The reports and recommendations that fields name, by their titles."""
    people: Mapping[ActorId, str] = MappingProxyType({})
    """The inspectors that fields name, by their names, as far as the reader may see them."""

    def document(self, name: Sha256) -> Source:
        """Return a document by the name of its file, with its address unless it was removed."""
        address = f"/v1{self.stream}/documents/{name}"
        stored = self.stored.get(name)
        if stored is None:
            return Source(f"evidence-{name[:12]}", address)
        if stored.removed:
            return Source(_("%(file)s. The document was removed.", file=stored.file_name))
        return Source(stored.file_name, address)


def fields_of(event: Event, links: Links, corrected: Event | None = None) -> list[EventField]:
    """Return every published field that has a value; `corrected` is what a correction is about."""
    return [
        EventField(
            label_of(type(event), name),
            tuple(
                source
                for item in _items(value)
                for source in _sources(event, name, item, links, corrected)
            ),
            name,
        )
        for name, value in _values(event)
    ]


def streams_of(event: Event) -> Iterator[UUID]:
    """Yield the other streams that the fields of an event name."""
    for name, value in _values(event):
        if name in PLACES and isinstance(value, UUID):
            yield value


def inspectors_of(event: Event) -> Iterator[ActorId]:
    """Yield the inspectors that the fields of an event name."""
    yield from (actor for name in INSPECTORS if (actor := getattr(event, name, None)))


def label_of(event: type[Struct], name: str) -> str:
    """Return the name of a field, or of a note, in words."""
    for key in (f"{event.__name__}.{name}", name):
        for table in (labels.NOTES, labels.FIELDS):
            if key in table:
                return table[key]
    return name


def words(event: type[Struct], name: str, value: object) -> str:  # noqa: PLR0911  a table
    """Return the value of a field in words; an empty string for None."""
    kind = kind_of(event, name)
    match value:
        case None:
            return ""
        case bool():
            return labels.FLAGS[str(value).lower()]
        case "unknown" if kind == When:
            return formatting.undated()
        case str() if kind == When:
            return formatting.day(value)
        case str() if kind == TimeLimit:
            return formatting.limit(value)
        case str() if kind == Code:
            return formatting.force(value)
        case str() if kind == Topic:
            return value.replace("_", " ")
        case str() if is_code(kind):
            return CODES[name.partition(".")[0]][value]
        case _:
            return formatting.published(str(value))


def kind_of(event: type[Struct], name: str) -> Any:  # noqa: ANN401  a type expression
    """Return the type of a field, which may be within another, without None."""
    hint = hint_of(event, name)
    kinds = [kind for kind in _kinds(hint) if kind is not type(None)]
    return kinds[0] if len(kinds) == 1 else hint


def hint_of(event: type[Struct], name: str) -> Any:  # noqa: ANN401  a type expression
    """Return the type of a field, which may be within another."""
    if name == "on":
        return When
    outer, _dot, inner = name.partition(".")
    hint = _hints(event)[outer]
    return hint_of(hint, inner) if inner else hint


def is_code(kind: Any) -> bool:  # noqa: ANN401  a type expression
    """Return whether a type is a closed list of codes."""
    return get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, StrEnum))


def _kinds(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401  a type expression
    """Return the members of a type; those of its items, if it is a tuple."""
    if get_origin(hint) is tuple:
        return (get_args(hint)[0],)
    kinds: tuple[Any, ...] = get_args(hint)
    return kinds if type(None) in kinds else (hint,)


def _values(event: Struct, outer: str = "") -> Iterator[tuple[str, object]]:
    """Yield the fields that have a value, by name; notes are not among them."""
    notes = notes_of(cast("type[Event]", type(event))) if not outer else frozenset[str]()
    for field in structs.fields(event):
        value: object = getattr(event, field.name)
        if field.name in notes or value is None or value == ():
            continue
        if isinstance(value, Struct):
            yield from _values(value, f"{outer}{field.name}.")
        else:
            yield outer + field.name, value


def _items(value: object) -> tuple[object, ...]:
    return cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)


def _sources(  # noqa: PLR0911  a table
    event: Event, name: str, value: object, links: Links, corrected: Event | None
) -> tuple[Source, ...]:
    """Return a value in words, with its link."""
    kind = kind_of(type(event), name)
    if name == "field":
        return (_field_named(event, str(value), links, corrected),)
    if isinstance(event, CORRECTIONS) and corrected is not None and name in {"was", "now"}:
        return (Source(words(type(corrected), event.field, value)),)
    if name in INSPECTORS:
        return (Source(links.people.get(str(value), str(value))),)
    if name in LINES:
        return tuple(formatting.sources(str(value)))
    if kind == StepNumber:
        number = int(str(value))
        return (Source(formatting.step(number), links.step(number)),)
    if kind == Sha256:
        return (links.document(str(value)),)
    if isinstance(value, UUID):
        return (Source(links.names.get(value, str(value)), f"{PLACES[name]}/{value}"),)
    return (Source(words(type(event), name, value)),)


def _field_named(event: Event, name: str, links: Links, corrected: Event | None) -> Source:
    """Return a field, a note or a document that an event is about."""
    if isinstance(event, CORRECTIONS) and corrected is not None:
        return Source(label_of(type(corrected), name))
    if isinstance(event, DisputeFields):
        return Source(label_of(DisputeFields, name))
    document = document_of(name)
    return links.document(document) if document else Source(labels.NOTES.get(name, name))


@cache
def _hints(event: type[Struct]) -> dict[str, Any]:
    return get_type_hints(event, include_extras=True)
