"""What requests are answered with: opened once, and found by every handler in the same place.

As dependencies Litestar would resolve them for every request anew, each in a task of its own.
"""

from typing import cast

from msgspec import Struct

from adapters.identity.access_log import Readings
from adapters.identity.pending_sign_ins import PendingSignIns
from adapters.identity.people import People
from adapters.identity.provider import IdentityProvider
from adapters.identity.sessions import Sessions
from adapters.ledger.async_ledger import AsyncLedger
from adapters.ledger.ledger import Ledger
from api.http.problems import Request
from api.http.rate_limits import Limits
from api.request.response_cache import ResponseCache

KEY = "services"


class SignIn(Struct, frozen=True):
    """What people sign in with; without an identity provider it is by one-time links."""

    sessions: Sessions
    people: People
    pendings: PendingSignIns
    provider: IdentityProvider | None


class Services(Struct, frozen=True):
    """What handlers need: `ledger` is for those in threads, `async_ledger` for the event loop."""

    ledger: Ledger
    async_ledger: AsyncLedger
    boards: ResponseCache
    limits: Limits
    readings: Readings
    sign_in: SignIn
    public_url: str | None
    contact: str | None
    """An address for people to write to."""


def services(request: Request) -> Services:
    """The services of the application that a request came to."""
    return cast("Services", request.app.state[KEY])
