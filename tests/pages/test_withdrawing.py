"""Taking back mistakes on pages: at once, or with a second person; and what a late step changes."""

import re
from uuid import uuid4

import httpx
import pytest

from adapters.postgres.database import Database
from domain.vocabulary.actors import Actor
from tests.pages.test_pages import check
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR, issue
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import AUDITOR, Service, command, published

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, OTHER_INSPECTOR, KENT, KENT_BODY, ESSEX, AUDITOR)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


@pytest.fixture
def planned(service: Service) -> str:
    """A recommendation to Kent whose action plan is in."""
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    record(service, stream, KENT, "receive_action_plan", answer="act", content="We will.")
    return stream


def record(service: Service, stream: str, actor: Actor, tag: str, **fields: object) -> None:
    made = command(service, stream, actor, tag, **fields)
    assert made.status_code == 201, made.text


def last_tag(service: Service, stream: str) -> str:
    history = service.get(f"/v1/recommendations/{stream}/history", INSPECTOR).json()
    return str(history["items"][-1]["tag"])


def asked(browser: Browser, stream: str, *steps: int) -> httpx.Response:
    """Choose steps to withdraw, and go on to the check."""
    answer = browser.get(f"/recommendations/{stream}/record/withdraw")
    assert answer.status_code == 200, answer.text
    check(stream, answer.text)
    chosen = {f"steps-{step}": str(step) for step in steps}
    return send(browser, posted(answer), "check", {**chosen, "why": "A wrong click."})


