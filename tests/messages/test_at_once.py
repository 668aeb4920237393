"""People are told at once, by mail, of steps that concern them; and nobody else is."""

import re
from datetime import timedelta
from functools import partial

import psycopg
import pytest

from adapters.messages import following
from adapters.messages.outbox import BOUNCES_MAX
from adapters.postgres.database import OWNER, Database
from domain.vocabulary.actors import Actor, Role
from tests.messages.conftest import PUBLIC, Join
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, KENT_BODY, issue
from tests.support.served.mailbox import TAKEN, Mailbox, links_in, subjects, text_of
from tests.support.served.program import eventually
from tests.support.served.serving import Published, Service, command, published

pytestmark = pytest.mark.slow

PRIVATE = "Never in a mail."


@pytest.fixture(autouse=True)
def alone(box: Mailbox, make_database: Database) -> None:
    """Begin each test without recipients."""
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("DELETE FROM message_recipients")
        connection.execute("DELETE FROM force_leads")
    box.mails.clear()
    box.asked.clear()
    box.answers = lambda _address: TAKEN


@pytest.fixture
def _gathering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gather for longer than a slow machine takes to record a few steps."""
    monkeypatch.setattr(following, "GATHERED", timedelta(seconds=5))


@pytest.fixture
def report(service: Service, request: pytest.FixtureRequest) -> Published:
    name = re.sub(r"[^a-z]+", "-", request.node.name)
    return published(
        service, f"kent-{name[:60].strip('-')}-2022", issue("kent"), issue("kent", ordinal=2)
    )


def ask_for_changes(service: Service, stream: str) -> None:
    """Record an action plan of Kent, and that inspectors ask for changes to it."""
    plan = {"answer": "act", "content": PRIVATE}
    received = command(service, stream, KENT, "receive_action_plan", on="2022-09-01", **plan)
    assert received.status_code == 201, received.text
    review = {"outcome": "changes_requested", "remarks": PRIVATE}
    answer = command(service, stream, INSPECTOR, "review_action_plan", on="2022-09-02", **review)
    assert answer.status_code == 201, answer.text


@pytest.mark.usefixtures("_gathering")
def test_a_force_is_told_in_one_mail_of_the_changes_asked_for(
    service: Service, join: Join, box: Mailbox, report: Published
) -> None:
    join(KENT, "liaison@kent.example")
    for stream in report.recommendations:
        ask_for_changes(service, stream)
    _confirm, mail = box.wait_for("liaison@kent.example", 2)
    assert str(mail["Subject"]) == "2 new steps that concern you"
    text = text_of(mail)
    assert "Kent Police: Inspectors asked for changes to the action plan" in text
    pages = [f"{PUBLIC}/recommendations/{stream}" for stream in report.recommendations]
    assert links_in(mail)[:2] == pages
    assert PRIVATE not in mail.as_string()


def test_an_author_another_force_and_a_training_force_are_told_nothing(
    service: Service, join: Join, box: Mailbox, report: Published
) -> None:
    join(ESSEX, "liaison@essex.example")
    join(KENT_BODY, "office@kent-pcc.example")
    join(INSPECTOR, "inspector@example.org")
    join(KENT, "liaison@kent.example")
    ask_for_changes(service, report.recommendations[0])
    box.wait_for("liaison@kent.example", 2)
    for address in ("liaison@essex.example", "office@kent-pcc.example", "inspector@example.org"):
        assert subjects(box.to(address)) == ["Confirm your email address"], address


def test_the_inspector_who_leads_a_force_is_told_of_its_answers(
    service: Service, join: Join, box: Mailbox, report: Published
) -> None:
    join(INSPECTOR, "inspector@example.org")
    assert service.client.patch(
        "/v1/portfolios/kent", json={"lead": INSPECTOR.id}, headers=service.headers(INSPECTOR)
    ).is_success
    plan = {"answer": "act", "content": PRIVATE}
    stream = report.recommendations[0]
    command(service, stream, KENT, "receive_action_plan", on="2022-09-01", **plan)
    _confirm, mail = box.wait_for("inspector@example.org", 2)
    assert "The force answered with an action plan" in text_of(mail)
    assert PRIVATE not in mail.as_string()


def test_nothing_is_sent_to_an_address_that_nobody_confirmed(
    service: Service, join: Join, box: Mailbox, report: Published, make_database: Database
) -> None:
    join(KENT, "liaison@kent.example")
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("UPDATE message_recipients SET confirmed_at = NULL")
    ask_for_changes(service, report.recommendations[0])
    join(ESSEX, "liaison@essex.example")  # whose mail comes after those of before
    assert subjects(box.to("liaison@kent.example")) == ["Confirm your email address"]


def test_whoever_lost_their_role_before_the_mail_went_is_told_nothing(
    service: Service, join: Join, box: Mailbox, report: Published, make_database: Database
) -> None:
    join(KENT, "liaison@kent.example")
    box.answers = lambda _address: "451 Later"
    ask_for_changes(service, report.recommendations[0])
    assert eventually(lambda: box.asked.count("liaison@kent.example") > 2)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("UPDATE people SET force = 'essex' WHERE actor = %s", (KENT.id,))
    box.answers = lambda _address: TAKEN
    assert eventually(lambda: states(make_database)[-1] == ("given_up", "not-allowed"))
    assert subjects(box.to("liaison@kent.example")) == ["Confirm your email address"]


def test_a_step_that_was_withdrawn_before_the_mail_went_is_told_to_nobody(
    service: Service, join: Join, box: Mailbox, report: Published, make_database: Database
) -> None:
    join(KENT, "liaison@kent.example")
    box.answers = lambda _address: "451 Later"
    ask_for_changes(service, report.recommendations[0])
    withdrawn = command(
        service, report.recommendations[0], INSPECTOR, "withdraw", steps=[3], why="A slip."
    )
    assert withdrawn.status_code == 201, withdrawn.text
    box.answers = lambda _address: TAKEN
    assert eventually(lambda: states(make_database)[-1] == ("given_up", "withdrawn"))
    assert subjects(box.to("liaison@kent.example")) == ["Confirm your email address"]


def test_a_mail_that_is_not_taken_now_is_tried_again_and_comes_once(
    service: Service, join: Join, box: Mailbox, report: Published
) -> None:
    join(KENT, "liaison@kent.example")
    box.answers = lambda _address: "451 Later"
    ask_for_changes(service, report.recommendations[0])
    assert eventually(lambda: box.asked.count("liaison@kent.example") > 3)
    box.answers = lambda _address: TAKEN
    box.wait_for("liaison@kent.example", 2)


@pytest.mark.usefixtures("_gathering")
def test_a_server_that_is_away_for_a_while_loses_nothing(
    service: Service, join: Join, box: Mailbox, report: Published
) -> None:
    join(KENT, "liaison@kent.example")
    box.stop()
    try:
        for stream in report.recommendations:
            ask_for_changes(service, stream)
        eventually(lambda: False, 6)
    finally:
        box.start()
    box.wait_for("liaison@kent.example", 2)


def test_an_address_that_refuses_five_times_is_sent_nothing_more_until_it_is_saved_again(
    service: Service, join: Join, box: Mailbox, make_database: Database
) -> None:
    *streams, last = [
        published(service, f"kent-refused-{number}-2023").recommendations[0]
        for number in range(BOUNCES_MAX + 1)
    ]
    browser = join(KENT, "liaison@kent.example")
    box.answers = lambda _address: "550 Nobody of that name"
    for number, stream in enumerate(streams, 1):
        ask_for_changes(service, stream)
        assert eventually(partial(_refused, make_database, number))
    ask_for_changes(service, last)
    eventually(lambda: False, 2)
    assert box.asked.count("liaison@kent.example") == 1 + BOUNCES_MAX
    assert "refused our messages" in browser.get("/messages").text


def test_an_unconfirmed_training_person_is_told_that_it_is_training(
    service: Service, join: Join, box: Mailbox
) -> None:
    trainer = Actor("training-force", Role.FORCE, "training")
    join(trainer, "trainee@example.org")
    published(service, "training-told-2024", issue("training"), force="training")
    _confirm, mail = box.wait_for("trainee@example.org", 2)
    assert "Training: " in text_of(mail)


def test_a_force_is_told_at_once_of_what_a_report_about_all_forces_asks_of_it(
    service: Service, join: Join, box: Mailbox
) -> None:
    join(ESSEX, "liaison@essex.example")
    join(KENT, "liaison@kent.example")
    join(KENT_BODY, "office@kent-pcc.example")
    every = [issue("kent"), issue("essex", ordinal=2)]
    report = published(service, "national-told-2024", *every, force="national")
    for address in ("liaison@kent.example", "office@kent-pcc.example"):
        _confirm, mail = box.wait_for(address, 2)
        assert "Kent Police: A recommendation was made" in text_of(mail)
        assert links_in(mail)[0] == f"{PUBLIC}/recommendations/{report.recommendations[0]}"
        assert "Essex" not in text_of(mail)


def _refused(database: Database, many: int) -> bool:
    return states(database).count(("failed", "550")) >= many


def states(database: Database) -> list[tuple[str, str | None]]:
    """Return the state and failure of every message, in their order."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        rows = connection.execute("SELECT state, failure FROM messages ORDER BY number").fetchall()
    return [(state, failure) for state, failure in rows] or [("none", None)]
