"""Protection against cross-site request forgery (CSRF).

A request that changes something under a session cookie must come from our own pages, according to
the browser's headers, and carry a token that only those pages can read. Either check would be
enough: the first costs nothing, the second works with old browsers and behind proxies that strip
headers.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from litestar.datastructures import Headers

from api.http.forms import fields_of
from api.http.problems import ProblemError, Request

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


async def check(request: Request, secret: str, public_url: str | None) -> None:
    """Raise ProblemError unless a request passes both checks for the session of a secret."""
    check_source(request.headers, public_url)
    token = request.headers.get(HEADER)
    if token is None:
        token = (await fields_of(request)).get(FIELD, "")
    if not hmac.compare_digest(token.encode(), token_of(secret).encode()):
        raise ProblemError("cross-site", "The session's CSRF token is missing or does not match.")
