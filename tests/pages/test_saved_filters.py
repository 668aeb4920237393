"""Saved filters: a person's own, limited in number, of lists that exist, and deleted at once."""

import pytest

from adapters.postgres.database import Database
from adapters.work.saved_filters import SAVED_MAX
from domain.vocabulary.actors import Actor
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR
from tests.support.served.browser import Browser
from tests.support.served.forms import words_of
from tests.support.served.serving import Service

pytestmark = pytest.mark.slow

FILTER = {"path": "/work", "query": "work=check_claim&order=force", "name": "Claims of  Kent"}


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, OTHER_INSPECTOR, KENT)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


def sent(browser: Browser, path: str, /, **fields: str) -> int:
    return browser.post(path, {"_csrf": browser.csrf, **fields}).status_code


def test_a_filter_is_saved_listed_to_its_owner_alone_and_deleted(
    signed_in: dict[Actor, Browser],
) -> None:
    owner = signed_in[INSPECTOR]
    assert sent(owner, "/work/filters", **FILTER) == 303
    link = '<a class="govuk-link" href="/work?work=check_claim&amp;order=force">Claims of Kent</a>'
    assert link in owner.get("/work").text
    assert "Claims of Kent" not in signed_in[OTHER_INSPECTOR].get("/work").text
    assert sent(signed_in[OTHER_INSPECTOR], "/work/filters/delete", name="Claims of Kent") == 303
    assert link in owner.get("/work").text
    assert sent(owner, "/work/filters/delete", name="Claims of Kent") == 303
    assert "Claims of Kent" not in owner.get("/work").text


def test_a_filter_of_the_same_name_takes_the_place_of_the_one_before(
    signed_in: dict[Actor, Browser],
) -> None:
    owner = signed_in[KENT]
    register = {"path": "/recommendations", "name": "Open ones"}
    assert sent(owner, "/work/filters", query="open=true", **register) == 303
    assert sent(owner, "/work/filters", query="open=true&force=kent", **register) == 303
    page = owner.get("/work")
    assert words_of(page).count("Open ones") == 2  # the link, and the name of its button
    assert 'href="/recommendations?open=true&amp;force=kent"' in page.text


def test_a_person_keeps_a_limited_number_of_filters(signed_in: dict[Actor, Browser]) -> None:
    owner = signed_in[OTHER_INSPECTOR]
    for number in range(SAVED_MAX):
        assert sent(owner, "/work/filters", **{**FILTER, "name": f"Filter {number}"}) == 303
    fields = {"_csrf": owner.csrf, **FILTER, "name": "One more"}
    refused = owner.post("/work/filters", fields)
    assert refused.status_code == 400
    assert f"You have {SAVED_MAX} saved filters. Delete one first." in words_of(refused)
    assert sent(owner, "/work/filters", **{**FILTER, "name": "Filter 3"}) == 303


@pytest.mark.parametrize(
    ("field", "text", "status"),
    [
        ("name", "", 400),
        ("name", "x" * 81, 400),
        ("path", "//elsewhere.example", 400),
        ("path", "/forces", 400),
        ("query", "work=nothing", 400),
        ("query", "nothing=1", 400),
    ],
)
def test_what_is_no_filter_of_a_list_is_refused(
    signed_in: dict[Actor, Browser], field: str, text: str, status: int
) -> None:
    assert sent(signed_in[INSPECTOR], "/work/filters", **{**FILTER, field: text}) == status


def test_a_tool_saves_no_filters(service: Service) -> None:
    answer = service.client.post("/work/filters", data=FILTER, headers=service.headers(INSPECTOR))
    assert answer.status_code == 403


def test_saving_and_deleting_a_filter_are_confirmed_above_the_list(
    signed_in: dict[Actor, Browser],
) -> None:
    owner = signed_in[KENT]
    saved = owner.post("/work/filters", {"_csrf": owner.csrf, **FILTER, "name": "Ours & theirs"})
    assert saved.headers["Location"] == "/work?saved=Ours+%26+theirs"
    page = owner.get(saved.headers["Location"])
    assert "Saved The filter “Ours & theirs” is saved." in words_of(page)
    assert words_of(page).index("Your saved filters") < words_of(page).index("What waits for you")
    assert "is saved" not in words_of(owner.get("/work?saved=Of+somebody+else"))
    deletion = {"_csrf": owner.csrf, "name": "Ours & theirs"}
    deleted = owner.post("/work/filters/delete", deletion)
    page = owner.get(deleted.headers["Location"])
    assert "Deleted The saved filter is deleted." in words_of(page)
    assert "Ours & theirs" not in words_of(page)
