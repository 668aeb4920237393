"""Messages of the public: a reference for their sender, and what came of each on record."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeAlias
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL

from adapters.postgres.database import APP, OWNER, Database
from adapters.work.contacts import LIFE, LISTED_MAX, MESSAGE_MAX, WAITING_MAX
from domain.vocabulary.actors import Actor
from tests.pages.test_pages import check
from tests.support.data.examples import ADMIN, INSPECTOR, KENT
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import AUDITOR, Service, command, published

pytestmark = pytest.mark.slow

TEXT = "The day of this report is wrong."
Many: TypeAlias = Callable[[int], None]
EMAIL = "jo@example.org"


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, ADMIN, KENT, AUDITOR)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


@pytest.fixture(autouse=True)
def unlimited(make_database: Database) -> None:
    """Forget how many messages came from here, as an hour would."""
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute("DELETE FROM rates WHERE name = 'contact'")


def sent(service: Service, **fields: str) -> str:
    """Send a message as the public, and return its reference."""
    answer = Browser(service).post("/contact", {"text": TEXT, "then": "record", **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).rpartition("/")[2]


def test_anybody_sends_a_message_and_follows_it_by_its_reference(service: Service) -> None:
    check("/contact", service.client.get("/contact").text)
    reference = sent(service, reply_to=EMAIL, about="/reports")
    page = service.client.get(f"/contact/{reference}")
    check("/contact/{reference}", page.text)
    words = words_of(page)
    assert reference in words
    assert "Nobody has said yet what comes of it." in words
    for private in (TEXT, EMAIL):
        assert private not in page.text
    assert service.client.get("/contact/0000000000").status_code == 404
    assert service.client.get("/contact/x").status_code == 404


def test_a_person_who_is_signed_in_can_write_too(signed_in: dict[Actor, Browser]) -> None:
    kent = signed_in[KENT]
    assert send(kent, posted(kent.get("/contact")), "record", {"text": TEXT}).status_code == 303


def test_inspectors_and_administrators_alone_read_a_message(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    reference = sent(service, reply_to=EMAIL, about=f"{service.url}/reports")
    for reader in (INSPECTOR, ADMIN):
        assert TEXT in signed_in[reader].get("/contacts").text
        page = signed_in[reader].get(f"/contacts/{reference}")
        check("/contacts/{reference}", page.text)
        assert TEXT in page.text
        assert EMAIL in page.text
        assert 'href="/reports"' in page.text
    for other in (KENT, AUDITOR):
        assert signed_in[other].get("/contacts").status_code == 403
        assert signed_in[other].get(f"/contacts/{reference}").status_code == 403
    assert service.client.get("/contacts").status_code == 401


def test_what_came_of_a_message_is_on_record_with_the_step_that_corrected_it(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    reference, inspector = sent(service), signed_in[INSPECTOR]
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    page = inspector.get(f"/contacts/{reference}")
    wrong = send(inspector, posted(page), "record", {"outcome": "corrected", "stream": stream})
    assert wrong.status_code == 400
    assert send(inspector, posted(page), "record", {}).status_code == 400
    typed = {"outcome": "corrected", "stream": f"/recommendations/{stream}", "step": "1"}
    assert send(inspector, posted(page), "record", typed).status_code == 400, "no correction"
    fields = {"step": 1, "field": "text", "was": "Do it.", "now": "Do it now.", "why": "Typing."}
    assert command(service, stream, INSPECTOR, "correct", **fields).status_code == 201
    typed["step"] = "2"
    assert send(inspector, posted(page), "record", typed).status_code == 303
    assert send(inspector, posted(page), "record", typed).status_code == 409, "once"
    shown = service.client.get(f"/contact/{reference}")
    assert "The record was corrected" in words_of(shown)
    assert f'href="/recommendations/{stream}"' in shown.text
    assert f"/recommendations/{stream}/history?after=1#step-2" in (
        signed_in[ADMIN].get(f"/contacts/{reference}").text
    )


def test_a_message_goes_on_its_day_and_its_outcome_stays(
    service: Service, signed_in: dict[Actor, Browser], make_database: Database
) -> None:
    reference, inspector = sent(service, reply_to=EMAIL), signed_in[INSPECTOR]
    form = posted(inspector.get(f"/contacts/{reference}"))
    assert send(inspector, form, "record", {"outcome": "passed_on"}).status_code == 303
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        late = LIFE + timedelta(days=1)
        connection.execute(
            "UPDATE contacts SET purge_at = purge_at - %s WHERE reference = %s", (late, reference)
        )
    assert inspector.get(f"/contacts/{reference}").status_code == 404
    assert "It was passed on" in words_of(service.client.get(f"/contact/{reference}"))
    sent(service)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        kept = connection.execute("SELECT FROM contacts WHERE reference = %s", (reference,))
        assert not kept.fetchall(), "the next message cleared it away"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "Enter your message."),
        ({"text": "\u200b"}, "Enter your message."),
        ({"text": "x" * (MESSAGE_MAX + 1)}, "Enter a text of up to 4,000 characters."),
        ({"text": "a \u202e b"}, "Remove the characters that are not shown."),
        ({"text": "a\U000e0041 b"}, "Remove the characters that are not shown."),
        ({"text": "a" + "\u0335" * 9}, "Remove the marks that cover the lines around them."),
        ({"reply_to": "nobody"}, "Enter an email address, such as name@example.org."),
        ({"about": "https://elsewhere.example/x"}, "Enter the address of a page of this service"),
        ({"about": "//elsewhere.example/x"}, "Enter the address of a page of this service"),
        ({"about": "javascript:alert(1)"}, "Enter the address of a page of this service"),
    ],
    ids=[
        "empty",
        "unseen",
        "long",
        "turned",
        "tagged",
        "heaped",
        "email",
        "elsewhere",
        "slashes",
        "script",
    ],
)
def test_a_message_that_cannot_be_kept_stays_in_its_form(
    service: Service, fields: dict[str, str], words: str
) -> None:
    answer = Browser(service).post("/contact", {"text": TEXT, "then": "record", **fields})
    assert answer.status_code == 400
    assert words in words_of(answer)
    check("/contact", answer.text)


def kept(database: Database, reference: str) -> bool:
    """Return whether a message is still in the database."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        rows = connection.execute("SELECT FROM contacts WHERE reference = %s", (reference,))
        return bool(rows.fetchall())


