"""Every field of every event is shown in words, without a list of fields to forget one in."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TypeAlias, get_args

import msgspec
import pytest

from api.pages.rendering import event_fields, formatting
from api.pages.rendering.event_fields import Links
from api.pages.rendering.formatting import Block, Source
from domain.amendments.correction import notes_of
from domain.events.event import Event
from domain.events.recommendation import RecommendationEvent
from domain.events.report import ReportEvent
from tests.domain.test_records import FULL

LINKS = Links("/recommendations/x", lambda step: f"#step-{step}")
Kept: TypeAlias = RecommendationEvent | ReportEvent
DECODED: list[Event] = [msgspec.json.decode(line, type=Event) for line in FULL]
EVENTS = [event for event in DECODED if isinstance(event, get_args(Kept))]


def names(event: msgspec.Struct, outer: str = "") -> Iterator[str]:
    """Yield the names of all fields with a value, those of inner structures among them."""
    for field in msgspec.structs.fields(event):
        value = getattr(event, field.name)
        if isinstance(value, msgspec.Struct):
            yield from names(value, f"{outer}{field.name}.")
        else:
            yield outer + field.name


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_each_field_of_an_event_is_shown_with_a_name_and_a_value(event: Kept) -> None:
    published = [name for name in names(event) if name not in notes_of(type(event))]
    shown = event_fields.fields_of(event, LINKS)
    assert [field.label for field in shown] == [
        event_fields.label_of(type(event), name) for name in published
    ]
    for name, field in zip(published, shown, strict=True):
        assert field.label != name, f"{name} has no words in labels.FIELDS"
        assert field.values, name
        assert all(value.text for value in field.values), name


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_each_code_in_an_event_has_words(event: Kept) -> None:
    for name in names(event):
        kind = event_fields.kind_of(type(event), name)
        if not event_fields.is_code(kind):
            continue
        codes = [*kind] if isinstance(kind, type) and issubclass(kind, StrEnum) else get_args(kind)
        for code in codes:
            assert event_fields.words(type(event), name, code), (name, code)


def test_a_correction_shows_its_values_in_the_words_of_the_field_it_corrects() -> None:
    correction = next(event for event in EVENTS if type(event).__name__ == "Corrected")
    issued = next(event for event in EVENTS if type(event).__name__ == "Issued")
    shown = {
        field.label: [value.text for value in field.values]
        for field in event_fields.fields_of(correction, LINKS, issued)
    }
    assert shown == {
        "Step": ["Step 1"],
        "Field": ["Time limit"],
        "Previous value": ["Within 3 months"],
        "New value": ["Within 6 months"],
    }


def test_each_address_among_sources_is_a_link_and_other_words_are_not() -> None:
    line = "https://www.example.org/a/ | trade press: https://example.com/?p=1 | Review, page 9"
    assert formatting.sources(line) == [
        Source("example.org/a", "https://www.example.org/a/"),
        Source("trade press: example.com/?p=1", "https://example.com/?p=1"),
        Source("Review, page 9"),
    ]
    assert formatting.sources("javascript:alert(1)") == [Source("javascript:alert(1)")]


def test_a_text_keeps_its_lines_and_its_lists() -> None:
    text = "Within three months:\n- train officers\n\N{BULLET} check\n\nThen\nreport."
    assert formatting.blocks(text) == [
        Block(("Within three months:",), "paragraph"),
        Block(("train officers", "check"), "bullets"),
        Block(("Then", "report."), "paragraph"),
    ]
    assert formatting.blocks("It should:\n(a) train; and\n(b) check.\n1. First\n(see page 2)") == [
        Block(("It should:",), "paragraph"),
        Block(("(a) train; and", "(b) check.", "1. First"), "numbered"),
        Block(("(see page 2)",), "paragraph"),
    ]
    assert formatting.blocks("It should: \N{BULLET} train; \N{BULLET} check.") == [
        Block(("It should:",), "paragraph"),
        Block(("train;", "check."), "bullets"),
    ]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Do it.", "Do it"),
        ("Treat missing children well. Then report.", "Treat missing children well"),
        ("Cause of concern: too few officers.", "Too few officers"),
        ("Within six months, Cumbria Constabulary should train staff.", "Train staff"),
        ("We recommend that, within 3 months, the force should act now.", "Act now"),
        ("Avon and Somerset Constabulary should immediately act.", "Act"),
        ("By 31 March 2027, the chief constable should report.", "Report"),
        ("Officers should be trained.", "Officers should be trained"),
        ("To the Home Office: stop counting.", "To the Home Office: stop counting"),
        ("Training: within six months, count calls.", "Training: count calls"),
        ("The force should:\n- train officers;\n- check.", "Train officers …"),
        ("Improve how it: \N{BULLET} records; \N{BULLET} reviews.", "Improve how it: records …"),
        ("Text removed on 2026-01-02", "Text removed on 2 January 2026"),
    ],
)
def test_the_headline_is_what_a_recommendation_asks_for(text: str, subject: str) -> None:
    assert formatting.headline(text) == subject


def test_a_long_sentence_is_cut_between_words_in_a_headline() -> None:
    short = formatting.headline("Check every record of a child " * 20)
    assert len(short) <= formatting.HEADLINE_LENGTH
    assert short.endswith(" …")
