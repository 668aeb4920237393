"""Recording on pages: the work list, forms, checks, and being overtaken."""

import re
from collections.abc import Generator
from hashlib import sha256
from uuid import uuid4

import httpx
import pytest

from adapters.postgres.database import Database
from api.pages.record.form_fields import QUESTIONS
from domain.recommendation.worklist import Work
from domain.vocabulary.actors import Actor
from tests.support.data.examples import (
    ADMIN,
    ESSEX,
    INSPECTOR,
    KENT,
    KENT_BODY,
    OTHER_INSPECTOR,
    issue,
)
from tests.support.served.browser import OURS, Browser
from tests.support.served.forms import forms, posted, send, words_of
from tests.support.served.serving import AUDITOR, PUBLISHER, Service, command, published

pytestmark = pytest.mark.slow

ROW = re.compile(r'href="/recommendations/[0-9a-f]{8}-')
REQUEST, APPROVE = "request_redaction", "approve_redaction"
NEXT = re.compile(r'href="([^"]*)" rel="next"')
REMARKS = "The plan says who, and by when.\nIt does not say how it is measured."


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, OTHER_INSPECTOR, ADMIN, KENT, KENT_BODY, ESSEX, AUDITOR, PUBLISHER)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


@pytest.fixture
def planned(service: Service) -> str:
    """A recommendation to Kent whose action plan is in."""
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    made = command(service, stream, KENT, "receive_action_plan", answer="act", content="We will.")
    assert made.status_code == 201
    return stream


def step_of(service: Service, stream: str) -> int:
    return int(service.get(f"/v1/recommendations/{stream}", INSPECTOR).json()["step"])


def pages(browser: Browser, path: str) -> Generator[httpx.Response]:
    """A list from its first page to its last."""
    while path:
        page = browser.get(path)
        yield page
        following = NEXT.search(page.text)
        path = following[1].replace("&amp;", "&") if following else ""


def checked(browser: Browser, stream: str, tag: str, **typed: str) -> httpx.Response:
    """The page that shows the answers to be checked."""
    asked = browser.get(f"/recommendations/{stream}/record/{tag}")
    assert asked.status_code == 200, asked.text
    return send(browser, posted(asked), "check", typed)


