"""Bearer tokens: made and shown once, kept as a hash, looked up at every request.

A token is put on record before it works: if the program dies between the two, the ledger records a
token that never existed, and not the other way round. It is revoked before that is put on record,
since a revocation must not wait; revoking it again records what is missing.

A token whose actor is a person, as the identity provider knows them, opens nothing once that person
has another role; one for reporting, once they have none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from msgspec import Struct
from psycopg.rows import TupleRow

from adapters.batcher import Batcher
from adapters.clock import new_entry_id, now
from adapters.identity.token_format import hash_of, new_token, well_formed
from adapters.postgres.binary import byteas, uuids
from adapters.postgres.query import Query, QuerySteps, rows
from domain.access.permissions import scopes_of
from domain.access.sign_in import check_actor
from domain.events.access import AccessEvent, TokenCreated, TokenRevoked, TokenRotated
from domain.vocabulary.actors import Actor, Role, Scope
from domain.vocabulary.values import ActorId, Code

DAYS_MAX = 366
OVERLAP_MAX = timedelta(days=30)
"""How long a token may live beside its successor."""
WITHOUT_TOKENS = frozenset({Role.PUBLIC, Role.IMPORTER})

Ask: TypeAlias = Callable[[QuerySteps[list[TupleRow]]], Awaitable[list[TupleRow]]]
Record: TypeAlias = Callable[[AccessEvent], object]
"""Puts an event on record; if it raises, nothing else is done."""

log = structlog.get_logger()


class Token(Struct, frozen=True):
    """A token as it is kept, without its text."""

    id: UUID
    actor: ActorId
    role: Role
    force: Code | None
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None
    successor: UUID | None

    def __str__(self) -> str:
        """Return one line for a person to read."""
        ends = f"ends {self.expires_at:%Y-%m-%d %H:%M}"
        if self.revoked_at:
            ends = f"revoked {self.revoked_at:%Y-%m-%d %H:%M}"
        force = f" of {self.force}" if self.force else ""
        scopes = "+".join(self.scopes)
        used = f"last used {self.last_used_on}" if self.last_used_on else "never used"
        then = f", replaced by {self.successor}" if self.successor else ""
        return f"{self.id} {self.actor} {self.role}{force}, {ends} UTC, {scopes}, {used}{then}"


def create(
    owner_conninfo: str,
    *,
    actor: str,
    role: Role,
    force: str | None,
    expires_at: datetime,
    record: Record,
    scopes: Collection[Scope] | None = None,
) -> tuple[str, UUID]:
    """Make a token; return its text, which is shown only once, and its id.

    Without `scopes` it has every scope that its role can use. Raises ValueError, in words, if there
    cannot be such a token.
    """
    _check(actor, role, force, expires_at)
    granted = tuple(sorted(scopes_of(role) if scopes is None else set(scopes)))
    if not granted or not scopes_of(role).issuperset(granted):
        raise ValueError(f"The role {role} has the scopes: {', '.join(sorted(scopes_of(role)))}.")
    with psycopg.connect(owner_conninfo) as connection:
        person = connection.execute(
            "SELECT role, force FROM people WHERE actor = %s", (actor,)
        ).fetchone()
    if person and role is not Role.REPORTING and person != (role, force):
        of_force = f" of {person[1]}" if person[1] else ""
        raise ValueError(f"{actor} is a person who has the role {person[0]}{of_force}.")
    text, identity = new_token(), new_entry_id()
    record(TokenCreated(actor, identity, role, expires_at, granted, force))
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute(
            "INSERT INTO tokens (id, sha256, actor, role, force, expires_at, scopes)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (identity, hash_of(text), actor, role, force, expires_at, list(granted)),
        )
    return text, identity


def rotate(
    owner_conninfo: str,
    identity: UUID,
    *,
    expires_at: datetime,
    record: Record,
    overlap: timedelta = timedelta(0),
) -> tuple[str, UUID]:
    """Replace a token by a successor with the same rights; the old ends after `overlap`.

    Returns the new token's text, which is shown only once, and its id. Raises ValueError, in words,
    if the old token is not alive or was already replaced, or there cannot be such a successor.
    """
    if not timedelta(0) <= overlap <= OVERLAP_MAX:
        raise ValueError(f"The old token lives on for 0 to {OVERLAP_MAX.days} days.")
    text, successor = new_token(), new_entry_id()
    with psycopg.connect(owner_conninfo) as connection:
        row = connection.execute(
            "SELECT actor, role, force, expires_at FROM tokens WHERE id = %s"
            " AND revoked_at IS NULL AND expires_at > now() AND successor IS NULL FOR UPDATE",
            (identity,),
        ).fetchone()
        if row is None:
            raise ValueError(f"There is no live token {identity} that was not replaced.")
        actor, role, force, expired_at = row
        _check(actor, Role(role), force, expires_at)
        ends_at = min(now() + overlap, expired_at.astimezone(UTC))
        record(TokenRotated(actor, identity, successor, ends_at, expires_at))
        connection.execute(
            "INSERT INTO tokens (id, sha256, actor, role, force, expires_at, scopes)"
            " SELECT %s, %s, actor, role, force, %s, scopes FROM tokens WHERE id = %s",
            (successor, hash_of(text), expires_at, identity),
        )
        connection.execute(
            "UPDATE tokens SET successor = %s, expires_at = %s WHERE id = %s",
            (successor, ends_at, identity),
        )
    return text, successor


def revoke(owner_conninfo: str, identity: UUID, *, record: Record) -> bool:
    """End a token now; return whether it was alive."""
    with psycopg.connect(owner_conninfo) as connection:
        ended = connection.execute(
            "UPDATE tokens SET revoked_at = now()"
            " WHERE id = %s AND revoked_at IS NULL AND expires_at > now()",
            (identity,),
        )
        revoked = connection.execute(
            "SELECT actor FROM tokens WHERE id = %s AND revoked_at IS NOT NULL", (identity,)
        ).fetchone()
    if revoked:
        record(TokenRevoked(revoked[0], identity))
    return ended.rowcount == 1


def listing(owner_conninfo: str) -> list[Token]:
    """Return every token ever made, oldest first."""
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        tokens = connection.execute(
            "SELECT id, actor, role, force, scopes, created_at, expires_at, revoked_at,"
            " last_used_on, successor FROM tokens ORDER BY created_at, id"
        ).fetchall()
    return [
        Token(row[0], row[1], Role(row[2]), row[3], tuple(map(Scope, row[4])), *row[5:])
        for row in tokens
    ]


class Tokens:
    """Finds the actor of a token, as the database has it at that moment."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lookups: Batcher[bytes, Actor | None] = Batcher(self._look_up)
        self._recording: asyncio.Task[None] | None = None

    async def actor_of(self, text: str) -> Actor | None:
        """Return a token's actor; None if the token is mistyped, unknown, expired or revoked."""
        return await self._lookups.put(hash_of(text)) if well_formed(text) else None

    async def _look_up(self, hashes: Sequence[bytes]) -> Sequence[Actor | None]:
        query = Query(
            "SELECT sha256, actor, role, force, scopes, id,"
            " last_used_on IS DISTINCT FROM (now() AT TIME ZONE 'UTC')::date FROM tokens t"
            " WHERE sha256 = ANY($1) AND revoked_at IS NULL AND expires_at > now()"
            " AND NOT EXISTS (SELECT FROM people p WHERE p.actor = t.actor AND (p.role = 'public'"
            " OR t.role <> 'reporting' AND (p.role, p.force) IS DISTINCT FROM (t.role, t.force)))",
            [byteas(hashes)],
        )
        actors: dict[bytes, Actor] = {}
        used: list[UUID] = []
        for sha256, actor, role, force, scopes, identity, first_today in await self._ask(
            rows(query)
        ):
            actors[sha256] = Actor(actor, Role(role), force, frozenset(map(Scope, scopes)))
            if first_today:
                used.append(identity)
        if used and (self._recording is None or self._recording.done()):
            self._recording = asyncio.create_task(self._record_use(used))
        return [actors.get(sha256) for sha256 in hashes]

    async def _record_use(self, used: Sequence[UUID]) -> None:
        """Record the day of use in the background; on failure, the next request tries again."""
        try:
            await self._ask(rows(Query("SELECT tokens_used($1)", [uuids(used)])))
        except PersistenceError as error:
            log.warning("token_use_not_kept", error=type(error).__name__)


def _check(actor: str, role: Role, force: str | None, expires_at: datetime) -> None:
    if role in WITHOUT_TOKENS:
        raise ValueError(f"The role {role} has no tokens.")
    check_actor(actor, role, force)
    at = now()
    if not at < expires_at <= at + timedelta(DAYS_MAX):
        raise ValueError(f"A token must end in the future, within {DAYS_MAX} days.")
