"""The ledger: one way in, `submit`; one way out for truth, `history`.

The rules decide a submit, which is recorded all or nothing over as many streams as it names.
"""

import threading
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper

from adapters.clock import now
from adapters.documents.store import existing
from adapters.ledger.append import Key
from adapters.ledger.codec import MAPPER
from adapters.ledger.draft import Draft
from adapters.ledger.history_cache import HistoryCache
from adapters.ledger.queries import first_free_moment, notes, since, suppressed_streams, under_key
from adapters.ledger.recorder import LedgerRecorder
from adapters.ledger.submission import Receipt, Submission
from adapters.ledger.submit import (
    Effect,
    Find,
    FindDocuments,
    FindFreeMoment,
    Load,
    Pause,
    Put,
    PutParts,
    draft_steps,
    record_steps,
    submit_steps,
)
from adapters.steps import run
from domain.events.event import Event
from domain.history import State
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry

LOCK_STRIPES = 256
"""The number of lock stripes: of the streams of one stripe, a process has one submit under way."""


class Ledger(Application[UUID]):
    """The ledger for threads: loads, decides, records. Made from `environment` of the recorder."""

    name = "ledger"

    def __init__(
        self, env: dict[str, str] | None = None, clock: Callable[[], datetime] = now
    ) -> None:
        super().__init__({**(env or {}), "CREATE_TABLE": "no"})
        self.cache = HistoryCache()
        """The histories read last, which an AsyncLedger of the same process can share."""
        assert isinstance(self.recorder, LedgerRecorder)  # noqa: S101  `environment` names it
        self.rows = self.recorder
        self.rows.connections.when_lost = self.cache.clear
        self._locks = [threading.Lock() for _ in range(LOCK_STRIPES)]
        self._clock = clock

    def construct_mapper(self) -> Mapper[UUID]:
        """Return the mapper of entries to stored bytes; a hook of the library."""
        return MAPPER

    def history(self, stream: UUID) -> Sequence[Entry[Event]]:
        """Return every entry of a stream, oldest first; none if there is no such stream."""
        return self.histories([stream])[stream]

    def histories(self, streams: Collection[UUID]) -> dict[UUID, Sequence[Entry[Event]]]:
        """Return the history of each of some streams; it is empty if there is no such stream."""
        if not streams:
            return {}
        known = {stream: self.cache.get(stream) for stream in streams}
        rows = self.rows.run(since({stream: len(had) for stream, had in known.items()}))
        return {
            stream: self.cache.extend(stream, had, rows[stream]) for stream, had in known.items()
        }

    def state(self, stream: UUID) -> State | None:
        """Return the state of a stream; None if there is no such stream."""
        return self.cache.state(self.history(stream))

    def page(self, after: int, limit: int) -> list[Entry[Event]]:
        """Return up to `limit` entries after a position, in order.

        A full page never changes, but that a suppressed text goes from it.
        """
        rows = self.rows.page(after, limit)
        suppressed = self.rows.run(suppressed_streams({row[0] for row in rows}))
        shown = {
            entry.position: entry
            for history in self.histories(suppressed).values()
            for entry in history
        }
        return [shown.get(row[4]) or MAPPER.read_row(row) for row in rows]

    def head(self) -> int:
        """Return the last position, or 0."""
        return self.rows.max_notification_id() or 0

    def pool_stats(self) -> dict[str, int]:
        """Return the statistics of the connection pool, in the words of psycopg_pool."""
        return self.rows.connections.stats()

    def notes(self, entries: Collection[UUID]) -> dict[UUID, dict[str, str]]:
        """Return the notes of some entries, by entry and field; removed notes are left out."""
        return self.rows.run(notes(tuple(entries)))

    def submit(
        self,
        submissions: Sequence[Submission],
        actor: Actor,
        *,
        key: Key | None = None,
        metadata: dict[str, str] | None = None,
    ) -> Receipt:
        """Record the events of some commands, all or nothing, durable when this returns.

        Commands of one stream are decided in order, each seeing what the earlier ones added.
        A report's recommendations are issued with it. Raises Refused, NotFound, Forbidden,
        VersionConflict, KeyReused or RetriesExhausted, after which nothing was recorded.
        """
        with self._hold_stripes({submission.stream for submission in submissions}):
            steps = submit_steps(
                submissions, actor, self._clock, self.cache.state, key=key, metadata=metadata
            )
            return run(steps, self._take)

    def record(self, decide: Callable[[datetime], Draft], *, attempts: int, seconds: float) -> int:
        """Record the entries of a draft, all or nothing, durable when this returns.

        Returns the position of the last; 0 if there is none. `decide` makes the draft for a moment,
        from the histories that it loads; its commands are tidied. It is called again if a rival
        took a step of theirs meanwhile. Others that record wait for `seconds` at most. Raises what
        it raises, Refused with the number of the entry whose reference leads nowhere,
        HeldTooLong and RetriesExhausted, after which nothing was recorded.
        """
        steps = record_steps(decide, self._clock, attempts=attempts, seconds=seconds)
        return run(steps, self._take_parts)

    def preview(self, submissions: Sequence[Submission], actor: Actor) -> list[Entry[Event]]:
        """Return the entries that a submit would record now, and record nothing.

        Raises Refused, NotFound, Forbidden or VersionConflict as the submit would.
        """
        steps = draft_steps(submissions, actor, self._clock, self.cache.state)
        return run(steps, self._take).added

    def _take_parts(self, effect: Effect | PutParts) -> Any:  # noqa: ANN401  as `_take`
        if isinstance(effect, PutParts):
            return self.rows.append_parts(effect.command)
        return self._take(effect)

    def _take(self, effect: Effect) -> Any:  # noqa: ANN401  what each step asks for
        match effect:
            case Find(key=key):
                return self.rows.run(under_key(key.actor, key.key))
            case Load(streams=streams):
                return self.histories(streams)
            case FindDocuments(names=names):
                return self.rows.run(existing(names))
            case FindFreeMoment():
                return self.rows.run(first_free_moment())
            case Put(append=append):
                return self.rows.append([append])[0]
            case Pause(seconds=seconds):
                return time.sleep(seconds)
        assert_never(effect)

    @contextmanager
    def _hold_stripes(self, streams: Collection[UUID]) -> Generator[None]:
        """Make rivals of this process wait in line; one order of taking locks avoids deadlock."""
        with ExitStack() as stack:
            for number in stripes_of(streams):
                stack.enter_context(self._locks[number])
            yield


def stripes_of(streams: Collection[UUID]) -> list[int]:
    """The stripes that a submit over some streams locks, in the order in which it locks them."""
    return sorted({hash(stream) % LOCK_STRIPES for stream in streams})
