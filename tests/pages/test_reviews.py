"""Reviews of several plans: whose plans are listed first, page by page, and the way to undo."""

import re
from uuid import uuid4

import pytest

from adapters.postgres.database import Database
from domain.vocabulary.actors import Actor, Role
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, OTHER_INSPECTOR, issue
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import AUDITOR, Published, Service, command, published

pytestmark = pytest.mark.slow

PATH = "/record/reviews"
SHOWN = re.compile(r'name="step-([0-9a-f-]{36})"')
UNDO = re.compile(r'href="(/recommendations/[0-9a-f-]{36}/record/withdraw\?[^"]*)"')


@pytest.fixture(scope="module")
def inspector(service: Service, make_database: Database) -> Browser:
    return Browser(service).sign_in(make_database, INSPECTOR)


def planned(service: Service, force: str, many: int) -> Published:
    """A report whose plans wait for a review."""
    issues = [issue(force, ordinal=n, text=f"Do thing {n}.") for n in range(1, many + 1)]
    made = published(service, f"{force}-{uuid4().hex}", *issues, force=force)
    plan = {"answer": "act", "content": "We will."}
    answers = [
        command(service, stream, INSPECTOR, "receive_action_plan", **plan)
        for stream in made.recommendations
    ]
    position = answers[-1].json()["position"]
    assert service.get(f"/v1/worklist?position={position}", INSPECTOR).is_success
    return made


def test_plans_of_training_and_of_one_force_are_listed_where_they_are_asked_for(
    service: Service, inspector: Browser
) -> None:
    training, gwent = planned(service, "training", 1), planned(service, "gwent", 1)
    shown = inspector.get(f"{PATH}?training=true")
    assert SHOWN.findall(shown.text) == training.recommendations
    assert "No action plans are waiting" not in words_of(shown)
    of_gwent = inspector.get(f"{PATH}?force=gwent&fbclid=1")
    assert SHOWN.findall(of_gwent.text) == gwent.recommendations
    assert not {*SHOWN.findall(inspector.get(PATH).text)} & {*training.recommendations}
    typed = {**posted(of_gwent).fields, f"outcome-{gwent.recommendations[0]}": "accepted"}
    assert f'action="{PATH}?force=gwent" method="post"' in of_gwent.text
    check = inspector.post(f"{PATH}?force=gwent", {**typed, "then": "check"})
    assert f'action="{PATH}?force=gwent"' in check.text, "a mistake leads back to the same list"
    assert inspector.get(f"{PATH}?force=atlantis").status_code == 400


def test_every_plan_that_waits_is_reached_page_by_page(
    service: Service, inspector: Browser
) -> None:
    made = planned(service, "durham", 23)
    first, second = (inspector.get(f"{PATH}?force=durham&page={page}") for page in (1, 2))
    assert "Showing 1 to 20 of 23. Sorted by most urgent first." in words_of(first)
    assert 'rel="next"' in first.text
    listed = [*SHOWN.findall(first.text), *SHOWN.findall(second.text)]
    assert sorted(listed) == sorted(made.recommendations)


def test_plans_are_sorted_by_urgency_reference_or_force(
    service: Service, inspector: Browser
) -> None:
    later, sooner = planned(service, "wiltshire", 2), planned(service, "warwickshire", 1)
    words = {"urgency": "most urgent first", "reference": "reference", "force": "force"}
    for order, text in words.items():
        path = f"/v1/worklist?work=review_plan&order={order}&limit=20"
        items = service.get(path, INSPECTOR).json()["items"]
        page = inspector.get(f"{PATH}?mine=false&order={order}")
        assert SHOWN.findall(page.text) == [item["id"] for item in items]
        assert f"Sorted by {text}." in words_of(page)
        assert f'<input type="hidden" name="order" value="{order}">' in page.text
        if order != "urgency":
            keys = [(item[order], item["reference"]) for item in items]
            assert keys == sorted(keys)
            link = f"{PATH}?order={order}&amp;mine=false"
            assert f'href="{link}"' in inspector.get(f"{PATH}?mine=false").text
    of_two = inspector.get(f"{PATH}?order=reference&force=wiltshire")
    references = [
        service.get(f"/v1/recommendations/{stream}").json()["reference"]
        for stream in SHOWN.findall(of_two.text)
    ]
    assert references == sorted(references)
    assert {*SHOWN.findall(of_two.text)} == {*later.recommendations}
    assert sooner.recommendations[0] not in of_two.text
    assert "Sorted by most urgent first." in words_of(inspector.get(f"{PATH}?order=work"))
    assert inspector.get(f"{PATH}?order=colour").status_code == 400


