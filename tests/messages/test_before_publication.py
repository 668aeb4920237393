"""A force and the inspector who leads it are told of an inspection before its publication."""

import psycopg
import pytest

from adapters.postgres.database import OWNER, Database
from tests.messages.conftest import PUBLIC, Join
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR
from tests.support.data.inspections import CANARY, Inspecting
from tests.support.served.mailbox import Mailbox, links_in, subjects, text_of
from tests.support.served.serving import Service

pytestmark = pytest.mark.slow

FORCE, LEAD = "liaison@kent.example", "inspector@example.org"
OTHERS = {
    ESSEX: "liaison@essex.example",
    KENT_BODY: "office@kent-pcc.example",
    OTHER_INSPECTOR: "second@example.org",
}


@pytest.fixture
def joined(service: Service, make_database: Database, join: Join, box: Mailbox) -> None:
    """Kent's force, the inspector who leads it, and others, who all get messages."""
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("DELETE FROM message_recipients")
    box.mails.clear()
    for actor, address in {KENT: FORCE, INSPECTOR: LEAD, **OTHERS}.items():
        join(actor, address)
    led = service.client.patch(
        "/v1/portfolios/kent", json={"lead": INSPECTOR.id}, headers=service.headers(INSPECTOR)
    )
    assert led.is_success, led.text


@pytest.mark.usefixtures("joined")
def test_each_side_is_told_what_the_other_does_in_a_check_of_facts(
    service: Service, box: Mailbox
) -> None:
    kent = Inspecting(service, "kent-told-2026")
    kent.sent("Train all officers.", "Review the helpdesk.")
    (_confirm, sent) = box.wait_for(FORCE, 2)
    assert "Kent Police: A draft report was sent to the force, to check its facts" in text_of(sent)
    assert links_in(sent)[0] == f"{PUBLIC}/inspections/{kent.id}"
    comment = kent.comment("r1", f"{CANARY} are trained.")
    (_confirm, commented) = box.wait_for(LEAD, 2)
    assert "The force commented on a fact in a draft report" in text_of(commented)
    kent.answer(comment, "rejected")
    (*_, answered) = box.wait_for(FORCE, 3)
    assert "Inspectors answered a comment on a draft report" in text_of(answered)
    kent.done("finish_check", KENT, check=kent.get().json()["checks"][-1]["step"])
    (*_, finished) = box.wait_for(LEAD, 3)
    assert "The force finished its check of a draft report" in text_of(finished)
    assert not [mail for mail in box.mails if CANARY in mail.as_string()]
    for address in OTHERS.values():
        assert subjects(box.to(address)) == ["Confirm your email address"], address


@pytest.mark.usefixtures("joined")
def test_a_force_is_told_nothing_of_an_inspection_before_its_check(
    service: Service, box: Mailbox, make_database: Database
) -> None:
    unsent = Inspecting(service, "kent-unsent-2026")
    assert unsent.plan().is_success
    unsent.done("drop_inspection", OTHER_INSPECTOR, reason="Another comes first.")
    (_confirm, ended) = box.wait_for(LEAD, 2)
    assert "An inspection ended without a report" in text_of(ended)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        made = connection.execute(
            "SELECT address, count(*) FROM messages m JOIN message_recipients r ON r.id = recipient"
            " WHERE kind = 'at_once' GROUP BY 1"
        ).fetchall()
    assert made == [(LEAD, 1)], "what is made is listed on a person's page, also if it is not sent"
