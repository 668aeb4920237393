"""Texts in the one form in which they are recorded: Unicode NFC, and lines ended by a line feed.

How a program writes an accent or ends a line is no fact, and must not make two texts of one. Spaces
are left as they are: no program adds or drops them, so they are the author's.
"""

import unicodedata
from typing import TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from domain.vocabulary.errors import Refused

M = TypeVar("M", bound=Struct)

Builtin: TypeAlias = (
    "str | float | bool | dict[str, Builtin] | list[Builtin] | tuple[Builtin, ...] | None"
)
"""A message in built-in types, or a part of it."""


def tidied(message: M) -> M:
    """Return a command or an event with tidied texts; it itself if they are tidy already.

    Raises Refused if a text is too long in that form: composing some characters makes two of one.
    """
    written = msgspec.json.encode(message)
    if written.isascii() and rb"\r" not in written:
        return message
    plain = msgspec.to_builtins(message)
    tidy = tidy_value(plain)
    if tidy == plain:
        return message
    try:
        return msgspec.convert(tidy, type(message))
    except msgspec.ValidationError as error:
        raise Refused(
            f"A text is too long once its characters are composed (NFC): {error}. Shorten it."
        ) from None


def tidy_text(text: str) -> str:
    """Return a text with composed characters and with line feeds alone."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


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
