"""Plain words for a first reader: where a link leads, how many there are, and what is not known."""

import re
from html import unescape

import pytest
from msgspec.structs import replace

from adapters.postgres.database import Database
from api.pages.rendering import reading
from domain.vocabulary.forces import FORCES
from domain.vocabulary.values import Kind
from projections.coverage import Coverage
from tests.pages.test_pages import HTML, check, read
from tests.support.data.examples import INSPECTOR, KENT, issue
from tests.support.served.browser import Browser
from tests.support.served.serving import Served, Service, command, published

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


def main_of(service: Service, path: str, status: int = 200) -> str:
    """Return the main part of a page."""
    answer = service.client.get(path, headers=HTML)
    assert answer.status_code == status, path
    check(path, answer.text)
    return unescape(answer.text[answer.text.index("<main") : answer.text.index("</main>")])


def words_of(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_home_page_leads_to_the_page_where_training_is_shown(service: Service) -> None:
    for path in ("/", "/?training=true"):
        shown = main_of(service, path)
        assert 'href="/training">Show training, which is fictional' in shown
        assert 'href="/?training=true"' not in shown


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Essex", "essex"),
        ("ESSEX-POLICE", "essex"),
        ("Greater-Manchester", "greater-manchester"),
        ("West%20Midlands", "west-midlands"),
        ("gmp", "greater-manchester"),
    ],
)
def test_a_force_by_its_name_in_an_address_leads_to_its_page(
    service: Service, typed: str, code: str
) -> None:
    for query in ("", "?on=2024-06-30"):
        answer = service.client.get(f"/forces/{typed}{query}", headers=HTML)
        assert answer.status_code == 301
        assert answer.headers["Location"] == f"/forces/{code}{query}"


def test_a_force_that_is_none_leads_to_all_forces_and_the_search(service: Service) -> None:
    shown = main_of(service, "/forces/camelot", 404)
    assert "/v1/" not in shown
    assert "There is no police force of this name here." in shown
    assert 'href="/forces"' in shown
    assert 'href="/search"' in shown
    api = service.client.get("/v1/forces/camelot").json()
    assert api["detail"] == "There is no such force; /v1/forces has the codes of all."


def test_a_force_without_recommendations_is_not_said_to_need_fewer_filters(
    service: Service,
) -> None:
    shown = main_of(service, "/recommendations?force=gwent")
    assert (
        "No recommendation to Gwent Police is on record here. That does not mean that none was "
        "made." in shown
    )
    assert "fewer filters" not in shown
    for more in ("&stage=closed", "&q=zebra"):
        assert "Try fewer filters" in main_of(service, f"/recommendations?force=gwent{more}")


@pytest.mark.parametrize(
    ("coverage", "words"),
    [
        (Coverage(reports=1, stating=1, stated=4, on_record=0), "None of these recommendations is"),
        (Coverage(reports=1, stating=1, stated=4, on_record=1), "1 of these recommendations is"),
        (Coverage(reports=1, stating=1, stated=4, on_record=3), "3 of these recommendations are"),
    ],
)
def test_coverage_says_none_and_not_nought(coverage: Coverage, words: str) -> None:
    assert reading.coverage(coverage).endswith(f"{words} on record here.")


def test_a_figure_of_one_is_singular(service: Service) -> None:
    made = published(service, "cumbria-plain-2026", issue("cumbria"), force="cumbria")
    service.get(f"/v1/progress?position={made.position}")
    shown = words_of(read(service, "/forces/cumbria"))
    assert "1 recommendation on record" in shown
    assert "1 recommendations" not in shown
    listed = main_of(service, f"/recommendations?force=cumbria&position={made.position}")
    assert "<strong>1 recommendation</strong>" in listed


