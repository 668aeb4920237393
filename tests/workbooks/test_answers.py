"""The rows of a workbook as commands, and each problem with its sheet, row and column."""

from datetime import date

import pytest

from adapters.tables.workbooks.reader import Cell, Merged, Value, WorkbookSheet
from api.pages.forms.cell_dates import cell_date
from api.pages.forms.typed_dates import WrongDate
from api.pages.record.workbook import answers
from api.pages.record.workbook.answers import answers_in
from api.pages.record.workbook.columns import COLUMNS, ROW_ID
from api.pages.record.workbook.rows import AnswerCommand
from domain.commands.recommendation import (
    ClaimCompletion,
    NameOwner,
    ReceiveActionPlan,
    ReceiveUpdate,
    ReportProgress,
)
from tests.support.data.workbooks import answers_sheet, row

ACT = "It will act"


def commands_of(**typed: Value | Cell) -> tuple[AnswerCommand, ...]:
    """The commands of a workbook with one row, which has no problem."""
    answered = answers_in([answers_sheet(row(**typed))])
    assert not answered.problems
    (only,) = answered.rows
    return only.commands


def problems_of(*sheets: WorkbookSheet) -> tuple[str, ...]:
    return answers_in(sheets).problems


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ({"owner": "Head of crime"}, NameOwner(owner="Head of crime")),
        (
            {"answer": ACT, "plan": " Train all staff. "},
            ReceiveActionPlan(answer="act", content="Train all staff."),
        ),
        (
            {"answer": "no action", "plan": "It is done.\r\nSince May."},
            ReceiveActionPlan(answer="no_action", content="It is done.\nSince May."),
        ),
        (
            {"answer": "ACT", "plan": "Train.", "target_date": date(2027, 5, 31)},
            ReceiveActionPlan(answer="act", content="Train.\nTarget date: 31 May 2027"),
        ),
        ({"update": "Done at once."}, ReceiveUpdate(content="Done at once.")),
        ({"progress": 40}, ReportProgress(progress="40")),
        ({"progress": date(2026, 5, 1)}, ReportProgress(progress="1 May 2026")),
        ({"done": "yes", "evidence": "An audit."}, ClaimCompletion(evidence="An audit.")),
        (
            {"done": True, "done_on": "30/6/2026", "evidence": "An audit."},
            ClaimCompletion(evidence="An audit.", on="2026-06-30"),
        ),
    ],
)
def test_the_answers_of_a_row_make_the_commands_of_the_force(
    typed: dict[str, Value], command: AnswerCommand
) -> None:
    assert commands_of(**typed) == (command,)


def test_a_claim_of_an_earlier_day_comes_before_what_is_dated_today() -> None:
    claim: dict[str, Value] = {"done": "Yes", "evidence": "An audit."}
    others: dict[str, Value] = {"owner": "Head of crime", "progress": "All."}
    today = [type(command) for command in commands_of(**claim, **others)]
    assert today == [NameOwner, ReportProgress, ClaimCompletion]
    earlier = [type(command) for command in commands_of(**claim, **others, done_on="May 2026")]
    assert earlier == [ClaimCompletion, NameOwner, ReportProgress]


def test_a_row_knows_its_recommendation_and_the_step_it_was_made_at() -> None:
    (only,) = answers_in([answers_sheet(row("kent-ncpi-2022-7", 12, owner="A post"))]).rows
    assert (only.reference, only.step, only.place.words) == (
        "kent-ncpi-2022-7",
        12,
        "Sheet Answers, row 4",
    )


def test_every_problem_names_its_sheet_row_and_column_and_none_hides_another() -> None:
    sheet = answers_sheet(
        row(answer="maybe", plan="Train.", target_date="soon"),
        row("kent-ncpi-2022-2", done_on="31/02/2026", evidence="An audit."),
        row(
            "kent-ncpi-2022-3",
            progress=Cell("", "formula"),
            owner=Cell("#REF!", "error"),
            update=Cell("Done\ufffd.", "character"),
        ),
        row("kent-ncpi-2022-4", plan="x" * 4_001, answer=ACT, update="bell \x07"),
        row("kent-ncpi-2022-5", done="Yes"),
        row("kent-ncpi-2022-6", target_date="May 2027"),
        {ROW_ID.head: "Kent 7", "Owner": "A post"},
        {"Owner": "A post"},
        name="Back again",
    )
    assert problems_of(sheet) == tuple(
        f"Sheet Back again, row {problem}"
        for problem in (
            "4, column J (Answer): “maybe” is none of: It will act / It will take no action.",
            "4, column L (Target date): “soon” is no date. Write it as 30 June 2026 or 30/06/2026.",
            "5, column P (Done on): enter a day from 1 to 28, as February 2026 has.",
            "5, column P (Done on): choose Yes in the column Done, or clear this cell.",
            "5, column Q (Evidence): choose Yes in the column Done, or clear this cell.",
            "6, column I (Owner): “#REF!” is an error of the spreadsheet.",
            "6, column M (Update): a character of the text is lost and shown as �. Type it again.",
            "6, column N (Progress): this formula has no stored result. Put the text in its place.",
            "7, column K (Plan): this is longer than 4,000 characters.",
            "7, column M (Update): it has U+0007. Write it out in letters.",
            "8, column Q (Evidence): say what shows that it is done.",
            "9, column J (Answer): choose the answer of the plan.",
            "9, column K (Plan): say what the force will do, or why it will take no action.",
            "10, column A (Row id: leave as it is): “Kent 7” is no row id. Put back what it was.",
            (
                "11, column A (Row id: leave as it is): this row has answers and no row id. Copy "
                "it from the workbook as it was."
            ),
        )
    )


