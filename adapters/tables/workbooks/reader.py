"""The cells of an Excel workbook (ECMA-376, SpreadsheetML) as values, with where they are.

No library fits. `python-calamine` makes a grid up to the farthest cell, which in a file of 5 kB
took it 4.6 GB. Like `openpyxl`, it takes a formula without a stored result for a blank cell, so
that an answer would be lost in silence. Both leave limits to their caller.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, TypeAlias
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from msgspec import Struct

from adapters.tables.workbooks.dates import date_styles, day_of_serial
from adapters.tables.workbooks.package import Package, UnreadableWorkbook

SHEETS_MAX = 20
"""The most sheets that are read."""
CELLS_MAX = 100_000
"""The most cells with a value that are read, on all sheets; blank ones do not count."""
TEXT_MAX = 32_767
"""The longest text of a cell, in characters, that Excel writes."""
MERGED_MAX = 1_000
"""The most merged ranges of a workbook."""
_NUMBER = re.compile(r"[+-]?[0-9]{0,40}\.?[0-9]{1,40}([eE][+-]?[0-9]{1,3})?", re.ASCII)
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_MISREAD = (BadZipFile, zlib.error, EOFError, ExpatError, LookupError, ValueError, OverflowError)
"""The errors of parsers whose file is none of theirs."""
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""A character that XML cannot hold, as Excel writes it."""

Value: TypeAlias = str | int | float | bool | date
Wrong = Literal["formula", "error", "character"]
"""A formula without a stored result, an error such as #REF!, or a text that lost a character."""
LOST = "\N{REPLACEMENT CHARACTER}"
"""It stands where half of a character is lost, here or in the program that wrote the workbook."""


class Cell(Struct, frozen=True):
    """A cell that is not blank: its value, or why it has none."""

    value: Value
    wrong: Wrong | None = None


