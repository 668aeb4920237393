"""Each form of the work on a report on a phone: fresh, in error, to be checked, and recorded.

The steps of a report, and beside them the longest forms of a single recommendation.
"""

from collections.abc import Generator, Mapping
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
from msgspec import Struct
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from adapters.postgres.database import Database
from api.pages.record.several.grid import OF_TAG
from domain.vocabulary.actors import Actor
from tests.browser.test_narrow import too_wide
from tests.browser.test_pages import violations
from tests.browser.test_work import signed_in
from tests.support.data.examples import INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR, issue
from tests.support.data.longest import LINE
from tests.support.served.chromium import PHONE
from tests.support.served.serving import Published, Service, command, published

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Step: TypeAlias = tuple[Actor, str, Mapping[str, Any]]
PLAN: Step = (KENT, "receive_action_plan", {"answer": "act", "content": "We will."})
ACCEPTED: Step = (INSPECTOR, "review_action_plan", {"outcome": "accepted"})
FOLLOW_UP = {"kind": "monitoring", "procedure": "Post-inspection follow-up, 2025"}
ASSIGNED: Step = (INSPECTOR, "assign_follow_up", FOLLOW_UP)
CLAIMED: Step = (KENT, "claim_completion", {"evidence": "An audit."})
CORRECTED: Step = (
    INSPECTOR, "correct",
    {"step": 1, "field": "time_limit", "was": "months:3", "now": "months:6", "why": "Misread."},
)  # fmt: skip
PROPOSED: Step = (
    OTHER_INSPECTOR, "propose_closure", {"basis": "A visit.", "source": "Letter of 2027"},
)  # fmt: skip


class Case(Struct, frozen=True):
    """A form: its person, the answers that complete it, and the steps that come before it."""

    actor: Actor
    answers: Mapping[str, str]
    before: tuple[Step, ...] = ()
    time_limit: str = "months:3"


CASES: Mapping[str, Case] = {
    "name_owner": Case(KENT, {"owner": "Head of crime"}),
    "receive_action_plan": Case(KENT, PLAN[2]),
    "receive_update": Case(KENT, {"content": "All were told."}, time_limit="immediate"),
    "waive_action_plan": Case(INSPECTOR, {"reason": "It is done."}),
    "review_action_plan": Case(INSPECTOR, ACCEPTED[2], (PLAN,)),
    "assign_follow_up": Case(INSPECTOR, FOLLOW_UP, (PLAN, ACCEPTED)),
    "report_progress": Case(KENT, {"progress": "Half of it."}, (PLAN,)),
    "claim_completion": Case(KENT, CLAIMED[2], (PLAN,)),
    "return_claim": Case(INSPECTOR, {"reason": "What of the nights?"}, (PLAN, CLAIMED)),
    "report_follow_up": Case(
        INSPECTOR,
        {"finding": "met", "passage": "Records are kept.", "source": "Review of 2027"},
        (PLAN, ACCEPTED, ASSIGNED),
    ),
    "propose_closure": Case(INSPECTOR, {"basis": "A visit.", "source": "Letter of 2027"}, (PLAN,)),
    "close": Case(INSPECTOR, {"reason": "withdrawn", "basis": "A letter."}, (PLAN,)),
    "confirm_decision": Case(INSPECTOR, {"why": "It was known."}, (PLAN, ACCEPTED, CORRECTED)),
    "decline_closure": Case(INSPECTOR, {"reason": "What of the nights?"}, (PLAN, PROPOSED)),
    "respond_under_section_55": Case(KENT_BODY, {"answer": "act", "explanation": "We look."}),
    "record_assurance": Case(KENT_BODY, {"level": "assured", "reason": "A meeting."}),
}
SINGLE = ("respond_under_section_55", "close", "assign_follow_up")


@pytest.fixture(scope="module")
def windows(
    chromium: Chromium, service: Service, make_database: Database
) -> Generator[dict[Actor, Page]]:
    made: dict[Actor, Page] = {}
    for actor in (INSPECTOR, KENT, KENT_BODY):
        context = chromium.new_context(
            base_url=service.url, reduced_motion="reduce", viewport=PHONE
        )
        made[actor] = signed_in(context.new_page(), make_database, actor)
    yield made
    for page in made.values():
        page.context.close()


def report_for(service: Service, case: Case) -> Published:
    """A report of two recommendations, with the steps that come before a form."""
    text = f"Keep records of {LINE}."
    limit: Any = case.time_limit
    issues = (issue(ordinal=number, text=text, time_limit=limit) for number in (1, 2))
    report = published(service, f"kent-{uuid4().hex}", *issues)
    for stream in report.recommendations:
        for actor, tag, answers in case.before:
            made = command(service, stream, actor, tag, **answers)
            assert made.status_code == 201, made.text
    assert service.get(f"/v1/recommendations?position={report.position}").is_success
    return report


def fill(page: Page, answers: Mapping[str, str]) -> None:
    """Tick every row, and type or choose the answers for all."""
    for box in page.locator("main input[name^=of-]").all():
        box.check()
    for name, text in answers.items():
        field = page.locator(f"main [name={name}]")
        if field.first.get_attribute("type") == "radio":
            page.locator(f"main [name={name}][value={text}]").check()
        else:
            field.fill(text)


class Looks:
    """The faults of the pages that are looked at, and their headings, by state."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: dict[str, list[str]] = {}
        self.headings: dict[str, str] = {}

    def __call__(self, state: str) -> None:
        self.headings[state] = self.page.inner_text("h1").strip()
        errors = self.page.locator(".govuk-error-summary")
        assert errors.count() == (state == "in error"), state
        if wrong := [*too_wide(self.page), *violations(self.page)]:
            self.faults[state] = wrong


def test_every_step_of_a_report_has_a_case() -> None:
    assert CASES.keys() == OF_TAG.keys()


@pytest.mark.parametrize(
    ("path", "tag"),
    [
        *(("/reports/{report}/work/{tag}", tag) for tag in CASES),
        *(("/recommendations/{stream}/record/{tag}", tag) for tag in SINGLE),
    ],
)
def test_a_form_is_accessible_on_a_phone_in_each_of_its_states(
    windows: dict[Actor, Page], service: Service, path: str, tag: str
) -> None:
    case, look = CASES[tag], Looks(windows[CASES[tag].actor])
    report, page = report_for(service, case), look.page
    page.goto(path.format(report=report.id, stream=report.recommendations[0], tag=tag))
    look("fresh")
    page.get_by_role("button", name="Continue").click()
    look("in error")
    fill(page, case.answers)
    page.get_by_role("button", name="Continue").click()
    look("to be checked")
    page.get_by_role("button", name="Record it").click()
    look("recorded")
    assert look.faults == {}
    assert look.headings["to be checked"] == "Check your answers"
    assert look.headings["recorded"].startswith("Recorded")


def test_undoing_is_accessible_on_a_phone_in_each_of_its_states(
    windows: dict[Actor, Page], service: Service
) -> None:
    look = Looks(windows[KENT])
    report, page = report_for(service, Case(KENT, {}, (PLAN,))), look.page
    page.goto(f"/reports/{report.id}/undo?position={report.position}")
    look("fresh")
    page.get_by_role("button", name="Continue").click()
    look("in error")
    fill(page, {"why": "A slip."})
    page.get_by_role("button", name="Continue").click()
    look("to be checked")
    page.get_by_role("button", name="Record it").click()
    look("recorded")
    assert look.faults == {}
    assert look.headings["recorded"] == "Withdrawn for 2 of 2 recommendations"
