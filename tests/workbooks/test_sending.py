"""A force's workbook over HTTP: downloaded, filled in, sent back, checked and recorded."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import httpx
import openpyxl  # type: ignore[import-untyped]
import pytest
from msgspec import Struct

from adapters.postgres.database import Database
from adapters.tables.workbooks.reader import Cell, Value, WorkbookSheet, read_workbook
from api.pages.forms import sent_workbook
from api.pages.record.workbook.columns import COLUMNS, ROW_ID
from domain.vocabulary.actors import Actor
from tests.support.data.documents import PDF
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, KENT_BODY, issue
from tests.support.data.workbooks import HEAD_ROW, saved
from tests.support.served.browser import OURS, Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import AUDITOR, TRAINER, Service, command, published

pytestmark = pytest.mark.slow

PATH = "/record/workbook"
PLAN: Mapping[str, Value] = {"Answer": "It will act", "Plan": "Train all staff."}


class ReportToAnswer(Struct, frozen=True):
    """A report of recommendations to one force."""

    reference: str
    recommendations: list[str]


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (KENT, ESSEX, INSPECTOR, KENT_BODY, AUDITOR, TRAINER)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


def report_of(service: Service, many: int) -> ReportToAnswer:
    """A report of some recommendations to Kent, which every list has."""
    return report_with(service, *(f"Do thing {number}." for number in range(1, many + 1)))


def report_with(service: Service, *texts: str) -> ReportToAnswer:
    """A report of recommendations with some texts."""
    issues = (issue(ordinal=number, text=text) for number, text in enumerate(texts, 1))
    reference = f"kent-{uuid4().hex}"
    report = published(service, reference, *issues)
    assert service.get(f"/v1/recommendations?position={report.position}").is_success
    return ReportToAnswer(reference, report.recommendations)


def downloaded(browser: Browser) -> bytes:
    """The workbook of the force."""
    answer = browser.get(f"{PATH}/answers.xlsx")
    assert answer.status_code == 200, answer.text
    return answer.content


def rows_in(content: bytes) -> dict[str, int]:
    """The row of each recommendation in a workbook, by the reference and step of its id."""
    return {str(cells[1].value): row for row, cells in sheet_in(content).rows.items() if row > 3}


def sheet_in(content: bytes) -> WorkbookSheet:
    return next(sheet for sheet in read_workbook(content) if sheet.name == "Answers")


def filled(
    content: bytes,
    report: ReportToAnswer,
    answers: Mapping[int, Mapping[str, Value]],
    change: Callable[[Any], object] = lambda _: None,
) -> bytes:
    """The workbook with the answers of a report's recommendations, by their number."""
    book: Any = openpyxl.load_workbook(BytesIO(content))
    page = book["Answers"]
    columns = {cell.value: cell.column for cell in page[HEAD_ROW]}
    rows = rows_in(content)
    for number, values in answers.items():
        (row,) = [row for name, row in rows.items() if name.startswith(name_of(report, number))]
        for head, value in values.items():
            page.cell(row, columns[head], value)
    change(page)
    return saved(book)


def name_of(report: ReportToAnswer, number: int) -> str:
    """How the row id of a recommendation begins."""
    return f"{report.reference}-r{number:02}/"


def send_file(browser: Browser, content: bytes) -> httpx.Response:
    """Send a workbook back."""
    form = posted(browser.get(PATH))
    fields = {**form.fields, "then": "check"}
    return browser.send("POST", PATH, data=fields, files=[content], headers=OURS)


def last_of(service: Service, stream: str) -> dict[str, Any]:
    """The last entry of a recommendation, as its history has it."""
    history = service.get(f"/v1/recommendations/{stream}/history", INSPECTOR).json()
    return dict(history["items"][-1])


def steps_of(service: Service, report: ReportToAnswer) -> list[int]:
    return [last_of(service, stream)["step"] for stream in report.recommendations]


def test_the_workbook_has_what_is_not_closed_and_room_for_answers(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 2)
    first, _second = report.recommendations
    closure = {"reason": "withdrawn", "basis": "A mistake.", "on": "2026-01-05"}
    closed = command(service, first, INSPECTOR, "close", **closure).json()
    assert service.get(f"/v1/recommendations?position={closed['position']}").is_success
    content = downloaded(signed_in[KENT])
    names = [name for name in rows_in(content) if name.startswith(report.reference)]
    assert names == [f"{name_of(report, 2)}1"]
    sheet = sheet_in(content)
    heads = [str(cell.value) for cell in sheet.rows[HEAD_ROW].values()]
    assert heads == [column.head for column in COLUMNS]
    row = sheet.rows[rows_in(content)[names[0]]]
    assert [row[place].value for place in range(3, 7)] == [
        2,
        "Do thing 2.",
        "Within 3 months",
        "No action plan yet",
    ]
    assert all(place <= 8 for place in row), "the others are to answer in"


