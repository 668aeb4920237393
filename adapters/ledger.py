"""The ledger: one way in, `submit`; one way out for truth, `history`.

A submit is decided by the rules and recorded all or nothing, over as many streams as it names.
"""

import threading
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from random import random
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent
from msgspec import Struct

from adapters.append import Append, Key
from adapters.draft import Draft
from adapters.entry import EntryMapper, NoteRow, seal
from adapters.recorder import LedgerRecorder
from domain.commands import Command
from domain.events import Event
from domain.stamp import Entry, Refused, Who

REQUESTS_MAX = 1_000_000
"""The most commands of one submit."""
RIVAL_ATTEMPTS = 10
"""How often a submit is decided because a rival in another process took a step first."""
TURNS = 256
"""Into how many groups streams fall, of each of which one submit of a process is under way."""
RIVAL_PAUSE_SECONDS = 0.004
"""The longest pause before the second attempt; each later one may take as much longer."""

__all__ = ["Key", "KeyReused", "Ledger", "Overtaken", "Receipt", "Recorded", "Request", "Stale"]


class Request(Struct, frozen=True):
    """One command for one stream; `expected_step` refuses it if the stream has moved on."""

    stream: UUID
    command: Command
    expected_step: int | None = None


class Recorded(Struct, frozen=True):
    """Where one entry stands."""

    stream: UUID
    step: int
    position: int
    id: UUID


class Receipt(Struct, frozen=True):
    """What a submit recorded; `repeated` if it was recorded before, under the same key."""

    entries: tuple[Recorded, ...]
    repeated: bool = False

    @property
    def position(self) -> int:
        """The position of the last entry."""
        return self.entries[-1].position


class Stale(Exception):  # noqa: N818  an answer, not a fault
    """The stream moved on since the asker looked; `since` is what happened."""

    def __init__(self, stream: UUID, expected: int, since: Sequence[Entry[Event]]) -> None:
        super().__init__(f"Step {expected} is not the last one of {stream}.")
        self.stream, self.expected, self.since = stream, expected, since


class KeyReused(Exception):  # noqa: N818  an answer, not a fault
    """The Idempotency-Key was used for something else."""


class Overtaken(Exception):  # noqa: N818  an answer, not a fault
    """Rivals took the next step each time; try again."""


