"""Dates that people type, in forms to record and in filters: one reader, and errors by part."""

from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.postgres.database import Database
from api.pages.forms.typed_dates import WrongDate, coarse_date, whole_date
from api.pages.rendering.language import speak
from tests.support.data.examples import INSPECTOR
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import Service, published

MONTHS = ["7", "07", "July", "july", "JULY", "Jul", "Jul.", " jul "]
WRONG = {
    ("1", "7", "26"): ("year", "enter the year in 4 digits, such as 2026."),
    ("1", "7", "20260"): ("year", "enter the year in 4 digits, such as 2026."),
    ("1", "7", "1826"): ("year", "enter a year from 1900 to 2199."),
    ("1", "7", "+202"): ("year", "enter the year in 4 digits, such as 2026."),
    ("1", "7", ""): ("year", "enter a year."),
    ("1", "", "2026"): ("month", "enter the month too, because there is a day."),
    ("1", "13", "2026"): ("month", "enter the month as a number from 1 to 12, or as a name"),
    ("1", "Ju", "2026"): ("month", "enter the month as a number from 1 to 12, or as a name"),
    ("1", "Julio", "2026"): ("month", "enter the month as a number from 1 to 12, or as a name"),
    ("1", "1_0", "2026"): ("month", "enter the month as a number from 1 to 12, or as a name"),
    ("31", "June", "2026"): ("day", "enter a day from 1 to 30, as June 2026 has."),
    ("29", "2", "2026"): ("day", "enter a day from 1 to 28, as February 2026 has."),
    ("x", "2", "2026"): ("day", "enter a day from 1 to 28, as February 2026 has."),
}


def typed(day: str, month: str, year: str) -> dict[str, str]:
    return {"on-day": day, "on-month": month, "on-year": year}


@pytest.fixture
def welsh(tmp_path: Path) -> Generator[None]:
    (tmp_path / "cy.po").write_text('msgid ""\nmsgstr ""\n"Language: cy\\n"\n')
    speak("cy", tmp_path)
    yield
    speak()


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_is_taken_as_a_number_or_as_a_name(month: str) -> None:
    assert coarse_date(typed("5", month, "2022"), "on") == "2022-07-05"
    assert coarse_date(typed("", month, "2022"), "on") == "2022-07"


@pytest.mark.usefixtures("welsh")
@pytest.mark.parametrize("month", ["Gorffennaf", "gorff", "July"])
def test_a_welsh_page_takes_welsh_months_and_english_ones(month: str) -> None:
    assert coarse_date(typed("5", month, "2022"), "on") == "2022-07-05"


@pytest.mark.parametrize("parts", WRONG, ids="-".join)
def test_a_wrong_date_says_which_part_to_put_right(parts: tuple[str, str, str]) -> None:
    part, why = WRONG[parts]
    with pytest.raises(WrongDate) as wrong:
        coarse_date(typed(*parts), "on")
    assert wrong.value.field == f"on-{part}"
    assert str(wrong.value).startswith(why)


@pytest.mark.parametrize(
    ("parts", "part"), [(("", "7", "2022"), "day"), (("", "", "2022"), "month")]
)
def test_a_filter_takes_whole_dates_only(parts: tuple[str, str, str], part: str) -> None:
    with pytest.raises(WrongDate) as wrong:
        whole_date(typed(*parts), "on")
    assert wrong.value.field == f"on-{part}"


@pytest.mark.slow
@pytest.mark.parametrize("text", ["31 3 2023", "31+March+2023", "31/3/2023", "2023-03-31"])
def test_a_day_in_a_link_is_read_as_one_in_a_form(service: Service, text: str) -> None:
    page = service.get(f"/recommendations?on={text}", Accept="text/html")
    assert page.status_code == 200
    assert "31 March 2023" in page.text
    assert "on=2023-03-31" in page.text


@pytest.mark.slow
@pytest.mark.parametrize("text", ["31 6 2023", "31 3 23", "1 2 3 4"])
def test_a_wrong_day_in_a_link_is_refused_beside_its_fields(service: Service, text: str) -> None:
    page = service.get(f"/recommendations?on={text}", Accept="text/html")
    assert page.status_code == 400
    assert 'class="govuk-error-summary"' in page.text


@pytest.mark.slow
def test_forms_and_filters_take_and_refuse_the_same_dates(
    service: Service, make_database: Database
) -> None:
    inspector = Browser(service).sign_in(make_database, INSPECTOR)
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    form = posted(inspector.get(f"/recommendations/{stream}/record/comment"))

    def answers(day: str, month: str, year: str) -> tuple[str, str]:
        dates = typed(day, month, year)
        recorded = send(inspector, form, "check", {"comment": "So.", **dates})
        query = "&".join(f"{name}={text}" for name, text in dates.items())
        listed = inspector.get(f"/recommendations?{query}")
        assert recorded.status_code == listed.status_code
        return recorded.text, listed.text

    for text in answers("1", "July", "2025"):
        assert "1 July 2025" in text
    for parts in [("1", "7", "26"), ("1", "13", "2026"), ("31", "June", "2026")]:
        part, why = WRONG[parts]
        recorded, listed = answers(*parts)
        assert f"As at the end of: {why}" in listed, parts
        assert f"? {why[0].upper()}{why[1:]}" in recorded, parts
        for text in (recorded, listed):
            assert f'href="#on-{part}"' in text, parts
            assert text.count("govuk-input--error") == 1
    wrong = send(inspector, form, "check", {"comment": "So.", **typed("1", "7", "26")})
    assert "When did this happen? Enter the year in 4 digits, such as 2026." in words_of(wrong)
