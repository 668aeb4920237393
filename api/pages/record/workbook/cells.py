"""The answer of one cell of the workbook, by the kind of its column."""

from adapters.tables.workbooks.reader import Cell
from api.pages.forms.cell_dates import cell_date
from api.pages.forms.cells import check_value, choice_of, folded, text_of
from api.pages.record.workbook import columns
from api.pages.record.workbook.columns import AnswerColumn

_NO = frozenset({"no", "false"})


def answer_of(column: AnswerColumn, cell: Cell) -> str | None:
    """Return the answer of a cell, a choice by its code; None if it says nothing.

    Raises ValueError or WrongDate with the reason, in words.
    """
    if column.answer == "date":
        check_value(cell)
        return cell_date(cell.value)
    if column is columns.DONE and folded(str(cell.value)) in _NO:
        return None
    if column is columns.DONE and cell.value is True:
        return columns.YES
    return choice_of(cell, column.options) if column.answer == "choice" else text_of(cell)
