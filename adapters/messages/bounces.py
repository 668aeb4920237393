"""Bounces: mails that came back, as the report of a mail server says (RFC 3464)."""

import re
from email import message_from_bytes
from email.message import Message
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from adapters.messages.outbox import BOUNCES_MAX
from adapters.postgres.binary import bigint, text, uuid
from adapters.postgres.query import Query, QuerySteps, once

REPORT_BYTES_MAX = 1_048_576
_ID = re.compile(
    rb"^Message-ID:\s*<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>\s]+>",
    re.IGNORECASE | re.MULTILINE,
)
_STATUS = re.compile(r"5\.[0-9]{1,3}\.[0-9]{1,3}")


class Bounce(Struct, frozen=True):
    """A mail that came back for good, and the status that says why."""

    mail: UUID
    status: str


def bounce_in(content: bytes) -> Bounce | None:
    """Return the bounce that a report tells of; None of a delay, or of no mail of ours."""
    status = mail = None
    for part in message_from_bytes(content).walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            status = status or _status_in(part)
        elif kind in {"message/rfc822", "text/rfc822-headers"}:
            mail = mail or _mail_in(part)
    return Bounce(mail, status) if mail and status else None


def _status_in(part: Message) -> str | None:
    for block in part.walk():
        status = _STATUS.fullmatch(str(block.get("Status", "")).strip())
        if status and str(block.get("Action", "")).strip().lower() == "failed":
            return status[0]
    return None


def _mail_in(part: Message) -> UUID | None:
    """Return the id of the mail that came back, from the headers that came with it."""
    match = _ID.search(part.as_bytes())
    return UUID(match[1].decode()) if match else None


def note_bounce(bounce: Bounce) -> QuerySteps[bool]:
    """Note that a mail came back, once; an address of BOUNCES_MAX is sent nothing more.

    Returns whether it is a mail of ours that was not known to have come back.
    """
    sql: LiteralString = (
        "WITH bounced AS (UPDATE messages SET bounced_at = clock_timestamp(), failure = $2"
        " WHERE mail = $1 AND bounced_at IS NULL RETURNING recipient)"
        " UPDATE message_recipients SET bounces = bounces + 1, stopped_at = CASE"
        " WHEN bounces + 1 >= $3 THEN clock_timestamp() ELSE stopped_at END"
        " WHERE id IN (SELECT recipient FROM bounced) RETURNING id"
    )
    query = Query(sql, [uuid(bounce.mail), text(bounce.status), bigint(BOUNCES_MAX)])
    return bool((yield from once(query)))
