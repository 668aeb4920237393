"""Lists by the number of a page: the same items as by cursor, in the same order."""

import pytest

from tests.support.data.examples import issue
from tests.support.served.serving import Service, published

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def position(service: Service) -> int:
    """The position after three reports, of a recommendation each."""
    made = [published(service, f"kent-numbered-202{n}", issue("kent")) for n in (1, 2, 3)]
    return made[-1].position


@pytest.mark.parametrize("path", ["/v1/recommendations", "/v1/reports"])
def test_the_pages_of_a_list_have_numbers(service: Service, position: int, path: str) -> None:
    every = service.get(f"{path}?position={position}").json()["items"]
    assert len(every) == 3
    pages = [service.get(f"{path}?limit=2&page={number}").json()["items"] for number in (1, 2, 3)]
    assert pages == [every[:2], every[2:], []]


@pytest.mark.parametrize("query", ["page=0", "page=10001", "page=x", "page=1&cursor=abc"])
def test_a_page_that_cannot_be_is_refused(service: Service, query: str) -> None:
    answer = service.get(f"/v1/recommendations?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "page"
