"""Following the ledger into the outbox: each step makes its messages once.

The position that was followed is kept in the transaction that makes the messages, so that no end
of a process loses one or makes one twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from msgspec import Struct

from adapters.ledger.codec import MAPPER, tag_of
from adapters.ledger.ledger import Ledger
from adapters.ledger.lineage import present_lineage
from adapters.ledger.queries import ends, first_steps
from adapters.messages.mail import StepToTell
from adapters.messages.outbox import (
    LIFE,
    MessageCause,
    make_for_people,
    make_for_public,
)
from adapters.notices.reading import POSITIONS, Notices, page_after
from adapters.sole_worker import Connection
from domain.access.messages import Hearers, hearers_of, is_alerted, named_in
from domain.access.notices import Notice
from domain.events.event import Event
from domain.events.inspection import INSPECTION_EVENTS, InspectionPlanned
from domain.events.recommendation import Issued
from domain.events.report import ReportPublished
from domain.vocabulary.entry import Entry

GATHERED = timedelta(seconds=60)
"""How long a message waits for others of the same recipient, which then go in the same mail."""
LONDON = ZoneInfo("Europe/London")

log = structlog.get_logger()


class FollowedLedger(Struct, frozen=True):
    """How far the ledger was followed, and the last day of which digests were made."""

    lineage: UUID
    position: int
    digest_day: date | None


class FollowedStep(Struct, frozen=True):
    """A step, the first event of its stream, and who is told of it at once.

    A step before publication has no notice.
    """

    entry: Entry[Event]
    first: Issued | ReportPublished | InspectionPlanned
    hearers: frozenset[Hearers]
    notice: Notice | None


def progress(db: Connection, ledger: Ledger) -> FollowedLedger:
    """Return how far the ledger was followed, for a transaction; at first, from its end on.

    After the ledger was put back, what waited is given up, since it may have been sent meanwhile.
    """
    now = ledger.rows.run(ends())
    row = db.execute(
        "SELECT lineage, position, digest_day FROM message_progress FOR UPDATE"
    ).fetchone()
    if row is None:
        db.execute(
            "INSERT INTO message_progress (name, lineage, position) VALUES ('ledger', %s, %s)",
            (now.lineage, now.last),
        )
        return FollowedLedger(now.lineage, now.last, None)
    if row[0] == now.lineage:
        return FollowedLedger(*row)
    position = ledger.rows.run(present_lineage()).since_position
    given_up = db.execute(
        "UPDATE messages SET state = 'given_up', failure = 'another-lineage',"
        " ended_at = clock_timestamp() WHERE state IN ('waiting', 'sending') AND kind <> 'confirm'"
    ).rowcount
    db.execute("UPDATE message_progress SET lineage = %s, position = %s", (now.lineage, position))
    log.warning("messages_of_another_lineage_given_up", messages=given_up)
    return FollowedLedger(now.lineage, position, row[2])


def follow(
    db: Connection, ledger: Ledger, notices: Notices, at: datetime, alerts_at: datetime
) -> bool:
    """Make the messages of the next steps, if there are any; return whether there may be more.

    Alerts are sent at a moment of their own, at most once a day.
    """
    with db.transaction():
        before, end = progress(db, ledger), ledger.rows.run(ends())
        if before.lineage != end.lineage or before.position >= end.last:
            return False
        through = min(page_after(before.position) * POSITIONS, end.last)
        rows = ledger.rows.page(before.position, through - before.position)
        # Told too late it is of no use; the digest has what still waits.
        recent = [e for e in map(MAPPER.read_row, rows) if at - e.stamp.at <= LIFE]
        if recent:
            noticed = {n.position: n for n in notices.page(page_after(before.position), end)}
            for step in _steps(ledger, recent, noticed):
                _make(db, step, (end.lineage, at + GATHERED, alerts_at))
        db.execute("UPDATE message_progress SET position = %s", (through,))
    return through < end.last


def _steps(
    ledger: Ledger, entries: Sequence[Entry[Event]], noticed: Mapping[int, Notice]
) -> Iterator[FollowedStep]:
    """Yield those of some entries that people can be told of."""
    inspected = {e.stream for e in entries if isinstance(e.event, INSPECTION_EVENTS)}
    histories = ledger.histories(inspected)
    reports = {e.event.report for e in entries if isinstance(e.event, Issued)}
    rows = ledger.rows.run(first_steps({e.stream for e in entries} | reports))
    firsts: dict[UUID, Event] = {row[0]: MAPPER.read_row(row).event for row in rows}
    for entry in entries:
        event, first = entry.event, firsts[entry.stream]
        if not isinstance(first, Issued | ReportPublished | InspectionPlanned):
            continue
        known = histories.get(entry.stream, ())[: entry.step]
        report = firsts[event.report] if isinstance(event, Issued) else None
        reported = report.addressee if isinstance(report, ReportPublished) else None
        hearers = hearers_of(event, entry.stamp, known, reported)
        yield FollowedStep(entry, first, hearers, noticed.get(entry.position))


def _make(db: Connection, step: FollowedStep, when: tuple[UUID, datetime, datetime]) -> None:
    """Make the messages of a step; `when` is the lineage, and when people and alerts are told."""
    lineage, at_once, alerts_at = when
    entry, first = step.entry, step.first
    tag = tag_of(entry.event)
    about = StepToTell(tag, entry.stream, entry.step, first.reference, first.addressee)
    if step.hearers:
        make_for_people(
            db,
            MessageCause(entry.position, lineage, about, at_once),
            hearers=step.hearers,
            named=named_in(entry.event),
            by=entry.stamp.by,
        )
    if step.notice and is_alerted(step.notice, entry.stamp):
        cause = MessageCause(entry.position, lineage, about, alerts_at)
        make_for_public(db, cause, first.area if isinstance(first, Issued) else None)


def next_hour(at: datetime, hour: int) -> datetime:
    """Return the next moment at which it is an hour in the UK, after a moment."""
    local = at.astimezone(LONDON)
    day = local.date() if local.hour < hour else local.date() + timedelta(days=1)
    return datetime.combine(day, time(hour), LONDON).astimezone(UTC)
