"""How much one client address may ask for: exactly where it must be, roughly for all the rest.

What is tried, signing in and tokens that nobody holds, is counted in PostgreSQL for all processes
together (`adapters/identity/rate_limits.py`). All other requests are counted in the memory of each
process for itself, which costs no round trip; several processes together
give as many times as much.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from litestar.types import Scope

from adapters.identity.rate_limits import Name, Rates
from adapters.postgres.errors import unreachable
from api.http.problems import ProblemError

REQUESTS_AT_ONCE = 200
REQUESTS_PER_SECOND = 50
"""Of one address at one process: enough for an office behind one address, reading."""
CLIENTS_MAX = 10_000
"""How many addresses a process remembers; the one not heard of for the longest goes first."""
NETWORK_BITS = 64
"""Of an IPv6 address, the part that counts: one subscriber has all of its rest."""

_HELD: dict[Name, str] = {
    "token": "Too many tokens that nobody holds were sent from this address.",
    "sign-in": "Too many attempts to sign in were made from this address.",
}


class Limits:
    """What is counted exactly: `await limits.take("sign-in", client_of(request.scope))`."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates

    async def take(self, name: Name, client: str) -> None:
        """Take one try. Raises ProblemError: 429 if there is none left.

        While the database is away nobody signs in, so that what protects signing in cannot be
        switched off from outside: 503.
        """
        wait = await self._rates.take(name, client)
        if wait:
            raise ProblemError("too-many", _HELD[name], retry_after=math.ceil(wait))

    async def take_if_counted(self, name: Name, client: str) -> None:
        """The same for what is refused anyway: without the database it is refused uncounted."""
        try:
            await self.take(name, client)
        except Exception as error:
            if not unreachable(error):
                raise


class Throttle:
    """What is counted in memory; the machine's own requests are not."""

    def __init__(
        self,
        *,
        at_once: int = REQUESTS_AT_ONCE,
        per_second: float = REQUESTS_PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._gap, self._ahead = 1 / per_second, at_once / per_second
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def take(self, client: str) -> int:
        """Take one request; give 0, or how many whole seconds there are to wait for one."""
        if client == "loopback":
            return 0
        now = self._clock()
        free_at = max(self._free_at.get(client, now), now) + self._gap
        if free_at > now + self._ahead:
            return math.ceil(free_at - now - self._ahead)
        self._free_at[client] = free_at
        self._free_at.move_to_end(client)
        if len(self._free_at) > CLIENTS_MAX:
            self._free_at.popitem(last=False)
        return 0


def client_of(scope: Scope) -> str:
    """Who asks, as far as limits go: an address, the network of one, or `loopback`.

    The address is that of the connection, or what a trusted proxy said (TRACKER_TRUSTED_PROXIES).
    """
    given = scope["client"][0] if scope["client"] else ""
    if given == "127.0.0.1":
        return "loopback"
    try:
        address = ip_address(given)
    except ValueError:
        return "loopback" if not given else "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return "loopback"
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> NETWORK_BITS << NETWORK_BITS))
    return str(address)
