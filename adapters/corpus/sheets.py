"""Reader of a CSV file into typed rows: names every problem, stops at none.

The columns of a file are the fields of a Struct, the first of them its key.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

from msgspec import Struct

from adapters.corpus.cells import Column, columns_of, shown, unreadable, value_of

ROWS_MAX = 200_000
"""The most rows of a file."""
BYTES_MAX = 200_000_000
"""The most bytes of a file."""
KNOWN_MAX, KNOWN_LENGTH_MAX = 5_000, 50
"""How many short values of a column are kept, and how long they are at most."""
_UNREAD: Any = object()
"""In place of a value that was not read before."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF_8 = "UTF-8; in a spreadsheet, save it as CSV UTF-8"

R = TypeVar("R", bound=Struct)
Records = Iterator[tuple[int, list[str]]]


class RowProblem(Struct, frozen=True):
    """A mistake in one place of a file, and the values allowed there.

    `line` is the physical line on which the row begins, 0 for the file itself; `column` is
    empty if the problem is with the row as a whole.
    """

    file: str
    line: int
    column: str
    wrong: str
    allowed: str

    def __str__(self) -> str:
        """One line for a terminal."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        mistake = f"{self.column} {self.wrong}" if self.column else self.wrong
        return f"{place}: {mistake}; allowed: {self.allowed}"


class BadRows(Exception):  # noqa: N818  an answer that names the rows, not a fault
    """Nothing was imported; `problems` are all there are, in order of place."""

    def __init__(self, problems: tuple[RowProblem, ...]) -> None:
        super().__init__(f"{len(problems)} problems; the first: {problems[0]}")
        self.problems = problems


class Sheet(Struct, Generic[R], frozen=True):
    """The rows of a file whose cells are right, by key, in order.

    `lines` has the line of every key, those of bad rows among them; `readable` is false if
    the file has no keys to go by.
    """

    file: str
    rows: dict[str, R]
    lines: dict[str, int]
    readable: bool

    def with_rows(self, others: dict[str, R]) -> "Sheet[R]":
        """Return the sheet with rows of another place, which are on no line of the file."""
        lines = dict.fromkeys(others, 0) | self.lines
        return Sheet(self.file, others | self.rows, lines, self.readable)

    def lacks(self, key: str) -> bool:
        """Return whether the file certainly has no row of this key."""
        return self.readable and key not in self.lines


def read_sheet(
    path: Path, kind: type[R], problems: list[RowProblem], *, optional: bool = False
) -> Sheet[R]:
    """Read a file. Every problem in it is added to `problems`.

    An optional file that is missing has no rows.
    """
    if optional and not path.exists():
        return Sheet(path.name, {}, {}, readable=True)
    columns = columns_of(kind)
    key_column = columns[0].name
    records = _records(path.name, _text(path, problems), problems)
    header = _header(path.name, records, columns, problems)
    unnamed = [place for place, name in enumerate(header) if not name]
    places = {name: place for place, name in enumerate(header)}
    placed = [(column, places[column.name]) for column in columns if column.name in places]
    complete = all(column.name in places for column in columns if column.required)
    key_place = places.get(key_column, -1)
    rows: dict[str, R] = {}
    lines: dict[str, int] = {}
    for count, (line, cells) in enumerate(records if header else (), 1):
        if count > ROWS_MAX:
            wrong, allowed = f"more than {ROWS_MAX} rows", f"at most {ROWS_MAX} rows per file"
            problems.append(RowProblem(path.name, line, "", wrong, allowed))
            break
        if len(cells) != len(header):
            values, wrong = None, f"has {len(cells)} cells"
            allowed = f"{len(header)}, as in the header"
            problems.append(RowProblem(path.name, line, "", wrong, allowed))
        elif any(cells[place].strip() for place in unnamed):
            values, wrong = None, "has a cell in a column without a name"
            problems.append(RowProblem(path.name, line, "", wrong, "nothing there"))
        else:
            values = _values(path.name, line, cells, placed, problems)
        key = cells[key_place].strip() if 0 <= key_place < len(cells) else ""
        if key in lines:
            wrong, allowed = (
                f"{shown(key)} is already on line {lines[key]}",
                f"each {key_column} once",
            )
            problems.append(RowProblem(path.name, line, key_column, wrong, allowed))
        elif key:
            lines[key] = line
            if values is not None and complete:
                rows[key] = kind(**values)
    return Sheet(path.name, rows, lines, readable=key_column in header)


def _text(path: Path, problems: list[RowProblem]) -> str:
    """Return the text of a file; bytes that are not UTF-8 become lone surrogates."""
    try:
        with path.open("rb") as opened:
            content = opened.read(BYTES_MAX + 1)
    except OSError as error:
        wrong = f"cannot be read: {error.strerror}"
        problems.append(RowProblem(path.name, 0, "", wrong, f"a file named {path.name}"))
        return ""
    if len(content) > BYTES_MAX:
        wrong, allowed = f"has more than {BYTES_MAX} bytes", f"at most {BYTES_MAX} bytes per file"
        problems.append(RowProblem(path.name, 0, "", wrong, allowed))
        return ""
    text = _decoded(path.name, content, problems)
    if not text.strip():
        allowed = "a first line with the columns"
        problems.append(RowProblem(path.name, 0, "", "is empty", allowed))
    return text


def _decoded(file: str, content: bytes, problems: list[RowProblem]) -> str:
    """Return the text of some bytes; another encoding is named once, and read all the same.

    Bytes of no encoding become lone surrogates, which are named in their cells.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = content.count(b"\n", 0, error.start) + 1, content[error.start]
    encoding = "utf-16" if content.startswith(_UTF_16_MARKS) else "cp1252"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("utf-8-sig", "surrogateescape")
    if encoding == "utf-16":
        line, wrong = 0, "is in UTF-16"
    else:
        wrong = f"holds the byte 0x{byte:02x}: the file seems to be in Windows-1252"
    problems.append(RowProblem(file, line, "", wrong, _UTF_8))
    return text


