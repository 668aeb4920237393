"""Bounces: a mail that came back is noted once, and five of them stop an address."""

from email.message import EmailMessage
from uuid import UUID, uuid4

import psycopg
import pytest

from adapters.ledger.ledger import Ledger
from adapters.messages.bounces import Bounce, bounce_in, note_bounce
from adapters.messages.outbox import BOUNCES_MAX
from adapters.postgres.database import OWNER, Database

MAIL = UUID(int=7)


def report(
    *, action: str = "failed", status: str = "5.1.1", of: str = f"<{MAIL}@id.example>"
) -> bytes:
    """Return a report as Postfix writes it."""
    return f"""From: MAILER-DAEMON@mail.example
To: tracker@id.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; liaison@kent.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 Unknown user

--b
Content-Type: message/rfc822

From: Recommendation Tracker <tracker@id.example>
Message-ID: {of}
Subject: 1 new step that concerns you

This was recorded.

--b--
""".encode()


def test_a_report_says_which_mail_came_back_and_why() -> None:
    assert bounce_in(report()) == Bounce(MAIL, "5.1.1")
    headers = report().replace(
        b"Content-Type: message/rfc822", b"Content-Type: text/rfc822-headers"
    )
    assert bounce_in(headers) == Bounce(MAIL, "5.1.1")


@pytest.mark.parametrize(
    "content",
    [
        report(action="delayed"),
        report(status="4.2.2"),
        report(of="<somebody-elses@id.example>"),
        report(of=""),
        b"",
        b"\xff\xfe not a mail at all",
        EmailMessage().as_bytes(),
    ],
    ids=["delayed", "temporary", "of-another", "of-none", "empty", "bytes", "a-mail"],
)
def test_what_is_no_report_of_a_mail_that_came_back_for_good_is_left_alone(content: bytes) -> None:
    assert bounce_in(content) is None


def test_a_bounce_counts_once_and_five_stop_the_address(database: Database, ledger: Ledger) -> None:
    mails = [uuid4() for _ in range(BOUNCES_MAX)]
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as owner:
        owner.execute(
            "INSERT INTO message_recipients (address, force, confirmed_at)"
            " VALUES ('reader@example.org', 'kent', now())"
        )
        for mail in mails:
            owner.execute(
                "INSERT INTO messages (recipient, kind, cause, about, next_at, state, mail)"
                " SELECT id, 'alert', %s, '{}', now(), 'sent', %s FROM message_recipients",
                (str(mail), mail),
            )
        stopped = "SELECT bounces, stopped_at IS NOT NULL FROM message_recipients"
        for number, mail in enumerate(mails, 1):
            assert owner.execute(stopped).fetchone() == (number - 1, False)
            assert ledger.rows.run(note_bounce(Bounce(mail, "5.1.1")))
            assert not ledger.rows.run(note_bounce(Bounce(mail, "5.1.1")))
        assert owner.execute(stopped).fetchone() == (BOUNCES_MAX, True)
    assert not ledger.rows.run(note_bounce(Bounce(uuid4(), "5.1.1")))
