"""What group commit promises: one transaction for many, and no command pays for another's fault."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from eventsourcing.persistence import OperationalError, StoredEvent

from adapters import committer
from adapters.append import Append, Key
from adapters.committer import Busy, Committer
from adapters.entry import new_entry_id
from adapters.ledger import Ledger

WRITERS = 16


class Slow:
    """An `append` that holds its first batch until it is let go, and remembers every batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.held = threading.Event()
        self.begun = threading.Event()

    def __call__(self, commands: Sequence[int]) -> list[int]:
        self.batches.append(list(commands))
        self.begun.set()
        assert self.held.wait(10)
        if -1 in commands:
            raise ValueError("bad command")
        if -2 in commands:
            raise OperationalError("the database is away")
        return [command * 10 for command in commands]


def behind_a_first(slow: Slow, put: Committer[int, int], commands: list[int]) -> list[object]:
    """What becomes of commands that came while the first one was being committed."""

    def one(command: int) -> object:
        try:
            return put.put(command)
        except (ValueError, OperationalError) as error:
            return type(error)

    with ThreadPoolExecutor(len(commands) + 1) as pool:
        first = pool.submit(one, 0)
        assert slow.begun.wait(10)
        waiting = [pool.submit(one, command) for command in commands]
        while len(put._queue) < len(commands):
            pass
        slow.held.set()
        assert first.result() == 0
        return [done.result() for done in waiting]


def test_those_who_come_meanwhile_are_committed_together() -> None:
    slow = Slow()
    assert behind_a_first(slow, Committer(slow), [1, 2, 3]) == [10, 20, 30]
    assert [sorted(batch) for batch in slow.batches] == [[0], [1, 2, 3]]


def test_a_bad_command_fails_alone() -> None:
    slow = Slow()
    assert behind_a_first(slow, Committer(slow), [1, -1, 3]) == [10, ValueError, 30]


def test_a_database_that_is_away_is_told_to_all() -> None:
    slow = Slow()
    assert behind_a_first(slow, Committer(slow), [1, -2]) == [OperationalError] * 2
    assert len(slow.batches) == 2


def test_a_full_queue_turns_away_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committer, "QUEUE_MAX", 1)
    slow = Slow()
    put = Committer(slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(put.put, 1)
        assert slow.begun.wait(10)
        second = pool.submit(put.put, 2)
        while not put._queue:
            pass
        with pytest.raises(Busy):
            put.put(3)
        slow.held.set()
        assert (first.result(), second.result()) == (10, 20)


def test_a_large_crowd_is_served_in_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committer, "BATCH_MAX", 4)
    slow = Slow()
    assert behind_a_first(slow, Committer(slow), list(range(1, 11))) == [
        n * 10 for n in range(1, 11)
    ]
    assert [len(batch) for batch in slow.batches] == [1, 4, 4, 2]


def event(stream: object, step: int) -> Append:
    stored = StoredEvent(stream, step, "recommendation.commented", b"{}")  # type: ignore[arg-type]
    return Append([stored], [new_entry_id()])


def test_a_rival_inside_the_batch_is_refused_and_the_rest_goes_in(ledger: Ledger) -> None:
    taken, free = uuid4(), uuid4()
    ledger.rows.append([event(taken, 1)])
    outcomes = ledger.rows.append([event(taken, 1), event(free, 1), event(free, 3)])
    assert [done.outcome for done in outcomes] == ["rivalled", "recorded", "rivalled"]
    assert ledger.head() == 2


def test_a_key_on_record_is_told_inside_the_batch(ledger: Ledger) -> None:
    key = Key("a", "k", b"x" * 32)
    first = Append(event(uuid4(), 1).events, [new_entry_id()], key=key)
    ledger.rows.append([first])
    again = Append(event(uuid4(), 1).events, [new_entry_id()], key=key)
    outcomes = ledger.rows.append([again, event(uuid4(), 1)])
    assert [done.outcome for done in outcomes] == ["repeated", "recorded"]


def test_many_writers_leave_dense_positions_and_whole_streams(ledger: Ledger) -> None:
    def write(stream: object) -> list[int]:
        places: list[int] = []
        for step in range(1, 26):
            done = ledger.rows.put(event(stream, step))
            assert done.first_position is not None
            places.append(done.first_position)
        return places

    with ThreadPoolExecutor(WRITERS) as pool:
        places = list(pool.map(write, [uuid4() for _ in range(WRITERS)]))
    assert all(some == sorted(some) for some in places)
    assert sorted(place for some in places for place in some) == list(range(1, WRITERS * 25 + 1))


def test_an_append_that_is_sent_again_is_recorded_once(ledger: Ledger) -> None:
    """What a lost connection comes to: the first commit went through, and nobody was told."""
    command = event(uuid4(), 1)
    (first,) = ledger.rows.append([command])
    with ledger.rows._rows() as cursor:
        (again,) = ledger.rows._as_recorded_before(cursor, [command], ledger.rows.append([command]))
    assert again == first
