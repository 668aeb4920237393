"""Export of the published facts, as the files that an import reads.

An import of them into an empty service gives the same published state on every day, and an export
of that the same bytes. Rows are in order of their streams' references, so that nothing else of the
ledger shows. Training is left out unless it is asked for.
"""

import csv
import os
import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from msgspec import Struct

from adapters.corpus.cells import cell_of
from adapters.corpus.facts.published import PublishedRow, StreamPlace, published_rows
from adapters.corpus.rows import (
    OUTCOMES,
    PRODUCTS,
    RECOMMENDATIONS,
    STEPS,
    OutcomeRow,
    ProductRow,
    RecommendationRow,
    StepRow,
)
from adapters.ledger.codec import MAPPER
from adapters.ledger.ledger import Ledger
from adapters.ledger.queries import first_of_streams
from domain.events.recommendation import Issued, Section55Responded
from domain.events.report import ReportPublished
from domain.vocabulary.forces import ADDRESSEES

STREAMS_AT_ONCE = 200
"""How many streams are read at once."""
_ROWS: dict[str, type[Struct]] = {
    PRODUCTS: ProductRow,
    RECOMMENDATIONS: RecommendationRow,
    OUTCOMES: OutcomeRow,
    STEPS: StepRow,
}


class _Streams(Struct, frozen=True):
    """The streams to export, in order, and the references of all recommendations."""

    places: dict[UUID, StreamPlace]
    references: dict[UUID, str]


def export_facts(
    ledger: Ledger,
    directory: Path,
    report_progress: Callable[[int, int], None],
    *,
    training: bool,
) -> dict[str, int]:
    """Write the files of a directory, and return how many rows each has.

    They have what is on record at the start: nothing recorded meanwhile is in them. The directory
    appears whole, or not at all. Calls `report_progress` with the number of streams written and of
    all. Raises FileExistsError if there is something at its place.
    """
    head = ledger.head()
    streams = _streams(ledger, head, training=training)
    every = list(streams.places)
    counts = dict.fromkeys(_ROWS, 0)
    with new_directory(directory) as folder, ExitStack() as stack:
        writers: dict[str, csv.DictWriter[str]] = {}
        for file, kind in _ROWS.items():
            opened = stack.enter_context((folder / file).open("w", encoding="utf-8", newline=""))
            writers[file] = csv.DictWriter(
                opened, kind.__struct_fields__, restval="", lineterminator="\n"
            )
            writers[file].writeheader()
        for first in range(0, len(every), STREAMS_AT_ONCE):
            report_progress(first, len(every))
            for row in _rows(ledger, streams, every[first : first + STREAMS_AT_ONCE], head):
                writers[row.file].writerow(
                    {name: cell_of(value) for name, value in row.cells.items()}
                )
                counts[row.file] += 1
    report_progress(len(every), len(every))
    return counts


def _streams(ledger: Ledger, head: int, *, training: bool) -> _Streams:
    products: dict[UUID, ReportPublished] = {}
    issued: dict[UUID, Issued] = {}
    for row in ledger.rows.run(first_of_streams(0, head)):
        entry = MAPPER.read_row(row)
        if isinstance(entry.event, ReportPublished):
            products[entry.stream] = entry.event
        elif isinstance(entry.event, Issued):
            issued[entry.stream] = entry.event
    places = {
        stream: StreamPlace(event.reference, event.addressee, event.reference)
        for stream, event in products.items()
    } | {
        stream: StreamPlace(products[event.report].reference, event.addressee, event.reference)
        for stream, event in issued.items()
    }
    chosen = {
        stream: place
        for stream, place in sorted(places.items(), key=lambda item: (item[1].reference, item[0]))
        if training or not _is_training(place, products, issued.get(stream))
    }
    return _Streams(chosen, {stream: event.reference for stream, event in issued.items()})


def _is_training(
    place: StreamPlace, products: dict[UUID, ReportPublished], issued: Issued | None
) -> bool:
    codes = {place.force} | ({products[issued.report].addressee} if issued else set[str]())
    return any(ADDRESSEES[code].training for code in codes)


def _rows(
    ledger: Ledger, streams: _Streams, part: Sequence[UUID], head: int
) -> Generator[PublishedRow]:
    histories = {
        stream: [entry for entry in history if entry.position <= head]
        for stream, history in ledger.histories(part).items()
    }
    responses = [
        entry.id
        for history in histories.values()
        for entry in history
        if isinstance(entry.event, Section55Responded)
    ]
    notes = ledger.notes(responses) if responses else {}
    for stream in part:
        place = streams.places[stream]
        yield from published_rows(histories[stream], place, streams.references, notes)


@contextmanager
def new_directory(path: Path) -> Generator[Path]:
    """Yield a directory that appears at its place, durable, only if the context ends well.

    An empty one there is replaced. Raises FileExistsError if anything else is there.
    """
    target = path.resolve()
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise FileExistsError(f"{path} already exists")
    folder = Path(mkdtemp(dir=target.parent, prefix=".tracker-export-"))
    try:
        yield folder
        for file in (*folder.iterdir(), folder):
            _sync(file)
        folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _sync(target.parent)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
