"""Answers for all recommendations of a report: where their errors lead, and which of them count."""

from uuid import uuid4

import httpx
import pytest

from adapters.postgres.database import Database
from domain.vocabulary.actors import Actor
from tests.pages.test_places_of_errors import errors_of
from tests.pages.test_report_work import REVIEW, SECTION_55, form_of, last_entry, report_of
from tests.pages.test_rows_of_reports import followed_up
from tests.support.data.examples import INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR, issue
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import Published, Service, command, published

pytestmark = pytest.mark.slow

EARLIER = "Enter 1 September 2022 or a later day, because of an earlier step on record."


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, OTHER_INSPECTOR, KENT, KENT_BODY)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


def day(name: str, number: int, month: int, year: int) -> dict[str, str]:
    """A date as it is typed."""
    parts = {"day": number, "month": month, "year": year}
    return {f"{name}-{part}": str(value) for part, value in parts.items()}


def asked_for(
    browser: Browser, report: Published, tag: str, typed: dict[str, str]
) -> httpx.Response:
    """The answer to a form of a report that is sent to be checked."""
    return send(browser, posted(form_of(browser, report, tag)), "check", typed)


def proposed_for(service: Service, report: Published, *sources: str) -> None:
    for stream, source in zip(report.recommendations, sources, strict=False):
        proposal = {"basis": "Seen on a visit.", "source": source}
        made = command(service, stream, OTHER_INSPECTOR, "propose_closure", **proposal)
        assert made.status_code == 201, made.text


def test_what_all_proposals_say_begins_the_answer_for_all_which_another_replaces_for_all(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 3)
    proposed_for(service, report, "Letter of 2023", "Letter of 2023")
    first, second, third = report.recommendations
    form = posted(form_of(browser, report, "close"))
    assert (form.fields["reason"], form.fields["source"]) == ("verified", "Letter of 2023")
    for stream in report.recommendations:
        row = (form.fields[f"reason-{stream}"], form.fields[f"source-{stream}"])
        assert row == ("", ""), "a row begins with the answer for all"
    typed = {"reason": "not_applicable", "basis": "It is the fire service's."}
    check = send(browser, form, "check", typed)
    assert check.status_code == 200, words_of(check)
    said = words_of(check)
    assert said.count("Reason: It no longer applies") == 2, said
    assert "Proposed at step" not in said
    assert "Superseded by" not in said
    assert "verified" not in said
    send(browser, posted(check), "record")
    for stream in (first, second):
        view = service.get(f"/v1/recommendations/{stream}").json()
        assert view["closure"]["reason"] == "not_applicable"
    assert service.get(f"/v1/recommendations/{third}").json()["stage"] != "closed"


def test_where_proposals_differ_rows_have_their_own_and_the_check_shows_both(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2)
    proposed_for(service, report, "Letter of 2023", "Letter of 2024")
    first, second = report.recommendations
    form = posted(form_of(browser, report, "close"))
    assert (form.fields["reason"], form.fields["source"]) == ("verified", "")
    sources = [form.fields[f"source-{stream}"] for stream in (first, second)]
    assert sources == ["Letter of 2023", "Letter of 2024"]
    typed = {"basis": "I agree.", "source": "Letter of 2024", f"basis-{first}": "I was there."}
    check = send(browser, form, "check", typed)
    assert check.status_code == 200, words_of(check)
    said = words_of(check)
    assert "Basis: I was there. Source: Letter of 2023" in said, said
    unused = "Not used here, though answered for all: Basis: I agree.; Source: Letter of 2024"
    assert unused in said, said
    assert said.count("Not used here") == 1, "the other has the answer for all, or the same"


def test_a_row_that_is_due_for_another_reason_is_not_closed_with_the_source_of_a_proposal(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 3, planned=True)
    first, second, _third = report.recommendations
    followed_up(service, second, "met")
    proposed_for(service, report, "Letter of 2023")
    form = posted(form_of(browser, report, "close"))
    assert [form.fields[f"of-{stream}"] for stream in report.recommendations] == ["yes", "yes", ""]
    assert (form.fields["reason"], form.fields["source"]) == ("", "")
    rows = [(form.fields[f"reason-{s}"], form.fields[f"source-{s}"]) for s in (first, second)]
    assert rows == [("verified", "Letter of 2023"), ("", "")]
    typed = {"basis": "Both were seen.", f"reason-{second}": "verified"}
    check = send(browser, form, "check", {**typed, f"source-{second}": "Visit of 2024"})
    assert check.status_code == 200, words_of(check)
    send(browser, posted(check), "record")
    sources = [last_entry(service, stream)["event"]["source"] for stream in (first, second)]
    assert sources == ["Letter of 2023", "Visit of 2024"]


