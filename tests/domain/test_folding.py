"""Text reduced to plain words, and questions of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain.vocabulary.folding import folded, searchable
from projections.search.question import text_query


@given(some.text())
def test_folded_text_is_plain_and_stays_as_it_is(text: str) -> None:
    plain = folded(text)
    assert plain.isascii()
    assert plain == plain.lower().strip()
    assert folded(plain) == plain
    assert searchable(plain) == plain


@pytest.mark.parametrize(
    ("one_way", "another"),
    [
        ("Avon & Somerset", "avon AND somerset"),
        ("Saint Helens", "St. Helens"),
        ("King’s Lynn", "Kings Lynn"),  # noqa: RUF001
        ("Ynys Môn", "YNYS MON"),
        ("Dyfed–Powys", "dyfed powys"),  # noqa: RUF001
        ("Straße", "strasse"),
    ],
)
def test_two_spellings_are_one(one_way: str, another: str) -> None:
    assert folded(one_way) == folded(another)


def test_a_compound_that_begins_with_a_word_too_frequent_to_search_is_one_word() -> None:
    assert text_query("on-line") == text_query("On-line,") == text_query("online") == "(online)"
    assert text_query("on-line abuse") == text_query("online abuse")
    assert text_query("multi-agency") == "(multi & agency | multiagency)"
    assert searchable("on-line") == "on line online"


@given(
    text=some.text(max_size=60),
    q=some.text(some.sampled_from("ab or\"-&|!():*<>'\\ \u00a0“é"), max_size=30),
)
def test_a_question_is_words_and_operators_whatever_was_typed(text: str, q: str) -> None:
    for typed in (text, q):
        assert set(text_query(typed)) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ()&|!<->")
