"""Rows about connections: libpq's own calls and packed arrays / psycopg's cursor and its lists.

Both send the same statements, prepared, with binary parameters and results.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle
from time import perf_counter
from uuid import uuid4

import psycopg
from psycopg import RawCursor
from psycopg.rows import TupleRow, dict_row, tuple_row
from psycopg.types.json import Jsonb

from adapters.clock import new_entry_id
from adapters.ledger.append import Append, statement
from adapters.ledger.queries import since
from adapters.postgres.connection import LibpqConnection
from deploy.bench.load.appends import METADATA, STORED, stored
from deploy.bench.rows.registry import row
from deploy.bench.world import World

BATCH = 32
"""The appends of one call, as many as writers that share a commit."""


@row("connection-select", "one stream's rows by libpq's calls / by psycopg's cursor", 1)
def _(world: World) -> float:
    with _libpq(world.full.app) as libpq, _psycopg(world.full.app) as plain:
        cursor = RawCursor(plain, row_factory=tuple_row)
        streams = cycle(world.full.typical)

        def by_libpq() -> object:
            return libpq.rows(next(since({next(streams): 0})))

        def by_psycopg() -> object:
            query = next(since({(stream := next(streams)): 0}))
            return cursor.execute(query.sql, (stream, 0), prepare=True, binary=True).fetchall()

        return world.ratio(partial(_rate, world, by_libpq), partial(_rate, world, by_psycopg))


@row("connection-append", "32 appends a call, packed for libpq / as psycopg's lists", 1)
def _(world: World) -> float:
    with _libpq(world.empty.app) as libpq, _psycopg(world.empty.app) as plain:
        cursor = RawCursor(plain, row_factory=tuple_row)

        def by_libpq() -> object:
            return libpq.rows(statement(_appends()))

        def by_psycopg() -> object:
            return _by_lists(cursor, _appends())

        return world.ratio(partial(_rate, world, by_libpq), partial(_rate, world, by_psycopg))


def _appends() -> list[Append]:
    return [Append([stored(uuid4(), 1)], [new_entry_id()], metadata=METADATA) for _ in range(BATCH)]


_CALL = statement(_appends()).sql


def _by_lists(cursor: RawCursor[TupleRow], appends: Sequence[Append]) -> object:
    events = [event for append in appends for event in append.events]
    lists = (
        list(range(BATCH)),
        [event.originator_id for event in events],
        [event.originator_version for event in events],
        [STORED.topic for _ in events],
        [event.state for event in events],
        [identity for append in appends for identity in append.ids],
        [Jsonb(append.metadata) for append in appends],
    )
    return cursor.execute(_CALL, lists, prepare=True, binary=True).fetchall()


def _libpq(conninfo: str) -> LibpqConnection:
    return LibpqConnection.connect(conninfo, autocommit=True, row_factory=dict_row)


def _psycopg(conninfo: str) -> psycopg.Connection[TupleRow]:
    return psycopg.connect(conninfo, autocommit=True, row_factory=tuple_row)


def _rate(world: World, call: Callable[[], object]) -> float:
    """Calls a second, one after another."""
    began, done = perf_counter(), 0
    while (took := perf_counter() - began) < world.scale.seconds:
        call()
        done += 1
    return done / took
