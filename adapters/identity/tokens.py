"""Bearer tokens: made here and shown once, kept as a hash, looked up at every request.

A token is on record before it works: if the program dies between the two, the ledger tells of a
token that never was, and not the other way round. It is ended before that is on record, since to
end it must not wait; to end it again puts on record what is missing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

import msgspec
import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from msgspec import Struct
from psycopg.rows import TupleRow

from adapters.clock import new_entry_id
from adapters.identity.token_format import hash_of, new_text, well_formed
from adapters.postgres.batcher import Batcher
from adapters.postgres.binary import byteas, uuids
from adapters.postgres.query import Query, QuerySteps, rows
from domain.access.permissions import OWN_FORCE_ONLY, scopes_of
from domain.events.access import AccessEvent, TokenCreated, TokenRevoked, TokenRotated
from domain.vocabulary.actors import Actor, Role, Scope
from domain.vocabulary.forces import FORCES, TRAINING
from domain.vocabulary.values import ActorId, Code

DAYS_MAX = 366
OVERLAP_MAX = timedelta(days=30)
"""How long a token may live beside the one that takes its place."""
WITHOUT_TOKENS = frozenset({Role.PUBLIC, Role.IMPORTER})

Ask: TypeAlias = Callable[[QuerySteps[list[TupleRow]]], Awaitable[list[TupleRow]]]
Record: TypeAlias = Callable[[AccessEvent], object]
"""Puts on record what happened; if it raises, nothing else is done."""

log = structlog.get_logger()


class Listed(Struct, frozen=True):
    """What is kept of one token; its text is not."""

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
        """One line for a person to read."""
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
    """Make a token; give its text, which is shown this once, and its id.

    Without scopes it has all that its role has a use for. Raises ValueError in words if there
    cannot be such a token.
    """
    _check(actor, role, force, expires_at)
    given = tuple(sorted(scopes_of(role) if scopes is None else set(scopes)))
    if not given or not scopes_of(role).issuperset(given):
        raise ValueError(f"The role {role} has the scopes: {', '.join(sorted(scopes_of(role)))}.")
    text, identity = new_text(), new_entry_id()
    record(TokenCreated(actor, identity, role, expires_at, given, force))
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute(
            "INSERT INTO tokens (id, sha256, actor, role, force, expires_at, scopes)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (identity, hash_of(text), actor, role, force, expires_at, list(given)),
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
    """Put another token of the same rights in a token's place; the old one ends after `overlap`.

    Raises ValueError in words if there is no such token alive, it was replaced already, or there
    cannot be such a token.
    """
    if not timedelta(0) <= overlap <= OVERLAP_MAX:
        raise ValueError(f"The old token lives on for 0 to {OVERLAP_MAX.days} days.")
    text, successor = new_text(), new_entry_id()
    with psycopg.connect(owner_conninfo) as connection:
        found = connection.execute(
            "SELECT actor, role, force, expires_at FROM tokens WHERE id = %s"
            " AND revoked_at IS NULL AND expires_at > now() AND successor IS NULL FOR UPDATE",
            (identity,),
        ).fetchone()
        if found is None:
            raise ValueError(f"There is no live token {identity} that was not replaced.")
        actor, role, force, expired_at = found
        _check(actor, Role(role), force, expires_at)
        ends_at = min(datetime.now(UTC) + overlap, expired_at.astimezone(UTC))
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
    """End a token now; say whether it was alive."""
    with psycopg.connect(owner_conninfo) as connection:
        done = connection.execute(
            "UPDATE tokens SET revoked_at = now()"
            " WHERE id = %s AND revoked_at IS NULL AND expires_at > now()",
            (identity,),
        )
        found = connection.execute(
            "SELECT actor FROM tokens WHERE id = %s AND revoked_at IS NOT NULL", (identity,)
        ).fetchone()
    if found:
        record(TokenRevoked(found[0], identity))
    return done.rowcount == 1


def listing(owner_conninfo: str) -> list[Listed]:
    """Every token that was ever made, oldest first."""
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        found = connection.execute(
            "SELECT id, actor, role, force, scopes, created_at, expires_at, revoked_at,"
            " last_used_on, successor FROM tokens ORDER BY created_at, id"
        ).fetchall()
    return [
        Listed(row[0], row[1], Role(row[2]), row[3], tuple(map(Scope, row[4])), *row[5:])
        for row in found
    ]


class Tokens:
    """Says who a token stands for, as the database has it at that moment."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lookups: Batcher[bytes, Actor | None] = Batcher(self._look_up)
        self._told: asyncio.Task[None] | None = None

    async def actor_of(self, text: str) -> Actor | None:
        """Who sends this token; None if it is mistyped, unknown, expired or revoked."""
        return await self._lookups.put(hash_of(text)) if well_formed(text) else None

    async def _look_up(self, hashes: Sequence[bytes]) -> Sequence[Actor | None]:
        query = Query(
            "SELECT sha256, actor, role, force, scopes, id,"
            " last_used_on IS DISTINCT FROM (now() AT TIME ZONE 'UTC')::date FROM tokens"
            " WHERE sha256 = ANY($1) AND revoked_at IS NULL AND expires_at > now()",
            [byteas(hashes)],
        )
        found: dict[bytes, Actor] = {}
        used: list[UUID] = []
        for sha256, actor, role, force, scopes, identity, first_today in await self._ask(
            rows(query)
        ):
            found[sha256] = Actor(actor, Role(role), force, frozenset(map(Scope, scopes)))
            if first_today:
                used.append(identity)
        if used and (self._told is None or self._told.done()):
            self._told = asyncio.create_task(self._tell_used(used))
        return [found.get(one) for one in hashes]

    async def _tell_used(self, used: Sequence[UUID]) -> None:
        """Keep the day, beside the requests; if it fails, the next request tries again."""
        try:
            await self._ask(rows(Query("SELECT tokens_used($1)", [uuids(used)])))
        except PersistenceError as error:
            log.warning("token_use_not_kept", error=type(error).__name__)


def _check(actor: str, role: Role, force: str | None, expires_at: datetime) -> None:
    if role in WITHOUT_TOKENS:
        raise ValueError(f"The role {role} has no tokens.")
    try:
        msgspec.convert(actor, ActorId)
    except msgspec.ValidationError:
        raise ValueError(
            f"{actor!r} is no actor: lower-case letters, digits and : . _ - between them."
        ) from None
    if role in OWN_FORCE_ONLY and force not in {*FORCES, TRAINING}:
        raise ValueError(f"The role {role} needs a force: one of {', '.join((*FORCES, TRAINING))}.")
    if role not in OWN_FORCE_ONLY and force is not None:
        raise ValueError(f"The role {role} has no force of its own.")
    now = datetime.now(UTC)
    if not now < expires_at <= now + timedelta(DAYS_MAX):
        raise ValueError(f"A token ends after now and within {DAYS_MAX} days.")
