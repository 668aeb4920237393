"""A paper of words and tables, as a page and as a file of PDF show it alike."""

from typing import TypeAlias

from msgspec import Struct


class Span(Struct, frozen=True):
    """Some words, and the address that they lead to; a path is of the service."""

    text: str
    href: str = ""


Line: TypeAlias = tuple[Span, ...]
"""The words of a paragraph or of a cell, one after the other."""


class Grid(Struct, frozen=True):
    """A table: its caption, the heads of its columns, its rows, and how wide each column is."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    widths: tuple[float, ...]
    """The shares of the columns in the width of the sheet."""
    figures: bool = False
    """Whether every column but the first has numbers."""


class Section(Struct, frozen=True):
    """A section: its heading, the lines before its table, the table, and the lines after it."""

    heading: str
    before: tuple[Line, ...] = ()
    grid: Grid | None = None
    after: tuple[Line, ...] = ()


class Paper(Struct, frozen=True, kw_only=True):
    """A paper: its title, its first paragraphs, its sections, and the foot of each sheet."""

    title: str
    language: str
    """The tag of its language (BCP 47)."""
    author: str
    warning: str = ""
    """Words before everything else, within a border."""
    opening: tuple[Line, ...]
    sections: tuple[Section, ...]
    foot: str
    sheet: str
    """The words for the number of a sheet, with `{n}` and `{total}`."""


def line(*parts: str | Span) -> Line:
    """Return a line of words, some of them with an address."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)
