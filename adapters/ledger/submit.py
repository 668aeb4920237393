"""A submit: commands are decided on their streams' histories, and recorded all or nothing.

It is written once, as steps (see `adapters/steps.py`): `Ledger` takes them in threads,
`AsyncLedger` on the event loop.
"""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from random import random
from typing import Any, TypeAlias
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from msgspec import Struct
from msgspec.structs import replace
from psycopg.rows import TupleRow

from adapters.ledger.append import Append, Appended, Key, LargeAppend
from adapters.ledger.codec import MAPPER, NoteRow, commit_notes
from adapters.ledger.draft import Draft
from adapters.ledger.submission import (
    SUBMISSIONS_MAX,
    KeyReused,
    Receipt,
    Recorded,
    RetriesExhausted,
    Submission,
    VersionConflict,
)
from adapters.telemetry.metrics import count_commands
from domain.amendments.redaction import documents_named
from domain.amendments.references import NamedStream, check_chain, named_streams
from domain.commands.report import Issue, PublishReport
from domain.commands.tidy import tidied
from domain.events.event import Event, History
from domain.events.report import ReportPublished
from domain.history import State
from domain.report import named_issues
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import Refused, RuleError
from domain.vocabulary.ids import recommendation_id
from domain.vocabulary.values import Sha256

PART_ENTRIES = 2_000
"""How many entries of a draft are encoded and appended at a time."""
RIVAL_ATTEMPTS = 40
"""The most times a submit is decided because a rival in another process took a step first."""
RIVAL_PAUSE_SECONDS, RIVAL_PAUSE_SECONDS_MAX = 0.004, 0.04
"""The longest pause before the second attempt; each later one may take as much longer, up to."""

BEGINNING = datetime.min.replace(tzinfo=UTC)
Histories: TypeAlias = Mapping[UUID, History]


class Find(Struct, frozen=True):
    """Find the entries recorded under a key: the rows of `queries.under_key`."""

    key: Key


class Load(Struct, frozen=True):
    """Load the histories of some streams; the history of a stream that is not there is empty."""

    streams: Collection[UUID]


class FindDocuments(Struct, frozen=True):
    """Find which of some documents are stored, each by its recommendation and its name."""

    names: Collection[tuple[UUID, Sha256]]


class FindFreeMoment(Struct, frozen=True):
    """Find the first moment that an entry may still be of."""


class Put(Struct, frozen=True):
    """Append entries; the answer is an `Appended`."""

    append: Append


class PutParts(Struct, frozen=True):
    """Append entries in parts; the answer is an `Appended`."""

    command: LargeAppend


class Pause(Struct, frozen=True):
    """Wait, in seconds."""

    seconds: float


Effect: TypeAlias = Find | Load | FindDocuments | FindFreeMoment | Put | Pause
Effects: TypeAlias = Generator[Effect, Any, Receipt]
RecordEffects: TypeAlias = Generator[Effect | PutParts, Any, int]


def submit_steps(
    submissions: Sequence[Submission],
    actor: Actor,
    clock: Callable[[], datetime],
    fold: Callable[[History], State | None],
    *,
    key: Key | None,
    metadata: dict[str, str] | None,
) -> Effects:
    """Record submissions; see `Ledger.submit` for the promises. `fold` gives a state."""
    free = BEGINNING
    for attempt in range(RIVAL_ATTEMPTS):
        if attempt:
            longest = min(attempt * RIVAL_PAUSE_SECONDS, RIVAL_PAUSE_SECONDS_MAX)
            yield Pause(longest * random())  # noqa: S311  no secret
            # The rival may be the day: a clock that is behind the ledger still has the one before.
            free = yield FindFreeMoment()
        if key:
            rows: list[TupleRow] = yield Find(key)
            if rows:
                return _repeated(key, rows)
        draft = yield from draft_steps(submissions, actor, clock, fold, free)
        if not draft.added:
            return Receipt(())
        append = replace(_append(draft, draft.added, key), metadata=metadata or {})
        appended: Appended = yield Put(append)
        if appended.first_position is not None:
            count_commands(submissions)
            return _receipt(draft, appended.first_position)
    raise RetriesExhausted("Others were quicker each time; try again.")


def record_steps(
    decide: Callable[[datetime], Draft],
    clock: Callable[[], datetime],
    *,
    attempts: int,
    seconds: float,
) -> RecordEffects:
    """Record what is decided in memory; see `Ledger.record` for the promises."""
    free = BEGINNING
    for attempt in range(attempts):
        if attempt:
            free = yield FindFreeMoment()
        draft = decide(max(clock(), free))
        if not draft.added:
            return 0
        yield from _check_references(
            draft, {entry.id: number for number, entry in enumerate(draft.added)}
        )
        starts = range(0, len(draft.added), PART_ENTRIES)
        parts = [partial(_part, draft, start) for start in starts]
        appended: Appended = yield PutParts(LargeAppend(draft.at, parts, seconds))
        if appended.first_position is not None:
            return appended.first_position + len(draft.added) - 1
    raise RetriesExhausted("Others were quicker each time; try again.")