@pytest.fixture
def many(make_database: Database) -> Iterator[Many]:
    """Return how to keep many messages, which are removed in the end."""
    with psycopg.connect(make_database.conninfo(OWNER), autocommit=True) as connection:

        def keep(number: int) -> None:
            connection.execute(
                "INSERT INTO contacts SELECT 'MANY' || to_char(n, 'FM000000'), NULL,"
                " 'Of many: ' || n, NULL, now() + n * interval '1 second', now() + '1 day'"
                " FROM generate_series(1, %s) n",
                (number,),
            )

        yield keep
        connection.execute("DELETE FROM contacts WHERE reference LIKE 'MANY%'")


def test_messages_with_an_outcome_close_the_form_to_nobody(
    service: Service, make_database: Database, many: Many
) -> None:
    many(WAITING_MAX)
    fields = {"text": TEXT, "then": "record"}
    assert Browser(service).post("/contact", fields).status_code == 429
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute(
            "INSERT INTO contact_outcomes (reference, received_at, outcome, by, at)"
            " SELECT reference, received_at, 'no_change', 'x', now() FROM contacts"
            " WHERE reference LIKE 'MANY%'"
        )
    assert Browser(service).post("/contact", fields).status_code == 303


def test_every_message_that_waits_can_be_reached(
    signed_in: dict[Actor, Browser], many: Many
) -> None:
    many(2 * LISTED_MAX + 1)
    inspector = signed_in[INSPECTOR]
    path, pages, seen = "/contacts", 0, ""
    while path:
        page = inspector.get(path)
        check("/contacts", page.text)
        seen, pages = seen + page.text, pages + 1
        following = f"/contacts?page={pages + 1}"
        path = following if f'href="{following}"' in page.text else ""
    assert pages >= 3
    for number in range(1, 2 * LISTED_MAX + 2):
        assert f"/contacts/MANY{number:06}" in seen
    assert "messages of the public wait for an answer" in inspector.get("/work").text
    assert inspector.get("/contacts?page=0").status_code == 400


