"""Mails: one of them as it leaves, the senders' interface, and the setting that names a sender."""

import ipaddress
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.values import Code

ADDRESS_BYTES_MAX = 254
PORT_MAX = 65_535
SMTP_PORT, SMTPS_PORT = 587, 465
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
NOTIFY = "https://api.notifications.service.gov.uk"

_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))+"
)
"""An address as browsers take it, with a name of two parts at least: no quotes, no control."""

Kind = Literal["confirm", "at_once", "digest", "alert"]


class Mail(Struct, frozen=True, kw_only=True):
    """A mail to one address. Its `id` stays the same, however often it has to be sent."""

    id: UUID
    to: str
    subject: str
    text: str
    unsubscribe: str | None = None
    """The address that ends such mails by one POST (RFC 8058); None in a request to confirm."""


class StepToTell(Struct, frozen=True):
    """The step that a message is about: identifiers and codes."""

    tag: str
    stream: UUID
    step: int
    reference: str
    force: Code


class DigestItem(Struct, frozen=True):
    """A piece of work in a digest."""

    work: str
    reference: str
    stream: UUID
    force: Code
    due: date | None
    clock: str | None


class AboutDigest(Struct, frozen=True, kw_only=True):
    """A digest: for whom it was made, the counts of all that waits, and the most urgent."""

    role: Role
    force: Code | None
    since: datetime
    overdue: int
    due: int
    """Those that fall due within 14 days."""
    waiting: int
    """The others."""
    new: int
    """Those of all of them that began to wait, or fell due, since then."""
    items: tuple[DigestItem, ...]
    inspections: int = 0
    """The inspections before publication that wait for this person."""


class Telling(Struct, frozen=True, kw_only=True):
    """The contents of a mail before it is put into words: what `about` says of each message."""

    kind: Kind
    about: tuple[msgspec.Raw, ...]
    actor: Actor | None
    """The person, with the role they have now; None for the public."""
    force: Code | None
    area: str | None
    unsubscribe: UUID
    token: str | None = None
    """The token by which an address is confirmed."""


class Worded(Struct, frozen=True):
    """The subject and the text of a mail, and the address that ends such mails."""

    subject: str
    text: str
    unsubscribe: str | None


Render = Callable[[Telling], Worded]


class NotSent(Exception):  # noqa: N818  an answer, not a fault
    """A mail was not taken. `reason` is a code for the log and the record of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailRefused(NotSent):
    """The address, or the mail, was refused for good."""


class MailDeferred(NotSent):
    """The mail was not taken now; it may be later."""


class MailServerAway(NotSent):
    """The server takes no mail at all now, or not from us."""


class Mailer(Protocol):
    """A sender of mails, for one thread."""

    def send(self, mail: Mail, begin: Callable[[], None], *, again: bool) -> None:
        """Return once a mail was taken over.

        `begin` is called before the first moment from which it may be taken; `again` says that this
        was so before, and nobody knows whether it was. Raises NotSent, or what `begin` raises.
        """
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


class MailServer(Struct, frozen=True, kw_only=True):
    """A configured sender: a mail server, or GOV.UK Notify with a template."""

    way: Literal["smtp", "smtps", "notify"]
    host: str
    port: int
    user: str | None
    secret: str | None
    sender: str | None
    template: str | None = None

    def __repr__(self) -> str:
        """Return the server without its secret."""
        return f"MailServer({self.way} {self.host}:{self.port})"

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine, so that nothing need be encrypted."""
        return self.host in LOOPBACK


def is_address(text: str) -> bool:
    """Return whether a text is an address that mail is sent to."""
    return len(text) <= ADDRESS_BYTES_MAX and _ADDRESS.fullmatch(text) is not None


def mail_server(url: str, secret: str | None, sender: str | None) -> MailServer:
    """Return the sender that TRACKER_MAIL names. Raises ValueError, in words, if it is invalid."""
    parts = urlsplit(url)
    if parts.password or parts.query or parts.fragment:
        raise ValueError("it holds no password; TRACKER_MAIL_SECRET_FILE names a file with it")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("the port is no number up to 65535") from None
    host, user = parts.hostname or "", unquote(parts.username) if parts.username else None
    if parts.scheme == "notify":
        return _notify(host, port, parts.path.strip("/"), secret)
    if parts.scheme not in {"smtp", "smtps"} or not host or parts.path.strip("/"):
        raise ValueError("give smtp://HOST:PORT, smtps://USER@HOST:PORT or notify://TEMPLATE")
    if sender is None or not is_address(sender):
        raise ValueError("TRACKER_MAIL_FROM must be the address that mails come from")
    if (user is None) != (secret is None):
        raise ValueError("a user needs TRACKER_MAIL_SECRET, and a secret a user")
    way: Literal["smtp", "smtps"] = "smtps" if parts.scheme == "smtps" else "smtp"
    port = port or (SMTPS_PORT if way == "smtps" else SMTP_PORT)
    return MailServer(way=way, host=host, port=port, user=user, secret=secret, sender=sender)


def _notify(host: str, port: int | None, path: str, secret: str | None) -> MailServer:
    """Return GOV.UK Notify, or for tests a server on this machine that is like it."""
    template = path or host
    try:
        UUID(template)
    except ValueError:
        raise ValueError("give notify://TEMPLATE, the id of a template of GOV.UK Notify") from None
    if path and not (host in LOOPBACK or _is_loopback(host)):
        raise ValueError("another server than GOV.UK Notify's is allowed on this machine only")
    if secret is None or len(secret) < 73:  # noqa: PLR2004  two UUIDs, parted
        raise ValueError("TRACKER_MAIL_SECRET must be an API key of GOV.UK Notify")
    return MailServer(
        way="notify",
        host=host if path else "",
        port=port or 0,
        user=None,
        secret=secret,
        sender=None,
        template=template,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
