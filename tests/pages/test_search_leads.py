"""Names, abbreviations and words that a question is made of, and where they lead."""

import re
from html import unescape

import pytest

from api.pages.public.about.directory import SERVICE_PAGES, ServicePage, pages_named
from domain.vocabulary.forces import FORCES
from tests.pages.test_pages import read
from tests.pages.test_search import searched, sections, shown_for
from tests.support.served.serving import Served, Service

pytestmark = pytest.mark.slow

SEVERAL_PLACES = "There is more than one place of this name. Choose the one you mean."
SEVERAL_FORCES = "This name leads to several forces. Choose the one you mean."


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


def forces_of(shown: str) -> list[str]:
    """Return the codes of the forces to which a page links, in order."""
    return re.findall(r'href="/forces/([^"/?]+)"', shown)


@pytest.mark.parametrize("q", ["Yorkshire", "Middlesex", "Middx", "Cotswolds", "Glamorgan"])
def test_an_area_of_several_forces_is_not_said_to_be_several_places(
    service: Service, q: str
) -> None:
    shown = shown_for(service, q)
    assert SEVERAL_PLACES not in shown
    assert SEVERAL_FORCES in shown
    forces = forces_of(shown)
    assert len(forces) == len({*forces}) > 1


@pytest.mark.parametrize("q", ["London", "Durham", "Gloucestershire", "Kent", "Yorkshire"])
def test_a_force_is_offered_once(service: Service, q: str) -> None:
    forces = forces_of(shown_for(service, q))
    assert len(forces) == len({*forces})


def test_a_place_of_one_name_is_not_joined_by_general_knowledge(service: Service) -> None:
    shown = unescape(shown_for(service, "London"))
    assert "Found by “London”" not in shown
    assert "London, in Westminster: <a" in shown
    assert "city-of-london" in forces_of(shown)


@pytest.mark.parametrize(
    ("q", "force"),
    [
        ("West Mids", "west-midlands"),
        ("Hants", "hampshire"),
        ("Bucks", "thames-valley"),
        ("Berks", "thames-valley"),
        ("Oxon", "thames-valley"),
        ("Worcs", "west-mercia"),
        ("Salop", "west-mercia"),
        ("Brum", "west-midlands"),
        ("Derbys", "derbyshire"),
        ("mayor of London", "metropolitan"),
        ("London mayor", "metropolitan"),
    ],
)
def test_a_well_known_short_name_leads_to_its_force(service: Service, q: str, force: str) -> None:
    shown = unescape(shown_for(service, q))
    assert forces_of(shown)[0] == force
    assert "Found by “" in shown
    assert "Nothing was found" not in shown


@pytest.mark.parametrize(
    ("q", "force", "reason"),
    [
        ("what did inspectors say about Rotherham", "south-yorkshire", "Rotherham: <a"),
        ("Rotherham child sexual exploitation", "south-yorkshire", "Rotherham: <a"),
        ("Telford missing children", "west-mercia", "Telford, in Telford and Wrekin: <a"),
        ("telford missing children", "west-mercia", "Telford, in Telford and Wrekin: <a"),
        ("missing children in Reading", "thames-valley", "Reading: <a"),
        ("Cardiff child protection", "south-wales", "Cardiff: <a"),
        ("Kent child protection", "kent", None),
        ("child protection and Kent zebra", "kent", None),
        ("Met Police missing children", "metropolitan", "Found by “Met Police”."),
        ("what is the Met doing about zebras", "metropolitan", "Found by “The Met”."),
        ("Hants Police missing zebras", "hampshire", "Found by “Hants Police”."),
        ("Hants Police child protection", "hampshire", "Found by “Hants Police”."),
        ("Wales zebra", "dyfed-powys", "One of the four forces of Wales."),
        ("Bucks missing children", "thames-valley", "Found by “Bucks”: <a"),
        ("when will Kent be inspected", "kent", None),
    ],
)
def test_the_force_of_a_name_within_a_question_is_offered(
    service: Service, q: str, force: str, reason: str | None
) -> None:
    shown = unescape(shown_for(service, q))
    assert forces_of(shown)[0] == force
    assert {"forces", "places"} & {*sections(shown)}
    assert reason is None or reason in shown
    assert "Nothing was found for" not in shown


def test_words_without_results_are_not_said_to_be_answered(service: Service) -> None:
    assert searched(service, "what about zebras in Kent")["answered"] is None
    assert searched(service, "what about children in Reading")["answered"] == "children Reading"


def test_the_other_words_of_a_question_are_searched_for_of_the_force(service: Service) -> None:
    answer = searched(service, "Cardiff child protection")
    assert (answer["of_force"], answer["words"]) == ("south-wales", "child protection")
    reports = answer["reports"]["items"]
    assert reports
    assert {item["listing"]["force"] for item in reports} == {"south-wales"}
    several = searched(service, "Newport missing children")
    assert (several["of_force"], several["recommendations"]["count"]) == (None, 0)
    assert len(several["places"]) > 1


def test_a_place_outside_is_known_within_a_question(service: Service) -> None:
    for q in ("Jersey child abuse", "what about child zebras in Northern Ireland"):
        assert sections(shown_for(service, q)) == ["outside"]
    for q in ("Scotland Yard zebra", "England zebra"):
        assert "outside" not in sections(shown_for(service, q))
    assert forces_of(shown_for(service, "England zebra")) == []


SILENT = "Nothing is on record here about %s."


