"""The rows of a CSV file with action plans, put into the form of a report to be checked."""

from hashlib import sha256
from typing import Any

import httpx
import pytest

from adapters.postgres.database import Database
from api.http.forms import SentFile
from api.pages.record.form_parser import DOCUMENTS
from api.pages.record.several.plans.plan_file import FILLED, PROBLEMS_MAX, fill_rows
from api.pages.record.several.plans.plan_lines import COLUMNS, ROWS_READ_MAX
from tests.identity.test_unsent_forms import PAGE, answers_of
from tests.pages.test_places_of_errors import errors_of
from tests.pages.test_report_work import documents_of, form_of, last_entry, report_of, sent
from tests.support.data.documents import PDF
from tests.support.data.examples import INSPECTOR, KENT
from tests.support.served.browser import OURS, Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import Published, Service, command

pytestmark = pytest.mark.slow


TWO_ROWS = """\
Train all staff.
Target date: May 2027

Audit each month.
Target date: June 2027"""


@pytest.fixture(scope="module")
def browser(service: Service, make_database: Database) -> Browser:
    return Browser(service).sign_in(make_database, KENT)


def fill_from(
    browser: Browser, report: Published, file: str | bytes, **typed: str
) -> httpx.Response:
    """The form of the plans of a report, sent with a file."""
    content = file.encode() if isinstance(file, str) else file
    return sent(browser, form_of(browser, report, "receive_action_plan"), content, typed)


def row_in(answer: httpx.Response, stream: str) -> tuple[str, str, str]:
    """The answer, the plan and the tick that a form has for a recommendation."""
    fields = posted(answer).fields
    return fields[f"answer-{stream}"], fields[f"content-{stream}"], fields[f"of-{stream}"]


def test_the_rows_of_a_plan_as_csv_fill_the_form_and_are_recorded_once_checked(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 3)
    first, second, third = report.recommendations
    file = "Recommendation,Answer,Plan\n1,act,Train all staff.\n2,no_action,It is done.\n3,,\n"
    filled = fill_from(browser, report, file, answer="act", content="As in the file.")
    assert filled.status_code == 200
    assert "2 recommendations have answers from your file." in words_of(filled)
    assert row_in(filled, first) == ("act", "Train all staff.", "yes")
    assert row_in(filled, second) == ("no_action", "It is done.", "yes")
    assert row_in(filled, third) == ("", "", "yes"), "a blank cell has the answer for all"
    assert [last_entry(service, s)["step"] for s in report.recommendations] == [1, 1, 1]
    check = send(browser, posted(filled), "check", {f"content-{first}": "Train all staff by May."})
    assert "Documents a name.csv" in words_of(check)
    done = send(browser, posted(check), "record")
    assert "Recorded for 3 of 3 recommendations" in words_of(done)
    contents = [last_entry(service, s)["notes"]["content"] for s in report.recommendations]
    assert contents == ["Train all staff by May.", "It is done.", "As in the file."]
    kept = [sha256(file.encode()).hexdigest()]
    assert [documents_of(service, s) for s in report.recommendations] == [kept] * 3