def test_a_wrong_date_for_all_is_one_error_at_its_field_in_plain_words(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 3, planned=True)
    answer = asked_for(browser, report, REVIEW, {"outcome": "accepted", **day("on", 1, 8, 2022)})
    assert answer.status_code == 409
    assert errors_of(answer) == [
        ("on-day", EARLIER),
    ]
    before = asked_for(
        signed_in[KENT], report_of(service, 3), "report_progress",
        {"progress": "Half of it.", **day("on", 1, 8, 2022)},
    )  # fmt: skip
    assert errors_of(before) == [
        (
            "on-day",
            "The report was published on 5 August 2022. Enter that day or a later one.",
        )
    ]
    future = asked_for(browser, report, REVIEW, {"outcome": "accepted", **day("on", 1, 8, 2190)})
    ((place, text),) = errors_of(future)
    assert place == "on-day"
    assert text.startswith("1 August 2190 is in the future; today is ")
    assert "-" not in text


def test_an_error_for_all_names_those_that_it_is_about_and_a_row_has_its_own(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 4, planned=True)
    third, fourth = report.recommendations[2:]
    typed = {
        "outcome": "accepted",
        **day("on", 1, 8, 2022),
        **day(f"on-{third}", 2, 10, 2022),
        **day(f"on-{fourth}", 3, 8, 2022),
    }
    answer = asked_for(browser, report, REVIEW, typed)
    assert errors_of(answer) == [
        ("on-day", f"Recommendations 1 and 2: {EARLIER}"),
        (f"on-{fourth}-day", f"Recommendation 4: {EARLIER}"),
    ]


def test_a_missing_answer_of_several_is_one_error_at_the_field_for_all(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 4)
    proposed_for(service, report, *["Letter"] * 4)
    form = posted(form_of(browser, report, "close"))
    wrong = send(browser, form, "check", {"source": "", "basis": "So."})
    ((place, text),) = errors_of(wrong)
    assert (place, text.startswith("A closure as verified must give")) == ("source", True)
    typed = {"reason": "", "basis": "So.", f"reason-{report.recommendations[1]}": "withdrawn"}
    missing = send(browser, form, "check", typed)
    assert errors_of(missing) == [
        ("reason", "Recommendations 1, 3 and 4: Choose an answer: Why is it closed?")
    ]


def test_a_window_for_all_that_ends_before_it_begins_is_one_error_there(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 3, planned=True)
    for stream in report.recommendations:
        command(service, stream, INSPECTOR, REVIEW, outcome="accepted")
    typed = {
        "kind": "monitoring",
        "procedure": "Of 2025",
        **day("window_from", 1, 9, 2026),
        **day("window_to", 1, 8, 2026),
        "reason": "So.",
    }
    answer = asked_for(browser, report, "assign_follow_up", typed)
    assert errors_of(answer) == [
        ("window_to-day", "The follow-up window cannot end before it begins.")
    ]


def test_an_error_of_the_one_publication_under_section_55_leads_to_its_field(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 3)
    typed = {"answer": "act", "explanation": "We asked.", **day("copied_on", 1, 7, 2022)}
    answer = asked_for(signed_in[KENT_BODY], report, SECTION_55, typed)
    assert errors_of(answer) == [
        ("copied_on-day", "A copy of 1 July 2022 is before the publication, 5 August 2022.")
    ]


def test_errors_come_in_the_order_of_the_page(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 3, planned=True)
    first, second, _third = report.recommendations
    typed = {
        f"outcome-{second}": "accepted",
        f"on-{second}-day": "1",
        f"on-{first}-day": "2",
        **day("on", 31, 2, 2026),
    }
    answer = asked_for(browser, report, REVIEW, typed)
    assert [place for place, _text in errors_of(answer)] == [
        "outcome",
        "on-day",
        f"on-{first}-year",
        f"on-{second}-year",
    ]


