"""A step for all recommendations of a report, or for some: on one page, each with its result."""

import re
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest

from adapters.postgres.database import Database
from api.pages.record.several.grid_rows import ROWS_MAX
from domain.vocabulary.actors import Actor
from tests.support.data.documents import EXE, PDF
from tests.support.data.examples import (
    ESSEX,
    INSPECTOR,
    KENT,
    KENT_BODY,
    OTHER_INSPECTOR,
    issue,
)
from tests.support.served.browser import OURS, Browser
from tests.support.served.forms import forms, posted, send, words_of
from tests.support.served.serving import AUDITOR, Published, Service, command, published

pytestmark = pytest.mark.slow

REVIEW, SECTION_55 = "review_action_plan", "respond_under_section_55"


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, OTHER_INSPECTOR, KENT, KENT_BODY, ESSEX, AUDITOR)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


def report_of(service: Service, many: int, *, planned: bool = False) -> Published:
    """A report of some recommendations to Kent, with their plans received if `planned`."""
    issues = (issue(ordinal=number, text=f"Do thing {number}.") for number in range(1, many + 1))
    report = published(service, f"kent-{uuid4().hex}", *issues)
    for number, stream in enumerate(report.recommendations if planned else (), 1):
        content = f"We will do thing {number}."
        plan = {"answer": "act", "content": content, "on": "2022-09"}
        made = command(service, stream, KENT, "receive_action_plan", **plan)
        assert made.status_code == 201, made.text
    service.get(f"/v1/recommendations?position={report.position}")
    return report


def form_of(browser: Browser, report: Published, tag: str) -> httpx.Response:
    """The form of a step of a report."""
    answer = browser.get(f"/reports/{report.id}/work/{tag}?position={report.position}")
    assert answer.status_code == 200, answer.text
    return answer


def state_of(service: Service, stream: str) -> tuple[str, int]:
    """The status of a recommendation's plan, and its last step."""
    answer = service.get(f"/v1/recommendations/{stream}", INSPECTOR).json()
    return answer["plan"], answer["step"]


def last_entry(service: Service, stream: str) -> dict[str, Any]:
    """The last entry of a recommendation, as its history has it."""
    history = service.get(f"/v1/recommendations/{stream}/history", INSPECTOR).json()
    return dict(history["items"][-1])


def test_an_inspector_reviews_the_plans_of_a_report_at_once_and_one_of_them_differently(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 4, planned=True)
    first, second, third, fourth = report.recommendations
    page = form_of(browser, report, REVIEW)
    assert "We will do thing 3." in words_of(page), "each row shows the plan that it judges"
    typed = {
        "outcome": "accepted",
        f"outcome-{second}": "changes_requested",
        f"remarks-{second}": "By when?",
        f"on-{third}-month": "10",
        f"on-{third}-year": "2022",
        f"of-{fourth}": "",
    }
    check = send(browser, posted(page), "check", typed)
    assert check.status_code == 200, check.text
    assert "For 3 recommendations" in words_of(check)
    assert "Outcome: Ask for changes Remarks: By when?" in words_of(check)
    assert state_of(service, first) == ("received", 2), "nothing is recorded before it is checked"
    done = send(browser, posted(check), "record")
    assert "Recorded for 3 of 3 recommendations" in words_of(done)
    assert [state_of(service, s) for s in report.recommendations] == [
        ("accepted", 3),
        ("changes_requested", 3),
        ("accepted", 3),
        ("received", 2),
    ]
    assert last_entry(service, second)["notes"] == {"remarks": "By when?"}
    assert last_entry(service, third)["on"] == "2022-10"
    assert f"/reports/{report.id}/work/assign_follow_up" in done.text, "the next step"


def test_a_step_for_many_that_is_sent_twice_is_recorded_once(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2, planned=True)
    page = form_of(browser, report, REVIEW)
    form = posted(send(browser, posted(page), "check", {"outcome": "accepted"}))
    first, second = (send(browser, form, "record") for _ in range(2))
    assert words_of(first) == words_of(second)
    assert [state_of(service, s)[1] for s in report.recommendations] == [3, 3]


