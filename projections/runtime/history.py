"""Recorded histories of streams as read models need them: of remarks, only the dates.

Texts that were suppressed by the position read to are left out.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import LiteralString, cast
from uuid import UUID

from msgspec import Struct

from adapters.ledger.codec import skim_row
from adapters.ledger.queries import ROW, StoredRow
from adapters.ledger.recorder import LedgerRecorder
from adapters.postgres.binary import BinaryArray, bigint, uuid, uuids
from adapters.postgres.query import Query, rows
from domain.amendments.suppression import suppressed
from domain.events.event import Event, History
from domain.vocabulary.entry import Entry
from projections.runtime.periods import UNFOLDABLE, Histories
from projections.runtime.read_model import PoisonEntry

MOVES: LiteralString = (
    "SELECT " + ROW + " FROM ledger_events WHERE {}"
    " AND topic NOT IN ('recommendation.commented', 'recommendation.progress_reported')"
    " AND notification_id + 0 <= {} ORDER BY originator_id, originator_version"
)
"""All entries except skimmed remarks, from the index ledger_events_moves_idx.

The index has the same condition, word for word. The `+ 0` keeps the planner from choosing an index
on the position, which is no help here.
"""
OF_STREAMS = MOVES.format("originator_id = ANY($1)", "$2")
BETWEEN = MOVES.format("originator_id BETWEEN $1 AND $2", "$3")


@contextmanager
def naming(names: str, position: int) -> Generator[None]:
    """Raise PoisonEntry, naming the entry, if it cannot be read, folded or shown."""
    try:
        yield
    except UNFOLDABLE as error:
        raise PoisonEntry(names, position, error) from error


class StreamReader(Struct, frozen=True):
    """Reads streams for one or more read models; errors carry their names."""

    names: str
    recorder: LedgerRecorder

    def read(self, row: StoredRow) -> Entry[Event]:
        """Return the entry in a row. Raises PoisonEntry if the row holds no readable entry."""
        with naming(self.names, row[4]):
            return skim_row(row)

    def whole(self, streams: Sequence[UUID], through: int) -> dict[UUID, History]:
        """Return every entry of the streams up to a position, by stream."""
        return self._by_stream(streams, self.recorder.streams(streams, through))

    def whole_as_of(self, through: int) -> Histories:
        """Return `whole` for a reader that knows every suppression up to a position."""

        def whole(streams: Sequence[UUID], position: int) -> Mapping[UUID, History]:
            histories = self.whole(streams, through).items()
            return {
                stream: [entry for entry in history if entry.position <= position]
                for stream, history in histories
            }

        return whole

    def moves(self, streams: Sequence[UUID], through: int) -> dict[UUID, History]:
        """Return the same without remarks, which are most entries."""
        return self._by_stream(streams, self._rows(OF_STREAMS, uuids(streams), bigint(through)))

    def moves_between(self, first: UUID, last: UUID, through: int) -> list[StoredRow]:
        """Return the rows of all streams from `first` to `last`, without remarks, by stream."""
        return self._rows(BETWEEN, uuid(first), uuid(last), bigint(through))

    def _rows(self, sql: LiteralString, *parameters: BinaryArray) -> list[StoredRow]:
        return cast("list[StoredRow]", self.recorder.run(rows(Query(sql, parameters))))

    def _by_stream(
        self, streams: Sequence[UUID], stored: Sequence[StoredRow]
    ) -> dict[UUID, History]:
        by_stream: dict[UUID, list[Entry[Event]]] = {stream: [] for stream in streams}
        for row in stored:
            by_stream[row[0]].append(self.read(row))
        return {stream: suppressed(entries) for stream, entries in by_stream.items()}
