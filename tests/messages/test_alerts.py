"""Anybody can ask for mails about a force or an area, and stop them by one request."""

from urllib.parse import urlsplit

import psycopg
import pytest

from adapters.messages.recipients import ALERTS_EACH_MAX, CONFIRMATIONS_MAX
from adapters.postgres.database import OWNER, Database
from tests.messages.conftest import PUBLIC, Join, confirm, hurry
from tests.support.data.examples import INSPECTOR, KENT, issue
from tests.support.served.browser import Browser
from tests.support.served.mailbox import TAKEN, Mailbox, links_in, subjects, text_of
from tests.support.served.program import eventually
from tests.support.served.serving import Service, command, published

pytestmark = pytest.mark.slow

READER = "reader@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def alone(box: Mailbox, make_database: Database) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("DELETE FROM message_recipients; TRUNCATE rates")
    box.mails.clear()
    box.answers = lambda _address: TAKEN


def ask(service: Service, address: str = READER, **of: str) -> str:
    """Ask for an alert, and return the page that answers, without what differs by request."""
    answer = Browser(service).post("/alerts", {"address": address, **of, "then": "record"})
    assert answer.status_code == 200, answer.text
    return answer.text


def alerted(service: Service, box: Mailbox, **of: str) -> None:
    """Ask for an alert and confirm it."""
    before = len(box.to(READER))
    ask(service, **of)
    confirm(Browser(service), box.wait_for(READER, before + 1)[-1])


def test_an_alert_tells_once_of_what_is_published_of_its_force_and_of_nothing_else(
    service: Service, box: Mailbox, make_database: Database
) -> None:
    alerted(service, box, force="kent")
    kents = published(service, "kent-alerted-2022", issue("kent"))
    published(service, "essex-alerted-2022", issue("essex"), force="essex")
    stream = kents.recommendations[0]
    private = {"comment": "Between ourselves."}
    assert command(service, stream, KENT, "comment", **private).is_success
    assert command(service, stream, KENT, "report_progress", progress="Half.").is_success
    assert command(service, stream, INSPECTOR, "waive_action_plan", reason="Known.").is_success
    hurry(make_database, 3)
    _confirm, mail = box.wait_for(READER, 2)
    assert str(mail["Subject"]) == "3 new steps that you asked to hear of"
    text = text_of(mail)
    assert "Kent Police: A report was published" in text
    assert "Kent Police: Inspectors waived the action plan" in text
    assert "essex" not in text.lower()
    assert "Known." not in text
    assert {*links_in(mail)} >= {
        f"{PUBLIC}/recommendations/{stream}",
        f"{PUBLIC}/reports/{kents.id}",
    }


def test_an_alert_of_an_area_tells_of_its_recommendations(
    service: Service, box: Mailbox, make_database: Database
) -> None:
    alerted(service, box, area="investigation")
    issues = issue("kent", area="investigation"), issue("kent", ordinal=2, area="leadership")
    published(service, "kent-area-alerted-2022", *issues)
    hurry(make_database, 1)
    _confirm, mail = box.wait_for(READER, 2)
    assert text_of(mail).count("/recommendations/") == 1


def test_the_answer_does_not_say_whether_an_address_is_known(
    service: Service, box: Mailbox
) -> None:
    first = ask(service, force="kent")
    box.wait_for(READER, 1)
    alerted(service, box, force="essex")
    assert ask(service, force="essex") == first
    assert ask(service, force="kent") == first
    box.wait_for(READER, 3)


def test_an_address_is_asked_to_confirm_a_few_times_a_day_and_no_more(
    service: Service, box: Mailbox
) -> None:
    for force in ("kent", "essex", "cumbria", "dorset", "sussex", "norfolk", "suffolk"):
        ask(service, force=force)
    box.wait_for(READER, CONFIRMATIONS_MAX)


def test_an_address_has_a_few_alerts_at_most(service: Service, make_database: Database) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute(
            "INSERT INTO message_recipients (address, force)"
            " SELECT %s, 'force-' || n FROM generate_series(1, %s) n",
            (READER, ALERTS_EACH_MAX),
        )
    ask(service, force="kent")
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        number = connection.execute("SELECT count(*) FROM message_recipients").fetchone()
    assert number == (ALERTS_EACH_MAX,)


