"""The outbox: what each recipient is to be told, from the step that asks for it to its end.

For the process that sends, over a connection of its own. Each function is one transaction, or part
of its caller's.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg.types.json import Jsonb

from adapters.messages.mail import Kind, StepToTell
from adapters.sole_worker import Connection
from domain.access.messages import Hearers
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.values import ActorId, Code

EACH_MAX = 50
"""The most messages that one mail carries."""
SIGNED_IN_WITHIN = timedelta(days=90)
"""Nobody is told who has not signed in for so long: their role may have ended meanwhile."""
LIFE = timedelta(days=3)
"""How long a message is tried; what it tells of is on the pages, and in the next digest."""
FIRST_WAIT = timedelta(minutes=1)
WAIT_MAX = timedelta(hours=4)
BOUNCES_MAX = 5
"""Refusals of an address, since it was confirmed, after which it is sent nothing more."""
KEPT = timedelta(days=90)
"""How long a message that has ended is kept."""
UNCONFIRMED_KEPT = timedelta(days=7)


class Recipient(Struct, frozen=True):
    """A recipient as of now: a person with their role, or an alert of the public."""

    id: UUID
    address: str
    actor: Actor | None
    """None for the public."""
    force: Code | None
    area: str | None
    unsubscribe: UUID
    confirmed: bool
    at_once: bool
    digest: str
    stopped: bool
    active: bool
    """Whether a person signed in lately."""
    digested_at: datetime | None

    def wants(self, kind: Kind) -> bool:
        """Return whether messages of a kind are still for this recipient."""
        if kind == "confirm":
            return not self.confirmed
        if not self.confirmed or self.stopped or not self.active:
            return False
        return {"at_once": self.at_once, "digest": self.digest != "none"}.get(kind, True)


class MessageCause(Struct, frozen=True):
    """A step that messages are made of, and when they are sent at the earliest."""

    position: int
    lineage: UUID
    about: StepToTell
    next_at: datetime

    @property
    def parameters(self) -> dict[str, object]:
        """The values of the columns, by name."""
        return {
            "cause": str(self.position),
            "lineage": self.lineage,
            "about": Jsonb(msgspec.to_builtins(self.about)),
            "next_at": self.next_at,
            "force": self.about.force,
        }


class Outgoing(Struct, frozen=True):
    """Messages of one recipient and kind that go in one mail."""

    recipient: UUID
    kind: Kind
    numbers: tuple[int, ...]
    about: tuple[msgspec.Raw, ...]
    made_at: datetime
    mail: UUID | None
    """The mail that they may have gone in already, if it is not known whether they did."""
    attempts: int


_FOR_PEOPLE: LiteralString = """
    INSERT INTO messages (recipient, kind, cause, about, lineage, next_at)
    SELECT r.id, 'at_once', %(cause)s, %(about)s, %(lineage)s, %(next_at)s
      FROM message_recipients r JOIN people p USING (actor)
     WHERE r.at_once AND r.confirmed_at IS NOT NULL AND r.stopped_at IS NULL AND actor <> %(by)s
       AND (('force' = ANY(%(hearers)s) AND p.role = 'force' AND p.force = %(force)s)
         OR ('local_policing_body' = ANY(%(hearers)s) AND p.role = 'local_policing_body'
             AND p.force = %(force)s)
         OR ('lead' = ANY(%(hearers)s) AND p.role = 'inspector' AND actor = (
             SELECT lead FROM force_leads WHERE force = %(force)s ORDER BY number DESC LIMIT 1))
         OR (p.role = 'inspector' AND actor = ANY(%(named)s)))
     ORDER BY r.id
    ON CONFLICT DO NOTHING
