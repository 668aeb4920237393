"""From entries to what a read model shows: pieces of valid time, and how an entry changes them.

A piece says what a read model shows of one stream from a day on, until another. Most entries
close the last piece and open one; corrections and coarse dates can change any of them, and then
the stream is told anew from its whole history. Both ways give the same pieces.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from domain.checks import ABOUT_THE_RECORD
from domain.events import Event
from domain.life import State, Stretch, advance, settled, stretches
from domain.stamp import Entry

STREAMS_KEPT_MAX = 50_000
"""How many streams' last states are kept in memory."""

Content = Hashable


class Piece(Struct, frozen=True):
    """What is shown of a stream from `since` on, before `until`; None while it lasts."""

    since: date
    until: date | None
    content: Content


class Change(Struct, frozen=True):
    """What one entry does to the pieces of its stream."""

    entry: Entry[Event]
    removed: tuple[Piece, ...]
    added: tuple[Piece, ...]


class _Tail(Struct, frozen=True):
    """The end of a stream: enough to go on from, without its history."""

    state: State
    day: date
    last: Piece | None
    before_last: Piece | None


def pieces(told: Sequence[Stretch], show: Callable[[State], Content | None]) -> tuple[Piece, ...]:
    """The pieces of some stretches; neighbours that show the same are one.

    `show` says None for a kind of stream that is not shown at all.
    """
    found: list[Piece] = []
    for stretch in told:
        content = show(stretch.state)
        if found and found[-1].until == stretch.since and found[-1].content == content:
            found[-1] = Piece(found[-1].since, stretch.until, content)
        elif content is not None:
            found.append(Piece(stretch.since, stretch.until, content))
    return tuple(found)


class Folder:
    """Turns entries, in order of position, into changes of what one read model shows."""

    def __init__(
        self,
        show: Callable[[State], Content | None],
        histories: Callable[[Sequence[UUID], int], dict[UUID, list[Entry[Event]]]],
    ) -> None:
        """`histories` gives the entries of some streams up to a position."""
        self._show = show
        self._histories = histories
        self._tails: OrderedDict[UUID, _Tail] = OrderedDict()

    def clear(self) -> None:
        """Forget everything: what was folded was not kept."""
        self._tails.clear()

    def prepare(self, entries: Sequence[Entry[Event]]) -> None:
        """Read the ends of the streams that a batch goes on with, in one query."""
        if not entries:
            return
        missing = {
            entry.stream for entry in entries if entry.step > 1 and entry.stream not in self._tails
        } - {entry.stream for entry in entries if entry.step == 1}
        if missing:
            before = entries[0].position - 1
            for stream, history in self._histories(tuple(missing), before).items():
                if history:
                    self._tails[stream] = self._tail_of(history)

    def fold(self, entry: Entry[Event]) -> Change:
        """What an entry changes. The entries before it in the ledger must have been folded."""
        tail = self._tails.get(entry.stream)
        change = self._go_on(tail, entry) if entry.step == 1 or tail else None
        if change is None:
            history = self._histories((entry.stream,), entry.position)[entry.stream]
            before = pieces(stretches(history[:-1]), self._show)
            after = pieces(stretches(history), self._show)
            change = Change(
                entry,
                tuple(piece for piece in before if piece not in after),
                tuple(piece for piece in after if piece not in before),
            )
            self._keep(entry.stream, self._tail_of(history))
        return change

    def _go_on(self, tail: _Tail | None, entry: Entry[Event]) -> Change | None:
        """The change by the end of the stream alone, or None if that is not enough."""
        day = settled(entry)
        if isinstance(entry.event, ABOUT_THE_RECORD) or (tail and day < tail.day):
            return None
        state = advance(tail.state if tail else None, entry)
        content = self._show(state)
        last, before = (tail.last, tail.before_last) if tail else (None, None)
        removed: tuple[Piece, ...] = ()
        added: tuple[Piece, ...] = ()
        if content is not None and (last is None or content != last.content):
            opened = Piece(day, None, content)
            if last is None:
                added = (opened,)
            elif day > last.since:
                before = Piece(last.since, day, last.content)
                removed, added = (last,), (before, opened)
            elif before and before.content == content:
                return None
            else:
                removed, added = (last,), (opened,)
            last = opened
        self._keep(entry.stream, _Tail(state, day, last, before))
        return Change(entry, removed, added)

    def _tail_of(self, history: Sequence[Entry[Event]]) -> _Tail:
        told = stretches(history)
        last, before = [None, None, *pieces(told, self._show)][:-3:-1]
        return _Tail(told[-1].state, told[-1].since, last, before)

    def _keep(self, stream: UUID, tail: _Tail) -> None:
        self._tails[stream] = tail
        self._tails.move_to_end(stream)
        if len(self._tails) > STREAMS_KEPT_MAX:
            self._tails.popitem(last=False)
