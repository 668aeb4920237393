"""Read models built from nothing: stream by stream, by several processes, indexed at the end.

To follow the ledger in its order each change would have to find the row that it ends. By streams
every row is written once, as it is to stay.
"""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import groupby, pairwise
from multiprocessing import get_context
from operator import itemgetter
from typing import TypeAlias
from uuid import UUID

import psycopg
from eventsourcing.utils import Environment
from msgspec import Struct
from psycopg.rows import tuple_row

from adapters.entry import EntryMapper
from adapters.ledger import Ledger
from adapters.recorder import LedgerFactory, environment
from adapters.subscription import Row
from domain.dates import day_of
from domain.events import Event
from domain.stamp import Entry
from projections.pieces import Change, Folder
from projections.runtime import Poisoned, ReadModel, View
from projections.schemas import drop, index, make

PART_ENTRIES = 20_000
"""About how many entries one part has: they are held in memory at once."""
ALONE_ENTRIES = 50_000
"""A ledger with fewer is built by this process alone."""
WORKERS_MAX = 4
GARBAGE_THRESHOLD = 200_000
"""As the entries of a part go together, to look for garbage among them finds none."""

_ROWS = (
    "SELECT originator_id, originator_version, topic, state, notification_id FROM ledger_events"
    " WHERE originator_id BETWEEN %s AND %s AND notification_id <= %s ORDER BY 1, 2"
)

Told: TypeAlias = Callable[[int, int], None]
"""Called with how many entries are done, and of how many."""


class Part(Struct, frozen=True):
    """Some streams' entries up to a position, and the read models to be built of them."""

    conninfo: str
    models: tuple[type[ReadModel], ...]
    first: UUID
    last: UUID
    upto: int


def next_schema(model: type[ReadModel]) -> str:
    """Where a read model is built."""
    return f"{model.name}_next"


def build(conninfo: str, models: Sequence[type[ReadModel]], told: Told) -> int:
    """Build read models beside the live ones, all from one reading; the position they are at.

    Raises Poisoned if one of them cannot take an entry.
    """
    with (
        psycopg.connect(conninfo, autocommit=True) as connection,
        Ledger(environment(conninfo, pool=1)) as ledger,
    ):
        upto = ledger.head()
        for model in models:
            drop(connection, next_schema(model))
            make(connection, model, next_schema(model), indexed=False)
        _fill_all(list(_parts(conninfo, tuple(models), upto)), upto, told)
        for model in models:
            index(connection, model, next_schema(model))
            env = environment(conninfo, pool=1, schema=next_schema(model))
            with LedgerFactory(Environment(model.name, env)) as factory:
                view = factory.tracking_recorder(View)
                if upto:
                    (last,) = ledger.page(upto - 1, 1)
                    with view.moving_to(upto) as cursor:
                        model.finish(cursor, view.schema, day_of(last.stamp.at))
    return upto


def _parts(conninfo: str, models: tuple[type[ReadModel], ...], upto: int) -> Iterator[Part]:
    """The streams, split by their ids, which are spread evenly."""
    count = max(1, -(-upto // PART_ENTRIES))
    borders = [number * 2**128 // count for number in range(count + 1)]
    for first, behind in pairwise(borders):
        yield Part(conninfo, models, UUID(int=first), UUID(int=behind - 1), upto)


def _fill_all(parts: Sequence[Part], upto: int, told: Told) -> None:
    if upto < ALONE_ENTRIES:
        for part in parts:
            fill(part)
        return
    workers = min(WORKERS_MAX, os.cpu_count() or 1)
    spawned = ProcessPoolExecutor(
        workers, get_context("spawn"), gc.set_threshold, (GARBAGE_THRESHOLD,)
    )
    with spawned as pool:
        try:
            filled = as_completed([pool.submit(fill, part) for part in parts])
            for done, one in enumerate(filled, 1):
                one.result()
                told(upto * done // len(parts), upto)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def fill(part: Part) -> None:
    """Write what the streams of a part come to. Raises Poisoned as `build` does."""
    with psycopg.connect(part.conninfo, autocommit=True) as connection:
        reading = connection.cursor(row_factory=tuple_row, binary=True)
        rows: list[Row] = reading.execute(_ROWS, (part.first, part.last, part.upto)).fetchall()
        changes: list[list[Change]] = [[] for _ in part.models]
        for _, stream in groupby(rows, itemgetter(0)):
            _fold(part, list(stream), changes)
        with connection.transaction():
            cursor = connection.cursor()
            for model, some in zip(part.models, changes, strict=True):
                if some:
                    model.fill(cursor, next_schema(model), some)


def _fold(part: Part, rows: Sequence[Row], changes: Sequence[list[Change]]) -> None:
    """Add the changes that one stream's entries make, in order of the read models."""
    mapper, entries = EntryMapper(), list[Entry[Event]]()

    def histories(_: Sequence[UUID], upto: int) -> dict[UUID, list[Entry[Event]]]:
        return {rows[0][0]: [entry for entry in entries if entry.position <= upto]}

    folder = Folder([model.show for model in part.models], histories)
    for row in rows:
        try:
            entries.append(mapper.skim_row(row))
            found = folder.fold(entries[-1])
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise Poisoned(", ".join(m.name for m in part.models), row[4], error) from error
        for some, change in zip(changes, found, strict=True):
            if change.added or change.removed:
                some.append(change)
