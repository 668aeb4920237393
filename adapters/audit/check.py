"""Ledger check: re-reads the whole ledger and proves its promises, in constant memory.

It proves that positions and steps have no gaps, bytes agree with the columns, events can be folded
by the rules, moments never run backwards within a stream, private notes match their commitments
or were removed on record, documents are the bytes they are named by, and those named by a claim are
there or were removed on record. It goes stream by stream, so that it keeps the state of a single
stream in memory.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import LiteralString, TypeAlias
from uuid import UUID

from msgspec import Struct
from psycopg.types.numeric import Int8

from adapters.audit.document_check import altered_documents, missing_documents
from adapters.clock import now
from adapters.documents.store import existing
from adapters.ledger.codec import MAPPER, UnreadableEntry, commitment, tag_of
from adapters.ledger.recorder import LedgerRecorder
from adapters.ledger.subscription import BATCH_ROWS
from domain.amendments.correction import notes_of
from domain.amendments.redaction import NAMING_DOCUMENTS, document_of, field_of
from domain.checks import REDACTED
from domain.events.event import Event
from domain.history import State, advance
from domain.vocabulary.entry import Entry

WHOLE_STREAM = 0
"""In place of a step: a document is one for its stream, however many claims name it."""
CLOCK_LIMIT = timedelta(minutes=2)
"""How far ahead of this machine's clock an entry may be: as far as ledger_append lets it."""
FAULTS_MAX = 100
"""How many faults are reported; a broken ledger has more than anybody reads."""

_Row: TypeAlias = tuple[UUID, int, str, bytes, int, UUID]
"""Stream, step, tag, bytes, position, id."""
_PAGE: LiteralString = (
    "SELECT originator_id, originator_version, topic, state, notification_id, entry_id"
    " FROM ledger_events WHERE (originator_id, originator_version) > (%b, %b)"
    " AND notification_id <= %b ORDER BY 1, 2 LIMIT %b"
)
_GAPS: LiteralString = (
    "SELECT before, position FROM (SELECT notification_id AS position,"
    " lag(notification_id, 1, 0::bigint) OVER (ORDER BY notification_id) AS before"
    " FROM ledger_events WHERE notification_id <= %b) AS places"
    " WHERE position <> before + 1 ORDER BY position LIMIT %b"
)
_BACK: LiteralString = (
    "SELECT position, at, before FROM (SELECT notification_id AS position, at,"
    " max(at) FILTER (WHERE at <= %b) OVER (ORDER BY notification_id) AS before"
    " FROM ledger_events, substring(encode(substr(state, 1, 100), 'escape')"
    """ FROM '"at":"([0-9-]{10}T[0-9:]{5})') AS at WHERE notification_id <= %b) AS places"""
    " WHERE at < before ORDER BY position LIMIT %b"
)
"""Minutes as texts, since all are in UTC: bytes that are no entry must not end the check."""
_STRAY_NOTES: LiteralString = (
    "SELECT count(*) FROM ledger_notes n WHERE NOT EXISTS"
    " (SELECT FROM ledger_events e WHERE e.entry_id = n.entry_id)"
)


class Fault(Struct, frozen=True):
    """A broken promise, and where it was broken."""

    position: int
    problem: str


class _StreamEnd(Struct):
    """The state of the stream that is being read, after its last entry."""

    stream: UUID
    step: int
    at: datetime
    state: State