def test_an_inspector_begins_with_the_plans_of_the_forces_they_lead(
    service: Service, make_database: Database
) -> None:
    led, other = planned(service, "essex", 1), planned(service, "surrey", 1)
    leader = Actor("inspector-of-essex", Role.INSPECTOR)
    answer = service.client.patch(
        "/v1/portfolios/essex", json={"lead": leader.id}, headers=service.headers(INSPECTOR)
    )
    assert answer.status_code == 200, answer.text
    browser = Browser(service).sign_in(make_database, leader)
    own = browser.get(PATH)
    assert {*SHOWN.findall(own.text)} == {*led.recommendations}
    assert "These plans are of the forces that you lead." in words_of(own)
    every = browser.get(f"{PATH}?mine=false")
    assert "These plans are" not in words_of(every)
    assert "Showing 1 to 20 of" in words_of(every)
    of_other = browser.get(f"{PATH}?mine=false&force=surrey")
    assert SHOWN.findall(of_other.text) == other.recommendations


def test_each_review_that_was_recorded_has_a_link_that_undoes_it(
    service: Service, inspector: Browser
) -> None:
    first, second = planned(service, "cleveland", 2).recommendations
    form = posted(inspector.get(f"{PATH}?force=cleveland"))
    typed = {f"outcome-{stream}": "accepted" for stream in (first, second)}
    check = send(inspector, form, "check", typed)
    assert command(service, second, INSPECTOR, "comment", comment="Wait.").status_code == 201
    done = send(inspector, posted(check), "record")
    assert UNDO.findall(done.text) == [f"/recommendations/{first}/record/withdraw?step=3"]
    undone = posted(inspector.get(UNDO.findall(done.text)[0]))
    assert undone.fields["steps-3"] == "3"
    check = send(inspector, undone, "check", {"why": "The wrong force."})
    assert send(inspector, posted(check), "record").status_code == 303
    assert service.get(f"/v1/recommendations/{first}").json()["plan"] == "received"


def test_a_plan_for_several_has_a_link_for_each_that_undoes_it(
    service: Service, make_database: Database
) -> None:
    force = Actor("norfolk-liaison", Role.FORCE, "norfolk")
    made = published(service, f"norfolk-{uuid4().hex}", issue("norfolk"), force="norfolk")
    service.get(f"/v1/recommendations?position={made.position}")
    browser = Browser(service).sign_in(make_database, force)
    (stream,) = made.recommendations
    plan = {"answer": "act", "content": "We will.", f"of-{stream}": "1"}
    check = send(browser, posted(browser.get("/record/plan")), "check", plan)
    done = send(browser, posted(check), "record")
    assert UNDO.findall(done.text) == [f"/recommendations/{stream}/record/withdraw?step=2"]


def test_the_responsible_post_is_named_to_readers_of_the_history_alone(
    service: Service, make_database: Database
) -> None:
    made = published(service, f"essex-{uuid4().hex}", issue("essex"), force="essex")
    (stream,) = made.recommendations
    command(service, stream, ESSEX, "name_owner", owner="Head of custody")
    named = command(service, stream, ESSEX, "name_owner", owner="Head of crime")
    page = f"/recommendations/{stream}"
    for actor in (ESSEX, INSPECTOR, AUDITOR):
        shown = words_of(Browser(service).sign_in(make_database, actor).get(page))
        assert "Responsible post Head of crime" in shown
    of_kent = Browser(service).sign_in(make_database, KENT)
    for browser in (of_kent, Browser(service)):
        assert "Head of crime" not in browser.get(page).text
    position = named.json()["position"]
    for actor in (ESSEX, OTHER_INSPECTOR):
        work = Browser(service).sign_in(make_database, actor)
        shown = words_of(work.get(f"/work?position={position}&force=essex&limit=100"))
        assert "Responsible post: Head of crime" in shown
