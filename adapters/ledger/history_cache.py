"""A cache of stream histories, in memory, without the texts that were suppressed.

Entries never change, so that a cached history stays true; a suppression among the entries that
come after it reaches back into it.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from adapters.ledger.codec import MAPPER
from adapters.ledger.queries import StoredRow
from domain.amendments.suppression import suppressed
from domain.events.event import Event
from domain.history import State, advance, continues, state_after
from domain.vocabulary.entry import Entry

ENTRIES_KEPT_MAX = 50_000
"""How many entries of all streams are kept in memory, at about 2 kB each."""

History: TypeAlias = tuple[Entry[Event], ...]


class HistoryCache:
    """A cache of stream histories; only entries appended since the last read are fetched.

    It keeps the histories read last. Threads may share it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._histories: OrderedDict[UUID, History] = OrderedDict()
        self._states: dict[UUID, tuple[History, State]] = {}
        self._entries = 0

    def get(self, stream: UUID) -> History:
        """Return the cached entries of a stream; none if it was not read before."""
        with self._lock:
            if stream not in self._histories:
                return ()
            self._histories.move_to_end(stream)
            return self._histories[stream]

    def extend(self, stream: UUID, known: History, rows: Sequence[StoredRow]) -> History:
        """Return the known history with the rows after it appended, and cache it."""
        if not rows:
            return known
        history = tuple(suppressed((*known, *map(MAPPER.read_row, rows)), len(known)))
        with self._lock:
            if known and stream not in self._histories:
                return history  # the known part was dropped meanwhile
            self._entries += len(history) - len(self._histories.pop(stream, ()))
            self._histories[stream] = history
            while self._entries > ENTRIES_KEPT_MAX:
                oldest, dropped = self._histories.popitem(last=False)
                self._entries -= len(dropped)
                self._states.pop(oldest, None)
        return history

    def state(self, history: Sequence[Entry[Event]]) -> State | None:
        """Return the state after a whole history, from the last computed state if possible."""
        if not history:
            return None
        stream = history[0].stream
        folded, state = self._states.get(stream, ((), None))
        later = history[len(folded) :]
        if history[: len(folded)] != folded:
            state = state_after(history)
        else:
            for entry in later:
                if not continues(state, entry):
                    state = state_after(history)
                    break
                state = advance(state, entry)
        with self._lock:
            kept = self._histories.get(stream)
            if state and kept and kept is history:
                self._states[stream] = (kept, state)
        return state

    def clear(self) -> None:
        """Drop everything: after a lost connection, the database may be an earlier copy."""
        with self._lock:
            self._histories.clear()
            self._states.clear()
            self._entries = 0