class Checker:
    """Checks entries in order of stream and step, and collects `faults`."""

    def __init__(self, recorder: LedgerRecorder) -> None:
        self._recorder = recorder
        self._read = MAPPER.read_row
        self._end: _StreamEnd | None = None
        self._missing: dict[tuple[UUID, int, str], int] = {}
        self._latest = now() + CLOCK_LIMIT
        self.entries = 0
        self.faults: list[Fault] = []

    def run(self, report_progress: Callable[[int, int], None]) -> None:
        """Check every entry up to the present head.

        Calls `report_progress` after each batch, with the number of entries checked and the head.
        """
        head = self._recorder.max_notification_id() or 0
        for position, problem in (*self._gaps(head), *self._back(head), *self._stray()):
            self._fault(position, problem)
        stream, step = UUID(int=0), 0
        while rows := self._page(stream, step, head):
            stream, step = rows[-1][:2]
            entries = [entry for row in rows if (entry := self._check_row(row))]
            self._check_notes(entries)
            self._check_documents(entries)
            self._excuse_redacted(entries)
            self._report_missing(but=stream)
            report_progress(self.entries, head)
        self._report_missing()
        for problem in altered_documents(self._recorder):
            self._fault(0, problem)
        self.faults.sort(key=lambda fault: fault.position)

    def _fault(self, position: int, problem: str) -> None:
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(Fault(position, problem))

    def _page(self, stream: UUID, step: int, head: int) -> list[_Row]:
        parameters = (stream, Int8(step), Int8(head), Int8(BATCH_ROWS))
        return self._recorder.read(lambda c: c.execute(_PAGE, parameters, prepare=True).fetchall())

    def _check_row(self, row: _Row) -> Entry[Event] | None:
        stream, step, tag, state, position, identity = row
        self.entries += 1
        try:
            entry = self._read((stream, step, tag, state, position))
        except UnreadableEntry as error:
            self._fault(position, f"the bytes are not an entry: {error.__cause__}")
            return None
        if identity != entry.id:
            self._fault(position, f"the id is {identity}, but the bytes say {entry.id}")
        if tag != tag_of(entry.event):
            self._fault(position, f"the tag is {tag}, but the bytes say {tag_of(entry.event)}")
        end = self._end if self._end and self._end.stream == stream else None
        before = end.step if end else 0
        if step != before + 1:
            self._fault(position, f"step {step} of {stream} follows step {before}")
        if entry.stamp.at > self._latest:
            self._fault(position, f"{entry.stamp.at} lies ahead of the clock")
        if end and entry.stamp.at < end.at:
            self._fault(position, f"{entry.stamp.at} is before {end.at}, at the previous step")
        try:
            after = advance(end.state if end else None, entry)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            self._fault(position, f"the event does not follow: {error!r}")
            return None
        self._end = _StreamEnd(stream, step, entry.stamp.at, after)
        return entry

    def _check_notes(self, entries: list[Entry[Event]]) -> None:
        sql = "SELECT entry_id, field, salt, note FROM ledger_notes WHERE entry_id = ANY(%b)"
        ids = [entry.id for entry in entries]
        rows = self._recorder.read(lambda c: c.execute(sql, (ids,)).fetchall())
        notes = {(row[0], row[1]): (row[2], row[3]) for row in rows}
        for entry in entries:
            for field in notes_of(type(entry.event)):
                promised = getattr(entry.event, field)
                if promised is None:
                    continue
                note = notes.pop((entry.id, field), None)
                if note is None:
                    self._missing[entry.stream, entry.step, field] = entry.position
                elif commitment(entry.id, field, *note) != promised:
                    self._fault(entry.position, f"the note {field} does not match its commitment")
        positions = {entry.id: entry.position for entry in entries}
        for identity, field in notes:
            what = f"the entry has a note {field} that it does not promise"
            self._fault(positions[identity], what)

    def _check_documents(self, entries: list[Entry[Event]]) -> None:
        claimed = {
            (entry.stream, name): entry.position
            for entry in entries
            if isinstance(entry.event, NAMING_DOCUMENTS)
            for name in entry.event.documents
        }
        for missing in missing_documents(self._recorder, claimed):
            stream, name = missing
            key = (stream, WHOLE_STREAM, field_of(name))
            self._missing.setdefault(key, claimed[missing])

    def _excuse_redacted(self, entries: list[Entry[Event]]) -> None:
        """Excuse removed notes and documents whose redaction is on record."""
        for entry in entries:
            if not isinstance(entry.event, REDACTED):
                continue
            if document := document_of(entry.event.field):
                self._missing.pop((entry.stream, WHOLE_STREAM, entry.event.field), None)
                # A document that no claim names is not among the missing.
                if self._recorder.run(existing([(entry.stream, document)])):
                    what = f"the removed document {document} of {entry.stream} is still there"
                    self._fault(entry.position, what)
                continue
            removed = (entry.stream, entry.event.step, entry.event.field)
            if self._missing.pop(removed, None) is None:
                self._fault(entry.position, f"the redacted note {entry.event.field} is still there")

    def _report_missing(self, but: UUID | None = None) -> None:
        """Report what is missing, except in the stream `but`, where a redaction may yet follow."""
        for key in [key for key in self._missing if key[0] != but]:
            stream, step, field = key
            what = f"note {field} of step {step}"
            if step == WHOLE_STREAM:
                what = f"document {document_of(field)}"
            problem = f"the {what} of {stream} is gone without a redaction"
            self._fault(self._missing.pop(key), problem)

    def _gaps(self, head: int) -> Iterator[tuple[int, str]]:
        parameters = (Int8(head), Int8(FAULTS_MAX))
        gaps = self._recorder.read(lambda c: c.execute(_GAPS, parameters).fetchall())
        for before, position in gaps:
            yield position, f"positions {before + 1} to {position - 1} are missing"

    def _back(self, head: int) -> Iterator[tuple[int, str]]:
        """Yield the entries recorded as of a moment clearly before that of an earlier one.

        Before moments were frozen, clocks of several processes might differ a little.
        """
        parameters = (f"{self._latest:%Y-%m-%dT%H:%M}", Int8(head), Int8(BATCH_ROWS))
        places = self._recorder.read(lambda c: c.execute(_BACK, parameters).fetchall())
        for position, at, before in places:
            with suppress(ValueError):
                if datetime.fromisoformat(before) - datetime.fromisoformat(at) > CLOCK_LIMIT:
                    yield position, f"its moment, {at}, is before {before}, of an earlier entry"

    def _stray(self) -> Iterator[tuple[int, str]]:
        stray = self._recorder.read(lambda c: c.execute(_STRAY_NOTES).fetchone())
        if stray and stray[0]:
            yield 0, f"{stray[0]} notes belong to no entry"
