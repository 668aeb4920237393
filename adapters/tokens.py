"""Bearer tokens: made here and shown once, kept as a hash, looked up at every request.

A token is `rtk_`, 43 random characters and 6 of a checksum, so that a scanner finds one that
leaked and a typing error costs no query.
"""

import hashlib
import secrets
import string
import zlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct
from psycopg.rows import TupleRow

from adapters.batcher import Batcher
from adapters.entry import new_entry_id
from adapters.packed import byteas
from adapters.queries import Asking, Query, rows
from domain.forces import FORCES, TRAINING
from domain.permissions import OWN_FORCE_ONLY
from domain.stamp import Role, Who
from domain.values import ActorId, Code

PREFIX = "rtk_"
RANDOM_CHARS = 43
"""256 bits: a plain hash of it cannot be searched."""
CHECKSUM_CHARS = 6
DAYS_MAX = 366
WITHOUT_TOKENS = frozenset({Role.PUBLIC, Role.IMPORTER})
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase

Ask: TypeAlias = Callable[[Asking[list[TupleRow]]], Awaitable[list[TupleRow]]]


class Listed(Struct, frozen=True):
    """What is kept of one token; its text is not."""

    id: UUID
    actor: ActorId
    role: Role
    force: Code | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def __str__(self) -> str:
        """One line for a person to read."""
        ends = f"ends {self.expires_at:%Y-%m-%d %H:%M}"
        if self.revoked_at:
            ends = f"revoked {self.revoked_at:%Y-%m-%d %H:%M}"
        force = f" of {self.force}" if self.force else ""
        return f"{self.id} {self.actor} {self.role}{force}, {ends} UTC"


def create(
    owner_conninfo: str, *, actor: str, role: Role, force: str | None, expires_at: datetime
) -> tuple[str, UUID]:
    """Make a token; give its text, which is shown this once, and its id.

    Raises ValueError in words if there cannot be such a token.
    """
    _check(actor, role, force, expires_at)
    body = PREFIX + "".join(secrets.choice(_BASE62) for _ in range(RANDOM_CHARS))
    text, identity = body + _checksum(body), new_entry_id()
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute(
            "INSERT INTO tokens (id, sha256, actor, role, force, expires_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (identity, _hash(text), actor, role, force, expires_at),
        )
    return text, identity


def revoke(owner_conninfo: str, identity: UUID) -> bool:
    """End a token now; say whether it was alive."""
    with psycopg.connect(owner_conninfo) as connection:
        done = connection.execute(
            "UPDATE tokens SET revoked_at = now()"
            " WHERE id = %s AND revoked_at IS NULL AND expires_at > now()",
            (identity,),
        )
        return done.rowcount == 1


def listing(owner_conninfo: str) -> list[Listed]:
    """Every token that was ever made, oldest first."""
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        rows = connection.execute(
            "SELECT id, actor, role, force, created_at, expires_at, revoked_at"
            " FROM tokens ORDER BY created_at, id"
        ).fetchall()
    return [Listed(row[0], row[1], Role(row[2]), *row[3:]) for row in rows]


class Tokens:
    """Says who a token stands for, as the database has it at that moment."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lookups: Batcher[bytes, Who | None] = Batcher(self._look_up)

    async def who(self, text: str) -> Who | None:
        """Who sends this token; None if it is mistyped, unknown, expired or revoked."""
        return await self._lookups.put(_hash(text)) if well_formed(text) else None

    async def _look_up(self, hashes: Sequence[bytes]) -> Sequence[Who | None]:
        query = Query(
            "SELECT sha256, actor, role, force FROM tokens"
            " WHERE sha256 = ANY($1) AND revoked_at IS NULL AND expires_at > now()",
            [byteas(hashes)],
        )
        found = {row[0]: Who(row[1], Role(row[2]), row[3]) for row in await self._ask(rows(query))}
        return [found.get(one) for one in hashes]


def well_formed(text: str) -> bool:
    """Say whether a text can be a token at all, by its checksum."""
    body, checksum = text[:-CHECKSUM_CHARS], text[-CHECKSUM_CHARS:]
    return (
        len(body) == len(PREFIX) + RANDOM_CHARS
        and body.startswith(PREFIX)
        and text.isascii()
        and checksum == _checksum(body)
    )


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


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_CHARS):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits
