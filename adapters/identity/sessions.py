"""Sessions of signed-in people: looked up at every request, so that they end at once.

A session's secret is 256 random bits in a cookie; only its SHA-256 is kept. It is new at every
sign-in, and a secret that the table does not hold opens nothing.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal, LiteralString, TypeAlias
from uuid import UUID

from msgspec import Struct
from psycopg.rows import TupleRow

from adapters.batcher import Batcher
from adapters.clock import new_entry_id, now
from adapters.identity.form_tokens import CLEAR, ISSUE, ISSUE_IF_ABSENT, form_token
from adapters.identity.provider import Person
from adapters.identity.token_format import hash_of
from adapters.postgres.binary import BinaryArray, bigint, bytea, byteas, moment, text, uuid, uuids
from adapters.postgres.query import Query, RunQueries, once, rows
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.values import ActorId, Code

SECRET_BYTES = 32
RENEWAL = timedelta(minutes=1)
"""How long the use of a session goes without being written again."""
CLEARED_MAX = 100
"""The most expired rows that a sign-in removes."""

Way: TypeAlias = Literal["oidc", "link"]


class SessionLimits(Struct, frozen=True):
    """How long a session lasts: while unused, and at most."""

    idle: timedelta
    lifetime: timedelta


class Session(Struct, frozen=True):
    """A session; its id is no secret, and opens nothing."""

    id: UUID
    actor: Actor
    way: Way
    created_at: datetime
    seen_at: datetime
    """When it was last used, to a minute."""
    ends_at: datetime
    """When it ends, however much it is used."""


class Opened(Struct, frozen=True):
    """A new session, its secret, and the person's role at their last sign-in."""

    session: Session
    secret: str
    before: tuple[Role, Code | None] | None = None


_COLUMNS: LiteralString = "id, actor, role, force, way, created_at, seen_at, ends_at"
_ALIVE: LiteralString = (
    "ends_at > $1 AND seen_at > $2 AND NOT EXISTS (SELECT FROM people p WHERE p.actor = s.actor"
    " AND (p.role, p.force) IS DISTINCT FROM (s.role, s.force))"
)
"""A session `s` is alive by both limits, and while its person has the role that it was begun in."""


