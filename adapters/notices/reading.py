"""Notices as they are read from the ledger, by pages of positions; full pages are kept in memory.

A page is a range of positions, so that a full one has the same notices for ever.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import TypeAlias
from uuid import UUID

from adapters.ledger.codec import MAPPER, tag_of
from adapters.ledger.ledger import Ledger
from adapters.ledger.queries import Ends, first_steps
from domain.access.decide import ACCESS_EVENTS
from domain.access.notices import ABOUT_OTHERS, Notice, is_told
from domain.events.event import Event
from domain.events.inspection import INSPECTION_EVENTS
from domain.events.recommendation import Issued
from domain.history import addressee_of
from domain.vocabulary.entry import Entry

POSITIONS = 128
"""The positions of the ledger on one page: the most notices that it can have."""
APART = (*ACCESS_EVENTS, *INSPECTION_EVENTS)
"""Events that are no steps of a report or a recommendation."""
PAGES_KEPT = 256
"""How many pages are kept, at about 60 kB each."""

Key: TypeAlias = tuple[UUID, int, int]
"""The lineage, the number of the page, and the last position that it was read up to."""


def page_after(position: int) -> int:
    """Return the number of the page that has the next position after one."""
    return position // POSITIONS + 1


class Notices:
    """The notices of a ledger; for threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._pages: OrderedDict[Key, Sequence[Notice]] = OrderedDict()

    def page(self, number: int, ends: Ends) -> Sequence[Notice]:
        """Return the notices of a page, counted from 1, up to the end of the ledger."""
        key = ends.lineage, number, min(number * POSITIONS, ends.last)
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
                return self._pages[key]
        page = self._read((number - 1) * POSITIONS, key[2])
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > PAGES_KEPT:
                self._pages.popitem(last=False)
        return page

    def after(self, position: int, ends: Ends) -> Sequence[Notice]:
        """Return the next notices after a position: the rest of its page, and at least one.

        None are left if there are none.
        """
        while position < ends.last:
            number = page_after(position)
            notices = [n for n in self.page(number, ends) if n.position > position]
            if notices:
                return notices
            position = number * POSITIONS
        return ()

    def _read(self, after: int, through: int) -> Sequence[Notice]:
        rows = self._ledger.rows.page(after, through - after) if through > after else []
        entries = [MAPPER.read_row(row) for row in rows]
        steps = [entry for entry in entries if not isinstance(entry.event, APART)]
        firsts = self._firsts({entry.stream for entry in steps})
        histories = self._ledger.histories(
            {entry.stream for entry in steps if isinstance(entry.event, ABOUT_OTHERS)}
        )
        return [
            _notice(entry, firsts[entry.stream], histories.get(entry.stream, ())) for entry in steps
        ]

    def _firsts(self, streams: Collection[UUID]) -> dict[UUID, Entry[Event]]:
        rows = self._ledger.rows.run(first_steps(streams)) if streams else []
        return {row[0]: MAPPER.read_row(row) for row in rows}


def _notice(entry: Entry[Event], first: Entry[Event], history: Sequence[Entry[Event]]) -> Notice:
    published = first.event
    return Notice(
        position=entry.position,
        stream=entry.stream,
        step=entry.step,
        tag=tag_of(entry.event),
        at=entry.stamp.at,
        on=entry.stamp.on,
        addressee=addressee_of([first]),
        report=published.report if isinstance(published, Issued) else entry.stream,
        published=is_told(history[: entry.step] or [entry]),
    )
