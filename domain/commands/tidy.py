"""Texts in the one form in which they are recorded: Unicode NFC, and lines ended by a line feed.

How a program writes an accent, ends a line or marks a direction is no fact, and must not make two
texts of one. Spaces are left as they are: no program adds or drops them, so they are the author's.
A text must be what its readers see: one of nothing visible is refused, and so is one with
characters that control a terminal, reorder what stands around them (UAX #9), hide a text (tags), or
heap marks over the lines around them.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from domain.vocabulary.errors import Refused, inside

M = TypeVar("M", bound=Struct)

_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060\ufeff]")
"""Marks of direction, places to break a line, and marks of byte order, which programs put in."""
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols that are drawn as nothing: fillers of Hangul, a Braille pattern of no dot."""
MARKS_MAX = 8
"""The most marks on one character: more are in no language, and cover the lines around them."""
UNSAFE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufff9-\ufffb"
    "\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Controls of terminals and of direction, hidden tags and annotations, and what is no character."""
_RUN = re.compile(f"[^\x00-\u02ff\u2000-\u200b\u200e-\u206f]{{{MARKS_MAX + 1},}}")
"""Runs of characters that may be marks; a text in English has none."""
_JOINERS = "\u200c\u200d"
_UNTIDY_JSON = re.compile(rb"\\[bfru]|\x7f")
"""Signs of an untidy text in ASCII, as JSON has them."""

Builtin: TypeAlias = (
    "str | float | bool | dict[str, Builtin] | list[Builtin] | tuple[Builtin, ...] | None"
)
"""A message in built-in types, or a part of it."""


def tidied(message: M) -> M:
    """Return a command or an event with tidied texts; it itself if they are tidy already.

    Raises Refused if a text has nothing visible or a forbidden character, or if its form does not
    fit its field: composing some characters makes two of one.
    """
    written = msgspec.json.encode(message)
    if written.isascii() and not _UNTIDY_JSON.search(written):
        return message
    plain = msgspec.to_builtins(message)
    tidy = tidy_value(plain)
    for place, text in _texts(tidy, ""):
        with inside(place):
            _check(_name(place), text)
    if tidy == plain:
        return message
    try:
        return msgspec.convert(tidy, type(message))
    except msgspec.ValidationError as error:
        raise Refused(
            "A text does not fit its field once its characters are composed (NFC) and its lines "
            f"end in line feeds: {error}. Change or shorten it."
        ) from None


def tidy_text(text: str) -> str:
    """Return a text with composed characters, line feeds alone, and no marks that nobody sees."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return _LINE_ENDS.sub("\n", text)


def is_visible(text: str) -> bool:
    """Return whether a text has a letter, a number, a sign or a symbol that is not blank."""
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK for sign in text)


def is_heaped(text: str) -> bool:
    """Return whether a character of a text has more marks than any has in a language."""
    for run in _RUN.findall(text):
        marks = 0
        for sign in run:
            is_mark = sign in _JOINERS or unicodedata.category(sign)[0] == "M"
            marks = marks + 1 if is_mark else 0
            if marks > MARKS_MAX:
                return True
    return False


def tidy_value(value: Builtin) -> Builtin:
    """Return a value of built-in types with every text in it tidied."""
    match value:
        case str():
            return tidy_text(value)
        case dict():
            return {name: tidy_value(field) for name, field in value.items()}
        case list():
            return [tidy_value(item) for item in value]
        case tuple():
            return tuple(tidy_value(item) for item in value)
        case _:
            return value


def _texts(value: Builtin, place: str) -> Iterator[tuple[str, str]]:
    """Yield every text of a value, with its place as a JSON Pointer.

    The value that a correction mends is left out: it is on record as it is.
    """
    match value:
        case str():
            yield place, value
        case dict():
            for key, field in value.items():
                if key != "was":
                    yield from _texts(field, f"{place}/{key}")
        case list() | tuple():
            for number, item in enumerate(value):
                yield from _texts(item, f"{place}/{number}")
        case _:
            pass


def _name(place: str) -> str:
    """Return the name of the field of a place; the items of a list have that of the list."""
    return next(part for part in reversed(place.split("/")) if not part.isdigit())


def _check(name: str, text: str) -> None:
    if match := UNSAFE.search(text):
        raise Refused(
            f"{name} has the character U+{ord(match[0]):04X}, which is not shown, but controls how "
            "other text is shown. Remove it."
        )
    if is_heaped(text):
        raise Refused(
            f"{name} has more than {MARKS_MAX} marks on one character, which cover the lines "
            "around it. Remove them."
        )
    if not is_visible(text):
        raise Refused(f"{name} has nothing that can be seen. Write it out.")
