"""Search, words in titles, feeds of the latest progress, and titles of pages."""

import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from api.pages.public.search import named_forces
from tests.pages.test_pages import HTML, check, read
from tests.support.data.examples import INSPECTOR, issue
from tests.support.served.serving import Served, Service, command, published

pytestmark = pytest.mark.slow

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "/feeds/recommendations.atom"


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


@pytest.mark.parametrize(
    ("q", "code"),
    [
        ("kent", "kent"),
        ("KENT POLICE", "kent"),
        ("dyfed powys", "dyfed-powys"),
        ("Dyfed-Pówys", "dyfed-powys"),
        ("police greater", "greater-manchester"),
        ("avon som", "avon-and-somerset"),
    ],
)
def test_a_force_is_found_by_the_beginnings_of_its_name(q: str, code: str) -> None:
    assert [found for found, _ in named_forces(q)] == [code]


@pytest.mark.parametrize("q", ["kent zebra", "%%%", "?", "training", "ent"])
def test_a_force_is_found_by_nothing_but_its_name(q: str) -> None:
    assert named_forces(q) == []


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize(
    "q", ["essex", "inspection", "missing children", "police", "zebra", "'or", '"']
)
def test_the_search_page_shows_the_results_of_the_lists(service: Service, q: str) -> None:
    shown = service.client.get("/search", params={"q": q}, headers=HTML)
    assert shown.status_code == 200
    check(f"/search?q={q}", shown.text)
    links = re.findall(r'href="(/(?:forces|recommendations|reports)/[^"/]+)"', shown.text)
    expected = [f"/forces/{code}" for code, _ in named_forces(q)[:5]]
    for path, order in (("recommendations", None), ("reports", "newest")):
        params = {"q": q, "limit": "5", **({"order": order} if order else {})}
        page = service.get(f"/v1/{path}", params=params).json()
        expected += [f"/{path}/{one['id']}" for one in page["items"]]
        more = re.findall(rf'href="(/{path}\?q=[^"]+)"', shown.text)
        assert bool(more) == (page["next"] is not None)
        for link in more:
            assert service.client.get(unescape(link), headers=HTML).status_code == 200
    assert links == expected
    assert ("Nothing on record matches these words" in shown.text) == (not expected)


def test_an_empty_search_shows_only_the_form(service: Service) -> None:
    for path in ("/search", "/search?q=", "/search?q=%20"):
        shown = read(service, path)
        check(path, shown)
        assert "Nothing on record" not in shown
        assert 'role="search"' in shown
    wrong = service.client.get("/search", params={"q": "a" * 201}, headers=HTML)
    assert wrong.status_code == 400
    assert "Enter words of up to 200 characters" in wrong.text
    assert service.client.get("/search?x=1", headers=HTML).status_code == 400


def test_reports_are_found_by_the_words_of_their_titles(service: Service) -> None:
    every = service.get("/v1/reports?limit=500").json()["items"]
    for q in ("review", "child protection", "-review"):
        found = service.get("/v1/reports", params={"limit": "500", "q": q}).json()["items"]
        words = [word.lower() for word in q.strip("-").split()]
        wanted = [
            one["id"]
            for one in every
            if all(word[:6] in one["listing"]["title"].lower() for word in words)
            is not q.startswith("-")
        ]
        assert [one["id"] for one in found] == wanted
    assert 'value="review"' in read(service, "/reports?q=review")


# What is new


def feed(service: Service, path: str) -> list[ET.Element]:
    answer = service.client.get(path)
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    told = ET.fromstring(answer.content)  # noqa: S314  our own
    entries = list(told.iter(f"{ATOM}entry"))
    for one in (told, *entries):
        for part in ("id", "title", "updated", "link"):
            assert one.find(f"{ATOM}{part}") is not None, part
    assert told.findtext(f"{ATOM}updated") == max(
        (entry.findtext(f"{ATOM}updated") or "" for entry in entries),
        default="1970-01-01T00:00:00Z",
    )
    return entries


def test_the_feed_lists_the_latest_progress_first_with_its_page(service: Service) -> None:
    given = published(service, "essex-feed", *(issue("essex", ordinal=n) for n in (1, 2)))
    first, second = given.recommendations
    told = {"reason": "withdrawn", "basis": "Moot."}
    position = command(service, first, INSPECTOR, "close", **told).json()["position"]
    service.get(f"/v1/recommendations?position={position}")
    entries = feed(service, FEED)
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert ids[0] == f"urn:uuid:{first}"
    assert ids[1] == f"urn:uuid:{second}"
    assert len(entries) == 20
    assert "Closed by the inspectorate" in (entries[0].findtext(f"{ATOM}summary") or "")
    link = entries[0].find(f"{ATOM}link")
    assert link is not None
    assert service.client.get(link.attrib["href"], headers=HTML).status_code == 200
    moments = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert moments == sorted(moments, reverse=True)


def test_a_comment_adds_nothing_to_the_feed(service: Service) -> None:
    before = service.client.get(f"{FEED}?force=essex").content
    stream = service.get("/v1/recommendations?force=essex").json()["items"][0]["id"]
    noted = command(service, stream, INSPECTOR, "comment", comment="Noted.")
    service.get(f"/v1/recommendations?position={noted.json()['position']}")
    assert service.client.get(f"{FEED}?force=essex").content == before


def test_a_feed_of_a_force_or_area_is_named_after_it(service: Service) -> None:
    ids: set[str] = set()
    for query, word in (("force=essex", "Essex Police"), ("area=investigation", "investigation")):
        answer = ET.fromstring(service.client.get(f"{FEED}?{query}").content)  # noqa: S314
        assert word in (answer.findtext(f"{ATOM}title") or "")
        ids.add(answer.findtext(f"{ATOM}id") or "")
        name, value = query.split("=")
        listed = service.get(f"/v1/recommendations?{query}&limit=500").json()["items"]
        assert {one["standing"][name] for one in listed} == {value}
        assert {entry.findtext(f"{ATOM}id") for entry in feed(service, f"{FEED}?{query}")} <= {
            f"urn:uuid:{one['id']}" for one in listed
        }
    assert len(ids) == 2
    assert feed(service, f"{FEED}?force=cumbria") == []
    for wrong in ("force=atlantis", "area=moon", "on=2020-01-01"):
        assert service.client.get(f"{FEED}?{wrong}").status_code == 400


# What a page is called


@pytest.mark.usefixtures("lived")
def test_no_two_pages_have_the_same_title(service: Service) -> None:
    """As its title is what tells a tab, a bookmark or a page read aloud from another."""
    titles: dict[str, str] = {}
    wait, seen = ["/"], set[str]()
    while wait:
        path = wait.pop()
        if path in seen or path.startswith(("/static/", "/v1/", "/feeds/", "/charts/", "/sign")):
            continue
        seen.add(path)
        shown = read(service, path)
        title = re.findall(r"<title>(.*?)</title>", shown)[0]
        assert titles.setdefault(title, path) == path, title
        wait += [link for link in re.findall(r'href="(/[^"?#]*)"', shown) if link not in seen]
    assert len(titles) > 40
