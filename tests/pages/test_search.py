"""Search, words in titles, feeds of the latest progress, and titles of pages."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

import pytest
from structlog.testing import capture_logs

from api.pages.rendering import labels
from domain.vocabulary.forces import ADDRESSEES
from tests.pages.test_pages import FILES, HTML, check, read
from tests.support.data.examples import INSPECTOR, issue
from tests.support.served.serving import Served, Service, command, published

pytestmark = pytest.mark.slow

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "/feeds/recommendations.atom"


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


def shown_for(service: Service, q: str) -> str:
    """Return the main part of the search page for a question."""
    answer = service.client.get("/search", params={"q": q}, headers=HTML)
    assert answer.status_code == 200
    check(f"/search?q={q}", answer.text)
    return answer.text[answer.text.index("<main") : answer.text.index("</main>")]


def sections(page: str) -> list[str]:
    """Return the ids of the sections of a page, in order."""
    return re.findall(r'<h2 class="govuk-heading-l" id="(\w+)"', page)


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize(
    "q",
    ["essex", "inspection", "missing children", "police", "zebra", "'or", '"', "Newport", "AL5"],
)
def test_the_search_page_shows_the_answer_of_the_api(service: Service, q: str) -> None:
    shown = shown_for(service, q)
    answer = service.get("/v1/search", params={"q": q}).json()
    links = re.findall(r'href="/(forces|recommendations|reports)/([^"/]+)"', shown)
    for kind in ("recommendations", "reports"):
        for item in (*answer["records"][kind], *answer[kind]["items"]):
            assert (kind, item["id"]) in links
        more = re.findall(rf'href="(/{kind}\?q=[^"]+)"', shown)
        assert bool(more) == (answer[kind]["count"] > len(answer[kind]["items"]))
        for link in more:
            assert service.client.get(unescape(link), headers=HTML).status_code == 200
    for lead in (*answer["forces"], *answer["places"]):
        assert ("forces", lead["force"]) in links
    assert ("Nothing was found for" in shown) == (answer["nearest"] is not None)


def test_a_force_typed_exactly_leads_with_its_page(service: Service) -> None:
    for q in ("Essex", "essex police", "ESSEX POLICE"):
        shown = shown_for(service, q)
        assert sections(shown)[0] == "forces"
        assert re.findall(r'href="/forces/([^"]+)"', shown)[0] == "essex"


@pytest.mark.parametrize(
    ("q", "force", "reason"),
    [
        ("Avon & Somerset", "avon-and-somerset", None),
        ("Heddlu Gwent", "gwent", "Its name in Welsh: Heddlu Gwent."),
        ("GMP", "greater-manchester", "Found by “GMP”."),
        (
            "Teesside Constabulary",
            "cleveland",
            "Teesside Constabulary (until 31 March 1974) policed a part of its area before it.",
        ),
        (
            "West Mercia Constabulary",
            "west-mercia",
            "Formerly West Mercia Constabulary (1 October 1967 to 4 May 2009).",
        ),
        (
            "Hampshire Constabulary",
            "hampshire",
            "Formerly Hampshire Constabulary (1967 to 15 November 2022).",
        ),
        (
            "Hampshire and Isle of Wight Constabulary",
            "hampshire",
            None,
        ),
    ],
)
def test_a_force_is_found_by_another_name_and_the_page_says_why(
    service: Service, q: str, force: str, reason: str | None
) -> None:
    shown = shown_for(service, q)
    assert re.findall(r'href="/forces/([^"]+)"', shown)[0] == force
    assert reason is None or reason in unescape(shown)


def test_a_place_in_several_forces_asks_which(service: Service) -> None:
    shown = shown_for(service, "Newport")
    assert "There is more than one place of this name. Choose the one you mean." in shown
    assert "Newport, in Isle of Wight: <a" in shown
    assert 'href="/forces/hampshire">Hampshire and Isle of Wight Constabulary' in shown
    assert 'href="/forces/gwent">Gwent Police' in shown


def test_a_divided_postcode_asks_and_nothing_of_it_is_guessed(service: Service) -> None:
    shown = shown_for(service, "AL5")
    assert "This postcode is in the areas of several forces" in shown
    assert "Add the next character of the postcode" in shown
    assert "(97% of its postcodes)" in shown
    assert "AL5 1: <a" in shown
    whole = shown_for(service, "PO30 1AB")
    assert re.findall(r'href="/forces/([^"]+)"', whole) == ["hampshire"]
    assert '<h2 class="govuk-heading-l" id="postcode">Postcode PO30</h2>' in whole


@pytest.mark.usefixtures("lived")
def test_what_has_a_reference_a_number_or_an_id_is_found_by_it(service: Service) -> None:
    listed = service.get("/v1/recommendations?limit=500").json()["items"]
    item = next(item for item in listed if item["standing"]["register_id"])
    standing = item["standing"]
    report = service.get(f"/v1/reports/{standing['report']}").json()
    said = service.get("/v1/statements?limit=1").json()["items"][0]
    for q, link in (
        (standing["reference"], f"/recommendations/{item['id']}"),
        (standing["reference"].upper().replace("-", " "), f"/recommendations/{item['id']}"),
        (item["id"], f"/recommendations/{item['id']}"),
        (item["id"].upper(), f"/recommendations/{item['id']}"),
        (standing["register_id"], f"/recommendations/{item['id']}"),
        (f" #{standing['register_id']} ", f"/recommendations/{item['id']}"),
        (report["reference"], f"/reports/{report['id']}"),
        (report["id"], f"/reports/{report['id']}"),
        (said["said"]["reference"], f"/reports/{said['said']['report']}"),
    ):
        shown = shown_for(service, q)
        assert sections(shown)[0] == "records", q
        assert f'href="{link}"' in shown, q


def test_a_question_of_a_force_and_words_shows_what_was_asked_of_it(service: Service) -> None:
    answer = service.get("/v1/search", params={"q": "children West Midlands Police"}).json()
    assert (answer["of_force"], answer["words"]) == ("west-midlands", "children")
    items = answer["recommendations"]["items"]
    assert items
    assert {item["standing"]["force"] for item in items} == {"west-midlands"}
    shown = shown_for(service, "children West Midlands Police")
    assert 'href="/forces/west-midlands"' in shown
    assert "with the words “children”" in shown


def test_outcomes_are_found_by_their_words(service: Service) -> None:
    said = service.get("/v1/statements?limit=100").json()["items"]
    text = next(item["said"]["text"] for item in said if len(item["said"]["text"]) > 60)
    answer = service.get("/v1/search", params={"q": text[:190].rsplit(" ", 1)[0]}).json()
    assert text in [item["said"]["text"] for item in answer["statements"]["items"]]
    assert "statements" in sections(shown_for(service, text[:190].rsplit(" ", 1)[0]))


@pytest.mark.parametrize(
    ("q", "link"),
    [
        ("lecestershire", 'href="/forces/leicestershire"'),
        ("wset midlands", 'href="/forces/west-midlands"'),
        ("newprot", 'href="/search?q=Newport"'),
        ("safegaurding", 'href="/search?q=safeguarding"'),
        ("atlantis missing children", None),
        ("zzzzqqqq", None),
    ],
)
def test_a_search_without_results_shows_what_is_nearest(
    service: Service, q: str, link: str | None
) -> None:
    shown = shown_for(service, q)
    assert "Nothing was found for" in shown
    assert ("Did you mean" in shown) == (link is not None)
    assert link is None or link in shown
    assert "browse the" in shown


def test_nothing_of_all_words_shows_how_much_has_all_but_one(service: Service) -> None:
    shown = shown_for(service, "children zebra")
    assert "Nothing has all of these words." in shown
    link = re.search(
        r"With “children”: <a [^>]*href=\"([^\"]+)\">(\d+) recommendations?</a>", shown
    )
    assert link
    listed = service.get("/v1/recommendations?q=children&limit=500").json()["items"]
    assert len(listed) == int(link[2]) > 1
    assert unescape(link[1]) == "/recommendations?q=children"
    assert "With “zebra”" not in shown
    api = service.get("/v1/search?q=children+zebra").json()["nearest"]["fewer"]
    assert api == [{"words": "children", "count": int(link[2])}]
    for plain in ("zebra", '"children zebra"', "children -children"):
        assert "Nothing has all of these words." not in shown_for(service, plain)
    force = listed[0]["standing"]["force"]
    of_force = shown_for(service, f"{ADDRESSEES[force].name} children zebra")
    assert f"Of {ADDRESSEES[force].name}:" in of_force
    assert f'href="/recommendations?q=children&amp;force={force}"' in of_force


def test_the_welsh_word_for_police_leads_to_the_forces_of_wales(service: Service) -> None:
    shown = shown_for(service, "heddlu")
    welsh = {"dyfed-powys", "gwent", "north-wales", "south-wales"}
    assert set(re.findall(r'href="/forces/([^"]+)"', shown)) == welsh
    assert "Its name in Welsh: Heddlu De Cymru." in shown


def test_a_word_that_only_joins_others_names_no_force_and_no_body(service: Service) -> None:
    for q in ("and", "of", "AND of"):
        answer = service.get("/v1/search", params={"q": q}).json()
        assert (answer["forces"], answer["bodies"]) == ([], []), q
    for q in ("and", "social care", "communities"):
        lines = re.findall(r"<li>(.*?)</li>", shown_for(service, q), re.DOTALL)
        assert len(lines) == len(set(lines)), q


def test_a_word_is_found_with_and_without_its_hyphen(service: Service) -> None:
    issues = [
        issue(ordinal=n, text=text)
        for n, text in enumerate(
            ("Pursue on-line abuse.", "Pursue online abuse.", "Answer the line at once."), 1
        )
    ]
    made = published(service, "kent-online-2026", *issues)
    found = [
        {
            item["standing"]["ordinal"]
            for item in service.get(
                f"/v1/recommendations?report={made.id}&position={made.position}&q={q}"
            ).json()["items"]
        }
        for q in ("on-line", "online")
    ]
    assert found == [{1, 2}, {1, 2}]


def searched(service: Service, q: str) -> dict[str, Any]:
    """Return the answer of the API to a question."""
    answer = service.get("/v1/search", params={"q": q})
    assert answer.status_code == 200, q
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize(
    ("q", "link"),
    [
        ("police detention", "/areas/police_detention"),
        ("Initial Contact", "/areas/initial_contact"),
        ("decision making", "/areas/decision_making"),
        ("Decision-making", "/areas/decision_making"),
        ("detention", "/areas/police_detention"),
        ("area for improvement", "/recommendations?kind=area_for_improvement"),
        ("areas for improvement", "/recommendations?kind=area_for_improvement"),
        ("cause of concern", "/recommendations?kind=cause_of_concern"),
        ("not met", "/recommendations?finding=not_met"),
        ("Too early to say", "/recommendations?finding=too_early"),
        ("No action plan yet", "/recommendations?stage=issued"),
        ("overdue", "/recommendations?overdue=true"),
        ("closed", "/recommendations?stage=closed"),
        ("not met Kent", "/recommendations?finding=not_met&force=kent"),
        ("police detention in Kent", "/recommendations?area=police_detention&force=kent"),
    ],
)
def test_the_words_of_the_pages_lead_to_their_lists(service: Service, q: str, link: str) -> None:
    shown = shown_for(service, q)
    assert sections(shown)[0] == "topics"
    assert f'href="{link}"' in unescape(shown)
    assert service.client.get(link, headers=HTML).status_code == 200
    assert "Nothing was found" not in shown
    assert "metropolitan" not in shown


def test_every_label_of_areas_kinds_findings_and_stages_is_found(service: Service) -> None:
    tables = {
        "area": (labels.AREAS,),
        "kind": (labels.KINDS,),
        "finding": (labels.FINDINGS, labels.FINDINGS_SHORT),
        "stage": (labels.STAGES, labels.STAGES_SHORT),
    }
    for name, of_filter in tables.items():
        for code, text in (each for table in of_filter for each in table.items()):
            if (name, code) == ("kind", "recommendation"):
                continue
            topics = searched(service, text)["topics"]
            assert (name, code) in [(each["filter"], each["value"]) for each in topics], text


WELSH_FORCES = ["dyfed-powys", "gwent", "north-wales", "south-wales"]


@pytest.mark.parametrize("q", ["Wales", "Cymru", "wales police", "Heddlu Cymru"])
def test_wales_leads_to_its_four_forces_first(service: Service, q: str) -> None:
    shown = shown_for(service, q)
    assert sections(shown)[0] == "forces"
    assert re.findall(r'href="/forces/([^"]+)"', shown)[:4] == WELSH_FORCES
    assert shown.count("One of the four forces of Wales.") == 4


def test_england_leads_to_its_forces_and_both_countries_to_all(service: Service) -> None:
    shown = shown_for(service, "England")
    assert sections(shown)[0] == "forces"
    assert shown.count("One of the 39 forces of England.") == 39
    assert "One of the four forces of Wales." not in shown
    both = shown_for(service, "England and Wales")
    assert both.count("One of the 39 forces of England.") == 39
    assert both.count("One of the four forces of Wales.") == 4


OUTSIDE = (
    "This service covers the 43 territorial police forces of England and Wales, and "
    "recommendations to national bodies."
)


@pytest.mark.parametrize(
    "q",
    [
        *("Scotland", "Northern Ireland", "EH1", "BT1 1AA", "bt11aa", "PSNI", "BTP", "G1 1AA"),
        *(
            "Police Scotland",
            "Northern Ireland police",
            "British Transport Police",
            "What happened in Scotland?",
            "Jersey",
            "Scotland children",
            "child protection inspection northern ireland",
        ),
    ],
)
def test_what_is_not_covered_is_said_and_no_wrong_force_shown(service: Service, q: str) -> None:
    shown = shown_for(service, q)
    assert OUTSIDE in shown
    assert sections(shown)[0] == "outside"
    assert 'href="/forces/' not in shown


@pytest.mark.parametrize(
    "q", ["Scotland Yard", "Kent children", "Kent", "DG16", "TD15", "AL5", "E11", "M1"]
)
def test_what_is_covered_is_not_said_to_lie_outside(service: Service, q: str) -> None:
    shown = shown_for(service, q)
    assert OUTSIDE not in shown
    assert 'href="/forces/' in shown


@pytest.mark.parametrize(
    ("q", "forces"),
    [
        ("Newcastle", {"northumbria", "staffordshire"}),
        ("Stratford", {"metropolitan", "warwickshire"}),
        ("Newport, Wales", {"gwent", "dyfed-powys"}),
    ],
)
def test_a_short_name_asks_which_place_is_meant(service: Service, q: str, forces: set[str]) -> None:
    assert {lead["force"] for lead in searched(service, q)["places"]} == forces
    if q == "Newcastle":
        shown = shown_for(service, q)
        assert "Choose the one you mean." in shown
        assert "Newcastle-under-Lyme: <a" in shown


@pytest.mark.parametrize(
    ("q", "answered", "link"),
    [
        ("What happened to Rotherham?", "Rotherham", "/forces/south-yorkshire"),
        ("recommendation for Dorset", "Dorset", "/forces/dorset"),
        ("Which police force is in Leeds?", "Leeds", "/forces/west-yorkshire"),
        ("what became of Kent", "Kent", "/forces/kent"),
        ("how do I find initial contact", "initial contact", "/areas/initial_contact"),
        (
            "what are the areas for improvement for Kent",
            "areas improvement Kent",
            "/recommendations?kind=area_for_improvement&amp;force=kent",
        ),
    ],
)
def test_a_question_in_words_is_answered_by_its_telling_words(
    service: Service, q: str, answered: str, link: str
) -> None:
    shown = shown_for(service, q)
    assert f"These are the results for “{answered}”: nothing has all the words you typed." in shown
    assert f'href="{link}"' in shown
    assert searched(service, q)["answered"] == answered
    assert searched(service, answered)["answered"] is None


@pytest.mark.parametrize("q", ["police", "area", "children", "risk", "force", "the"])
def test_a_word_of_many_names_is_no_topic(service: Service, q: str) -> None:
    assert searched(service, q)["topics"] == []


def test_a_question_without_results_is_near_by_its_telling_words(service: Service) -> None:
    shown = shown_for(service, "What happened to Newprot?")
    assert "Nothing was found for" in shown
    link = re.search(r'href="([^"]+)">What happened to Newport\?</a>', shown)
    assert link
    assert "Newport: <a" in read(service, unescape(link[1]))


@pytest.mark.parametrize(
    ("q", "said", "force"),
    [
        ("ynys môn", "Ynys Môn, in Isle of Anglesey: <a", "north-wales"),
        ("gmp", "Found by “GMP”.", "greater-manchester"),
        ("a&s", "Found by “A&S”.", "avon-and-somerset"),
        ("moj", "“Ministry of Justice”: recommendations to national bodies are under", "national"),
    ],
)
def test_a_lead_shows_the_name_by_which_it_was_found(
    service: Service, q: str, said: str, force: str
) -> None:
    shown = unescape(shown_for(service, q))
    assert said in shown
    assert set(re.findall(r'href="/forces/([^"]+)"', shown)) == {force}


def test_a_force_by_its_whole_name_is_not_joined_by_another(service: Service) -> None:
    shown = shown_for(service, "northyorkshire")
    assert re.findall(r'href="/forces/([^"]+)"', shown) == ["north-yorkshire"]
    for q in ("northyorkshire", "A&S"):
        answer = searched(service, q)
        assert (answer["places"], answer["bodies"]) == ([], [])


@pytest.mark.parametrize(
    "q",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' OR 1=1 --",
        "a & | ! <-> :* ()",
        "\u202etxt",
        "é" * 200,
        "a b " * 50,
        "%s %(q)s {q}",
        "kent\tpolice",
        "\\",
    ],
)
def test_a_hostile_question_is_only_text(service: Service, q: str) -> None:
    shown = shown_for(service, q)
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert service.get("/v1/search", params={"q": q}).status_code == 200


def test_the_api_needs_a_question(service: Service) -> None:
    for params in ({}, {"q": ""}, {"q": "a" * 201}, {"q": "a", "x": "1"}):
        answer = service.get("/v1/search", params=params)
        assert answer.status_code == 400, params
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_nothing_of_a_question_is_logged(service: Service) -> None:
    with capture_logs() as logs:
        service.client.get("/search", params={"q": "PO30 1AB"}, headers=HTML)
    assert logs
    assert "PO30" not in repr(logs)


def test_forces_are_narrowed_by_name(service: Service) -> None:
    def listed(q: str) -> list[str]:
        shown = read(service, f"/forces?q={q}")
        return re.findall(
            r'<th scope="row"[^>]*>\s*(?:<[^a][^>]*>)*<a [^>]*href="/forces/([^"]+)"', shown
        )

    assert listed("") == sorted(listed(""), key=lambda code: ADDRESSEES[code].name)
    assert len(listed("")) == 44
    assert listed("yorks") == ["north-yorkshire", "south-yorkshire", "west-yorkshire"]
    assert listed("avon+%26+somerset") == ["avon-and-somerset"]
    assert listed("heddlu+de+cymru") == ["south-wales"]
    assert "No force has this name." in read(service, "/forces?q=atlantis")
    near = read(service, "/forces?q=Stafordshire")
    assert 'Did you mean: <a class="govuk-link" href="/forces/staffordshire">' in near
    assert "Did you mean" not in read(service, "/forces?q=atlantis")
    codes = [force["code"] for force in service.get("/v1/forces?q=gwent").json()["items"]]
    assert codes == ["gwent"]


def test_a_force_shows_its_other_names_with_days_and_sources(service: Service) -> None:
    shown = read(service, "/forces/south-wales")
    assert "Heddlu De Cymru (in Welsh), from 1996" in shown
    assert "South Wales Constabulary, 1 June 1969 to 1996" in shown
    assert "en.wikipedia.org" in shown
    assert "SWP" not in shown
    names = service.get("/v1/forces/south-wales").json()["names"]
    assert [name["name"] for name in names] == ["Heddlu De Cymru", "South Wales Constabulary"]
    assert all(name["source"] for name in names)
    assert "Other names" not in read(service, "/forces/training")


def test_the_licences_of_places_and_postcodes_are_named(service: Service) -> None:
    about = read(service, "/about")
    assert "Contains OS data, Royal Mail data and National Statistics data" in about
    assert "Place data from GeoNames, CC BY 4.0" in about
    assert 'href="/about#names"' in shown_for(service, "Newport")


def test_an_empty_search_shows_only_the_form(service: Service) -> None:
    for path in ("/search", "/search?q=", "/search?q=%20"):
        shown = read(service, path)
        check(path, shown)
        assert "Nothing was found" not in shown
        assert 'role="search"' in shown
    wrong = service.client.get("/search", params={"q": "a" * 201}, headers=HTML)
    assert wrong.status_code == 400
    assert "Enter words of up to 200 characters" in wrong.text


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
    assert ids[:3] == [uuid5(UUID(stream), str(step)).urn for stream, step in (
        (first, 2), (second, 1), (first, 1))]  # fmt: skip
    assert len(entries) >= 20
    assert "Closed: the inspectorate withdrew it" in (entries[0].findtext(f"{ATOM}title") or "")
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
        pages = {f"/recommendations/{one['id']}" for one in listed}
        for entry in feed(service, f"{FEED}?{query}"):
            link = entry.find(f"{ATOM}link")
            assert link is not None
            assert urlsplit(link.attrib["href"]).path in pages
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
        no_page = path.startswith(("/static/", "/v1/", "/odata/", "/feeds/", "/charts/", "/sign"))
        if path in seen or no_page or path.endswith(FILES):
            continue
        seen.add(path)
        shown = read(service, path)
        title = re.findall(r"<title>(.*?)</title>", shown)[0]
        assert titles.setdefault(title, path) == path, title
        wait += [link for link in re.findall(r'href="(/[^"?#]*)"', shown) if link not in seen]
    assert len(titles) > 40
