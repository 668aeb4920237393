"""Recording in a real browser: accessible, without scripts, and by keyboard alone."""

from collections.abc import Generator
from hashlib import sha256

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import FilePayload, Page

from adapters.identity.links import make_link
from adapters.postgres.database import OWNER, Database
from domain.vocabulary.actors import Actor
from tests.browser.test_pages import overflow, violations
from tests.support.data.documents import EXE, PDF
from tests.support.data.examples import ADMIN, INSPECTOR, KENT, KENT_BODY, issue
from tests.support.served.chromium import DESKTOP, PHONE
from tests.support.served.serving import Service, command, published

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOCUMENT = f"documents.{sha256(PDF).hexdigest()}"
LONG_NAME = f"{'Audit_of_calls_' * 12}.pdf"
PAGES: dict[str, tuple[Actor, str]] = {
    "an inspector's work": (INSPECTOR, "/work"),
    "what an inspector can record": (INSPECTOR, "/recommendations/{}"),
    "a review": (INSPECTOR, "/recommendations/{}/record/review_action_plan"),
    "a closure": (INSPECTOR, "/recommendations/{}/record/close"),
    "a time limit": (INSPECTOR, "/recommendations/{}/record/change_time_limit"),
    "not possible": (INSPECTOR, "/recommendations/{}/record/reopen"),
    "recorded": (INSPECTOR, "/recommendations/{}/recorded/2"),
    "what to correct": (INSPECTOR, "/recommendations/{}/correct"),
    "a correction": (INSPECTOR, "/recommendations/{}/record/correct/1/time_limit"),
    "what to correct of a report": (INSPECTOR, "/reports/{report}/correct"),
    "a correction of a report": (INSPECTOR, "/reports/{report}/record/correct/1/programme"),
    "a history": (INSPECTOR, "/recommendations/{}/history"),
    "what a source says": (INSPECTOR, "/recommendations/{}/record/note_outcome"),
    "a stale decision": (INSPECTOR, "/recommendations/{stale}"),
    "that it holds": (INSPECTOR, "/recommendations/{stale}/record/confirm_decision"),
    "whose notes can go": (ADMIN, "/recommendations/{}/history"),
    "a removal": (ADMIN, "/recommendations/{}/record/request_redaction/2/content"),
    "agreeing to one": (INSPECTOR, "/recommendations/{stale}/record/approve_redaction/2/content"),
    "whose documents can go": (ADMIN, "/recommendations/{}"),
    "the removal of a document": (
        ADMIN,
        f"/recommendations/{{}}/record/request_redaction/1/{DOCUMENT}",
    ),
    "a withdrawal": (INSPECTOR, "/recommendations/{}/record/withdraw"),
    "messages": (INSPECTOR, "/contacts"),
    "what is disputed": (INSPECTOR, "/disputes"),
    "several reviews": (INSPECTOR, "/record/reviews"),
    "whose plan": (INSPECTOR, "/record/plan"),
    "a report": (INSPECTOR, "/record/report"),
    "a report's text": (INSPECTOR, "/record/report/text"),
    "a force's work": (KENT, "/work"),
    "a force's addresses": (KENT, "/work/addresses"),
    "one plan for many": (KENT, "/record/plan"),
    "a workbook": (KENT, "/record/workbook"),
    "disputes": (KENT, "/recommendations/{}/disputes"),
    "a dispute": (KENT, "/recommendations/{}/record/dispute/1/text"),
    "a question": (INSPECTOR, "/recommendations/{}/record/ask_question/0"),
    "a claim": (KENT, "/recommendations/{}/record/claim_completion"),
    "a body's work": (KENT_BODY, "/work"),
    "comments": (KENT_BODY, "/recommendations/{}/record/respond_under_section_55"),
}


FIRST_LINES = """() => [...document.querySelectorAll('.govuk-summary-list__row')].map((row) => {
  const top = (one) => {
    const text = document.createRange()
    text.selectNodeContents(one)
    return [...text.getClientRects()].filter((line) => line.width > 0)[0].top
  }
  return {key: top(row.querySelector('dt')), value: top(row.querySelector('dd'))}
})"""
"""Where the first lines of the names and values of a summary begin."""


@pytest.fixture(scope="module")
def planned(service: Service) -> str:
    """A recommendation to Kent with a plan and a document, and one whose plan is owed."""
    text = "Review how the force records what it finds at first. " * 12
    issues = (issue("kent", text=text.strip()), issue("kent", ordinal=2, time_limit="immediate"))
    stream = published(service, "kent-browser-2026", *issues).recommendations[0]
    headers = {"Content-Disposition": f"attachment; filename={LONG_NAME}"}
    sent = service.client.post(
        f"/v1/recommendations/{stream}/documents",
        content=PDF,
        headers={**service.headers(KENT), **headers, "Content-Type": "application/pdf"},
    )
    assert sent.json()["name"] == LONG_NAME
    made = command(service, stream, KENT, "receive_action_plan", answer="act", content=text.strip())
    for path in ("/v1/recommendations", "/v1/worklist"):
        answer = service.get(f"{path}?position={made.json()['position']}", INSPECTOR)
        assert answer.is_success
    return stream


@pytest.fixture(scope="module")
def stale(service: Service) -> str:
    """A recommendation with a decision that became stale, and a note that is to be removed."""
    stream = published(service, "kent-stale-2026", issue("kent")).recommendations[0]
    for actor, tag, said in (
        (KENT, "receive_action_plan", {"answer": "act", "content": "We will."}),
        (INSPECTOR, "review_action_plan", {"outcome": "accepted"}),
        (INSPECTOR, "correct", {"step": 1, "field": "kind", "was": "recommendation",
                                "now": "cause_of_concern", "why": "A slip."}),
        (ADMIN, "request_redaction", {"step": 2, "field": "content", "ground": "court_order"}),
    ):  # fmt: skip
        answer = command(service, stream, actor, tag, **said)
        assert answer.status_code == 201, answer.text
    return stream