def test_messages_are_sorted_by_whether_they_wait_or_newest_first(
    service: Service, signed_in: dict[Actor, Browser], many: Many
) -> None:
    inspector = signed_in[INSPECTOR]
    older, answered, newer = sent(service), sent(service), sent(service)
    form = posted(inspector.get(f"/contacts/{answered}"))
    assert send(inspector, form, "record", {"outcome": "no_change"}).status_code == 303

    def order_in(text: str) -> list[str]:
        listed = re.findall(r'href="/contacts/([0-9A-Z]{10})"', text)
        return [reference for reference in listed if reference in {older, answered, newer}]

    first, newest = inspector.get("/contacts"), inspector.get("/contacts?order=newest")
    assert order_in(first.text) == [older, newer, answered]
    assert 'href="/contacts?order=newest"' in first.text
    check("/contacts?order=newest", newest.text)
    assert order_in(newest.text) == [newer, answered, older]
    assert "Sorted by newest first." in words_of(newest)
    assert 'href="/contacts"' in newest.text, "back to the first order"
    line = words_of(newest).partition(f"Message {newer}")[2]
    assert line.partition(f"Message {answered}")[0].count("Waiting for an outcome") == 1
    assert (
        "Nothing needed to change" in line.partition(f"Message {answered}")[2].partition(older)[0]
    )
    unknown = inspector.get("/contacts?order=colour")
    assert unknown.status_code == 400
    assert "cannot be sorted in that way" in unknown.text
    many(LISTED_MAX + 1)
    pages = [inspector.get(f"/contacts?page={page}&order=newest").text for page in (1, 2)]
    assert 'href="/contacts?page=2&amp;order=newest"' in pages[0]
    assert re.findall(r'href="/contacts/MANY(\d{6})"', pages[0] + pages[1]) == [
        f"{number:06}" for number in range(LISTED_MAX + 1, 0, -1)
    ]


def test_the_text_of_spam_goes_at_once_and_its_outcome_stays(
    service: Service, signed_in: dict[Actor, Browser], make_database: Database
) -> None:
    reference, inspector = sent(service, reply_to=EMAIL), signed_in[INSPECTOR]
    form = posted(inspector.get(f"/contacts/{reference}"))
    assert send(inspector, form, "record", {"outcome": "spam"}).status_code == 303
    assert not kept(make_database, reference)
    assert inspector.get(f"/contacts/{reference}").status_code == 404
    shown = service.client.get(f"/contact/{reference}")
    assert shown.status_code == 200
    assert "It was not a message to this service" in words_of(shown)


def test_messages_whose_day_has_come_go_when_the_list_is_opened(
    service: Service, signed_in: dict[Actor, Browser], make_database: Database
) -> None:
    reference = sent(service)
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute(
            "UPDATE contacts SET purge_at = now() - interval '1 day' WHERE reference = %s",
            (reference,),
        )
    assert signed_in[INSPECTOR].get("/contacts").status_code == 200
    assert not kept(make_database, reference)


def test_a_client_sends_few_messages_and_another_site_sends_none(service: Service) -> None:
    browser = Browser(service)
    fields = {"text": TEXT, "then": "record"}
    statuses = [browser.post("/contact", fields).status_code for _ in range(11)]
    assert statuses == [303] * 10 + [429]
    other = {"Sec-Fetch-Site": "cross-site"}
    answer = service.client.post("/contact", data=fields, headers=other)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "statement", ["DELETE FROM contact_outcomes", "UPDATE contact_outcomes SET by = 'x'"]
)
def test_nobody_changes_or_deletes_what_came_of_a_message(
    make_database: Database, statement: str
) -> None:
    with (
        psycopg.connect(make_database.conninfo(APP)) as connection,
        pytest.raises(InsufficientPrivilege),
    ):
        connection.execute(SQL(statement))  # pyright: ignore[reportArgumentType]


def test_markup_in_a_message_is_shown_as_it_was_typed(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    reference = sent(service, text="<script>alert(1)</script>")
    for path in ("/contacts", f"/contacts/{reference}"):
        shown = signed_in[INSPECTOR].get(path).text
        assert "<script>alert(1)" not in shown
        assert "&lt;script&gt;alert(1)" in shown
