"""Inspections before publication in a real browser: without scripts, on a phone, by keyboard."""

import re
from collections.abc import Generator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from adapters.clock import now
from adapters.messages import following
from adapters.postgres.database import Database
from domain.vocabulary.actors import Actor
from domain.vocabulary.dates import in_london
from tests.browser.test_pages import overflow, violations
from tests.browser.test_work import signed_in
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR
from tests.support.data.inspections import Inspecting
from tests.support.served.chromium import DESKTOP, PHONE
from tests.support.served.mailbox import Mailbox, links_in, mailbox, text_of
from tests.support.served.program import eventually
from tests.support.served.serving import Served, Service, settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class ShiftedClock:
    """The present moment, with minutes that a test adds."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead


CLOCK = ShiftedClock()
ADDRESS = "liaison@kent.example"
PUBLIC = "http://127.0.0.1:8000"
WORDS = "Review how the force records what it finds at first. " * 8
PASTED = """Recommendation 1
Within three months, train all officers.

Recommendation 2
Immediately, review the helpdesk.

Recommendation 3
By 31 March 2035, record what children say.
"""
PAGES: dict[str, tuple[Actor, str]] = {
    "the list": (INSPECTOR, "/inspections"),
    "a plan": (INSPECTOR, "/inspections/new"),
    "one in check": (INSPECTOR, "/inspections/{checked}"),
    "its draft": (INSPECTOR, "/inspections/{checked}/draft"),
    "its text": (INSPECTOR, "/inspections/{checked}/text"),
    "sending it": (INSPECTOR, "/inspections/{checked}/record/send_to_check"),
    "an answer": (INSPECTOR, "/inspections/{checked}/record/answer_comment?comment=8"),
    "an embargo": (INSPECTOR, "/inspections/{checked}/record/embargo_report"),
    "what is put off": (INSPECTOR, "/inspections/{checked}/record/defer_publication"),
    "an end": (INSPECTOR, "/inspections/{checked}/record/drop_inspection"),
    "the force's list": (KENT, "/inspections"),
    "the force's page": (KENT, "/inspections/{checked}"),
    "the force's text": (KENT, "/inspections/{checked}/text"),
    "a comment": (KENT, "/inspections/{checked}/record/comment_on_fact?part=r1"),
    "one under embargo": (KENT, "/inspections/{final}"),
    "an embargoed copy": (KENT, "/inspections/{final}/text"),
    "the changes": (KENT, "/inspections/{final}/changes"),
    "the force's emails": (KENT, "/messages"),
    "an agreement": (OTHER_INSPECTOR, "/inspections/{final}/record/agree_to_release"),
}


@pytest.fixture(scope="module")
def box() -> Generator[Mailbox]:
    with mailbox() as running:
        yield running


@pytest.fixture(scope="module")
def served(box: Mailbox) -> Served:
    mail = {
        "TRACKER_MAIL": f"smtp://127.0.0.1:{box.port}",
        "TRACKER_MAIL_FROM": "t@tracker.example",
    }
    return Served(chosen=settings(**mail, TRACKER_PUBLIC_URL=PUBLIC), clock=CLOCK)


@pytest.fixture(scope="module")
def checked(service: Service) -> Inspecting:
    """An inspection in check, with a comment at step 8."""
    kent = Inspecting(service, "kent-browser-checked-2026", CLOCK)
    kent.sent(WORDS.strip(), "Review the helpdesk.")
    assert kent.comment("r1", WORDS.strip()) == 8
    return kent


@pytest.fixture(scope="module")
def final(service: Service) -> Inspecting:
    """An inspection under embargo, with a text that changed after the check."""
    kent = Inspecting(service, "kent-browser-final-2026", CLOCK)
    kent.sent("Train all officers.", "Review the helpdesk.")
    kent.answer(kent.comment("r1", "Half are trained."), "accepted")
    draft = kent.get("/draft").json()["draft"]
    draft["recommendations"][0]["text"] = WORDS.strip()
    assert kent.save(draft).is_success
    at = kent.minute_in(20).isoformat()
    kent.done("embargo_report", draft_version=kent.version, release_at=at)
    return kent


@pytest.fixture(scope="module")
def people(
    chromium: Chromium, service: Service, make_database: Database
) -> Generator[dict[Actor, Page]]:
    made: dict[Actor, Page] = {}
    for actor in (INSPECTOR, OTHER_INSPECTOR, KENT):
        context = chromium.new_context(base_url=service.url, reduced_motion="reduce")
        made[actor] = signed_in(context.new_page(), make_database, actor)
    yield made
    for page in made.values():
        page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_an_inspection_is_accessible_at_every_width(
    people: dict[Actor, Page], checked: Inspecting, final: Inspecting, name: str
) -> None:
    actor, path = PAGES[name]
    page = people[actor]
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        answer = page.goto(path.format(checked=checked.id, final=final.id))
        assert answer is not None
        assert answer.ok, answer.text()
        assert violations(page) == [], size
        assert overflow(page) <= 0, size


def test_a_force_comments_by_keyboard_alone(people: dict[Actor, Page], checked: Inspecting) -> None:
    page = people[KENT]
    page.set_viewport_size(DESKTOP)
    page.goto(f"/inspections/{checked.id}/text")
    reach(page, "Say what is not accurate : Recommendation 2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/record/comment_on_fact?part=r2")
    reach(page, "", "comment")
    page.keyboard.type("There is no helpdesk.")
    reach(page, "Continue")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Check your answers").wait_for()
    reach(page, "Send the comment")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/inspections/{checked.id}?done=*")
    assert page.get_by_text("There is no helpdesk.").first.is_visible()


def reach(page: Page, text: str, identity: str = "") -> None:
    """Press Tab until an element has the focus, by its words or its id."""
    focused = "[document.activeElement.innerText || '', document.activeElement.id]"
    for _ in range(150):
        page.keyboard.press("Tab")
        words, name = page.evaluate(focused)
        if (identity and name == identity) or (text and " ".join(words.split()) == text):
            return
    raise AssertionError(f"{identity or text} is not reached by keyboard")


def test_an_inspection_comes_to_its_release_without_scripts_on_a_phone(  # noqa: PLR0915  a walk
    chromium: Chromium,
    service: Service,
    make_database: Database,
    box: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "GATHERED", timedelta(seconds=1))
    contexts = [
        chromium.new_context(base_url=service.url, java_script_enabled=False, viewport=PHONE)
        for _ in range(3)
    ]
    actors = (INSPECTOR, OTHER_INSPECTOR, KENT)
    lead, second, force = (
        signed_in(context.new_page(), make_database, actor)
        for context, actor in zip(contexts, actors, strict=True)
    )
    get_mails(force, box)
    lead.goto("/inspections")
    lead.get_by_role("link", name="Plan an inspection").click()
    lead.get_by_label("Which force is inspected?").select_option("Kent Police")
    lead.get_by_label("National child protection inspection").check()
    lead.get_by_label("2024 methodology").check()
    lead.get_by_label("What is it called in this service?").fill("kent-phone-2026")
    lead.get_by_role("button", name="Plan the inspection").click()
    home = lead.url
    lead.get_by_role("button", name="Record that fieldwork began").click()
    confirmed(lead, "Record it")
    lead.get_by_role("button", name="Edit the draft").click()
    lead.get_by_label("Or paste the text of several").fill(PASTED)
    lead.get_by_role("button", name="Split the text").click()
    assert "3 recommendations were read." in lead.inner_text("main")
    lead.get_by_label("What is its title?").fill("An inspection of Kent")
    lead.get_by_label("What will the report be called").fill("kent-phone-report")
    lead.get_by_label("Where will it be published?").fill("https://example.org/kent")
    for area in lead.get_by_label("Which area is it about?").all():
        area.select_option("Leadership and governance")
    lead.get_by_role("button", name="Save the draft").first.click()
    assert "Nothing is missing from the saved draft." in lead.inner_text("main")
    lead.goto(home)
    lead.get_by_role("button", name="Record that the draft passed moderation").click()
    confirmed(lead, "Record it")
    lead.get_by_role("button", name="Send the draft to the force").click()
    fill_day(lead, CLOCK() + timedelta(days=9))
    confirmed(lead, "Send it to the force")
    force.goto("/work")
    force.get_by_role("link", name="Inspections before publication").click()
    force.get_by_role("link", name="Kent Police: kent-phone-2026").click()
    for number in (1, 2, 3):
        force.goto(f"{home}/text")
        about(force, "Say what is not accurate", number)
        force.get_by_label("What is not accurate").fill(f"It is not so, {number}.")
        confirmed(force, "Send the comment")
    force.goto(home)
    about(force, "Take it back", 3)
    force.get_by_role("button", name="Take it back").click()
    for number, outcome in ((1, "Accepted"), (2, "Rejected")):
        lead.goto(home)
        about(lead, "Answer it", number)
        lead.get_by_label(outcome).check()
        lead.get_by_label("Why?").fill("We looked again.")
        confirmed(lead, "Send the answer")
    lead.goto(f"{home}/draft")
    lead.get_by_label("What does it ask for?").first.fill("Train the other half.")
    lead.get_by_role("button", name="Save the draft").first.click()
    for _ in range(2):
        lead.goto(home)
        lead.get_by_role("button", name="Make the text final").click()
        at = (CLOCK() + timedelta(minutes=4)).replace(second=0, microsecond=0)
        fill_day(lead, at)
        lead.get_by_label("Time").fill(in_london(at).strftime("%H:%M"))
        confirmed(lead, "Set the embargo")
        if _ == 0:
            lead.get_by_role("link", name="Put the publication off").click()
            lead.get_by_label("Why is it put off?").fill("An election.")
            confirmed(lead, "Put it off")
            lead.get_by_role("button", name="Go on with the publication").click()
            lead.get_by_role("button", name="Go on with it").click()
    force.goto(f"{home}/text")
    assert "Not to be published or shared before its release" in force.inner_text("main")
    second.goto(home)
    second.get_by_role("button", name="Agree to the release").click()
    assert "Train the other half." in second.inner_text("main")
    second.get_by_role("button", name="Agree to the release").click()
    assert "This service. It publishes the report at" in second.inner_text("main")
    for page in (lead, second, force):
        assert overflow(page) <= 0
    CLOCK.ahead += timedelta(minutes=5)
    for _ in range(50):
        lead.goto(home)
        if "Nobody. The report is published." in lead.inner_text("main"):
            break
        lead.wait_for_timeout(200)
    lead.get_by_role("link", name="See what changed after the check").click()
    assert "The published text is the one that was embargoed." in lead.inner_text("main")
    lead.goto(home)
    lead.get_by_role("link", name="View the published report").click()
    assert "An inspection of Kent" in lead.inner_text("main")
    published = "Kent Police: A report was published\nkent-phone-report: "
    assert eventually(lambda: published in told(box), 60), told(box)
    assert "Kent Police: A draft report was sent to the force" in told(box)
    force.goto(urlsplit(told(box).partition(published)[2].split()[0]).path)
    assert "An inspection of Kent" in force.inner_text("main")
    for context in contexts:
        context.close()


def get_mails(page: Page, box: Mailbox) -> None:
    """Ask for mails to a person at once, and confirm their address."""
    page.goto("/messages")
    page.get_by_label("Email address").fill(ADDRESS)
    page.get_by_label("Yes, at once").check()
    page.get_by_role("button", name="Save").click()
    (mail,) = box.wait_for(ADDRESS, 1)
    page.goto(urlsplit(links_in(mail)[0]).path)
    page.get_by_role("button", name="Confirm").click()


def told(box: Mailbox) -> str:
    """Return the texts of all mails, one after another."""
    return "\n".join(text_of(mail) for mail in box.mails)


def about(page: Page, text: str, number: int) -> None:
    """Follow a link about a recommendation, whose number is for who only hears it."""
    name = re.compile(rf"{text}.*Recommendation {number}\b")
    page.get_by_role("link", name=name).click()


def fill_day(page: Page, at: datetime) -> None:
    local = in_london(at)
    for name, number in (("Day", local.day), ("Month", local.month), ("Year", local.year)):
        page.get_by_label(name, exact=True).first.fill(str(number))


def confirmed(page: Page, button: str) -> None:
    """Go on to the answers to check, and record them."""
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("heading", name="Check your answers").is_visible()
    page.get_by_role("button", name=button).click()
    assert "Recorded:" in page.inner_text("main")
