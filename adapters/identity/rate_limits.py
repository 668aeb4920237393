"""How often something may be tried: counted in PostgreSQL, and so exactly for all processes.

For what is rare and must not be tried at will, such as signing in. It costs a round trip, which is
why nothing that succeeds every time should ask here.
"""

from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Literal, TypeAlias

from msgspec import Struct
from psycopg.rows import TupleRow

from adapters.postgres.binary import bigint, text
from adapters.postgres.query import Query, QuerySteps, rows

SLOTS = 2**20
"""Into how many numbers those who ask are hashed; those of one number share its tries."""

Ask: TypeAlias = Callable[[QuerySteps[list[TupleRow]]], Awaitable[list[TupleRow]]]
Name: TypeAlias = Literal["token", "sign-in"]


class Rate(Struct, frozen=True):
    """How many tries there are at once, and after how many seconds there is one more."""

    burst: int
    seconds: float


RATES: Mapping[Name, Rate] = {"token": Rate(30, 2), "sign-in": Rate(30, 2)}
"""Tokens that nobody holds, and attempts to sign in: of one address, 30 at once, 30 a minute."""

_TAKE = "SELECT rates_take($1, $2, $3, $4)"


class Rates:
    """Takes tries of those who ask, for as long as they have any."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def take(self, name: Name, client: str) -> float:
        """Take one try; give 0, or how many seconds there are to wait for one.

        When the connection is lost it may be taken twice. Raises OperationalError if the database
        stays away.
        """
        rate, digest = RATES[name], sha256(client.encode()).digest()
        slot = int.from_bytes(digest[:4]) % SLOTS
        given = [text(name), bigint(slot), bigint(rate.burst), bigint(int(rate.seconds * 1000))]
        ((wait,),) = await self._ask(rows(Query(_TAKE, given)))
        return float(wait) / 1000