def test_a_date_that_is_refused_on_the_page_of_one_recommendation_is_in_words(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = published(service, f"kent-{uuid4().hex}", issue())
    page = f"/recommendations/{report.recommendations[0]}/record/report_progress"
    form = posted(signed_in[KENT].get(page))
    early = send(signed_in[KENT], form, "check", {"progress": "Half.", **day("on", 31, 7, 2022)})
    assert errors_of(early) == [
        ("on-day", "The report was published on 5 August 2022. Enter that day or a later one.")
    ]
    problem = command(
        service, report.recommendations[0], KENT, "report_progress", progress=".", on="2022-07-31"
    )
    assert "2022-07-31 is before an earlier step." in problem.json()["detail"], "the API's words"


def test_an_answer_of_a_row_alone_needs_words_of_its_own(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 3)
    first, second, _third = report.recommendations
    typed = {
        "answer": "act",
        "explanation": "The commissioner welcomes this.",
        f"answer-{first}": "act",
        f"answer-{second}": "no_action",
    }
    form = posted(form_of(signed_in[KENT_BODY], report, SECTION_55))
    wrong = send(signed_in[KENT_BODY], form, "check", typed)
    assert wrong.status_code == 400
    why = "It has another answer than that for all, so the words for all are not used here."
    assert errors_of(wrong) == [
        (f"explanation-{second}", f"Recommendation 2: Enter an answer: The comments. {why}")
    ]
    own = {**typed, f"explanation-{second}": "It is done."}
    said = words_of(send(signed_in[KENT_BODY], form, "check", own))
    assert said.count("The commissioner welcomes this.") == 2, "for all, and what is not used"
    kent = signed_in[KENT]
    plan = {"answer": "act", "content": "We will.", f"answer-{first}": "no_action"}
    answer = asked_for(kent, report, "receive_action_plan", plan)
    assert [place for place, _text in errors_of(answer)] == [f"content-{first}"]


def test_words_for_all_that_some_rows_alone_need_are_not_those_of_another_answer(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 3, planned=True)
    _first, second, third = report.recommendations
    typed = {
        "outcome": "accepted",
        "remarks": "A good plan.",
        f"outcome-{second}": "changes_requested",
    }
    wrong = asked_for(browser, report, REVIEW, typed)
    ((place, text),) = errors_of(wrong)
    assert place == f"remarks-{second}"
    assert text.startswith("Recommendation 2: You are requesting changes.")
    assert text.endswith("so the words for all are not used here.")
    changes = {"outcome": "changes_requested", "remarks": "When?", f"outcome-{second}": "accepted"}
    check = asked_for(browser, report, REVIEW, changes)
    said = words_of(check)
    assert "Remarks: Left empty Not used here, though answered for all: Outcome: Ask" in said, said
    done = words_of(send(browser, posted(check), "record"))
    assert done.count("Review recorded: changes requested") == 2, done
    assert done.count("Review recorded: accepted") == 1
    assert "notes" not in last_entry(service, second)
    assert last_entry(service, third)["notes"] == {"remarks": "When?"}


def test_the_basis_for_all_goes_with_the_answer_for_all(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2, planned=True)
    second = report.recommendations[1]
    for stream in report.recommendations:
        command(service, stream, INSPECTOR, REVIEW, outcome="accepted")
    ticks = {f"of-{stream}": "yes" for stream in report.recommendations}
    typed = {"reason": "not_applicable", "basis": "It is the fire service's."}
    row = {f"reason-{second}": "withdrawn"}
    wrong = asked_for(browser, report, "close", {**ticks, **typed, **row})
    assert [place for place, _text in errors_of(wrong)] == [f"basis-{second}"]
    kinds = {"kind": "monitoring", "procedure": "Of 2025", "reason": "It is small."}
    check = asked_for(
        browser, report, "assign_follow_up", {**kinds, f"kind-{second}": "reinspection"}
    )
    said = words_of(check)
    assert "Reason: Left empty" in said, said
    assert "Reason: It is small." in said.partition("Not used here, though answered for all: ")[2]


def test_words_for_all_are_not_shared_by_rows_with_different_answers(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2, planned=True)
    first, second = report.recommendations
    for stream in report.recommendations:
        command(service, stream, INSPECTOR, REVIEW, outcome="accepted")
        follow_up = {"kind": "monitoring", "procedure": "Of 2025", "reason": "So."}
        command(service, stream, INSPECTOR, "assign_follow_up", **follow_up)
    said = {"passage": "It is so.", "source": "Report of 2025"}
    rows = {f"finding-{first}": "met", f"finding-{second}": "not_met"}
    wrong = asked_for(browser, report, "report_follow_up", {**said, **rows})
    places = [place for place, _text in errors_of(wrong)]
    assert places == [f"passage-{first}", f"passage-{second}"]
    alike = {f"finding-{first}": "met", f"finding-{second}": "met"}
    check = asked_for(browser, report, "report_follow_up", {**said, **alike})
    assert check.status_code == 200, words_of(check)
    assert words_of(send(browser, posted(check), "record")).count("Follow-up reported: met") == 2


def test_the_answers_for_all_stay_readable_if_another_was_quicker_with_every_row(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2, planned=True)
    form = posted(form_of(browser, report, REVIEW))
    typed = {"outcome": "changes_requested", "remarks": "By when?", **day("on", 2, 10, 2022)}
    for stream in report.recommendations:
        command(service, stream, OTHER_INSPECTOR, REVIEW, outcome="accepted")
    late = send(browser, form, "check", typed)
    said = words_of(late)
    assert "This cannot be recorded now for any of these recommendations." in said
    assert (
        "Your answers for all, which were not recorded: "
        "Outcome: Ask for changes Remarks: By when? Happened on: 2 October 2022" in said
    ), said