def signed_in(page: Page, database: Database, actor: Actor) -> Page:
    page.goto("/sign-in/link")
    page.get_by_label("Paste the link").fill(make_link(database.conninfo(OWNER), actor))
    page.get_by_role("button", name="Sign in").click()
    assert page.url.endswith("/work")
    return page


@pytest.fixture(scope="module")
def people(
    chromium: Chromium, service: Service, make_database: Database
) -> Generator[dict[Actor, Page]]:
    made: dict[Actor, Page] = {}
    for actor in (INSPECTOR, KENT, KENT_BODY, ADMIN):
        context = chromium.new_context(base_url=service.url, reduced_motion="reduce")
        made[actor] = signed_in(context.new_page(), make_database, actor)
    yield made
    for page in made.values():
        page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_every_recording_page_is_accessible_at_every_width(
    people: dict[Actor, Page], service: Service, planned: str, stale: str, name: str
) -> None:
    actor, path = PAGES[name]
    report = service.get(f"/v1/recommendations/{planned}").json()["report"]
    page = people[actor]
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        answer = page.goto(path.format(planned, stale=stale, report=report))
        assert answer is not None
        assert answer.ok is (name != "not possible"), answer.text()
        assert violations(page) == [], size
        assert overflow(page) <= 0, size


def test_the_error_summary_leads_to_the_field_and_the_check_page_is_accessible(
    people: dict[Actor, Page], planned: str
) -> None:
    page = people[INSPECTOR]
    page.set_viewport_size(DESKTOP)
    page.goto(f"/recommendations/{planned}/record/comment")
    page.get_by_role("button", name="Continue").click()
    assert violations(page) == []
    page.get_by_role("link", name="Enter an answer: Remark").click()
    assert page.evaluate("document.activeElement.id") == "comment"
    page.keyboard.type("Seen.")
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("heading", name="Check your answers").is_visible()
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert violations(page) == [], size
        assert overflow(page) <= 0, size
    page.get_by_role("button", name="Change your answers").click()
    assert page.get_by_label("Remark").input_value() == "Seen."


def test_a_report_is_published_and_its_plan_reviewed_without_scripts(
    chromium: Chromium, service: Service, make_database: Database
) -> None:
    context = chromium.new_context(base_url=service.url, java_script_enabled=False)
    page = signed_in(context.new_page(), make_database, INSPECTOR)
    page.get_by_role("link", name="Publish a report").click()
    page.get_by_label("Which force is it about?").select_option("Kent Police")
    page.get_by_label("National child protection inspection").check()
    page.get_by_label("2024 methodology").check()
    page.get_by_label("What is its title?").fill("Without a script")
    page.get_by_label("Where is it published?").fill("https://example.org/kent")
    page.get_by_label("What is it called in this service?").fill("kent-no-script-2026")
    for name, text in (("Day", "5"), ("Month", "1"), ("Year", "2026")):
        page.get_by_label(name, exact=True).first.fill(text)
    page.get_by_label("What does it ask for?").fill("Work without a script.")
    page.get_by_label("Recommendation", exact=True).check()
    page.get_by_label("Which area is it about?").select_option("Leadership and governance")
    page.get_by_label("Immediately").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Publish the report").click()
    page.get_by_role("link", name="View the report").click()
    page.goto(page.url)
    page.get_by_role("link", name="Work without a script.").click()
    page.get_by_role("link", name="Record the action plan").click()
    page.get_by_label("It will act").check()
    page.get_by_label("What will it do").fill("What it takes.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Record it").click()
    assert page.get_by_role("heading", name="Recorded").is_visible()
    page.get_by_role("link", name="View the recommendation").click()
    page.get_by_role("link", name="Review the action plan").click()
    page.get_by_label("Accept it").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Record it").click()
    assert page.get_by_text("Inspectors accepted the action plan", exact=True).is_visible()
    context.close()


def test_the_long_name_of_a_refused_file_fits_a_phone(
    people: dict[Actor, Page], planned: str
) -> None:
    page = people[KENT]
    page.set_viewport_size(PHONE)
    page.goto(f"/recommendations/{planned}/record/claim_completion")
    page.get_by_label("What shows that it is done?").fill("All are trained.")
    file: FilePayload = {"name": LONG_NAME, "mimeType": "application/pdf", "buffer": EXE}
    page.get_by_label("Documents that show it").set_input_files(file)
    page.get_by_role("button", name="Continue").click()
    assert "There is a problem" in page.inner_text("main")
    assert LONG_NAME[:80] in page.inner_text("main")
    assert overflow(page) <= 0


def test_answers_to_check_are_beside_their_names_and_changed_one_by_one(
    people: dict[Actor, Page], planned: str
) -> None:
    page = people[INSPECTOR]
    page.set_viewport_size(DESKTOP)
    page.goto(f"/recommendations/{planned}/record/comment")
    page.get_by_label("Remark").fill("Seen.\nIn two lines.")
    page.get_by_role("button", name="Continue").click()
    tops = page.evaluate(FIRST_LINES)
    assert len(tops) > 1
    assert [top for top in tops if abs(top["key"] - top["value"]) > 2] == []
    page.get_by_role("button", name="Change Remark").click()
    assert page.url.endswith("/record/comment#comment")
    assert page.get_by_label("Remark").input_value() == "Seen.\nIn two lines."
