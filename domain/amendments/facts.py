"""Facts of a step: what each of its fields says, and whether everybody may read it."""

from typing import Final, cast

import msgspec

from domain.access.notices import PRIVATE_FIELDS, is_told
from domain.amendments.correction import notes_of
from domain.amendments.withdrawal import withdrawn_steps
from domain.checks import ABOUT_THE_RECORD, REPLIES
from domain.events.event import Event, History
from domain.events.recommendation import Section55Responded
from domain.vocabulary.values import FieldName

PUBLISHED_NOTES: Final[dict[type[Event], frozenset[str]]] = {
    Section55Responded: frozenset({"explanation", "chief_officer"})
}
"""The notes that everybody reads: a local policing body publishes its comments itself."""


def fields_of(event: Event) -> tuple[FieldName, ...]:
    """Return the names of the facts of a step that can be disputed: `on`, and every field."""
    if isinstance(event, (*ABOUT_THE_RECORD, *REPLIES)):
        return ()
    return "on", *_names(event)


def is_public_fact(history: History, step: int, field: FieldName) -> bool:
    """Return whether everybody may read a field of a step, as the record stands."""
    event = history[step - 1].event
    if step in withdrawn_steps(history) or not is_told(history[:step]):
        return False
    name, _, _ = field.partition(".")
    private = notes_of(type(event)) - PUBLISHED_NOTES.get(type(event), frozenset())
    return name not in private | PRIVATE_FIELDS


def value_of(event: Event, field: FieldName) -> object:
    """Return what a field of an event says; None if it says nothing, or is a date."""
    value: object = event
    for name in field.split("."):
        value = getattr(value, name, None)
    return value


def _names(event: Event) -> tuple[FieldName, ...]:
    plain: dict[str, object] = msgspec.to_builtins(event)
    names: list[FieldName] = []
    for name, value in plain.items():
        if isinstance(value, dict):
            names += [f"{name}.{inner}" for inner in cast("dict[str, object]", value)]
        elif name != "type" and not (name in notes_of(type(event)) and value is None):
            names.append(name)
    return tuple(names)
