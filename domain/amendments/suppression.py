"""Suppressions: a published text is taken out of every answer by two people.

The ledger keeps the entries as they were written, as their proof. A history is read with the
suppressed texts left out, by whoever reads it and whatever day or moment is asked for, so that
no answer can hold them.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeAlias, cast, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.checks import SUPPRESSED, SUPPRESSION_REQUESTED
from domain.commands.common import ApproveSuppression, RequestSuppression
from domain.commands.tidy import tidy_text
from domain.events.event import Event, History
from domain.events.recommendation import Corrected
from domain.events.report import ReportCorrected
from domain.vocabulary.dates import day_of
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import FieldName

_TypeAt: TypeAlias = Callable[[int], type[Event] | None]
"""Returns the type of the event at a step, as far as the step is among those that were read."""

_INSTEAD = "Text removed on "


class Place(Struct, frozen=True):
    """The place of a published text: a step, and the field of it that holds the text."""

    step: int
    field: FieldName


def notice(at: datetime) -> str:
    """Return the words in the place of a text that was suppressed at a moment."""
    return f"{_INSTEAD}{day_of(at)}"


def day_removed(text: object) -> date | None:
    """Return the day on which a text was suppressed; None if the value is any other."""
    if not isinstance(text, str) or not text.startswith(_INSTEAD):
        return None
    try:
        day = date.fromisoformat(text.removeprefix(_INSTEAD))
    except ValueError:
        return None
    return day if text == f"{_INSTEAD}{day}" else None


def suppressed(history: History, known: int = 0) -> History:
    """Return a history in which the texts that its suppressions name are replaced by notices.

    Each suppression reaches the entries before it, wherever they hold the same text. `known` is
    the number of entries whose suppressions were applied already.
    """
    if not any(isinstance(entry.event, SUPPRESSED) for entry in history[known:]):
        return history
    shown = list(history)
    # A step is not its number in a history without remarks.
    numbers = {entry.step: number for number, entry in enumerate(history)}

    def type_at(step: int) -> type[Event] | None:
        return type(history[numbers[step]].event) if step in numbers else None

    for number in range(known, len(shown)):
        approval = shown[number]
        if not isinstance(approval.event, SUPPRESSED):
            continue
        named = shown[numbers[approval.event.step]].event
        text = _texts(named, type_at).get(approval.event.field)
        if text is None or day_removed(text):
            continue
        tidy, instead = tidy_text(text), notice(approval.stamp.at)
        for earlier in range(number):
            shown[earlier] = _without(shown[earlier], type_at, tidy, instead)
    return shown


def texts(history: History, step: int) -> dict[FieldName, str]:
    """Return the published texts of a step, by the name under which a suppression names each."""
    return _texts(history[step - 1].event, lambda number: type(history[number - 1].event))


def places_of(history: History, text: str) -> tuple[Place, ...]:
    """Return every place of a history that holds a text, which a suppression of any removes."""
    return tuple(
        Place(entry.step, field)
        for entry in history
        for field, value in texts(history, entry.step).items()
        if tidy_text(value) == tidy_text(text)
    )


def last_suppression(history: History) -> datetime | None:
    """Return the moment at which a text of a history was last suppressed; None if never."""
    moments = [entry.stamp.at for entry in history if isinstance(entry.event, SUPPRESSED)]
    return max(moments, default=None)


def pending_suppression(history: History, step: int, field: FieldName) -> int:
    """Return the step that asks to suppress a text and awaits another person, or 0."""
    answered = {entry.event.request for entry in history if isinstance(entry.event, SUPPRESSED)}
    requests = (
        entry.step
        for entry in history
        if isinstance(entry.event, SUPPRESSION_REQUESTED)
        and (entry.event.step, entry.event.field) == (step, field)
        and entry.step not in answered
    )
    return next(requests, 0)


def check_suppression(
    history: History, command: RequestSuppression | ApproveSuppression, stamp: Stamp
) -> None:
    """Raise Refused unless a suppression may be requested, or approved by another person."""
    step, field = command.step, command.field
    if step > len(history):
        raise Refused(f"There is no step {step}. The last step is {len(history)}.")
    published = texts(history, step)
    if field not in published:
        names = ", ".join(sorted(published)) or "none"
        raise Refused(
            f"Step {step} has no published text called {field}. Its published texts: {names}."
        )
    requested = pending_suppression(history, step, field)
    if isinstance(command, RequestSuppression):
        if day := day_removed(published[field]):
            raise Refused(f"This text was already removed, on {day}.")
        if requested:
            raise Refused(
                f"This suppression was already requested at step {requested} and awaits approval."
            )
        return
    if not requested or command.request != requested:
        raise Refused(f"Step {command.request} is not a request to suppress this text.")
    if history[requested - 1].stamp.by == stamp.by:
        raise Refused(
            "The person who requested a suppression cannot approve it. Another person must."
        )


def text_fields(event: type[Event]) -> frozenset[str]:
    """Return the names of an event's fields that hold published text, by their types."""
    return _TEXT_FIELDS[event]


def _texts(event: Event, type_at: _TypeAt) -> dict[FieldName, str]:
    """Return the published texts of an event; a correction of a text quotes two."""
    fields = _TEXT_FIELDS[type(event)]
    if isinstance(event, Corrected | ReportCorrected):
        mended = type_at(event.step)
        if mended and event.field in _TEXT_FIELDS[mended]:
            fields |= {"was", "now"}
    values: dict[FieldName, str] = {}
    for name in sorted(fields):
        value: object = getattr(event, name)
        if isinstance(value, str):
            values[name] = value
        elif isinstance(value, tuple):
            items = cast("tuple[str, ...]", value)
            values |= {f"{name}.{number}": item for number, item in enumerate(items)}
    return values


def _without(entry: Entry[Event], type_at: _TypeAt, tidy: str, instead: str) -> Entry[Event]:
    """Return an entry with a text replaced wherever it stands; itself if it stands nowhere.

    A correction quotes a text in its tidy form, though an older entry may not have it so.
    """
    changed: dict[str, str | list[str]] = {}
    for place, value in _texts(entry.event, type_at).items():
        if tidy_text(value) != tidy:
            continue
        name, _, number = place.partition(".")
        if number:
            items = cast("list[str]", changed.setdefault(name, [*getattr(entry.event, name)]))
            items[int(number)] = instead
        else:
            changed[name] = instead
    if not changed:
        return entry
    fields = {name: tuple(new) if isinstance(new, list) else new for name, new in changed.items()}
    return replace(entry, event=replace(entry.event, **fields))


def _is_published(kind: msgspec.inspect.Type) -> bool:
    match kind:
        case msgspec.inspect.UnionType(types=kinds):
            return any(map(_is_published, kinds))
        case msgspec.inspect.VarTupleType(item_type=item):
            return _is_published(item)
        case msgspec.inspect.Metadata():
            return "published" in cast("dict[str, bool]", kind.extra or {})
        case _:
            return False


def _text_fields(event: type[Event]) -> frozenset[str]:
    info = msgspec.inspect.type_info(event)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101  for the type checker
    return frozenset(field.name for field in info.fields if _is_published(field.type))


_TEXT_FIELDS: dict[type[Event], frozenset[str]] = {
    event: _text_fields(event) for event in get_args(Event)
}
