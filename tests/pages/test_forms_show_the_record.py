"""Forms show what they are about: what was answered, what it says now, what happened meanwhile."""

from uuid import uuid4

import httpx
import pytest

from adapters.postgres.database import Database
from domain.vocabulary.actors import Actor
from tests.support.data.documents import PDF
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import Service, command, published

pytestmark = pytest.mark.slow

PLAN = "We train every officer by March, and audit forty cases."
EVIDENCE = "All officers were trained; the audit is attached."
FOLLOW_UP = {"kind": "light_touch", "procedure": "2025", "reason": "A small change."}


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, OTHER_INSPECTOR, KENT)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


def recorded(service: Service, stream: str, actor: Actor, tag: str, **fields: object) -> None:
    made = command(service, stream, actor, tag, **fields)
    assert made.status_code in {200, 201}, made.text


@pytest.fixture
def planned(service: Service) -> str:
    """A recommendation to Kent whose action plan is in."""
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    recorded(service, stream, KENT, "receive_action_plan", answer="act", content=PLAN)
    return stream


@pytest.fixture
def claimed(service: Service, planned: str) -> str:
    """The same with an accepted plan, and a claim that names a document."""
    recorded(service, planned, INSPECTOR, "review_action_plan", outcome="accepted")
    path = f"/v1/recommendations/{planned}/documents"
    headers = service.headers(KENT) | {
        "Content-Type": "application/pdf",
        "Content-Disposition": 'attachment; filename="audit.pdf"',
    }
    document = service.client.post(path, content=PDF, headers=headers).json()["sha256"]
    claim = {"evidence": EVIDENCE, "documents": [document]}
    recorded(service, planned, KENT, "claim_completion", **claim)
    return planned


def asked(browser: Browser, stream: str, tag: str) -> httpx.Response:
    form = browser.get(f"/recommendations/{stream}/record/{tag}")
    assert form.status_code == 200, form.text
    return form


def test_the_form_of_a_review_shows_the_plan_with_a_link_to_the_recommendation(
    signed_in: dict[Actor, Browser], planned: str
) -> None:
    form = asked(signed_in[INSPECTOR], planned, "review_action_plan")
    assert PLAN in words_of(form)
    assert form.text.count(f'href="/recommendations/{planned}"') > 1
    assert f'href="/recommendations/{planned}/history' in form.text


@pytest.mark.parametrize("tag", ["return_claim", "close", "propose_closure"])
def test_a_form_that_answers_a_claim_shows_plan_evidence_and_documents(
    signed_in: dict[Actor, Browser], claimed: str, tag: str
) -> None:
    form = asked(signed_in[INSPECTOR], claimed, tag)
    for text in (PLAN, EVIDENCE, "audit.pdf"):
        assert text in words_of(form), text
    assert f'href="/v1/recommendations/{claimed}/documents/' in form.text


def test_correcting_a_field_shows_what_it_says_now_and_what_it_would_say(
    signed_in: dict[Actor, Browser], planned: str
) -> None:
    browser = signed_in[INSPECTOR]
    form = browser.get(f"/recommendations/{planned}/record/correct/1/area")
    assert "It says now: Leadership and governance" in words_of(form)
    check = send(browser, posted(form), "check", {"now": "investigation", "why": "A slip."})
    words = words_of(check)
    assert "Previous value Leadership and governance New value Investigation" in words
    text = browser.get(f"/recommendations/{planned}/record/correct/1/text")
    assert "It says now: Do it." in words_of(text)


def test_a_person_who_assigns_second_is_offered_to_change_the_follow_up(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    slow = signed_in[INSPECTOR]
    recorded(service, planned, INSPECTOR, "review_action_plan", outcome="accepted")
    form = posted(asked(slow, planned, "assign_follow_up"))
    recorded(service, planned, OTHER_INSPECTOR, "assign_follow_up", **FOLLOW_UP)
    typed = {
        **FOLLOW_UP,
        "kind": "reinspection",
        "reason": "It is grave.",
        "window_from-year": "2199",
    }
    offered = send(slow, form, "check", typed)
    assert offered.status_code == 412
    change = posted(offered)
    assert change.action.endswith("/record/change_follow_up")
    assert {name: change.fields[name] for name in typed} == typed
    assert "Change the follow-up" in words_of(offered)
    assert "Continue if they are still right" not in words_of(offered)
    check = send(slow, change, "check")
    assert check.status_code == 200, check.text
    assert send(slow, posted(check), "record").status_code == 303
    last = service.get(f"/v1/recommendations/{planned}/history", INSPECTOR).json()["items"][-1]
    assert last["tag"] == "recommendation.follow_up_changed"


def test_an_overtaken_answer_that_is_no_longer_possible_says_so_at_once(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    slow = signed_in[INSPECTOR]
    form = posted(asked(slow, planned, "review_action_plan"))
    recorded(service, planned, OTHER_INSPECTOR, "review_action_plan", outcome="accepted")
    late = send(slow, form, "check", {"outcome": "changes_requested", "remarks": "By when?"})
    assert late.status_code == 412
    assert "Only an action plan that has been received can be reviewed" in words_of(late)
    assert "Continue if they are still right" not in words_of(late)
    assert posted(late).fields["remarks"] == "By when?"


def test_a_confirmation_offers_to_undo_the_step_where_it_can_be_withdrawn(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    browser = signed_in[INSPECTOR]
    review = posted(asked(browser, planned, "review_action_plan"))
    check = send(browser, review, "check", {"outcome": "accepted"})
    place = send(browser, posted(check), "record").headers["Location"]
    done = browser.get(place)
    assert "Undo step 3: Inspectors accepted the action plan" in words_of(done)
    assert "The step and its withdrawal both stay on record." in words_of(done)
    undo = f"/recommendations/{planned}/record/withdraw?step=3"
    assert f'href="{undo}"' in done.text
    assert "Undo" not in words_of(signed_in[OTHER_INSPECTOR].get(place)), "it is not theirs"
    form = posted(browser.get(undo))
    assert form.fields["steps-3"] == "3"
    check = send(browser, form, "check", {"why": "Of another plan."})
    undone = send(browser, posted(check), "record").headers["Location"]
    last = service.get(f"/v1/recommendations/{planned}/history", INSPECTOR).json()["items"][-1]
    assert (last["tag"], last["event"]["steps"]) == ("recommendation.steps_withdrawn", [3])
    assert "Undo" not in words_of(browser.get(undone)), "a withdrawal cannot be withdrawn"
    assert "Undo" not in words_of(browser.get(place)), "it is withdrawn already"
