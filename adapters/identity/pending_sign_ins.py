"""Pending sign-ins: the state of a sign-in before it has a session.

Only a hash of every secret is kept, and each can be used once.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import LiteralString

from adapters.clock import now
from adapters.identity.provider import Pending
from adapters.identity.sessions import CLEARED_MAX, new_secret
from adapters.identity.token_format import hash_of
from adapters.ledger.codec import SALT_BYTES
from adapters.postgres.binary import bigint, bytea, moment, text
from adapters.postgres.query import Query, RunQueries, once

LIFE = timedelta(minutes=10)
"""The life of a link or a sign-in through the identity provider (ASVS 5.0, 6.5.5)."""


class PendingSignIns:
    """The pending sign-ins, each bound to its browser by a cookie's secret."""

    def __init__(self, ask: RunQueries, clock: Callable[[], datetime] = now) -> None:
        self._ask, self._clock = ask, clock

    async def begin(self, return_to: str) -> tuple[str, Pending]:
        """Begin a sign-in; return the browser's secret, and the sign-in derived from it."""
        secret, salt, at = new_secret(), secrets.token_bytes(SALT_BYTES), self._clock()
        parameters = [
            bytea(hash_of(secret)), bytea(salt), text(return_to), moment(at + LIFE),
            moment(at), bigint(CLEARED_MAX),
        ]  # fmt: skip
        await self._ask(once(Query(_BEGIN, parameters)))
        return secret, _derive(secret, salt, return_to)

    async def take(self, secret: str, state: str) -> Pending | None:
        """Return and use up the sign-in of a browser that comes back with its state.

        None if there is none, it took too long, was used before, or is another browser's. A
        wrong state uses nothing up, so that nobody can spoil another browser's sign-in.
        """
        expected = _state(secret)
        if not hmac.compare_digest(expected.encode(), state.encode()):
            return None
        parameters = [bytea(hash_of(secret)), moment(self._clock())]
        taken = await self._ask(once(Query(_TAKE, parameters)))
        return _derive(secret, taken[0][0], taken[0][1]) if taken else None


_BEGIN: LiteralString = (
    "WITH cleared AS (DELETE FROM pending_sign_ins WHERE sha256 = ANY(ARRAY("
    "SELECT sha256 FROM pending_sign_ins WHERE ends_at <= $5 ORDER BY ends_at LIMIT $6)))"
    " INSERT INTO pending_sign_ins (sha256, salt, return_to, ends_at) VALUES ($1, $2, $3, $4)"
)
_TAKE: LiteralString = (
    "DELETE FROM pending_sign_ins WHERE sha256 = $1 AND ends_at > $2 RETURNING salt, return_to"
)


def _derive(secret: str, salt: bytes, return_to: str) -> Pending:
    """Derive a sign-in from its secret and salt.

    Neither the browser nor the database alone knows the nonce and the verifier.
    """
    return Pending(
        _state(secret),
        _text(hmac.digest(salt, f"nonce {secret}".encode(), hashlib.sha256)),
        _text(hmac.digest(salt, f"verifier {secret}".encode(), hashlib.sha256)),
        return_to,
    )


def _state(secret: str) -> str:
    return _text(hashlib.sha256(f"tracker/state/v1 {secret}".encode()).digest())


def _text(digest: bytes) -> str:
    """Return 43 characters, the least that a code verifier of RFC 7636 has."""
    return urlsafe_b64encode(digest).decode().rstrip("=")