"""
_FOR_THE_PUBLIC: LiteralString = """
    INSERT INTO messages (recipient, kind, cause, about, lineage, next_at)
    SELECT id, 'alert', %(cause)s, %(about)s, %(lineage)s, %(next_at)s
      FROM message_recipients
     WHERE actor IS NULL AND confirmed_at IS NOT NULL AND stopped_at IS NULL
       AND (force IS NULL OR force = %(force)s) AND (area IS NULL OR area = %(area)s)
     ORDER BY id
    ON CONFLICT DO NOTHING
"""


def make_for_people(
    db: Connection,
    cause: MessageCause,
    *,
    hearers: frozenset[Hearers],
    named: Sequence[ActorId],
    by: ActorId,
) -> None:
    """Make a message of a step for each person of some hearers, but not for its author."""
    who = {"hearers": sorted(hearers), "named": [*named], "by": by}
    db.execute(_FOR_PEOPLE, cause.parameters | who)


def make_for_public(db: Connection, cause: MessageCause, area: str | None) -> None:
    """Make a message of a published step for each alert that is about it."""
    db.execute(_FOR_THE_PUBLIC, cause.parameters | {"area": area})


def make_digest(db: Connection, recipient: UUID, day: str, about: object, at: datetime) -> None:
    """Make the digest of a day for a recipient, if there is none yet."""
    db.execute(
        "INSERT INTO messages (recipient, kind, cause, about, next_at)"
        " VALUES (%s, 'digest', %s, %s, %s) ON CONFLICT DO NOTHING",
        (recipient, day, Jsonb(msgspec.to_builtins(about)), at),
    )


_NEXT: LiteralString = """
    WITH head AS (
        SELECT DISTINCT ON (recipient) recipient, kind, mail, next_at, number
          FROM messages WHERE state IN ('waiting', 'sending')
         ORDER BY recipient, state, number
    )
    SELECT h.recipient, h.kind, array_agg(m.number ORDER BY m.number),
           array_agg(m.about::text ORDER BY m.number), min(m.made_at), h.mail, max(m.attempts)
      FROM (SELECT * FROM head WHERE next_at <= %(at)s ORDER BY number LIMIT %(many)s) h
     CROSS JOIN LATERAL (
        SELECT * FROM messages m
         WHERE m.recipient = h.recipient AND m.kind = h.kind
           AND m.state IN ('waiting', 'sending') AND m.mail IS NOT DISTINCT FROM h.mail
         ORDER BY m.number LIMIT %(each)s) m
     GROUP BY h.recipient, h.kind, h.mail ORDER BY min(m.number)
"""
"""A recipient's messages go in their order: the first that is open, with others of its kind.

