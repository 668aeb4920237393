"""The rows of a report: what is said of each, which are ticked, and what is offered next."""

import re
from uuid import uuid4

import psycopg
import pytest

from adapters.postgres.database import OWNER, Database
from domain.vocabulary.actors import Actor
from tests.pages.test_places_of_errors import errors_of
from tests.pages.test_report_work import REVIEW, SECTION_55, form_of, report_of
from tests.support.data.examples import INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR, issue
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import Published, Service, command, published

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, OTHER_INSPECTOR, KENT, KENT_BODY)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


def give(service: Service, stream: str, actor: Actor, tag: str, **fields: object) -> None:
    made = command(service, stream, actor, tag, **fields)
    assert made.status_code == 201, made.text


def followed_up(service: Service, stream: str, finding: str) -> None:
    """Take a recommendation whose plan was received to the report of its follow-up."""
    give(service, stream, INSPECTOR, REVIEW, outcome="accepted")
    follow_up = {"kind": "monitoring", "procedure": "Of 2025"}
    give(service, stream, INSPECTOR, "assign_follow_up", **follow_up)
    report = {"finding": finding, "passage": "So.", "source": "Review"}
    give(service, stream, INSPECTOR, "report_follow_up", **report)


def ticked(browser: Browser, report: Published, tag: str) -> list[bool]:
    fields = posted(form_of(browser, report, tag)).fields
    return [fields.get(f"of-{stream}") == "yes" for stream in report.recommendations]


def test_each_row_says_whose_move_it_is_its_deadlines_and_its_finding(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 3)
    second, third = report.recommendations[1:]
    give(service, second, KENT, "receive_action_plan", answer="act", content="We will.")
    followed_up(service, second, "partly_met")
    give(service, third, INSPECTOR, "close", reason="withdrawn", basis="So.")
    pages = (f"/reports/{report.id}/work", f"/reports/{report.id}/work/close")
    for page in pages:
        said = words_of(signed_in[INSPECTOR].get(page))
        assert "No action plan yet Next action by: The force" in said, said
        assert "Action plan: due 16 September 2022" in said, said
        assert "days overdue" in said
        assert "Finding: partly met Next action by: The force" in said
        assert "Closed by the inspectorate Nobody" not in said
        assert "It is closed." not in said


