"""Errors of a form for several recommendations: each once, where its answer was given."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from api.pages.record.form_fields import Field
from api.pages.record.several.grid import BulkStep, in_row, is_typed, parts_of
from api.pages.rendering.language import gettext as _


class RowFault(NamedTuple):
    """An error of one row: its field, if it is about one, and the part of that."""

    stream: UUID
    field: Field | None
    part: str
    text: str


def placed(
    step: BulkStep,
    faults: Iterable[RowFault],
    numbers: Mapping[UUID, int],
    differs: Mapping[UUID, Collection[str]],
    typed: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the errors by the element that each leads to.

    An error is beside the answer that it is about: in a row that answers the field by itself, and
    else at the answer for all, once, with the numbers of the rows unless it is about all of them.
    An answer that only one of several rows lacks is asked for there; `typed` has those for all. If
    a rule refuses the answer for all in one of several rows, that is said there too: then none are
    passed.
    """
    errors: dict[str, str] = {}
    shared: dict[tuple[str, str, str], list[UUID]] = {}
    fields = {field.name: field for field in step.for_all}
    for fault in faults:
        if fault.field is None:
            errors[f"row-{fault.stream}"] = in_row(numbers[fault.stream], fault.text)
        elif fault.field not in step.for_all or fault.field.name in differs[fault.stream]:
            _put(errors, _in_row(fault), in_row(numbers[fault.stream], fault.text))
        else:
            key = (fault.field.name, fault.part, fault.text)
            shared.setdefault(key, []).append(fault.stream)
    for (name, part, text), streams in shared.items():
        field = fields[name]
        own = field in step.in_rows and not (typed and is_typed(field, "", typed))
        if len(streams) == len(numbers):
            _put(errors, field.name + part, text)
        elif own and len(streams) == 1:
            fault = RowFault(streams[0], field, part, text)
            _put(errors, _in_row(fault), in_row(numbers[fault.stream], text))
        else:
            _put(errors, field.name + part, in_rows([numbers[s] for s in streams], text))
    return in_page_order(step, numbers, errors)


def in_rows(numbers: Sequence[int], text: str) -> str:
    """An error with the numbers of its rows."""
    if len(numbers) == 1:
        return in_row(numbers[0], text)
    return _(
        "Recommendations %(numbers)s and %(last)s: %(error)s",
        numbers=", ".join(map(str, numbers[:-1])),
        last=numbers[-1],
        error=text,
    )


def in_page_order(
    step: BulkStep, streams: Iterable[UUID], errors: Mapping[str, str]
) -> dict[str, str]:
    """Return errors in the order of their elements: those about the whole, for all, and of rows."""
    elements = [name for field in step.for_all for name in _names(field.name, field)]
    beside = [step.beside_field] if step.beside_field else []
    own = sorted(step.in_rows, key=lambda field: field.name not in step.own)
    shown = [field for field in own if field.name in step.own]
    folded = [field for field in own if field.name not in step.own]
    for stream in streams:
        elements += [f"row-{stream}", f"of-{stream}"]
        for field in (*shown, *beside, *folded):
            elements += _names(f"{field.name}-{stream}", field)
    places = {name: place for place, name in enumerate(elements)}
    return dict(sorted(errors.items(), key=lambda item: places.get(item[0], -1)))


def _names(name: str, field: Field) -> list[str]:
    return [name, *(name + part for part in reversed(parts_of(field)))]


def _in_row(fault: RowFault) -> str:
    name = fault.field.name if fault.field else "row"
    return f"{name}-{fault.stream}{fault.part}"


def _put(errors: dict[str, str], place: str, text: str) -> None:
    """Put an error at a place, after another that is there."""
    errors[place] = f"{errors[place]} {text}" if place in errors else text
