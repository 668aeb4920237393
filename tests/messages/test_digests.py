"""Digests: once a day or a week, of what waits for each person, as their page says."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from adapters.messages.outbox import Recipient
from adapters.postgres.database import OWNER, PROJECTOR, Database
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.dates import day_of
from domain.vocabulary.forces import FORCES, TRAINING_FORCES
from projections.read_models import READ_MODELS
from projections.runtime.rebuild import build_missing
from projections.worklist import listing
from projections.worklist.digests import ITEMS_MAX, digests
from projections.worklist.filter import CLOCKS_OF_ROLE, Share, WorklistFilter
from tests.messages.conftest import PUBLIC, Join, served_with
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, issue
from tests.support.data.inspections import Inspecting
from tests.support.data.paged import fill
from tests.support.served.mailbox import Mailbox, subjects, text_of
from tests.support.served.program import eventually
from tests.support.served.serving import Served, Service, published

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(box: Mailbox) -> Served:
    return served_with(box, TRACKER_MAIL_HOUR=0)


@pytest.fixture(autouse=True)
def alone(box: Mailbox, make_database: Database) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("DELETE FROM message_recipients")
    box.mails.clear()


def begin_day(database: Database) -> None:
    """Have the digests of today made as if they had not been."""
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("UPDATE message_progress SET digest_day = NULL")
        day = "SELECT digest_day FROM message_progress"
        assert eventually(lambda: connection.execute(day).fetchone() != (None,))


def test_a_digest_says_what_waits_for_a_person_and_comes_once_a_day(
    service: Service, join: Join, box: Mailbox, make_database: Database
) -> None:
    report = published(service, "kent-digest-2022", issue("kent"), issue("kent", ordinal=2))
    assert service.get(f"/v1/worklist?position={report.position}", INSPECTOR).is_success
    join(KENT, "liaison@kent.example", at_once="no", digest="daily")
    for _ in range(2):
        begin_day(make_database)
    _confirm, mail = box.wait_for("liaison@kent.example", 2)
    text = text_of(mail)
    assert str(mail["Subject"]) == "What waits for you"
    counts = {
        line.partition(": ")[0]: int(line.partition(": ")[2])
        for line in text.splitlines()
        if line.startswith(("Overdue: ", "Due within", "Waiting otherwise"))
    }
    assert counts == {"Overdue": 4, "Due within 14 days": 0, "Waiting otherwise": 0}
    assert f"{PUBLIC}/recommendations/{report.recommendations[0]}" in text
    assert "kent-digest-2022-r01" in text
    assert "Do it." not in text


def test_no_digest_comes_where_nothing_waits_or_none_was_chosen(
    service: Service, join: Join, box: Mailbox, make_database: Database
) -> None:
    published(service, "kent-digest-none-2022", issue("kent"))
    join(KENT, "liaison@kent.example", at_once="no", digest="none")
    join(INSPECTOR, "inspector@example.org", at_once="no", digest="daily")
    begin_day(make_database)
    eventually(lambda: False, 1)
    assert {*subjects(box.mails)} == {"Confirm your email address"}


def test_a_digest_counts_the_inspections_that_wait_for_a_person(
    service: Service, join: Join, box: Mailbox, make_database: Database
) -> None:
    join(ESSEX, "liaison@essex.example", at_once="no", digest="daily")
    essex = Inspecting(service, "essex-digest-2026")
    essex.sent("Train all officers.", force="essex")
    begin_day(make_database)
    _confirm, mail = box.wait_for("liaison@essex.example", 2)
    assert f"Inspections before publication: 1\n{PUBLIC}/inspections" in text_of(mail)
    assert "The most urgent" not in text_of(mail)
    assert essex.reference not in text_of(mail)


def test_a_digest_for_somebody_who_lost_their_force_meanwhile_is_not_sent(
    service: Service, join: Join, box: Mailbox, make_database: Database
) -> None:
    report = published(service, "kent-digest-lost-2022", issue("kent"))
    assert service.get(f"/v1/worklist?position={report.position}", INSPECTOR).is_success
    join(KENT, "liaison@kent.example", at_once="no", digest="daily")
    box.answers = lambda _address: "451 Later"
    begin_day(make_database)
    with psycopg.connect(make_database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("UPDATE people SET force = 'essex' WHERE actor = %s", (KENT.id,))
        box.answers = lambda _address: "250 OK"
        last = "SELECT state, failure FROM messages ORDER BY number DESC LIMIT 1"
        assert eventually(
            lambda: connection.execute(last).fetchone() == ("given_up", "not-allowed")
        )
    assert subjects(box.mails) == ["Confirm your email address"]


def test_a_digest_has_the_counts_of_each_persons_page_for_every_role_and_force(
    database: Database,
) -> None:
    fill(database, training=True)
    build_missing(database, READ_MODELS, lambda _done, _of: None)
    at = datetime.now(UTC)
    codes = sorted({*FORCES, *TRAINING_FORCES})
    actors = [
        *(Actor(f"force-{code}", Role.FORCE, code) for code in codes),
        *(Actor(f"body-{code}", Role.LOCAL_POLICING_BODY, code) for code in codes),
        *(Actor(f"inspector-{n}", Role.INSPECTOR) for n in range(6)),
    ]
    led = {f"inspector-{n}": codes[n * 9 : n * 9 + 9] for n in range(6)}
    recipients = [
        Recipient(
            uuid4(), "a@example.org", actor, None, None, uuid4(), confirmed=True, at_once=True,
            digest="daily", stopped=False, active=True, digested_at=at - timedelta(days=400),
        )
        for actor in actors
    ]  # fmt: skip
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        for lead, forces in led.items():
            for force in forces:
                connection.execute(
                    "INSERT INTO force_leads (force, lead, by, at) VALUES (%s, %s, %s, now())",
                    (force, lead, lead),
                )
    with psycopg.connect(database.conninfo(PROJECTOR)) as connection:
        made = digests(connection, recipients, [], at)
        assert made
        for recipient, actor in zip(recipients, actors, strict=True):
            clocks = CLOCKS_OF_ROLE.get(actor.role)
            own = tuple(led.get(actor.id, [])) if actor.force is None else (actor.force,)
            share = Share(own, None if clocks else actor.id, clocks)
            today, cursor = day_of(at), connection.cursor()
            every = sum(listing.counts(cursor, WorklistFilter(), today, share).values())
            new = WorklistFilter(new_since=at - timedelta(days=400))
            digest = made.get(recipient.id)
            assert (digest is None) == (every == 0), actor
            if digest is not None:
                assert digest.overdue + digest.due + digest.waiting == every, actor
                assert digest.new == sum(listing.counts(cursor, new, today, share).values())
                assert len(digest.items) == min(every, ITEMS_MAX)
