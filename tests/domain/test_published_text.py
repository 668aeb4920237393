"""Recommendations split from the text of a report, with the time limits that they state.

The texts are made up, in the forms in which reports of the inspectorate write them.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.commands.published_limits import limit_of
from domain.commands.published_text import PublishedItem, split_text
from domain.vocabulary.values import Kind, TimeLimit

BY_LIMIT = """
Recommendations

Immediately

We recommend that Kent Police immediately reviews how its control room:
• grades calls about children; and
• records what children say.

Within three months

We recommend that, within three months, Kent Police should improve its
practice where children go missing. This should include:
1. early intervention
2. assessments of risk

We recommend that Kent Police reviews the detention of children.
"""
BY_CONCERN = """
Cause of concern

Kent Police doesn\u2019t protect children well enough.

Recommendations

By 31 March 2027, Kent Police should:
- train officers; and
- audit records.

By the end of June 2027, Kent Police should make sure that officers immediately record it.

Area for improvement 2: The force should improve supervision.
"""
BY_NUMBER = """
The chief officer has read these.

Recommendation 1
With immediate effect, the constabulary should re-examine its practice.

It should do so with its partners.

Recommendation 2 \u2013 By 31 December 2026, chief constables should make sure of it.
"""


def items_of(text: str) -> list[tuple[str, TimeLimit | None]]:
    """The first words and the time limit of each recommendation of a text."""
    return [(item.text.partition("\n")[0][:40], item.time_limit) for item in split_text(text).items]


def test_sentences_of_the_inspectorate_begin_recommendations_below_time_limits() -> None:
    first, second, third = split_text(BY_LIMIT).items
    assert first == PublishedItem(
        "We recommend that Kent Police immediately reviews how its control room:\n"
        "• grades calls about children; and\n• records what children say.",
        Kind.RECOMMENDATION,
        "immediate",
    )
    assert second.text == (
        "We recommend that, within three months, Kent Police should improve its practice where "
        "children go missing. This should include:\n1. early intervention\n2. assessments of risk"
    )
    assert second.time_limit == "months:3"
    assert third.time_limit == "months:3", "that of the heading"


def test_a_cause_of_concern_and_its_recommendations_are_apart_and_keep_their_kinds() -> None:
    kinds = [(item.kind, item.time_limit) for item in split_text(BY_CONCERN).items]
    assert kinds == [
        (Kind.CAUSE_OF_CONCERN, None),
        (Kind.RECOMMENDATION, "date:2027-03-31"),
        (Kind.RECOMMENDATION, "date:2027-06-30"),
        (Kind.AREA_FOR_IMPROVEMENT, None),
    ]


def test_labels_of_single_recommendations_split_a_text_and_are_left_out_of_it() -> None:
    split = split_text(BY_NUMBER)
    assert [item.text for item in split.items] == [
        (
            "With immediate effect, the constabulary should re-examine its practice.\n"
            "It should do so with its partners."
        ),
        "By 31 December 2026, chief constables should make sure of it.",
    ]
    assert [item.time_limit for item in split.items] == ["immediate", "date:2026-12-31"]
    assert split.before == ("The chief officer has read these.",)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("1. Do this within six months.\n2. Do\nthat.", ["Do this within six months.", "Do that."]),
        ("• Do this\n• Do that", ["Do this", "Do that"]),
        ("Do this,\nand that.\n\nDo more.", ["Do this, and that.", "Do more."]),
        ("Recommendations\n\n", []),
        ("", []),
    ],
)
def test_numbers_points_or_paragraphs_split_a_text_that_has_no_better_marks(
    text: str, items: list[str]
) -> None:
    assert [item.text for item in split_text(text).items] == items


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("We recommend that, within three months, Kent Police reviews it.", "months:3"),
        ("Within the next 6 months, the force should train all officers.", "months:6"),
        ("The force should, within one year, publish it.", "months:12"),
        ("Within a month the force should publish it.", "months:1"),
        ("Immediately, Kent Police should review it.", "immediate"),
        ("We recommend that Kent Police immediately reviews it.", "immediate"),
        ("We recommend that King\u2019s Police should immediately review it.", "immediate"),
        ("With immediate effect, chief constables should review it.", "immediate"),
        ("By 31 March 2027, the force should review it.", "date:2027-03-31"),
        ("By 1st june 2027 forces should review it.", "date:2027-06-01"),
        ("By the end of February 2028, the force should review it.", "date:2028-02-29"),
        # None of these is a time limit that can be taken from the words alone.
        ("By March 2027, the force should review it.", None),
        ("Within six weeks, the force should send a plan.", None),
        ("Within 61 months, the force should review it.", None),
        ("By 31 February 2027, the force should review it.", None),
        ("The force should attend within one hour.", None),
        ("The force should make sure that officers immediately record it.", None),
        ("We recommend that Kent Police should see that staff immediately act.", None),
        ("The force should review it. Within three months it may report.", None),
        ("The force should review:\n• what it does within three months.", None),
        ("Immediately, and within three months again, the force should review it.", None),
    ],
)
def test_a_time_limit_is_read_from_the_opening_if_it_states_one_alone(
    text: str, limit: TimeLimit | None
) -> None:
    assert limit_of(text) == limit


LINES = ("Do this.", "and that", "", "We recommend that it acts.", "By 1 May 2027, it should act.")


@given(st.lists(st.sampled_from(LINES)).map("\n".join))
def test_a_text_without_headings_and_numbers_keeps_every_word_in_order(text: str) -> None:
    split = split_text(text)
    kept = [*split.before, *(item.text for item in split.items)]
    assert " ".join(kept).split() == text.split()


@given(st.text(max_size=400) | st.lists(st.sampled_from(BY_LIMIT.split("\n"))).map("\n".join))
def test_a_split_text_has_no_word_that_it_had_not_before(text: str) -> None:
    split = split_text(text)
    kept = " ".join([*split.before, *(item.text for item in split.items)])
    assert all(word in text for word in kept.split())
    assert all(item.text.strip() for item in split.items)
