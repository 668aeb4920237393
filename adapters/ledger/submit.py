"""A submit: commands are decided on their streams' histories, and recorded all or nothing.

How is told here, once, as steps that somebody takes: `Ledger` with threads, `AsyncLedger` on the
event loop.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from random import random
from typing import Any, TypeAlias
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from msgspec import Struct
from psycopg.rows import TupleRow

from adapters.ledger.append import Append, Appended, Key
from adapters.ledger.codec import MAPPER, NoteRow, commit_notes
from adapters.ledger.draft import Draft
from domain.access.decide import NoteAccess
from domain.commands.command import Command
from domain.commands.report import Issue, PublishReport
from domain.events.event import Event, History
from domain.events.report import ReportPublished
from domain.history import State
from domain.report import named
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import Refused
from domain.vocabulary.ids import recommendation_id

REQUESTS_MAX = 1_000_000
"""The most commands of one submit."""
RIVAL_ATTEMPTS = 40
"""How often a submit is decided because a rival in another process took a step first."""
RIVAL_PAUSE_SECONDS, RIVAL_PAUSE_SECONDS_MAX = 0.004, 0.04
"""The longest pause before the second attempt; each later one may take as much longer, up to."""

Histories: TypeAlias = Mapping[UUID, Sequence[Entry[Event]]]


def _any(_: Sequence[Entry[Event]]) -> object:
    return None


class Submission(Struct, frozen=True):
    """One command for one stream.

    `expected_step` refuses it if the stream has moved on; `check` may refuse the stream by what
    happened to it so far.
    """

    stream: UUID
    command: Command | NoteAccess
    expected_step: int | None = None
    check: Callable[[Sequence[Entry[Event]]], object] = _any


class Recorded(Struct, frozen=True):
    """Where one entry stands."""

    stream: UUID
    step: int
    position: int
    id: UUID


class Receipt(Struct, frozen=True):
    """What a submit recorded; `repeated` if it was recorded before, under the same key.

    Nothing, if only access was noted that is on record already.
    """

    entries: tuple[Recorded, ...]
    repeated: bool = False

    @property
    def position(self) -> int:
        """The position of the last entry."""
        return self.entries[-1].position


class VersionConflict(Exception):  # noqa: N818  an answer, not a fault
    """The stream moved on since the asker looked; `since` is what happened."""

    def __init__(self, submission: Submission, history: Sequence[Entry[Event]]) -> None:
        expected = submission.expected_step or 0
        super().__init__(f"Step {expected} is not the last one of {submission.stream}.")
        self.submission, self.history, self.since = submission, history, history[expected:]


class KeyReused(Exception):  # noqa: N818  an answer, not a fault
    """The Idempotency-Key was used for something else."""


class RetriesExhausted(Exception):  # noqa: N818  an answer, not a fault
    """Rivals took the next step each time; try again."""


class Find(Struct, frozen=True):
    """Say what was recorded under a key: the rows of `queries.under_key`."""

    key: Key


class Load(Struct, frozen=True):
    """Give the histories of some streams, an empty one for a stream that is not there."""

    streams: Sequence[UUID]


class Put(Struct, frozen=True):
    """Append a command; say what became of it."""

    append: Append


class Pause(Struct, frozen=True):
    """Wait, in seconds."""

    seconds: float


Effect: TypeAlias = Find | Load | Put | Pause
Effects: TypeAlias = Generator[Effect, Any, Receipt]


def submit_steps(
    submissions: Sequence[Submission],
    actor: Actor,
    clock: Callable[[], datetime],
    fold: Callable[[History], State | None],
    *,
    key: Key | None,
    metadata: dict[str, str] | None,
) -> Effects:
    """The steps of a submit; see `Ledger.submit` for its promises. `fold` gives a state."""
    if not 0 < len(submissions) <= REQUESTS_MAX:
        raise Refused(f"A submit takes 1 to {REQUESTS_MAX} commands.")
    for attempt in range(RIVAL_ATTEMPTS):
        if attempt:
            longest = min(attempt * RIVAL_PAUSE_SECONDS, RIVAL_PAUSE_SECONDS_MAX)
            yield Pause(longest * random())  # noqa: S311  no secret
        if key:
            found: list[TupleRow] = yield Find(key)
            if found:
                return _repeated(key, found)
        histories: Histories = yield Load(tuple({submission.stream for submission in submissions}))
        if issued := set(_issued(submissions, histories)) - histories.keys():
            more: Histories = yield Load(tuple(issued))
            histories = {**histories, **more}
        draft = decided(submissions, actor, Draft(clock(), histories, fold))
        if not draft.added:
            return Receipt(())
        appended: Appended = yield Put(_append(draft, key, metadata or {}))
        if appended.first_position is not None:
            return _receipt(draft, appended.first_position)
    raise RetriesExhausted("Others were quicker each time; try again.")


def _issued(submissions: Sequence[Submission], histories: Histories) -> Iterator[UUID]:
    """The streams of the recommendations that the commands would issue."""
    reports: dict[UUID, str] = {}
    for stream, history in histories.items():
        if history and isinstance(history[0].event, ReportPublished):
            reports[stream] = history[0].event.reference
    for submission in submissions:
        if isinstance(submission.command, PublishReport):
            reports[submission.stream] = submission.command.reference
        if isinstance(submission.command, PublishReport | Issue) and submission.stream in reports:
            with suppress(Refused):  # which is for the decision to say
                for _, _, reference in named(submission.command, reports[submission.stream]):
                    yield recommendation_id(reference)


def decided(submissions: Sequence[Submission], actor: Actor, draft: Draft) -> Draft:
    """The draft with what the requests come to. Raises what recording them would."""
    for submission in submissions:
        history = draft.history(submission.stream)
        submission.check(history)
        if submission.expected_step not in (None, len(history)):
            raise VersionConflict(submission, history)
        draft.put(submission.stream, submission.command, actor)
    return draft


def _append(draft: Draft, key: Key | None, metadata: dict[str, str]) -> Append:
    notes: list[NoteRow] = []
    events: list[StoredEvent] = []
    for entry in draft.added:
        sealed, rows = commit_notes(entry)
        events.append(MAPPER.to_stored_event(sealed))
        notes.extend(rows)
    ids = [entry.id for entry in draft.added]
    return Append(events, ids, notes, draft.removed(), key, metadata)


def _receipt(draft: Draft, first: int) -> Receipt:
    return Receipt(
        tuple(
            Recorded(entry.stream, entry.step, first + number, entry.id)
            for number, entry in enumerate(draft.added)
        )
    )


def _repeated(key: Key, rows: Sequence[TupleRow]) -> Receipt:
    """What was recorded under a key before. Raises KeyReused if that was something else."""
    if rows[0][0] != key.body_sha256:
        raise KeyReused("This Idempotency-Key was used for another request.")
    return Receipt(tuple(Recorded(*row[1:]) for row in rows), repeated=True)
