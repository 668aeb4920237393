"""Folding entries into pieces of valid time, which are the content of read models.

A piece is what a read model shows of one stream from one day until another. Most entries close the
last piece and open the next; corrections and coarse dates can change any piece, and then the
stream is folded again from its whole history. Both ways give the same pieces.
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
from domain.recommendation.evolve import REMARKS
from domain.vocabulary.dates import exact
from domain.vocabulary.entry import Entry

STREAMS_KEPT_MAX = 50_000
"""The number of streams whose last state is kept in memory."""

UNFOLDABLE = (ArithmeticError, LookupError, TypeError, ValueError)
"""Errors raised by an entry that cannot be read, folded or shown."""

ENDS = 2
"""The number of last pieces kept of a stream."""

Content = Hashable
Show: TypeAlias = Callable[[State], Content | None]
"""Returns a read model's content for a state; None for streams that it never shows."""
Histories: TypeAlias = Callable[[Sequence[UUID], int], Mapping[UUID, Sequence[Entry[Event]]]]


class Period(Struct, frozen=True):
    """The content shown of a stream from `since`, before `until`; None while it lasts."""

    since: date
    until: date | None
    content: Content


class Change(Struct, frozen=True):
    """The pieces that one entry removes from its stream and adds to it."""

    entry: Entry[Event]
    removed: tuple[Period, ...]
    added: tuple[Period, ...]
    again: tuple["Change", ...] | None = None
    """Every change of the stream so far, to be written in place of all that was written of it."""


def with_again(changes: Sequence[Change]) -> tuple[frozenset[UUID], Sequence[Change]]:
    """Return the streams to be written again, and the changes to write, in order.

    Of those streams everything that was written before goes, also of the same changes.
    """
    last = {change.entry.stream: n for n, change in enumerate(changes) if change.again is not None}
    if not last:
        return frozenset(), changes
    written: list[Change] = []
    for number, change in enumerate(changes):
        first = last.get(change.entry.stream, -1)
        if number == first:
            written.extend(change.again or ())
        elif number > first:
            written.append(change)
    return frozenset(last), written


class _LastPeriods(Struct, frozen=True):
    """The last two pieces that one read model shows of a stream."""

    last: Period | None = None
    before_last: Period | None = None


class _Tail(Struct, frozen=True):
    """The end of a stream: enough to continue from without its history."""

    state: State
    day: date
    ends: tuple[_LastPeriods, ...]
    """The last pieces, by read model."""


def periods(stretches: Sequence[StatePeriod], show: Show) -> tuple[Period, ...]:
    """Return the pieces of the stretches, merging neighbours with the same content."""
    pieces: list[Period] = []
    for stretch in stretches:
        content = show(stretch.state)
        if pieces and pieces[-1].until == stretch.since and pieces[-1].content == content:
            pieces[-1] = Period(pieces[-1].since, stretch.until, content)
        elif content is not None:
            pieces.append(Period(stretch.since, stretch.until, content))
    return tuple(pieces)


def moving(history: Sequence[Entry[Event]]) -> Sequence[Entry[Event]]:
    """Return the steps that determine the pieces, without remarks where these cannot matter.

    Remarks matter where a coarse date is bounded by a later step, or a step was corrected.
    """
    moves = [entry for entry in history if not isinstance(entry.event, REMARKS)]
    return moves if all(map(is_plain, history)) else history


def is_plain(entry: Entry[Event]) -> bool:
    """Return whether a step is a remark, or exactly dated and not about the record."""
    if isinstance(entry.event, ABOUT_THE_RECORD):
        return False
    return isinstance(entry.event, REMARKS) or exact(entry.stamp.on) is not None