def test_the_workbook_shows_the_owner_on_record_and_sent_back_it_is_no_step(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[KENT], report_of(service, 3)
    first, second, _third = report.recommendations
    for stream in (first, second):
        named = command(service, stream, KENT, "name_owner", owner="Head of crime").json()
        assert service.get(f"/v1/recommendations?position={named['position']}").is_success
    content = downloaded(browser)
    sheet, rows = sheet_in(content), rows_in(content)
    place = next(p for p, cell in sheet.rows[HEAD_ROW].items() if cell.value == "Owner now")
    names = [
        sheet.rows[rows[f"{name_of(report, n)}{step}"]] for n, step in ((1, 2), (2, 2), (3, 1))
    ]
    assert [row[place].value if place in row else None for row in names] == [
        "Head of crime",
        "Head of crime",
        None,
    ]
    same = {"Owner": "Head of crime"}
    nothing = send_file(browser, filled(content, report, {1: same}))
    assert nothing.status_code == 400
    assert "Every answer is on record already." in words_of(nothing)
    answers = {1: same, 2: {"Owner": "Chief constable"}, 3: same}
    check = send_file(browser, filled(content, report, answers))
    assert check.status_code == 200, words_of(check)
    row = rows[f"{name_of(report, 1)}2"]
    assert f"The owner in these rows is on record already: {row}." in words_of(check)
    done = send(browser, posted(check), "record")
    assert "Recorded for 2 recommendations" in words_of(done)
    assert steps_of(service, report) == [2, 3, 2]
    owners = [last_of(service, s)["notes"]["owner"] for s in report.recommendations]
    assert owners == ["Head of crime", "Chief constable", "Head of crime"]


def test_the_workbook_keeps_the_rules_for_accessible_spreadsheets(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report_of(service, 1)
    book: Any = openpyxl.load_workbook(BytesIO(downloaded(signed_in[KENT])))
    assert book.sheetnames == ["Cover", "Notes", "Answers"]
    assert book.properties.title == "Recommendations to Kent Police: workbook to answer in"
    for page in book:
        assert page["A1"].value
        assert not page.merged_cells.ranges
        assert page.freeze_panes is None
    for name, table in (("Notes", "notes"), ("Answers", "answers")):
        assert list(book[name].tables) == [table]
    notes = [row[0].value for row in book["Notes"].iter_rows(min_row=HEAD_ROW + 1)]
    assert notes == [column.head for column in COLUMNS]
    answers = book["Answers"]
    assert answers.protection.sheet
    assert answers.protection.password is None
    assert answers.cell(4, 1).protection.locked
    assert not answers.cell(4, 11).protection.locked
    lists = {str(each.sqref)[0]: each.formula1 for each in answers.data_validations.dataValidation}
    assert lists["O"] == '"Yes"'
    assert lists["J"] == '"It will act,It will take no action"'


def test_answers_are_shown_and_recorded_together_once(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[KENT], report_of(service, 3)
    first, second, _third = report.recommendations
    done = {"Done": "Yes", "Done on": "30 June 2026", "Evidence": "An audit of 40 calls."}
    content = filled(
        downloaded(browser),
        report,
        {
            1: {**PLAN, "Owner": "Head of crime", "Target date": "May 2027"},
            2: {**done, "Progress": "All."},
        },
    )
    check = send_file(browser, content)
    assert check.status_code == 200, words_of(check)
    for said in ("Train all staff. Target date: May 2027", "30 June 2026", "An audit of 40 calls."):
        assert said in words_of(check)
    assert "were not read" not in words_of(check), "no sheet of the workbook is strange to it"
    assert steps_of(service, report) == [1, 1, 1]
    form = posted(check)
    results = [send(browser, form, "record") for _ in range(2)]
    for result in results:
        assert "Recorded for 2 recommendations" in words_of(result)
        assert "Recorded: Done, Done on, Evidence, Progress, step 3" in words_of(result)
    assert steps_of(service, report) == [3, 3, 1]
    undo = f"/recommendations/{first}/record/withdraw?step=2&amp;step=3"
    assert undo in results[0].text, "what a row recorded is undone together"
    form = posted(browser.get(undo.replace("&amp;", "&")))
    assert {"2", "3"} <= {*form.fields.values()}
    assert last_of(service, first)["notes"] == {
        "content": "Train all staff.\nTarget date: May 2027"
    }
    view = service.get(f"/v1/recommendations/{second}").json()
    assert view["claimed"]["on"] == "2026-06-30"


def test_every_faulty_row_is_named_in_one_answer_and_nothing_is_recorded(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[KENT], report_of(service, 4)
    command(
        service,
        report.recommendations[2],
        KENT,
        "receive_action_plan",
        answer="act",
        content="We will.",
    )
    essex = f"essex-{uuid4().hex}"
    published(service, essex, issue("essex"), force="essex")
    content = downloaded(browser)
    rows = rows_in(content)
    places = [rows[f"{name_of(report, n)}{2 if n == 3 else 1}"] for n in range(1, 5)]

    def change(page: Any) -> None:  # noqa: ANN401  the library has no types
        page.cell(places[3], 1, f"{essex}-r01/1")

    content = filled(
        content,
        report,
        {
            1: {"Answer": "Perhaps", "Plan": "Train."},
            2: {"Done": "Yes", "Done on": "1 May 2120", "Evidence": "An audit."},
            3: PLAN,
            4: PLAN,
        },
        change,
    )
    answer = send_file(browser, content)
    assert answer.status_code == 400
    said = words_of(answer)
    for problem in (
        "The workbook has 4 problems. Nothing was recorded.",
        f"Sheet Answers, row {places[0]}, column J (Answer): “Perhaps” is none of:",
        f"Sheet Answers, row {places[1]}, column P (Done on): 1 May 2120 is in the future",
        f"Sheet Answers, row {places[2]}, column K (Plan): An action plan can be received only",
        (f"Sheet Answers, row {places[3]}, column A (Row id: leave as it is): “{essex}-r01” is "
        "no recommendation to Kent Police."),
    ):  # fmt: skip
        assert problem in said, said
    assert steps_of(service, report) == [1, 1, 2, 1]


def test_a_row_whose_recommendation_moved_says_so_and_is_recorded_once_it_holds(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[KENT], report_of(service, 2)
    first, _second = report.recommendations
    content = filled(downloaded(browser), report, {1: {"Progress": "Half."}, 2: PLAN})
    plan = {"answer": "act", "content": "We will."}
    command(service, first, INSPECTOR, "receive_action_plan", **plan)
    check = send_file(browser, content)
    assert check.status_code == 200
    assert "Something was recorded for 1 recommendation" in words_of(check)
    assert "The force answered: it will act, recorded by inspector inspector-1" in words_of(check)
    assert "Half." in words_of(check)
    again = send(browser, posted(check), "record")
    assert again.status_code == 400
    assert "something was recorded since" in words_of(again)
    assert "The force answered: it will act, recorded by" in words_of(again), "still shown"
    assert steps_of(service, report) == [2, 1]
    done = send_ticked(browser, again, first)
    assert "Recorded for 2 recommendations" in words_of(done)
    assert steps_of(service, report) == [3, 2]


def send_ticked(browser: Browser, answer: httpx.Response, *streams: str) -> httpx.Response:
    """Say that some answers still hold, and record them; the boxes are outside of the form."""
    form = posted(answer)
    boxes = {f"holds-{stream}": "yes" for stream in streams}
    assert all(f'form="confirm" id="{box}"' in answer.text for box in boxes)
    return browser.post(form.action, {**form.fields, **boxes, "then": "record"})


def test_whoever_is_overtaken_between_the_check_and_the_recording_is_shown_what_happened(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[KENT], report_of(service, 2)
    first, second = report.recommendations
    content = filled(downloaded(browser), report, {1: PLAN, 2: {"Progress": "Half."}})
    check = send_file(browser, content)
    command(service, second, KENT, "name_owner", owner="Head of crime")
    overtaken = send(browser, posted(check), "record")
    assert "Recorded since this row was made" in words_of(overtaken)
    assert steps_of(service, report) == [1, 2], "all or nothing"
    assert "Recorded for 2 recommendations" in words_of(send_ticked(browser, overtaken, second))
    assert steps_of(service, report) == [2, 3]
    assert last_of(service, first)["tag"] == "recommendation.action_plan_received"


def test_a_plan_that_a_colleague_recorded_meanwhile_is_refused_with_what_happened(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[KENT], report_of(service, 1)
    content = filled(downloaded(browser), report, {1: PLAN})
    check = send_file(browser, content)
    plan = {"answer": "act", "content": "We will."}
    command(service, report.recommendations[0], INSPECTOR, "receive_action_plan", **plan)
    refused = send(browser, posted(check), "record")
    assert refused.status_code == 409
    assert "Recorded since: The force answered: it will act." in words_of(refused)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (PDF, "It is not an Excel workbook."),
        (b"a,b\n1,2\n", "It is not an Excel workbook."),
        (b"a\x00", "It is of no accepted type"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_in_words(
    signed_in: dict[Actor, Browser], content: bytes, why: str
) -> None:
    answer = send_file(signed_in[KENT], content)
    assert answer.status_code == 400
    assert why in words_of(answer)
    assert 'href="#workbook"' in answer.text


def test_a_workbook_with_macros_or_beyond_the_limit_is_refused_in_words(
    signed_in: dict[Actor, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in[KENT]
    content = downloaded(browser)
    with_macros = BytesIO(content)
    with ZipFile(with_macros, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macros")
    assert "It holds macros" in words_of(send_file(browser, with_macros.getvalue()))
    monkeypatch.setattr(sent_workbook, "WORKBOOK_BYTES_MAX", 1_000)
    assert "The workbook is larger than" in words_of(send_file(browser, content))


def test_a_workbook_without_answers_or_no_file_is_said_to_be_none(
    signed_in: dict[Actor, Browser],
) -> None:
    browser = signed_in[KENT]
    assert "No row of the workbook has an answer" in words_of(
        send_file(browser, downloaded(browser))
    )
    form = posted(browser.get(PATH))
    assert "Choose the workbook to send." in words_of(send(browser, form, "check"))


def test_only_a_force_answers_in_a_workbook_and_gets_its_own_alone(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 1)
    assert not [n for n in rows_in(downloaded(signed_in[ESSEX])) if n.startswith(report.reference)]
    content = filled(downloaded(signed_in[KENT]), report, {1: PLAN})
    said = words_of(send_file(signed_in[ESSEX], content))
    assert "is no recommendation to Essex Police" in said
    for actor in (INSPECTOR, KENT_BODY, AUDITOR):
        assert signed_in[actor].get(PATH).status_code == 403
        assert signed_in[actor].get(f"{PATH}/answers.xlsx").status_code == 403


def test_answers_that_were_changed_on_their_way_record_nothing_of_another_force(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 1)
    kent, essex = signed_in[KENT], signed_in[ESSEX]
    form = posted(send_file(kent, filled(downloaded(kent), report, {1: PLAN})))
    other = posted(essex.get(PATH))
    fields = {**form.fields, "_csrf": other.fields["_csrf"], "then": "record"}
    answer = essex.post(PATH, fields)
    assert answer.status_code == 409
    assert "is no recommendation to Essex Police" in words_of(answer)
    broken = kent.post(PATH, {**form.fields, "answers": "[{}]", "then": "record"})
    assert broken.status_code == 400
    assert steps_of(service, report) == [1]


def test_answers_that_were_held_for_a_person_are_checked_again(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[KENT], report_of(service, 1)
    form = posted(send_file(browser, filled(downloaded(browser), report, {1: PLAN})))
    again = browser.post(PATH, {**form.fields, "then": "change"})  # as its page goes on
    assert "Train all staff." in words_of(again)
    assert "Recorded for 1 recommendation" in words_of(send(browser, posted(again), "record"))


def test_the_pages_of_a_force_lead_to_its_workbook_and_to_nobody_elses(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    links = ("Download as a workbook to answer in", "Send the workbook back")
    kent, essex = signed_in[KENT], signed_in[ESSEX]
    for page in (kent.get("/forces/kent"), kent.get("/work")):
        for link in links:
            assert link in page.text
    for page in (
        essex.get("/forces/kent"),
        service.get("/forces/kent"),
        signed_in[INSPECTOR].get("/work"),
    ):
        assert links[0] not in page.text


def test_a_training_force_answers_in_a_workbook_of_its_own(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    reference = f"training-{uuid4().hex}"
    report = published(service, reference, issue("training"), force="training")
    assert service.get(f"/v1/recommendations?training=true&position={report.position}").is_success
    content = downloaded(signed_in[TRAINER])
    training = ReportToAnswer(reference, report.recommendations)
    check = send_file(signed_in[TRAINER], filled(content, training, {1: PLAN}))
    assert "Training: fictional." in check.text
    assert "Recorded for 1 recommendation" in words_of(
        send(signed_in[TRAINER], posted(check), "record")
    )


def test_a_formula_of_the_published_text_is_no_formula_in_the_workbook(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_with(service, '=HYPERLINK("https://example.org")')
    content = downloaded(signed_in[KENT])
    row = rows_in(content)[f"{name_of(report, 1)}1"]
    assert sheet_in(content).rows[row][4] == Cell('=HYPERLINK("https://example.org")')
    assert sheet_in(content).rows[HEAD_ROW][1].value == ROW_ID.head
