"""A synthetic ledger of any size: plausible lives of recommendations to the 43 forces.

It is the same every time. The entries are the domain's own, written by the service's mapper, with
their private notes. They are loaded by COPY, since deciding a million commands would take hours.
"""

import heapq
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from random import Random
from typing import cast
from uuid import UUID

import psycopg
from msgspec import Struct
from msgspec.structs import replace
from psycopg.types.json import Jsonb

from adapters.ledger.codec import MAPPER, SALT_BYTES, NoteRow, commitment
from domain.amendments.correction import notes_of
from domain.events.event import Event
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    AssuranceRecorded,
    Closed,
    Commented,
    CompletionClaimed,
    FollowUpAssigned,
    FollowUpReported,
    Issued,
    ProgressReported,
    Reopened,
)
from domain.events.report import ReportPublished
from domain.vocabulary.actors import Role
from domain.vocabulary.dates import day_of
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.forces import FORCES
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import Area, CloseReason, Finding, FollowUpKind, Kind, Product

SEED = 20140903
BEGIN = datetime(2014, 9, 3, 9, tzinfo=UTC)
END = datetime(2026, 6, 30, 17, tzinfo=UTC)
"""The last recorded moment; entries added by the benchmark come after it."""
LATEST_REPORT = END - timedelta(days=60)
LIFE_DAYS_MAX = 5 * 365
DELAY_DAYS_MAX = 3
"""The longest delay between a step and its record."""
PER_REPORT = 10
TYPICAL_STEPS = 20
REMARK_SHARE = 0.3
FINISHED_SHARE = 0.5
SECOND_PLAN_SHARE = 0.1
REOPENED_SHARE = 0.1
AREAS: tuple[Area, ...] = ("leadership", "investigation", "managing_risk", "police_detention")
LIMITS = ("immediate", "months:3", "months:3", "months:6", "none")
_PROSE = (
    "the force should ensure that custody records are reviewed within agreed timescales and that "
    "officers and staff receive training in risk assessment safeguarding children vulnerability "
    "evidence governance scrutiny performance supervision control room response partners"
)
_words = Random(SEED)  # noqa: S311  as below
TEXTS = tuple(" ".join(_words.choices(_PROSE.split(), k=80)) for _ in range(500))
EVENT_COLUMNS = (
    "originator_id, originator_version, topic, state, notification_id, entry_id, metadata"
)


class Size(Struct, frozen=True):
    """The size of a synthetic ledger."""

    recommendations: int
    entries: int
    typical: float = 0.1
    """The share of recommendations with exactly TYPICAL_STEPS, for reading one by one."""

    def part(self, of: int) -> "Size":
        """Return the size of the same ledger, `of` times smaller."""
        return Size(self.recommendations // of, self.entries // of, self.typical)


class _Made(Struct, frozen=True):
    """A synthetic entry and its private notes."""

    entry: Entry[Event]
    notes: tuple[NoteRow, ...]


def load(conninfo: str, size: Size) -> None:
    """Fill the empty ledger of a database, as its owner."""
    with (
        psycopg.connect(conninfo) as ledger,
        psycopg.connect(conninfo) as beside,
        ledger.cursor().copy(
            f"COPY ledger_events ({EVENT_COLUMNS}) FROM STDIN (FORMAT binary)"
        ) as rows,
        beside.cursor().copy(
            "COPY ledger_notes (entry_id, field, salt, note) FROM STDIN (FORMAT binary)"
        ) as notes,
    ):
        rows.set_types(["uuid", "int8", "text", "bytea", "int8", "uuid", "jsonb"])
        notes.set_types(["uuid", "text", "bytea", "text"])
        for position, made in enumerate(lives(size), 1):
            stored = MAPPER.to_stored_event(made.entry)
            rows.write_row(
                (
                    stored.originator_id,
                    stored.originator_version,
                    stored.topic,
                    stored.state,
                    position,
                    made.entry.id,
                    Jsonb({"request_id": made.entry.id.hex}),
                )
            )
            for note in made.notes:
                notes.write_row((note.entry, note.field, note.salt, note.note))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE ledger_events, ledger_notes")


def lives(size: Size) -> Iterator[_Made]:
    """Yield every entry in the order of recording."""
    random = Random(SEED)  # noqa: S311  reproducible data, no secret
    lengths = _lengths(random, size)
    batches = [lengths[at : at + PER_REPORT] for at in range(0, len(lengths), PER_REPORT)]
    reports = [
        _report(Random(f"{SEED} {number}"), number, batch)  # noqa: S311  as above
        for number, batch in enumerate(batches)
    ]
    return heapq.merge(*reports, key=lambda made: made.entry.stamp.at)


def _lengths(random: Random, size: Size) -> list[int]:
    """Return each recommendation's number of steps; with the reports, they sum to the entries.

    Raises ValueError if there are too few entries.
    """
    reports = -(-size.recommendations // PER_REPORT)
    typical = round(size.recommendations * size.typical)
    others = size.recommendations - typical
    spread = size.entries - reports - typical * TYPICAL_STEPS - others
    if spread < 0:
        raise ValueError(f"{size.entries} entries are too few for {size.recommendations} lives")
    ends = list(accumulate((random.lognormvariate(0, 0.8) for _ in range(others)), initial=0.0))
    shares = [round(spread * end / (ends[-1] or 1)) for end in ends]
    lengths = [1 + through - before for before, through in pairwise(shares)]
    lengths += [TYPICAL_STEPS] * typical
    random.shuffle(lengths)
    return lengths


class _Stream:
    """A growing stream."""

    def __init__(self, random: Random, stream: UUID) -> None:
        self._random, self._stream = random, stream
        self._step = 0
        self._on = date.min

    def record(self, at: datetime, event: Event, role: Role) -> _Made:
        """Add an entry, with commitments in place of its notes."""
        self._step += 1
        delay = timedelta(days=self._random.randint(0, DELAY_DAYS_MAX))
        self._on = max(self._on, day_of(at) - delay)
        actor = f"{role}-{self._random.randint(1, 400)}".replace("_", "-")
        stamp = Stamp(actor, role, at, self._on.isoformat())
        entry = Entry(self._stream, self._step, _id(self._random, at), stamp, event)
        notes = tuple(
            NoteRow(entry.id, field, self._random.randbytes(SALT_BYTES), note)
            for field in sorted(notes_of(type(event)))
            if (note := cast("str | None", getattr(event, field))) is not None
        )
        commitments = {
            note.field: commitment(note.entry, note.field, note.salt, note.note) for note in notes
        }
        return _Made(replace(entry, event=replace(event, **commitments)), notes)


def _id(random: Random, at: datetime) -> UUID:
    """Return a version 7 UUID for a moment, as the mapper does from the clock."""
    milliseconds = int(at.timestamp() * 1000)
    value = (milliseconds << 80) | random.getrandbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    return UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62))