class Merged(Struct, frozen=True):
    """Cells that were merged into one: rows and columns from the first to the last, from 1."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


class WorkbookSheet(Struct, frozen=True):
    """A sheet: its cells that are not blank, by row and column as people count them, from 1."""

    name: str
    rows: Mapping[int, Mapping[int, Cell]]
    merged: Sequence[Merged] = ()


class _Book(Struct):
    """The parts of a workbook that its cells refer to, and how many more cells are read."""

    texts: list[str]
    dates: frozenset[int]
    from_1904: bool
    left: int = CELLS_MAX


def read_workbook(content: bytes) -> list[WorkbookSheet]:
    """Return the sheets of a workbook, the hidden ones too. Raises UnreadableWorkbook."""
    try:
        return _read(Package(content))
    except UnreadableWorkbook:
        raise
    except _MISREAD:
        raise UnreadableWorkbook(
            "It is not an Excel workbook that can be read. Open it in Excel, and save it as "
            "“Excel Workbook (.xlsx)”."
        ) from None


def _read(package: Package) -> list[WorkbookSheet]:
    mains = [of.part for of in package.relations("").values() if of.kind == "officeDocument"]
    main = mains[0]
    relations = package.relations(main)
    listed: list[tuple[str, str]] = []
    settings: dict[str, str] = {}

    def begin(element: str, attributes: Mapping[str, str]) -> None:
        if element == "sheet":
            listed.append((attributes["name"], attributes["id"]))
        elif element == "workbookPr":
            settings.update(attributes)

    package.read(main, begin)
    sheets = [(name, relations[of]) for name, of in listed if relations[of].kind == "worksheet"]
    if len(sheets) > SHEETS_MAX:
        raise UnreadableWorkbook(f"It has more than {SHEETS_MAX} sheets.")
    parts = {relation.kind: relation.part for relation in relations.values()}
    texts = _texts(package, parts["sharedStrings"]) if "sharedStrings" in parts else []
    styles = date_styles(package, parts["styles"]) if "styles" in parts else frozenset[int]()
    from_1904 = settings.get("date1904") in {"1", "true"}
    book = _Book(texts, styles, from_1904)
    return [_sheet(package, book, name, relation.part) for name, relation in sheets]


def _sheet(package: Package, book: _Book, name: str, part: str) -> WorkbookSheet:
    parser = _SheetParser(book)
    package.read(part, parser.begin, parser.end, parser.characters)
    return WorkbookSheet(name, parser.rows, parser.merged)


def _texts(package: Package, part: str) -> list[str]:
    """Return the texts that cells share; how a text is pronounced is left out."""
    texts: list[str] = []
    pieces: list[str] = []
    within: list[str] = []
    length = 0

    def begin(element: str, _attributes: Mapping[str, str]) -> None:
        within.append(element)
        if element == "si":
            pieces.clear()

    def end(element: str) -> None:
        within.pop()
        if element == "si":
            texts.append(_plain("".join(pieces)))

    def characters(text: str) -> None:
        nonlocal length
        if within[-1] == "t" and "rPh" not in within:
            pieces.append(text)
            length = len(text) if len(pieces) == 1 else length + len(text)
            _check_length(length)

    package.read(part, begin, end, characters)
    return texts


class _SheetParser:
    """Takes the elements of a sheet, and keeps its cells."""

    def __init__(self, book: _Book) -> None:
        self.rows: dict[int, dict[int, Cell]] = {}
        self.merged: list[Merged] = []
        self._book = book
        self._within: list[str] = []
        self._row = self._column = 0
        self._about: Mapping[str, str] = {}
        self._texts: dict[str, str] = {}

    def begin(self, element: str, attributes: Mapping[str, str]) -> None:
        """Take the beginning of an element."""
        self._within.append(element)
        match element:
            case "row":
                self._row, self._column = int(attributes.get("r", self._row + 1)), 0
            case "c":
                self._about, self._texts = attributes, {}
                here = (self._row, self._column + 1)
                self._row, self._column = _place(attributes["r"]) if "r" in attributes else here
            case "f":
                self._texts.setdefault("f", "")
            case "mergeCell":
                if len(self.merged) >= MERGED_MAX:
                    raise UnreadableWorkbook(f"It has more than {MERGED_MAX:,} merged ranges.")
                first, _, last = attributes["ref"].partition(":")
                (top, left), (bottom, right) = _place(first), _place(last or first)
                self.merged.append(Merged(top, bottom, left, right))
            case _:
                pass

    def end(self, _element: str) -> None:
        """Take the end of an element."""
        if self._within.pop() != "c" or (cell := self._cell()) is None:
            return
        self._book.left -= 1
        if self._book.left < 0:
            raise UnreadableWorkbook(f"It has more than {CELLS_MAX:,} cells with a value.")
        self.rows.setdefault(self._row, {})[self._column] = cell

    def characters(self, text: str) -> None:
        """Take a piece of a text."""
        place, within = self._within[-1], self._within
        if place in {"v", "f"} or (place == "t" and "is" in within and "rPh" not in within):
            self._texts[place] = self._texts.get(place, "") + text
            _check_length(len(self._texts[place]))

    def _cell(self) -> Cell | None:
        """Return a cell; None if it is blank."""
        kind = self._about.get("t", "n")
        text = self._texts.get("t" if kind == "inlineStr" else "v", "")
        if kind == "e":
            return Cell(text, "error")
        if not text:
            # A result that is an empty text is stored as one; without a result there is no type.
            return Cell("", "formula") if "f" in self._texts and kind != "str" else None
        value = self._value(kind, text)
        if isinstance(value, str):
            return Cell(value, "character" if LOST in value else None) if value.strip() else None
        return Cell(value)

    def _value(self, kind: str, text: str) -> Value:
        match kind:
            case "s":
                return self._book.texts[int(text)]
            case "str" | "inlineStr":
                return _plain(text)
            case "b":
                return text == "1"
            case "d":
                return date.fromisoformat(text[:10])
            case _:
                if _NUMBER.fullmatch(text) is None:
                    raise ValueError(text)
                number = float(text)
        if int(self._about.get("s", "0")) in self._book.dates:
            day = day_of_serial(number, from_1904=self._book.from_1904)
            if day is not None:
                return day
        return int(number) if number.is_integer() else number


def _check_length(characters: int) -> None:
    if characters > TEXT_MAX:
        raise UnreadableWorkbook(f"A cell has more than {TEXT_MAX:,} characters.")


def _place(reference: str) -> tuple[int, int]:
    """Return the row and column of a cell. Raises ValueError."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(reference)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def _plain(text: str) -> str:
    """Return a text with the characters that Excel escapes; half of one is LOST."""
    whole = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
