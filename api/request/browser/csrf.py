"""Protection against cross-site request forgery (CSRF).

A request that changes something under a session cookie must come from our own pages, according to
the browser's headers, and carry a token that only those pages can read. Either check would be
enough: the first costs nothing, the second works with old browsers and behind proxies that strip
headers.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from litestar.datastructures import Headers

from api.http.forms import fields_of
from api.http.problems import ProblemError, Request
from domain.vocabulary.values import ActorId

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER, FIELD = "x-csrf-token", "_csrf"
_OURS = frozenset({"same-origin", "none"})
"""The values of Sec-Fetch-Site for our own pages, and for requests that a person initiates."""


def token_of(secret: str) -> str:
    """Return the CSRF token of a session, derived from its secret without revealing it."""
    digest = hmac.digest(secret.encode(), b"tracker/csrf/v1", hashlib.sha256)
    return urlsafe_b64encode(digest).decode().rstrip("=")


def check_source(headers: Headers, public_url: str | None) -> None:
    """Raise ProblemError unless the browser's headers show that our own page sent the request."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        ours = site in _OURS
    else:
        own = (public_url or f"http://{headers.get('host', '')}").rstrip("/").lower()
        ours = headers.get("origin", "").lower() == own
    if not ours:
        raise ProblemError("cross-site", "The request does not come from a page of this service.")


def field_of(secret: str, person: ActorId) -> str:
    """Return the field of a form: the token of its session, and the person it was shown to."""
    return f"{token_of(secret)}.{person}"


def person_of(fields: Mapping[str, str]) -> ActorId:
    """Return the person that a form says it was shown to; empty if it does not say."""
    return fields.get(FIELD, "").partition(".")[2]


async def check_token(request: Request, secret: str) -> None:
    """Raise ProblemError unless a request carries the token of the session of a secret."""
    token = request.headers.get(HEADER)
    if token is None:
        token = (await fields_of(request)).get(FIELD, "").partition(".")[0]
    if not hmac.compare_digest(token.encode(), token_of(secret).encode()):
        raise ProblemError("cross-site", "The session's CSRF token is missing or does not match.")
