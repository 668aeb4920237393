"""Pages deny nothing that is on record, and say of what is not known that it is not known."""

import csv
import io
import re
from html import unescape

import pytest

from tests.pages.test_pages import check, read
from tests.support.data.pdf import text_of
from tests.support.served.serving import Served, Service

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


def words_of(service: Service, path: str) -> str:
    """Return the words of the main part of a page, in one line."""
    text = read(service, path)
    check(path, text)
    main = text[text.index("<main") : text.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.mark.parametrize(
    "path", ["/late?training=true", "/progress?training=true", "/board-pack.pdf?training=true"]
)
def test_what_is_late_is_not_said_to_have_had_no_claim(service: Service, path: str) -> None:
    if path.startswith("/board-pack"):
        words = text_of(service.client.get(path).content)
    else:
        words = words_of(service, path)
    assert "still stands is on record" in words
    assert "was returned" in words
    assert not re.search(r"no claim (by|that)|nothing that answers|nothing is on record", words)


def test_a_list_of_no_claims_says_where_published_sources_say_something(service: Service) -> None:
    words = words_of(service, "/claims")
    assert "No claim that work is done is recorded here." in words
    assert "filters." not in words
    assert "match your filters" in words_of(service, "/claims?judgement=met")


SILENT = ("cycle", "time_limit_changes", "reopenings", "withdrawals", "closed_without_evidence")


@pytest.mark.parametrize("query", ["?limit=500", "?training=true&limit=500"])
def test_what_is_not_known_is_null_in_the_list_and_empty_in_its_file(
    service: Service, query: str
) -> None:
    items = service.get(f"/v1/recommendations{query}").json()["items"]
    assert items
    for item in items:
        nothing = item["standing"]["stage"] == "not_known"
        values = [item["standing"][name] for name in SILENT]
        assert [value is None for value in values] == [nothing] * len(SILENT), item["id"]
    text = service.client.get(f"/v1/recommendations.csv{query}").text
    for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff"))):
        nothing = row["stage"] == "not_known"
        assert [row[name] == "" for name in SILENT] == [nothing] * len(SILENT), row["id"]
    first = items[0]
    alone = service.get(f"/v1/recommendations/{first['id']}").json()
    assert alone["cycle"] == first["standing"]["cycle"]


@pytest.mark.parametrize("path", ["/forces/greater-manchester", "/board-pack/greater-manchester"])
def test_a_policing_body_is_named_with_the_month_of_which_it_is_true(
    service: Service, path: str
) -> None:
    words = words_of(service, f"{path}?on=2014-06-01")
    assert re.search(r"published by November 2026, the local policing body .{,60} is: mayor", words)


@pytest.mark.parametrize(
    "query",
    ["overdue=true", "overdue=false", "open=true", "claimed=false", "stage=closed",
     "slip=closed_without_evidence", "overdue=true&force=lincolnshire"],
)  # fmt: skip
def test_a_list_says_of_how_many_it_is_not_known_whether_they_belong_to_it(
    service: Service, query: str
) -> None:
    force = "&force=lincolnshire" if "force" in query else ""
    listed = service.get(f"/v1/recommendations?stage=not_known&limit=500{force}").json()["items"]
    text = read(service, f"/recommendations?{query}")
    assert f"Of {len(listed)} recommendations it is not known where they stand" in text
    link = re.search(r'cannot be in this list\. <a class="govuk-link" href="([^"]+)"', text)
    assert link
    shown = service.get(f"/v1{unescape(link[1])}&limit=500").json()["items"]
    assert [item["id"] for item in shown] == [item["id"] for item in listed]


def test_lists_of_what_is_known_to_be_so_say_nothing_of_silence(service: Service) -> None:
    for path in ("/recommendations", "/recommendations?stage=not_known", "/late?training=true",
                 "/recommendations?training=true&open=true"):  # fmt: skip
        assert "cannot be in this list" not in words_of(service, path), path
    assert "Of 62 recommendations it is not known where they stand" in words_of(service, "/late")
    assert "Claims about them may not be on record" in words_of(service, "/claims")


def test_the_chart_of_forces_has_a_shade_for_what_has_no_last_day(service: Service) -> None:
    board = service.get("/v1/progress?training=true").json()["national"]
    assert board["limited"] < board["open"]
    chart = service.client.get("/charts/forces.svg?training=true").text
    assert 'fill="#ffffff"' in chart
    assert "White: open, with no last day" in words_of(service, "/progress?training=true")


def rows_of(text: str, table: str) -> dict[str, list[str]]:
    """Return the cells of a table as they are seen, by the words of the first."""
    whole = text[text.index(f'id="{table}"') :]
    body = whole[: whole.index("</table>")]
    seen = re.sub(r'<span class="govuk-visually-hidden">.*?</span>', "", body)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in
            seen.split("<tr")[2:]]  # fmt: skip
    plain = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in rows]
    return {row[0]: row[1:] for row in plain}


def test_what_differs_from_nothing_differs_by_all_of_it(service: Service) -> None:
    text = read(service, "/restatement")
    assert rows_of(text, "figures")["All"] == ["None on record", "62", "+62"]
    together = [int(cells[0]) for cells in rows_of(text, "forces").values()]
    assert sum(together) == 62
    training = rows_of(read(service, "/restatement?training=true"), "figures")
    by_force = rows_of(read(service, "/restatement?training=true"), "forces").values()
    assert training["Open"][2] == f"+{sum(int(cells[2]) for cells in by_force)}"


def test_closures_older_than_the_half_years_are_counted(service: Service) -> None:
    view = service.get("/v1/slippage?training=true").json()
    closed = service.get("/v1/recommendations?training=true&stage=closed&limit=500").json()
    shown = sum(half["closed"] for half in view["half_years"])
    exact = [i for i in closed["items"] if len(i["standing"]["closed_on"]) == 10]
    assert shown + view["closed_earlier"] == len(exact) > shown
    words = words_of(service, "/slippage?training=true")
    assert f"{view['closed_earlier']} closures before " in words


def test_what_is_late_says_where_its_recommendation_stands(service: Service) -> None:
    items = service.get("/v1/late?training=true&limit=500").json()["items"]
    stages = {
        item["id"]: item["standing"]["stage"]
        for item in service.get("/v1/recommendations?training=true&limit=500").json()["items"]
    }
    assert [item["stage"] for item in items] == [stages[item["id"]] for item in items]
    assert "closed" in {item["stage"] for item in items}
    assert "Closed" in words_of(service, "/late?training=true")
    text = service.client.get("/v1/late.csv?training=true").text.lstrip("\ufeff")
    assert {row["stage"] for row in csv.DictReader(io.StringIO(text))} >= {"closed"}


@pytest.mark.parametrize("path", ["/progress", "/measures", "/areas", "/slippage", "/restatement",
    "/compare?since=2014-01-01", "/progress?training=true"])  # fmt: skip
def test_a_table_with_a_dash_says_what_it_means(service: Service, path: str) -> None:
    text = read(service, path)
    for table in re.findall(
        r"<table.*?</table>\s*(?:</div>)?\s*(?:<p[^>]*>[^<]*)?", text, re.DOTALL
    ):
        seen = '<span aria-hidden="true">\N{EN DASH}</span>' in table
        assert ("A dash (\N{EN DASH}) means: not known." in table) == seen
        hidden = re.findall(r'<span class="govuk-visually-hidden">(.*?)</span>', table)
        assert not seen or set(hidden) == {"not known"}
