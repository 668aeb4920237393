"""The recommendations of a report as rows of a workbook."""

from datetime import date

import pytest

from adapters.tables.workbooks.reader import Cell, Value, WorkbookSheet
from api.pages.record.publishing.from_workbook import BookItem, items_in
from domain.commands.published_text import PublishedItem
from domain.vocabulary.values import Kind, TimeLimit


def sheet_of(*rows: dict[str, Value | Cell]) -> WorkbookSheet:
    """A sheet with heads in row 2, and the rows below."""
    heads = list(dict.fromkeys(head for row in rows for head in row))
    cells = {2: {place: Cell(head) for place, head in enumerate(heads, 1)}}
    for number, row in enumerate(rows, 3):
        cells[number] = {
            heads.index(head) + 1: value if isinstance(value, Cell) else Cell(value)
            for head, value in row.items()
        }
    return WorkbookSheet("Sheet1", cells)


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("Within three months", "months:3"),
        ("6 months", "months:6"),
        ("Immediately", "immediate"),
        ("immediate", "immediate"),
        ("None", "none"),
        ("Not known", "unknown"),
        ("31 March 2027", "date:2027-03-31"),
        (date(2027, 3, 31), "date:2027-03-31"),
    ],
)
def test_the_time_limit_of_a_row_is_read_from_its_cell(said: Value, limit: TimeLimit) -> None:
    read = items_in([sheet_of({"Recommendation": "Do it.", "Time limit": said})])
    assert read.items == (BookItem(PublishedItem("Do it.", Kind.RECOMMENDATION, limit)),)
    assert not read.problems


def test_a_row_without_a_time_limit_has_that_of_its_words_and_a_kind_and_area_by_name() -> None:
    row: dict[str, Value | Cell] = {
        "recommendation": "Within a year, the force should do it.",
        "KIND": "Cause of concern",
        "Area": "Leadership",
    }
    item = PublishedItem(str(row["recommendation"]), Kind.CAUSE_OF_CONCERN, "months:12")
    assert items_in([sheet_of(row)]).items == (BookItem(item, "leadership"),)


def test_every_problem_of_the_rows_is_named_with_its_cell() -> None:
    read = items_in(
        [
            sheet_of(
                {"Recommendation": "Do it.", "Kind": "Wish", "Time limit": "March 2027"},
                {"Kind": "Recommendation"},
                {"Recommendation": Cell("", "formula")},
            )
        ]
    )
    assert [problem.partition(":")[0] for problem in read.problems] == [
        "Sheet Sheet1, row 3, column B (Kind)",
        "Sheet Sheet1, row 3, column C (Time limit)",
        "Sheet Sheet1, row 4, column A (Recommendation)",
        "Sheet Sheet1, row 5, column A (Recommendation)",
    ]
    assert "write the whole date" in read.problems[1]


def test_a_workbook_without_the_column_of_recommendations_is_refused_in_words() -> None:
    assert items_in([sheet_of({"Text": "Do it."})]).problems == (
        "No sheet has a column “Recommendation”.",
    )
