"""Names, abbreviations and words that a question is made of, and where they lead."""

import re
from html import unescape

import pytest

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


@pytest.mark.parametrize("q", ["London", "Durham", "Gloucestershire", "Bristol", "Yorkshire"])
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
