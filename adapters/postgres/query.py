"""Queries as steps (see `adapters/steps.py`): written once, for threads and the event loop."""

from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import LiteralString, Protocol, TypeAlias, TypeVar

from eventsourcing.persistence import OperationalError
from msgspec import Struct
from psycopg.rows import TupleRow

from adapters.postgres.binary import BinaryArray
from adapters.postgres.errors import may_retry

ATTEMPTS = 3
"""How many times a query is tried when the connection is lost."""

A = TypeVar("A")
Q = TypeVar("Q")
T = TypeVar("T")


class Query(Struct, frozen=True):
    """One statement, and its parameters in the order of $1, $2 and so on."""

    sql: LiteralString
    parameters: Sequence[BinaryArray] = ()


QuerySteps: TypeAlias = Generator[Query, list[TupleRow], T]
"""Queries, one after another; each is answered by its rows, or an OperationalError is thrown."""


class RunQueries(Protocol):
    """`AsyncLedger.run`."""

    def __call__(self, steps: QuerySteps[T], /) -> Awaitable[T]:
        """Return the result of some queries."""
        ...


def once(query: Query) -> QuerySteps[list[TupleRow]]:
    """Return the rows of a query that is not repeated, since it may be done all the same."""
    return (yield query)


def rows(query: Query) -> QuerySteps[list[TupleRow]]:
    """Return the rows of one query that only reads; it is repeated if the connection is lost."""
    return with_reconnect(query)


def with_reconnect(query: Q) -> Generator[Q, A, A]:
    """Return the answer to one query that only reads; it is repeated if the connection is lost."""

    def once(_attempt: int) -> Generator[Q, A, A]:
        return (yield query)

    return retried(once)


def retried(steps: Callable[[int], Generator[Q, A, T]]) -> Generator[Q, A, T]:
    """Begin again when the connection is lost; `steps` is called with the number of the attempt.

    Raises OperationalError if the database stays away.
    """
    for attempt in range(ATTEMPTS):
        try:
            return (yield from steps(attempt))
        except OperationalError as error:
            if attempt + 1 == ATTEMPTS or not may_retry(error):
                raise
    raise AssertionError("the last attempt returns or raises")
