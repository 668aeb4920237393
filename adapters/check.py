"""Re-reads the whole ledger and proves its promises, in constant memory but for the streams' ends.

What it proves: positions and steps without gaps, bytes that say what the columns say, events that
the rules can fold, moments that never run backwards within a stream, and private notes that match
their commitments or were removed on record.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.entry import EntryMapper, commitment, tag_of
from adapters.recorder import LedgerRecorder
from adapters.subscription import BATCH_ROWS, Row
from domain.correction import notes_of
from domain.events import Event, NoteRedacted, ReportNoteRedacted
from domain.life import State, advance
from domain.stamp import Entry

FAULTS_MAX = 100
"""How many faults are told; a broken ledger has more than anybody reads."""


_ENTRY_AT: LiteralString = (
    "SELECT entry_id FROM ledger_events WHERE originator_id = %b AND originator_version = %b"
)
_STRAY_NOTES: LiteralString = (
    "SELECT count(*) FROM ledger_notes n WHERE NOT EXISTS"
    " (SELECT FROM ledger_events e WHERE e.entry_id = n.entry_id)"
)
_WRONG_IDS: LiteralString = (
    "SELECT count(*) FROM ledger_events"
    " WHERE convert_from(state, 'UTF8')::json ->> 'id' <> entry_id::text"
)


class Fault(Struct, frozen=True):
    """One promise that does not hold, and where."""

    position: int
    what: str


class _End(Struct):
    step: int
    at: datetime
    state: State


class Checker:
    """Checks entries in order of position; `faults` is what it found."""

    def __init__(self, recorder: LedgerRecorder) -> None:
        self._recorder = recorder
        self._read = EntryMapper().read_row
        self._ends: dict[UUID, _End] = {}
        self._missing: dict[tuple[UUID, str], int] = {}
        self._position = 0
        self.entries = 0
        self.faults: list[Fault] = []

    def run(self, told: Callable[[int, int], None]) -> None:
        """Check every entry up to the last one there is now."""
        head = self._recorder.max_notification_id() or 0
        while self._position < head:
            rows = self._recorder.page(self._position, BATCH_ROWS)
            if not rows:
                break
            entries = [entry for row in rows if (entry := self._check_row(row))]
            self._check_notes(entries)
            self._excuse_redacted(entries)
            told(self._position, head)
        for (identity, field), position in self._missing.items():
            self._fault(position, f"the note {field} of {identity} is gone without a redaction")
        for position, what in self._strays():
            self._fault(position, what)

    def _fault(self, position: int, what: str) -> None:
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(Fault(position, what))

    def _check_row(self, row: Row) -> Entry[Event] | None:
        stream, step, tag, _, position = row
        if position != self._position + 1:
            self._fault(position, f"positions {self._position + 1} to {position - 1} are missing")
        self._position = position
        self.entries += 1
        try:
            entry = self._read(row)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._fault(position, f"the bytes are not an entry: {error}")
            return None
        if tag != tag_of(entry.event):
            self._fault(position, f"the tag is {tag}, and the bytes say {tag_of(entry.event)}")
        end = self._ends.get(stream)
        before = end.step if end else 0
        if step != before + 1:
            self._fault(position, f"step {step} of {stream} follows step {before}")
        if end and entry.stamp.at < end.at:
            self._fault(position, f"{entry.stamp.at} is before {end.at}, the step before it")
        try:
            state = advance(end.state if end else None, entry)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            self._fault(position, f"the event does not follow: {error!r}")
            return None
        if end:
            end.step, end.at, end.state = step, entry.stamp.at, state
        else:
            self._ends[stream] = _End(step, entry.stamp.at, state)
        return entry

    def _excuse_redacted(self, entries: list[Entry[Event]]) -> None:
        """A removed note is no fault once its redaction is on record."""
        for entry in entries:
            if not isinstance(entry.event, NoteRedacted | ReportNoteRedacted):
                continue
            found = self._entry_at(entry.stream, entry.event.step)
            if found is None or self._missing.pop((found, entry.event.field), None) is None:
                self._fault(entry.position, f"the redacted note {entry.event.field} is still there")

    def _entry_at(self, stream: UUID, step: int) -> UUID | None:
        row = self._recorder.read(lambda c: c.execute(_ENTRY_AT, (stream, step)).fetchone())
        return row[0] if row else None

    def _check_notes(self, entries: list[Entry[Event]]) -> None:
        sql = "SELECT entry_id, field, salt, note FROM ledger_notes WHERE entry_id = ANY(%b)"
        ids = [entry.id for entry in entries]
        rows = self._recorder.read(lambda c: c.execute(sql, (ids,)).fetchall())
        notes = {(row[0], row[1]): (row[2], row[3]) for row in rows}
        for entry in entries:
            for field in notes_of(type(entry.event)):
                promised = getattr(entry.event, field)
                found = notes.get((entry.id, field))
                if promised is None:
                    continue
                if found is None:
                    self._missing[entry.id, field] = entry.position
                elif commitment(entry.id, field, *found) != promised:
                    self._fault(entry.position, f"the note {field} does not match its commitment")

    def _strays(self) -> Iterator[tuple[int, str]]:
        stray = self._recorder.read(lambda c: c.execute(_STRAY_NOTES).fetchone())
        if stray and stray[0]:
            yield 0, f"{stray[0]} notes belong to no entry"
        wrong = self._recorder.read(lambda c: c.execute(_WRONG_IDS).fetchone())
        if wrong and wrong[0]:
            yield 0, f"{wrong[0]} entries have another id in their bytes than in their column"
