"""From entries to what a read model shows: pieces of valid time, and how an entry changes them.

A piece says what a read model shows of one stream from a day on, until another. Most entries
close the last piece and open one; corrections and coarse dates can change any of them, and then
the stream is told anew from its whole history. Both ways give the same pieces.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import TypeAlias
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.checks import ABOUT_THE_RECORD
from domain.events.event import Event
from domain.history import State, StatePeriod, advance, certain_by_itself, state_periods
from domain.recommendation.state import REMARKS
from domain.vocabulary.dates import exact
from domain.vocabulary.entry import Entry

STREAMS_KEPT_MAX = 50_000
"""How many streams' last states are kept in memory."""

UNTELLABLE = (ArithmeticError, LookupError, TypeError, ValueError)
"""What an entry raises that cannot be read, folded or shown."""

ENDS = 2
"""How many of the last pieces are kept."""

Content = Hashable
Show: TypeAlias = Callable[[State], Content | None]
"""What a read model shows of a state; None for a kind of stream that it does not show at all."""
Histories: TypeAlias = Callable[[Sequence[UUID], int], Mapping[UUID, Sequence[Entry[Event]]]]


class Period(Struct, frozen=True):
    """What is shown of a stream from `since` on, before `until`; None while it lasts."""

    since: date
    until: date | None
    content: Content


class Change(Struct, frozen=True):
    """What one entry does to the pieces of its stream."""

    entry: Entry[Event]
    removed: tuple[Period, ...]
    added: tuple[Period, ...]


class _End(Struct, frozen=True):
    """The end of what one read model shows of a stream."""

    last: Period | None = None
    before_last: Period | None = None


class _Tail(Struct, frozen=True):
    """The end of a stream: enough to go on from, without its history."""

    state: State
    day: date
    ends: tuple[_End, ...]
    """One for each read model."""


def periods(told: Sequence[StatePeriod], show: Show) -> tuple[Period, ...]:
    """The pieces of some stretches; neighbours that show the same are one."""
    found: list[Period] = []
    for stretch in told:
        content = show(stretch.state)
        if found and found[-1].until == stretch.since and found[-1].content == content:
            found[-1] = Period(found[-1].since, stretch.until, content)
        elif content is not None:
            found.append(Period(stretch.since, stretch.until, content))
    return tuple(found)


def moving(history: Sequence[Entry[Event]]) -> Sequence[Entry[Event]]:
    """The steps that what is shown rests on: without the remarks, where these cannot matter.

    They can where a coarse date is bounded by what followed, or a step was corrected.
    """
    moves = [entry for entry in history if not isinstance(entry.event, REMARKS)]
    return moves if all(map(is_plain, history)) else history


def is_plain(entry: Entry[Event]) -> bool:
    """Say whether a step is a remark, or has an exact date and is not about the record."""
    if isinstance(entry.event, ABOUT_THE_RECORD):
        return False
    return isinstance(entry.event, REMARKS) or exact(entry.stamp.on) is not None


