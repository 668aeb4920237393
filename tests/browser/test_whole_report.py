"""The work on a whole report in a real browser, with every page that is loaded counted.

Each person walks with a script on a wide page, and without one on a phone; and by keyboard alone.
"""

from collections.abc import Callable, Generator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Response

from adapters.identity.links import make_link
from adapters.postgres.database import OWNER, Database
from domain.vocabulary.actors import Actor
from tests.browser.test_pages import overflow
from tests.support.data.examples import INSPECTOR, KENT, KENT_BODY, issue
from tests.support.served.chromium import DESKTOP, PHONE
from tests.support.served.hands import Keyboard, Pointer
from tests.support.served.serving import AUDITOR, Published, Service, command, published

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MANY = 15
LOADS_MAX = 40
"""The most pages that an inspector loads, from the sign-in to the last closure."""
TEXT = (
    "Make sure that {} supervisors record why they decided as they did, so that others follow it."
)


class Walk:
    """A person's way through the pages by some hands, and how many pages were loaded."""

    def __init__(self, hands: Pointer) -> None:
        self.hands, self.page = hands, hands.page
        self.loads = 0
        self.page.on("response", self._count)

    def _count(self, answer: Response) -> None:
        if answer.request.is_navigation_request() and not 300 <= answer.status < 400:
            self.loads += 1

    def press(self, name: str) -> None:
        """Press a button, and look whether the next page fits its window."""
        self.hands.open(self.page.get_by_role("button", name=name, exact=True))
        assert overflow(self.page) <= 0, name

    def follow(self, name: str) -> None:
        self.hands.open(self.page.get_by_role("link", name=name).first)

    def choose(self, label: str, *, exact: bool = False) -> None:
        """Choose an answer for all recommendations."""
        self.hands.check(self.page.get_by_label(label, exact=exact).first)

    def fill(self, label: str, text: str) -> None:
        """Type an answer for all recommendations."""
        self.hands.fill(self.page.get_by_label(label).first, text)

    def choose_for(self, number: int, name: str, option: str) -> None:
        """Choose another answer for one recommendation."""
        self.hands.select(self._of(number, name), option)

    def fill_for(self, number: int, name: str, text: str) -> None:
        """Type another answer for one recommendation."""
        self.hands.fill(self._of(number, name), text)

    def unfold(self, text: str, nth: int = 0) -> None:
        self.hands.press(self.page.locator("summary", has_text=text).nth(nth))

    def date(self, group: str, **parts: str) -> None:
        """Type some parts of a date."""
        for name, text in parts.items():
            self.hands.fill(self.page.get_by_role("group", name=group).get_by_label(name), text)

    def record(self, many: int, done: int | None = None) -> None:
        """Check the answers, and record them for many recommendations."""
        self.press("Continue")
        assert self.page.get_by_role("heading", name="Check your answers").is_visible(), (
            self.page.inner_text("main")
        )
        self.press("Record it")
        heading = f"Recorded for {done or many} of {many} recommendation"  # or of many
        assert self.page.get_by_role("heading", name=heading).is_visible()

    def _of(self, number: int, name: str) -> Locator:
        return self.page.get_by_label(f"{name} for recommendation {number}", exact=True)


@pytest.fixture(params=["with a script, wide", "without a script, on a phone", "by keyboard alone"])
def walk_of(
    request: pytest.FixtureRequest, chromium: Chromium, service: Service, make_database: Database
) -> Generator[Callable[[Actor], Walk]]:
    """A walk of an actor that begins with the sign-in."""
    bare = request.param == "without a script, on a phone"
    context = chromium.new_context(
        base_url=service.url,
        reduced_motion="reduce",
        java_script_enabled=not bare,
        viewport=PHONE if bare else DESKTOP,
    )
    hands = Keyboard if request.param == "by keyboard alone" else Pointer

    def begin(actor: Actor) -> Walk:
        context.clear_cookies()
        walk = Walk(hands(context.new_page()))
        walk.page.goto("/sign-in/link")
        walk.fill("Paste the link", make_link(make_database.conninfo(OWNER), actor))
        walk.press("Sign in")
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


def plans(service: Service, report: Published) -> list[str]:
    """The text of the last step of each recommendation, which is its plan."""
    histories = (
        service.get(f"/v1/recommendations/{s}/history", INSPECTOR).json()["items"]
        for s in report.recommendations
    )
    return [history[-1]["notes"]["content"] for history in histories]