def test_a_recommendation_with_answers_in_two_rows_is_named_with_both() -> None:
    sheet = answers_sheet(row(owner="A post"), row("kent-ncpi-2022-2"), row(progress="Half."))
    assert problems_of(sheet) == (
        (
            "Sheet Answers, row 6, column A (Row id: leave as it is): this recommendation has "
            "answers before: Sheet Answers, row 4. Put them into one row."
        ),
    )


def test_rows_without_answers_are_left_out_wherever_they_stand() -> None:
    answered = answers_in(
        [answers_sheet(row(), {}, {"Stage": "Typed over"}, row(done="No"), row(owner="A post"))]
    )
    assert [each.place.row for each in answered.rows] == [8]
    assert not answered.problems


def test_columns_are_known_by_their_heads_and_others_are_said_not_to_be_read() -> None:
    sheet = answers_sheet(
        {**row(owner="A post"), "Our notes": "Call Anna."}, without="Recommendation"
    )
    moved = WorkbookSheet(
        "Sheet2",
        {
            number + 1: {column + 3: cell for column, cell in cells.items()}
            for number, cells in sheet.rows.items()
        },
    )
    answered = answers_in([WorkbookSheet("Cover", {}), moved])
    assert [each.commands for each in answered.rows] == [(NameOwner(owner="A post"),)]
    assert answered.unread == ("Sheet Sheet2, column T: Our notes",)


def test_a_known_column_that_stands_twice_is_refused() -> None:
    sheet = answers_sheet({**row(owner="A post"), "  PLAN ": "Another plan"})
    assert problems_of(sheet) == (
        "Sheet Answers, row 3, column R: the column “  PLAN ” is there twice. Keep one.",
    )


def test_merged_cells_among_the_answers_are_refused_and_others_do_not_matter() -> None:
    sheet = answers_sheet(row(owner="A post"))
    merged = [Merged(1, 1, 1, 16), Merged(4, 6, 8, 9), Merged(4, 6, 2, 3)]
    assert problems_of(WorkbookSheet(sheet.name, sheet.rows, merged)) == (
        (
            "Sheet Answers, rows 4 to 6, columns H to I: these cells are merged, so that only one "
            "of them can have an answer. Unmerge them."
        ),
    )


def test_a_workbook_without_row_ids_or_with_too_many_answers_is_refused_in_words() -> None:
    (problem,) = problems_of(answers_sheet({"Owner": "A post"}, without=ROW_ID.head))
    assert problem.startswith(f"No sheet has a column “{ROW_ID.head}”")
    rows = [row(f"kent-ncpi-2022-{n}", owner="A post") for n in range(answers.ROWS_MAX + 1)]
    (problem,) = problems_of(answers_sheet(*rows))
    assert problem.startswith("It has more than 300 rows with answers")


@pytest.mark.parametrize(
    ("value", "when"),
    [
        (date(2026, 6, 30), "2026-06-30"),
        ("30 June 2026", "2026-06-30"),
        ("30th jun 2026", "2026-06-30"),
        ("30/06/2026", "2026-06-30"),
        ("30.6.2026", "2026-06-30"),
        ("2026-06-30", "2026-06-30"),
        ("2026-06-30 00:00:00", "2026-06-30"),
        ("June 2026", "2026-06"),
        ("6/2026", "2026-06"),
        ("2026-06", "2026-06"),
        ("2026", "2026"),
        (2026, "2026"),
        (46203, "2026-06-30"),
        (46203.5, "2026-06-30"),
    ],
)
def test_a_date_is_read_as_a_spreadsheet_or_a_person_writes_it(value: Value, when: str) -> None:
    assert cell_date(value) == when


@pytest.mark.parametrize(
    "value",
    ["06/30/2026", "30/06/26", "Tuesday 30 June 2026", "soon", "1.2.3.4", 12, 1e9, True,
     date(2300, 1, 1), float("nan"), float("inf"), "0/0/0000"],
)  # fmt: skip
def test_what_is_no_date_is_refused_in_words(value: Value) -> None:
    with pytest.raises(WrongDate):
        cell_date(value)


def test_heads_are_unique() -> None:
    heads = [column.head.casefold() for column in COLUMNS]
    assert len(set(heads)) == len(heads)


def test_no_choice_has_a_comma_which_would_part_it_in_a_list_of_excel() -> None:
    choices = [choice for column in COLUMNS for choice in column.options.values()]
    assert choices
    assert not [choice for choice in choices if "," in choice]
