"""Texts of commands: line ends and accents have one form, and nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.commands.common import Correct
from domain.commands.recommendation import Comment
from domain.commands.tidy import tidied, tidy_text
from domain.vocabulary.errors import Refused
from tests.support.data.examples import issue, publish

WINDOWS = "Café meetings:\r\n- weekly\r- monthly"
TIDY = "Café meetings:\n- weekly\n- monthly"


def test_the_texts_of_a_command_and_of_its_parts_are_tidied() -> None:
    written = publish(issue("kent", text="Cafe\u0301 meetings:\r\n- weekly\r- monthly"), issue())
    tidy = tidied(written)

    assert [part.text for part in tidy.recommendations] == [TIDY, "Do it."]
    assert tidied(publish(issue("kent", text=WINDOWS), issue())) == tidy
    assert tidy == publish(issue("kent", text=TIDY), issue())


@pytest.mark.parametrize("text", ["Plain.", TIDY, r"In C:\reports", "One\n\n  two  \nthree\t."])
def test_a_tidy_command_stays_as_it_is(text: str) -> None:
    command = Comment(comment=text)

    assert tidied(command) is command


def test_both_values_of_a_correction_are_tidied() -> None:
    fix = Correct(step=1, field="text", was=WINDOWS, now="Cafe\u0301.", why="Typed\r\ntwice.")

    assert tidied(fix) == Correct(step=1, field="text", was=TIDY, now="Café.", why="Typed\ntwice.")


def test_values_that_are_no_text_are_left_alone() -> None:
    fix = Correct(step=1, field="ordinal", was=None, now=3, why="Counted\r\nagain.")

    assert (tidied(fix).was, tidied(fix).now, tidied(fix).step) == (None, 3, 1)


def test_a_text_that_outgrows_its_limit_by_its_form_is_refused() -> None:
    long = Comment(comment="\ufb2c" * 2_000)  # one character, which Unicode composes as three

    with pytest.raises(Refused, match="length <= 4000"):
        tidied(long)


@given(st.text(st.sampled_from("a é\r\n\u0301\u212b\ufb2c\\")))
def test_tidying_a_text_twice_is_tidying_it_once(text: str) -> None:
    tidy = tidy_text(text)

    assert tidy_text(tidy) == tidy
    assert "\r" not in tidy
