"""The token that a request carries, and where it may carry it.

In the Authorization header and nowhere else: an address is logged, kept and passed on. Tools that
know no bearer tokens (Excel, Power BI) send it as the password of the user `token` by HTTP Basic;
that way it only reads, since a browser would send such a password along on its own.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterable

from msgspec import Struct

from adapters.identity.token_format import PREFIX
from api.http.problems import ProblemError

BASIC_USER = "token"
IN_ADDRESS = frozenset({"access_token", "api_key", "apikey", "auth", "authorization", "token"})
"""Names under which tokens are sent in addresses."""


class Credentials(Struct, frozen=True):
    """The text of a token, and whether it came by HTTP Basic."""

    text: str
    basic: bool = False


def sent(headers: list[str]) -> Credentials | None:
    """The credentials of a request's Authorization headers. Raises ProblemError."""
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
    """Raise ProblemError if an address carries a token."""
    if any(name.lower() in IN_ADDRESS or PREFIX in name + value for name, value in query):
        raise ProblemError("token-in-address")


def _decoded(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ProblemError("invalid-token") from None
