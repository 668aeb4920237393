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