def test_that_nothing_is_on_record_about_a_force_is_said_only_if_true(service: Service) -> None:
    for code, force in FORCES.items():
        shown = unescape(shown_for(service, f"{force.name} zebras"))
        counts = [
            len(service.get(f"/v1/{kind}?force={code}&limit=1").json()["items"])
            for kind in ("recommendations", "reports", "statements")
        ]
        assert (SILENT % force.name in shown) == (not any(counts)), code
        words = f"Nothing on record here about {force.name} has the words “zebras”."
        assert (words in shown) == any(counts), code
    assert SILENT % "Kent Police" in unescape(shown_for(service, "Kent"))


@pytest.mark.parametrize("q", ["reading of zebras", "actions met zebra", "Sale zebra", "the deal"])
def test_an_ordinary_word_is_not_taken_for_a_name(service: Service, q: str) -> None:
    answer = searched(service, q)
    assert [lead for lead in answer["places"] if q != "the deal"] == []
    assert "metropolitan" not in {lead["force"] for lead in answer["forces"]}


@pytest.mark.parametrize(
    "q",
    ["how do I complain about the police", "MASH", "Jay report", "the Jay report", "Oxon", "mesh"],
)
def test_a_suggestion_is_not_far_from_what_was_typed(service: Service, q: str) -> None:
    shown = shown_for(service, q)
    for astray in ("Cowplain", "Masham", "Jaywick", "Oxton", "Jays"):
        assert astray not in shown
    assert "Did you mean" not in shown


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("vunerable children", "vulnerable children"),
        ("vuknerable children", "vulnerable children"),
        ("What happened to Newprot?", "What happened to Newport?"),
    ],
)
def test_a_word_is_corrected_within_the_whole_question(
    service: Service, q: str, words: str
) -> None:
    shown = unescape(shown_for(service, q))
    assert f'">{words}</a>' in shown
    assert searched(service, q)["nearest"]["words"] == words


@pytest.mark.parametrize(
    ("q", "other"),
    [
        ("CSE", "child sexual exploitation"),
        ("MASH", "safeguarding hub"),
        ("paedophile", "sex offender"),
        ("grooming", "sexual exploitation"),
        ("county lines", "criminal exploitation"),
        ("missing kids", "missing children"),
    ],
)
def test_a_question_is_also_asked_in_other_words(service: Service, q: str, other: str) -> None:
    answer = searched(service, q)
    assert other in answer["also"]
    assert answer["words"].startswith(f"{q} or {other}")
    for kind in ("recommendations", "statements", "reports"):
        alone = service.get(f"/v1/{kind}", params={"q": other, "limit": "500"}).json()["items"]
        assert answer[kind]["count"] >= len(alone)
    assert answer["recommendations"]["count"] > 0
    assert f"“{other}”" in shown_for(service, q)


def test_what_has_no_other_words_is_asked_once(service: Service) -> None:
    for q in ("children", "“CSE”", '"CSE"', "CSE -plan", "CSE or plan"):
        answer = searched(service, q)
        assert (answer["also"], answer["words"]) == ([], q)
    fgm = shown_for(service, "FGM")
    assert "Nothing was found for “FGM”" in fgm
    assert "female genital mutilation" in fgm


@pytest.mark.parametrize(
    ("q", "href"),
    [
        ("board pack", "/board-pack"),
        ("compare two days", "/compare"),
        ("methodology", "/about/methodology"),
        ("verify", "/about/verify"),
        ("download csv", "/data"),
        ("accessibility", "/about/accessibility"),
        ("contact", "/contact"),
        ("corrections", "/contact"),
        ("complain", "/contact"),
        ("how do I complain about the police", "/contact"),
        ("How do I complain about Kent Police?", "/contact"),
        ("How can I verify the record?", "/about/verify"),
        ("is my force any good at protecting children?", "/forces"),
        ("email alerts", "/alerts"),
    ],
)
def test_the_words_of_a_page_lead_to_it(service: Service, q: str, href: str) -> None:
    shown = shown_for(service, q)
    assert "pages" in sections(shown)
    links = shown[shown.index('id="pages"') :]
    assert f'href="{href}"' in links[: links.index("</ul>")]
    assert "Nothing was found" not in shown


@pytest.mark.parametrize("q", ["initial contact", "Kent", "missing children", "police", "zebra"])
def test_other_words_lead_to_no_page(service: Service, q: str) -> None:
    assert "pages" not in sections(shown_for(service, q))


@pytest.mark.parametrize("each", SERVICE_PAGES, ids=lambda each: each.href)
def test_the_pages_of_the_service_have_the_titles_that_the_search_shows(
    service: Service, each: ServicePage
) -> None:
    shown = read(service, each.href)
    title = unescape(re.findall(r"<title>(.*?)</title>", shown)[0])
    title = title.removeprefix("Training: fictional. ")
    assert title.startswith(f"{each.title()} – "), title  # noqa: RUF001
    assert each.href in [link.href for link in pages_named(each.title())]


def test_the_name_of_a_training_force_is_said_to_be_fictional(service: Service) -> None:
    for code, name in (
        ("training-ambleford", "Ambleford"),
        ("training-brindlewick", "what about Brindlewick Police?"),
    ):
        shown = unescape(shown_for(service, name))
        assert sections(shown)[0] == "fictional"
        assert "a fictional force of the training world" in shown
        assert f'href="/forces/{code}"' in shown
        assert "training=true" in shown
    for q in ("training", "police training", "real", "Kent"):
        assert "fictional" not in sections(shown_for(service, q))
