"""Subscriptions: where notices are sent, which ones, and how far each address has come.

The position is the outbox: what lies after it, up to the end of the ledger, is still to be sent.
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, LiteralString, cast
from uuid import UUID

from msgspec import Meta, Struct

from adapters.ledger.queries import Ends
from adapters.notices.outgoing import SECRET_PREFIX, URL_BYTES_MAX
from adapters.postgres.binary import bigint, bytea, moment, text, uuid
from adapters.postgres.query import Query, QuerySteps, once, rows
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import ActorId, Code

EACH_MAX = 10
"""The most subscriptions of an actor."""
SECRET_BYTES = 32
FILTERS_MAX = 1_000
"""The most characters of a list's query string."""
OVERLAP = timedelta(hours=24)
"""How long an old secret is signed with beside its successor."""
_COLUMNS: LiteralString = (
    "id, actor, url, force, about, training, created_at, lineage, position, failures, failure"
    ", paused_at, filters, test_id, test_requested_at, test_ended_at, test_outcome"
)
_TESTED = 13
"""The number of columns before those of the test."""
TEST_EVERY = timedelta(seconds=10)
"""The shortest time between two tests of a subscription."""


class SubscriptionTest(Struct, frozen=True):
    """A test of a subscription, as its owner asked for it, and what came of it."""

    id: UUID
    """The `webhook-id` that it is sent under."""
    requested_at: datetime
    ended_at: datetime | None
    """None while it waits to be sent."""
    outcome: str | None
    """The status of the answer, or why there was none, in a code."""


class Subscription(Struct, frozen=True):
    """An address, the notices that it is sent, and how that goes."""

    id: UUID
    actor: ActorId
    url: str
    force: Code | None
    about: Literal["report", "recommendation"] | None
    training: bool
    created_at: datetime
    lineage: UUID
    position: int
    """Up to there, the address has taken every notice that is for it."""
    failures: int
    """Attempts that failed since the last that did not."""
    failure: str | None
    """Why the last attempt failed: the status of the answer, or a code."""
    paused_at: datetime | None
    filters: str | None = None
    """The query string of a list of recommendations, to whose changes it is; None for all."""
    test: SubscriptionTest | None = None
    """The latest test of it; None if there was none."""

    @property
    def test_waits(self) -> bool:
        """Whether a test of it is still to be sent."""
        return self.test is not None and self.test.ended_at is None

    def __str__(self) -> str:
        """Return one line for a person to read."""
        parts = (self.force, self.about, "training" if self.training else "", self.filters)
        of = " ".join(filter(None, parts))
        state = "paused" if self.paused_at else "failing" if self.failures else "active"
        why = f" ({self.failure})" if self.failure else ""
        return f"{self.id} {self.actor} {self.url} [{of or 'all'}] at {self.position}, {state}{why}"


