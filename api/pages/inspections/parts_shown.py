"""The parts of a text in words: what each says, what was said of it, and how it changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec
from msgspec import Struct, structs

from api.pages.inspections.words import part_name
from api.pages.rendering import formatting
from api.pages.rendering.event_fields import label_of, words
from api.pages.rendering.language import gettext as _
from api.v1.inspections.views import CommentView, InspectionView, PartText
from domain.commands.report import Issue, PublishReport
from domain.events.recommendation import Issued
from domain.events.report import ReportPublished
from domain.inspection.parts import REPORT_PART, ReportPart
from domain.vocabulary.values import Kind, PartName


class ShownPart(Struct, frozen=True, kw_only=True):
    """A part of a text, with its comments; `rows` are its facts, named and in words."""

    part: PartName
    title: str
    rows: tuple[tuple[str, str], ...]
    text: str | None
    missing: bool = False
    """Whether the later text has no such part."""
    comments: tuple[CommentView, ...] = ()


def shown_part(part: PartText, view: InspectionView, *, final: bool) -> ShownPart:
    """Return a part in words; as it is final, or else as it was sent to the check."""
    facts, text = (part.facts, part.words) if final else (part.sent_facts, part.sent_words)
    return ShownPart(
        part=part.part,
        title=part_name(part.part, kind_in(facts or part.sent_facts)),
        rows=tuple(fact_rows(part.part, facts)),
        text=text,
        missing=facts is None,
        comments=tuple(each for each in view.comments if each.part == part.part),
    )


def drafted_part(part: ReportPart) -> ShownPart:
    """Return a part of a draft in words."""
    return ShownPart(
        part=part.name,
        title=part_name(part.name, kind_in(part.facts)),
        rows=tuple(fact_rows(part.name, part.facts)),
        text=part.words,
    )


def titles(parts: Sequence[PartText]) -> dict[PartName, str]:
    """Return the title of each part of a text."""
    return {
        part.part: part_name(part.part, kind_in(part.facts or part.sent_facts)) for part in parts
    }


def kind_in(facts: str | None) -> Kind | None:
    """Return the kind of a recommendation by its facts in JSON; None of the report."""
    kind = msgspec.json.decode(facts, type=dict[str, Any]).get("kind") if facts else None
    return Kind(kind) if kind else None


def fact_rows(part: PartName, facts: str | None) -> Iterator[tuple[str, str]]:
    """Yield what a part says besides its words, in the order of a report; defaults are left out."""
    if facts is None:
        return
    plain: Mapping[str, Any] = msgspec.json.decode(facts)
    command, event = (PublishReport, ReportPublished) if part == REPORT_PART else (Issue, Issued)
    for field in structs.fields(command):
        value = plain.get(field.name)
        if value is None or value in ((), []) or value == field.default:
            continue
        if field.name == "addressees":
            yield _("Addressed to"), ", ".join(map(formatting.force, value))
        elif isinstance(value, dict):
            for name, inner in cast("dict[str, object]", value).items():
                if inner is not None:
                    place = f"{field.name}.{name}"
                    yield label_of(event, place), words(event, place, inner)
        elif isinstance(value, list):
            yield label_of(event, field.name), "\n".join(cast("list[str]", value))
        else:
            yield label_of(event, field.name), words(event, field.name, value)