def test_rows_of_one_recommendation_are_put_together_with_their_posts_and_dates(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    reference = last_entry(service, second)["event"]["reference"]
    file = (
        "﻿recommendation;action no.;PLAN;Owner;Target  date;answer\r\n"
        '"Recommendation 1.";1;Train all staff.;Head of crime;May 2027;It will act\r\n'
        "1;2;Audit each month.;;June 2027;act\r\n"
        f"{reference.upper()};1;Ask the courts.;Deputy chief constable;;\r\n"
        ";;;;;\r\n"
    )
    filled = fill_from(browser, report, file)
    assert filled.status_code == 200, words_of(filled)
    assert row_in(filled, first)[:2] == (
        "act",
        TWO_ROWS,
    )
    assert row_in(filled, second)[1] == "Ask the courts."
    owners = [posted(filled).fields[f"owner-{stream}"] for stream in (first, second)]
    assert owners == ["Head of crime", "Deputy chief constable"]


def entries_of(service: Service, stream: str) -> list[dict[str, Any]]:
    """The entries of a recommendation after its issue, as its history has them."""
    history = service.get(f"/v1/recommendations/{stream}/history", INSPECTOR).json()
    return list(history["items"][1:])


def recorded(service: Service, stream: str) -> list[tuple[str, str]]:
    """The steps of a recommendation after its issue, each with its note."""
    return [
        (entry["event"]["type"].partition(".")[2], *entry["notes"].values())
        for entry in entries_of(service, stream)
    ]


def test_the_owner_in_a_file_is_recorded_as_the_responsible_post_and_undone_with_the_plan(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    file = "recommendation,answer,plan,owner\n1,act,Train staff.,Head of crime\n2,act,Audit.,\n"
    filled = fill_from(browser, report, file)
    check = send(browser, posted(filled), "check")
    assert check.status_code == 200, words_of(check)
    assert "Responsible post: Head of crime" in words_of(check)
    assert [recorded(service, stream) for stream in (first, second)] == [[], []]
    done = send(browser, posted(check), "record")
    assert "Recorded for 2 of 2 recommendations" in words_of(done)
    assert "Responsible post recorded. Action plan recorded" in words_of(done)
    plan = ("action_plan_received", "Train staff.")
    assert recorded(service, first) == [("owner_named", "Head of crime"), plan]
    assert recorded(service, second) == [("action_plan_received", "Audit.")]
    assert words_of(send(browser, posted(check), "record")) == words_of(done), "recorded once"
    undo = posted(send(browser, posted(done, "/undo"), "change"))
    undone = send(browser, undo, "check", {"why": "The wrong file.", f"of-{second}": ""})
    assert "Step 2: The force named the responsible post" in words_of(undone)
    assert "Step 3: The force answered: it will act" in words_of(undone)
    assert "Withdrawn for 1 of 1" in words_of(send(browser, posted(undone), "record"))
    assert entries_of(service, first)[-1]["event"]["steps"] == [2, 3]


def test_the_responsible_post_is_recorded_with_the_day_of_the_plan(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    file = "recommendation,answer,plan,owner\n1,act,A.,Head of crime\n2,act,B.,Head of crime\n"
    filled = posted(fill_from(browser, report, file))
    typed = {"on-month": "9", "on-year": "2022", f"on-{second}-month": "10"}
    check = send(browser, filled, "check", {**typed, f"on-{second}-year": "2022"})
    assert check.status_code == 200, words_of(check)
    send(browser, posted(check), "record")
    days = [[entry["on"] for entry in entries_of(service, stream)] for stream in (first, second)]
    assert days == [["2022-09", "2022-09"], ["2022-10", "2022-10"]]
    early = {"on-day": "1", "on-month": "7", "on-year": "2022"}
    report = report_of(service, 2)
    wrong = send(browser, posted(fill_from(browser, report, file)), "check", early)
    assert [place for place, _text in errors_of(wrong)] == ["on-day"]


def test_an_owner_who_is_on_record_already_is_no_step_again(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    for stream in report.recommendations:
        command(service, stream, KENT, "name_owner", owner="Head of crime")
    assert words_of(form_of(browser, report, "receive_action_plan")).count("Head of crime") == 2
    file = "recommendation,answer,plan,owner\n1,act,A.,Head of crime\n2,act,B.,Chief constable\n"
    check = send(browser, posted(fill_from(browser, report, file)), "check")
    assert words_of(check).count("Responsible post:") == 1
    send(browser, posted(check), "record")
    steps = [[tag for tag, _note in recorded(service, s)] for s in (first, second)]
    assert steps == [
        ["owner_named", "action_plan_received"],
        ["owner_named", "owner_named", "action_plan_received"],
    ]


def test_an_owner_that_cannot_be_taken_is_named_with_its_row_and_column(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    file = (
        "recommendation,answer,plan,owner\n"
        "1,act,Train all staff.,Head of crime\n"
        "1,act,Audit each month.,Chief constable\n"
        f"2,act,Ask the courts.,{'x' * 4001}\n"
    )
    answer = fill_from(browser, report, file)
    assert answer.status_code == 400
    said = words_of(answer)
    for stream, problem in (
        (first, "a name.pdf, row 3, column owner: “Chief constable” contradicts a row before."),
        (second, "a name.pdf, row 4, column owner: the post is longer than 4,000 characters."),
    ):
        assert problem in said, said
        assert f'href="#owner-{stream}"' in answer.text
        assert f'id="owner-{stream}"' in answer.text
    long = {f"owner-{second}": "x" * 4001, f"owner-{first}": ""}
    again = send(browser, posted(answer), "check", long)
    assert again.status_code == 400
    assert f'href="#owner-{second}"' in again.text
    assert [recorded(service, stream) for stream in (first, second)] == [[], []]


def test_an_owner_in_the_file_of_an_inspector_stays_in_the_plan(
    service: Service, make_database: Database
) -> None:
    """Only a force names its responsible post."""
    report = report_of(service, 1)
    stream = report.recommendations[0]
    inspector = Browser(service).sign_in(make_database, INSPECTOR)
    file = "recommendation,answer,plan,owner\n1,act,Train all staff.,Head of crime\n"
    filled = fill_from(inspector, report, file)
    assert row_in(filled, stream)[1] == "Train all staff.\nResponsible post: Head of crime"
    assert f"owner-{stream}" not in posted(filled).fields
    assert "owner: the responsible post; added to the plan" in words_of(filled)


def test_an_error_of_a_file_names_its_row_and_column_and_the_good_rows_stay(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 4)
    first, second, third, fourth = report.recommendations
    command(service, fourth, KENT, "receive_action_plan", answer="act", content="We will.")
    file = (
        "recommendation,answer,plan\n"
        "1,maybe,Train all staff.\n"
        "2,act,Audit each month.\n"
        "9,act,Something.\n"
        f"3,act,{'x' * 4001}\n"
        "2,no_action,\n"
        "4,act,Another plan.\n"
    )
    answer = fill_from(browser, report, file)
    assert answer.status_code == 400
    said = words_of(answer)
    for problem in (
        "Recommendation 1: a name.pdf, row 2, column answer: “maybe” is none of: act, no_action.",
        "Recommendation 2: a name.pdf, row 6, column answer: “no_action” contradicts a row before.",
        "a name.pdf, row 4, column recommendation: “9” is no recommendation on this page.",
        "a name.pdf, row 5, column plan: the plan is longer than 4,000 characters.",
        "a name.pdf, row 7: a plan for recommendation 4 cannot be recorded now.",
    ):
        assert problem in said, said
    for target in (f"answer-{first}", f"answer-{second}", f"content-{third}", "filled"):
        assert f'href="#{target}"' in answer.text
        assert f'id="{target}"' in answer.text
    assert row_in(answer, first) == ("", "Train all staff.", "yes")
    assert row_in(answer, second) == ("act", "Audit each month.", "yes")
    assert row_in(answer, third) == ("act", "", "yes")
    assert f"of-{fourth}" not in posted(answer).fields


def test_what_was_typed_before_a_file_is_sent_stays(service: Service, browser: Browser) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    file = "recommendation,plan\n1,Of the file.\n2,Of the file.\n"
    typed = {f"content-{first}": "Typed.", f"of-{second}": ""}
    answer = fill_from(browser, report, file, **typed)
    assert answer.status_code == 400
    assert "Recommendation 1: a name.pdf, row 2: another answer was typed here" in words_of(answer)
    assert row_in(answer, first)[1] == "Typed."
    assert row_in(answer, second) == ("", "Of the file.", "yes")
    again = send(browser, posted(answer), "check", {"answer": "act"})
    assert again.status_code == 200, "what it filled is not filled again"


def test_a_table_without_the_column_of_recommendations_is_a_document_and_no_more(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 1)
    typed = {"answer": "act", "content": "As in the file."}
    check = fill_from(browser, report, "audit,calls\n1,40\n2,60\n", **typed)
    assert check.status_code == 200
    assert "Check your answers" in words_of(check)
    assert "Documents a name.csv" in words_of(check)


def test_a_csv_file_that_fills_in_nothing_for_want_of_a_column_is_told_so() -> None:
    table = SentFile(b"audit,calls\n1,40\n", "Plan of May.csv")
    typed = {DOCUMENTS: sha256(table.content).hexdigest()}
    filled = fill_rows([table], {}, [], typed)
    assert filled.typed == typed
    assert filled.errors[FILLED].startswith("Plan of May.csv fills in no answers, because its")
    letter = SentFile(b"audit,calls\n1,40\n", "Letter.pdf")
    assert not fill_rows([letter], {}, [], typed).errors


def test_a_long_or_broken_file_fills_what_can_be_read_of_it(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 1)
    stream = report.recommendations[0]
    rows = "".join(f"{number},Do it.\n" for number in range(1, ROWS_READ_MAX + 3))
    long = fill_from(browser, report, f"recommendation,plan\n{rows}")
    assert row_in(long, stream)[1] == "Do it."
    more = ROWS_READ_MAX - PROBLEMS_MAX  # but for the first row, and with the end of the file
    assert words_of(long).count("is no recommendation on this page") == 2 * PROBLEMS_MAX
    assert f"And {more} more rows." in words_of(long)
    broken = fill_from(browser, report, f"recommendation,plan\n1,Do it.\n1,{'x' * 200_000}\n")
    assert row_in(broken, stream)[1] == "Do it."
    unread = "a name.pdf: the rows after row 2 are too many, or not CSV, and were not read."
    assert unread in words_of(broken)


def test_the_form_names_the_columns_that_fill_it(service: Service, browser: Browser) -> None:
    said = words_of(form_of(browser, report_of(service, 1), "receive_action_plan"))
    for name, meaning in COLUMNS.items():
        assert f"{name}: {meaning}" in said
    assert "from a CSV file" not in words_of(
        form_of(browser, report_of(service, 1), "report_progress")
    )


def csv_sent(
    browser: Browser, page: httpx.Response, content: bytes, **typed: str
) -> httpx.Response:
    """The answer to a form of plans that is sent with a file named as CSV."""
    form = posted(page)
    fields = {**form.fields, **typed, "then": "check"}
    return browser.send(
        "POST", form.action, data=fields, files=[content], file_name="Plan.csv", headers=OURS
    )


def test_a_corrected_file_replaces_what_a_faulty_one_filled_which_is_kept_nowhere(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 3)
    first, second, third = report.recommendations
    page = form_of(browser, report, "receive_action_plan")
    wrong = b"recommendation,answer,plan\n1,act,Old.\n2,act,Old.\n3,maybe,Old.\n"
    answer = csv_sent(browser, page, wrong)
    assert answer.status_code == 400
    kept_not = "Plan.csv has errors, so it was not kept as a document."
    assert kept_not in words_of(answer)
    assert [documents_of(service, s) for s in report.recommendations] == [[], [], []]
    right = b"recommendation,answer,plan\n1,no_action,\n2,act,New.\n3,act,New.\n"
    filled = csv_sent(browser, answer, right, **{f"content-{second}": "By hand."})
    assert filled.status_code == 400
    said = words_of(filled)
    assert "Recommendation 2: Plan.csv, row 3: another answer was typed here" in said
    assert said.count("another answer was typed here") == 2, "in the summary, and at its field"
    assert row_in(filled, first) == ("no_action", "", "yes")
    assert row_in(filled, second) == ("act", "By hand.", "yes")
    assert row_in(filled, third) == ("act", "New.", "yes")
    kept = [sha256(right).hexdigest()]
    assert [documents_of(service, s) for s in report.recommendations] == [kept] * 3


def test_a_corrected_file_leaves_nothing_of_a_faulty_one_in_rows_that_it_does_not_name(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 4)
    first, second, third, fourth = report.recommendations
    page = form_of(browser, report, "receive_action_plan")
    wrong = b"recommendation,answer,plan\n1,act,One.\n2,act,Three.\n3,maybe,\n4,act,Four.\n"
    answer = csv_sent(browser, page, wrong, **{f"of-{third}": ""})
    assert answer.status_code == 400
    assert row_in(answer, second) == ("act", "Three.", "yes")
    letter = sent(browser, answer, PDF, {f"answer-{third}": "act", f"content-{third}": "By hand."})
    assert "Recommendation 2" not in words_of(letter)
    assert posted(letter).fields[f"content-{second}"] == "Three.", "a letter corrects no plans"
    right = b"recommendation,answer,plan\n1,act,One.\n3,act,Three.\n"
    filled = csv_sent(browser, answer, right, **{f"content-{fourth}": "By hand."})
    assert filled.status_code == 200, words_of(filled)
    assert "2 recommendations have answers from your file." in words_of(filled)
    assert row_in(filled, first) == ("act", "One.", "yes")
    assert row_in(filled, second) == ("", "", ""), "nothing of it is recorded for another"
    assert row_in(filled, third) == ("act", "Three.", "yes")
    assert row_in(filled, fourth) == ("", "By hand.", "yes"), "what was changed stays"


def test_what_a_kept_file_filled_stays_when_another_file_comes_in(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    page = form_of(browser, report, "receive_action_plan")
    one = csv_sent(browser, page, b"recommendation,answer,plan\n1,act,One.\n")
    both = csv_sent(browser, one, b"recommendation,answer,plan\n2,act,Two.\n")
    assert row_in(both, first) == ("act", "One.", "yes")
    assert row_in(both, second) == ("act", "Two.", "yes")


def test_a_row_of_a_file_without_answers_fills_and_ticks_nothing(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    page = form_of(browser, report, "receive_action_plan")
    file = b"recommendation,text,answer,plan\n1,Do thing 1.,act,One.\n2,Do thing 2.,,\n"
    filled = csv_sent(browser, page, file, **{f"of-{second}": ""})
    assert "1 recommendation has answers from your file." in words_of(filled)
    assert row_in(filled, first) == ("act", "One.", "yes")
    assert row_in(filled, second) == ("", "", "")


def test_the_answers_that_the_page_names_are_those_that_a_file_can_have(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 4)
    page = form_of(browser, report, "receive_action_plan")
    assert "It will act, or It will take no action; or their codes" in words_of(page)
    file = (
        b"recommendation,answer,plan\n1,It will take no action,One.\n"
        b'2,"It will take no action, and explains why",Two.\n3,It will act.,Three.\n4,Perhaps,\n'
    )
    answer = csv_sent(browser, page, file)
    codes = [posted(answer).fields[f"answer-{stream}"] for stream in report.recommendations]
    assert codes == ["no_action", "no_action", "act", ""]
    words = "“Perhaps” is none of: act, no_action. In words: It will act, It will take no action."
    assert words in words_of(answer)


def test_a_file_that_no_plan_names_is_said_to_be_uploaded_and_no_more(
    service: Service, make_database: Database
) -> None:
    inspector = Browser(service).sign_in(make_database, INSPECTOR)
    report = report_of(service, 2)
    first, second = report.recommendations
    page = form_of(inspector, report, "receive_action_plan")
    plan = {f"answer-{first}": "act", f"content-{first}": "Page 2.", f"answer-{second}": "act"}
    answer = sent(inspector, page, PDF, plan)
    check = send(inspector, posted(answer), "check", {f"of-{second}": ""})
    done = send(inspector, posted(check), "record")
    assert "Recorded for 1 of 1 recommendation" in words_of(done)
    named = "A plan or a claim names these files. They are not published. a name.pdf"
    unnamed = (
        "These files were uploaded. No plan or claim shown above names them. They are not "
        "published. a name.pdf"
    )
    said = [words_of(inspector.get(f"/recommendations/{s}")) for s in (first, second)]
    assert [(named in words, unnamed in words) for words in said] == [(True, False), (False, True)]
    assert "The force sent these files" not in "".join(said)
    withdrawal = {"steps": [2], "why": "The wrong one."}
    made = command(service, first, INSPECTOR, "withdraw", **withdrawal)
    assert made.status_code == 201, made.text
    words = words_of(inspector.get(f"/recommendations/{first}"))
    assert (named in words, unnamed in words) == (False, True), "it names them no more"


def test_the_answers_of_a_form_that_cannot_be_sent_have_the_numbers_of_their_recommendations(
    service: Service, make_database: Database
) -> None:
    browser = Browser(service).sign_in(make_database, KENT)
    report = report_of(service, 3)
    _first, second, _third = report.recommendations
    page = form_of(browser, report, "receive_action_plan")
    file = b"recommendation,answer,plan\n3,act,Three.\n"
    filled = posted(csv_sent(browser, page, file, **{f"content-{second}": "Two."}))
    check = posted(send(browser, filled, "check", {"answer": "act", "content": "For all."}))
    for form in (filled, check):
        browser.sign_in(make_database, KENT)
        answer = browser.post(form.action, {**form.fields, "_csrf": "x"}, OURS | PAGE)
        answers = answers_of(answer)
        plans = {label: text for label, text in answers.items() if label.endswith(": Plan")}
        assert plans == {"Recommendation 2: Plan": "Two.", "Recommendation 3: Plan": "Three."}
        assert "Number" not in words_of(answer)


def test_a_file_that_was_uploaded_can_be_removed_with_what_it_filled(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    page = form_of(browser, report, "receive_action_plan")
    plan = b"recommendation,answer,plan\n1,act,Of the file.\n2,act,Of the file.\n"
    filled = csv_sent(browser, page, plan, **{f"content-{second}": ""})
    name = sha256(plan).hexdigest()
    assert "Remove Plan.csv" in words_of(filled)
    typed = {f"remove-{name}": "yes", f"content-{second}": "By hand."}
    removed = send(browser, posted(filled), "check", typed)
    assert removed.status_code == 400, "the first has no answer any more"
    assert "Plan.csv" not in words_of(removed)
    assert row_in(removed, first)[:2] == ("", "")
    assert row_in(removed, second)[1] == "By hand."
    check = send(browser, posted(removed), "check", {"answer": "act", "content": "For all."})
    assert "Documents None" in words_of(check)
    send(browser, posted(check), "record")
    assert last_entry(service, first)["event"]["documents"] == []
    single = browser.get(f"/recommendations/{first}/record/claim_completion")
    wrong = sent(browser, single, PDF, {})
    form = posted(wrong)
    name = sha256(PDF).hexdigest()
    check = send(browser, form, "check", {"evidence": "Seen.", f"remove-{name}": "yes"})
    assert "Documents that show it None" in words_of(check) or "Documents None" in words_of(check)


def test_a_csv_file_of_another_encoding_is_told_how_to_be_saved(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 1)
    page = form_of(browser, report, "receive_action_plan")
    answer = csv_sent(browser, page, "recommendation,plan\n1,A café.\n".encode("cp1252"))
    assert answer.status_code == 400
    said = words_of(answer)
    assert "Plan.csv: it is not in UTF-8. In Excel, choose Save as, then CSV UTF-8" in said
    assert row_in(answer, report.recommendations[0])[1] == ""
    assert documents_of(service, report.recommendations[0]) == []


def test_a_target_date_that_is_none_is_named_with_its_row_and_column(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 4)
    file = (
        "recommendation,answer,plan,target date\n"
        "1,act,A.,31 February 2027\n"
        "2,act,B.,31/13/2027\n"
        "3,act,C.,Spring 2027\n"
        "4,act,D.,within 6 months\n"
    )
    answer = fill_from(browser, report, file)
    assert answer.status_code == 400
    said = words_of(answer)
    first, second, third, fourth = report.recommendations
    day = "a name.pdf, row 2, column target date: “31 February 2027”: enter a day from 1 to 28"
    assert f"Recommendation 1: {day}" in said
    assert "row 3, column target date: “31/13/2027”: enter the month as a number" in said
    assert "row 4" not in said
    assert "row 5" not in said
    for stream in (first, second):
        assert f'href="#content-{stream}"' in answer.text
    assert row_in(answer, third)[1] == "C.\nTarget date: Spring 2027"
    assert row_in(answer, fourth)[1] == "D.\nTarget date: within 6 months"


def test_a_target_date_alone_is_no_plan(service: Service, browser: Browser) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    file = (
        "recommendation,answer,plan,target date\n"
        "1,act,,30/6/2027\n"
        "2,act,Train staff.,\n2,act,,30/6/2027\n"
    )
    answer = fill_from(browser, report, file)
    row = "a name.pdf, row 2, column plan"
    why = "it is empty, and the rest of the row is no plan by itself."
    assert (f"content-{first}", f"Recommendation 1: {row}: {why}") in errors_of(answer)
    assert f"content-{second}" not in dict(errors_of(answer))
    assert row_in(answer, first)[1] == ""
    assert row_in(answer, second)[1] == "Train staff.\n\nTarget date: 30/6/2027"


def test_the_rows_of_a_report_are_downloaded_as_a_file_to_fill_in(
    service: Service, browser: Browser
) -> None:
    report = report_of(service, 3)
    first, second, third = report.recommendations
    command(service, third, KENT, "receive_action_plan", answer="act", content="We will.")
    page = form_of(browser, report, "receive_action_plan")
    address = f"/reports/{report.id}/work/receive_action_plan.csv"
    assert f'href="{address}' in page.text
    file = browser.get(address)
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="' in file.headers["content-disposition"]
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines == [
        "recommendation,text,answer,plan,owner,target date",
        "1,Do thing 1.,,,,",
        "2,Do thing 2.,,,,",
    ]
    words = file.content.replace(b"1.,,,,", b"1.,It will act,Train all staff.,,")
    filled = fill_from(browser, report, words)
    assert filled.status_code == 200, words_of(filled)
    assert row_in(filled, first) == ("act", "Train all staff.", "yes")
    assert row_in(filled, second)[:2] == ("", "")
