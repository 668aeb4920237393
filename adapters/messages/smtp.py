"""Mails by SMTP (RFC 5321), encrypted unless the server is on this machine.

A mail that was taken over cannot be taken back, and one whose answer was lost may have been. So
the caller hears of the last moment before: the server has asked for the text, and has none yet.
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from adapters.clock import now
from adapters.messages.mail import (
    Mail,
    MailDeferred,
    Mailer,
    MailRefused,
    MailServer,
    MailServerAway,
)

SECONDS_MAX = 30.0
"""How long any answer of a server may take."""
SENDER = "Recommendation Tracker"
OK, PERMANENT, GO_ON = 250, 500, 354
_DOT = re.compile(rb"^\.", re.MULTILINE)


class SmtpMailer(Mailer):
    """Sends over one connection, which is opened again when it is lost."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._open: smtplib.SMTP | None = None

    def send(self, mail: Mail, begin: Callable[[], None], *, again: bool) -> None:  # noqa: ARG002  a server cannot be asked what it has
        """Return once the server has taken a mail over. Raises NotSent."""
        smtp = self._connected()
        try:
            self._send(smtp, mail, begin)
        except (smtplib.SMTPServerDisconnected, OSError):
            self.close()
            raise MailServerAway("no-answer") from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._open is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._open.quit()
            self._open.close()
            self._open = None

    def _send(self, smtp: smtplib.SMTP, mail: Mail, begin: Callable[[], None]) -> None:
        sender = self._server.sender or ""
        _expect(smtp.mail(sender)[0], MailServerAway)
        _expect(smtp.rcpt(mail.to)[0], MailRefused)
        _expect(smtp.docmd("DATA")[0], MailRefused, GO_ON)
        content = message_of(mail, sender).as_bytes(policy=SMTP)
        begin()
        smtp.send(_DOT.sub(b"..", content) + b".\r\n")
        _expect(smtp.getreply()[0], MailRefused)

    def _connected(self) -> smtplib.SMTP:
        if self._open is not None:
            with suppress(OSError, smtplib.SMTPException):
                if self._open.rset()[0] == OK:
                    return self._open
            self.close()
        try:
            self._open = self._connect()
        except smtplib.SMTPAuthenticationError:
            raise MailServerAway("sign-in-refused") from None
        except ssl.SSLError:
            raise MailServerAway("not-encrypted") from None
        except (OSError, smtplib.SMTPException):
            raise MailServerAway("no-connection") from None
        return self._open

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.way == "smtps":
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=SECONDS_MAX, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS_MAX)
        try:
            smtp.ehlo()
            if server.way == "smtp" and not server.loopback:
                smtp.starttls(context=ssl.create_default_context())  # refused if it is not offered
                smtp.ehlo()
            if server.user is not None:
                smtp.login(server.user, server.secret or "")
        except BaseException:
            smtp.close()
            raise
        return smtp


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """Return a mail with its headers; the same mail has the same Message-ID, however often sent."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(SENDER, addr_spec=sender)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe is not None:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text, cte="quoted-printable")  # any server takes it
    return message


def _expect(
    code: int, refusal: type[MailRefused | MailServerAway], expected: int | None = None
) -> None:
    """Raise NotSent unless a reply is as expected."""
    if code == expected or (expected is None and code in {OK, 251}):
        return
    if code >= PERMANENT:
        raise refusal(str(code))
    raise MailDeferred(str(code))
