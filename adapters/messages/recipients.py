"""Recipients: a person's choice of messages, and alerts that anybody asks for.

An address gets messages once a link that was mailed to it was used. Nothing here tells a caller
whether an address is known.
"""

from datetime import datetime
from hashlib import sha256
from typing import Literal, LiteralString
from uuid import UUID

from msgspec import Struct

from adapters.clock import new_entry_id
from adapters.messages.mail import Kind
from adapters.postgres.binary import bigint, bytea, moment, text, uuid
from adapters.postgres.query import Query, QuerySteps, once, rows
from domain.vocabulary.values import ActorId, Code

Digest = Literal["none", "daily", "weekly"]

ALERTS_EACH_MAX = 20
"""The most alerts of an address."""
CONFIRMATIONS_MAX = 5
"""The most requests to confirm that an address is sent within a day."""
SHOWN_MAX = 20
"""The most messages that a person is shown of those that were made for them."""


class Preferences(Struct, frozen=True):
    """The messages that a person chose, and the state of their address."""

    address: str
    at_once: bool
    digest: Digest
    confirmed: bool = False
    stopped: bool = False
    """Whether the address refused so much that nothing is sent any more."""


class MadeMessage(Struct, frozen=True):
    """A message that was made for a person: its kind, and what became of it."""

    kind: Kind
    made_at: datetime
    state: Literal["waiting", "sending", "sent", "failed", "given_up"]
    ended_at: datetime | None
    bounced: bool


def preferences_of(actor: ActorId) -> QuerySteps[Preferences | None]:
    """Return what a person chose; None if they never did."""
    sql: LiteralString = (
        "SELECT address, at_once, digest, confirmed_at IS NOT NULL, stopped_at IS NOT NULL"
        " FROM message_recipients WHERE actor = $1"
    )
    chosen = yield from rows(Query(sql, [text(actor)]))
    return Preferences(*chosen[0]) if chosen else None


def made_for(actor: ActorId) -> QuerySteps[list[MadeMessage]]:
    """Return the latest messages that were made for a person, newest first."""
    sql: LiteralString = (
        "SELECT kind, made_at, state, ended_at, bounced_at IS NOT NULL FROM messages"
        " WHERE recipient = (SELECT id FROM message_recipients WHERE actor = $1)"
        " ORDER BY number DESC LIMIT $2"
    )
    made = yield from rows(Query(sql, [text(actor), bigint(SHOWN_MAX)]))
    return [MadeMessage(*row) for row in made]


_CONFIRM: LiteralString = """
    WITH made AS ({})
    INSERT INTO messages (recipient, kind, cause, about, next_at)
    SELECT id, 'confirm', $1, '{{}}', clock_timestamp() FROM made
     WHERE confirmed_at IS NULL
       AND (SELECT count(*) FROM messages m JOIN message_recipients r ON r.id = m.recipient
             WHERE r.address = $2 AND m.kind = 'confirm'
               AND m.made_at > clock_timestamp() - interval '1 day') < $3
    RETURNING number
"""
"""Makes a recipient, and asks to confirm the address, unless it was asked too often."""
_SAVE: LiteralString = _CONFIRM.format(
    """
    INSERT INTO message_recipients AS r (actor, address, at_once, digest)
    VALUES ($4, $2, $5 = 1, $6) ON CONFLICT (actor) DO UPDATE
       SET address = excluded.address, at_once = excluded.at_once, digest = excluded.digest,
           confirmed_at = CASE WHEN r.address = excluded.address AND r.stopped_at IS NULL
                               THEN r.confirmed_at END,
           confirm_sha256 = CASE WHEN r.address = excluded.address THEN r.confirm_sha256 END,
           bounces = CASE WHEN r.address = excluded.address THEN r.bounces ELSE 0 END,
           stopped_at = NULL
    RETURNING id, confirmed_at
    """
)
_ALERT: LiteralString = _CONFIRM.format(
    """
    INSERT INTO message_recipients AS r (address, force, area)
    SELECT $2, nullif($4, ''), nullif($5, '')
     WHERE (SELECT count(*) FROM message_recipients WHERE address = $2 AND actor IS NULL) < $6
    ON CONFLICT (address, coalesce(force, ''), coalesce(area, '')) WHERE actor IS NULL
    DO UPDATE SET address = excluded.address
    RETURNING id, confirmed_at
    """
)


def save(actor: ActorId, chosen: Preferences) -> QuerySteps[bool]:
    """Save what a person chose; return whether they are asked to confirm their address.

    That is so of a new address, of one that refused messages, and of one not confirmed so far.
    """
    parameters = [
        text(str(new_entry_id())), text(chosen.address), bigint(CONFIRMATIONS_MAX), text(actor),
        bigint(chosen.at_once), text(chosen.digest),
    ]  # fmt: skip
    return bool((yield from once(Query(_SAVE, parameters))))


def forget(actor: ActorId) -> QuerySteps[bool]:
    """Remove a person's address and choice, and what was made for them; return if it existed."""
    sql: LiteralString = "DELETE FROM message_recipients WHERE actor = $1 RETURNING id"
    return bool((yield from once(Query(sql, [text(actor)]))))


def ask_for_alert(address: str, force: Code | None, area: str | None) -> QuerySteps[None]:
    """Ask an address to confirm an alert about a force or an area, unless it has it already."""
    parameters = [
        text(str(new_entry_id())), text(address), bigint(CONFIRMATIONS_MAX), text(force or ""),
        text(area or ""), bigint(ALERTS_EACH_MAX),
    ]  # fmt: skip
    yield from once(Query(_ALERT, parameters))


class Confirmed(Struct, frozen=True):
    """A recipient whose address is confirmed: a person's, or an alert of the public."""

    of_person: bool
    force: Code | None
    area: str | None


def awaiting(token: str, at: datetime) -> QuerySteps[Confirmed | None]:
    """Return what a link would confirm at a moment; None if it does not hold."""
    sql: LiteralString = (
        "SELECT actor IS NOT NULL, force, area FROM message_recipients"
        " WHERE confirm_sha256 = $1 AND confirm_ends_at > $2"
    )
    confirmed = yield from rows(Query(sql, [bytea(_hash_of(token)), moment(at)]))
    return Confirmed(*confirmed[0]) if confirmed else None


def confirm(token: str, at: datetime) -> QuerySteps[Confirmed | None]:
    """Confirm an address by the link that was mailed to it; None if it does not hold.

    The link holds until its end, so that a second press of the button says the same.
    """
    sql: LiteralString = (
        "UPDATE message_recipients SET confirmed_at = coalesce(confirmed_at, $2), bounces = 0,"
        " stopped_at = NULL WHERE confirm_sha256 = $1 AND confirm_ends_at > $2"
        " RETURNING actor IS NOT NULL, force, area"
    )
    confirmed = yield from once(Query(sql, [bytea(_hash_of(token)), moment(at)]))
    return Confirmed(*confirmed[0]) if confirmed else None


def unsubscribe(identity: UUID) -> QuerySteps[None]:
    """End the messages of a recipient: an alert is removed, a person's choice set to none.

    It does nothing if there is no such recipient.
    """
    alert: LiteralString = (
        "DELETE FROM message_recipients WHERE unsubscribe = $1 AND actor IS NULL RETURNING id"
    )
    person: LiteralString = (
        "UPDATE message_recipients SET at_once = false, digest = 'none' WHERE unsubscribe = $1"
        " RETURNING id"
    )
    if not (yield from once(Query(alert, [uuid(identity)]))):
        yield from once(Query(person, [uuid(identity)]))


def _hash_of(token: str) -> bytes:
    return sha256(token.encode()).digest()