def test_an_inspector_takes_a_report_of_15_from_plan_to_closure_in_40_page_loads(
    service: Service, walk_of: Callable[[Actor], Walk]
) -> None:
    report, walk = report_of(service), walk_of(INSPECTOR)
    walk.page.goto(f"/reports/{report.id}")
    walk.follow("Record a step for all of these recommendations")

    walk.follow("Record the action plan")
    walk.choose("It will act")
    walk.fill("What will it do and by when", "The head of crime leads the work.")
    walk.choose_for(3, "Answer", "no_action")
    walk.fill_for(3, "Plan", "It is done since May.")
    walk.record(MANY)

    walk.press("Next: Review the action plan")
    assert "It is done since May." in walk.page.inner_text("main")
    walk.choose("Accept it")
    walk.choose_for(2, "Outcome", "Ask for changes")
    walk.fill_for(2, "Remarks", "By when?")
    walk.record(MANY)

    walk.follow("Record the action plan")
    assert "By when?" in walk.page.inner_text("main"), "the answer that it now judges"
    walk.choose("It will act")
    walk.fill("What will it do and by when", "By May.")
    walk.record(1)
    walk.press("Next: Review the action plan")
    walk.choose("Accept it")
    walk.record(1)

    _follow_up_and_close(walk)

    assert walk.loads <= LOADS_MAX, walk.loads
    stages = states(service, report, "stage")
    assert stages == ["closed"] * 4 + ["followed_up"] + ["closed"] * 10
    findings = [each[0]["finding"] for each in states(service, report, "findings")]
    assert findings == ["met"] * 4 + ["partly_met"] + ["met"] * 10


def _follow_up_and_close(walk: Walk) -> None:
    """Assign the follow-up, report it and close, each with a row that differs."""
    walk.press("Next: Assign a follow-up")
    walk.choose("A post-inspection review")
    walk.fill("Which edition of the follow-up procedure applies?", "2025")
    walk.choose_for(4, "Kind", "A re-inspection")
    walk.unfold("Also: Procedure", 4)
    walk.date("Until for recommendation 5", Month="May", Year="2027")
    walk.record(MANY)

    walk.press("Next: Report the follow-up")
    walk.choose("Met", exact=True)
    walk.fill("What does the published report say?", "Records are kept.")
    walk.fill("Where is it published?", "Review of 2027, page 9")
    walk.choose_for(5, "Finding", "Partly met")
    walk.fill_for(5, "Passage", "Half are kept.")
    walk.record(MANY)

    walk.press("Next: Close the recommendation")
    walk.choose("Inspectors verified that it is done")
    walk.fill("What is this decision based on?", "The review of 2027.")
    walk.fill("Where is this recorded?", "Review of 2027, page 9")
    walk.fill_for(6, "Basis", "A visit in May.")
    walk.record(MANY - 1)


def test_a_force_answers_a_whole_report(service: Service, walk_of: Callable[[Actor], Walk]) -> None:
    report, walk = report_of(service, 4), walk_of(KENT)
    walk.page.goto(f"/reports/{report.id}/work/receive_action_plan")
    walk.choose("It will act")
    walk.fill("What will it do and by when", "As in the file.")
    plan = b"recommendation,plan\n1,The head of crime leads the work.\n3,As in May.\n"
    walk.hands.send(
        walk.page.get_by_label("The plan as files"),
        {"name": "Plan.csv", "mimeType": "text/csv", "buffer": plan},
    )
    walk.press("Continue")
    assert "2 recommendations have answers from your file." in walk.page.inner_text("main")
    walk.fill_for(2, "Plan", "Page 2 of the file.")
    walk.record(4)
    assert plans(service, report) == [
        "The head of crime leads the work.",
        "Page 2 of the file.",
        "As in May.",
        "As in the file.",
    ]
    walk.follow("Work on this report")
    walk.follow("Report progress")
    walk.fill("What has been done since?", "Half of it.")
    walk.fill_for(3, "Progress", "All of it.")
    walk.record(4)
    walk.follow("Work on this report")
    walk.follow("Say that it is done")
    walk.press("Tick all recommendations")
    walk.fill("What shows that it is done?", "An audit of 40 calls.")
    walk.fill_for(2, "Evidence", "An audit of 10 calls.")
    walk.hands.uncheck(walk.page.get_by_role("checkbox", name="4. "))
    walk.record(3)
    claimed = [each is not None for each in states(service, report, "claimed")]
    assert claimed == [True, True, True, False]
    assert walk.loads <= LOADS_MAX


