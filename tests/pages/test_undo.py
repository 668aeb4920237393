"""Withdrawing at once, for a whole report, what its author has just recorded."""

import pytest

from adapters.postgres.database import Database
from domain.vocabulary.actors import Actor
from tests.pages.test_report_work import REVIEW, form_of, last_entry, report_of, state_of
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR
from tests.support.served.browser import Browser
from tests.support.served.forms import Form, posted, send, words_of
from tests.support.served.serving import AUDITOR, Published, Service, command

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, OTHER_INSPECTOR, KENT, AUDITOR)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


def undo_of(browser: Browser, report: Published) -> Form:
    """The form that undoes a review of every plan of a report, which was just recorded."""
    check = send(
        browser, posted(form_of(browser, report, REVIEW)), "check", {"outcome": "accepted"}
    )
    done = send(browser, posted(check), "record")
    return posted(send(browser, posted(done, "/undo"), "change"))


def test_what_was_just_recorded_for_a_report_is_withdrawn_for_all_ticked_rows(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 3, planned=True)
    first, second, third = report.recommendations
    form = undo_of(browser, report)
    assert [form.fields[f"of-{s}"] for s in report.recommendations] == ["yes"] * 3
    missing = send(browser, form, "check")
    assert missing.status_code == 400
    assert 'href="#why"' in missing.text
    check = send(browser, posted(missing), "check", {"why": "The wrong report.", f"of-{third}": ""})
    assert "For 2 recommendations" in words_of(check)
    assert "Step 3: Inspectors accepted the action plan" in words_of(check)
    assert state_of(service, first) == ("accepted", 3), "nothing is withdrawn before it is checked"
    done = send(browser, posted(check), "record")
    assert "Withdrawn for 2 of 2 recommendations" in words_of(done)
    assert [state_of(service, s) for s in report.recommendations] == [
        ("received", 4),
        ("received", 4),
        ("accepted", 3),
    ]
    assert last_entry(service, second)["event"]["steps"] == [3]
    assert words_of(send(browser, posted(check), "record")) == words_of(done), "recorded once"


def test_a_row_that_moved_on_is_not_withdrawn_and_the_others_are(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 3, planned=True)
    first, second, _third = report.recommendations
    form = undo_of(browser, report)
    command(service, first, KENT, "report_progress", progress="Half of it.")
    overtaken = send(browser, form, "check", {"why": "A slip."})
    assert overtaken.status_code == 409
    assert "Recommendation 1: Something else was recorded meanwhile." in words_of(overtaken)
    assert f'href="#of-{first}"' in overtaken.text
    check = send(browser, posted(overtaken), "check")
    assert check.status_code == 200, "it was looked at again"
    command(service, second, KENT, "report_progress", progress="Half of it.")
    done = send(browser, posted(check), "record")
    assert "Withdrawn for 2 of 3 recommendations" in words_of(done)
    assert [state_of(service, s)[0] for s in report.recommendations] == [
        "received",
        "accepted",
        "received",
    ]


def test_a_step_on_which_a_decision_rests_is_not_withdrawn_without_another_person(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2, planned=True)
    first, second = report.recommendations
    form = undo_of(browser, report)
    follow_up = {"kind": "monitoring", "procedure": "2025"}
    command(service, first, OTHER_INSPECTOR, "assign_follow_up", **follow_up)
    again = send(browser, form, "check", {"why": "A slip."})
    assert again.status_code == 409
    assert "Not possible now. Another person has to agree." in words_of(again)
    form = posted(again)
    assert f"of-{first}" not in form.fields
    for then in ({"then": "check"}, {"then": "record", "key": "0" * 32}):
        forged = browser.post(form.action, {**form.fields, f"of-{first}": "yes", **then})
        assert forged.status_code == 409
        assert "Recommendation 1: Another person has to agree." in words_of(forged)
    assert [state_of(service, s)[1] for s in (first, second)] == [4, 3]


def test_the_recommendations_of_a_report_published_by_mistake_are_withdrawn(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    browser, report = signed_in[INSPECTOR], report_of(service, 2)
    first, second = report.recommendations
    published = browser.get(f"/reports/{report.id}/published")
    assert f'href="/reports/{report.id}/undo"' in published.text
    assert f'href="/reports/{report.id}/correct"' in published.text
    form = posted(browser.get(f"/reports/{report.id}/undo?position={report.position}"))
    assert [form.fields[f"of-{s}"] for s in (first, second)] == ["", ""], "none is chosen before"
    nothing = send(browser, form, "check", {"why": "A wrong report."})
    assert "Tick at least one recommendation." in words_of(nothing)
    check = send(browser, form, "check", {"why": "A wrong report.", f"of-{first}": "yes"})
    assert "Step 1: " in words_of(check)
    assert "Withdrawn for 1 of 1 recommendation Re" in words_of(
        send(browser, posted(check), "record")
    )
    assert service.get(f"/v1/recommendations/{first}").status_code == 404
    assert service.get(f"/v1/recommendations/{second}").status_code == 200


def test_nobody_undoes_the_steps_of_others_or_reaches_the_form_without_the_right(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    report = report_of(service, 2, planned=True)
    path = f"/reports/{report.id}/undo?position={report.position}"
    assert signed_in[AUDITOR].get(path).status_code == 403
    others = signed_in[OTHER_INSPECTOR].get(path)
    assert "You can withdraw nothing at once for these recommendations." in words_of(others)
    own = posted(signed_in[KENT].get(path))
    assert [own.fields[f"undo-{s}"] for s in report.recommendations] == ["2", "2"]
