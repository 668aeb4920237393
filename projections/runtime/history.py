"""What was recorded of streams before now, as read models need it: of a remark only when it was."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import LiteralString, cast
from uuid import UUID

from msgspec import Struct

from adapters.ledger.codec import skim_row
from adapters.ledger.queries import ROW, Row
from adapters.ledger.recorder import LedgerRecorder
from adapters.postgres.binary import Packed, bigint, uuid, uuids
from adapters.postgres.query import Query, rows
from domain.events.event import Event
from domain.vocabulary.entry import Entry
from projections.runtime.periods import UNTELLABLE
from projections.runtime.read_model import Poisoned

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
        raise Poisoned(names, position, error) from error


class Past(Struct, frozen=True):
    """Reads for a read model, or for several, whose names stand in what is raised."""

    names: str
    recorder: LedgerRecorder

    def read(self, row: Row) -> Entry[Event]:
        """The entry in a row. Raises Poisoned if there is none in it."""
        with naming(self.names, row[4]):
            return skim_row(row)

    def whole(self, streams: Sequence[UUID], upto: int) -> dict[UUID, list[Entry[Event]]]:
        """Every entry of some streams up to a position."""
        return self._by_stream(streams, self.recorder.streams(streams, upto))

    def moves(self, streams: Sequence[UUID], upto: int) -> dict[UUID, list[Entry[Event]]]:
        """The same without the remarks, which are most entries."""
        return self._by_stream(streams, self._rows(OF_STREAMS, uuids(streams), bigint(upto)))

    def moves_between(self, first: UUID, last: UUID, upto: int) -> list[Row]:
        """The rows of all streams from one id to another but remarks, in order of stream."""
        return self._rows(BETWEEN, uuid(first), uuid(last), bigint(upto))

    def _rows(self, sql: LiteralString, *given: Packed) -> list[Row]:
        return cast("list[Row]", self.recorder.ask(rows(Query(sql, given))))

    def _by_stream(
        self, streams: Sequence[UUID], found: Sequence[Row]
    ) -> dict[UUID, list[Entry[Event]]]:
        by_stream: dict[UUID, list[Entry[Event]]] = {stream: [] for stream in streams}
        for row in found:
            by_stream[row[0]].append(self.read(row))
        return by_stream