class Sessions:
    """Opens, finds and ends sessions. Belongs to one event loop."""

    def __init__(
        self, ask: RunQueries, limits: SessionLimits, clock: Callable[[], datetime] = now
    ) -> None:
        self._ask, self._limits, self._clock = ask, limits, clock
        self._lookups: Batcher[str, Session | None] = Batcher(self._look_up)
        self._began = clock()

    async def find(self, secret: str) -> Session | None:
        """Return the session of a secret; None if unknown, unused too long, or ended."""
        return await self._lookups.put(secret) if len(secret) <= SECRET_BYTES * 2 else None

    async def open_for(self, person: Person, role: Role, force: Code | None) -> Opened:
        """Begin a person's session; add the person, or bring them up to date.

        Sessions that they began in another role end.
        """
        begun = self._begin("oidc")
        actor = f"p-{secrets.token_hex(10)}"
        parameters = [
            *begun.parameters,
            *map(text, (actor, person.authority, person.subject, person.name or "")),
            *map(text, (role, force or "")),
        ]
        row = (await self._ask(once(Query(_OPEN_FOR, parameters))))[0]
        before = (Role(row[1]), row[2]) if row[1] else None
        return begun.opened(Actor(row[0], role, force), before)

    async def open_by_link(self, code: str) -> Opened | None:
        """Begin the session of a one-time link and use the link up; None if invalid.

        Both are one statement, so that only one of several rivals for a link gets in. The person is
        added, or brought up to date. Sessions that its actor began in another role end.
        """
        begun = self._begin("link")
        used = await self._ask(
            once(Query(_OPEN_BY_LINK, [*begun.parameters, bytea(hash_of(code))]))
        )
        if not used:
            return None
        actor, role, force, was, was_force = used[0]
        before = (Role(was), was_force) if was else None
        return begun.opened(Actor(actor, Role(role), force), before)

    async def lose_role(self, person: Person) -> Actor | None:
        """End every session of a person who has no role any more; return who they were.

        None if they are unknown, or had lost it before.
        """
        parameters = [text(person.authority), text(person.subject)]
        lost = await self._ask(once(Query(_LOSE_ROLE, parameters)))
        return Actor(lost[0][0], Role(lost[0][1]), lost[0][2]) if lost else None

    async def end(self, identity: UUID) -> bool:
        """End a session at once; return whether it existed."""
        sql: LiteralString = "DELETE FROM sessions WHERE id = $1 RETURNING id"
        return bool(await self._ask(once(Query(sql, [uuid(identity)]))))

    async def end_by_secret(self, secret: str) -> None:
        """End the session of a secret, if there is one."""
        sql: LiteralString = "DELETE FROM sessions WHERE sha256 = $1"
        await self._ask(once(Query(sql, [bytea(hash_of(secret))])))

    async def end_all(self, actor: ActorId) -> list[UUID]:
        """End every session of an actor at once, and their private addresses; return the ids."""
        sql: LiteralString = (
            "WITH revoked AS (DELETE FROM private_addresses WHERE actor = $1)"
            " DELETE FROM sessions WHERE actor = $1 RETURNING id"
        )
        return [row[0] for row in await self._ask(once(Query(sql, [text(actor)])))]

    async def get(self, identity: UUID) -> Session | None:
        """Return the live session with an id; None if there is none."""
        sql: LiteralString = "SELECT " + _COLUMNS + " FROM sessions s WHERE id = $3 AND " + _ALIVE
        alive = await self._ask(rows(Query(sql, [*self._since(), uuid(identity)])))
        return _session(alive[0]) if alive else None

    async def listing(
        self, actor: ActorId | None, limit: int, before: UUID | None = None
    ) -> list[tuple[Session, str | None]]:
        """Return live sessions of an actor, or of all, newest first, with people's names.

        With `before`, only older sessions than that: ids are in the order of their beginning.
        """
        sql: LiteralString = (
            "SELECT s.id, s.actor, s.role, s.force, way, created_at, seen_at, ends_at, name"
            " FROM sessions s LEFT JOIN people ON people.actor = s.actor"
            " WHERE " + _ALIVE + " AND ($3 = '' OR s.actor = $3) AND s.id < $4"
            " ORDER BY s.id DESC LIMIT $5"
        )
        bound = before or UUID(int=2**128 - 1)
        parameters = [*self._since(), text(actor or ""), uuid(bound), bigint(limit)]
        alive = await self._ask(rows(Query(sql, parameters)))
        return [(_session(row), row[8]) for row in alive]

    async def _look_up(self, keys: Sequence[str]) -> Sequence[Session | None]:
        by_sha256 = {hash_of(secret): secret for secret in keys}
        sql: LiteralString = (
            "SELECT " + _COLUMNS + ", sha256 FROM sessions s WHERE sha256 = ANY($3) AND " + _ALIVE
        )
        alive = await self._ask(rows(Query(sql, [*self._since(), byteas(by_sha256)])))
        used = self._clock()
        # At once after a start, too: a release before may not have kept the tokens of forms.
        stale = [row for row in alive if row[6] <= used - RENEWAL or row[6] < self._began]
        if stale:
            ids = uuids(row[0] for row in stale)
            tokens = byteas(hash_of(form_token(by_sha256[row[8]])) for row in stale)
            await self._ask(rows(Query(_RENEW, [moment(used), ids, tokens])))
        by_secret = {by_sha256[row[8]]: _session(row) for row in alive}
        return [by_secret.get(secret) for secret in keys]

    def _since(self) -> tuple[BinaryArray, BinaryArray]:
        """Return the parameters of `_ALIVE`."""
        at = self._clock()
        return moment(at), moment(at - self._limits.idle)

    def idle_ends_at(self, session: Session) -> datetime:
        """Return when a session ends if it is not used again, to a minute."""
        return min(session.seen_at + self._limits.idle, session.ends_at)

    def _begin(self, way: Way) -> "_Begun":
        at = self._clock()
        return _Begun(way, new_entry_id(), new_secret(), at, at + self._limits.lifetime)