def test_a_row_recorded_by_a_colleague_meanwhile_keeps_its_answers_while_the_others_are_recorded(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 3, planned=True)
    first, second, third = report.recommendations
    page = form_of(browser, report, REVIEW)
    typed = {"outcome": "accepted", f"remarks-{second}": "Well argued."}
    check = send(browser, posted(page), "check", typed)
    command(service, first, KENT, "report_progress", progress="Half of it.")
    command(service, second, OTHER_INSPECTOR, REVIEW, outcome="accepted")
    done = send(browser, posted(check), "record")
    assert "Recorded for 1 of 3 recommendations" in words_of(done)
    assert "Inspectors accepted the action plan, recorded by" in words_of(done)
    assert state_of(service, third) == ("accepted", 3)
    again = send(browser, posted(done, f"/work/{REVIEW}"), "change")
    assert again.status_code == 400
    assert "The force reported progress, recorded by" in words_of(again)
    form = posted(again)
    assert f"of-{third}" not in form.fields, "what is recorded is out"
    assert (form.fields["outcome"], form.fields[f"of-{first}"]) == ("accepted", "yes")
    assert f"of-{second}" not in form.fields, "it cannot be recorded any more"
    assert form.fields[f"remarks-{second}"] == "Well argued.", "what was typed stays"
    assert "Not possible now. Only an action plan that has been received" in words_of(again)
    last = send(browser, posted(send(browser, form, "check")), "record")
    assert "Recorded for 1 of 1 recommendation" in words_of(last)
    assert state_of(service, first) == ("accepted", 4)


def test_a_row_overtaken_before_the_check_is_looked_at_again(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2, planned=True)
    page = form_of(browser, report, REVIEW)
    command(service, report.recommendations[1], KENT, "report_progress", progress="Half of it.")
    answer = send(browser, posted(page), "check", {"outcome": "accepted"})
    assert answer.status_code == 409
    assert "Recommendation 2: Something else was recorded meanwhile" in words_of(answer)
    assert f'href="#row-{report.recommendations[1]}"' in answer.text
    assert send(browser, posted(answer), "check").status_code == 200


def test_a_step_that_is_not_possible_for_a_row_cannot_be_ticked_and_says_why(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2)
    first, second = report.recommendations
    command(service, first, KENT, "receive_action_plan", answer="act", content="We will.")
    page = form_of(browser, report, REVIEW)
    form = posted(page)
    assert f"of-{second}" not in form.fields
    assert "its action plan has not been received" in words_of(page)
    forged = browser.post(
        form.action, {**form.fields, f"of-{second}": "yes", "outcome": "accepted", "then": "check"}
    )
    assert forged.status_code == 409
    assert "Recommendation 2: Only an action plan that has been received" in words_of(forged)


def test_an_error_names_its_row_and_field_and_leads_there(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 3, planned=True)
    first, second, third = report.recommendations
    form = posted(form_of(browser, report, REVIEW))
    typed = {
        f"outcome-{first}": "accepted",
        f"on-{first}-day": "31",
        f"on-{first}-month": "2",
        f"on-{first}-year": "2026",
        f"outcome-{third}": "accepted",
    }
    answer = send(browser, form, "check", typed)
    assert answer.status_code == 400
    said = words_of(answer)
    assert "Recommendation 1: Happened on: enter a day from 1 to 28" in said
    assert "Recommendation 2: Choose an answer: Do you accept the plan?" in said
    for target in (f"on-{first}-day", f"outcome-{second}"):
        assert f'href="#{target}"' in answer.text
        assert f'id="{target}"' in answer.text
    assert {name: posted(answer).fields[name] for name in typed} == typed
    nothing = send(browser, form, "check", {f"of-{s}": "" for s in report.recommendations})
    assert "Tick at least one recommendation." in words_of(nothing)
    for_all = send(browser, form, "check", {"on-day": "31", "on-month": "2", "on-year": "2026"})
    assert words_of(for_all).count("enter a day from 1 to 28") == 2, "once, beside its field"
    assert 'id="outcome-error"' in for_all.text