def test_an_inspector_reviews_a_plan_through_form_check_and_record(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    browser = signed_in[INSPECTOR]
    page = browser.get(f"/recommendations/{planned}")
    assert f"/recommendations/{planned}/record/review_action_plan" in page.text
    assert "Inspectors. They need to review the action plan." in words_of(page)
    check = checked(
        browser, planned, "review_action_plan", outcome="changes_requested", remarks=REMARKS
    )
    assert check.status_code == 200
    assert "Ask for changes" in words_of(check)
    assert step_of(service, planned) == 2, "nothing is recorded before it is confirmed"
    done = send(browser, posted(check), "record")
    assert (done.status_code, done.headers["Location"]) == (
        303,
        f"/recommendations/{planned}/recorded/3",
    )
    told = browser.get(done.headers["Location"])
    assert "Inspectors asked for changes to the action plan" in words_of(told)
    last = service.get(f"/v1/recommendations/{planned}/history", INSPECTOR).json()["items"][-1]
    assert (last["tag"], last["actor"]) == ("recommendation.action_plan_reviewed", "inspector-1")
    assert last["notes"] == {"remarks": REMARKS}


def test_a_form_sent_twice_is_recorded_once(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    browser = signed_in[INSPECTOR]
    form = posted(checked(browser, planned, "review_action_plan", outcome="accepted"))
    first, second = (send(browser, form, "record") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert step_of(service, planned) == 3


def test_an_overtaken_person_sees_what_happened_and_keeps_their_input(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    slow, quick = signed_in[INSPECTOR], signed_in[OTHER_INSPECTOR]
    form = posted(checked(slow, planned, "comment", comment=REMARKS))
    asked = posted(slow.get(f"/recommendations/{planned}/record/comment"))
    send(quick, posted(checked(quick, planned, "review_action_plan", outcome="accepted")), "record")
    answers = [send(slow, form, "record"), send(slow, asked, "check", {"comment": REMARKS})]
    for answer in answers:
        assert answer.status_code == 412
        assert "Inspectors accepted the action plan" in words_of(answer)
        assert "inspector-2" in words_of(answer)
        assert posted(answer).fields["comment"] == REMARKS
        assert step_of(service, planned) == 3
    again = send(slow, posted(answers[0]), "check")
    assert send(slow, posted(again), "record").status_code == 303
    assert step_of(service, planned) == 4


def test_a_form_with_errors_still_reports_being_overtaken(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    slow = signed_in[INSPECTOR]
    form = posted(slow.get(f"/recommendations/{planned}/record/comment"))
    assert command(service, planned, KENT, "report_progress", progress="Half.").status_code == 201
    wrong = send(slow, form, "check")
    assert wrong.status_code == 400
    told = send(slow, posted(wrong), "check", {"comment": REMARKS})
    assert told.status_code == 412
    assert "The force reported progress" in words_of(told)
    assert send(slow, posted(told), "check").status_code == 200


def test_a_command_no_longer_possible_is_refused_with_a_reason(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    slow = signed_in[INSPECTOR]
    form = posted(checked(slow, planned, "review_action_plan", outcome="accepted"))
    quick = command(service, planned, INSPECTOR, "review_action_plan", outcome="accepted")
    assert quick.status_code == 201
    overtaken = send(slow, form, "record")
    again = send(slow, posted(overtaken), "check")
    assert again.status_code == 409
    assert "Only an action plan that has been received can be reviewed" in words_of(again)
    assert step_of(service, planned) == 3


@pytest.mark.parametrize(
    "case",
    [
        ("review_action_plan", {}, "outcome"),
        ("comment", {"comment": "   "}, "comment"),
        ("comment", {"comment": "x" * 4_001}, "comment"),
        ("comment", {"comment": "Yes.", "on-day": "31", "on-month": "2", "on-year": "2026"}, "on"),
        ("comment", {"comment": "Yes.", "on-day": "3"}, "on"),
        ("comment", {"comment": "Yes.", "on-year": "9" * 4_300}, "on"),
        ("change_time_limit", {"reason": "So."}, "time_limit"),
        ("change_time_limit", {"time_limit": "months", "reason": "So."}, "time_limit-months"),
        (
            "change_time_limit",
            {"time_limit": "months", "time_limit-months": "61", "reason": "So."},
            "time_limit-months",
        ),
        ("change_time_limit", {"time_limit": "date", "reason": "So."}, "time_limit-by"),
        (
            "close",
            {"reason": "superseded", "basis": "So.", "superseded_by": "that one"},
            "superseded_by",
        ),
    ],
)
def test_a_form_error_is_shown_beside_its_field_with_the_input_kept(
    service: Service,
    signed_in: dict[Actor, Browser],
    planned: str,
    case: tuple[str, dict[str, str], str],
) -> None:
    tag, typed, wrong = case
    answer = checked(signed_in[INSPECTOR], planned, tag, **typed)
    assert answer.status_code == 400
    assert f'id="{wrong}-error"' in answer.text
    assert "<title>Error: " in answer.text
    kept = posted(answer).fields
    assert {name: kept[name] for name in typed} == {k: v.strip() for k, v in typed.items()}
    assert step_of(service, planned) == 2


def test_a_refusing_rule_is_explained_before_confirmation(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    answer = checked(
        signed_in[INSPECTOR], planned, "review_action_plan", outcome="changes_requested"
    )
    assert answer.status_code == 409
    assert "Say in the remarks what is missing" in words_of(answer)
    tomorrow = {"on-day": "1", "on-month": "1", "on-year": "2199"}
    future = checked(signed_in[INSPECTOR], planned, "comment", comment="So.", **tomorrow)
    assert "in the future" in words_of(future)
    assert step_of(service, planned) == 2


@pytest.mark.parametrize("actor", [INSPECTOR, KENT, KENT_BODY, AUDITOR], ids=lambda who: who.role)
def test_a_page_offers_exactly_the_commands_that_can_be_recorded(
    signed_in: dict[Actor, Browser], planned: str, actor: Actor
) -> None:
    browser = signed_in[actor]
    page = browser.get(f"/recommendations/{planned}").text
    offered = {tag for tag in QUESTIONS if f"/record/{tag}" in page}
    possible = {
        tag
        for tag in QUESTIONS
        if browser.get(f"/recommendations/{planned}/record/{tag}").status_code == 200
    }
    assert offered == possible
    assert bool(offered) is (actor is not AUDITOR)


def test_a_force_can_neither_open_nor_send_forms_of_another(
    signed_in: dict[Actor, Browser], planned: str, service: Service
) -> None:
    kent, essex = signed_in[KENT], signed_in[ESSEX]
    form = posted(checked(kent, planned, "report_progress", progress="Half of it."))
    assert essex.get(form.action).status_code == 404
    stolen = {**form.fields, "_csrf": essex.csrf, "then": "record"}
    assert essex.post(form.action, stolen).status_code == 404
    assert essex.get(f"/recommendations/{planned}/recorded/2").status_code == 404
    assert Browser(service).get(form.action).status_code == 401
    assert step_of(service, planned) == 2


def test_another_site_cannot_record_with_a_session_cookie(
    signed_in: dict[Actor, Browser], planned: str, service: Service
) -> None:
    form = posted(checked(signed_in[KENT], planned, "report_progress", progress="Half of it."))
    forged = {**form.fields, "_csrf": "x", "then": "record"}
    assert signed_in[KENT].post(form.action, forged).status_code == 403
    assert step_of(service, planned) == 2


def test_the_counts_of_the_work_list_equal_the_lengths_of_its_lists(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    many = tuple(issue("kent", ordinal=number, time_limit="months:1") for number in range(1, 24))
    position = published(service, "kent-many-2022", *many).position
    browser = signed_in[INSPECTOR]
    assert browser.get(f"/work?position={position}").status_code == 200
    counts = browser.get("/v1/worklist").json()["counts"]
    assert counts[Work.CHASE_OVERDUE] >= 23
    for kind in Work:
        found = sum(len(ROW.findall(page.text)) for page in pages(browser, f"/work?work={kind}"))
        assert found == counts[kind], kind


def test_a_stale_decision_is_marked_until_it_is_confirmed(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    inspector, page = signed_in[INSPECTOR], f"/recommendations/{planned}"
    done = command(service, planned, INSPECTOR, "review_action_plan", outcome="accepted")
    assert done.status_code == 201
    assert "Look again at the latest decision" not in words_of(inspector.get(page))
    fix = {"step": 1, "field": "text", "was": "Do it.", "now": "Do it well.", "why": "A slip."}
    position = command(service, planned, INSPECTOR, "correct", **fix).json()["position"]
    stale = words_of(inspector.get(page))
    assert "Look again at the latest decision" in stale
    assert "Inspectors accepted the action plan" in stale
    assert "step 3" in stale
    assert "An earlier step was corrected" in stale
    assert "stale" not in words_of(Browser(service).get(page)), "what is for inspectors to do"
    waiting = f"/work?work=reconsider&position={position}"
    assert any(planned in one.text for one in pages(inspector, waiting))
    check = checked(inspector, planned, "confirm_decision", why="The slip was known.")
    assert send(inspector, posted(check), "record").status_code == 303
    assert "Look again at the latest decision" not in words_of(inspector.get(page))
    last = service.get(f"/v1{page}/history", INSPECTOR).json()["items"][-1]
    assert (last["event"]["type"], last["event"]["decision"]) == (
        "recommendation.decision_confirmed", 3,
    )  # fmt: skip
    waiting = f"/work?work=reconsider&position={last['position']}"
    assert not any(planned in one.text for one in pages(inspector, waiting))
    assert inspector.get(f"{page}/record/confirm_decision").status_code == 409


def test_an_outcome_from_a_source_is_noted_on_a_page_and_public(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    said = {
        "reference": "kent-review-2026-o1",
        "said_by": "inspectorate",
        "text": "Half of the officers were trained.",
        "source": "Review of 2026, page 9",
        "reading": "partly_improved",
    }
    check = checked(signed_in[INSPECTOR], planned, "note_outcome", **said)
    assert "It has improved in part" in words_of(check)
    assert send(signed_in[INSPECTOR], posted(check), "record").status_code == 303
    public = words_of(Browser(service).get(f"/recommendations/{planned}"))
    assert "A published source, as we read it: it has improved in part" in public
    assert "Half of the officers were trained. Source: Review of 2026, page 9" in public
    wrong = checked(signed_in[INSPECTOR], planned, "note_outcome", **{**said, "reference": "A B"})
    assert wrong.status_code == 400
    assert 'href="#reference"' in wrong.text
    assert signed_in[KENT].get(f"/recommendations/{planned}/record/note_outcome").status_code == 403


def test_one_person_requests_the_removal_of_a_note_and_another_approves(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    admin, inspector = signed_in[ADMIN], signed_in[INSPECTOR]
    page, place = f"/recommendations/{planned}", "2/content"
    ask, agree = (f"{page}/record/{tag}/{place}" for tag in (REQUEST, APPROVE))
    assert f'href="{ask}"' in admin.get(f"{page}/history").text
    assert "redaction" not in inspector.get(f"{page}/history").text
    assert inspector.get(agree).status_code == 409, "nobody asked for it"
    check = send(admin, posted(admin.get(ask)), "check", {"ground": "safeguarding"})
    assert "Safeguarding" in words_of(check)
    assert send(admin, posted(check), "record").status_code == 303
    assert admin.get(agree).status_code == 409, "whoever asked cannot agree"
    assert f'href="{agree}"' not in admin.get(f"{page}/history").text
    assert f'href="{agree}"' in inspector.get(f"{page}/history").text
    assert "We will." in words_of(inspector.get(f"{page}/history"))
    check = send(inspector, posted(inspector.get(agree)), "check")
    assert send(inspector, posted(check), "record").status_code == 303
    after = words_of(inspector.get(f"{page}/history"))
    assert "We will." not in after
    assert "The text was removed." in after
    assert f'href="{ask}"' not in admin.get(f"{page}/history").text
    for other in ("1/remark", "2/answer", "9/content", "0/content"):
        assert admin.get(f"{page}/record/{REQUEST}/{other}").status_code == 409, other
    assert signed_in[KENT].get(ask).status_code == 403
    assert step_of(service, planned) == 4


@pytest.mark.parametrize("actor", [INSPECTOR, PUBLISHER], ids=lambda who: who.role)
def test_a_field_of_a_report_is_corrected_with_a_reason(
    service: Service, signed_in: dict[Actor, Browser], actor: Actor
) -> None:
    report = published(service, f"kent-{uuid4().hex}").id
    browser = signed_in[actor]
    assert f"/reports/{report}/correct" in browser.get(f"/reports/{report}").text
    chosen = browser.get(f"/reports/{report}/correct")
    for field, typed, now in (
        ("title", {"now": "A better title"}, "A better title"),
        ("product", {"now": "reinspection"}, "reinspection"),
        ("programme", {"now": "false"}, False),
        ("cases.good", {"now": "0"}, 0),
        ("grades.leadership", {"now": "good"}, "good"),
        ("page_date", {"now-month": "9", "now-year": "2022"}, "2022-09"),
        ("on", {"now-day": "5", "now-month": "7", "now-year": "2022"}, "2022-07-05"),
    ):
        path = f"/reports/{report}/record/correct/1/{field}"
        assert f'href="{path}"' in chosen.text, field
        form = posted(browser.get(path))
        assert form.action == path
        check = send(browser, form, "check", {**typed, "why": "A slip."})
        assert check.status_code == 200, words_of(check)
        done = send(browser, posted(check), "record")
        assert done.status_code == 303
        assert "This is step" in words_of(browser.get(done.headers["Location"]))
        last = service.get(f"/v1/reports/{report}/history", INSPECTOR).json()["items"][-1]
        assert (last["event"]["field"], last["event"]["now"]) == (field, now)
    assert "A better title" in words_of(browser.get(f"/reports/{report}"))
    for one in ("1/reference", "9/on", "1/cases", "1/cases.none", "1/."):
        assert browser.get(f"/reports/{report}/record/correct/{one}").status_code == 404
    for path in (f"/recommendations/{report}/correct", f"/recommendations/{report}/recorded/1"):
        assert browser.get(path).status_code == 404, "it is no recommendation"
    assert signed_in[KENT].get(f"/reports/{report}/correct").status_code == 403
    assert signed_in[ESSEX].get(f"/reports/{report}/correct").status_code == 404


def test_a_person_overtaken_while_correcting_a_report_sees_what_happened(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = published(service, f"kent-{uuid4().hex}").id
    browser = signed_in[INSPECTOR]
    form = posted(browser.get(f"/reports/{report}/record/correct/1/title"))
    fix = {"type": "correct", "step": 1, "field": "programme", "was": True, "now": False}
    made = service.post(f"/v1/reports/{report}/commands", {**fix, "why": "A slip."})
    assert made.status_code == 201, made.text
    late = send(browser, form, "check", {"now": "Another", "why": "A slip."})
    assert late.status_code == 412
    assert "An earlier step was corrected" in words_of(late)
    assert 'value="Another"' in late.text


def test_the_history_of_a_missing_stream_is_not_found(signed_in: dict[Actor, Browser]) -> None:
    for path in ("recommendations", "reports"):
        answer = signed_in[INSPECTOR].get(f"/{path}/{uuid4()}/history")
        assert answer.status_code == 404


def test_a_force_and_its_policing_body_see_only_their_own_work(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    seen = command(service, planned, KENT, "comment", comment="Seen.").json()
    path = f"/work?position={seen['position']}"
    text = words_of(signed_in[KENT].get(path))
    assert text.startswith("Your work: recommendations to Kent Police")
    assert any(planned in page.text for page in pages(signed_in[KENT], path))
    assert planned not in signed_in[ESSEX].get("/work").text
    assert "Publish the local policing body's comments" in words_of(
        signed_in[KENT_BODY].get("/work")
    )


def test_an_unavailable_form_explains_why(signed_in: dict[Actor, Browser], planned: str) -> None:
    answer = signed_in[INSPECTOR].get(
        f"/recommendations/{planned}/record/reopen", Accept="text/html"
    )
    assert answer.status_code == 409
    assert "You cannot do this now" in words_of(answer)
    assert not forms(answer)


def test_one_plan_answers_all_chosen_recommendations_or_none(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    kent = signed_in[KENT]
    many = tuple(issue("kent", ordinal=number) for number in range(1, 5))
    made = published(service, f"kent-{uuid4().hex}", *many)
    kent.get(f"/v1/recommendations?position={made.position}")
    form = posted(kent.get("/record/plan"))
    chosen = {f"of-{stream}": "1" for stream in made.recommendations[:3]}
    assert chosen.keys() <= form.fields.keys()
    plan = {"answer": "act", "content": REMARKS}
    missing = send(kent, form, "check", plan)
    assert (missing.status_code, 'id="of-error"' in missing.text) == (400, True)
    check = send(kent, posted(missing), "check", chosen)
    assert check.status_code == 200
    assert "For 3 recommendations" in words_of(check)
    overtaking = command(service, made.recommendations[2], INSPECTOR, "comment", comment="Wait.")
    assert overtaking.status_code == 201
    refused = send(kent, posted(check), "record")
    assert refused.status_code == 409
    assert "Nothing was recorded" in words_of(refused)
    assert [step_of(service, one) for one in made.recommendations] == [1, 1, 2, 1]
    again = send(kent, posted(refused), "check", {f"of-{made.recommendations[2]}": "2"})
    form = posted(again)
    for _ in range(2):
        done = send(kent, form, "record")
        assert words_of(done).count("Action plan recorded") == 4
    assert [step_of(service, one) for one in made.recommendations] == [2, 2, 3, 1]


def test_a_plan_for_many_recommendations_offers_those_that_owe_one_page_by_page(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    inspector = signed_in[INSPECTOR]
    many = tuple(issue("gwent", ordinal=number) for number in range(1, 26))
    made = published(service, f"gwent-{uuid4().hex}", *many, force="gwent")
    answered = made.recommendations[0]
    plan = {"answer": "act", "content": REMARKS}
    sent = command(service, answered, INSPECTOR, "receive_action_plan", **plan)
    position = sent.json()["position"]
    inspector.get(f"/v1/recommendations?position={position}")
    first = inspector.get("/record/plan?force=gwent")
    second = inspector.get("/record/plan?force=gwent&page=2")
    assert "Showing 1 to 20 of 24." in words_of(first)
    boxes = [
        {name for name in posted(page).fields if name[:3] == "of-"} for page in (first, second)
    ]
    assert [len(names) for names in boxes] == [20, 4]
    owed = {f"of-{stream}" for stream in made.recommendations if stream != answered}
    assert boxes[0] | boxes[1] == owed
    box = next(iter(boxes[1]))
    missing = send(inspector, posted(second), "check", {box: "1"})
    assert missing.status_code == 400, "the plan itself is not there"
    assert re.search(rf'name="{box}"[^>]* checked', missing.text), "what was chosen stays"


def test_each_of_several_reviews_is_recorded_with_its_own_result(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    inspector = signed_in[INSPECTOR]
    made = published(service, "aaa-kent-2022", *(issue("kent", ordinal=n) for n in range(1, 4)))
    plan = {"answer": "act", "content": "<b>We will.</b>"}
    sent = [
        command(service, one, KENT, "receive_action_plan", **plan) for one in made.recommendations
    ]
    inspector.get(f"/work?position={sent[-1].json()['position']}")
    first, second, third = made.recommendations
    form = posted(inspector.get("/record/reviews"))
    typed = {f"outcome-{first}": "accepted", f"outcome-{second}": "changes_requested"}
    said = send(inspector, form, "check", typed)
    assert said.status_code == 409
    assert f'id="remarks-{second}-error"' in said.text
    check = send(inspector, posted(said), "check", {f"remarks-{second}": REMARKS})
    assert "For 2 recommendations" in words_of(check)
    assert command(service, second, INSPECTOR, "comment", comment="Wait.").status_code == 201
    done = words_of(send(inspector, posted(check), "record"))
    assert "Review recorded: accepted, step 3" in done
    assert "Not recorded. Recorded meanwhile for" in done
    assert [step_of(service, one) for one in (first, second, third)] == [3, 3, 2]


def test_a_report_and_its_recommendations_are_published_from_a_form(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    inspector, name = signed_in[INSPECTOR], f"kent-{uuid4().hex}"
    form = posted(inspector.get("/record/report"))
    about = {
        "addressee": "kent", "product": "ncpi", "edition": "2024", "title": "A report",
        "address": "https://example.org/kent", "reference": name,
        "on-day": "5", "on-month": "1", "on-year": "2026",
    }  # fmt: skip
    first = {
        "r1-text": REMARKS, "r1-kind": "recommendation", "r1-area": "leadership",
        "r1-time_limit": "months", "r1-time_limit-months": "3",
    }  # fmt: skip
    two = posted(send(inspector, form, "add", about | first))
    assert {one: two.fields[one] for one in about | first} == about | first
    wrong = send(inspector, two, "check")
    assert wrong.status_code == 400
    assert 'id="r2-text-error"' in wrong.text
    second = {
        "r2-text": "Do the other.", "r2-kind": "cause_of_concern", "r2-area": "leadership",
        "r2-time_limit": "date", "r2-time_limit-day": "1", "r2-time_limit-month": "7",
        "r2-time_limit-year": "2026",
    }  # fmt: skip
    check = send(inspector, posted(wrong), "check", second)
    assert "By 1 July 2026" in words_of(check)
    assert "Within 3 months" in words_of(check)
    done, retried = (send(inspector, posted(check), "record") for _ in range(2))
    assert done.status_code == retried.status_code == 303
    told = inspector.get(done.headers["Location"])
    assert "A report" in words_of(told)
    report = done.headers["Location"].split("/")[2]
    position = service.get(f"/v1/reports/{report}").json()["position"] + 2
    path = f"/v1/recommendations?report={report}&position={position}"
    issued = service.get(path).json()["items"]
    texts = {one["standing"]["text"]: one["standing"]["time_limit"] for one in issued}
    assert texts == {REMARKS: "months:3", "Do the other.": "date:2026-07-01"}
    again = send(inspector, posted(send(inspector, form, "add", about)), "remove")
    twice = send(inspector, posted(again), "check", about | first)
    assert twice.status_code == 409, "the same reference again"


def test_only_permitted_roles_get_the_publish_and_review_forms(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    for path in ("/record/report", "/record/reviews"):
        assert signed_in[KENT].get(path).status_code in {403, 404}
        assert signed_in[AUDITOR].get(path).status_code == 403
        assert Browser(service).get(path).status_code == 401
    assert signed_in[KENT_BODY].get("/record/plan").status_code == 403
    assert signed_in[INSPECTOR].get("/record/plan?force=atlantis").status_code == 404


def test_a_page_that_a_role_may_not_use_names_those_that_may_in_words(
    signed_in: dict[Actor, Browser],
) -> None:
    shown = words_of(signed_in[KENT_BODY].get("/record/plan", Accept="text/html"))
    assert "Only people with one of these roles can: force liaison, inspector." in shown
    assert "local_policing_body" not in shown


@pytest.mark.parametrize("force", ["training", "kent", "national"])
def test_a_plan_can_be_recorded_for_every_addressee(
    signed_in: dict[Actor, Browser], force: str
) -> None:
    assert signed_in[INSPECTOR].get(f"/record/plan?force={force}").status_code == 200


def test_the_history_page_shows_the_state_after_each_step_and_its_corrections(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    assert command(service, planned, INSPECTOR, "comment", comment=REMARKS).status_code == 201
    fix = {"step": 1, "field": "area", "was": "leadership", "now": "investigation", "why": "Slip."}
    assert command(service, planned, INSPECTOR, "correct", **fix).status_code == 201
    answer = signed_in[AUDITOR].get(f"/recommendations/{planned}/history")
    text = words_of(answer)
    report = service.get(f"/v1/recommendations/{planned}").json()["report"]
    title = service.get(f"/v1/reports/{report}").json()["title"]
    assert f"Report {title} Reference" in text, "by its name, not by its id"
    back = rf'href="/recommendations/{planned}">\s*This recommendation\s*</a>'
    assert re.search(back, answer.text), "a way back to what it is about"
    for part in (
        "Step 1: Issued in the inspection report",
        "Corrected by Step 4",
        "Stage after this step No action plan yet",
        "Step 2: The force answered: it will act",
        "Plan We will.",
        "Stage after this step Action plan being reviewed",
        "Step Step 1 Field Area Previous value Leadership and governance",
        "New value Investigation Reason Slip.",
    ):
        assert part in text, part
    past = words_of(signed_in[AUDITOR].get(f"/recommendations/{planned}/history?step=2"))
    assert "Step 2" in past
    assert "Step 3" not in past
    own = words_of(signed_in[KENT].get(f"/recommendations/{planned}/history"))
    assert "Plan We will." in own
    assert REMARKS.split("\n", maxsplit=1)[0] not in own, "what inspectors say among themselves"
    assert signed_in[ESSEX].get(f"/recommendations/{planned}/history").status_code == 404
    assert Browser(service).get(f"/recommendations/{planned}/history").status_code == 401
    wrong = signed_in[AUDITOR].get(f"/recommendations/{planned}/history?on-day=31&on-month=2")
    assert wrong.status_code == 400
    assert "The report was published" in words_of(
        signed_in[AUDITOR].get(f"/reports/{report}/history")
    )


def test_a_claim_is_recorded_with_its_documents(
    signed_in: dict[Actor, Browser], planned: str
) -> None:
    kent = signed_in[KENT]
    path = f"/recommendations/{planned}/record/claim_completion"
    form = posted(kent.get(path))
    fields = {**form.fields, "evidence": "All are trained.", "then": "check"}
    for content in (b"MZ\x90\x00 a program", b"<script>alert(1)</script>", b""):
        refused = kent.send("POST", path, data=fields, files=[content], headers=OURS)
        assert refused.status_code == 400, content
        assert 'id="documents-error"' in refused.text
        assert posted(refused).fields["evidence"] == "All are trained."
    files = [b"Who was trained, and when.", b"Another text."]
    check = kent.send("POST", path, data=fields, files=files, headers=OURS)
    assert check.status_code == 200, check.text
    assert "a name.txt, a name.txt" in words_of(check)
    assert send(kent, posted(check), "record").status_code == 303
    history = signed_in[INSPECTOR].get(f"/recommendations/{planned}/history").text
    for content in files:
        name = f"/v1/recommendations/{planned}/documents/{sha256(content).hexdigest()}"
        assert name in history
        answer = signed_in[INSPECTOR].get(name)
        assert answer.content == content
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert signed_in[ESSEX].get(name).status_code == 404


def test_a_claim_form_cannot_name_a_document_that_was_not_sent(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    check = checked(signed_in[KENT], planned, "claim_completion", evidence="All are trained.")
    forged = posted(check)
    forged.fields["documents"] = "0" * 64
    answer = send(signed_in[KENT], forged, "record")
    assert answer.status_code == 409
    assert "has not been sent to this recommendation" in words_of(answer)
    assert step_of(service, planned) == 2


def test_a_field_of_an_earlier_step_is_corrected_with_a_reason(
    service: Service, signed_in: dict[Actor, Browser], planned: str
) -> None:
    inspector = signed_in[INSPECTOR]
    assert (
        f"/recommendations/{planned}/correct" in inspector.get(f"/recommendations/{planned}").text
    )
    chosen = inspector.get(f"/recommendations/{planned}/correct")
    for step, field, typed, now in (
        (1, "area", {"now": "investigation"}, "investigation"),
        (1, "time_limit", {"now": "months", "now-months": "6"}, "months:6"),
        (1, "ordinal", {"now": "7"}, 7),
        (2, "on", {"now-day": "5", "now-month": "9", "now-year": "2022"}, "2022-09-05"),
    ):
        path = f"/recommendations/{planned}/record/correct/{step}/{field}"
        assert f'href="{path}"' in chosen.text
        form = posted(inspector.get(path))
        check = send(inspector, form, "check", {**typed, "why": "A slip."})
        assert check.status_code == 200, check.text
        assert send(inspector, posted(check), "record").status_code == 303
        last = service.get(f"/v1/recommendations/{planned}/history", INSPECTOR).json()["items"][-1]
        assert (last["event"]["step"], last["event"]["field"]) == (step, field)
        assert last["event"]["now"] == now
    shown = service.get(f"/v1/recommendations/{planned}").json()
    assert (shown["area"], shown["time_limit"], shown["ordinal"]) == (
        "investigation",
        "months:6",
        7,
    )
    fix = {"step": 1, "field": "text", "was": "Do it.", "now": "Do it well.", "why": "A slip."}
    mended = command(service, planned, INSPECTOR, "correct", **fix)
    assert mended.status_code == 201
    assert "Do it well." in words_of(inspector.get(f"/recommendations/{planned}/record/comment"))
    listed = pages(inspector, f"/work?work=review_plan&position={mended.json()['position']}")
    assert any("Do it well." in words_of(one) for one in listed)
    same = send(
        inspector,
        posted(inspector.get(f"/recommendations/{planned}/record/correct/1/area")),
        "check",
        {"why": "A slip."},
    )
    assert same.status_code == 409
    assert "already recorded as" in words_of(same)
    for other in ("1/reference", "9/on", "0/on"):
        path = f"/recommendations/{planned}/record/correct/{other}"
        assert inspector.get(path).status_code == 404
    assert signed_in[KENT].get(f"/recommendations/{planned}/correct").status_code == 403