def test_a_force_withdraws_its_own_claim_at_once(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    kent, page = signed_in[KENT], f"/recommendations/{planned}"
    record(service, planned, KENT, "claim_completion", evidence="It is.")
    assert f"{page}/record/withdraw" in kent.get(page).text
    form = asked(kent, planned, 3)
    words = words_of(form)
    assert form.status_code == 200, words
    assert "Without these steps it stands at: action plan being reviewed." in words
    assert "The steps stay readable in the history, marked as withdrawn." in words
    assert "It cannot be taken back." in words
    done = send(kent, posted(form), "record")
    assert done.status_code == 303
    assert last_tag(service, planned) == "recommendation.steps_withdrawn"
    assert service.get(f"/v1{page}").json()["claimed"] is None
    history = signed_in[AUDITOR].get(f"{page}/history")
    check(page, history.text)
    assert "<s>Step 3: The force said that it is done</s>" in history.text
    assert "Withdrawn at Step 4." in words_of(history)
    assert "The force said that it is done" not in words_of(Browser(service).get(page))


def test_steps_before_a_decision_are_withdrawn_with_a_second_person(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    page = f"/recommendations/{planned}"
    record(service, planned, INSPECTOR, "review_action_plan", outcome="accepted")
    record(service, planned, INSPECTOR, "assign_follow_up", kind="monitoring", procedure="2025")
    form = asked(signed_in[OTHER_INSPECTOR], planned, 4)
    words = words_of(form)
    assert "Another person has to agree, and until then all of it stands." in words
    assert "Without these steps it stands at: action plan reviewed." in words
    assert send(signed_in[OTHER_INSPECTOR], posted(form), "record").status_code == 303
    assert last_tag(service, planned) == "recommendation.withdrawal_requested"
    agree = f"{page}/record/agree_to_withdrawal/5"
    assert agree in signed_in[INSPECTOR].get(page).text
    assert agree in signed_in[INSPECTOR].get(f"{page}/history").text
    for nobody in (OTHER_INSPECTOR, KENT, KENT_BODY, AUDITOR):
        shown = signed_in[nobody].get(page)
        assert "Step 5 asks to withdraw" in words_of(shown), nobody
        assert agree not in shown.text, nobody
    for stranger in (Browser(service), signed_in[ESSEX]):
        assert "asks to withdraw" not in words_of(stranger.get(page))
    assert signed_in[OTHER_INSPECTOR].get(agree).status_code == 409
    assert signed_in[ESSEX].get(agree).status_code == 404
    answer = signed_in[INSPECTOR].get(agree)
    check(agree, answer.text)
    for part in ("A wrong click.", "Inspectors decided how to follow up", "Monitoring"):
        assert part in words_of(answer), part
    form = send(signed_in[INSPECTOR], posted(answer), "check")
    assert "Without these steps it stands at: action plan reviewed." in words_of(form)
    assert send(signed_in[INSPECTOR], posted(form), "record").status_code == 303
    assert service.get(f"/v1{page}").json()["stage"] == "plan_reviewed"
    assert signed_in[INSPECTOR].get(agree).status_code == 409, "it is done"
    for nothing in (0, 1, 99):
        other = f"{page}/record/agree_to_withdrawal/{nothing}"
        assert signed_in[INSPECTOR].get(other).status_code == 409
        forged = posted(answer)
        forged.action, forged.fields["step"] = other, "6"
        assert send(signed_in[INSPECTOR], forged, "check").status_code == 409


def test_a_step_on_which_others_rest_is_refused_in_words(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    record(service, planned, INSPECTOR, "review_action_plan", outcome="accepted")
    refused = asked(signed_in[INSPECTOR], planned, 2)
    assert refused.status_code == 409
    assert "could not stand after this" in words_of(refused)
    both = posted(refused)
    assert both.fields["steps-2"] == "2", "what was chosen is kept"
    assert send(signed_in[INSPECTOR], both, "check", {"steps-3": "3"}).status_code == 200


def test_a_recommendation_issued_by_mistake_is_withdrawn_and_no_longer_shown(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    form = asked(signed_in[INSPECTOR], stream, 1)
    assert "it would no longer be shown" in words_of(form)
    done = send(signed_in[INSPECTOR], posted(form), "record")
    assert signed_in[INSPECTOR].get(done.headers["Location"]).status_code == 200
    assert signed_in[INSPECTOR].get(f"/recommendations/{stream}").status_code == 404
    history = signed_in[INSPECTOR].get(f"/recommendations/{stream}/history")
    assert "Withdrawn at Step 2." in words_of(history)


def test_only_steps_that_one_may_withdraw_are_offered(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    page = f"/recommendations/{planned}"
    form = posted(signed_in[KENT].get(f"{page}/record/withdraw"))
    assert {name for name in form.fields if name.startswith("steps-")} == {"steps-2"}
    assert signed_in[KENT_BODY].get(f"{page}/record/withdraw").status_code == 409
    assert "record/withdraw" not in signed_in[KENT_BODY].get(page).text
    assert signed_in[AUDITOR].get(f"{page}/record/withdraw").status_code == 403
    assert signed_in[ESSEX].get(f"{page}/record/withdraw").status_code == 404
    assert Browser(service).get(f"{page}/record/withdraw").status_code == 401
    empty = send(signed_in[KENT], form, "check", {"why": "A wrong click."})
    assert (empty.status_code, 'id="steps-error"' in empty.text) == (400, True)
    forged = {**form.fields, "steps-1": "1", "why": "So.", "then": "check"}
    assert signed_in[KENT].post(form.action, forged).status_code == 403
    linked = posted(signed_in[INSPECTOR].get(f"{page}/record/withdraw?step=2"))
    assert linked.fields["steps-2"] == "2"
    offered = f'href="{page}/record/withdraw?step=2"'
    assert offered in signed_in[INSPECTOR].get(f"{page}/history").text
    today = service.get(f"/v1{page}").json()["on"]
    for past in ("step=2", f"on={today}"):
        shown = signed_in[INSPECTOR].get(f"{page}/history?{past}")
        assert "Step 2" in words_of(shown), past
        assert offered not in shown.text, past


def test_a_check_promises_only_the_undoing_that_is_possible(
    signed_in: dict[Actor, Browser], planned: str
) -> None:
    path = f"/recommendations/{planned}/record/comment"
    words = {}
    for actor in (INSPECTOR, KENT):
        form = posted(signed_in[actor].get(path))
        words[actor] = words_of(send(signed_in[actor], form, "check", {"comment": "So."}))
    for actor in (INSPECTOR, KENT):
        assert "you can withdraw it at once until a decision is recorded after it" in words[actor]
    assert "A wrong date can be corrected." in words[INSPECTOR]
    assert "corrected" not in words[KENT]


def test_a_late_step_says_before_which_step_it_stands(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    body, page = signed_in[KENT_BODY], f"/recommendations/{planned}"
    record(service, planned, INSPECTOR, "review_action_plan", outcome="accepted")
    answer = body.get(f"{page}/record/respond_under_section_55")
    typed = {
        "answer": "act", "explanation": "We asked.",
        "on-day": "20", "on-month": "8", "on-year": "2022",
    }  # fmt: skip
    form = send(body, posted(answer), "check", typed)
    late = "It is recorded after later steps. By its date, it stands before step 2: "
    assert late + "The force answered: it will act" in words_of(form)
    done = body.get(send(body, posted(form), "record").headers["Location"])
    assert late in words_of(done)


def test_a_corrected_date_says_where_the_step_stands_in_time(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    inspector, page = signed_in[INSPECTOR], f"/recommendations/{planned}"
    record(service, planned, KENT, "report_progress", progress="Half.", on="2022-10-01")
    answer = inspector.get(f"{page}/record/correct/2/on")
    typed = {"now-day": "10", "now-month": "9", "now-year": "2022", "why": "A slip."}
    form = send(inspector, posted(answer), "check", typed)
    where = (
        "By this date, step 2 stands before step 3: The force reported progress (1 October 2022)"
    )
    assert where in words_of(form)
    done = inspector.get(send(inspector, posted(form), "record").headers["Location"])
    assert where in words_of(done)
    assert "step 2 stands after step 1" in words_of(done)


@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        ("review_action_plan", ("What is on record", "Plan We will.")),
        ("return_claim", ("All are trained.", "a name.txt")),
        ("propose_closure", ("We will.", "All are trained.")),
    ],
)
def test_a_form_shows_what_its_answer_judges(
    signed_in: dict[Actor, Browser], planned: str, tag: str, parts: tuple[str, ...]
) -> None:
    kent, path = signed_in[KENT], f"/recommendations/{planned}/record"
    fields = {**posted(kent.get(f"{path}/claim_completion")).fields, "evidence": "All are trained."}
    sent = kent.send(
        "POST", f"{path}/claim_completion", data={**fields, "then": "check"},
        files=[b"Who was trained, and when."], headers={"Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert send(kent, posted(sent), "record").status_code == 303
    answer = signed_in[INSPECTOR].get(f"{path}/{tag}")
    for part in parts:
        assert part in words_of(answer), part


def test_the_history_shows_every_field_of_an_entry_and_links_to_its_evidence(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    record(service, planned, INSPECTOR, "review_action_plan", outcome="accepted")
    record(
        service, planned, INSPECTOR, "assign_follow_up", kind="reinspection", procedure="2025",
        window_from="2026-12", window_to="2027-02", assignee="inspector-2", reason="Much to do.",
    )  # fmt: skip
    answer = signed_in[AUDITOR].get(f"/recommendations/{planned}/history")
    check(planned, answer.text)
    for part in (
        "Kind A re-inspection",
        "Procedure 2025",
        "Planned from December 2026",
        "Planned until February 2027",
        "Assigned to inspector-2",
        "Reason Much to do.",
        "Outcome Accepted",
        "Addressed to Kent Police",
    ):
        assert part in words_of(answer), part


def test_a_link_to_a_step_leads_to_the_page_that_has_it(
    service: Service,
    signed_in: dict[Actor, Browser],
    planned: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fix = {"step": 1, "field": "ordinal", "was": 1, "now": 2, "why": "A slip."}
    record(service, planned, INSPECTOR, "correct", **fix)
    monkeypatch.setattr("api.pages.audit.history.STEPS_SHOWN", 2)
    path = f"/recommendations/{planned}/history"
    shown = signed_in[AUDITOR].get(path).text
    link = re.search(r'href="([^"]*)#step-3"', shown)
    assert link is not None
    assert 'id="step-3"' in signed_in[AUDITOR].get(link[1]).text


def moved(browser: Browser, address: str) -> httpx.Response:
    """Correct the day of publication on a page, and go on to the check."""
    form = posted(browser.get(f"{address}/record/correct/1/on"))
    day = {"now-day": "1", "now-month": "5", "now-year": "2022", "why": "Typing."}
    return send(browser, form, "check", day)


def test_the_day_of_a_report_is_corrected_together_with_its_recommendations(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = published(service, f"kent-{uuid4().hex}", issue(), issue(ordinal=2))
    service.get(f"/v1/recommendations?position={report.position}")
    checked = moved(signed_in[INSPECTOR], f"/reports/{report.id}")
    check("the check", checked.text)
    assert "Make the same correction in all 2 recommendations" in checked.text
    done = send(signed_in[INSPECTOR], posted(checked), "record", {"together": "yes"})
    assert done.status_code == 303, done.text
    for path in (f"reports/{report.id}", *(f"recommendations/{r}" for r in report.recommendations)):
        shown = service.get(f"/v1/{path}").json()
        assert shown.get("published_on", shown.get("issued_on")) == "2022-05-01"


def test_the_day_of_a_report_is_corrected_alone_if_that_is_asked_for(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = published(service, f"kent-{uuid4().hex}")
    service.get(f"/v1/recommendations?position={report.position}")
    checked = moved(signed_in[INSPECTOR], f"/reports/{report.id}")
    assert "Make the same correction in 1 recommendation" in checked.text
    done = send(signed_in[INSPECTOR], posted(checked), "record", {"together": ""})
    assert done.status_code == 303, done.text
    kept = service.get(f"/v1/recommendations/{report.recommendations[0]}").json()
    assert kept["issued_on"] == "2022-08-05"


def test_a_day_of_issue_corrected_alone_comes_with_a_warning(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    (stream,) = published(service, f"kent-{uuid4().hex}").recommendations
    checked = moved(signed_in[INSPECTOR], f"/recommendations/{stream}")
    assert "If it is the day of publication that is wrong, correct the report" in words_of(checked)