def test_a_rule_refuses_a_row_before_anything_is_recorded(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2, planned=True)
    second = report.recommendations[1]
    form = posted(form_of(browser, report, REVIEW))
    typed = {"outcome": "accepted", f"outcome-{second}": "changes_requested"}
    answer = send(browser, form, "check", typed)
    assert answer.status_code == 409
    assert "Recommendation 2: You are requesting changes." in words_of(answer)
    assert f'href="#remarks-{second}"' in answer.text, "the field that the rule is about"
    assert f'id="remarks-{second}-error"' in answer.text
    assert [state_of(service, s)[1] for s in report.recommendations] == [2, 2]


def test_the_work_on_a_report_lists_each_possible_step_with_its_counts(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 2)
    command(
        service,
        report.recommendations[0],
        KENT,
        "receive_action_plan",
        answer="act",
        content="Yes.",
    )
    page = signed_in[INSPECTOR].get(f"/reports/{report.id}/work")
    said = words_of(page)
    assert "Review the action plan: due for 1, possible for 1 of 2" in said
    assert "Record the action plan: due for 1, possible for 1 of 2" in said
    assert "Close the recommendation: possible for 2 of 2" in said
    assert "Say that it is done" not in said, "that is for the force"
    assert f"/reports/{report.id}/work" in signed_in[INSPECTOR].get(f"/reports/{report.id}").text
    public = service.get(f"/reports/{report.id}", Accept="text/html")
    assert f"/reports/{report.id}/work" not in public.text


