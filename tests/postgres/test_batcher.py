"""Group commit: items go in batches, and none pays for another's fault."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from eventsourcing.persistence import OperationalError

from adapters import batcher
from adapters.batcher import Batcher, Busy

BAD, AWAY = -1, -2


class Slow:
    """Does what it is asked when it is let go, and remembers every batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = asyncio.Event()
        self.let_go = asyncio.Event()

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.begun.set()
        await self.let_go.wait()
        if BAD in items:
            raise ValueError("bad item")
        if AWAY in items:
            raise OperationalError("the database is away")
        return [item * 10 for item in items]


def on_a_loop(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    def run() -> None:
        async def bounded() -> None:
            async with asyncio.timeout(10):
                await test()

        asyncio.run(bounded())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


async def behind_a_first(slow: Slow, put: Batcher[int, int], items: list[int]) -> list[object]:
    """What becomes of items that come while the first one is under way."""
    first = asyncio.create_task(put.put(0))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(put.put(item)) for item in items]
    await asyncio.sleep(0)
    slow.let_go.set()
    assert await first == 0
    found = await asyncio.gather(*waiting, return_exceptions=True)
    return [type(one) if isinstance(one, BaseException) else one for one in found]


@on_a_loop
async def test_items_that_arrive_during_a_batch_form_the_next_batch() -> None:
    slow = Slow()
    assert await behind_a_first(slow, Batcher(slow), [1, 2, 3]) == [10, 20, 30]
    assert slow.batches == [[0], [1, 2, 3]]


@on_a_loop
async def test_a_bad_item_fails_alone() -> None:
    slow = Slow()
    assert await behind_a_first(slow, Batcher(slow), [1, BAD, 3]) == [10, ValueError, 30]


@on_a_loop
async def test_a_database_outage_fails_the_whole_batch_at_once() -> None:
    slow = Slow()
    told = await behind_a_first(slow, Batcher(slow), [1, AWAY])
    assert told == [OperationalError, OperationalError]
    assert slow.batches == [[0], [1, AWAY]]


@pytest.mark.parametrize("room", [1, 3])
def test_a_full_queue_turns_items_away_at_once(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(batcher, "QUEUE_MAX", room)

    @on_a_loop
    async def test() -> None:
        slow = Slow()
        put: Batcher[int, int] = Batcher(slow)
        taken = asyncio.create_task(put.put(0))
        await slow.begun.wait()
        waiting = [asyncio.create_task(put.put(item)) for item in range(room)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await put.put(9)
        slow.let_go.set()
        assert await asyncio.gather(taken, *waiting) == [0, *(item * 10 for item in range(room))]

    test()


def test_many_waiting_items_go_in_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batcher, "BATCH_MAX", 4)

    @on_a_loop
    async def test() -> None:
        slow = Slow()
        crowd = list(range(1, 11))
        assert await behind_a_first(slow, Batcher(slow), crowd) == [n * 10 for n in crowd]
        assert [len(batch) for batch in slow.batches] == [1, 4, 4, 2]

    test()


@on_a_loop
async def test_an_item_cancelled_while_waiting_is_not_sent() -> None:
    slow = Slow()
    put: Batcher[int, int] = Batcher(slow)
    first = asyncio.create_task(put.put(0))
    await asyncio.sleep(0)
    leaving, staying = asyncio.create_task(put.put(1)), asyncio.create_task(put.put(2))
    await asyncio.sleep(0)
    leaving.cancel()
    slow.let_go.set()
    assert (await first, await staying) == (0, 20)
    assert slow.batches == [[0], [2]]


@on_a_loop
async def test_an_item_cancelled_under_way_harms_no_other() -> None:
    slow = Slow()
    put: Batcher[int, int] = Batcher(slow)
    leaving, staying = asyncio.create_task(put.put(1)), asyncio.create_task(put.put(2))
    await slow.begun.wait()
    leaving.cancel()
    await asyncio.sleep(0)
    slow.let_go.set()
    assert await staying == 20


@on_a_loop
async def test_an_item_put_right_after_another_is_not_left_waiting() -> None:
    slow = Slow()
    slow.let_go.set()
    put: Batcher[int, int] = Batcher(slow)
    assert [await put.put(item) for item in range(100)] == [item * 10 for item in range(100)]


@on_a_loop
async def test_only_as_many_batches_run_at_once_as_there_are_lanes() -> None:
    slow = Slow()
    put: Batcher[int, int] = Batcher(slow, lanes=2)
    waiting: list[asyncio.Task[int]] = []
    for item in range(3):
        waiting.append(asyncio.create_task(put.put(item)))
        for _ in range(5):
            await asyncio.sleep(0)
    assert slow.batches == [[0], [1]]
    slow.let_go.set()
    assert await asyncio.gather(*waiting) == [0, 10, 20]


@on_a_loop
async def test_closing_the_batcher_waits_for_all_items() -> None:
    slow = Slow()
    put: Batcher[int, int] = Batcher(slow)
    waiting = [asyncio.create_task(put.put(item)) for item in (1, 2)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(put.close())
    await asyncio.sleep(0)
    assert not closing.done()
    slow.let_go.set()
    await closing
    assert [one.result() for one in waiting if one.done()] == [10, 20]