class Ledger(Application[UUID]):
    """Loads, decides, records; built by `environment` of the recorder."""

    name = "ledger"

    def __init__(
        self,
        env: dict[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._mapper = EntryMapper()
        super().__init__({**(env or {}), "CREATE_TABLE": "no"})
        assert isinstance(self.recorder, LedgerRecorder)  # noqa: S101  `environment` names it
        self.rows = self.recorder
        self._turns = [threading.Lock() for _ in range(TURNS)]
        self._clock = clock

    def construct_mapper(self) -> Mapper[UUID]:
        """The library's hook for the form of what is stored."""
        return self._mapper

    def history(self, stream: UUID) -> list[Entry[Event]]:
        """Every entry of a stream, oldest first; none if there is no such stream."""
        return [self._mapper.read_row(row) for row in self.rows.stream(stream)]

    def histories(self, streams: Collection[UUID]) -> dict[UUID, list[Entry[Event]]]:
        """Every entry of each of some streams; an empty list for one that is not there."""
        found: dict[UUID, list[Entry[Event]]] = {stream: [] for stream in streams}
        for row in self.rows.streams(streams) if streams else ():
            found[row[0]].append(self._mapper.read_row(row))
        return found

    def page(self, after: int, limit: int) -> list[Entry[Event]]:
        """Up to `limit` entries behind a position, in order; a full page never changes."""
        return [self._mapper.read_row(row) for row in self.rows.page(after, limit)]

    def head(self) -> int:
        """The last position, or 0."""
        return self.rows.max_notification_id() or 0

    def notes(self, entries: Collection[UUID]) -> dict[UUID, dict[str, str]]:
        """The private texts of some entries, by field; a removed one is not among them."""
        found: dict[UUID, dict[str, str]] = {}
        sql = "SELECT entry_id, field, note FROM ledger_notes WHERE entry_id = ANY(%b)"
        rows = self.rows.read(lambda c: c.execute(sql, (list(entries),)).fetchall())
        for entry, field, note in rows:
            found.setdefault(entry, {})[field] = note
        return found

    def submit(
        self,
        requests: Sequence[Request],
        who: Who,
        *,
        key: Key | None = None,
        metadata: dict[str, str] | None = None,
    ) -> Receipt:
        """Record what follows from some commands, all or nothing, durable when this returns.

        Commands of one stream are decided in order, each seeing what the earlier ones added.
        A report's recommendations are issued with it. Raises Refused, Absent, Forbidden, Stale,
        KeyReused or Overtaken, after which nothing was recorded.
        """
        if not 0 < len(requests) <= REQUESTS_MAX:
            raise Refused(f"A submit takes 1 to {REQUESTS_MAX} commands.")
        with self._turn({request.stream for request in requests}):
            return self._submit(requests, who, key, metadata or {})

    @contextmanager
    def _turn(self, streams: Collection[UUID]) -> Generator[None]:
        """Rivals of this process go one after another; taken in one order, none waits for ever."""
        with ExitStack() as held:
            for number in sorted({hash(stream) % TURNS for stream in streams}):
                held.enter_context(self._turns[number])
            yield

    def _submit(
        self, requests: Sequence[Request], who: Who, key: Key | None, metadata: dict[str, str]
    ) -> Receipt:
        for attempt in range(RIVAL_ATTEMPTS):
            time.sleep(attempt * RIVAL_PAUSE_SECONDS * random())  # noqa: S311  no secret
            if key and (before := self._under(key)):
                return before
            draft = self._draft(requests, who)
            appended = self.rows.put(self._append(draft, key, metadata))
            if appended.first_position is not None:
                first = appended.first_position
                return Receipt(
                    tuple(
                        Recorded(entry.stream, entry.step, first + number, entry.id)
                        for number, entry in enumerate(draft.added)
                    )
                )
        raise Overtaken("Others were quicker each time; try again.")

    def _draft(self, requests: Sequence[Request], who: Who) -> Draft:
        histories = self.histories({request.stream for request in requests})
        draft = Draft(self._clock(), histories, self.history)
        for request in requests:
            history = draft.history(request.stream)
            if request.expected_step not in (None, len(history)):
                since = history[request.expected_step :]
                raise Stale(request.stream, request.expected_step, since)
            draft.put(request.stream, request.command, who)
        return draft

    def _append(self, draft: Draft, key: Key | None, metadata: dict[str, str]) -> Append:
        notes: list[NoteRow] = []
        events: list[StoredEvent] = []
        for entry in draft.added:
            sealed, rows = seal(entry)
            events.append(self._mapper.to_stored_event(sealed))
            notes.extend(rows)
        return Append(
            events,
            [entry.id for entry in draft.added],
            notes,
            draft.removed(),
            key,
            metadata,
        )

    def _under(self, key: Key) -> Receipt | None:
        """What was recorded under a key before. Raises KeyReused if that was something else."""
        sql = (
            "SELECT k.body_sha256, e.originator_id, e.originator_version, e.notification_id,"
            " e.entry_id FROM ledger_keys k JOIN ledger_events e ON e.entry_id = ANY(k.entries)"
            " WHERE k.actor = %b AND k.key = %b ORDER BY e.notification_id"
        )
        rows = self.rows.read(lambda c: c.execute(sql, (key.actor, key.key)).fetchall())
        if not rows:
            return None
        if rows[0][0] != key.body_sha256:
            raise KeyReused("This Idempotency-Key was used for another request.")
        return Receipt(tuple(Recorded(*row[1:]) for row in rows), repeated=True)
