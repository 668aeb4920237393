"""Words about a draft: what is missing from it, and how it differs from another."""

import re
from collections.abc import Iterable, Iterator, Sequence

from api.pages.inspections.drafting.fields import (
    ADDRESSED,
    CASES,
    GRADES,
    REPORT,
    SOURCES,
    of_row,
    recommendation_fields,
)
from api.pages.record import form_parser
from api.pages.record.form_fields import Field
from api.pages.rendering import formatting
from api.pages.rendering.language import gettext as _
from domain.inspection.draft import DraftRequest, ReportDraft
from domain.vocabulary.values import Edition

_ROW = re.compile(r"/recommendations/([0-9]+)/?(\w*)")
_OF_ROW = {field.name: field for field in (*recommendation_fields("n/a"), ADDRESSED)}
_OF_REPORT = {field.name: field for field in (*REPORT, SOURCES)}


def missing_words(pointers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield what is missing in words, each with the id of its field."""
    for pointer in pointers:
        row = _ROW.fullmatch(pointer)
        if row:
            number = int(row[1]) + 1
            yield of_row(number, _(_OF_ROW[row[2]].short)), element_of(pointer)
        else:
            yield _(_OF_REPORT[pointer.removeprefix("/")].short), element_of(pointer)


def element_of(pointer: str) -> str:
    """Return the id of the field at a place of a draft; empty if none is there."""
    pointer = pointer.removeprefix("/text")
    if row := _ROW.match(pointer):
        field = _OF_ROW.get(row[2])
        return f"r{int(row[1]) + 1}-{field.target}" if field else f"r{int(row[1]) + 1}"
    outer, _slash, inner = pointer.removeprefix("/").partition("/")
    if outer in {"cases", "grades"}:
        return f"{outer}-{inner}"
    return _OF_REPORT[outer].target if outer in _OF_REPORT else ""


def differences(
    mine: ReportDraft, saved: ReportDraft, edition: Edition
) -> Iterator[tuple[str, str]]:
    """Yield what a saved draft says where another says something else: names and values."""
    yield from _differing(REPORT, mine, saved)
    if mine.sources != saved.sources:
        yield _(SOURCES.short), "\n".join(saved.sources) or _("Left empty")
    yield from _differing(CASES, mine.cases, saved.cases)
    yield from _differing(GRADES, mine.grades, saved.grades)
    fields = recommendation_fields(edition)
    many = max(len(mine.recommendations), len(saved.recommendations))
    for number in range(1, many + 1):
        own, other = _at(mine.recommendations, number), _at(saved.recommendations, number)
        if other is None:
            yield of_row(number, ""), _("There is none of this number.")
        elif own is None:
            yield of_row(number, _("Text")), other.text or _("Left empty")
        else:
            for name, words in _differing(fields, own, other):
                yield of_row(number, name), words
            if own.addressees != other.addressees:
                names = ", ".join(map(formatting.force, other.addressees))
                yield of_row(number, _(ADDRESSED.short)), names or _("Left empty")


def _differing(fields: Sequence[Field], own: object, other: object) -> Iterator[tuple[str, str]]:
    for field in fields:
        value = getattr(other, field.name)
        if getattr(own, field.name) != value:
            yield _(field.short), form_parser.display(field, value)


def _at(requests: Sequence[DraftRequest], number: int) -> DraftRequest | None:
    return requests[number - 1] if number <= len(requests) else None