def test_a_row_that_is_not_ticked_says_why(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    issues = (issue(ordinal=n, time_limit="immediate" if n == 1 else "months:3") for n in (1, 2))
    report = published(service, f"kent-{uuid4().hex}", *issues)
    page = form_of(signed_in[KENT], report, "receive_action_plan")
    assert ticked(signed_in[KENT], report, "receive_action_plan") == [False, True]
    assert "Not ticked: Immediate: it gives an update in place of a plan." in words_of(page)
    give(service, report.recommendations[1], KENT, "name_owner", owner="Head of crime")
    said = words_of(form_of(signed_in[KENT], report, "name_owner"))
    assert said.count("Not ticked:") == 1
    assert "Not ticked: A responsible post is on record already." in said


def test_a_view_of_the_body_is_possible_and_never_due_and_nothing_is_ticked_for_it(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 3)
    first, second, _third = report.recommendations
    give(service, first, KENT, "claim_completion", evidence="Seen.")
    give(service, second, KENT, "claim_completion", evidence="Seen.")
    give(service, second, INSPECTOR, "close", reason="withdrawn", basis="So.")
    said = words_of(signed_in[KENT_BODY].get(f"/reports/{report.id}/work"))
    assert "Give the local policing body's own view: possible for 3 of 3" in said
    for actor, tag in (
        (KENT_BODY, "record_assurance"),
        (KENT, "claim_completion"),
        (INSPECTOR, "waive_action_plan"),
        (INSPECTOR, "return_claim"),
    ):
        assert not any(ticked(signed_in[actor], report, tag)), tag
        assert "None is ticked for you" in words_of(form_of(signed_in[actor], report, tag)), tag


def test_all_rows_are_ticked_by_one_button_and_what_was_typed_stays(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 3)
    give(service, report.recommendations[2], KENT, "claim_completion", evidence="Seen.")
    form = posted(form_of(signed_in[KENT], report, "claim_completion"))
    answer = send(signed_in[KENT], form, "tick", {"evidence": "An audit."})
    assert answer.status_code == 200
    again = posted(answer)
    assert again.fields["evidence"] == "An audit."
    rows = [again.fields.get(f"of-{stream}") for stream in report.recommendations]
    assert rows == ["yes", "yes", None]
    assert again.buttons[0] == "check", "Enter in a field continues"


def test_a_closure_is_proposed_where_a_finding_is_on_record_and_not_by_its_second_reader(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 4, planned=True)
    first, second, third, fourth = report.recommendations
    followed_up(service, first, "partly_met")
    give(service, first, KENT, "claim_completion", evidence="All are trained now.")
    followed_up(service, fourth, "partly_met")
    give(service, second, INSPECTOR, REVIEW, outcome="changes_requested", remarks="When?")
    proposal = {"basis": "Seen.", "source": "Letter"}
    give(service, fourth, OTHER_INSPECTOR, "propose_closure", **proposal)
    browser = signed_in[INSPECTOR]
    page = form_of(browser, report, "propose_closure")
    assert ticked(browser, report, "propose_closure") == [True, False, False, False]
    said = words_of(page)
    assert "Not ticked: Its plan waits to be revised." in said
    assert "Not ticked: No finding is on record." in said
    assert "Not ticked: A closure is proposed already." in said
    for address in (
        f"/reports/{report.id}/work/propose_closure",
        f"/recommendations/{third}/record/propose_closure",
    ):
        select = browser.get(address).text.partition('name="second_reader"')[2]
        options = re.findall(r'<option value="([^"]+)"', select.partition("</select>")[0])
        assert INSPECTOR.id not in options
        assert OTHER_INSPECTOR.id in options
    check = send(browser, posted(page), "check", proposal)
    done = send(browser, posted(check), "record")
    assert "Recorded for 1 of 1" in words_of(done)
    assert "Close the recommendation (1)" in words_of(done), "the other's proposal"
    assert ticked(browser, report, "close") == [False, False, False, True]
    assert ticked(signed_in[OTHER_INSPECTOR], report, "close") == [True, False, False, False]


def test_whoever_proposed_a_closure_is_not_offered_to_close_it_next(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 1, planned=True)
    followed_up(service, report.recommendations[0], "narrative")
    typed = {"basis": "Seen.", "source": "Letter"}
    check = send(browser, posted(form_of(browser, report, "propose_closure")), "check", typed)
    done = send(browser, posted(check), "record")
    assert "Recorded for 1 of 1" in words_of(done)
    assert "Close the recommendation" not in words_of(done)


def test_a_closure_that_a_rule_refuses_in_one_row_is_an_error_of_that_row(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 3, planned=True)
    own, none, met = report.recommendations
    followed_up(service, own, "narrative")
    followed_up(service, met, "met")
    give(service, own, INSPECTOR, "propose_closure", basis="Seen.", source="Letter")
    page = form_of(browser, report, "close")
    assert "Where is this recorded? A report's" in words_of(page), "not optional"
    typed = {"reason": "verified", "basis": "Seen.", "source": "Letter"}
    ticks = {f"of-{stream}": "yes" for stream in report.recommendations}
    errors = dict(errors_of(send(browser, posted(page), "check", typed | ticks)))
    assert {f"row-{own}", f"reason-{none}"} == {*errors}
    assert "The inspector who proposed the closure cannot" in errors[f"row-{own}"]
    assert "No follow-up was the last to find that it is met." in errors[f"reason-{none}"]


def test_the_step_of_a_proposal_is_taken_from_the_record_and_not_asked(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 2)
    first, second = report.recommendations
    proposal = {"basis": "Seen.", "source": "Letter"}
    give(service, first, OTHER_INSPECTOR, "propose_closure", **proposal)
    browser = signed_in[INSPECTOR]
    for address in (
        f"/reports/{report.id}/work/close",
        f"/recommendations/{first}/record/close",
        f"/recommendations/{second}/record/close",
    ):
        said = words_of(browser.get(address))
        assert "At which step" not in said
        assert "Proposed at step" not in said
    form = posted(browser.get(f"/recommendations/{second}/record/close"))
    typed = {"reason": "verified", "basis": "So.", "source": "Letter"}
    refused = send(browser, form, "check", typed)
    assert refused.status_code == 409
    assert 'href="#reason"' in refused.text, "the answer that it is about"
    give(service, second, OTHER_INSPECTOR, "propose_closure", **proposal)
    late = send(browser, form, "check", typed)
    assert late.status_code == 412
    check = send(browser, posted(late), "check")
    assert check.status_code == 200, "the proposal that it shows is taken"
    assert send(browser, posted(check), "record").status_code == 303
    rows = send(browser, posted(form_of(browser, report, "close")), "check", {"basis": "So."})
    assert "Recorded for 1 of 1" in words_of(send(browser, posted(rows), "record"))


def test_a_row_asks_what_supersedes_it_with_a_hint(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 2)
    page = form_of(signed_in[INSPECTOR], report, "close").text
    row = page.partition(f'name="superseded_by-{report.recommendations[0]}"')
    assert "tracker-only--reason-superseded" in row[0].rpartition("<div")[0][-400:]
    assert "The address of its page." in row[0][-600:]


def test_comments_of_a_body_are_not_ticked_where_they_are_published(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 2)
    comments = {"answer": "act", "explanation": "We asked.", "on": "2022-09-20"}
    give(service, report.recommendations[0], KENT_BODY, "respond_under_section_55", **comments)
    assert ticked(signed_in[KENT_BODY], report, SECTION_55) == [False, True]
    said = words_of(form_of(signed_in[KENT_BODY], report, SECTION_55))
    assert "Not ticked: Comments are on record already, of 20 September 2022." in said
    assert "We asked." in said, "what was published for it"


@pytest.mark.parametrize(
    "address", ["not an address at all", "www.kent-pcc.example/55", "https://"]
)
def test_where_comments_and_reports_are_published_is_an_address(
    service: Service, signed_in: dict[Actor, Browser], address: str
) -> None:
    report = report_of(service, 2)
    typed = {"answer": "act", "explanation": "We asked.", "address": address}
    form = posted(form_of(signed_in[KENT_BODY], report, SECTION_55))
    wrong = send(signed_in[KENT_BODY], form, "check", typed)
    words = "Enter an address that begins with https:// or http://"
    assert [place for place, text in errors_of(wrong) if text.startswith(words)] == ["address"]
    right = send(
        signed_in[KENT_BODY], form, "check", {**typed, "address": "http://kent.example/55"}
    )
    assert right.status_code == 200
    one = f"/recommendations/{report.recommendations[0]}/record/{SECTION_55}"
    single = send(signed_in[KENT_BODY], posted(signed_in[KENT_BODY].get(one)), "check", typed)
    assert ("address", True) in [(place, words in text) for place, text in errors_of(single)]
    new = posted(signed_in[INSPECTOR].get("/record/report"))
    of_report = send(signed_in[INSPECTOR], new, "check", {"address": address})
    assert ("address", True) in [(place, words in text) for place, text in errors_of(of_report)]


def test_the_form_of_published_comments_asks_to_name_no_child(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    page = form_of(signed_in[KENT_BODY], report_of(service, 2), SECTION_55)
    assert words_of(page).count("Do not name a child") == 2, "both texts are published"


def test_an_overtaken_row_names_who_recorded_and_keeps_answers_in_words(
    service: Service, signed_in: dict[Actor, Browser], make_database: Database
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute(
            "INSERT INTO people (actor, authority, subject, name, role, signed_in_at) "
            "VALUES (%s, 'a', 's', 'Zoë Adams', 'inspector', now()) "
            "ON CONFLICT (actor) DO UPDATE SET name = 'Zoë Adams'",
            (OTHER_INSPECTOR.id,),
        )
    browser, report = signed_in[INSPECTOR], report_of(service, 2, planned=True)
    first = report.recommendations[0]
    typed = {
        "outcome": "accepted",
        f"outcome-{first}": "changes_requested",
        f"remarks-{first}": "By when?",
        f"on-{first}-month": "October",
        f"on-{first}-year": "2022",
    }
    check = send(browser, posted(form_of(browser, report, REVIEW)), "check", typed)
    give(service, first, OTHER_INSPECTOR, REVIEW, outcome="accepted")
    done = send(browser, posted(check), "record")
    said = words_of(done)
    assert "recorded by inspector Zoë Adams on" in said
    assert said.count("Inspectors accepted the action plan") == 1, "it is said once"
    again = send(browser, posted(done, f"/work/{REVIEW}"), "change")
    said = words_of(again)
    assert "recorded by inspector Zoë Adams on" in said
    kept = "Your answers, which were not recorded: "
    answers = "Outcome: Ask for changes Remarks: By when? Happened on: October 2022"
    assert kept + answers in said, said
    one = f"/recommendations/{report.recommendations[1]}/record/assign_follow_up"
    form = posted(browser.get(one))
    follow_up = {"kind": "monitoring", "procedure": "Of 2025", "reason": "So."}
    give(service, report.recommendations[1], OTHER_INSPECTOR, "assign_follow_up", **follow_up)
    late = send(browser, form, "check", follow_up)
    assert late.status_code == 412
    assert "recorded by inspector Zoë Adams on" in words_of(late)


def test_the_result_of_undoing_leads_back_to_the_report_and_its_work(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2, planned=True)
    check = send(
        browser, posted(form_of(browser, report, REVIEW)), "check", {"outcome": "accepted"}
    )
    done = send(browser, posted(check), "record")
    undo = posted(send(browser, posted(done, "/undo"), "change"))
    undone = send(browser, posted(send(browser, undo, "check", {"why": "So."})), "record")
    assert "Withdrawn for 2 of 2" in words_of(undone)
    for address in (f"/reports/{report.id}", f"/reports/{report.id}/work"):
        assert f'href="{address}">' in undone.text.partition("<main")[2]


def test_every_page_with_a_form_says_until_when_one_stays_signed_in(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2)
    stream = report.recommendations[0]
    for page in (
        f"/recommendations/{stream}/record/comment",
        f"/reports/{report.id}/work/close",
        f"/reports/{report.id}/undo",
        "/record/report",
        "/inspections/new",
        "/portfolios",
        "/messages",
    ):
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert "You stay signed in until" in words_of(answer), page
    for page in (f"/reports/{report.id}/work", f"/reports/{report.id}", "/work", "/inspections"):
        assert "You stay signed in until" not in words_of(browser.get(page)), page
