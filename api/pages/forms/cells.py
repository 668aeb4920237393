"""Texts and choices of a workbook's cells, or why a cell is none."""

from collections.abc import Mapping
from datetime import date

from adapters.tables.workbooks.reader import Cell
from api.pages.rendering import formatting
from api.pages.rendering.language import gettext as _
from domain.commands.tidy import UNSAFE, is_visible, tidy_text
from domain.vocabulary.values import TEXT_MAX


def text_of(cell: Cell) -> str:
    """Return the text of a cell, as it is recorded. Raises ValueError with the reason, in words."""
    check_value(cell)
    match cell.value:
        case bool():
            text = str(cell.value).upper()
        case date():
            text = formatting.day(cell.value)
        case _:
            text = tidy_text(str(cell.value)).strip()
    if len(text) > TEXT_MAX:
        raise ValueError(too_long())
    if (match := UNSAFE.search(text)) or not is_visible(text):
        code = f"U+{ord(match[0]):04X}" if match else _("nothing that can be seen")
        raise ValueError(_("it has %(what)s. Write it out in letters.", what=code))
    return text


def choice_of(cell: Cell, options: Mapping[str, str]) -> str:
    """Return the code of a choice, by its words or the code. Raises ValueError as `text_of`."""
    text = text_of(cell)
    said = folded(text)
    for code, words in options.items():
        if said in {folded(words), folded(_(words)), folded(code.replace("_", " ")), code}:
            return code
    choices = " / ".join(options.values())
    raise ValueError(_("“%(text)s” is none of: %(choices)s.", text=text[:60], choices=choices))


def check_value(cell: Cell) -> None:
    """Raise ValueError, with the reason in words, if a cell has no value."""
    if cell.wrong == "formula":
        raise ValueError(_("this formula has no stored result. Put the text in its place."))
    if cell.wrong == "character":
        raise ValueError(_("a character of the text is lost and shown as �. Type it again."))
    if cell.wrong == "error":
        error = str(cell.value)[:20]
        raise ValueError(_("“%(text)s” is an error of the spreadsheet.", text=error))


def too_long() -> str:
    """Return the words for a text that is longer than the record takes."""
    return _("this is longer than %(n)s characters.", n=f"{TEXT_MAX:,}")


def folded(text: str) -> str:
    """Return a text as it is compared: in small letters, with single spaces."""
    return " ".join(text.casefold().split())