def _report(random: Random, number: int, lengths: Sequence[int]) -> Iterator[_Made]:
    """Yield a report and its recommendations, with all steps in order of time."""
    published = BEGIN + (LATEST_REPORT - BEGIN) * random.random()
    force = random.choice(tuple(FORCES))
    reference = f"{force}-{number}-{published.year}"
    title = f"National child protection inspection {number}"
    yield _Stream(random, report_id(reference)).record(
        published,
        ReportPublished(
            reference, force, Product.NCPI, "pre-2024", title, "https://example.org/report"
        ),
        Role.PUBLISHER,
    )
    streams: list[_Stream] = []
    stories: list[Iterator[tuple[Event, Role]]] = []
    moments: list[tuple[datetime, int]] = []
    span = min(END, published + timedelta(days=LIFE_DAYS_MAX)) - published
    for ordinal, length in enumerate(lengths, 1):
        name = f"{reference}-r{ordinal:02}"
        streams.append(_Stream(random, recommendation_id(name)))
        issued = _issued(random, report_id(reference), name, force, ordinal)
        yield streams[-1].record(published, issued, Role.PUBLISHER)
        stories.append(_story(random, length - 1))
        moments += [(published + span * random.random(), ordinal - 1) for _ in range(length - 1)]
    for at, which in sorted(moments):
        event, role = next(stories[which])
        yield streams[which].record(at, event, role)


def _issued(random: Random, report: UUID, reference: str, force: str, ordinal: int) -> Issued:
    return Issued(
        report=report,
        reference=reference,
        addressee=force,
        edition="pre-2024",
        kind=random.choices(tuple(Kind), weights=[8, 1, 1])[0],
        text=_text(random, 200, 400),
        area=random.choice(AREAS),
        time_limit=random.choice(LIMITS),
        ordinal=ordinal,
    )


def _story(random: Random, length: int) -> Iterator[tuple[Event, Role]]:
    """Yield `length` steps after the issue: turns of the life among reports and remarks."""
    turns = list(_turns(random))
    if random.random() > FINISHED_SHARE:
        turns = turns[: random.randint(0, len(turns))]
    turns = turns[:length]
    places = set(random.sample(range(length), len(turns)))
    closed = False
    for place in range(length):
        if place in places:
            event, role = turns.pop(0)
            closed = isinstance(event, Closed) or (closed and not isinstance(event, Reopened))
            yield event, role
        elif closed or random.random() < REMARK_SHARE:
            yield Commented(_text(random, 60, 300)), Role.INSPECTOR
        else:
            yield ProgressReported(_text(random, 80, 400)), Role.FORCE


def _turns(random: Random) -> Iterator[tuple[Event, Role]]:
    """Yield the events that advance a life, up to its end."""
    yield ActionPlanReceived(1, "act", _text(random, 200, 400)), Role.FORCE
    if random.random() < SECOND_PLAN_SHARE:
        yield ActionPlanReviewed("changes_requested", _text(random, 60, 200)), Role.INSPECTOR
        yield ActionPlanReceived(1, "act", _text(random, 200, 400)), Role.FORCE
    yield ActionPlanReviewed("accepted"), Role.INSPECTOR
    finding = Finding.NOT_MET
    while finding is not Finding.MET:
        kind = random.choice(tuple(FollowUpKind))
        yield FollowUpAssigned(kind, "2020"), Role.INSPECTOR
        finding = random.choices((Finding.MET, Finding.PARTLY_MET), weights=[3, 1])[0]
        passage, source = _text(random, 200, 400), "The post-inspection review"
        yield FollowUpReported(finding, passage, source), Role.INSPECTOR
    yield CompletionClaimed(_text(random, 100, 300)), Role.FORCE
    yield AssuranceRecorded("assured", _text(random, 60, 200)), Role.LOCAL_POLICING_BODY
    closed = Closed(CloseReason.VERIFIED, _text(random, 60, 200), "The review")
    yield closed, Role.INSPECTOR
    if random.random() < REOPENED_SHARE:
        yield Reopened(_text(random, 60, 200)), Role.INSPECTOR
        yield closed, Role.INSPECTOR


def _text(random: Random, least: int, most: int) -> str:
    """Return text cut to a random length from `least` to `most`, then stripped."""
    return random.choice(TEXTS)[: random.randint(least, most)].strip()
