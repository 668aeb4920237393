"""Senders: what leaves by SMTP and by GOV.UK Notify, and what each answer means."""

import json
import threading
import time
from collections.abc import Callable, Generator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from adapters.messages.mail import (
    Mail,
    MailDeferred,
    MailRefused,
    MailServerAway,
    is_address,
    mail_server,
)
from adapters.messages.notify import NotifyMailer
from adapters.messages.smtp import SmtpMailer, message_of
from adapters.secret_files import SettingsError
from adapters.settings import read
from tests.support.served.mailbox import Mailbox, mailbox, text_of
from tests.support.served.program import free_port

SERVICE, SECRET, TEMPLATE = str(UUID(int=1)), str(UUID(int=2)), str(UUID(int=3))
KEY = f"a-key-name-{SERVICE}-{SECRET}"
UNSUBSCRIBE = "https://tracker.example/messages/unsubscribe/x"


def mail(**changed: object) -> Mail:
    values: dict[str, Any] = {
        "id": uuid4(), "to": "liaison@kent.example", "subject": "1 new step, é",
        "text": "First.\n.\n..\n.dot\nLong: " + "é" * 2_000 + "\n", "unsubscribe": UNSUBSCRIBE,
    }  # fmt: skip
    values |= changed
    return Mail(**values)


class Begun:
    """Counts how often a mail may have been taken from now on."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def box() -> Generator[Mailbox]:
    with mailbox() as running:
        yield running


@pytest.fixture
def smtp(box: Mailbox) -> Generator[SmtpMailer]:
    mailer = SmtpMailer(mail_server(f"smtp://127.0.0.1:{box.port}", None, "tracker@id.example"))
    yield mailer
    mailer.close()


def test_a_mail_by_smtp_arrives_as_it_was_written(smtp: SmtpMailer, box: Mailbox) -> None:
    original, begun = mail(), Begun()
    smtp.send(original, begun, again=False)
    (came,) = box.mails
    assert begun.count == 1
    assert text_of(came) == original.text
    assert str(came["Subject"]) == original.subject
    assert str(came["From"]) == "Recommendation Tracker <tracker@id.example>"
    assert str(came["Message-ID"]) == f"<{original.id}@id.example>"
    assert str(came["Auto-Submitted"]) == "auto-generated"
    assert str(came["List-Unsubscribe"]) == f"<{UNSUBSCRIBE}>"


def test_no_text_of_a_mail_becomes_a_header() -> None:
    for changed in ({"subject": "A\nBcc: x@example.org"}, {"to": "a@example.org\nBcc: b@c.org"}):
        with pytest.raises(ValueError, match=r"."):
            message_of(mail(**changed), "tracker@id.example")


@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 Nobody", MailRefused), ("450 Busy", MailDeferred), ("421 Later", MailDeferred)],
)
def test_an_answer_to_the_recipient_is_for_good_or_for_now(
    smtp: SmtpMailer, box: Mailbox, answer: str, error: type[Exception]
) -> None:
    box.answers = lambda _address: answer
    begun = Begun()
    with pytest.raises(error):
        smtp.send(mail(), begun, again=False)
    assert begun.count == 0, "nobody can have taken it"
    box.answers = lambda _address: "250 OK"
    smtp.send(mail(), begun, again=False)
    assert len(box.mails) == 1


def test_a_server_that_is_not_there_or_offers_no_tls_is_away() -> None:
    for url in (f"smtp://127.0.0.1:{free_port()}", f"smtps://127.0.0.1:{free_port()}"):
        with pytest.raises(MailServerAway):
            SmtpMailer(mail_server(url, None, "a@id.example")).send(mail(), Begun(), again=False)


def test_no_mail_leaves_this_machine_without_tls(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = mail_server(f"smtp://127.0.0.1:{box.port}", None, "a@id.example")
    monkeypatch.setattr(type(server), "loopback", property(lambda _server: False))
    with pytest.raises(MailServerAway):
        SmtpMailer(server).send(mail(), Begun(), again=False)
    assert box.mails == []


class Notify:
    """A server that answers as GOV.UK Notify is documented to, and checks its tokens."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status: Callable[[], int] = lambda: 201
        notify = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.check()
                assert self.path == "/v2/notifications/email"
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = notify.status()
                if status == 201:
                    notify.taken.append(body)
                self.answer(status, {"id": str(uuid4())})

            def do_GET(self) -> None:
                self.check()
                path, _, reference = self.path.partition("?reference=")
                assert path == "/v2/notifications"
                known = [one for one in notify.taken if one["reference"] == reference]
                self.answer(200, {"notifications": [{"status": "delivered"} for _ in known]})

            def check(self) -> None:
                token = self.headers["Authorization"].removeprefix("Bearer ")
                claims = jwt.decode(token, OctKey.import_key(SECRET), ["HS256"]).claims
                assert claims["iss"] == SERVICE
                assert abs(claims["iat"] - time.time()) < 30

            def answer(self, status: int, body: object) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as there
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))


