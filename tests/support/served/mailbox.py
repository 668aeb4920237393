"""A real mail server on this machine, which keeps what it takes over."""

import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.served.program import eventually, free_port

TAKEN = "250 OK"
LINK = re.compile(r"https?://\S+")


class Mailbox:
    """The mails that were taken over, by a server that answers as `answers` says."""

    def __init__(self, port: int = 0) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: Callable[[str], str] = lambda _address: TAKEN
        """The answer to each recipient, by their address."""
        self.asked: list[str] = []
        """The addresses that mails were offered for, whether they were taken or not."""
        self.port = port or free_port()
        self._controller: Any = None

    def start(self) -> None:
        """Listen."""
        self._controller = Controller(self, "127.0.0.1", self.port)
        self._controller.start()

    def stop(self) -> None:
        """Stop listening, in the midst of connections."""
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802  as the library names it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        self.asked.append(address)
        answer = self.answers(address)
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802  as the library names it
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        assert [str(mail["To"])] == envelope.rcpt_tos
        self.mails.append(mail)
        return TAKEN

    def to(self, address: str) -> list[EmailMessage]:
        """Return the mails to an address, in the order in which they came."""
        return [mail for mail in self.mails if str(mail["To"]) == address]

    def wait_for(self, address: str, number: int) -> list[EmailMessage]:
        """Wait until an address has so many mails, and return them; fail if it has others."""
        assert eventually(lambda: len(self.to(address)) >= number, 60), subjects(self.mails)
        time.sleep(0.3)  # for one too many
        assert len(self.to(address)) == number, subjects(self.to(address))
        return self.to(address)


def subjects(mails: list[EmailMessage]) -> list[str]:
    """Return the subjects of some mails."""
    return [str(mail["Subject"]) for mail in mails]


def text_of(mail: EmailMessage) -> str:
    """Return the text of a mail."""
    return str(mail.get_content()).replace("\r\n", "\n")


def links_in(mail: EmailMessage) -> list[str]:
    """Return the addresses in the text of a mail."""
    return LINK.findall(text_of(mail))


@contextmanager
def mailbox(port: int = 0) -> Generator[Mailbox]:
    """Run a mail server."""
    box = Mailbox(port)
    box.start()
    try:
        yield box
    finally:
        box.stop()