def test_a_body_publishes_its_comments_on_a_whole_report_and_its_own_view(
    service: Service, walk_of: Callable[[Actor], Walk]
) -> None:
    report, walk = report_of(service, 3), walk_of(KENT_BODY)
    walk.page.goto(f"/reports/{report.id}/work")
    walk.follow("Record the local policing body's comments")
    walk.choose("It will act")
    walk.fill("The chief officer's comments", "I accept all of them.")
    walk.fill("Where are they published?", "https://example.org/comments")
    for number in (1, 2, 3):
        walk.fill_for(number, "Comments", f"We will look at number {number}.")
        if number == 2:
            walk.choose_for(2, "Answer", "It will take no action, and explains why")
    walk.record(3)
    answers = [each["answer"] for each in states(service, report, "section_55")]
    assert answers == ["act", "no_action", "act"]
    walk.follow("Work on this report")
    walk.follow("Give the local policing body's own view")
    walk.press("Tick all recommendations")
    walk.choose("Satisfied that it is done")
    walk.fill("What is this view based on?", "A meeting in May.")
    walk.choose_for(3, "View", "Partly satisfied")
    walk.fill_for(3, "Reason", "Half of it was shown.")
    walk.record(3)
    views = [each["level"] for each in states(service, report, "assurance")]
    assert views == ["assured", "assured", "partly_assured"]


def test_an_auditor_replays_a_whole_report_on_another_day_and_as_it_was_known(
    service: Service, walk_of: Callable[[Actor], Walk]
) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    for stream in report.recommendations:
        plan = {"answer": "act", "content": "We will.", "on": "2022-09-05"}
        command(service, stream, KENT, "receive_action_plan", **plan)
    history = service.get(f"/v1/recommendations/{second}/history", INSPECTOR).json()
    before_reviews = history["items"][-1]["at"]
    review = {"outcome": "accepted", "on": "2022-10-03"}
    command(service, first, INSPECTOR, "review_action_plan", **review)
    review = {"outcome": "changes_requested", "remarks": "By when?", "on": "2022-10-04"}
    made = command(service, second, INSPECTOR, "review_action_plan", **review)
    assert service.get(f"/v1/recommendations?position={made.json()['position']}").is_success
    walk = walk_of(AUDITOR)

    def stood(known_at: str = "", **day: str) -> list[str]:
        """The state of each recommendation on the page of the report."""
        walk.page.goto(f"/reports/{report.id}{known_at and f'?known_at={known_at}'}")
        if day:
            walk.unfold("View another day")
            walk.date("As at the end of", **day)
            walk.press("View this day")
        items = walk.page.locator("main li:has(h3)").all()
        return [item.locator("p").last.inner_text() for item in items]

    reviewed, waiting = "Action plan reviewed", "Action plan being reviewed"
    assert stood() == [f"{reviewed} Overdue"] * 2, "today"
    assert stood(Day="3", Month="10", Year="2022") == [reviewed, waiting]
    assert stood(Day="5", Month="9", Year="2022") == [waiting] * 2
    assert stood(Day="20", Month="August", Year="2022") == ["No action plan yet"] * 2
    assert stood(known_at=before_reviews) == [f"{waiting} Overdue"] * 2, "as then known"
    walk.hands.open(walk.page.locator("main h3 a").nth(1))
    walk.follow("Full history")
    assert "By when?" in walk.page.inner_text("main")


def test_an_error_leads_to_its_field_by_keyboard(
    service: Service, walk_of: Callable[[Actor], Walk]
) -> None:
    report, walk = report_of(service, 2), walk_of(INSPECTOR)
    walk.page.goto(f"/reports/{report.id}/work/receive_action_plan")
    walk.choose("It will act")
    walk.press("Continue")
    walk.hands.press(walk.page.get_by_role("link", name="Enter an answer: What will it do"))
    assert walk.page.evaluate("document.activeElement.id") == "content"
    walk.page.keyboard.type("We will.")
    walk.record(2)


def test_the_keyboard_finds_nothing_that_hides_its_focus_or_that_tab_leaves_out(
    chromium: Chromium,
) -> None:
    page = chromium.new_page()
    page.set_content(
        "<p><a href='#' style='outline:none'>Hidden</a> <button tabindex=-1>Left out</button>"
        " <button>Found</button>"
    )
    keyboard = Keyboard(page)
    keyboard.reach(page.get_by_text("Found"))
    for name, why in (("Hidden", "does not show"), ("Left out", "does not lead")):
        with pytest.raises(AssertionError, match=why):
            keyboard.reach(page.get_by_text(name))
    page.close()