Of a recipient, those whose mail may be on its way come before all others.
"""


def next_outgoing(db: Connection, at: datetime, many: int) -> list[Outgoing]:
    """Return what is to be sent now, in the order of the messages, at most one mail a recipient."""
    rows = db.execute(_NEXT, {"at": at, "many": many, "each": EACH_MAX}).fetchall()
    return [
        Outgoing(row[0], row[1], tuple(row[2]), tuple(map(_raw, row[3])), *row[4:]) for row in rows
    ]


def _raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


_RECIPIENT: LiteralString = (
    "SELECT r.id, r.address, r.actor, p.role, p.force, r.force, r.area, r.unsubscribe,"
    " r.confirmed_at IS NOT NULL, r.at_once, r.digest, r.stopped_at IS NOT NULL,"
    " r.actor IS NULL OR coalesce(p.signed_in_at > %(since)s, false), r.digested_at"
    " FROM message_recipients r LEFT JOIN people p USING (actor)"
)


def recipient_of(db: Connection, identity: UUID, at: datetime) -> Recipient | None:
    """Return a recipient as of now, or None if they are gone."""
    query = {"id": identity, "since": at - SIGNED_IN_WITHIN}
    row = db.execute(_RECIPIENT + " WHERE r.id = %(id)s", query).fetchone()
    return _recipient(row) if row else None


def digested(db: Connection, at: datetime, digests: Sequence[str]) -> list[Recipient]:
    """Return the people who are to have one of some digests, in the order of their ids."""
    query = {"since": at - SIGNED_IN_WITHIN, "digests": [*digests]}
    sql: LiteralString = (
        _RECIPIENT + " WHERE r.digest = ANY(%(digests)s) AND r.confirmed_at IS NOT NULL"
        " AND r.stopped_at IS NULL ORDER BY r.id"
    )
    rows = map(_recipient, db.execute(sql, query).fetchall())
    return [recipient for recipient in rows if recipient.active]


def _recipient(row: tuple[Any, ...]) -> Recipient:
    identity, address, actor, role, own, *rest = row
    # Whoever has never signed in has no role here.
    person = Actor(actor, Role(role or Role.PUBLIC), own) if actor is not None else None
    return Recipient(identity, address, person, *rest)


def mark_sending(db: Connection, numbers: Sequence[int], mail: UUID) -> None:
    """Note that messages may be on their way in a mail from now on."""
    db.execute(
        "UPDATE messages SET state = 'sending', mail = %s WHERE number = ANY(%s)",
        (mail, [*numbers]),
    )


def mark_sent(db: Connection, numbers: Sequence[int]) -> None:
    """Note that messages were taken over."""
    db.execute(
        "UPDATE messages SET state = 'sent', failure = NULL, ended_at = clock_timestamp()"
        " WHERE number = ANY(%s)",
        ([*numbers],),
    )


def mark_ended(db: Connection, numbers: Sequence[int], state: str, failure: str) -> None:
    """Note that messages will not be sent, and why: `failed` or `given_up`."""
    db.execute(
        "UPDATE messages SET state = %s, failure = %s, ended_at = clock_timestamp()"
        " WHERE number = ANY(%s)",
        (state, failure, [*numbers]),
    )


def mark_waiting(
    db: Connection, outgoing: Outgoing, failure: str, at: datetime, *, on_its_way: bool
) -> datetime:
    """Note that a mail was not taken, and return when it is tried again."""
    next_at = at + min(FIRST_WAIT * 2.0 ** min(outgoing.attempts, 20), WAIT_MAX)
    db.execute(
        "UPDATE messages SET attempts = attempts + 1, failure = %(failure)s, next_at = %(next)s,"
        " state = CASE WHEN %(kept)s THEN state ELSE 'waiting' END,"
        " mail = CASE WHEN %(kept)s THEN mail END WHERE number = ANY(%(numbers)s)",
        {
            "failure": failure, "next": next_at, "kept": on_its_way,
            "numbers": [*outgoing.numbers],
        },
    )  # fmt: skip
    return next_at


def note_refusal(db: Connection, recipient: UUID) -> None:
    """Count a refusal of an address; after BOUNCES_MAX it is sent nothing more."""
    db.execute(
        "UPDATE message_recipients SET bounces = bounces + 1, stopped_at ="
        " CASE WHEN bounces + 1 >= %s THEN clock_timestamp() ELSE stopped_at END WHERE id = %s",
        (BOUNCES_MAX, recipient),
    )


def set_token(db: Connection, recipient: Recipient, sha256: bytes, ends_at: datetime) -> None:
    """Set the token by which an address can be confirmed, if it is still the recipient's."""
    db.execute(
        "UPDATE message_recipients SET confirm_sha256 = %s, confirm_ends_at = %s"
        " WHERE id = %s AND address = %s",
        (sha256, ends_at, recipient.id, recipient.address),
    )


def purge(db: Connection, at: datetime) -> None:
    """Remove messages that ended long ago, and alerts that nobody confirmed."""
    db.execute("DELETE FROM messages WHERE ended_at < %s", (at - KEPT,))
    db.execute(
        "DELETE FROM message_recipients WHERE confirmed_at IS NULL AND actor IS NULL"
        " AND made_at < %s",
        (at - UNCONFIRMED_KEPT,),
    )
