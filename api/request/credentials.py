"""The token of a request, accepted only in the Authorization header.

URLs are logged, stored and passed on, so a token in one is refused. Tools without support for
bearer tokens (Excel, Power BI) send the token by HTTP Basic, as the password of the user `token`.
Such a token may only read, since a browser sends stored passwords by itself.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterable

from msgspec import Struct

from adapters.identity.token_format import PREFIX
from api.http.problems import ProblemError

BASIC_USER = "token"
IN_ADDRESS = frozenset({"access_token", "api_key", "apikey", "auth", "authorization", "token"})
"""Query parameters that commonly carry tokens."""


class Credentials(Struct, frozen=True):
    """The text of a token, and whether it was sent by HTTP Basic."""

    text: str
    basic: bool = False


def credentials_of(headers: list[str]) -> Credentials | None:
    """Return the credentials in a request's Authorization headers, or None without any.

    Raises ProblemError ("invalid-token") if they are repeated, malformed or of another scheme.
    """
    if not headers:
        return None
    scheme, _, text = headers[0].partition(" ")
    if len(headers) == 1 and scheme.lower() == "bearer":
        return Credentials(text.strip())
    if len(headers) == 1 and scheme.lower() == "basic":
        user, colon, password = _decoded(text.strip()).partition(":")
        if user == BASIC_USER and colon:
            return Credentials(password, basic=True)
    raise ProblemError("invalid-token")


def refuse_in_address(query: Iterable[tuple[str, str]]) -> None:
    """Raise ProblemError ("token-in-address") if a query carries a token."""
    if any(name.lower() in IN_ADDRESS or PREFIX in name + value for name, value in query):
        raise ProblemError("token-in-address")


def _decoded(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ProblemError("invalid-token") from None
