"""People on pages: picked by name, recorded by their identifiers, and named to few."""

import psycopg
import pytest

from adapters.identity.links import make_link
from adapters.identity.people import Colleague
from adapters.postgres.database import OWNER, Database
from api.pages.people import Inspectors
from domain.vocabulary.actors import Actor, Role
from tests.support.data.examples import ADMIN, INSPECTOR, KENT, OTHER_INSPECTOR, issue
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import AUDITOR, Service, command, published

ZOE, ANA = "p-zoe", "p-ana"
SHOWN = "Zoë O\u2019Brien"
NAMES = {ZOE: SHOWN, ANA: "Ana Lee"}
FOLLOW_UP = {"kind": "monitoring", "procedure": "2025"}


@pytest.fixture(autouse=True)
def named(make_database: Database) -> None:
    """Two inspectors who have signed in with their names, and somebody of a force."""
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("TRUNCATE people")
        for actor, name in NAMES.items():
            connection.execute(
                "INSERT INTO people (actor, authority, subject, name, role, signed_in_at)"
                " VALUES (%s, 'tenant', %s, %s, 'inspector', now())",
                (actor, actor, name),
            )
        connection.execute(
            "INSERT INTO people (actor, authority, subject, name, role, force, signed_in_at)"
            " VALUES ('p-kent', 'tenant', 'p-kent', 'Kent Person', 'force', 'kent', now())"
        )


@pytest.fixture(scope="module")
def inspector(service: Service, make_database: Database) -> Browser:
    return Browser(service).sign_in(make_database, INSPECTOR)


@pytest.fixture(scope="module")
def stream(service: Service) -> str:
    """A recommendation that waits for a follow-up to be assigned."""
    stream = published(service, "kent-people-2026", issue("kent")).recommendations[0]
    command(service, stream, KENT, "receive_action_plan", answer="act", content="We will.")
    command(service, stream, INSPECTOR, "review_action_plan", outcome="accepted")
    return stream


def crowd(database: Database) -> None:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute(
            "INSERT INTO people (actor, authority, subject, name, role, signed_in_at)"
            " SELECT 'p-' || n, 'tenant', n::text, 'Sam Crowd ' || n, 'inspector', now()"
            " FROM generate_series(1, 40) n"
        )


def test_an_assignee_is_picked_by_name_and_recorded_by_identifier(
    service: Service, inspector: Browser, stream: str
) -> None:
    asked = inspector.get(f"/recommendations/{stream}/record/assign_follow_up")
    assert f'<option value="{ZOE}">{SHOWN}</option>' in asked.text
    assert "Kent Person" not in asked.text
    check = send(inspector, posted(asked), "check", {**FOLLOW_UP, "assignee": ZOE})
    assert f"Assigned to {SHOWN}" in words_of(check)
    assert posted(check).fields["assignee"] == ZOE
    before = service.get(f"/v1/recommendations/{stream}/history", INSPECTOR).text
    assert SHOWN not in before


def test_of_many_inspectors_one_is_found_by_part_of_the_name(
    inspector: Browser, make_database: Database, stream: str
) -> None:
    crowd(make_database)
    asked = inspector.get(f"/recommendations/{stream}/record/assign_follow_up")
    assert "Sam Crowd" not in asked.text
    check = send(inspector, posted(asked), "check", {**FOLLOW_UP, "assignee-name": "obrien zoe"})
    assert f"Assigned to {SHOWN}" in words_of(check)


def test_a_name_of_several_inspectors_is_not_guessed_but_chosen(
    inspector: Browser, make_database: Database, stream: str
) -> None:
    crowd(make_database)
    asked = inspector.get(f"/recommendations/{stream}/record/assign_follow_up")
    again = send(inspector, posted(asked), "check", {**FOLLOW_UP, "assignee-name": "crowd 1"})
    assert again.status_code == 400
    assert "Choose one of the inspectors with this name" in words_of(again)
    assert "Sam Crowd 12" in words_of(again)
    assert "Sam Crowd 2" not in words_of(again)
    check = send(inspector, posted(again), "check", {"assignee": "p-12"})
    assert "Assigned to Sam Crowd 12" in words_of(check)


def test_a_name_of_nobody_is_an_error_that_keeps_what_was_typed(
    inspector: Browser, make_database: Database, stream: str
) -> None:
    crowd(make_database)
    asked = inspector.get(f"/recommendations/{stream}/record/assign_follow_up")
    again = send(inspector, posted(asked), "check", {**FOLLOW_UP, "assignee-name": "Nobody"})
    assert "No inspector has this name" in words_of(again)
    assert posted(again).fields["assignee-name"] == "Nobody"


