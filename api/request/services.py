"""Services shared by all request handlers, opened once per application.

As dependencies, Litestar would resolve them again for every request, each in its own task.
"""

from typing import Literal, cast

from msgspec import Struct

from adapters.documents.scanner import Scanner
from adapters.identity.access_log import Readings
from adapters.identity.held_forms import HeldForms
from adapters.identity.pending_sign_ins import PendingSignIns
from adapters.identity.people import People
from adapters.identity.provider import IdentityProvider
from adapters.identity.sessions import Sessions
from adapters.ledger.async_ledger import AsyncLedger
from adapters.ledger.ledger import Ledger
from adapters.notices.followers import Followers
from adapters.notices.reading import Notices
from adapters.postgres.pools import AsyncPool, Pool
from api.http.problems import Request
from api.http.rate_limits import Limits
from api.request.response_cache import ResponseCache

KEY = "services"


class SignIn(Struct, frozen=True):
    """Services for signing in; without an identity provider, people use one-time links."""

    sessions: Sessions
    people: People
    pendings: PendingSignIns
    forms: HeldForms
    provider: IdentityProvider | None


class Services(Struct, frozen=True):
    """Services for handlers: `ledger` is for threads, `async_ledger` for the event loop."""

    ledger: Ledger
    async_ledger: AsyncLedger
    lists: Pool
    """The read models, for threads, in a database role that reads nothing else."""
    downloads: Pool
    """The same for files of whole lists, which take longer; connected once one is asked for."""
    positions: AsyncPool
    """The same for the event loop, which asks only how far the read models have come."""
    answers: ResponseCache
    limits: Limits
    readings: Readings
    notices: Notices
    followers: Followers
    webhooks: Literal["on", "off", "loopback"]
    sign_in: SignIn
    public_url: str | None
    contact: str | None
    """An e-mail address or URL at which people can make contact."""
    scanner: Scanner | None
    """The scanner that reads documents before they are kept, if one is configured."""
    sends_mail: bool
    """Whether messages are sent by mail."""


def services(request: Request) -> Services:
    """Return the services of the application that handles a request."""
    return cast("Services", request.app.state[KEY])


def service_address(request: Request) -> str:
    """Return the address of the service as its readers reach it, without a last slash."""
    return (services(request).public_url or str(request.base_url)).rstrip("/")
