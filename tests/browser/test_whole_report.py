"""The work on a whole report in a real browser, with every page that is loaded counted.

Each person walks with a script on a wide page, and without one on a phone; and by keyboard alone.
"""

from collections.abc import Callable, Generator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Response

from adapters.postgres.database import Database
from domain.vocabulary.actors import Actor
from tests.browser.test_pages import overflow, violations
from tests.browser.test_work import signed_in
from tests.support.data.examples import INSPECTOR, KENT, KENT_BODY, issue
from tests.support.served.chromium import DESKTOP, PHONE
from tests.support.served.serving import AUDITOR, Published, Service, command, published

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MANY = 15
LOADS_MAX = 40
"""The most pages that an inspector loads, from the sign-in to the last closure."""
TEXT = (
    "Make sure that {} supervisors record why they decided as they did, so that others follow it."
)


class Walk:
    """A person's pages, and how many of them were loaded."""

    def __init__(self, page: Page, service: Service) -> None:
        self.page, self.service = page, service
        self.loads = 0
        page.on("response", self._count)

    def _count(self, answer: Response) -> None:
        if answer.request.is_navigation_request() and not 300 <= answer.status < 400:
            self.loads += 1

    def press(self, name: str) -> None:
        """Press a button, and look whether the next page fits its window."""
        self.page.get_by_role("button", name=name, exact=True).click()
        assert overflow(self.page) <= 0, name

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def record(self, many: int, done: int | None = None) -> None:
        """Check the answers, and record them for many recommendations."""
        self.press("Continue")
        assert self.page.get_by_role("heading", name="Check your answers").is_visible(), (
            self.page.inner_text("main")
        )
        self.press("Record it")
        heading = f"Recorded for {done or many} of {many} recommendations"
        assert self.page.get_by_role("heading", name=heading).is_visible()


@pytest.fixture(params=["with a script, wide", "without a script, on a phone"])
def walk_of(
    request: pytest.FixtureRequest, chromium: Chromium, service: Service, make_database: Database
) -> Generator[Callable[[Actor], Walk]]:
    """A walk of an actor who has just signed in, with its loads counted from before that."""
    scripts = request.param == "with a script, wide"
    context = chromium.new_context(
        base_url=service.url,
        reduced_motion="reduce",
        java_script_enabled=scripts,
        viewport=DESKTOP if scripts else PHONE,
    )

    def begin(actor: Actor) -> Walk:
        context.clear_cookies()
        walk = Walk(context.new_page(), service)
        signed_in(walk.page, make_database, actor)
        return walk

    yield begin
    context.close()


def report_of(service: Service, many: int = MANY, **more: str) -> Published:
    """A published report of some recommendations to Kent, which every list has."""
    issues = (
        issue(ordinal=number, text=TEXT.format(number), **more)  # type: ignore[arg-type]
        for number in range(1, many + 1)
    )
    report = published(service, f"kent-{uuid4().hex}", *issues)
    for path in ("/v1/recommendations", "/v1/reports"):
        assert service.get(f"{path}?position={report.position}", INSPECTOR).is_success
    return report


def states(service: Service, report: Published, name: str) -> list[Any]:
    return [service.get(f"/v1/recommendations/{s}").json()[name] for s in report.recommendations]


def test_an_inspector_takes_a_report_of_15_from_plan_to_closure_in_40_page_loads(
    service: Service, walk_of: Callable[[Actor], Walk]
) -> None:
    report, walk = report_of(service), walk_of(INSPECTOR)
    page = walk.page
    page.goto(f"/reports/{report.id}")
    walk.follow("Record a step for all of these recommendations")

    walk.follow("Record the action plan")
    page.get_by_label("It will act").first.check()
    page.get_by_label("What will it do and by when").fill("The head of crime leads the work.")
    page.get_by_label("Answer for recommendation 3", exact=True).select_option("no_action")
    page.get_by_label("Plan for recommendation 3", exact=True).fill("It is done since May.")
    walk.record(MANY)

    walk.press("Next: Review the action plan")
    assert "It is done since May." in page.inner_text("main")
    page.get_by_label("Accept it").first.check()
    page.get_by_label("Outcome for recommendation 2", exact=True).select_option("Ask for changes")
    page.get_by_label("Remarks for recommendation 2", exact=True).fill("By when?")
    walk.record(MANY)

    walk.follow("Record the action plan")
    assert "By when?" in page.inner_text("main"), "the answer that it now judges"
    page.get_by_label("It will act").first.check()
    page.get_by_label("What will it do and by when").fill("By May.")
    walk.record(1)
    walk.press("Next: Review the action plan")
    page.get_by_label("Accept it").first.check()
    walk.record(1)

    _follow_up_and_close(walk)

    assert walk.loads <= LOADS_MAX, walk.loads
    stages = states(service, report, "stage")
    assert stages == ["closed"] * 4 + ["followed_up"] + ["closed"] * 10
    findings = [each[0]["finding"] for each in states(service, report, "findings")]
    assert findings == ["met"] * 4 + ["partly_met"] + ["met"] * 10