def test_a_service_that_knows_no_inspector_takes_an_identifier(
    inspector: Browser, make_database: Database, stream: str
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("TRUNCATE people")
    asked = inspector.get(f"/recommendations/{stream}/record/assign_follow_up")
    check = send(inspector, posted(asked), "check", {**FOLLOW_UP, "assignee": "inspector-9"})
    assert "Assigned to inspector-9" in words_of(check)


def test_an_assignee_is_named_to_inspectors_and_auditors_and_to_nobody_else(
    service: Service, make_database: Database
) -> None:
    stream = published(service, "kent-named-2026", issue("kent")).recommendations[0]
    command(service, stream, KENT, "receive_action_plan", answer="act", content="We will.")
    command(service, stream, INSPECTOR, "review_action_plan", outcome="accepted")
    command(service, stream, INSPECTOR, "assign_follow_up", assignee=ZOE, **FOLLOW_UP)
    path = f"/recommendations/{stream}"
    for actor in (INSPECTOR, AUDITOR, ADMIN):
        page = Browser(service).sign_in(make_database, actor).get(path)
        assert f"Assigned to {SHOWN}" in words_of(page), actor
        history = Browser(service).sign_in(make_database, actor).get(f"{path}/history")
        assert f"Assigned to {SHOWN} ({ZOE})" in words_of(history), actor
    form = Browser(service).sign_in(make_database, INSPECTOR).get(f"{path}/record/change_follow_up")
    assert f"Assigned to {SHOWN}" in words_of(form)
    of_force = Browser(service).sign_in(make_database, KENT).get(path)
    assert f"Assigned to {ZOE}" in words_of(of_force)
    assert SHOWN not in of_force.text + Browser(service).get(path).text
    history = Browser(service).sign_in(make_database, KENT).get(f"{path}/history")
    assert f"Assigned to {ZOE}" in words_of(history)
    assert SHOWN not in history.text


def test_who_recorded_a_step_is_named_to_those_who_may_know_colleagues(
    service: Service, make_database: Database, stream: str
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute(
            "INSERT INTO people (actor, authority, subject, name, role, signed_in_at)"
            " VALUES (%s, 'tenant', 'rae', 'Rae Reader', 'inspector', now())",
            (INSPECTOR.id,),
        )
        connection.execute("UPDATE people SET actor = %s WHERE actor = 'p-kent'", (KENT.id,))
    path = f"/recommendations/{stream}"
    inspector, auditor, of_force = (
        words_of(Browser(service).sign_in(make_database, actor).get(path))
        for actor in (OTHER_INSPECTOR, AUDITOR, KENT)
    )
    assert "Recorded by inspector Rae Reader on" in inspector
    assert f"Recorded by force liaison {KENT.id} on" in inspector, "who is no colleague"
    assert "Recorded by inspector Rae Reader on" in auditor
    assert "Recorded by force liaison Kent Person on" in auditor
    assert f"Recorded by inspector {INSPECTOR.id} on" in of_force
    assert "Rae Reader" not in of_force
    by_inspector, by_auditor, by_force = (
        words_of(Browser(service).sign_in(make_database, actor).get(f"{path}/history"))
        for actor in (OTHER_INSPECTOR, AUDITOR, KENT)
    )
    assert f"by inspector Rae Reader ({INSPECTOR.id})" in by_inspector
    assert f"by force liaison {KENT.id}" in by_inspector
    assert f"by force liaison Kent Person ({KENT.id})" in by_auditor
    assert f"by inspector {INSPECTOR.id}" in by_force
    assert "Rae Reader" not in by_force


def test_a_person_who_signs_in_by_a_link_with_a_name_can_be_picked(
    service: Service, make_database: Database, stream: str
) -> None:
    actor = Actor("i-77", Role.INSPECTOR)
    code = make_link(make_database.conninfo(OWNER), actor, name="Mo  Farrow")
    browser = Browser(service)
    assert browser.post("/sign-in/link", {"code": code}).status_code == 303
    asked = browser.get(f"/recommendations/{stream}/record/assign_follow_up")
    assert '<option value="i-77">Mo Farrow</option>' in asked.text
    people = service.get("/v1/people?limit=100", ADMIN).json()["items"]
    assert [person["name"] for person in people if person["actor"] == "i-77"] == ["Mo Farrow"]


def test_somebody_who_lost_the_role_or_long_did_not_sign_in_is_not_offered(
    inspector: Browser, make_database: Database, stream: str
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("UPDATE people SET role = 'public' WHERE actor = %s", (ZOE,))
        connection.execute(
            "UPDATE people SET signed_in_at = now() - interval '3 years' WHERE actor = %s", (ANA,)
        )
    asked = inspector.get(f"/recommendations/{stream}/record/assign_follow_up")
    assert SHOWN not in asked.text
    assert "Ana Lee" not in asked.text


def test_two_inspectors_of_the_same_name_are_told_apart() -> None:
    people = Inspectors((Colleague("p-1", "Ana Lee"), Colleague("p-2", "Ana Lee")))
    assert people.options == {"p-1": "Ana Lee (p-1)", "p-2": "Ana Lee (p-2)"}
