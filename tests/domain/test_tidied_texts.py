"""Texts of commands: line ends and accents have one form, and nothing else changes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.commands.common import Correct
from domain.commands.recommendation import Comment
from domain.commands.tidy import MARKS_MAX, tidied, tidy_text
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


INVISIBLE = (
    "\u200b", "\u00a0", "\u2003\u00a0", "\u2800\u2800", "\u3164", "\u115f\u1160", "\uffa0",
    "\u00ad\u2060\ufeff", "\u034f", "\ufe0f", "\u200d", "\u0301", "\u2028", "\u3000",
)  # fmt: skip


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_text_of_nothing_visible_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"^comment has nothing that can be seen|does not fit"):
        tidied(Comment(comment=text))
    with pytest.raises(Refused, match=r"^title has nothing that can be seen|does not fit"):
        tidied(replace(publish(issue()), title=text))


@pytest.mark.parametrize(
    "sign",
    [
        "\x1b", "\x07", "\x7f", "\x80", "\x9b", "\u202e", "\u2066", "\ufdd0", "\uffff",
        "\U000e0000", "\U000e0041", "\U000e007f", "\ufff9", "\ufffa", "\ufffb",
    ],
)  # fmt: skip
def test_a_text_that_controls_how_others_are_shown_is_refused(sign: str) -> None:
    with pytest.raises(Refused, match=rf"comment has the character U\+{ord(sign):04X}"):
        tidied(Comment(comment=f"Met.{sign}teM"))
    with pytest.raises(Refused, match=r"^text has the character"):
        tidied(publish(issue(text=f"Met.{sign}teM")))


@pytest.mark.parametrize("mark", ["\u0335", "\u0489", "\u20dd", "\ufe0f", "\u0335\u200d"])
def test_more_marks_than_any_letter_has_are_refused(mark: str) -> None:
    with pytest.raises(Refused, match=r"^comment has more than 8 marks on one character"):
        tidied(Comment(comment="Met" + mark * (MARKS_MAX + 1) + "."))


@pytest.mark.parametrize(
    "text",
    [
        "Met" + "\u0335" * MARKS_MAX + ".",
        "D\u0175r a th\u00e2n, \u1ef3 \u1e83 \u1e81 \u0177 \u00ef",
        "\u1ec7 \u05d1\u05bc\u05b0\u05e8\u05b5\u05d0\u05e9\u05c1\u05b4\u05d9\u05ea",
        "\u0939\u093f\u0928\u094d\u0926\u0940",
        "\U0001f469\u200d\u2764\ufe0f\u200d\U0001f469",
    ],
    ids=["marked", "Welsh", "Hebrew", "Hindi", "pictures"],
)
def test_the_marks_of_languages_stay_as_they_are(text: str) -> None:
    assert tidied(Comment(comment=text)) == Comment(comment=unicodedata.normalize("NFC", text))


def test_a_text_recorded_before_that_can_be_mended() -> None:
    fix = Correct(step=1, field="text", was="Met.\x9b\u202e", now="Met.", why="A slip.")

    assert tidied(fix) is fix


def test_marks_that_programs_put_in_and_every_kind_of_line_end_are_tidied() -> None:
    text = "\ufeff5\u200e August:\u2028- soft\u00adware\v- c\u200bafe\u200b\u0301\u2029\x85- end"
    tidy = "5 August:\n- software\n- cafe\u0301\n\n- end".replace("e\u0301", "é")

    assert tidied(Comment(comment=text)) == Comment(comment=tidy)


@given(st.text(st.sampled_from("a é\r\n\u0301\u212b\ufb2c\\\u200b\u200e\u2028\x85\v")))
def test_tidying_a_text_twice_is_tidying_it_once(text: str) -> None:
    tidy = tidy_text(text)

    assert tidy_text(tidy) == tidy
    assert not {*tidy} & {*"\r\v\x85\u2028\u200b\u200e"}
