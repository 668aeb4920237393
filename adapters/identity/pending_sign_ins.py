"""What a sign-in needs before there is a session: one-time links, and sign-ins on their way.

Of every secret only a hash is kept, and each can be used once.
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
from adapters.identity.sessions import CLEARED_MAX, hash_of, new_secret
from adapters.postgres.binary import bigint, bytea, moment, text
from adapters.postgres.query import Query, RunQueries, once

LIFE = timedelta(minutes=10)
"""How long a link, and a sign-in through the identity provider, may take (ASVS 5.0, 6.5.5)."""
SALT_BYTES = 32


class PendingSignIns:
    """The sign-ins on their way, each bound to the browser that began it by a cookie's secret."""

    def __init__(self, ask: RunQueries, clock: Callable[[], datetime] = now) -> None:
        self._ask, self._clock = ask, clock

    async def begin(self, return_to: str) -> tuple[str, Pending]:
        """Begin one; the browser's secret, and what follows from it."""
        secret, salt, at = new_secret(), secrets.token_bytes(SALT_BYTES), self._clock()
        parameters = [
            bytea(hash_of(secret)), bytea(salt), text(return_to), moment(at + LIFE),
            moment(at), bigint(CLEARED_MAX),
        ]  # fmt: skip
        await self._ask(once(Query(_BEGIN, parameters)))
        return secret, _derived(secret, salt, return_to)

    async def take(self, secret: str, state: str) -> Pending | None:
        """The sign-in of a browser that comes back with its state; it is used up by that.

        None if there is none, it took too long, came back before, or is another browser's. A
        wrong state uses nothing up, so that nobody can spoil what another began.
        """
        expected = _state(secret)
        if not hmac.compare_digest(expected.encode(), state.encode()):
            return None
        parameters = [bytea(hash_of(secret)), moment(self._clock())]
        found = await self._ask(once(Query(_TAKE, parameters)))
        return _derived(secret, found[0][0], found[0][1]) if found else None


_BEGIN: LiteralString = (
    "WITH cleared AS (DELETE FROM pending_sign_ins WHERE sha256 = ANY(ARRAY("
    "SELECT sha256 FROM pending_sign_ins WHERE ends_at <= $5 ORDER BY ends_at LIMIT $6)))"
    " INSERT INTO pending_sign_ins (sha256, salt, return_to, ends_at) VALUES ($1, $2, $3, $4)"
)
_TAKE: LiteralString = (
    "DELETE FROM pending_sign_ins WHERE sha256 = $1 AND ends_at > $2 RETURNING salt, return_to"
)


def _derived(secret: str, salt: bytes, return_to: str) -> Pending:
    """Neither the browser nor the database alone knows the nonce and the verifier."""
    return Pending(
        _state(secret),
        _text(hmac.digest(salt, f"nonce {secret}".encode(), hashlib.sha256)),
        _text(hmac.digest(salt, f"verifier {secret}".encode(), hashlib.sha256)),
        return_to,
    )


def _state(secret: str) -> str:
    return _text(hashlib.sha256(f"tracker/state/v1 {secret}".encode()).digest())


def _text(digest: bytes) -> str:
    """43 characters, as a code verifier of RFC 7636 has at least."""
    return urlsafe_b64encode(digest).decode().rstrip("=")
