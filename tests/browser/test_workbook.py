"""A force's officer who answers in a workbook, in a real browser, while somebody else records."""

from collections.abc import Generator
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import FilePayload

from adapters.identity.links import make_link
from adapters.postgres.database import OWNER, Database
from api.pages.record.workbook.download import XLSX
from tests.browser.test_pages import overflow, violations
from tests.support.data.examples import INSPECTOR, KENT, issue
from tests.support.data.workbooks import HEAD_ROW, saved
from tests.support.served.chromium import DESKTOP, PHONE
from tests.support.served.hands import Keyboard, Pointer
from tests.support.served.serving import Service, command, published

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(params=["with a script, wide", "without a script, on a phone", "by keyboard alone"])
def hands(
    request: pytest.FixtureRequest, chromium: Chromium, service: Service, make_database: Database
) -> Generator[Pointer]:
    """The hands of an officer of Kent who has signed in."""
    bare = request.param == "without a script, on a phone"
    context = chromium.new_context(
        base_url=service.url,
        reduced_motion="reduce",
        java_script_enabled=not bare,
        viewport=PHONE if bare else DESKTOP,
    )
    page = context.new_page()
    page.goto("/sign-in/link")
    page.get_by_label("Paste the link").fill(make_link(make_database.conninfo(OWNER), KENT))
    page.get_by_role("button", name="Sign in").click()
    yield Keyboard(page) if request.param == "by keyboard alone" else Pointer(page)
    context.close()


class Book:
    """The workbook as an officer has it open: cells by a recommendation's number and a head."""

    def __init__(self, path: Path, reference: str) -> None:
        self._book: Any = openpyxl.load_workbook(path)
        self._page = self._book["Answers"]
        self._columns = {cell.value: cell.column for cell in self._page[HEAD_ROW]}
        self._rows = {
            str(row[0].value).partition("/")[0]: row[0].row
            for row in self._page.iter_rows(min_row=HEAD_ROW + 1)
        }
        self._reference = reference

    def row(self, number: int) -> int:
        return int(self._rows[f"{self._reference}-r{number:02}"])

    def type(self, number: int, **answers: str) -> None:
        """Type into the cells of a row; the heads are in small letters."""
        heads = {str(head).lower().replace(" ", "_"): head for head in self._columns}
        for name, text in answers.items():
            self._page.cell(self.row(number), self._columns[heads[name]], text)

    @property
    def file(self) -> FilePayload:
        return {"name": "Answers.xlsx", "mimeType": XLSX, "buffer": saved(self._book)}


def send(hands: Pointer, book: Book) -> str:
    """Choose the workbook, send it, and return the text of the page that comes."""
    page = hands.page
    hands.send(page.get_by_label("The workbook with your answers"), book.file)
    hands.open(page.get_by_role("button", name="Continue"))
    assert overflow(page) <= 0
    return page.inner_text("main")


def check_accessible(hands: Pointer) -> None:
    """Look for what is inaccessible, which takes a page with scripts."""
    if hands.page.viewport_size == DESKTOP:
        assert not violations(hands.page)


def test_an_officer_mends_two_rows_and_records_all_though_one_moved_meanwhile(
    service: Service, hands: Pointer, tmp_path: Path
) -> None:
    reference = f"kent-{uuid4().hex}"
    issues = (issue(ordinal=n, text=f"Do thing {n}.") for n in range(1, 5))
    report = published(service, reference, *issues)
    assert service.get(f"/v1/recommendations?position={report.position}").is_success
    page = hands.page
    page.goto("/work")
    with page.expect_download() as waiting:
        hands.press(page.get_by_role("link", name="Download as a workbook to answer in"))
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    book = Book(path, reference)
    book.type(1, answer="It will act", plan="Train all staff.", target_date="30/06/2027")
    book.type(2, owner="Head of crime", progress="Half of it.")
    book.type(3, answer="perhaps", plan="Ask the courts.")
    book.type(4, done="Yes", done_on="30 June 2026")

    second = report.recommendations[1]
    command(service, second, INSPECTOR, "receive_action_plan", answer="act", content="By post.")

    page.goto("/forces/kent")
    hands.open(page.get_by_role("link", name="Send the workbook back"))
    refused = send(hands, book)
    assert "The workbook has 2 problems. Nothing was recorded." in refused
    assert f"Sheet Answers, row {book.row(3)}, column J (Answer): “perhaps” is none of" in refused
    assert f"Sheet Answers, row {book.row(4)}, column Q (Evidence): say what shows" in refused
    check_accessible(hands)
    hands.press(page.get_by_role("link", name="The workbook has 2 problems."))
    assert page.evaluate("document.activeElement.id") == "problems"

    book.type(3, answer="It will take no action")
    book.type(4, evidence="An audit of 40 calls.")
    shown = send(hands, book)
    assert "Something was recorded for 1 recommendation" in shown
    assert "The force answered: it will act" in shown
    for typed in ("Target date: 30 June 2027", "Half of it.", "An audit of 40 calls."):
        assert typed in shown
    check_accessible(hands)
    hands.open(page.get_by_role("button", name="Record all of them"))
    assert "something was recorded since" in page.inner_text("main")
    hands.check(page.get_by_role("checkbox", name=f"My answers in row {book.row(2)} still hold"))
    hands.open(page.get_by_role("button", name="Record all of them"))
    assert page.get_by_role("heading", name="Recorded for 4 recommendations").is_visible()
    assert overflow(page) <= 0
    stages = [
        service.get(f"/v1/recommendations/{s}", INSPECTOR).json() for s in report.recommendations
    ]
    assert [each["plan"] for each in stages] == ["received", "received", "received", "awaited"]
    assert [each["step"] for each in stages] == [2, 4, 2, 2], "all of them, and once"
    assert stages[3]["claimed"]["on"] == "2026-06-30"