def test_a_client_that_asks_for_many_alerts_has_to_wait(service: Service) -> None:
    answers = [
        Browser(service).post("/alerts", {"address": f"a{n}@example.org", "force": "kent"})
        for n in range(12)
    ]
    assert answers[-1].status_code == 429
    assert "Retry-After" in answers[-1].headers


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"address": "nobody", "force": "kent"}, "Enter an email address"),
        ({"address": "a@b.example\r\nBcc: c@d.example", "force": "kent"}, "Enter an email address"),
        ({"address": READER}, "Choose a force, an area, or both."),
        ({"address": READER, "force": "camelot"}, "Choose one of the forces."),
        ({"address": READER, "force": "training"}, "Choose one of the forces."),
        ({"address": READER, "area": "magic"}, "Choose one of the areas."),
    ],
)
def test_an_alert_that_cannot_be_is_refused_in_words(
    service: Service, typed: dict[str, str], words: str
) -> None:
    answer = Browser(service).post("/alerts", typed)
    assert answer.status_code == 400
    assert words in answer.text


def test_a_mail_program_stops_messages_by_one_post_without_a_session(
    service: Service, box: Mailbox, make_database: Database
) -> None:
    alerted(service, box, force="kent")
    published(service, "kent-one-click-2022", issue("kent"))
    hurry(make_database, 2)
    _confirm, mail = box.wait_for(READER, 2)
    assert str(mail["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    link = str(mail["List-Unsubscribe"]).strip("<>")
    path = urlsplit(link).path
    assert service.client.get(path).is_success
    published(service, "kent-still-2022", issue("kent"))
    hurry(make_database, 2)
    box.wait_for(READER, 3)
    assert service.client.post(path, data=ONE_CLICK).status_code == 200
    published(service, "kent-stopped-2022", issue("kent"))
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        assert connection.execute("SELECT FROM message_recipients").fetchall() == []
    assert service.client.post(path, data=ONE_CLICK).status_code == 200, (
        "again, with the same answer"
    )
    box.wait_for(READER, 3)


def test_a_person_who_stops_messages_keeps_their_address_and_hears_nothing(
    service: Service, join: Join, box: Mailbox
) -> None:
    browser = join(KENT, "liaison@kent.example")
    published(service, "kent-heard-2022", issue("kent"))
    _confirm, mail = box.wait_for("liaison@kent.example", 2)
    link = str(mail["List-Unsubscribe"]).strip("<>")
    assert service.client.post(urlsplit(link).path, data=ONE_CLICK).status_code == 200
    published(service, "kent-unheard-2022", issue("kent"))
    eventually(lambda: False, 1.5)
    assert len(box.to("liaison@kent.example")) == 2
    assert "liaison@kent.example" in browser.get("/messages").text


def test_a_link_to_confirm_changes_nothing_until_its_button_is_pressed_and_ends(
    service: Service, box: Mailbox, make_database: Database
) -> None:
    ask(service, force="kent")
    (mail,) = box.wait_for(READER, 1)
    assert "List-Unsubscribe" not in mail
    (path,) = [urlsplit(link).path for link in links_in(mail)]
    assert service.client.get(path).is_success
    state = "SELECT confirmed_at IS NULL FROM message_recipients"
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        assert connection.execute(state).fetchall() == [(True,)]
        connection.execute("UPDATE message_recipients SET confirm_ends_at = now()")
    assert service.client.post(path).status_code == 404
    assert service.client.get(path[:-1]).status_code == 404


def test_the_link_for_an_old_address_confirms_no_new_one(
    join: Join, box: Mailbox, make_database: Database
) -> None:
    browser = join(KENT, "old@kent.example")
    (mail,) = box.to("old@kent.example")
    box.answers = lambda _address: "451 Later"
    typed = {"address": "new@kent.example", "at_once": "yes", "digest": "none"}
    browser.post("/messages", {**typed, "_csrf": browser.csrf})
    (path,) = [urlsplit(link).path for link in links_in(mail)]
    assert browser.post(path, {"_csrf": browser.csrf}).status_code == 404
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        rows = connection.execute("SELECT address, confirmed_at FROM message_recipients").fetchall()
    assert rows == [("new@kent.example", None)]


def test_a_person_can_have_their_address_removed(
    join: Join, box: Mailbox, make_database: Database
) -> None:
    browser = join(KENT, "liaison@kent.example")
    answer = browser.post("/messages", {"address": "", "_csrf": browser.csrf})
    assert answer.status_code == 303
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        assert connection.execute("SELECT FROM message_recipients").fetchall() == []
        assert connection.execute("SELECT FROM messages").fetchall() == []
    own = box.to("liaison@kent.example")  # one of the test before may come late
    assert subjects(own) == ["Confirm your email address"]