def draft_steps(
    submissions: Sequence[Submission],
    actor: Actor,
    clock: Callable[[], datetime],
    fold: Callable[[History], State | None],
    free: datetime = BEGINNING,
) -> Generator[Effect, Any, Draft]:
    """Decide submissions on what is on record; see `Ledger.preview` for the promises.

    They are of the clock's moment, or of `free` if that is later. Their texts are tidied first:
    every way in comes by here.
    """
    if not 0 < len(submissions) <= SUBMISSIONS_MAX:
        raise Refused(f"A submit takes 1 to {SUBMISSIONS_MAX} commands.")
    submissions = list(_tidied(submissions))
    histories: Histories = yield Load({submission.stream for submission in submissions})
    if issued := set(_issued(submissions, histories)) - histories.keys():
        more: Histories = yield Load(issued)
        histories = {**histories, **more}
    named = {
        (submission.stream, name)
        for submission in submissions
        for name in documents_named(submission.command)
    }
    documents: Collection[tuple[UUID, Sha256]] = (yield FindDocuments(named)) if named else ()
    draft = Draft(max(clock(), free), histories, fold, documents)
    numbers: dict[UUID, int] = {}
    for number, submission in enumerate(submissions):
        history = draft.history(submission.stream)
        with _numbered(number):
            submission.check(history)
            if submission.expected_step not in (None, len(history)):
                raise VersionConflict(submission, history)
            added = draft.put(submission.stream, submission.command, actor, submission.origin)
        numbers.update((entry.id, number) for entry in added)
    yield from _check_references(draft, numbers)
    return draft


def _tidied(submissions: Sequence[Submission]) -> Iterator[Submission]:
    for number, submission in enumerate(submissions):
        with _numbered(number):
            command = tidied(submission.command)
        yield replace(submission, command=command)


@contextmanager
def _numbered(number: int) -> Generator[None]:
    """Say in whatever refuses a submission which of several it is."""
    try:
        yield
    except (RuleError, VersionConflict) as error:
        error.number = number
        raise


def _check_references(draft: Draft, numbers: Mapping[UUID, int]) -> Generator[Effect, Any, None]:
    """Follow what the added entries name, in the draft and on record. Raises Refused."""
    for entry in draft.added:
        for named in named_streams(entry.event):
            while missing := _missing(named, entry, draft, numbers):
                more: Histories = yield Load({missing})
                draft.include(missing, more.get(missing, ()))


def _missing(
    named: NamedStream, entry: Entry[Event], draft: Draft, numbers: Mapping[UUID, int]
) -> UUID | None:
    with _numbered(numbers[entry.id]):
        return check_chain(named, entry.stream, draft.histories)


def _issued(submissions: Sequence[Submission], histories: Histories) -> Iterator[UUID]:
    """The streams of the recommendations that submissions would issue."""
    reports: dict[UUID, str] = {}
    for stream, history in histories.items():
        if history and isinstance(history[0].event, ReportPublished):
            reports[stream] = history[0].event.reference
    for submission in submissions:
        if isinstance(submission.command, PublishReport):
            reports[submission.stream] = submission.command.reference
        if isinstance(submission.command, PublishReport | Issue) and submission.stream in reports:
            with suppress(Refused):  # the decision will say so
                for _, _, reference, _ in named_issues(
                    submission.command, reports[submission.stream]
                ):
                    yield recommendation_id(reference)


def _append(draft: Draft, added: Sequence[Entry[Event]], key: Key | None = None) -> Append:
    notes: list[NoteRow] = []
    events: list[StoredEvent] = []
    for entry in added:
        committed, rows = commit_notes(entry)
        events.append(MAPPER.to_stored_event(committed))
        notes.extend(rows)
    ids = [entry.id for entry in added]
    return Append(events, ids, notes, draft.removed(added), key, at=draft.at)


def _part(draft: Draft, start: int, at: datetime) -> Append:
    """Return the additions of some entries of a draft, none of them earlier than a moment."""
    added = [
        entry if at <= entry.stamp.at else replace(entry, stamp=replace(entry.stamp, at=at))
        for entry in draft.added[start : start + PART_ENTRIES]
    ]
    return _append(draft, added)


def _receipt(draft: Draft, first: int) -> Receipt:
    return Receipt(
        tuple(
            Recorded(entry.stream, entry.step, first + number, entry.id)
            for number, entry in enumerate(draft.added)
        )
    )


def _repeated(key: Key, rows: Sequence[TupleRow]) -> Receipt:
    """The receipt of an earlier submit under a key. Raises KeyReused if that was another."""
    if rows[0][0] != key.body_sha256:
        raise KeyReused("This Idempotency-Key was used for another request.")
    return Receipt(tuple(Recorded(*row[1:]) for row in rows), repeated=True)
