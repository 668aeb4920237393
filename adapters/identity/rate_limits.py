"""Rate limits: attempts counted in PostgreSQL, and so exactly for all processes.

They are for rare actions that must not be tried at will, such as signing in. Each costs a round
trip, which is why nothing that succeeds every time should be counted here.
"""

from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Literal, TypeAlias

from msgspec import Struct
from psycopg.rows import TupleRow

from adapters.postgres.binary import bigint, text
from adapters.postgres.query import Query, QuerySteps, rows

SLOTS = 2**20
"""How many slots clients are hashed into; clients of the same slot share its attempts."""

Ask: TypeAlias = Callable[[QuerySteps[list[TupleRow]]], Awaitable[list[TupleRow]]]
Name: TypeAlias = Literal["token", "sign-in", "contact", "alert"]


class Rate(Struct, frozen=True):
    """How many attempts are allowed at once, and after how many seconds another is."""

    burst: int
    seconds: float


RATES: Mapping[Name, Rate] = {
    "token": Rate(30, 2),
    "sign-in": Rate(30, 2),
    "contact": Rate(10, 60),
    "alert": Rate(10, 120),
}
"""Unknown tokens and wrong codes of sign-ins: per address, 30 at once and 30 a minute.

Messages of the public: 10 at once and one a minute. Requests for alerts, each of which sends a mail
to whatever address it names: 10 at once and one in two minutes.
"""

_TAKE = "SELECT rates_take($1, $2, $3, $4)"


class Rates:
    """Takes attempts from clients for as long as they have any left."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def take(self, name: Name, client: str) -> float:
        """Take an attempt; return 0, or how many seconds to wait for the next.

        It may be taken twice if the connection is lost. Raises OperationalError if the database
        stays away.
        """
        rate, digest = RATES[name], sha256(client.encode()).digest()
        slot = int.from_bytes(digest[:4]) % SLOTS
        values = [text(name), bigint(slot), bigint(rate.burst), bigint(int(rate.seconds * 1000))]
        ((wait,),) = await self._ask(rows(Query(_TAKE, values)))
        return float(wait) / 1000
