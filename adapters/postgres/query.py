"""What is asked of the database, apart from how: threads and the event loop ask the same.

An asking is a generator of queries that is sent the rows of each, as psycopg itself is made.
"""

from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import LiteralString, Protocol, TypeAlias, TypeVar

from eventsourcing.persistence import OperationalError
from msgspec import Struct
from psycopg.rows import TupleRow
from psycopg_pool import PoolTimeout

from adapters.postgres.binary import BinaryArray

ATTEMPTS = 3
"""How often something is asked when the connection is lost."""

A = TypeVar("A")
Q = TypeVar("Q")
T = TypeVar("T")


class Query(Struct, frozen=True):
    """One statement, and its parameters in the order of $1, $2 and so on."""

    sql: LiteralString
    parameters: Sequence[BinaryArray] = ()


QuerySteps: TypeAlias = Generator[Query, list[TupleRow], T]
"""Queries, one after another, each answered by its rows, or by an OperationalError thrown."""


class RunQueries(Protocol):
    """`AsyncLedger.ask`."""

    def __call__(self, asking: QuerySteps[T], /) -> Awaitable[T]:
        """What comes of some queries."""
        ...


def once(query: Query) -> QuerySteps[list[TupleRow]]:
    """The rows of a query that is not repeated: it may be done though the connection was lost."""
    return (yield query)


def rows(query: Query) -> QuerySteps[list[TupleRow]]:
    """The rows of one query that only reads; asked again if the connection is lost."""
    return with_reconnect(query)


def with_reconnect(question: Q) -> Generator[Q, A, A]:
    """The answer to one question that only reads; asked again if the connection is lost."""

    def once(_attempt: int) -> Generator[Q, A, A]:
        return (yield question)

    return retried(once)


def retried(asking: Callable[[int], Generator[Q, A, T]]) -> Generator[Q, A, T]:
    """Ask from the beginning when the connection is lost; `asking` is told which attempt it is.

    Raises OperationalError if the database stays away.
    """
    for attempt in range(ATTEMPTS):
        try:
            return (yield from asking(attempt))
        except OperationalError as error:
            if attempt + 1 == ATTEMPTS or isinstance(error.__cause__, PoolTimeout):
                raise  # it has waited for a connection as long as it may
    raise AssertionError("the last attempt returns or raises")