class _Begun(Struct, frozen=True):
    """The part of a new session that does not depend on its actor."""

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
            bytea(hash_of(form_token(self.secret))),
        ]  # fmt: skip

    def opened(self, actor: Actor, before: tuple[Role, Code | None] | None = None) -> Opened:
        session = Session(self.id, actor, self.way, self.at, self.at, self.ends_at)
        return Opened(session, self.secret, before)


_CLEAR: LiteralString = (
    "cleared AS (DELETE FROM sessions WHERE id IN"
    " (SELECT id FROM sessions WHERE ends_at <= $4 - interval '1 hour' ORDER BY ends_at LIMIT $6"
    " FOR UPDATE SKIP LOCKED))," + CLEAR
)
_INSERT: LiteralString = (
    " INSERT INTO sessions (id, sha256, actor, role, force, way, created_at, seen_at, ends_at)"
    " SELECT $1, $2, actor, role, force, $3, $4, $4, $5 FROM"
)
_RENEW: LiteralString = (
    "WITH used AS (UPDATE sessions SET seen_at = $1 WHERE id = ANY($2) AND seen_at < $1)"
    + ISSUE_IF_ABSENT
)
_ELSE: LiteralString = (
    " WHERE s.actor = n.actor AND (s.role, s.force) IS DISTINCT FROM (n.role, n.force)"
)
"""Of a session `s` that was begun in another role than a new one, `n`."""
_OPEN_FOR: LiteralString = (
    "WITH " + _CLEAR + " before AS ("  # as they were before this statement
    " SELECT role, force FROM people WHERE authority = $9 AND subject = $10),"
    " person AS ("
    " INSERT INTO people AS p (actor, authority, subject, name, role, force, signed_in_at)"
    " VALUES ($8, $9, $10, nullif($11, ''), $12, nullif($13, ''), $4)"
    " ON CONFLICT (authority, subject) DO UPDATE SET name = excluded.name, role = excluded.role,"
    " force = excluded.force, signed_in_at = excluded.signed_in_at"
    " RETURNING actor, role, force),"
    " ended AS (DELETE FROM sessions s USING person n" + _ELSE + "),"
    " opened AS ("
    + _INSERT
    + " person RETURNING actor),"
    + ISSUE
    + " SELECT actor, (SELECT role FROM before), (SELECT force FROM before) FROM opened"
)
_OPEN_BY_LINK: LiteralString = (
    "WITH " + _CLEAR + " link AS ("
    " DELETE FROM sign_in_links WHERE sha256 = $8 AND ends_at > $4"
    " RETURNING actor, role, force, name),"
    " person AS ("
    " INSERT INTO people AS p (actor, authority, subject, name, role, force, signed_in_at)"
    " SELECT actor, 'link', actor, name, role, force, $4 FROM link"
    " ON CONFLICT (actor) DO UPDATE SET name = coalesce(excluded.name, p.name),"
    " role = excluded.role, force = excluded.force, signed_in_at = excluded.signed_in_at),"
    " before AS (SELECT s.role, s.force FROM sessions s, link n" + _ELSE + " ORDER BY s.id DESC"
    " LIMIT 1),"
    " ended AS (DELETE FROM sessions s USING link n" + _ELSE + "),"
    " opened AS ("
    + _INSERT
    + " link RETURNING actor, role, force),"
    + ISSUE
    + " SELECT actor, role, force, (SELECT role FROM before), (SELECT force FROM before)"
    " FROM opened"
)
_LOSE_ROLE: LiteralString = (
    "WITH before AS (SELECT actor, role, force FROM people"
    " WHERE authority = $1 AND subject = $2 AND role <> 'public' FOR UPDATE),"
    " ended AS (DELETE FROM sessions s USING before b WHERE s.actor = b.actor)"
    " UPDATE people p SET role = 'public', force = NULL FROM before b WHERE p.actor = b.actor"
    " RETURNING b.actor, b.role, b.force"
)


def new_secret() -> str:
    """Return 256 random bits, as text that fits in a cookie."""
    return secrets.token_urlsafe(SECRET_BYTES)


def _session(row: TupleRow) -> Session:
    return Session(row[0], Actor(row[1], Role(row[2]), row[3]), *row[4:8])
