"""Bitemporal rows: true from one day until another, and known from one moment until another.

The only change to a row is to set the moment at which it ceased to be known. Plain SQL can
therefore query any day as it was known at any moment.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import zip_longest
from typing import Any, LiteralString, cast
from uuid import UUID

from msgspec import Struct

from adapters.postgres.binary import bigints, dates, moments, uuids
from adapters.postgres.connection import TAB, Cell, LibpqConnection, encode_row
from adapters.postgres.query import Query
from projections.runtime.periods import Change, Content, Period, with_again

CONTENTS_KEPT = 2_000
"""The number of contents whose encoded rows are kept in memory."""

Cells = tuple[Cell, ...]

TIMES: LiteralString = """
    stream uuid NOT NULL,
    since date NOT NULL,
    until date NOT NULL,
    known_from timestamptz NOT NULL,
    known_to timestamptz NOT NULL
"""
"""The first columns of every bitemporal table; rows that still hold end at infinity."""
_TIMES: tuple[LiteralString, ...] = ("stream", "since", "until", "known_from", "known_to")

AT: LiteralString = (
    "since <= %(on)s AND until > %(on)s AND known_from <= %(known_at)s AND known_to > %(known_at)s"
)
"""Rows true on a day, as known at a moment."""

EVER = datetime.max.replace(tzinfo=UTC)
"""A moment after all records; everything known now is known then."""

NOW: LiteralString = "until = 'infinity' AND known_to = 'infinity'"
"""Rows true today, as known now: every row's first day is past."""


def _end_in(table: LiteralString, key: LiteralString) -> LiteralString:
    """Return SQL that ends rows, by stream and key, at a moment; those known for no time go."""
    same: LiteralString = (
        "t.stream = e.stream AND t." + key + " = e." + key + " AND t.known_to = 'infinity'"
    )
    return (
        "WITH e AS (SELECT * FROM unnest($1, $2, $3) AS e (stream, " + key + ", at)),"
        " dropped AS (DELETE FROM " + table + " t USING e"
        " WHERE " + same + " AND t.known_from = e.at)"
        " UPDATE "
        + table
        + " t SET known_to = e.at FROM e WHERE "
        + same
        + " AND t.known_from <> e.at"
    )


def columns_of(content: type[Struct]) -> tuple[LiteralString, ...]:
    """Return the columns of a content: the names of its fields, constants of this program."""
    names: Any = content.__struct_fields__
    return cast("tuple[LiteralString, ...]", names)


class _Row(Struct):
    stream: UUID
    since: date
    until: date | None
    known_from: datetime
    known_to: datetime | None
    cells: str


class Table(Struct, frozen=True):
    """A bitemporal table: its columns besides the times, and the rows of a content."""

    name: LiteralString
    columns: tuple[LiteralString, ...]
    rows: Callable[[Content], Iterable[Cells]]

    def write(
        self, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]
    ) -> None:
        """Write the changes in order."""
        ended: dict[tuple[UUID, date], datetime] = {}
        new: dict[tuple[UUID, date], list[_Row]] = {}
        kept: list[_Row] = []
        again, written = with_again(changes)
        for change in written:
            at, stream = change.entry.stamp.at, change.entry.stream
            for piece in change.removed:
                place = (stream, piece.since)
                if place in new:
                    kept.extend(_end(new.pop(place), at))
                else:
                    ended[place] = at
            for piece in change.added:
                new[stream, piece.since] = self._rows_of(piece, stream, at)
        table = schema + "." + self.name
        _delete(wire, table, again)
        if ended:
            streams, days = zip(*ended, strict=True)
            parameters = (uuids(streams), dates(days), moments(ended.values()))
            wire.rows(Query(_end_in(table, "since"), parameters))
        kept.extend(row for rows in new.values() for row in rows)
        _copy(wire, table, self.columns, kept)

    def _rows_of(self, piece: Period, stream: UUID, at: datetime) -> list[_Row]:
        return [
            _Row(stream, piece.since, piece.until, at, None, cells)
            for cells in _content_texts(self.rows, piece.content)
        ]


class LastingTable(Struct, frozen=True):
    """A bitemporal table of facts that hold from their own day on, and are known until a moment.

    A content has all facts of its stream, in order; the first is number 1. Only those that differ
    from what was known before are written.
    """

    name: LiteralString
    columns: tuple[LiteralString, ...]
    facts: Callable[[Content], Sequence[Hashable]]
    row: Callable[[int, Any], tuple[date, Cells]]
    """Returns the day and the cells of a fact, of which one is its number."""

    def write(
        self, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]
    ) -> None:
        """Write the changes in order."""
        ended: dict[tuple[UUID, int], datetime] = {}
        new: dict[tuple[UUID, int], _Row] = {}
        kept: list[_Row] = []
        again, written = with_again(changes)
        for change in written:
            at, stream = change.entry.stamp.at, change.entry.stream
            known = zip_longest(self._facts_of(change.removed), self._facts_of(change.added))
            for number, (was, now) in enumerate(known, 1):
                place = (stream, number)
                if was == now or self._reads_alike(number, was, now):
                    continue
                if place in new:
                    kept.extend(_end([new.pop(place)], at))
                elif was is not None:
                    ended[place] = at
                if now is not None:
                    since, cells = self.row(number, now)
                    new[place] = _Row(stream, since, None, at, None, encode_row(cells))
        table = schema + "." + self.name
        _delete(wire, table, again)
        if ended:
            streams, numbers = zip(*ended, strict=True)
            parameters = (uuids(streams), bigints(numbers), moments(ended.values()))
            wire.rows(Query(_end_in(table, "number"), parameters))
        _copy(wire, table, self.columns, [*kept, *new.values()])

    def _reads_alike(self, number: int, was: Hashable, now: Hashable) -> bool:
        """Return whether two facts have one row: what differs in no column leaves no trace."""
        neither = was is None or now is None
        return not neither and self.row(number, was) == self.row(number, now)

    def _facts_of(self, periods: Sequence[Period]) -> Sequence[Hashable]:
        """Return all facts, which are those of the last day, if that is among the periods."""
        return self.facts(periods[-1].content) if periods and periods[-1].until is None else ()


@lru_cache(CONTENTS_KEPT)
def _content_texts(rows: Callable[[Content], Iterable[Cells]], content: Content) -> tuple[str, ...]:
    """Return a content's encoded rows; cached, as each change of its times rewrites them."""
    return tuple(map(encode_row, rows(content)))


def _delete(wire: LibpqConnection, table: LiteralString, streams: Collection[UUID]) -> None:
    if streams:
        wire.rows(Query("DELETE FROM " + table + " WHERE stream = ANY($1)", [uuids(streams)]))


def _copy(
    wire: LibpqConnection,
    table: LiteralString,
    columns: Sequence[LiteralString],
    rows: Sequence[_Row],
) -> None:
    if rows:
        wire.copy_in(table, (*_TIMES, *columns), map(_row_text, rows))


_time_text = lru_cache(CONTENTS_KEPT)(str)


def _row_text(row: _Row) -> str:
    times = (
        _time_text(row.stream),
        _time_text(row.since),
        _time_text(row.until) if row.until else "infinity",
        _time_text(row.known_from),
        _time_text(row.known_to) if row.known_to else "infinity",
        row.cells,
    )
    return TAB.join(times)


def _end(rows: Iterable[_Row], at: datetime) -> list[_Row]:
    """End rows of the same batch; return those known for any time at all."""
    ended: list[_Row] = []
    for row in rows:
        row.known_to = at
        if row.known_from != at:
            ended.append(row)
    return ended
