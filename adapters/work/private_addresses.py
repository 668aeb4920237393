"""Private addresses: what a person's feed reader or calendar reads without signing in.

Whoever knows one reads what its owner may read at that moment, and no more; so it is as secret as a
token. Only its hash is kept: it is shown once. It opens nothing once it is deleted, once its owner
has lost their role, or once they have not signed in for OWNER_AWAY.
"""

import secrets
from datetime import date, datetime, timedelta
from typing import Literal, LiteralString, TypeAlias
from uuid import UUID

from msgspec import Struct

from adapters.identity.token_format import hash_of
from adapters.postgres.binary import bigint, bytea, moment, on_day, text, uuid
from adapters.postgres.query import Query, QuerySteps, once, rows
from domain.vocabulary.actors import Actor, Role, Scope
from domain.vocabulary.values import ActorId

SECRET_BYTES = 32
"""256 bits, so that a plain hash cannot be searched."""
SECRET_CHARS_MAX = 64
EACH_MAX = 20
"""The most private addresses of a person."""
OWNER_AWAY = timedelta(days=90)
"""How long after its owner's last sign-in an address still opens something."""

AddressKind: TypeAlias = Literal["changes", "deadlines"]


class PrivateAddress(Struct, frozen=True):
    """An address without its secret: whose it is, and what it shows."""

    id: UUID
    actor: ActorId
    kind: AddressKind
    name: str
    """The name of the saved filter whose changes it shows, as it was; empty for deadlines."""
    query: str
    """The query string of that filter, which is the address's own from then on."""
    made_at: datetime
    used_on: date | None
    """The last day on which it was read; None if it never was."""


class OpenedAddress(Struct, frozen=True):
    """An address that was read, and its owner, with the role that they have now."""

    address: PrivateAddress
    owner: Actor


_OPEN: LiteralString = (
    "SELECT a.id, a.actor, kind, a.name, query, made_at, used_on, p.role, p.force"
    " FROM private_addresses a JOIN people p ON p.actor = a.actor"
    " WHERE sha256 = $1 AND kind = $2 AND p.role <> 'public' AND p.signed_in_at > $3"
)


def new_secret() -> str:
    """Return a secret that nobody can guess, as text that fits in an address."""
    return secrets.token_urlsafe(SECRET_BYTES)


def open_address(
    secret: str, kind: AddressKind, at: datetime, day: date
) -> QuerySteps[OpenedAddress | None]:
    """Return the address of a secret and note the day; None if it opens nothing."""
    if len(secret) > SECRET_CHARS_MAX:
        return None
    parameters = [bytea(hash_of(secret)), text(kind), moment(at - OWNER_AWAY)]
    opened = yield from rows(Query(_OPEN, parameters))
    if not opened:
        return None
    address = PrivateAddress(*opened[0][:7])
    if address.used_on is None or address.used_on < day:
        sql: LiteralString = (
            "UPDATE private_addresses SET used_on = $2"
            " WHERE id = $1 AND (used_on IS NULL OR used_on < $2) RETURNING id"
        )
        yield from once(Query(sql, [uuid(address.id), on_day(day)]))
    # It reads, like a token that may only read.
    owner = Actor(address.actor, Role(opened[0][7]), opened[0][8], frozenset({Scope.READ}))
    return OpenedAddress(address, owner)


def addresses_of(actor: ActorId) -> QuerySteps[list[PrivateAddress]]:
    """Return a person's addresses, oldest first."""
    sql: LiteralString = (
        "SELECT id, actor, kind, name, query, made_at, used_on FROM private_addresses"
        " WHERE actor = $1 ORDER BY made_at, id"
    )
    return [PrivateAddress(*row) for row in (yield from rows(Query(sql, [text(actor)])))]


def make_address(new: PrivateAddress, secret: str) -> QuerySteps[bool]:
    """Make an address; False if the person has EACH_MAX."""
    sql: LiteralString = (
        "INSERT INTO private_addresses (id, actor, kind, name, query, made_at, sha256)"
        " SELECT $1, $2, $3, $4, $5, $6, $7 WHERE private_addresses_count($2) < $8 RETURNING id"
    )
    parameters = [
        uuid(new.id), *map(text, (new.actor, new.kind, new.name, new.query)), moment(new.made_at),
        bytea(hash_of(secret)), bigint(EACH_MAX),
    ]  # fmt: skip
    return bool((yield from once(Query(sql, parameters))))


def renew_address(actor: ActorId, identity: UUID, secret: str, at: datetime) -> QuerySteps[bool]:
    """Give an address of a person a new secret, in place of the old; False if there is none."""
    sql: LiteralString = (
        "UPDATE private_addresses SET sha256 = $3, made_at = $4, used_on = NULL"
        " WHERE actor = $1 AND id = $2 RETURNING id"
    )
    parameters = [text(actor), uuid(identity), bytea(hash_of(secret)), moment(at)]
    return bool((yield from once(Query(sql, parameters))))


def revoke_address(actor: ActorId, identity: UUID) -> QuerySteps[bool]:
    """Delete an address of a person, so that it opens nothing; return whether it existed."""
    sql: LiteralString = "DELETE FROM private_addresses WHERE actor = $1 AND id = $2 RETURNING id"
    return bool((yield from once(Query(sql, [text(actor), uuid(identity)]))))
