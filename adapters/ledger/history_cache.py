"""Histories that were read before, of which only what came since is read again.

Entries never change, so that what was read stays true.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import reduce
from typing import TypeAlias
from uuid import UUID

from adapters.ledger.codec import MAPPER
from adapters.ledger.queries import StoredRow
from domain.checks import ABOUT_THE_RECORD
from domain.events.event import Event
from domain.history import State, advance, state_after
from domain.vocabulary.entry import Entry

ENTRIES_KEPT_MAX = 50_000
"""How many entries of all streams are kept in memory, of about 2 kB each."""

History: TypeAlias = tuple[Entry[Event], ...]


class HistoryCache:
    """The histories that were read last, each as long as it was then. For threads, too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._histories: OrderedDict[UUID, History] = OrderedDict()
        self._states: dict[UUID, tuple[History, State]] = {}
        self._entries = 0

    def get(self, stream: UUID) -> History:
        """The entries of a stream that are known; none of one that was not read before."""
        with self._lock:
            if stream not in self._histories:
                return ()
            self._histories.move_to_end(stream)
            return self._histories[stream]

    def extended(self, stream: UUID, known: History, rows: Sequence[StoredRow]) -> History:
        """What was known of a stream with the rows after it, which are kept."""
        if not rows:
            return known
        history = (*known, *map(MAPPER.read_row, rows))
        with self._lock:
            if known and stream not in self._histories:
                return history  # what was known was forgotten meanwhile
            self._entries += len(history) - len(self._histories.pop(stream, ()))
            self._histories[stream] = history
            while self._entries > ENTRIES_KEPT_MAX:
                oldest, gone = self._histories.popitem(last=False)
                self._entries -= len(gone)
                self._states.pop(oldest, None)
        return history

    def state(self, history: Sequence[Entry[Event]]) -> State | None:
        """The state after a whole history, from that after its beginning if it was told before."""
        if not history:
            return None
        stream = history[0].stream
        told, state = self._states.get(stream, ((), None))
        later = history[len(told) :]
        mended = any(isinstance(entry.event, ABOUT_THE_RECORD) for entry in later)
        if mended or history[: len(told)] != told:
            state = state_after(history)
        else:
            state = reduce(advance, later, state)
        with self._lock:
            kept = self._histories.get(stream)
            if state and kept and kept is history:
                self._states[stream] = (kept, state)
        return state

    def forget(self) -> None:
        """Know nothing: a connection was lost, and the database may be put back to earlier."""
        with self._lock:
            self._histories.clear()
            self._states.clear()
            self._entries = 0
