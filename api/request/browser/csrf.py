"""Protection against cross-site request forgery (CSRF).

A request that changes something under a session cookie must come from our own pages, according to
the browser's headers, and carry a token that only those pages can read. Either check would be
enough: the first costs nothing, the second works with old browsers and behind proxies that strip
headers.
"""

import hmac
from collections.abc import Mapping

from litestar.datastructures import Headers

from adapters.identity.form_tokens import form_token
from api.http.forms import fields_of
from api.http.problems import ProblemError, Request
from domain.vocabulary.values import ActorId

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER, FIELD = "x-csrf-token", "_csrf"
_OURS = frozenset({"same-origin", "none"})
"""The values of Sec-Fetch-Site for our own pages, and for requests that a person initiates."""


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
    return f"{form_token(secret)}.{person}"


def person_of(fields: Mapping[str, str]) -> ActorId:
    """Return the person that a form says it was shown to; empty if it does not say."""
    return fields.get(FIELD, "").partition(".")[2]


def token_in(fields: Mapping[str, str]) -> str:
    """Return the token of a form; empty if it has none."""
    return fields.get(FIELD, "").partition(".")[0]


async def check_token(request: Request, secret: str) -> None:
    """Raise ProblemError unless a request carries the token of the session of a secret."""
    token = request.headers.get(HEADER)
    if token is None:
        token = token_in(await fields_of(request))
    if not hmac.compare_digest(token.encode(), form_token(secret).encode()):
        raise ProblemError("cross-site", "The session's CSRF token is missing or does not match.")