@pytest.fixture
def notify() -> Generator[Notify]:
    running = Notify()
    running.thread.start()
    yield running
    running.server.shutdown()
    running.thread.join()
    running.server.server_close()


@pytest.fixture
def by_notify(notify: Notify) -> Generator[NotifyMailer]:
    port = notify.server.server_port
    mailer = NotifyMailer(mail_server(f"notify://127.0.0.1:{port}/{TEMPLATE}", KEY, None))
    yield mailer
    mailer.close()


def test_a_mail_by_notify_is_a_request_as_documented(
    by_notify: NotifyMailer, notify: Notify
) -> None:
    original, begun = mail(), Begun()
    by_notify.send(original, begun, again=False)
    assert notify.taken == [
        {
            "email_address": original.to,
            "template_id": TEMPLATE,
            "personalisation": {"subject": original.subject, "body": original.text},
            "reference": str(original.id),
            "one_click_unsubscribe_url": UNSUBSCRIBE,
        }
    ]
    assert begun.count == 1


def test_notify_is_asked_whether_it_has_a_mail_before_it_is_sent_again(
    by_notify: NotifyMailer, notify: Notify
) -> None:
    original = mail()
    by_notify.send(original, Begun(), again=True)
    by_notify.send(original, Begun(), again=True)
    assert len(notify.taken) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, MailRefused), (403, MailServerAway), (429, MailDeferred), (500, MailServerAway)],
)
def test_an_error_of_notify_is_for_good_for_now_or_for_all(
    by_notify: NotifyMailer, notify: Notify, status: int, error: type[Exception]
) -> None:
    notify.status = lambda: status
    with pytest.raises(error):
        by_notify.send(mail(), Begun(), again=False)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"TRACKER_MAIL": "http://mail.example"}, "give smtp://HOST"),
        ({"TRACKER_MAIL": "smtp://"}, "give smtp://HOST"),
        ({"TRACKER_MAIL": "smtp://mail.example:99999"}, "port"),
        ({"TRACKER_MAIL": "smtp://user:pass@mail.example"}, "TRACKER_MAIL_SECRET_FILE"),
        ({"TRACKER_MAIL": "smtp://user@mail.example"}, "a user needs"),
        ({"TRACKER_MAIL_SECRET": "x"}, "a secret a user"),
        ({"TRACKER_MAIL_FROM": ""}, "TRACKER_MAIL_FROM"),
        ({"TRACKER_MAIL_FROM": "a b@example.org"}, "TRACKER_MAIL_FROM"),
        ({"TRACKER_PUBLIC_URL": ""}, "TRACKER_PUBLIC_URL"),
        ({"TRACKER_MAIL": f"notify://{TEMPLATE}"}, "API key"),
        ({"TRACKER_MAIL": "notify://x", "TRACKER_MAIL_SECRET": KEY}, "template"),
        (
            {"TRACKER_MAIL": f"notify://evil.example/{TEMPLATE}", "TRACKER_MAIL_SECRET": KEY},
            "this machine only",
        ),
        ({"TRACKER_MAIL_HOUR": "24"}, "TRACKER_MAIL_HOUR"),
    ],
)
def test_a_wrong_setting_of_mail_is_named(changed: dict[str, str], words: str) -> None:
    right = {
        "TRACKER_MAIL": "smtp://mail.example",
        "TRACKER_MAIL_FROM": "tracker@id.example",
        "TRACKER_PUBLIC_URL": "http://127.0.0.1:8000",
    }
    assert read(right).mail is not None
    with pytest.raises(SettingsError, match=words):
        read({**right, **changed})


def test_the_secret_of_mail_is_never_shown() -> None:
    chosen = read(
        {
            "TRACKER_MAIL": f"notify://{TEMPLATE}",
            "TRACKER_MAIL_SECRET": KEY,
            "TRACKER_PUBLIC_URL": "http://127.0.0.1:8000",
        }
    )
    assert KEY not in repr(chosen)
    assert KEY not in repr(chosen.mail)


def test_an_address_is_what_browsers_take_and_nothing_that_breaks_a_header() -> None:
    for right in ("a@b.example", "first.last+tag@force.police.uk", "o'neil@pnn.gov.uk"):
        assert is_address(right), right
    for wrong in ("", "a", "a@b", "@b.example", "a@b.example\n", "a b@c.example", "a@-b.example",
                  "<a@b.example>", "a@b.example,c@d.example", '"a"@b.example', "é@b.example",
                  "a" * 250 + "@b.example"):  # fmt: skip
        assert not is_address(wrong), wrong


def test_a_mail_has_one_message_id_however_often_it_is_sent() -> None:
    original = mail()
    ids = {str(message_of(original, "tracker@id.example")["Message-ID"]) for _ in range(2)}
    assert len(ids) == 1
    assert isinstance(message_of(original, "tracker@id.example"), EmailMessage)
