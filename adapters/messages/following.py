"""Following the ledger into the outbox: each step makes its messages once.

The position that was followed is kept in the transaction that makes the messages, so that no end
of a process loses one or makes one twice.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from msgspec import Struct

from adapters.ledger.codec import MAPPER
from adapters.ledger.ledger import Ledger
from adapters.ledger.lineage import present_lineage
from adapters.ledger.queries import ends, first_steps
from adapters.messages.mail import StepToTell
from adapters.messages.outbox import (
    LIFE,
    Connection,
    MessageCause,
    make_for_people,
    make_for_public,
)
from adapters.notices.reading import Notices
from domain.access.messages import hearers_of, is_alerted, named_in
from domain.access.notices import Notice
from domain.events.event import Event
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
        page = notices.after(before.position, end)
        passed = page[-1].position if page else end.last
        for notice, entry, first in _read(ledger, page, before.position):
            # Told too late it is of no use; the digest has what still waits.
            if at - entry.stamp.at <= LIFE:
                _make(db, notice, entry, first, (end.lineage, at + GATHERED, alerts_at))
        db.execute("UPDATE message_progress SET position = %s", (passed,))
    return passed < end.last


def _read(
    ledger: Ledger, page: Sequence[Notice], after: int
) -> Iterator[tuple[Notice, Entry[Event], Issued | ReportPublished]]:
    """Yield each notice with its entry and the first event of its stream."""
    if not page:
        return
    rows = ledger.rows.page(after, page[-1].position - after)
    entries: dict[int, Entry[Event]] = {row[4]: MAPPER.read_row(row) for row in rows}
    firsts: dict[UUID, Event] = {
        row[0]: MAPPER.read_row(row).event
        for row in ledger.rows.run(first_steps({notice.stream for notice in page}))
    }
    for notice in page:
        first = firsts[notice.stream]
        if isinstance(first, Issued | ReportPublished):
            yield notice, entries[notice.position], first


def _make(
    db: Connection,
    notice: Notice,
    entry: Entry[Event],
    first: Issued | ReportPublished,
    when: tuple[UUID, datetime, datetime],
) -> None:
    """Make the messages of a step; `when` is the lineage, and when people and alerts are told."""
    lineage, at_once, alerts_at = when
    about = StepToTell(notice.tag, notice.stream, notice.step, first.reference, notice.addressee)
    if hearers := hearers_of(entry.event, entry.stamp):
        make_for_people(
            db,
            MessageCause(notice.position, lineage, about, at_once),
            hearers=hearers,
            named=named_in(entry.event),
            by=entry.stamp.by,
        )
    if is_alerted(notice, entry.stamp):
        cause = MessageCause(notice.position, lineage, about, alerts_at)
        make_for_public(db, cause, first.area if isinstance(first, Issued) else None)


def next_hour(at: datetime, hour: int) -> datetime:
    """Return the next moment at which it is an hour in the UK, after a moment."""
    local = at.astimezone(LONDON)
    day = local.date() if local.hour < hour else local.date() + timedelta(days=1)
    return datetime.combine(day, time(hour), LONDON).astimezone(UTC)