class PeriodFolder:
    """Folds entries, in order of position, into changes to the pieces of read models."""

    def __init__(self, shows: Sequence[Show], whole: Histories, moves: Histories) -> None:
        """`whole` reads the entries of streams up to a position; `moves` all but remarks."""
        self._shows = shows
        self._whole = whole
        self._moves = moves
        self._tails: OrderedDict[UUID, _Tail] = OrderedDict()

    def prepare(self, entries: Sequence[Entry[Event]]) -> None:
        """Read the ends of the streams that a batch continues, in one query."""
        first = {entry.stream: entry.step for entry in reversed(entries)}
        missing = [
            stream for stream, step in first.items() if step > 1 and stream not in self._tails
        ]
        if not missing:
            return
        before = entries[0].position - 1
        histories = dict(self._moves(missing, before))
        if bent := [stream for stream, moves in histories.items() if not all(map(is_plain, moves))]:
            histories |= self._whole(bent, before)
        for stream, history in histories.items():
            # A stream that fails here is folded again at its next entry; an error then names it.
            with suppress(*UNFOLDABLE):
                self._tails[stream] = self._tail_of(history, first[stream] - 1)

    def fold(self, entry: Entry[Event]) -> tuple[Change, ...]:
        """Return the changes that an entry makes, one per read model.

        All entries before it in the ledger must have been folded.
        """
        tail = self._tails.get(entry.stream)
        changes = self._extend(tail, entry) if entry.step == 1 or tail else None
        return changes or self._refold(entry)

    def skip_to(self, stream: UUID, step: int) -> None:
        """Continue after a step, skipping remarks up to it that need not be folded."""
        tail = self._tails.get(stream)
        if tail and tail.state.step < step:
            self._tails[stream] = replace(tail, state=replace(tail.state, step=step))

    def _refold(self, entry: Entry[Event]) -> tuple[Change, ...]:
        history = self._whole((entry.stream,), entry.position)[entry.stream]
        stretches_before, stretches_after = state_periods(history[:-1]), state_periods(history)
        self._keep(entry.stream, self._tail_of(history, entry.step))
        changes: list[Change] = []
        for show in self._shows:
            before, after = periods(stretches_before, show), periods(stretches_after, show)
            removed = tuple(piece for piece in before if piece not in after)
            added = tuple(piece for piece in after if piece not in before)
            changes.append(Change(entry, removed, added))
        return tuple(changes)

    def _extend(self, tail: _Tail | None, entry: Entry[Event]) -> tuple[Change, ...] | None:
        """Return the changes, from the stream's end alone; None if that is not enough."""
        day = certain_by_itself(entry)
        if isinstance(entry.event, ABOUT_THE_RECORD) or (tail and day < tail.day):
            return None
        state = advance(tail.state if tail else None, entry)
        if tail and isinstance(entry.event, REMARKS):
            self._keep(entry.stream, _Tail(state, day, tail.ends))
            return (Change(entry, (), ()),) * len(self._shows)
        ends = tail.ends if tail else (_LastPeriods(),) * len(self._shows)
        changes, new = list[Change](), list[_LastPeriods]()
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
        stretches = state_periods(moving(history))
        ends = tuple(_end_of(stretches, show) for show in self._shows)
        return _Tail(replace(stretches[-1].state, step=step), stretches[-1].since, ends)

    def _keep(self, stream: UUID, tail: _Tail) -> None:
        self._tails[stream] = tail
        self._tails.move_to_end(stream)
        if len(self._tails) > STREAMS_KEPT_MAX:
            self._tails.popitem(last=False)


def _end_of(stretches: Sequence[StatePeriod], show: Show) -> _LastPeriods:
    """Return the last two pieces without reading the stretches before them."""
    pieces: list[Period] = []
    for stretch in reversed(stretches):
        content = show(stretch.state)
        if pieces and content == pieces[-1].content:
            pieces[-1] = Period(stretch.since, pieces[-1].until, content)
        elif len(pieces) == ENDS:
            break
        elif content is not None:
            pieces.append(Period(stretch.since, stretch.until, content))
    return _LastPeriods(*pieces)


def _opened(
    entry: Entry[Event], end: _LastPeriods, opened: Period
) -> tuple[Change, _LastPeriods] | None:
    """Return the change that opens a piece, and the new end.

    Returns None if more than the end changes.
    """
    last, before = end.last, end.before_last
    if last is None:
        return Change(entry, (), (opened,)), _LastPeriods(opened)
    if opened.since > last.since:
        closed = Period(last.since, opened.since, last.content)
        return Change(entry, (last,), (closed, opened)), _LastPeriods(opened, closed)
    if before and before.content == opened.content:
        return None
    return Change(entry, (last,), (opened,)), _LastPeriods(opened, before)
