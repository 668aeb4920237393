"""What was recorded of streams before now, as read models need it: of a remark only when it was."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import LiteralString, cast
from uuid import UUID

from msgspec import Struct

from adapters.ledger.codec import skim_row
from adapters.ledger.queries import ROW, StoredRow
from adapters.ledger.recorder import LedgerRecorder
from adapters.postgres.binary import BinaryArray, bigint, uuid, uuids
from adapters.postgres.query import Query, rows
from domain.events.event import Event
from domain.vocabulary.entry import Entry
from projections.runtime.periods import UNTELLABLE
from projections.runtime.read_model import PoisonEntry

MOVES: LiteralString = (
    "SELECT " + ROW + " FROM ledger_events WHERE {}"
    " AND topic NOT IN ('recommendation.commented', 'recommendation.progress_reported')"
    " AND notification_id + 0 <= {} ORDER BY originator_id, originator_version"
)
"""All but skimmed remarks, by the index ledger_events_moves_idx, which says it in these words.

The position is no use to find them, and must not tempt the planner.
"""
OF_STREAMS = MOVES.format("originator_id = ANY($1)", "$2")
BETWEEN = MOVES.format("originator_id BETWEEN $1 AND $2", "$3")


@contextmanager
def naming(names: str, position: int) -> Generator[None]:
    """Say which entry cannot be taken."""
    try:
        yield
    except UNTELLABLE as error:
        raise PoisonEntry(names, position, error) from error


class StreamReader(Struct, frozen=True):
    """Reads for a read model, or for several, whose names stand in what is raised."""

    names: str
    recorder: LedgerRecorder

    def read(self, row: StoredRow) -> Entry[Event]:
        """The entry in a row. Raises PoisonEntry if there is none in it."""
        with naming(self.names, row[4]):
            return skim_row(row)

    def whole(self, streams: Sequence[UUID], through: int) -> dict[UUID, list[Entry[Event]]]:
        """Every entry of some streams up to a position."""
        return self._by_stream(streams, self.recorder.streams(streams, through))

    def moves(self, streams: Sequence[UUID], through: int) -> dict[UUID, list[Entry[Event]]]:
        """The same without the remarks, which are most entries."""
        return self._by_stream(streams, self._rows(OF_STREAMS, uuids(streams), bigint(through)))

    def moves_between(self, first: UUID, last: UUID, through: int) -> list[StoredRow]:
        """The rows of all streams from one id to another but remarks, in order of stream."""
        return self._rows(BETWEEN, uuid(first), uuid(last), bigint(through))

    def _rows(self, sql: LiteralString, *given: BinaryArray) -> list[StoredRow]:
        return cast("list[StoredRow]", self.recorder.run(rows(Query(sql, given))))

    def _by_stream(
        self, streams: Sequence[UUID], found: Sequence[StoredRow]
    ) -> dict[UUID, list[Entry[Event]]]:
        by_stream: dict[UUID, list[Entry[Event]]] = {stream: [] for stream in streams}
        for row in found:
            by_stream[row[0]].append(self.read(row))
        return by_stream
