"""Forms that were sent after a session had ended, held until their person has signed in again.

A form says whose it is by the token of its session, of which a hash is kept from the sign-in on: no
cookie is needed, and nobody holds a form for a person but with a page that this person was shown.
Each is encrypted under a key that is derived from a secret in the person's browser, of which only
a hash is kept here: the database alone cannot read it, nor can another browser. It is given back to
the same person only, and is gone an hour later, or once it was sent on.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from adapters.clock import new_entry_id, now
from adapters.identity.sessions import CLEARED_MAX, SECRET_BYTES, new_secret
from adapters.identity.token_format import hash_of
from adapters.postgres.binary import bigint, bytea, moment, text, uuid
from adapters.postgres.query import Query, RunQueries, once, rows
from domain.vocabulary.values import ActorId

LIFE = timedelta(hours=1)
FORMS_EACH_MAX = 5
"""The most forms of one session that are held; a further one takes the place of its oldest."""
TOKEN_CHARS = 43
"""The length of a session's token: 256 bits in base64."""
FORM_BYTES_MAX = 1_048_576
"""The largest form that is held; the database has the same limit, with what encryption adds."""
NONCE_BYTES = 12


class HeldForm(Struct, frozen=True):
    """A form as it was sent: its address, its fields, and the names of the files it had."""

    path: str
    fields: dict[str, str]
    files: tuple[str, ...] = ()


class HeldForms:
    """Holds forms for their persons, each bound to a browser by a cookie's secret."""

    def __init__(self, ask: RunQueries, clock: Callable[[], datetime] = now) -> None:
        self._ask, self._clock = ask, clock

    async def person_of(self, token: str) -> ActorId | None:
        """Return whom the token of a form was issued to; None if to nobody, or too long ago."""
        if len(token) != TOKEN_CHARS:
            return None
        sql: LiteralString = "SELECT actor FROM form_tokens WHERE sha256 = $1 AND ends_at > $2"
        parameters = [bytea(hash_of(token)), moment(self._clock())]
        issued = await self._ask(rows(Query(sql, parameters)))
        return issued[0][0] if issued else None

    async def hold(self, browser: str, person: ActorId, token: str, form: HeldForm) -> str | None:
        """Hold a form that has a person's token; return the browser's secret, new if it has none.

        None if the form is too large.
        """
        content = msgspec.json.encode(form)
        if len(content) > FORM_BYTES_MAX:
            return None
        secret = browser if 0 < len(browser) <= SECRET_BYTES * 2 else new_secret()
        nonce, at = secrets.token_bytes(NONCE_BYTES), self._clock()
        sealed = nonce + _cipher(secret).encrypt(nonce, content, person.encode())
        parameters = [
            uuid(new_entry_id()), bytea(hash_of(secret)), text(person), bytea(sealed),
            moment(at + LIFE), moment(at), bigint(CLEARED_MAX), bigint(FORMS_EACH_MAX - 1),
            bytea(hash_of(token)),
        ]  # fmt: skip
        await self._ask(once(Query(_HOLD, parameters)))
        return secret

    async def listing(self, browser: str, person: ActorId) -> dict[UUID, HeldForm]:
        """Return the forms that a browser's person sent, oldest first."""
        if not browser or len(browser) > SECRET_BYTES * 2:
            return {}
        sql: LiteralString = (
            "SELECT id, sealed FROM held_forms WHERE sha256 = $1 AND actor = $2 AND ends_at > $3"
            " ORDER BY id"
        )
        parameters = [bytea(hash_of(browser)), text(person), moment(self._clock())]
        forms: dict[UUID, HeldForm] = {}
        for identity, sealed in await self._ask(rows(Query(sql, parameters))):
            nonce, content = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            try:
                opened = _cipher(browser).decrypt(nonce, content, person.encode())
            except InvalidTag:  # it was altered in the database
                continue
            forms[identity] = msgspec.json.decode(opened, type=HeldForm)
        return forms

    async def forget(self, browser: str, identity: UUID) -> None:
        """Remove a form of a browser: it was sent on."""
        sql: LiteralString = "DELETE FROM held_forms WHERE id = $1 AND sha256 = $2"
        await self._ask(once(Query(sql, [uuid(identity), bytea(hash_of(browser))])))


_HOLD: LiteralString = (
    "WITH cleared AS (DELETE FROM held_forms WHERE id = ANY(ARRAY("
    "SELECT id FROM held_forms WHERE ends_at <= $6 ORDER BY ends_at LIMIT $7))),"
    " oldest AS (DELETE FROM held_forms WHERE id = ANY(ARRAY("
    "SELECT id FROM held_forms WHERE token = $9 ORDER BY id DESC OFFSET $8)))"
    " INSERT INTO held_forms (id, sha256, actor, sealed, ends_at, token)"
    " VALUES ($1, $2, $3, $4, $5, $9)"
)


def _cipher(secret: str) -> AESGCM:
    """Return the cipher of a browser: AES-256-GCM, under a key that only its secret gives."""
    return AESGCM(hmac.digest(secret.encode(), b"tracker/held-form/v1", hashlib.sha256))
