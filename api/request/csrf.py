"""What a browser sends by itself must be meant: no other site's page can act as who is signed in.

A request by cookie that changes something has to come from a page of our own, as the browser
says, and to carry a token that only such a page can read. Either alone would do; the first costs
nothing, the second holds where a browser is old or a proxy strips headers.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from litestar.datastructures import Headers

from api.http.forms import fields_of
from api.http.problems import ProblemError, Request

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER, FIELD = "x-csrf-token", "_csrf"
_OURS = frozenset({"same-origin", "none"})
"""What Sec-Fetch-Site says of our own pages, and of what a person typed."""


def token_of(secret: str) -> str:
    """The token of a session: follows from its secret, and tells nothing of it."""
    digest = hmac.digest(secret.encode(), b"tracker/csrf/v1", hashlib.sha256)
    return urlsafe_b64encode(digest).decode().rstrip("=")


def check_source(headers: Headers, public_url: str | None) -> None:
    """Raise ProblemError unless the browser says that a request comes from a page of our own."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        ours = site in _OURS
    else:
        own = (public_url or f"http://{headers.get('host', '')}").rstrip("/").lower()
        ours = headers.get("origin", "").lower() == own
    if not ours:
        raise ProblemError(
            "cross-site", "The request comes from a page of another site, or of none."
        )


async def check(request: Request, secret: str, public_url: str | None) -> None:
    """Raise ProblemError unless a request is meant by who is signed in with that secret."""
    check_source(request.headers, public_url)
    sent = request.headers.get(HEADER)
    if sent is None:
        sent = (await fields_of(request)).get(FIELD, "")
    if not hmac.compare_digest(sent.encode(), token_of(secret).encode()):
        raise ProblemError("cross-site", "The session's token is missing, or is another's.")