def test_only_those_who_may_record_a_step_reach_its_form(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report, other = report_of(service, 1), report_of(service, 1)
    for actor, tag, status in (
        (AUDITOR, REVIEW, 403),
        (KENT, REVIEW, 403),
        (ESSEX, "receive_action_plan", 404),
        (KENT, "receive_action_plan", 200),
        (KENT_BODY, "receive_action_plan", 403),
        (INSPECTOR, "comment", 404),
    ):
        answer = signed_in[actor].get(f"/reports/{report.id}/work/{tag}")
        assert answer.status_code == status, (actor, tag)
    assert signed_in[AUDITOR].get(f"/reports/{report.id}/work").status_code == 403
    assert signed_in[ESSEX].get(f"/reports/{report.id}/work").status_code == 404
    form = posted(form_of(signed_in[KENT], report, "receive_action_plan"))
    strayed = {**form.fields, f"step-{other.recommendations[0]}": "1", "then": "check"}
    assert signed_in[KENT].post(form.action, strayed).status_code == 404, "of another report"


def test_a_force_sees_and_answers_its_own_recommendations_of_a_report_to_several(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = published(
        service, f"two-{uuid4().hex}", issue("kent", "essex"), issue("kent", ordinal=2)
    )
    page = form_of(signed_in[ESSEX], report, "receive_action_plan")
    assert "1 recommendation" in words_of(page)
    form = posted(page)
    check = send(signed_in[ESSEX], form, "check", {"answer": "act", "content": "We will."})
    done = send(signed_in[ESSEX], posted(check), "record")
    assert "Recorded for 1 of 1" in words_of(done)
    whole = form_of(signed_in[INSPECTOR], report, "receive_action_plan")
    assert "3 recommendations" in words_of(whole)
    kent = signed_in[INSPECTOR].get(f"/reports/{report.id}/work/receive_action_plan?force=kent")
    assert "2 recommendations" in words_of(kent)


def test_a_report_of_more_recommendations_than_a_page_has_several_pages(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, ROWS_MAX + 3)
    page = browser.get(f"/reports/{report.id}/work?position={report.position}")
    assert f"{ROWS_MAX} recommendations" in words_of(page)
    assert f"Showing 1 to {ROWS_MAX} of {ROWS_MAX + 3}. Sorted by reference." in words_of(page)
    following = page.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    rest = browser.get(following.replace("&amp;", "&"))
    assert "3 recommendations" in words_of(rest)
    assert len(forms(rest)) == 0
    step = browser.get(following.replace("&amp;", "&").replace("/work?", "/work/close?"))
    assert step.status_code == 200
    assert "3 recommendations" in words_of(step)


def test_the_work_on_a_report_is_sorted_by_number_or_stage_on_every_page(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, ROWS_MAX + 3)
    reviewed, received = report.recommendations[0], report.recommendations[2]
    for stream in (reviewed, received):
        plan = {"answer": "act", "content": "We will."}
        command(service, stream, KENT, "receive_action_plan", **plan)
    position = command(service, reviewed, INSPECTOR, REVIEW, outcome="accepted").json()["position"]
    path = f"/reports/{report.id}/work?position={position}"
    expected = [s for s in report.recommendations if s not in {reviewed, received}]
    expected += [received, reviewed]

    def rows_in(page: httpx.Response) -> list[str]:
        return re.findall(r'href="/recommendations/([0-9a-f-]{36})"', page.text)

    first = browser.get(path)
    assert rows_in(first) == report.recommendations[:ROWS_MAX]
    assert f'href="/reports/{report.id}/work?position={position}&amp;order=stage"' in first.text
    pages = [browser.get(f"{path}&order=stage&page={page}") for page in (1, 2)]
    assert rows_in(pages[0]) + rows_in(pages[1]) == expected
    assert "Sorted by stage." in words_of(pages[0])
    assert "1. Do thing 1." in words_of(pages[1])
    step = f"/reports/{report.id}/work/{REVIEW}?order=stage&amp;page=2"
    assert f'href="{step}"' in pages[1].text
    form = posted(browser.get(step.replace("&amp;", "&")))
    shown = {name.removeprefix("step-") for name in form.fields if name.startswith("step-")}
    assert shown == {*expected[ROWS_MAX:]}
    assert rows_in(browser.get(f"{path}&order=colour")) == rows_in(first)


def test_a_body_publishes_its_comments_on_a_whole_report_in_one_act(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[KENT_BODY], report_of(service, 3)
    first, second, third = report.recommendations
    form = posted(form_of(browser, report, SECTION_55))
    typed = {
        "address": "https://example.org/comments",
        "chief_officer": "I accept all of them.",
        "copied_on-month": "9",
        "copied_on-year": "2022",
        "on-day": "20",
        "on-month": "9",
        "on-year": "2022",
        "answer": "act",
        f"explanation-{first}": "We will look each month.",
        f"explanation-{second}": "We will look in a year.",
        f"answer-{third}": "no_action",
    }
    missing = send(browser, form, "check", typed)
    assert missing.status_code == 400
    assert f'href="#explanation-{third}"' in missing.text
    check = send(browser, form, "check", {**typed, f"explanation-{third}": "It is done."})
    assert "Chief officer's comments I accept all of them." in words_of(check)
    done = send(browser, posted(check), "record")
    assert "Recorded for 3 of 3 recommendations" in words_of(done)
    again = send(browser, posted(check), "record")
    assert words_of(again) == words_of(done)
    views = [service.get(f"/v1/recommendations/{s}").json() for s in (first, third)]
    assert [view["section_55"] for view in views] == [
        {
            "step": 2,
            "on": "2022-09-20",
            "answer": answer,
            "address": "https://example.org/comments",
            "copied_on": "2022-09",
            "explanation": explanation,
            "chief_officer": "I accept all of them.",
        }
        for answer, explanation in (
            ("act", "We will look each month."),
            ("no_action", "It is done."),
        )
    ]
    public = words_of(service.get(f"/recommendations/{first}", Accept="text/html"))
    assert "The chief officer's comments: I accept all of them." in public
    assert "Copied to the Secretary of State: September 2022." in public


def test_comments_on_a_whole_report_are_recorded_for_none_if_one_row_moved_on(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[KENT_BODY], report_of(service, 2)
    typed = {"answer": "act", "explanation": "We asked."}
    check = send(browser, posted(form_of(browser, report, SECTION_55)), "check", typed)
    command(service, report.recommendations[1], KENT, "report_progress", progress="Half of it.")
    answer = send(browser, posted(check), "record")
    assert answer.status_code == 409
    assert "Nothing was recorded." in words_of(answer)
    assert "Recommendation 2: Something else was recorded meanwhile" in words_of(answer)
    assert posted(answer).fields["explanation"] == "We asked."
    assert [state_of(service, s)[1] for s in report.recommendations] == [1, 2]
    done = send(browser, posted(send(browser, posted(answer), "check")), "record")
    assert "Recorded for 2 of 2 recommendations" in words_of(done)


def sent(
    browser: Browser, page: httpx.Response, file: bytes, typed: dict[str, str]
) -> httpx.Response:
    """The answer to a form that is sent with a file, to be checked."""
    form = posted(page)
    fields = {**form.fields, **typed, "then": "check"}
    return browser.send("POST", form.action, data=fields, files=[file], headers=OURS)


def documents_of(service: Service, stream: str) -> list[str]:
    listed = service.get(f"/v1/recommendations/{stream}/documents", INSPECTOR).json()["items"]
    return [document["sha256"] for document in listed]


def test_a_plan_sent_as_a_file_is_a_document_of_every_recommendation_it_answers(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[KENT], report_of(service, 3)
    first, second, third = report.recommendations
    page = form_of(browser, report, "receive_action_plan")
    typed = {
        f"answer-{first}": "act",
        f"content-{first}": "Page 2.",
        f"content-{second}": "Page 3.",
        f"of-{third}": "",
    }
    wrong = sent(browser, page, PDF, typed)
    assert wrong.status_code == 400
    assert "a name.pdf" in words_of(wrong), "the file is kept though an answer is missing"
    check = send(
        browser, posted(wrong), "check", {f"answer-{second}": "act", f"of-{third}": "yes",
                                          f"answer-{third}": "act", f"content-{third}": "Page 4."}
    )  # fmt: skip
    assert check.status_code == 200, words_of(check)
    assert "Documents a name.pdf" in words_of(check)
    assert "Recorded for 3 of 3" in words_of(send(browser, posted(check), "record"))
    name = sha256(PDF).hexdigest()
    for stream, content in ((first, "Page 2."), (third, "Page 4.")):
        assert documents_of(service, stream) == [name]
        entry = last_entry(service, stream)
        assert (entry["notes"], entry["event"]["documents"]) == ({"content": content}, [name])


def test_a_file_that_is_no_document_is_refused_by_name_and_kept_nowhere(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2)
    page = form_of(browser, report, "receive_action_plan")
    answer = sent(browser, page, EXE, {"answer": "act", "content": "As in the file."})
    assert answer.status_code == 400
    assert "a name.pdf: " in words_of(answer)
    assert 'href="#documents"' in answer.text
    assert posted(answer).fields["content"] == "As in the file."
    assert [documents_of(service, s) for s in report.recommendations] == [[], []]


def test_the_update_on_immediate_recommendations_is_recorded_for_all_of_them_at_once(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser = signed_in[KENT]
    issues = (issue(ordinal=n, time_limit="immediate" if n < 3 else "months:3") for n in (1, 2, 3))
    report = published(service, f"kent-{uuid4().hex}", *issues)
    page = form_of(browser, report, "receive_update")
    form = posted(page)
    assert f"of-{report.recommendations[2]}" not in form.fields
    assert "An update is asked for only on what is to be done immediately." in words_of(page)
    check = send(browser, form, "check", {"content": "All were told on the day."})
    assert "Recorded for 2 of 2" in words_of(send(browser, posted(check), "record"))
    clocks = [
        {c["name"]: c["state"] for c in service.get(f"/v1/recommendations/{s}").json()["clocks"]}
        for s in report.recommendations
    ]
    assert [state.get("immediate_update") for state in clocks] == ["stopped", "stopped", None]


def test_a_closure_begins_with_the_proposal_of_another_inspector(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 2)
    stream = report.recommendations[0]
    proposed = {"basis": "Seen on a visit.", "source": "Letter of 2023"}
    command(service, stream, OTHER_INSPECTOR, "propose_closure", **proposed)
    form = posted(form_of(signed_in[INSPECTOR], report, "close"))
    begun = (f"of-{stream}", "reason", "source", f"proposal-{stream}")
    assert [form.fields[name] for name in begun] == ["yes", "verified", "Letter of 2023", "2"]
    assert form.fields[f"of-{report.recommendations[1]}"] == "", "none is due to be closed"
