"""What is asked of the database, apart from how: threads and the event loop ask the same.

An asking is a generator of queries that is sent the rows of each, as psycopg itself is made.
"""

from collections.abc import Callable, Generator, Sequence
from typing import TypeAlias, TypeVar
from uuid import UUID

from eventsourcing.persistence import OperationalError
from msgspec import Struct
from psycopg.rows import TupleRow
from psycopg_pool import PoolTimeout

from adapters.packed import Packed, bigint, text, uuids

ATTEMPTS = 3
"""How often something is asked when the connection is lost."""

T = TypeVar("T")


class Query(Struct, frozen=True):
    """One statement, and its parameters in the order of $1, $2 and so on."""

    sql: str
    parameters: Sequence[Packed] = ()


Asking: TypeAlias = Generator[Query, list[TupleRow], T]
"""Queries, one after another, each answered by its rows, or by an OperationalError thrown."""


def rows(query: Query) -> Asking[list[TupleRow]]:
    """The rows of one query that only reads; asked again if the connection is lost."""

    def once(_attempt: int) -> Asking[list[TupleRow]]:
        return (yield query)

    return persistent(once)


def persistent(asking: Callable[[int], Asking[T]]) -> Asking[T]:
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


def of_streams(streams: Sequence[UUID], upto: int | None = None) -> Query:
    """Every row of some streams, in order of stream and step, up to a position if given.

    The position is no use to find them: its index would give nearly the whole ledger.
    """
    ordered = (
        "SELECT originator_id, originator_version, topic, state, notification_id"
        " FROM ledger_events WHERE originator_id = ANY($1){} ORDER BY 1, 2"
    )
    if upto is None:
        return Query(ordered.format(""), [uuids(streams)])
    return Query(ordered.format(" AND notification_id + 0 <= $2"), [uuids(streams), bigint(upto)])


def notes(entries: Sequence[UUID]) -> Query:
    """The private texts of some entries that are still there."""
    return Query(
        "SELECT entry_id, field, note FROM ledger_notes WHERE entry_id = ANY($1)",
        [uuids(entries)],
    )


def under_key(actor: str, key: str) -> Query:
    """What was recorded under an Idempotency-Key, in order of position."""
    return Query(
        "SELECT k.body_sha256, e.originator_id, e.originator_version, e.notification_id,"
        " e.entry_id FROM ledger_keys k JOIN ledger_events e ON e.entry_id = ANY(k.entries)"
        " WHERE k.actor = $1 AND k.key = $2 ORDER BY e.notification_id",
        [text(actor), text(key)],
    )
