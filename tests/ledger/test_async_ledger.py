"""The ledger on the event loop, together with rivals in threads and other processes."""

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from adapters.clock import new_entry_id
from adapters.ledger.append import Append, Appended, Key, append_all
from adapters.ledger.async_ledger import AsyncLedger
from adapters.ledger.codec import ENTRY_BYTES_MAX
from adapters.ledger.ledger import Ledger
from adapters.ledger.lineage import LastSeen
from adapters.ledger.submission import KeyReused, Receipt, Submission, VersionConflict
from adapters.postgres.connection import LibpqConnection
from adapters.postgres.database import APP, OWNER, Database
from adapters.postgres.errors import ConnectionLost
from adapters.postgres.query import Query, QuerySteps
from domain.commands.recommendation import Comment, ReceiveActionPlan
from domain.vocabulary.errors import NotFound, Refused
from domain.vocabulary.ids import recommendation_id, report_id
from tests.support.data.examples import INSPECTOR, KENT, REPORT, issue, publish, published

TASKS = 12
EACH = 15
SECONDS = 60
T = TypeVar("T")


def opened(database: Database) -> AsyncLedger:
    return AsyncLedger(database.conninfo(APP), wait=5)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(coroutine, SECONDS))


def comment(stream: UUID, text: str = "Noted.", expected: int | None = None) -> Submission:
    return Submission(stream, Comment(comment=text), expected)


def event(stream: UUID, step: int, state: bytes = b"{}") -> Append:
    return Append([StoredEvent(stream, step, "recommendation.commented", state)], [new_entry_id()])


async def comment_often(ledger: AsyncLedger, streams: list[UUID], times: int) -> list[int]:
    """Many tasks that comment on the same few streams; the positions they were told."""

    async def one(number: int) -> list[int]:
        return [
            (await ledger.submit([comment(streams[turn % len(streams)])], INSPECTOR)).position
            for turn in range(number, number + times)
        ]

    told = await asyncio.gather(*(one(number) for number in range(TASKS)))
    return [position for some in told for position in some]


def two_streams(ledger: Ledger) -> list[UUID]:
    first = published(ledger)
    return [first, published(ledger, reference="kent-second-2023")]


