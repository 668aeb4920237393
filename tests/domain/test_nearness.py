"""The nearness of words by typing errors."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain.vocabulary.nearness import nearest, signature, typing_errors

words = some.text("abc1", max_size=7)


def by_definition(word: str, other: str) -> int:
    """Return the optimal string alignment distance, by its recursive definition."""

    @cache
    def distance(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        changed = word[i - 1] != other[j - 1]
        least = min(
            distance(i - 1, j) + 1, distance(i, j - 1) + 1, distance(i - 1, j - 1) + changed
        )
        if word[i - 2 : i] == other[j - 2 : j][::-1] and i > 1 and j > 1:
            least = min(least, distance(i - 2, j - 2) + 1)
        return least

    return distance(len(word), len(other))


@given(words, words, some.integers(0, 4))
def test_typing_errors_are_counted_up_to_a_limit(word: str, other: str, most: int) -> None:
    assert typing_errors(word, other, most) == min(by_definition(word, other), most + 1)


@given(words, some.lists(words, max_size=5))
def test_no_near_word_is_ruled_out_by_its_letters(word: str, others: list[str]) -> None:
    near = [other for _errors, other in nearest(word, map(signature, others))]
    forgiven = [max(len(word), len(other)) for other in others]
    assert near == [
        other
        for other, length in zip(others, forgiven, strict=True)
        if by_definition(word, other) <= (length >= 4) + (length >= 8)
    ]


@pytest.mark.parametrize(
    ("word", "other", "errors"),
    [("kent", "knt", 1), ("kent", "ketn", 1), ("kent", "kent", 0), ("kent", "surrey", 3)],
)
def test_a_letter_missing_and_two_swapped_are_one_error(word: str, other: str, errors: int) -> None:
    assert typing_errors(word, other, 2) == errors