def test_figures_and_reports_name_the_kinds_that_they_count(service: Service) -> None:
    cause, area = Kind.CAUSE_OF_CONCERN, Kind.AREA_FOR_IMPROVEMENT
    causes = [replace(issue("norfolk", ordinal=n), kind=cause) for n in (1, 2)]
    alone = published(service, "norfolk-causes-2026", *causes, force="norfolk")
    service.get(f"/v1/progress?position={alone.position}")
    shown = words_of(read(service, "/forces/norfolk"))
    assert "2 causes of concern on record" in shown
    assert "recommendations on record" not in shown.partition("Reports")[0]

    more = [issue("norfolk"), replace(issue("norfolk", ordinal=2), kind=area)]
    mixed = published(service, "norfolk-mixed-2026", *more, force="norfolk")
    service.get(f"/v1/progress?position={mixed.position}")
    shown = words_of(read(service, "/forces/norfolk"))
    counted = "1 recommendation, 2 causes of concern and 1 area for improvement"
    assert "4 recommendations on record" in shown
    assert f"Counted together: {counted}." in shown
    report = words_of(read(service, f"/reports/{mixed.id}"))
    assert "The list has 1 recommendation and 1 area for improvement." in report
    assert "The list has" not in words_of(read(service, f"/reports/{alone.id}"))


def test_no_local_policing_body_is_shown_with_a_date_in_numbers(service: Service) -> None:
    for code in FORCES:
        shown = words_of(read(service, f"/forces/{code}"))
        body = re.search(r"Its local policing body, .*?: (.*?)\.", shown)
        if body:
            assert not re.search(r"\d{4}-\d{2}", body[1]), code
    assert "since May 2024" in words_of(read(service, "/forces/south-yorkshire"))


def test_a_wrong_day_is_named_by_its_question(service: Service) -> None:
    shown = words_of(main_of(service, "/progress?on-day=3&on-month=4", 400))
    assert "As at the end of: enter a year." in shown


def test_the_foot_is_in_plain_words(service: Service) -> None:
    for path in ("/", "/progress", "/recommendations", "/search?q=essex"):
        text = read(service, path)
        foot = words_of(text[text.index("<footer") :])
        assert re.search(r"As at \d+ \w+ 20\d\d\.", foot), path
        assert "number" not in foot


def test_a_day_before_anything_was_recorded_is_said_so(service: Service) -> None:
    for path, view in (
        ("/restatement?on=2015-03-31&known_by=2015-03-31", "Known by 31 March 2015"),
        ("/compare?since=1990-01-01&on=2024-01-01", "1 January 1990"),
    ):
        shown = main_of(service, path)
        assert f"{view}: no recommendation was on record." in words_of(shown)
        figures = shown[shown.index('id="figures"') : shown.index("</table>")]
        before = re.findall(rf'data-head="{view}">(.*?)</td>', figures, re.DOTALL)
        assert all(words_of(cell) == "None on record" for cell in before)
        assert before


def test_the_recommendations_of_a_report_have_their_numbers(service: Service) -> None:
    issues = [issue(ordinal=n, text=f"Do number {n}.") for n in (1, 2, 3)]
    made = published(service, "kent-numbered-2026", *issues)
    service.get(f"/v1/recommendations?position={made.position}")
    shown = main_of(service, f"/reports/{made.id}")
    listed = re.findall(r"<h3[^>]*>(.*?)</h3>", shown, re.DOTALL)
    assert [words_of(head) for head in listed][:3] == [
        "Recommendation 1: Do number 1.",
        "Recommendation 2: Do number 2.",
        "Recommendation 3: Do number 3.",
    ]


def test_a_history_says_the_wording_and_the_confidence_in_words(
    service: Service, make_database: Database
) -> None:
    stream = published(service, "kent-worded-2026").recommendations[0]
    inspector = Browser(service).sign_in(make_database, INSPECTOR)
    shown = words_of(inspector.get(f"/recommendations/{stream}/history").text)
    assert "verbatim" not in shown
    assert "Word for word as published" in shown
    assert "The source states it" in shown


def test_a_list_of_few_disputes_is_not_said_to_be_a_part(
    service: Service, make_database: Database
) -> None:
    stream = published(service, "kent-few-2026").recommendations[0]
    made = command(service, stream, KENT, "ask_question", question="May we ask?")
    assert made.status_code == 201, made.text
    shown = Browser(service).sign_in(make_database, INSPECTOR).get("/disputes").text
    assert "1 waits for inspectors." in words_of(shown)
    assert "that were opened last" not in shown
    assert "come first" not in shown
