"""The history cache: equal to the ledger, no matter which process writes."""
# pyright: reportPrivateUsage=false

import asyncio
from uuid import UUID

import psycopg
import pytest

from adapters.ledger import history_cache
from adapters.ledger.async_ledger import AsyncLedger
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, OWNER, Database
from domain.commands.recommendation import Comment
from domain.history import state_after
from tests.support.data.examples import published, submit
from tests.support.data.lives import Clock, populate


def another(database: Database) -> Ledger:
    return Ledger(environment(database.conninfo(APP), pool=1))


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0, 40, 10_000])
def test_a_cached_history_equals_what_another_process_reads(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """Random lives with corrections, read again and again while they grow."""
    monkeypatch.setattr(history_cache, "ENTRIES_KEPT_MAX", kept)
    clock = Clock()
    ledger._clock = clock
    streams: list[UUID] = []
    for seed in range(3):
        streams += populate(ledger, clock, seed, reports=2, steps=60, first=seed * 2)
        with another(database) as fresh:
            for stream in streams:
                history = fresh.history(stream)
                assert ledger.history(stream) == history
                assert ledger.state(stream) == state_after(history)
            assert ledger.histories(streams) == fresh.histories(streams)


def test_entries_of_another_process_are_seen_at_once(database: Database, ledger: Ledger) -> None:
    stream = published(ledger)
    with another(database) as other:
        for number in range(3):
            submit(other, stream, Comment(comment=f"Number {number}."))
            assert ledger.history(stream) == other.history(stream)
            submit(ledger, stream, Comment(comment=f"Answer {number}."))
            assert other.history(stream) == ledger.history(stream)


def test_the_history_cache_has_a_limit_on_entries(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_cache, "ENTRIES_KEPT_MAX", 30)
    clock = Clock()
    ledger._clock = clock
    for stream in populate(ledger, clock, 5, reports=3, steps=200):
        ledger.state(stream)
        kept = ledger.cache
        assert sum(map(len, kept._histories.values())) == kept._entries <= 30
        assert kept._states.keys() <= kept._histories.keys()


def put_back(database: Database, step: int) -> None:
    """The database as it was when no stream had more steps, as a backup gives it back."""
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger_events DISABLE TRIGGER append_only")
        connection.execute("DELETE FROM ledger_events WHERE originator_version > %s", (step,))
        connection.execute("SELECT ledger_begin_lineage('Put back for a test.')")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_the_history_cache_forgets_entries_lost_by_a_restored_database(
    database: Database, ledger: Ledger
) -> None:
    stream = published(ledger)
    submit(ledger, stream, Comment(comment="Lost."))
    assert len(ledger.history(stream)) == 2
    put_back(database, 1)
    ledger.history(stream)  # finds out that its connection is gone
    assert len(ledger.history(stream)) == 1
    submit(ledger, stream, Comment(comment="Anew."))
    with another(database) as fresh:
        assert ledger.history(stream) == fresh.history(stream)


def test_the_async_history_cache_forgets_entries_lost_by_a_restored_database(
    database: Database, ledger: Ledger
) -> None:
    stream = published(ledger)
    submit(ledger, stream, Comment(comment="Lost."))

    async def steps() -> list[int]:
        async with AsyncLedger(database.conninfo(APP), wait=5) as async_ledger:
            before = len(await async_ledger.history(stream))
            put_back(database, 1)
            await async_ledger.history(stream)
            return [before, len(await async_ledger.history(stream))]

    assert asyncio.run(steps()) == [2, 1]
