"""The form of a report: errors that name their question, the published words, and how many."""

import re
from collections.abc import Mapping
from uuid import uuid4

import pytest

from adapters.postgres.database import Database
from domain.commands.published_text import split_text
from domain.vocabulary.forces import TRAINING
from domain.vocabulary.values import Kind
from tests.pages.test_pages import check
from tests.support.data.examples import INSPECTOR
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import Service

pytestmark = pytest.mark.slow

PATH = "/record/report"


@pytest.fixture(scope="module")
def browser(service: Service, make_database: Database) -> Browser:
    return Browser(service).sign_in(make_database, INSPECTOR)


def typed(**more: str) -> Mapping[str, str]:
    """Return a whole report as it is typed, with some answers in place of its own."""
    return {
        "addressee": "kent",
        "product": "ncpi",
        "edition": "2024",
        "title": "A report",
        "address": "https://example.org/report",
        "reference": f"kent-{uuid4().hex}",
        "on-day": "5",
        "on-month": "1",
        "on-year": "2026",
        "r1-text": "The force should act.",
        "r1-kind": "recommendation",
        "r1-area": "leadership",
        "r1-time_limit": "none",
        **more,
    }


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        (
            {"reference": "Kent NCPI 2026"},
            "Enter 3 to 100 lower case letters, digits and hyphens, such as kent-ncpi-2026.",
        ),
        ({"on-year": ""}, "When was it first published? Enter a year."),
        ({"on-month": "13"}, "When was it first published? Enter the month as a number"),
        (
            {"title": "x" * 301},
            "What is its title? Enter one line of up to 300 characters.",
        ),
        (
            {"recommendations_stated": "many"},
            "How many recommendations does it say that it makes? Enter a whole number.",
        ),
        (
            {"r1-time_limit": "months", "r1-time_limit-months": "90"},
            "Recommendation 1: By when? Enter a number of months from 1 to 60.",
        ),
    ],
)
def test_an_error_names_the_question_and_the_rule(
    browser: Browser, answers: Mapping[str, str], error: str
) -> None:
    wrong = send(browser, posted(browser.get(PATH)), "check", typed(**answers))
    assert wrong.status_code == 400
    check(PATH, wrong.text)
    assert error in words_of(wrong)
    if "reference" in answers:
        assert f"What is it called in this service? {error}" in words_of(wrong)
    assert "An identifier has no spaces" not in words_of(wrong)


def test_the_form_asks_how_many_the_report_makes(service: Service, browser: Browser) -> None:
    for stated, sentence in (
        ("15", "The report makes 15 recommendations. On record here: 1."),
        ("", "How many recommendations it makes is not known."),
    ):
        answers = typed(recommendations_stated=stated)
        checked = send(browser, posted(browser.get(PATH)), "check", answers)
        assert checked.status_code == 200, words_of(checked)
        done = send(browser, posted(checked), "record")
        assert done.status_code == 303
        report = done.headers["Location"].partition("/published")[0]
        known = service.get(f"/v1{report}").json()["position"]
        assert service.get(f"/v1/recommendations?position={known}").is_success
        assert sentence in words_of(service.client.get(report))


def test_a_published_report_says_what_it_has_and_leads_to_its_work(browser: Browser) -> None:
    answers = typed(addressee=TRAINING)
    checked = send(browser, posted(browser.get(PATH)), "check", answers)
    assert checked.status_code == 200, words_of(checked)
    done = browser.get(send(browser, posted(checked), "record").headers["Location"])
    assert "It is on record with 1 recommendation." in words_of(done)
    report = str(done.url).partition("/published")[0].partition("/reports/")[2]
    assert f'href="/reports/{report}/work"' in done.text
    assert re.search(r'href="/work\?training=true&amp;position=[0-9]+"', done.text)


def test_the_form_says_once_where_a_report_goes_that_is_not_public(browser: Browser) -> None:
    shown = browser.get(PATH)
    assert words_of(shown).count("Inspections") <= 2  # the navigation, and the link
    assert "For a report that is already public. For one that is not, use" in words_of(shown)
    assert '<a class="govuk-link" href="/inspections">Inspections</a>' in shown.text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            "Area for improvement: the force should act.",
            "Area for improvement: the force should act.",
        ),
        ("Area for improvement: The force should act.", "The force should act."),
        ("Area for improvement 2: the force should act.", "the force should act."),
        ("Area for improvement 2. The force should act.", "The force should act."),
    ],
)
def test_a_label_that_the_sentence_needs_stays_with_it(line: str, text: str) -> None:
    (item,) = split_text(line).items
    assert (item.text, item.kind) == (text, Kind.AREA_FOR_IMPROVEMENT)


def test_a_label_that_stays_hides_no_time_limit() -> None:
    (item,) = split_text("Recommendation 1: within three months, the force should act.").items
    assert item.time_limit == "months:3"