def _follow_up_and_close(walk: Walk) -> None:
    """Assign the follow-up, report it and close, each with a row that differs."""
    page = walk.page
    walk.press("Next: Assign a follow-up")
    page.get_by_label("A post-inspection review").first.check()
    page.get_by_label("Which edition of the follow-up procedure applies?").fill("2025")
    page.get_by_label("Kind for recommendation 4", exact=True).select_option("A re-inspection")
    page.get_by_text("Also: Procedure").nth(4).click()
    window = page.get_by_role("group", name="Until for recommendation 5")
    window.get_by_label("Month").fill("May")
    window.get_by_label("Year").fill("2027")
    walk.record(MANY)

    walk.press("Next: Report the follow-up")
    page.get_by_label("Met", exact=True).first.check()
    page.get_by_label("What does the published report say?").fill("Records are kept.")
    page.get_by_label("Where is it published?").fill("Review of 2027, page 9")
    page.get_by_label("Finding for recommendation 5", exact=True).select_option("Partly met")
    page.get_by_label("Passage for recommendation 5", exact=True).fill("Half are kept.")
    walk.record(MANY)

    walk.press("Next: Close the recommendation")
    page.get_by_label("Inspectors verified that it is done").first.check()
    page.get_by_label("What is this decision based on?").fill("The review of 2027.")
    page.get_by_label("Where is this recorded?").fill("Review of 2027, page 9")
    page.get_by_label("Basis for recommendation 6", exact=True).fill("A visit in May.")
    walk.record(MANY - 1)


def test_a_force_answers_a_whole_report(service: Service, walk_of: Callable[[Actor], Walk]) -> None:
    report, walk = report_of(service, 4), walk_of(KENT)
    page = walk.page
    page.goto(f"/reports/{report.id}/work/receive_action_plan")
    page.get_by_label("It will act").first.check()
    page.get_by_label("What will it do and by when").fill("As in the file.")
    page.get_by_label("Plan for recommendation 2", exact=True).fill("Page 2 of the file.")
    plan = b"number,plan\n1,The head of crime leads the work.\n"
    page.get_by_label("The plan as files").set_input_files(
        {"name": "Plan.csv", "mimeType": "text/csv", "buffer": plan}
    )
    walk.record(4)
    walk.follow("Work on this report")
    walk.follow("Report progress")
    page.get_by_label("What has been done since?").fill("Half of it.")
    page.get_by_label("Progress for recommendation 3", exact=True).fill("All of it.")
    walk.record(4)
    walk.follow("Work on this report")
    walk.follow("Say that it is done")
    page.get_by_label("What shows that it is done?").fill("An audit of 40 calls.")
    page.get_by_role("checkbox", name="4. ").uncheck()
    walk.record(3)
    claimed = [each is not None for each in states(service, report, "claimed")]
    assert claimed == [True, True, True, False]
    assert walk.loads <= LOADS_MAX


def test_a_body_publishes_its_comments_on_a_whole_report_and_an_auditor_replays_it(
    service: Service, walk_of: Callable[[Actor], Walk]
) -> None:
    report, walk = report_of(service, 3), walk_of(KENT_BODY)
    page = walk.page
    page.goto(f"/reports/{report.id}/work")
    walk.follow("Record the local policing body's comments")
    page.get_by_label("It will act").first.check()
    page.get_by_label("The chief officer's comments").fill("I accept all of them.")
    page.get_by_label("Where are they published?").fill("https://example.org/comments")
    for number in (1, 2, 3):
        explained = page.get_by_label(f"Comments for recommendation {number}", exact=True)
        explained.fill(f"We will look at number {number}.")
    page.get_by_label("Answer for recommendation 2", exact=True).select_option(
        "It will take no action, and explains why"
    )
    walk.record(3)
    answers = [each["answer"] for each in states(service, report, "section_55")]
    assert answers == ["act", "no_action", "act"]

    auditor = walk_of(AUDITOR).page
    auditor.goto(f"/recommendations/{report.recommendations[1]}")
    assert "We will look at number 2." in auditor.inner_text("main")
    assert "The chief officer's comments: I accept all of them." in auditor.inner_text("main")
    auditor.get_by_role("link", name="Full history").first.click()
    assert "kent-pcc" in auditor.inner_text("main")
    auditor.goto(f"/recommendations/{report.recommendations[1]}?on=2022-08-06")
    assert "We will look at number 2." not in auditor.inner_text("main"), "as it stood before"


def test_the_work_on_a_report_is_done_by_keyboard_alone_and_every_page_of_it_is_accessible(
    chromium: Chromium, service: Service, make_database: Database
) -> None:
    report = report_of(service, 2)
    for stream in report.recommendations:
        command(service, stream, KENT, "receive_action_plan", answer="act", content="We will.")
    context = chromium.new_context(base_url=service.url, reduced_motion="reduce")
    page = signed_in(context.new_page(), make_database, INSPECTOR)
    page.set_viewport_size(DESKTOP)
    page.goto(f"/reports/{report.id}/work")
    assert violations(page) == []
    open_by(page, "Review the action plan")
    assert violations(page) == []
    open_by(page, "Continue")
    assert violations(page) == []
    page.keyboard.press("Tab")  # from the summary of errors to its link
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "outcome"
    page.keyboard.press("Space")
    go_to(page, "Outcome for recommendation 2", "ArrowDown", "ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("By when?")
    open_by(page, "Continue")
    assert violations(page) == []
    open_by(page, "Record it")
    assert violations(page) == []
    assert page.get_by_role("heading", name="Recorded for 2 of 2 recommendations").is_visible()
    assert states(service, report, "plan") == ["accepted", "changes_requested"]
    context.close()


NAME = """() => { const one = document.activeElement
  return (one.labels?.[0] ?? one).textContent.trim().replace(/\\s+/g, ' ') }"""


def go_to(page: Page, name: str, *keys: str) -> None:
    """Press Tab until something of some name has the focus, then other keys."""
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate(NAME).startswith(name):
            break
    else:
        pytest.fail(f"Tab never comes to {name}")
    for key in keys:
        page.keyboard.press(key)


def open_by(page: Page, name: str) -> None:
    """Open the page of a link or button by keyboard."""
    go_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")
