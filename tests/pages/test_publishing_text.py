"""The form of a report filled from a pasted text, which records nothing before it is checked."""

from datetime import datetime
from uuid import uuid4

import httpx
import pytest

from adapters.postgres.database import Database
from api.pages.record.publishing import from_text
from api.pages.record.publishing.publish_form import SHOWN_MAX
from domain.vocabulary.actors import Actor
from tests.support.data.examples import INSPECTOR, KENT
from tests.support.data.workbooks import by_openpyxl
from tests.support.served.browser import OURS, Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import PUBLISHER, Service

pytestmark = pytest.mark.slow

PATH = "/record/report/text"
TEXT = """These are the recommendations.

Recommendation 1
We recommend that, within three months, Kent Police reviews its practice.

Cause of concern
By 31 March 2027, Kent Police should train:
• officers; and
• staff.

Recommendation 3
Kent Police should improve supervision.
"""


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, PUBLISHER, KENT)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


@pytest.mark.parametrize("actor", [INSPECTOR, PUBLISHER])
def test_a_pasted_text_fills_the_form_and_is_published_once_it_was_checked(
    service: Service, signed_in: dict[Actor, Browser], actor: Actor
) -> None:
    browser = signed_in[actor]
    form = posted(browser.get(PATH))
    filled = send(browser, form, "check", {"pasted": TEXT})
    assert "3 recommendations were read." in words_of(filled)
    assert "These are the recommendations." in words_of(filled), "what was left out"
    report = posted(filled)
    assert report.action == "/record/report"
    fields = report.fields
    assert [fields[f"r{n}-kind"] for n in (1, 2, 3)] == [
        "recommendation",
        "cause_of_concern",
        "recommendation",
    ]
    assert [fields[f"r{n}-time_limit"] for n in (1, 2, 3)] == ["months", "date", ""]
    assert fields["r1-time_limit-months"] == "3"
    assert [fields[f"r2-time_limit-{part}"] for part in ("day", "month", "year")] == [
        "31",
        "3",
        "2027",
    ]
    assert fields["r2-text"].endswith("should train:\n• officers; and\n• staff.")
    reference = f"kent-{uuid4().hex}"
    typed = {
        "addressee": "kent",
        "product": "ncpi",
        "edition": "2024",
        "title": "A report",
        "address": "https://example.org/report",
        "reference": reference,
        "on-day": "5",
        "on-month": "1",
        "on-year": "2026",
        **{f"r{n}-area": "leadership" for n in (1, 2, 3)},
    }
    missing = send(browser, report, "check", typed)
    assert missing.status_code == 400
    assert "Recommendation 3: Choose an answer: By when?" in words_of(missing)
    check = send(browser, posted(missing), "check", {"r3-time_limit": "none"})
    for limit in ("Within 3 months", "By 31 March 2027", "None set"):
        assert limit in words_of(check)
    assert service.get(f"/v1/reports?q={reference}").json()["items"] == []
    done = send(browser, posted(check), "record")
    assert done.status_code == 303
    stream = done.headers["location"].split("/")[2]
    assert service.get(f"/v1/reports/{stream}").json()["reference"] == reference


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Enter the text of the recommendations."),
        ("Recommendations", "There is no recommendation in it"),
        ("Do it.\n\n" * (SHOWN_MAX + 1), f"It was read as {SHOWN_MAX + 1} recommendations"),
        ("Do it.\n\n" + "x" * 4_001, "number 2 is longer than 4,000 characters: xxx"),
    ],
)
def test_a_text_that_fits_no_form_is_refused_in_words_and_kept(
    signed_in: dict[Actor, Browser], text: str, why: str
) -> None:
    browser = signed_in[INSPECTOR]
    answer = send(browser, posted(browser.get(PATH)), "check", {"pasted": text})
    assert answer.status_code == 400
    assert why in words_of(answer)
    assert posted(answer).fields["pasted"] == text.strip()


def test_a_text_beyond_the_limit_is_refused_in_words(
    signed_in: dict[Actor, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_text, "PASTED_MAX", 10)
    browser = signed_in[INSPECTOR]
    answer = send(browser, posted(browser.get(PATH)), "check", {"pasted": "x" * 11})
    assert "Enter a text of up to 10 characters." in words_of(answer)


def test_the_rows_of_a_workbook_fill_the_form_and_faulty_ones_are_named(
    signed_in: dict[Actor, Browser],
) -> None:
    browser = signed_in[INSPECTOR]
    rows: list[list[object]] = [
        ["Recommendation", "Kind", "Area", "Time limit", "Notes"],
        ["Within six months, train all staff.", None, "Leadership", None, "Ours"],
        ["Improve it.", "area for improvement", None, datetime(2027, 3, 31), None],  # noqa: DTZ001
        ["Do more.", "Wish", None, "soon", None],
    ]

    def upload(rows: list[list[object]]) -> httpx.Response:
        content = by_openpyxl(lambda page: [page.append(row) for row in rows])
        form = posted(browser.get(PATH))
        fields = {**form.fields, "then": "check"}
        return browser.send("POST", PATH, data=fields, files=[content], headers=OURS)

    faulty = upload(rows)
    assert faulty.status_code == 400
    said = words_of(faulty)
    assert "The workbook has 2 problems. Nothing was recorded." in said
    assert "Sheet Answers, row 4, column B (Kind): “Wish” is none of: Recommendation" in said
    assert "Sheet Answers, row 4, column D (Time limit): “soon” is no date." in said
    filled = upload(rows[:-1])
    assert "2 recommendations were read." in words_of(filled)
    assert "Sheet Answers, column E: Notes" in words_of(filled)
    fields = posted(filled).fields
    assert [fields[f"r1-{name}"] for name in ("kind", "area", "time_limit-months")] == [
        "recommendation",
        "leadership",
        "6",
    ]
    assert [fields[f"r2-{name}"] for name in ("kind", "area", "time_limit-year")] == [
        "area_for_improvement",
        "",
        "2027",
    ]


def test_only_those_who_publish_can_paste_a_text(signed_in: dict[Actor, Browser]) -> None:
    assert signed_in[KENT].get(PATH).status_code == 404
    assert f'href="{PATH}"' in signed_in[INSPECTOR].get("/record/report").text