class NewSubscription(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address to send notices to, and which ones."""

    url: Annotated[str, Meta(max_length=URL_BYTES_MAX)]
    force: Code | None = None
    about: Literal["report", "recommendation"] | None = None
    training: bool = False
    filters: (
        Annotated[
            str,
            Meta(
                max_length=FILTERS_MAX,
                description="Only steps by which a recommendation came into a list, left it or "
                "changed in it: what is after the question mark in the address of the list.",
            ),
        ]
        | None
    ) = None


def new_secret() -> bytes:
    """Return a secret to sign with."""
    return secrets.token_bytes(SECRET_BYTES)


def shown_secret(secret: bytes) -> str:
    """Return a secret as a receiver's library takes it."""
    return f"{SECRET_PREFIX}{base64.b64encode(secret).decode()}"


def create(
    actor: ActorId, identity: UUID, new: NewSubscription, *, now: Ends, secret: bytes
) -> QuerySteps[bool]:
    """Make a subscription that begins at the end; False if the actor has EACH_MAX."""
    sql: LiteralString = (
        "WITH made AS (INSERT INTO subscriptions (id, actor, url, force, about, training, lineage,"
        " position, filters) SELECT $1, $2, $3, nullif($4, ''), nullif($5, ''), $6 = 1, $7, $8,"
        " CASE WHEN $11 = 1 THEN $12 END WHERE subscriptions_count($2) < $9 RETURNING id)"
        " INSERT INTO webhook_secrets (subscription, secret) SELECT id, $10 FROM made"
        " RETURNING subscription"
    )
    training = new.training or is_training(new.force)
    parameters = [
        uuid(identity), text(actor), text(new.url), text(new.force or ""), text(new.about or ""),
        bigint(training), uuid(now.lineage), bigint(now.published), bigint(EACH_MAX),
        bytea(secret), bigint(new.filters is not None), text(new.filters or ""),
    ]  # fmt: skip
    return bool((yield from once(Query(sql, parameters))))


def listing(actor: ActorId | None) -> QuerySteps[list[Subscription]]:
    """Return an actor's subscriptions, or for None those of all, oldest first."""
    sql: LiteralString = (
        "SELECT " + _COLUMNS + " FROM subscriptions WHERE $1 IN (actor, '') ORDER BY created_at, id"
    )
    return [_subscription(row) for row in (yield from rows(Query(sql, [text(actor or "")])))]


def remove(actor: ActorId | None, identity: UUID) -> QuerySteps[bool]:
    """Remove a subscription with its secrets, an actor's or for None anybody's.

    Returns whether there was one.
    """
    sql: LiteralString = (
        "DELETE FROM subscriptions WHERE $1 IN (actor, '') AND id = $2 RETURNING id"
    )
    return bool((yield from once(Query(sql, [text(actor or ""), uuid(identity)]))))


def rotate(actor: ActorId, identity: UUID, secret: bytes, at: datetime) -> QuerySteps[bool]:
    """Make a new secret; the one before ends after OVERLAP. Return whether there is such one."""
    sql: LiteralString = "SELECT 1 WHERE webhook_secret_rotate($1, $2, $3, $4)"
    parameters = [text(actor), uuid(identity), moment(at + OVERLAP), bytea(secret)]
    return bool((yield from once(Query(sql, parameters))))


def resume(actor: ActorId, identity: UUID, lineage: UUID, after: int | None) -> QuerySteps[bool]:
    """Let a subscription go on, after a position or where it stopped; return whether it exists.

    One of another lineage goes on only after a position.
    """
    sql: LiteralString = (
        "UPDATE subscriptions SET position = CASE WHEN $4 < 0 THEN position ELSE $4 END,"
        " lineage = $3, failures = 0, failure = NULL, paused_at = NULL, next_at = clock_timestamp()"
        " WHERE actor = $1 AND id = $2 AND ($4 >= 0 OR lineage = $3) RETURNING id"
    )
    position = bigint(-1 if after is None else after)
    parameters = [text(actor), uuid(identity), uuid(lineage), position]
    return bool((yield from once(Query(sql, parameters))))


def request_test(actor: ActorId, identity: UUID, test: UUID) -> QuerySteps[bool]:
    """Ask for a test under an id; False if there is no such one, or one was asked for just now."""
    sql: LiteralString = (
        "UPDATE subscriptions SET test_id = $3, test_requested_at = clock_timestamp(),"
        " test_ended_at = NULL, test_outcome = NULL WHERE actor = $1 AND id = $2"
        " AND (test_requested_at IS NULL OR test_ended_at IS NOT NULL"
        " AND test_requested_at <= clock_timestamp() - $4 * interval '1 second') RETURNING id"
    )
    seconds = bigint(int(TEST_EVERY.total_seconds()))
    return bool((yield from once(Query(sql, [text(actor), uuid(identity), uuid(test), seconds]))))


# For the process that sends


def due(through: int) -> QuerySteps[list[Subscription]]:
    """Return the subscriptions for which something may have to be sent now."""
    sql: LiteralString = (
        "SELECT " + _COLUMNS + " FROM subscriptions"
        " WHERE paused_at IS NULL AND next_at <= clock_timestamp() AND position < $1"
        " OR test_id IS NOT NULL AND test_ended_at IS NULL ORDER BY id"
    )
    return [_subscription(row) for row in (yield from rows(Query(sql, [bigint(through)])))]


def note_test(identity: UUID, test: UUID, outcome: str) -> QuerySteps[None]:
    """Note what came of a test."""
    sql: LiteralString = (
        "UPDATE subscriptions SET test_ended_at = clock_timestamp(), test_outcome = $3"
        " WHERE id = $1 AND test_id = $2 RETURNING id"
    )
    yield from once(Query(sql, [uuid(identity), uuid(test), text(outcome)]))


def secrets_of(identity: UUID) -> QuerySteps[list[bytes]]:
    """Return the secrets to sign with, the newest first."""
    sql: LiteralString = (
        "SELECT secret FROM webhook_secrets WHERE subscription = $1"
        " AND (ends_at IS NULL OR ends_at > clock_timestamp()) ORDER BY made_at DESC"
    )
    return [cast("bytes", row[0]) for row in (yield from rows(Query(sql, [uuid(identity)])))]


def advance(identity: UUID, before: int, position: int) -> QuerySteps[bool]:
    """Note that all up to a position was taken; False if it is not `before` any more."""
    sql: LiteralString = (
        "UPDATE subscriptions SET position = $3, failures = 0, failure = NULL"
        " WHERE id = $1 AND position = $2 AND paused_at IS NULL RETURNING id"
    )
    parameters = [uuid(identity), bigint(before), bigint(position)]
    return bool((yield from once(Query(sql, parameters))))


def note_failure(
    identity: UUID, before: int, failure: str, next_at: datetime, *, paused: bool
) -> QuerySteps[None]:
    """Note that an attempt failed, and when to try again, or that it is paused."""
    sql: LiteralString = (
        "UPDATE subscriptions SET failures = failures + 1, failure = $3, next_at = $4,"
        " paused_at = CASE WHEN $5 = 1 THEN clock_timestamp() END"
        " WHERE id = $1 AND position = $2 AND paused_at IS NULL RETURNING id"
    )
    parameters = [
        uuid(identity), bigint(before), text(failure), moment(next_at), bigint(paused),
    ]  # fmt: skip
    yield from once(Query(sql, parameters))


def _subscription(row: Sequence[Any]) -> Subscription:
    columns, test = row[:_TESTED], row[_TESTED:]
    return Subscription(*columns, *([SubscriptionTest(*test)] if test[0] else []))
