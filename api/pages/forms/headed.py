"""Sheets whose columns are known by their heads, wherever they stand, and the places of cells."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from adapters.tables.sheets import letters
from adapters.tables.workbooks.reader import Cell, WorkbookSheet
from api.pages.forms.cells import folded
from api.pages.rendering.language import gettext as _

HEAD_ROWS_MAX = 20
"""The heads are looked for in so many first rows of a sheet."""


class RowPlace(Struct, frozen=True):
    """A row of a sheet, with the letters of the columns by their heads."""

    sheet: str
    row: int
    letters: Mapping[str, str]

    @property
    def words(self) -> str:
        """The sheet and the row."""
        return _("Sheet %(sheet)s, row %(row)s", sheet=self.sheet, row=self.row)

    def problem(self, head: str, why: str) -> str:
        """A problem of the cell below a head, in words."""
        letter = self.letters.get(head)
        if letter is None:
            return f"{self.words}: {why}"
        return _(
            "%(place)s, column %(letter)s (%(head)s): %(why)s",
            place=self.words,
            letter=letter,
            head=head,
            why=why,
        )


class HeadedSheet(Struct, frozen=True):
    """A sheet with the row of its heads, and the first column of each known head."""

    sheet: WorkbookSheet
    head_row: int
    columns: Mapping[str, int]

    def rows(self) -> Iterator[tuple[RowPlace, Mapping[str, Cell]]]:
        """Yield the rows below the heads, each with its cells by their heads."""
        named = {head: letters(column) for head, column in self.columns.items()}
        for number in sorted(number for number in self.sheet.rows if number > self.head_row):
            row = self.sheet.rows[number]
            cells = {head: row[place] for head, place in self.columns.items() if place in row}
            yield RowPlace(self.sheet.name, number, named), cells

    def repeated(self) -> Iterator[str]:
        """Yield the known heads that stand twice, in words."""
        known = {folded(head): column for head, column in self.columns.items()}
        for column, cell in self.sheet.rows[self.head_row].items():
            head = folded(str(cell.value))
            if known.get(head, column) != column:
                yield _(
                    "Sheet %(sheet)s, row %(row)s, column %(letter)s: the column “%(head)s” is "
                    "there twice. Keep one.",
                    sheet=self.sheet.name,
                    row=self.head_row,
                    letter=letters(column),
                    head=str(cell.value)[:60],
                )

    def unread(self) -> list[str]:
        """Return the columns that hold something below the heads and have no known head."""
        heads = self.sheet.rows[self.head_row]
        known = set(map(folded, self.columns))
        filled = {c for n, cells in self.sheet.rows.items() if n > self.head_row for c in cells}
        return [
            _(
                "Sheet %(sheet)s, column %(letter)s: %(head)s",
                sheet=self.sheet.name,
                letter=letters(column),
                head=str(heads[column].value)[:60] if column in heads else _("without a head"),
            )
            for column in sorted(filled)
            if column not in heads or folded(str(heads[column].value)) not in known
        ]

    def merged(self, heads: Collection[str]) -> Iterator[str]:
        """Yield the merged cells in columns of some heads, in words."""
        columns = {self.columns[head] for head in heads if head in self.columns}
        for merged in self.sheet.merged:
            if merged.last_row >= self.head_row and any(
                merged.first_column <= column <= merged.last_column for column in columns
            ):
                yield _(
                    "Sheet %(sheet)s, rows %(first)s to %(last)s, columns %(left)s to %(right)s: "
                    "these cells are merged, so that only one of them can have an answer. Unmerge "
                    "them.",
                    sheet=self.sheet.name,
                    first=merged.first_row,
                    last=merged.last_row,
                    left=letters(merged.first_column),
                    right=letters(merged.last_column),
                )


def headed_sheets(
    sheets: Sequence[WorkbookSheet], heads: Collection[str], key: str, least: int = 1
) -> list[HeadedSheet]:
    """Return the sheets with a row of heads: `key`, and at least so many of the heads with it."""
    known = {folded(head): head for head in heads}
    return [headed for sheet in sheets if (headed := _headed(sheet, known, key, least))]


def _headed(
    sheet: WorkbookSheet, known: Mapping[str, str], key: str, least: int
) -> HeadedSheet | None:
    for number in range(1, HEAD_ROWS_MAX + 1):
        columns: dict[str, int] = {}
        for column, cell in sheet.rows.get(number, {}).items():
            head = known.get(folded(str(cell.value)))
            if head is not None:
                columns.setdefault(head, column)
        if key in columns and len(columns) >= least:
            return HeadedSheet(sheet, number, columns)
    return None
