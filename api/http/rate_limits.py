"""Rate limits: of attempts and requests by client address, of commands by actor.

Attempts to sign in and unknown tokens are counted in PostgreSQL for all processes together
(`adapters/identity/rate_limits.py`). Each process counts all other requests, and the commands of
each actor, in its own memory, without a round trip; with several processes the limit multiplies
accordingly.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from litestar.types import Scope

from adapters.identity.rate_limits import Name, Rates
from adapters.postgres.errors import is_transient
from api.http.problems import ProblemError
from domain.vocabulary.values import ActorId

REQUESTS_AT_ONCE = 200
REQUESTS_PER_SECOND = 50
"""Per address and process: enough for an office of readers that share one address."""
COMMANDS_AT_ONCE, COMMANDS_PER_MINUTE = 1_000, 600
"""Per actor and process: two requests of as many commands as `POST /v1/commands` takes."""
FORMS_AT_ONCE, FORMS_PER_MINUTE = 10, 10
"""Per session and process: forms that are held because they came after it had ended."""
CLIENTS_MAX = 10_000
"""How many addresses or actors a process remembers; the least recently seen is evicted first."""
ROUNDING_SECONDS = 1e-6
"""The error that may come of adding up the gaps of a burst, which are no binary fractions."""
NETWORK_BITS = 64
"""The prefix of an IPv6 address that counts: a subscriber holds all addresses under it."""

_DETAILS: dict[Name, str] = {
    "token": "Too many unknown tokens were sent from this address.",
    "sign-in": "Too many wrong links and codes were sent from this address.",
    "contact": "Too many messages were sent from this address.",
    "alert": "Too many alerts were asked for from this address.",
}

_COMMANDS = (
    "You have sent too many commands. None of this request was recorded. Send it again, as it is, "
    "after the time in the Retry-After header."
)


class Limits:
    """Exact limits, as `await limits.take("sign-in", client_of(request.scope))`, and budgets."""

    def __init__(self, rates: Rates, commands_per_minute: int = COMMANDS_PER_MINUTE) -> None:
        """An actor may send so many commands a minute to a process, and COMMANDS_AT_ONCE."""
        self._rates = rates
        self._commands = Throttle(at_once=COMMANDS_AT_ONCE, per_second=commands_per_minute / 60)
        self._forms = Throttle(at_once=FORMS_AT_ONCE, per_second=FORMS_PER_MINUTE / 60)

    def spend(self, actor: ActorId, commands: int) -> None:
        """Count commands of an actor. Raises ProblemError ("too-many", 429) if not all may come."""
        wait = self._commands.take(f"actor {actor}", commands)
        if wait:
            raise ProblemError("too-many", _COMMANDS, retry_after=wait)

    def may_hold(self, token: str) -> bool:
        """Count a form that came with a session's token; return whether it may be held."""
        return not self._forms.take(f"form {token}")

    async def take(self, name: Name, client: str) -> None:
        """Count one attempt. Raises ProblemError ("too-many", 429) if none is left.

        While the database is unreachable the error passes on (503), so that an outage cannot
        switch off the protection of sign-in.
        """
        wait = await self._rates.take(name, client)
        if wait:
            raise ProblemError("too-many", _DETAILS[name], retry_after=math.ceil(wait))

    async def take_if_counted(self, name: Name, client: str) -> None:
        """Count an attempt that is refused anyway; skip it if the database is unreachable."""
        try:
            await self.take(name, client)
        except Exception as error:
            if not is_transient(error):
                raise


class Throttle:
    """Limits requests per client, counted in memory; loopback requests are exempt."""

    def __init__(
        self,
        *,
        at_once: int = REQUESTS_AT_ONCE,
        per_second: float = REQUESTS_PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._gap, self._ahead = 1 / per_second, at_once / per_second + ROUNDING_SECONDS
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def take(self, client: str, count: int = 1) -> int:
        """Count requests; return 0, or the whole seconds to wait before as many may come."""
        if client == "loopback":
            return 0
        now = self._clock()
        free_at = max(self._free_at.get(client, now), now) + self._gap * count
        if free_at > now + self._ahead:
            return math.ceil(free_at - now - self._ahead)
        self._free_at[client] = free_at
        self._free_at.move_to_end(client)
        if len(self._free_at) > CLIENTS_MAX:
            self._free_at.popitem(last=False)
        return 0


def client_of(scope: Scope) -> str:
    """Return the client of a request.

    The address is that of the connection, or the one that a trusted proxy reports
    (TRACKER_TRUSTED_PROXIES).
    """
    return client_at(scope["client"][0] if scope["client"] else "")


def client_at(host: str) -> str:
    """Return the client for limits: an IPv4 address, an IPv6 network, or `loopback`.

    A missing address is `loopback`, an unparsable one `unknown`.
    """
    if host == "127.0.0.1":
        return "loopback"
    try:
        address = ip_address(host)
    except ValueError:
        return "loopback" if not host else "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return "loopback"
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> NETWORK_BITS << NETWORK_BITS))
    return str(address)
