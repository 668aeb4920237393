"""Building read models from scratch: stream by stream, in several processes, indexed at the end.

In ledger order, each change would have to find the row that it ends. Stream by stream, every row
is written once, in its final form.
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

from msgspec import Struct

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import LedgerRecorder, environment, writing
from adapters.postgres.limits import connect
from domain.events.event import History
from domain.vocabulary.dates import day_of
from projections.runtime.history import StreamReader, naming
from projections.runtime.periods import Change, PeriodFolder, is_plain
from projections.runtime.read_model import OnProgress, ReadModel
from projections.runtime.schemas import drop, index, make
from projections.runtime.tracking import opened_store

PART_ENTRIES = 20_000
"""Approximate number of entries in a part, all held in memory at once."""
ALONE_ENTRIES = 50_000
"""A ledger with fewer entries is built by this process alone."""
WORKERS_MAX = 4
BUILD_SECONDS = 3_600
"""The longest statement of a build: an index over every row."""


class Part(Struct, frozen=True):
    """A range of streams up to a position, and the read models to build."""

    conninfo: str
    models: tuple[type[ReadModel], ...]
    first: UUID
    last: UUID
    through: int


def next_schema(model: type[ReadModel]) -> LiteralString:
    """Return the name of the schema in which a read model is built."""
    return model.schema + "_next"


def build(conninfo: str, models: Sequence[type[ReadModel]], on_progress: OnProgress) -> int:
    """Build read models beside the live ones from a single read of the ledger.

    Returns the position they have reached. Raises PoisonEntry if a read model cannot take an
    entry.
    """
    with (
        connect(conninfo, limit=BUILD_SECONDS) as connection,
        Ledger(environment(conninfo, pool=1, deadline=BUILD_SECONDS)) as ledger,
    ):
        through = ledger.head()
        for model in models:
            drop(connection, next_schema(model))
            make(connection, model, next_schema(model), indexed=False)
        _fill_all(list(_parts(conninfo, tuple(models), through)), through, on_progress)
        last = ledger.page(through - 1, 1) if through else []
        for model in models:
            index(connection, model, next_schema(model))
            with opened_store(
                conninfo, model.schema, next_schema(model), limit=BUILD_SECONDS
            ) as store:
                for entry in last:
                    with writing(store.datastore) as wire:
                        store.begin(wire, through)
                        model.finish(wire, store.schema, day_of(entry.stamp.at))
    return through


def _parts(conninfo: str, models: tuple[type[ReadModel], ...], through: int) -> Iterator[Part]:
    """Split the streams into parts by id; ids are evenly distributed."""
    count = max(1, -(-through // PART_ENTRIES))
    borders = [number * 2**128 // count for number in range(count + 1)]
    for first, after in pairwise(borders):
        yield Part(conninfo, models, UUID(int=first), UUID(int=after - 1), through)


def _fill_all(parts: Sequence[Part], through: int, on_progress: OnProgress) -> None:
    if through < ALONE_ENTRIES:
        for part in parts:
            fill(part)
        on_progress(through, through)
        return
    workers = min(WORKERS_MAX, os.cpu_count() or 1)
    # Reference counting frees everything that a part leaves; collecting garbage would find nothing.
    with ProcessPoolExecutor(workers, get_context("spawn"), gc.disable) as pool:
        try:
            filled = as_completed([pool.submit(fill, part) for part in parts])
            for done, future in enumerate(filled, 1):
                future.result()
                on_progress(through * done // len(parts), through)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def fill(part: Part) -> None:
    """Write the rows of a part's streams. Raises PoisonEntry as `build` does."""
    changes: list[list[Change]] = [[] for _ in part.models]
    with Ledger(environment(part.conninfo, pool=1, deadline=BUILD_SECONDS)) as ledger:
        for by_model in _changes(part, ledger.rows):
            for model_changes, change in zip(changes, by_model, strict=True):
                if change.added or change.removed:
                    model_changes.append(change)
        with writing(ledger.rows.datastore) as wire:
            for model, model_changes in zip(part.models, changes, strict=True):
                if model_changes:
                    model.fill(wire, next_schema(model), model_changes)


def _changes(part: Part, recorder: LedgerRecorder) -> Iterator[tuple[Change, ...]]:
    """Yield each entry's changes in the order of the read models, stream by stream.

    Remarks are skipped where every other step has an exact date and none is about the record:
    there they cannot bound or move anything. No text is written that was suppressed by the end.
    """
    past = StreamReader(", ".join(model.name for model in part.models), recorder)
    shows = [model.show for model in part.models]
    moves = past.moves_between(part.first, part.last, part.through)
    for stream, rows in groupby(moves, itemgetter(0)):
        entries: History = [past.read(row) for row in rows]
        if not all(map(is_plain, entries)):
            entries = past.whole([stream], part.through)[stream]
        folder = PeriodFolder(shows, past.whole_as_of(part.through), past.moves)
        for entry in entries:
            folder.skip_to(stream, entry.step - 1)
            with naming(past.names, entry.position):
                changes = folder.fold(entry)
            yield changes
