"""Messages of the public, and what came of each.

A message is personal data: it goes when its day has come. Its outcome has nothing of its sender; it
is a row of a table that only grows, beside the ledger, since no state or figure depends on it
(docs/decisions/0065).
"""

import secrets
from datetime import datetime, timedelta
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from msgspec import Struct
from psycopg.rows import TupleRow

from adapters.postgres.binary import bigint, moment, text, uuid
from adapters.postgres.query import Query, QuerySteps, once, rows
from domain.vocabulary.values import ActorId, StepNumber

MESSAGE_MAX: Final = 4_000
ABOUT_MAX: Final = 300
REPLY_TO_MAX: Final = 254
LIFE: Final = timedelta(days=180)
"""How long a message is kept."""
WAITING_MAX: Final = 5_000
"""The most messages that wait for an outcome at once, whoever sends them."""
LISTED_MAX: Final = 100
"""The most messages on a page."""
CLEARED_MAX: Final = 100
"""The most old messages that one new message clears away."""
_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters without those that are mistaken for others."""
REFERENCE_CHARS: Final = 10

ContactsOrder: TypeAlias = Literal["waiting", "newest"]
Outcome: TypeAlias = Literal["no_change", "corrected", "passed_on", "spam"]


class Message(Struct, frozen=True):
    """A message as it was sent: its text, the page that it is about, and where to answer."""

    text: str
    about: str | None = None
    reply_to: str | None = None


class Contact(Struct, frozen=True):
    """A message on record, and what came of it last; None if nothing did yet."""

    reference: str
    message: Message
    received_at: datetime
    purge_at: datetime
    outcome: Outcome | None


class ContactOutcome(Struct, frozen=True):
    """The outcome of a message: recorded by an actor at a moment, perhaps with the step."""

    outcome: Outcome
    by: ActorId
    at: datetime
    received_at: datetime
    stream: UUID | None = None
    step: StepNumber | None = None


def new_reference() -> str:
    """Return a reference that nobody can guess: it leads to what came of a message."""
    return "".join(secrets.choice(_SIGNS) for _ in range(REFERENCE_CHARS))


def receive(reference: str, message: Message, at: datetime) -> QuerySteps[bool]:
    """Keep a message for its life, and clear old ones; False if as many wait as may."""
    sql: LiteralString = (
        "WITH cleared AS (DELETE FROM contacts WHERE reference = ANY(ARRAY("
        "SELECT reference FROM contacts WHERE purge_at <= $5 ORDER BY purge_at LIMIT $7)))"
        " INSERT INTO contacts (reference, about, message, reply_to, received_at, purge_at)"
        " SELECT $1, nullif($2, ''), $3, nullif($4, ''), $5, $6"
        " WHERE (SELECT count(*) FROM contacts c WHERE purge_at > $5 AND NOT EXISTS ("
        "SELECT FROM contact_outcomes o WHERE o.reference = c.reference)) < $8 RETURNING reference"
    )
    parameters = [
        text(reference), text(message.about or ""), text(message.text),
        text(message.reply_to or ""), moment(at), moment(at + LIFE), bigint(CLEARED_MAX),
        bigint(WAITING_MAX),
    ]  # fmt: skip
    return bool((yield from once(Query(sql, parameters))))


def clear(at: datetime) -> QuerySteps[None]:
    """Delete the messages whose day has come."""
    yield from once(Query("DELETE FROM contacts WHERE purge_at <= $1", [moment(at)]))


_KEPT: LiteralString = (
    "SELECT c.reference, c.about, c.message, c.reply_to, c.received_at, c.purge_at, o.outcome"
    " FROM contacts c LEFT JOIN LATERAL (SELECT outcome FROM contact_outcomes"
    " WHERE reference = c.reference ORDER BY number DESC LIMIT 1) o ON true"
    " WHERE c.purge_at > $1"
)


def listing(
    at: datetime, before: int, order: ContactsOrder | None = None
) -> QuerySteps[list[Contact]]:
    """Return a page of the messages that are kept, which begins after so many.

    Those that wait come first, the oldest first; then the others, the newest first. Or all come
    together, the newest first.
    """
    waiting_first: LiteralString = (
        "o.outcome IS NOT NULL, CASE WHEN o.outcome IS NULL THEN c.received_at END, "
    )
    sql: LiteralString = (
        _KEPT
        + " ORDER BY "
        + ("" if order == "newest" else waiting_first)
        + "c.received_at DESC, c.reference LIMIT $2 OFFSET $3"
    )
    parameters = [moment(at), bigint(LISTED_MAX), bigint(before)]
    kept = yield from rows(Query(sql, parameters))
    return [_contact(row) for row in kept]


def counts(at: datetime) -> QuerySteps[tuple[int, int]]:
    """Return how many messages wait for an outcome, and how many are kept in all."""
    sql: LiteralString = (
        "SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT FROM contact_outcomes o"
        " WHERE o.reference = c.reference)), count(*) FROM contacts c WHERE purge_at > $1"
    )
    ((waiting, kept),) = yield from rows(Query(sql, [moment(at)]))
    return int(waiting), int(kept)


def contact(reference: str, at: datetime) -> QuerySteps[Contact | None]:
    """Return a message by its reference; None if there is none, or it has gone."""
    sql: LiteralString = _KEPT + " AND c.reference = $2"
    kept = yield from rows(Query(sql, [moment(at), text(reference)]))
    return _contact(kept[0]) if kept else None


def outcomes(reference: str) -> QuerySteps[list[ContactOutcome]]:
    """Return what came of a message, the last first; it stays when the message has gone."""
    sql: LiteralString = (
        "SELECT outcome, by, at, received_at, stream, step FROM contact_outcomes"
        " WHERE reference = $1 ORDER BY number DESC LIMIT $2"
    )
    recorded = yield from rows(Query(sql, [text(reference), bigint(LISTED_MAX)]))
    return [ContactOutcome(*row) for row in recorded]


def record_outcome(reference: str, outcome: ContactOutcome) -> QuerySteps[bool]:
    """Record what came of a message, unless that is on record last; return whether it was.

    What is no message to the service is deleted at once; its reference and its outcome stay.
    """
    sql: LiteralString = (
        "WITH recorded AS (INSERT INTO contact_outcomes"
        " (reference, received_at, outcome, stream, step, by, at)"
        " SELECT $1, $2, $3, CASE WHEN $5 > 0 THEN $4 END, nullif($5, 0), $6, $7"
        " WHERE NOT EXISTS (SELECT FROM (SELECT outcome, stream, step FROM contact_outcomes"
        " WHERE reference = $1 ORDER BY number DESC LIMIT 1) l WHERE outcome = $3"
        " AND (step IS NULL OR (step = $5 AND stream = $4)))"
        " AND (SELECT count(*) FROM contact_outcomes WHERE reference = $1) < $8"
        " RETURNING reference),"
        " deleted AS (DELETE FROM contacts WHERE $3 = 'spam'"
        " AND reference IN (SELECT reference FROM recorded)) SELECT reference FROM recorded"
    )
    parameters = [
        text(reference), moment(outcome.received_at), text(outcome.outcome),
        uuid(outcome.stream or UUID(int=0)), bigint(outcome.step or 0), text(outcome.by),
        moment(outcome.at), bigint(LISTED_MAX),
    ]  # fmt: skip
    return bool((yield from once(Query(sql, parameters))))


def _contact(row: TupleRow) -> Contact:
    reference, about, message, reply_to, received_at, purge_at, outcome = row
    return Contact(reference, Message(message, about, reply_to), received_at, purge_at, outcome)
