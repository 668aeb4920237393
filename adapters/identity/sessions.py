"""The sessions of people who signed in: looked up at every request, so that an end is at once.

A session's secret is 256 random bits in a cookie; only its SHA-256 is kept. It is new at every
sign-in, and one that the table does not know is nothing.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal, LiteralString, TypeAlias
from uuid import UUID

from msgspec import Struct
from psycopg.rows import TupleRow

from adapters.clock import new_entry_id, now
from adapters.identity.provider import Person
from adapters.postgres.batcher import Batcher
from adapters.postgres.binary import BinaryArray, bigint, bytea, byteas, moment, text, uuid, uuids
from adapters.postgres.query import Query, RunQueries, once, rows
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.values import ActorId, Code

SECRET_BYTES = 32
RENEWAL = timedelta(minutes=1)
"""How long a session is not written to again for being used."""
CLEARED_MAX = 100
"""How many rows that have ended a sign-in removes at most."""

Way: TypeAlias = Literal["oidc", "link"]


class SessionLimits(Struct, frozen=True):
    """How long a session lasts: unused, and at all."""

    idle: timedelta
    at_all: timedelta


class Session(Struct, frozen=True):
    """One session; its id is no secret, and opens nothing."""

    id: UUID
    actor: Actor
    way: Way
    created_at: datetime
    seen_at: datetime
    """When it was last used, to a minute."""
    ends_at: datetime
    """When it ends, however much it is used."""


class Opened(Struct, frozen=True):
    """A session that just began, its secret, and the role its person had at the last sign-in."""

    session: Session
    secret: str
    before: tuple[Role, Code | None] | None = None


_COLUMNS: LiteralString = "id, actor, role, force, way, created_at, seen_at, ends_at"
_ALIVE: LiteralString = "ends_at > $1 AND seen_at > $2"


class Sessions:
    """Opens, finds and ends sessions. Belongs to one event loop."""

    def __init__(
        self, ask: RunQueries, limits: SessionLimits, clock: Callable[[], datetime] = now
    ) -> None:
        self._ask, self._limits, self._clock = ask, limits, clock
        self._lookups: Batcher[bytes, Session | None] = Batcher(self._look_up)

    async def find(self, secret: str) -> Session | None:
        """The session of a secret; None if there is none, it was unused too long, or ended."""
        return await self._lookups.put(hash_of(secret)) if len(secret) <= SECRET_BYTES * 2 else None

    async def open_for(self, person: Person, role: Role, force: Code | None) -> Opened:
        """Begin a session of a person, who is put on record by it, or brought up to date."""
        begun = self._begun("oidc")
        actor = f"p-{secrets.token_hex(10)}"
        parameters = [
            *begun.parameters,
            *map(text, (actor, person.authority, person.subject, person.name or "")),
            *map(text, (role, force or "")),
        ]
        found = (await self._ask(once(Query(_OPEN_FOR, parameters))))[0]
        before = (Role(found[1]), found[2]) if found[1] else None
        return begun.opened(Actor(found[0], role, force), before)

    async def open_by_link(self, code: str) -> Opened | None:
        """Begin the session that a one-time link is for, and use the link up; None if it is none.

        Both are one statement, so that of rivals for a link one gets in.
        """
        begun = self._begun("link")
        found = await self._ask(
            once(Query(_OPEN_BY_LINK, [*begun.parameters, bytea(hash_of(code))]))
        )
        if not found:
            return None
        actor, role, force = found[0]
        return begun.opened(Actor(actor, Role(role), force))

    async def end(self, identity: UUID) -> bool:
        """End one session at once; say whether it was there."""
        sql: LiteralString = "DELETE FROM sessions WHERE id = $1 RETURNING id"
        return bool(await self._ask(once(Query(sql, [uuid(identity)]))))

    async def end_of(self, secret: str) -> None:
        """End the session of a secret, if there is one."""
        sql: LiteralString = "DELETE FROM sessions WHERE sha256 = $1"
        await self._ask(once(Query(sql, [bytea(hash_of(secret))])))

    async def end_all(self, actor: ActorId) -> list[UUID]:
        """End every session of somebody at once; their ids."""
        sql: LiteralString = "DELETE FROM sessions WHERE actor = $1 RETURNING id"
        return [row[0] for row in await self._ask(once(Query(sql, [text(actor)])))]

    async def get(self, identity: UUID) -> Session | None:
        """The session of an id, if it is alive."""
        sql: LiteralString = "SELECT " + _COLUMNS + " FROM sessions WHERE id = $3 AND " + _ALIVE
        found = await self._ask(rows(Query(sql, [*self._since(), uuid(identity)])))
        return _session(found[0]) if found else None

    async def listing(
        self, actor: ActorId | None, limit: int, before: UUID | None = None
    ) -> list[tuple[Session, str | None]]:
        """Live sessions of somebody or of all, newest first, with the names of people.

        Of those that began before another, if one is given: ids are in the order of beginnings.
        """
        sql: LiteralString = (
            "SELECT s.id, actor, s.role, s.force, way, created_at, seen_at, ends_at, name"
            " FROM sessions s LEFT JOIN people USING (actor)"
            " WHERE " + _ALIVE + " AND ($3 = '' OR actor = $3) AND s.id < $4"
            " ORDER BY s.id DESC LIMIT $5"
        )
        begun = before or UUID(int=2**128 - 1)
        parameters = [*self._since(), text(actor or ""), uuid(begun), bigint(limit)]
        found = await self._ask(rows(Query(sql, parameters)))
        return [(_session(row), row[8]) for row in found]

    async def _look_up(self, hashes: Sequence[bytes]) -> Sequence[Session | None]:
        sql: LiteralString = (
            "SELECT " + _COLUMNS + ", sha256 FROM sessions WHERE sha256 = ANY($3) AND " + _ALIVE
        )
        found = await self._ask(rows(Query(sql, [*self._since(), byteas(hashes)])))
        used = self._clock()
        stale = [row[0] for row in found if row[6] <= used - RENEWAL]
        if stale:
            renew: LiteralString = (
                "UPDATE sessions SET seen_at = $1 WHERE id = ANY($2) AND seen_at < $1"
            )
            await self._ask(rows(Query(renew, [moment(used), uuids(stale)])))
        by_hash = {row[8]: _session(row) for row in found}
        return [by_hash.get(one) for one in hashes]

    def _since(self) -> tuple[BinaryArray, BinaryArray]:
        """The parameters of `_ALIVE`."""
        at = self._clock()
        return moment(at), moment(at - self._limits.idle)

    def idle_ends_at(self, session: Session) -> datetime:
        """When a session ends if it is not used again, to a minute."""
        return min(session.seen_at + self._limits.idle, session.ends_at)

    def _begun(self, way: Way) -> "_Begun":
        at = self._clock()
        return _Begun(way, new_entry_id(), new_secret(), at, at + self._limits.at_all)


class _Begun(Struct, frozen=True):
    """What of a session does not depend on whose it is to be."""

    way: Way
    id: UUID
    secret: str
    at: datetime
    ends_at: datetime

    @property
    def parameters(self) -> list[BinaryArray]:
        return [
            uuid(self.id), bytea(hash_of(self.secret)), text(self.way),
            moment(self.at), moment(self.ends_at), bigint(CLEARED_MAX),
        ]  # fmt: skip

    def opened(self, actor: Actor, before: tuple[Role, Code | None] | None = None) -> Opened:
        session = Session(self.id, actor, self.way, self.at, self.at, self.ends_at)
        return Opened(session, self.secret, before)


_CLEAR: LiteralString = (
    "cleared AS (DELETE FROM sessions WHERE id IN"
    " (SELECT id FROM sessions WHERE ends_at <= $4 ORDER BY ends_at LIMIT $6"
    " FOR UPDATE SKIP LOCKED)),"
)
_INSERT: LiteralString = (
    " INSERT INTO sessions (id, sha256, actor, role, force, way, created_at, seen_at, ends_at)"
    " SELECT $1, $2, actor, role, force, $3, $4, $4, $5 FROM"
)
_OPEN_FOR: LiteralString = (
    "WITH " + _CLEAR + " before AS ("  # as it was before this statement
    " SELECT role, force FROM people WHERE authority = $8 AND subject = $9),"
    " person AS ("
    " INSERT INTO people AS p (actor, authority, subject, name, role, force, signed_in_at)"
    " VALUES ($7, $8, $9, nullif($10, ''), $11, nullif($12, ''), $4)"
    " ON CONFLICT (authority, subject) DO UPDATE SET name = excluded.name, role = excluded.role,"
    " force = excluded.force, signed_in_at = excluded.signed_in_at"
    " RETURNING actor, role, force)," + " opened AS (" + _INSERT + " person RETURNING actor)"
    " SELECT actor, (SELECT role FROM before), (SELECT force FROM before) FROM opened"
)
_OPEN_BY_LINK: LiteralString = (
    "WITH " + _CLEAR + " link AS ("
    " DELETE FROM sign_in_links WHERE sha256 = $7 AND ends_at > $4 RETURNING actor, role, force)"
    + _INSERT
    + " link RETURNING actor, role, force"
)


def new_secret() -> str:
    """256 random bits, as text that can stand in a cookie."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> bytes:
    """What is kept of a secret: of 256 random bits a plain hash cannot be searched."""
    return hashlib.sha256(secret.encode()).digest()


def _session(row: TupleRow) -> Session:
    return Session(row[0], Actor(row[1], Role(row[2]), row[3]), *row[4:8])