def _records(file: str, text: str, problems: list[RowProblem]) -> Records:
    """Yield the first line and the cells of each row that is not blank."""
    # A StringIO would copy the text, and take four bytes for each character of it.
    reader = csv.reader((line[0] for line in _LINE.finditer(text)), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            wrong = f"is not a row of cells: {error}"
            allowed = f"cells of up to {csv.field_size_limit()} characters, quoted as in RFC 4180"
            problems.append(RowProblem(file, line, "", wrong, allowed))
            continue
        if any(map(str.strip, cells)):
            yield line, cells


def _header(
    file: str, records: Records, columns: list[Column], problems: list[RowProblem]
) -> list[str]:
    """Return the names of the columns; none if the header cannot be read.

    Spreadsheets may add columns without a name behind the last.
    """
    line, cells = next(records, (0, list[str]()))
    every = [cell.strip() for cell in cells]
    header = every[: max((n for n, name in enumerate(every, 1) if name), default=0)]
    if not header:
        return []
    if wrong := unreadable("".join(header)):
        problems.append(RowProblem(file, line, "", wrong, "text in UTF-8"))
        return []
    wanted = [column.name for column in columns if column.required]
    optional = [column.name for column in columns if not column.required]
    mistakes = {name: "is missing" for name in wanted if name not in header}
    for name in header:
        if name not in (*wanted, *optional):
            mistakes[shown(name)[1:-1]] = "is not a column of this file"
        elif header.count(name) > 1:
            mistakes[name] = "is in the header more than once"
    allowed = f"these columns, each once: {', '.join(wanted)}"
    if optional:
        allowed += f"; perhaps {', '.join(optional)}"
    problems.extend(
        RowProblem(file, line, name, mistake, allowed) for name, mistake in mistakes.items()
    )
    return every


def _values(
    file: str,
    line: int,
    cells: list[str],
    placed: list[tuple[Column, int]],
    problems: list[RowProblem],
) -> dict[str, Any] | None:
    """Return the values of the cells, given the place of each column; None if any is wrong."""
    values: dict[str, Any] = {}
    right = True
    for column, place in placed:
        cell, known = cells[place], column.known
        values[column.name] = value = known.get(cell, _UNREAD)
        if value is not _UNREAD:  # most cells of most rows
            continue
        try:
            values[column.name] = value = value_of(cell, column)
            if len(known) < KNOWN_MAX and len(cell) < KNOWN_LENGTH_MAX:
                known[cell] = value
        except ValueError as error:
            problems.append(RowProblem(file, line, column.name, str(error), column.allowed))
            right = False
    return values if right else None
