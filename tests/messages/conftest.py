"""A service that sends mail to a real server, and people with confirmed addresses."""

from collections.abc import Callable, Generator
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import psycopg
import pytest

from adapters.messages import following, messenger, outbox
from adapters.postgres.database import OWNER, Database
from domain.vocabulary.actors import Actor
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send
from tests.support.served.mailbox import Mailbox, links_in, mailbox
from tests.support.served.program import eventually
from tests.support.served.serving import Served, Service, settings

SENDER = "tracker@service.example"
PUBLIC = "http://127.0.0.1:8000"

Join = Callable[..., Browser]


@pytest.fixture(scope="module")
def box() -> Generator[Mailbox]:
    with mailbox() as running:
        yield running


@pytest.fixture(scope="module")
def served(box: Mailbox) -> Served:
    return served_with(box)


def served_with(box: Mailbox, **more: object) -> Served:
    """Return the options of a service that sends mail to a server."""
    return Served(
        chosen=settings(
            TRACKER_MAIL=f"smtp://127.0.0.1:{box.port}",
            TRACKER_MAIL_FROM=SENDER,
            TRACKER_PUBLIC_URL=PUBLIC,
            **more,
        )
    )


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "GATHERED", timedelta(seconds=0.7))
    monkeypatch.setattr(messenger, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(messenger, "AWAY_SECONDS", 0.2)
    monkeypatch.setattr(outbox, "FIRST_WAIT", timedelta(seconds=0.1))


@pytest.fixture
def join(service: Service, make_database: Database, box: Mailbox) -> Join:
    """Return a function by which a person signs in, and chooses messages at an address."""

    def join(actor: Actor, address: str, *, at_once: str = "yes", digest: str = "none") -> Browser:
        browser = Browser(service).sign_in(make_database, actor)
        typed = {"address": address, "at_once": at_once, "digest": digest}
        answer = send(browser, posted(browser.get("/messages")), "record", typed)
        assert answer.status_code == 303, answer.text
        before = len(box.to(address))
        (*_, mail) = box.wait_for(address, before + 1) if not before else box.to(address)
        confirm(browser, mail)
        return browser

    return join


def hurry(database: Database, number: int) -> None:
    """Have so many alerts sent now that would be sent in the morning, once they are made."""
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        waiting = "SELECT FROM messages WHERE kind = 'alert' AND state = 'waiting'"
        assert eventually(lambda: len(connection.execute(waiting).fetchall()) >= number, 60)
        connection.execute("UPDATE messages SET next_at = now() WHERE kind = 'alert'")


def confirm(browser: Browser, mail: EmailMessage) -> None:
    """Open the link of a mail, and press the button of its page."""
    (path,) = [urlsplit(link).path for link in links_in(mail) if "/confirm/" in link]
    page = browser.get(path)
    assert page.status_code == 200, page.text
    answer = browser.post(path, {"_csrf": browser.csrf} if browser.cookies else None)
    assert answer.status_code == 200, answer.text
