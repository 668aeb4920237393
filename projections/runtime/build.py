"""Read models built from nothing: stream by stream, by several processes, indexed at the end.

To follow the ledger in its order each change would have to find the row that it ends. By streams
every row is written once, as it is to stay.
"""

import gc
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import groupby, pairwise
from multiprocessing import get_context
from operator import itemgetter
from typing import LiteralString
from uuid import UUID

import psycopg
from msgspec import Struct

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import LedgerRecorder, environment, writing
from domain.vocabulary.dates import day_of
from projections.runtime.history import StreamReader, naming
from projections.runtime.periods import Change, PeriodFolder, is_plain
from projections.runtime.read_model import OnProgress, ReadModel
from projections.runtime.schemas import drop, index, make
from projections.runtime.tracking import opened_store

PART_ENTRIES = 20_000
"""About how many entries one part has: they are held in memory at once."""
ALONE_ENTRIES = 50_000
"""A ledger with fewer is built by this process alone."""
WORKERS_MAX = 4


class Part(Struct, frozen=True):
    """Some streams' entries up to a position, and the read models to be built of them."""

    conninfo: str
    models: tuple[type[ReadModel], ...]
    first: UUID
    last: UUID
    through: int


def next_schema(model: type[ReadModel]) -> LiteralString:
    """Where a read model is built."""
    return model.name + "_next"


def build(conninfo: str, models: Sequence[type[ReadModel]], told: OnProgress) -> int:
    """Build read models beside the live ones, all from one reading; the position they are at.

    Raises PoisonEntry if one of them cannot take an entry.
    """
    with (
        psycopg.connect(conninfo, autocommit=True) as connection,
        Ledger(environment(conninfo, pool=1)) as ledger,
    ):
        through = ledger.head()
        for model in models:
            drop(connection, next_schema(model))
            make(connection, model, next_schema(model), indexed=False)
        _fill_all(list(_parts(conninfo, tuple(models), through)), through, told)
        last = ledger.page(through - 1, 1) if through else []
        for model in models:
            index(connection, model, next_schema(model))
            with opened_store(conninfo, model.name, next_schema(model)) as view:
                for entry in last:
                    with writing(view.datastore) as wire:
                        view.begin(wire, through)
                        model.finish(wire, view.schema, day_of(entry.stamp.at))
    return through


def _parts(conninfo: str, models: tuple[type[ReadModel], ...], through: int) -> Iterator[Part]:
    """The streams, split by their ids, which are spread evenly."""
    count = max(1, -(-through // PART_ENTRIES))
    borders = [number * 2**128 // count for number in range(count + 1)]
    for first, behind in pairwise(borders):
        yield Part(conninfo, models, UUID(int=first), UUID(int=behind - 1), through)


def _fill_all(parts: Sequence[Part], through: int, told: OnProgress) -> None:
    if through < ALONE_ENTRIES:
        for part in parts:
            fill(part)
        told(through, through)
        return
    workers = min(WORKERS_MAX, os.cpu_count() or 1)
    # What a part leaves behind goes without the garbage collector, which would look in vain.
    with ProcessPoolExecutor(workers, get_context("spawn"), gc.disable) as pool:
        try:
            filled = as_completed([pool.submit(fill, part) for part in parts])
            for done, one in enumerate(filled, 1):
                one.result()
                told(through * done // len(parts), through)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def fill(part: Part) -> None:
    """Write what the streams of a part come to. Raises PoisonEntry as `build` does."""
    changes: list[list[Change]] = [[] for _ in part.models]
    with Ledger(environment(part.conninfo, pool=1)) as ledger:
        for found in _changes(part, ledger.rows):
            for some, change in zip(changes, found, strict=True):
                if change.added or change.removed:
                    some.append(change)
        with writing(ledger.rows.datastore) as wire:
            for model, some in zip(part.models, changes, strict=True):
                if some:
                    model.fill(wire, next_schema(model), some)


def _changes(part: Part, recorder: LedgerRecorder) -> Iterator[tuple[Change, ...]]:
    """The changes that entries make, stream by stream, in order of the read models.

    Remarks are passed by: where every other step has an exact date, and none is about the
    record, they cannot bound or move anything.
    """
    past = StreamReader(", ".join(model.name for model in part.models), recorder)
    moves = past.moves_between(part.first, part.last, part.through)
    for stream, rows in groupby(moves, itemgetter(0)):
        entries = [past.read(row) for row in rows]
        if not all(map(is_plain, entries)):
            entries = past.whole([stream], part.through)[stream]
        folder = PeriodFolder([model.show for model in part.models], past.whole, past.moves)
        for entry in entries:
            folder.pass_by(stream, entry.step - 1)
            with naming(past.names, entry.position):
                changes = folder.fold(entry)
            yield changes