class Tail(threading.Thread):
    """A reader who follows the ledger while others write."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self._ledger, self.ended = ledger, threading.Event()
        self.seen: list[int] = []

    def run(self) -> None:
        while True:
            last = self.ended.is_set()
            behind = self.seen[-1] if self.seen else 0
            rows = self._ledger.rows.page(behind, 7)
            self.seen += [row[4] for row in rows]
            if last and not rows:
                return


@pytest.mark.slow
def test_rivals_on_loops_and_threads_record_once_and_in_one_order(
    database: Database, ledger: Ledger
) -> None:
    streams = two_streams(ledger)
    tail = Tail(ledger)
    tail.start()

    async def on_a_loop() -> list[int]:
        async with opened(database) as rival:
            return await comment_often(rival, streams, EACH)

    told: list[int] = []
    rivals = [threading.Thread(target=lambda: told.extend(run(on_a_loop()))) for _ in range(2)]
    for rival in rivals:
        rival.start()
    try:
        told += [
            ledger.submit([comment(streams[turn % 2])], INSPECTOR).position for turn in range(EACH)
        ]
    finally:
        for rival in rivals:
            rival.join()
        tail.ended.set()
        tail.join()
    written = 2 * TASKS * EACH + EACH
    assert sorted(told) == list(range(5, 5 + written))
    assert tail.seen == list(range(1, 5 + written))
    assert sum(len(ledger.history(stream)) for stream in streams) == 2 + written


def test_a_conflict_in_a_batch_refuses_only_that_command(database: Database) -> None:
    taken, free = uuid4(), uuid4()
    key = Key("a", "k", b"x" * 32)

    async def test() -> list[Appended]:
        async with opened(database) as ledger:
            await ledger.put(event(taken, 1))
            keyed = [Append(event(uuid4(), 1).events, [new_entry_id()], key=key) for _ in range(2)]
            await ledger.put(keyed[0])
            batch = [event(taken, 1), event(free, 1), event(free, 3), keyed[1], event(taken, 2)]
            return list(await asyncio.gather(*(ledger.put(one) for one in batch)))

    told = run(test())
    assert [one.outcome for one in told] == [
        "rivalled",
        "recorded",
        "rivalled",
        "repeated",
        "recorded",
    ]
    assert [one.first_position for one in told if one.first_position] == [3, 4]


def test_an_append_sent_again_is_recorded_once(ledger: Ledger) -> None:
    """What a lost connection comes to: the first commit went through, and nobody was told."""
    command = event(uuid4(), 1)
    (first,) = ledger.rows.append([command])
    asking = append_all([command], LastSeen())
    next(asking)
    query = asking.throw(ConnectionLost("lost"))
    assert answered(ledger, asking, query) == [first]


def answered(ledger: Ledger, asking: QuerySteps[T], query: Query) -> T:
    """What comes of an asking that has come to this query."""
    with ledger.rows.datastore.get_connection() as connection:
        try:
            while True:
                query = asking.send(cast("LibpqConnection", connection).rows(query))
        except StopIteration as end:
            return cast("T", end.value)


def test_the_same_key_from_many_tasks_records_once(database: Database, ledger: Ledger) -> None:
    stream = published(ledger)
    key = Key(INSPECTOR.id, "once", b"k" * 32)

    async def test() -> list[Receipt]:
        async with opened(database) as one, opened(database) as other:
            asked = [comment(stream)]
            return await asyncio.gather(
                *(
                    (one, other)[number % 2].submit(asked, INSPECTOR, key=key)
                    for number in range(TASKS)
                )
            )

    receipts = run(test())
    assert len({receipt.entries for receipt in receipts}) == 1
    assert sum(not receipt.repeated for receipt in receipts) == 1
    assert len(ledger.history(stream)) == 2


def test_the_async_ledger_refuses_like_the_ledger(database: Database, ledger: Ledger) -> None:
    stream = published(ledger)
    key = Key(INSPECTOR.id, "k", b"k" * 32)

    async def test() -> None:
        async with opened(database) as async_ledger:
            await async_ledger.submit([comment(stream)], INSPECTOR, key=key)
            with pytest.raises(KeyReused):
                await async_ledger.submit(
                    [comment(stream)], INSPECTOR, key=Key(key.actor, key.key, b"z" * 32)
                )
            with pytest.raises(VersionConflict) as stale:
                await async_ledger.submit([comment(stream, expected=1)], INSPECTOR)
            assert [entry.step for entry in stale.value.since] == [2]
            with pytest.raises(NotFound):
                await async_ledger.submit([comment(uuid4())], INSPECTOR)
            with pytest.raises(Refused):
                await async_ledger.submit([], INSPECTOR)
            with pytest.raises(VersionConflict):
                await async_ledger.preview([comment(stream, expected=1)], INSPECTOR)
            (entry,) = await async_ledger.preview([comment(stream)], INSPECTOR)
            assert entry.step == 3
            assert await async_ledger.history(stream) == ledger.history(stream)

    run(test())
    assert len(ledger.history(stream)) == 2


def test_publishing_on_the_event_loop_issues_the_same_recommendations(database: Database) -> None:
    async def test() -> tuple[UUID, ...]:
        async with opened(database) as async_ledger:
            command = publish(issue("kent", "essex"), issue(ordinal=2))
            receipt = await async_ledger.submit([Submission(report_id(REPORT), command)], INSPECTOR)
            return tuple(entry.stream for entry in receipt.entries)

    assert run(test()) == (
        report_id(REPORT),
        recommendation_id(f"{REPORT}-r01-kent"),
        recommendation_id(f"{REPORT}-r01-essex"),
        recommendation_id(f"{REPORT}-r02"),
    )


def test_notes_are_kept_and_read(database: Database, ledger: Ledger) -> None:
    stream = published(ledger)
    plan = ReceiveActionPlan(answer="act", content="We will.", on="2022-09-10")

    async def test() -> dict[UUID, dict[str, str]]:
        async with opened(database) as async_ledger:
            receipt = await async_ledger.submit([Submission(stream, plan)], KENT)
            return await async_ledger.notes([entry.id for entry in receipt.entries])

    (told,) = run(test()).values()
    assert told == {"content": "We will."}


def test_a_batch_larger_than_any_buffer_goes_through(database: Database, ledger: Ledger) -> None:
    async def test() -> list[Appended]:
        async with opened(database) as async_ledger:
            state = b'{"text":"' + b"x" * (ENTRY_BYTES_MAX - 100) + b'"}'
            return await asyncio.gather(
                *(async_ledger.put(event(uuid4(), 1, state)) for _ in range(100))
            )

    assert Counter(one.outcome for one in run(test())) == {"recorded": 100}
    assert ledger.head() == 100


@pytest.mark.slow
def test_lost_connections_lose_and_repeat_no_entry(database: Database, ledger: Ledger) -> None:
    streams = two_streams(ledger)
    over = threading.Event()

    def cut() -> None:
        with psycopg.connect(database.conninfo(OWNER), autocommit=True) as owner:
            while not over.wait(0.05):
                owner.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND usename = 'tracker_app'"
                    " AND query LIKE '%ledger_append%'"
                )

    async def one(async_ledger: AsyncLedger, number: int) -> list[int]:
        told: list[int] = []
        for turn in range(EACH):
            key = Key(INSPECTOR.id, f"{number}-{turn}", b"k" * 32)
            while True:
                try:
                    asked = [comment(streams[turn % 2])]
                    receipt = await async_ledger.submit(asked, INSPECTOR, key=key)
                except Exception:  # noqa: BLE001  it was away too long; the key makes it safe
                    await asyncio.sleep(0.05)
                else:
                    told.append(receipt.position)
                    break
        return told

    async def test() -> list[int]:
        async with opened(database) as async_ledger:
            told = await asyncio.gather(*(one(async_ledger, number) for number in range(TASKS)))
            return [position for some in told for position in some]

    cutting = threading.Thread(target=cut)
    cutting.start()
    try:
        told = run(test())
    finally:
        over.set()
        cutting.join()
    assert sorted(told) == list(range(5, 5 + TASKS * EACH))


def test_a_cancelled_task_leaves_the_ledger_usable(database: Database, ledger: Ledger) -> None:
    stream = published(ledger)

    async def test() -> int:
        async with opened(database) as async_ledger:
            for delay in range(10):
                leaving = asyncio.create_task(async_ledger.submit([comment(stream)], INSPECTOR))
                asking = asyncio.create_task(async_ledger.notes([uuid4()]))
                await asyncio.sleep(delay / 2_000)
                leaving.cancel()
                asking.cancel()
                await asyncio.wait([leaving, asking])
            await async_ledger.submit([comment(stream)], INSPECTOR)
            return len(await async_ledger.history(stream))

    assert 2 <= run(test()) <= 12
