"""Reading a CSV file into checked rows: every problem is named, and none stops the reading.

The columns of a file are the fields of a Struct, the first one its key.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

from msgspec import Struct

from adapters.corpus.cells import Column, columns_of, shown, unreadable, value_of

ROWS_MAX = 200_000
"""The most rows of one file."""
BYTES_MAX = 200_000_000
"""The most bytes of one file."""

R = TypeVar("R", bound=Struct)
Records = Iterator[tuple[int, list[str]]]


class Problem(Struct, frozen=True):
    """What is wrong in one place of a file, and what is allowed there.

    `line` is the physical line on which the row begins, 0 for the file itself; `column` is
    empty where all of the row is meant.
    """

    file: str
    line: int
    column: str
    wrong: str
    allowed: str

    def __str__(self) -> str:
        """One line for a terminal."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        what = f"{self.column} {self.wrong}" if self.column else self.wrong
        return f"{where}: {what}; allowed: {self.allowed}"


class BadRows(Exception):  # noqa: N818  an answer that names the rows, not a fault
    """Nothing was taken in: these are all the problems there are, in order of place."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems; the first: {problems[0]}")
        self.problems = problems


class Placed(Struct, Generic[R], frozen=True):
    """A row that is right in itself, and the line on which it begins."""

    line: int
    row: R


class Sheet(Struct, Generic[R], frozen=True):
    """A file's good rows by key, in order; and the line of every key, also of a bad row's."""

    file: str
    rows: dict[str, Placed[R]]
    keys: dict[str, int]
    readable: bool

    def lacks(self, key: str) -> bool:
        """Whether the file certainly has no row of this key."""
        return self.readable and key not in self.keys


def read_sheet(path: Path, kind: type[R], found: list[Problem]) -> Sheet[R]:
    """Read a file. Every problem in it is added to `found`."""
    columns = columns_of(kind)
    key = columns[0].name
    records = _records(path.name, _text(path, found), found)
    header = _header(path.name, records, columns, found)
    rows: dict[str, Placed[R]] = {}
    keys: dict[str, int] = {}
    for count, (line, cells) in enumerate(records if header else (), 1):
        if count > ROWS_MAX:
            wrong = f"more than {ROWS_MAX} rows"
            found.append(Problem(path.name, line, "", wrong, f"at most {ROWS_MAX} rows a file"))
            break
        named = dict(zip(header, cells, strict=False))
        if len(cells) == len(header):
            values = _values(path.name, line, named, columns, found)
        else:
            values, wrong = None, f"has {len(cells)} cells"
            found.append(Problem(path.name, line, "", wrong, f"{len(header)}, as the header has"))
        name = named.get(key, "").strip()
        if name in keys:
            wrong = f"{shown(name)} stands on line {keys[name]} already"
            found.append(Problem(path.name, line, key, wrong, f"each {key} once"))
        elif name:
            keys[name] = line
            if values is not None:
                rows[name] = Placed(line, kind(**values))
    return Sheet(path.name, rows, keys, readable=key in header)


def _text(path: Path, found: list[Problem]) -> str:
    """The text of a file; bytes that are not UTF-8 stay in it as lone surrogates."""
    try:
        with path.open("rb") as opened:
            read = opened.read(BYTES_MAX + 1)
    except OSError as error:
        wrong = f"cannot be read: {error.strerror}"
        found.append(Problem(path.name, 0, "", wrong, f"a file named {path.name}"))
        return ""
    if len(read) > BYTES_MAX:
        wrong = f"has more than {BYTES_MAX} bytes"
        found.append(Problem(path.name, 0, "", wrong, f"at most {BYTES_MAX} bytes a file"))
        return ""
    text = read.decode("utf-8-sig", "surrogateescape")
    if not text.strip():
        found.append(Problem(path.name, 0, "", "is empty", "a first line with the columns"))
    return text


def _records(file: str, text: str, found: list[Problem]) -> Records:
    """The cells of each row that is not blank, with the physical line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            allowed = f"cells of up to {csv.field_size_limit()} characters, quoted as in RFC 4180"
            found.append(Problem(file, line, "", f"is no row of cells: {error}", allowed))
            continue
        if any(cells):
            yield line, cells


def _header(file: str, records: Records, columns: list[Column], found: list[Problem]) -> list[str]:
    """The names of the columns as they stand; none if there are none to go by."""
    line, cells = next(records, (0, list[str]()))
    header = [cell.strip() for cell in cells]
    if not header:
        return []
    if wrong := unreadable("".join(header)):
        found.append(Problem(file, line, "", wrong, "text in UTF-8"))
        return []
    wanted = [column.name for column in columns]
    wrongs = {name: "is missing" for name in wanted if name not in header}
    for name in header:
        if name not in wanted:
            wrongs[shown(name)[1:-1]] = "is no column of this file"
        elif header.count(name) > 1:
            wrongs[name] = "stands in the header more than once"
    allowed = f"these columns, each once: {', '.join(wanted)}"
    found.extend(Problem(file, line, name, wrong, allowed) for name, wrong in wrongs.items())
    return header


def _values(
    file: str, line: int, cells: dict[str, str], columns: list[Column], found: list[Problem]
) -> dict[str, Any] | None:
    """What the cells say; None if one of them is wrong or missing."""
    values: dict[str, Any] = {}
    for column in columns:
        if column.name not in cells:
            continue
        try:
            values[column.name] = value_of(cells[column.name], column)
        except ValueError as error:
            found.append(Problem(file, line, column.name, str(error), column.allowed))
    return values if len(values) == len(columns) else None
