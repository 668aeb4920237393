"""The recommendations of a report as rows of a workbook, to fill the form that a person checks."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from adapters.tables.workbooks.reader import Cell, WorkbookSheet
from api.pages.forms.cell_dates import cell_date
from api.pages.forms.cells import check_value, choice_of, text_of
from api.pages.forms.headed import HeadedSheet, headed_sheets
from api.pages.forms.typed_dates import WrongDate
from api.pages.rendering import labels
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from domain.commands.published_limits import limit_of
from domain.commands.published_text import PublishedItem
from domain.vocabulary.values import Kind, TimeLimit

TEXT, KIND, AREA, LIMIT = "Recommendation", "Kind", "Area", "Time limit"
HEADS: Mapping[str, str] = {
    TEXT: N_("its published words"),
    KIND: N_("recommendation, cause of concern or area for improvement; blank for the first"),
    AREA: N_("the area that it is about; blank to choose it in the form"),
    LIMIT: N_("such as: within three months, immediately, 31 March 2027, none; blank to read it "
              "from the words"),
}  # fmt: skip
"""The heads of the columns, and their meanings; others are left out."""
_LIMITS = {"immediate": "Immediately", "none": "None set", "unknown": "Not known"}


class BookItem(Struct, frozen=True):
    """A recommendation of a workbook: its words, and its area if a cell says so."""

    item: PublishedItem
    area: str | None = None


class BookItems(Struct, frozen=True):
    """The recommendations of a workbook in order, and what is wrong."""

    items: tuple[BookItem, ...]
    problems: tuple[str, ...]
    unread: tuple[str, ...] = ()
    """Columns with cells that have none of the heads."""


def items_in(sheets: Sequence[WorkbookSheet]) -> BookItems:
    """Read every sheet that has the column of the recommendations' words."""
    headed = headed_sheets(sheets, HEADS, TEXT)
    if not headed:
        return BookItems((), (_("No sheet has a column “%(head)s”.", head=TEXT),))
    problems: list[str] = []
    items: list[BookItem] = []
    for sheet in headed:
        problems += [*sheet.repeated(), *sheet.merged(HEADS)]
        items += _items(sheet, problems)
    unread = [column for sheet in headed for column in sheet.unread()]
    return BookItems(tuple(items), tuple(problems), tuple(unread))


def _items(sheet: HeadedSheet, problems: list[str]) -> Iterator[BookItem]:
    """Yield the recommendations of a sheet, and put what is wrong to the problems."""
    for place, cells in sheet.rows():
        if not cells:
            continue
        values: dict[str, str] = {}
        for head, cell in cells.items():
            try:
                values[head] = _value(head, cell)
            except (ValueError, WrongDate) as wrong:
                problems.append(place.problem(head, str(wrong)))
        if TEXT not in cells:
            problems.append(place.problem(TEXT, _("enter the words of the recommendation.")))
        elif TEXT in values:
            text = values[TEXT]
            limit = values[LIMIT] if LIMIT in values else limit_of(text)
            kind = Kind(values.get(KIND, Kind.RECOMMENDATION))
            yield BookItem(PublishedItem(text, kind, limit), values.get(AREA))


def _value(head: str, cell: Cell) -> str:
    """Return the value of a cell. Raises ValueError or WrongDate."""
    match head:
        case "Kind":
            return choice_of(cell, {str(kind): words for kind, words in labels.KINDS.items()})
        case "Area":
            return choice_of(cell, {str(area): words for area, words in labels.AREAS.items()})
        case "Time limit":
            return _limit(cell)
        case _:
            return text_of(cell)


def _limit(cell: Cell) -> TimeLimit:
    """Return the time limit of a cell. Raises ValueError or WrongDate."""
    check_value(cell)
    words = text_of(cell)
    if limit := limit_of(words) or limit_of(f"within {words}"):
        return limit
    try:
        return choice_of(cell, _LIMITS)
    except ValueError:
        day = cell_date(cell.value)
    if len(day) != len("2027-03-31"):
        raise ValueError(_("write the whole date, such as 31 March 2027."))
    return f"date:{day}"