class PeriodFolder:
    """Turns entries, in order of position, into changes of what read models show."""

    def __init__(self, shows: Sequence[Show], whole: Histories, moves: Histories) -> None:
        """`whole` gives the entries of some streams up to a position, `moves` all but remarks."""
        self._shows = shows
        self._whole = whole
        self._moves = moves
        self._tails: OrderedDict[UUID, _Tail] = OrderedDict()

    def clear(self) -> None:
        """Forget everything: what was folded was not kept."""
        self._tails.clear()

    def prepare(self, entries: Sequence[Entry[Event]]) -> None:
        """Read the ends of the streams that a batch goes on with, in one query."""
        first = {entry.stream: entry.step for entry in reversed(entries)}
        missing = [
            stream for stream, step in first.items() if step > 1 and stream not in self._tails
        ]
        if not missing:
            return
        before = entries[0].position - 1
        found = dict(self._moves(missing, before))
        if bent := [stream for stream, moves in found.items() if not all(map(is_plain, moves))]:
            found |= self._whole(bent, before)
        for stream, history in found.items():
            # What cannot be told is told anew at its next entry, which is then named.
            with suppress(*UNTELLABLE):
                self._tails[stream] = self._tail_of(history, first[stream] - 1)

    def fold(self, entry: Entry[Event]) -> tuple[Change, ...]:
        """What an entry changes, for each read model.

        The entries before it in the ledger must have been folded.
        """
        tail = self._tails.get(entry.stream)
        changes = self._go_on(tail, entry) if entry.step == 1 or tail else None
        return changes or self._tell_anew(entry)

    def pass_by(self, stream: UUID, step: int) -> None:
        """Go on behind remarks, up to a step, that need not be folded."""
        tail = self._tails.get(stream)
        if tail and tail.state.step < step:
            self._tails[stream] = replace(tail, state=replace(tail.state, step=step))

    def _tell_anew(self, entry: Entry[Event]) -> tuple[Change, ...]:
        history = self._whole((entry.stream,), entry.position)[entry.stream]
        told_before, told_after = state_periods(history[:-1]), state_periods(history)
        self._keep(entry.stream, self._tail_of(history, entry.step))
        changes: list[Change] = []
        for show in self._shows:
            before, after = periods(told_before, show), periods(told_after, show)
            removed = tuple(piece for piece in before if piece not in after)
            added = tuple(piece for piece in after if piece not in before)
            changes.append(Change(entry, removed, added))
        return tuple(changes)

    def _go_on(self, tail: _Tail | None, entry: Entry[Event]) -> tuple[Change, ...] | None:
        """The changes by the end of the stream alone, or None if that is not enough."""
        day = certain_by_itself(entry)
        if isinstance(entry.event, ABOUT_THE_RECORD) or (tail and day < tail.day):
            return None
        state = advance(tail.state if tail else None, entry)
        if tail and isinstance(entry.event, REMARKS):
            self._keep(entry.stream, _Tail(state, day, tail.ends))
            return (Change(entry, (), ()),) * len(self._shows)
        ends = tail.ends if tail else (_End(),) * len(self._shows)
        changes, new = list[Change](), list[_End]()
        for show, end in zip(self._shows, ends, strict=True):
            content = show(state)
            if content is None or (end.last and content == end.last.content):
                changes.append(Change(entry, (), ()))
                new.append(end)
                continue
            opened = _opened(entry, end, Period(day, None, content))
            if opened is None:
                return None
            changes.append(opened[0])
            new.append(opened[1])
        self._keep(entry.stream, _Tail(state, day, tuple(new)))
        return tuple(changes)

    def _tail_of(self, history: Sequence[Entry[Event]], step: int) -> _Tail:
        told = state_periods(moving(history))
        ends = tuple(_end_of(told, show) for show in self._shows)
        return _Tail(replace(told[-1].state, step=step), told[-1].since, ends)

    def _keep(self, stream: UUID, tail: _Tail) -> None:
        self._tails[stream] = tail
        self._tails.move_to_end(stream)
        if len(self._tails) > STREAMS_KEPT_MAX:
            self._tails.popitem(last=False)


def _end_of(told: Sequence[StatePeriod], show: Show) -> _End:
    """The last two pieces, without looking at what went before them."""
    found: list[Period] = []
    for stretch in reversed(told):
        content = show(stretch.state)
        if found and content == found[-1].content:
            found[-1] = Period(stretch.since, found[-1].until, content)
        elif len(found) == ENDS:
            break
        elif content is not None:
            found.append(Period(stretch.since, stretch.until, content))
    return _End(*found)


def _opened(entry: Entry[Event], end: _End, opened: Period) -> tuple[Change, _End] | None:
    """The change that opens a piece, and the end after it; None if more than the end changes."""
    last, before = end.last, end.before_last
    if last is None:
        return Change(entry, (), (opened,)), _End(opened)
    if opened.since > last.since:
        closed = Period(last.since, opened.since, last.content)
        return Change(entry, (last,), (closed, opened)), _End(opened, closed)
    if before and before.content == opened.content:
        return None
    return Change(entry, (last,), (opened,)), _End(opened, before)
