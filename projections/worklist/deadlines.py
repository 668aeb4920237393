"""Deadlines as a calendar shows them: those that run or are overdue, each with its last day.

They are the rows of the worklist that have a last day. What is met, closed or not known has no such
row. A day that the record leaves open is no day of a calendar, so these are counted instead.
"""

from datetime import date, datetime
from typing import Any, Literal, LiteralString, cast
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor

from domain.recommendation.deadlines import ClockName, exact_last_day
from domain.recommendation.worklist import Work, next_by
from domain.vocabulary.actors import Role
from domain.vocabulary.dates import earliest, end_of
from domain.vocabulary.values import ActorId, Code, Kind, Reference, Text, TimeLimit, When, Wording
from projections.bitemporal import NOW
from projections.register.model import Register
from projections.worklist.model import Worklist

DEADLINES_MAX = 5_000
"""The most deadlines that are read for one calendar, the last to fall due first."""


class DeadlineFilter(Struct, frozen=True, kw_only=True):
    """The deadlines of some forces, by some clocks, and of the follow-ups assigned to somebody."""

    forces: tuple[Code, ...]
    clocks: tuple[ClockName, ...] = ("action_plan", "section_55", "time_limit")
    follow_ups: bool = False
    """Whether the follow-ups of these forces count too; these are not published."""
    assignee: ActorId | None = None
    """Whoever the follow-ups of any force count of, too."""


class Deadline(Struct, frozen=True):
    """The last day of a clock, or of a follow-up's window, at one recommendation."""

    stream: UUID
    clock: ClockName | Literal["follow_up"]
    day: date
    reference: Reference
    force: Code
    kind: Kind
    ordinal: int | None
    text: Text
    wording: Wording
    owed_by: Role
    changes: int
    """How often the day has changed since it was first known."""
    changed_at: datetime
    """When the day became known."""


class Deadlines(Struct, frozen=True):
    """The deadlines with an exact day, first to fall due first."""

    items: tuple[Deadline, ...]
    without_day: int
    """How many more there are whose day the record leaves open."""
    left_out: int
    """How many there are beyond DEADLINES_MAX."""
    position: int


STATEMENT: LiteralString = (
    "SELECT p.notification_id, d.*, h.changes, h.changed_at FROM "
    + Worklist.tracking
    + " p LEFT JOIN LATERAL (SELECT i.stream, i.work, i.clock, i.due, i.window_to, i.reference,"
    " i.force, s.kind, s.ordinal, w.text, s.wording, s.issued_on, s.time_limit,"
    " count(*) OVER () AS many FROM (SELECT * FROM "
    + Worklist.schema
    + ".item WHERE due IS NOT NULL AND "
    + NOW
    + " AND ((force = ANY(%(forces)s) AND (clock = ANY(%(clocks)s)"
    " OR (%(follow_ups)s AND work = 'report_follow_up')))"
    " OR (assignee = %(assignee)s AND work = 'report_follow_up'))) i JOIN "
    + Register.schema
    + ".standing s ON s.stream = i.stream AND s.until = 'infinity' AND s.known_to = 'infinity'"
    " JOIN "
    + Register.schema
    + ".wording w ON w.id = s.text_id ORDER BY i.due DESC, i.reference, i.work, i.clock"
    " LIMIT %(limit)s) d ON true LEFT JOIN LATERAL (SELECT count(*) - 1 AS changes,"
    " max(known_from) AS changed_at FROM (SELECT due, known_from,"
    " lag(due) OVER (ORDER BY known_from) AS former FROM "
    + Worklist.schema
    + ".item WHERE stream = d.stream AND work = d.work AND clock = d.clock AND until = 'infinity')"
    " k WHERE due IS DISTINCT FROM former) h ON true"
    " WHERE p.application_name = 'ledger' ORDER BY d.due, d.reference, d.work, d.clock"
)


def read_deadlines(cursor: Cursor[Any], filters: DeadlineFilter) -> Deadlines:
    """Return the deadlines of a filter, as known now."""
    query = {
        "forces": [*filters.forces],
        "clocks": [*filters.clocks],
        "follow_ups": filters.follow_ups,
        "assignee": filters.assignee,
        "limit": DEADLINES_MAX,
    }
    rows = cursor.execute(STATEMENT, query).fetchall()
    known = [_DeadlineRow(*row[1:]) for row in rows if row[1] is not None]
    dated = [(row, day) for row in known if (day := row.day())]
    return Deadlines(
        items=tuple(row.deadline(day) for row, day in dated),
        without_day=len(known) - len(dated),
        left_out=known[0].many - len(known) if known else 0,
        position=rows[0][0] if rows else 0,
    )


class _DeadlineRow(Struct, frozen=True):
    stream: UUID
    work: str
    clock: str
    due: date
    window_to: When | None
    reference: Reference
    force: Code
    kind: str
    ordinal: int | None
    text: Text
    wording: Wording
    issued_on: When
    time_limit: TimeLimit
    many: int
    changes: int
    changed_at: datetime

    def day(self) -> date | None:
        """Return the exact day; None if the record leaves it open."""
        if clock := self._clock():
            return exact_last_day(clock, self.issued_on, self.time_limit)
        window = self.window_to or "unknown"
        exact = window != "unknown" and earliest(window) == end_of(window)
        return self.due if exact else None

    def deadline(self, day: date) -> Deadline:
        """Return the deadline of the row, on an exact day."""
        return Deadline(
            self.stream,
            self._clock() or "follow_up",
            day,
            self.reference,
            self.force,
            Kind(self.kind),
            self.ordinal,
            self.text,
            self.wording,
            next_by(Work(self.work), self.clock or None),
            self.changes,
            self.changed_at,
        )

    def _clock(self) -> ClockName | None:
        return cast("ClockName", self.clock) if self.clock else None
