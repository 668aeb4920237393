"""Moments: the order of the ledger's, what a wrong clock may do, and what stays answered."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from adapters.clock import now
from adapters.ledger import append
from adapters.ledger.ledger import Ledger
from adapters.ledger.lineage import ClockWrong, CopyUnconfirmed
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, OWNER, Database
from domain.commands.recommendation import Comment
from domain.vocabulary.dates import day_of
from tests.support.data.examples import published, submit

SECOND = timedelta(seconds=1)
NOON = now().replace(hour=12, minute=0) - timedelta(days=1)
"""A moment that no test carries over midnight."""


def opened(database: Database, clock: Callable[[], datetime]) -> Ledger:
    return Ledger(environment(database.conninfo(APP), pool=1), clock)


def moments_of(ledger: Ledger) -> list[datetime]:
    return [entry.stamp.at for entry in ledger.page(0, 1_000)]


def freeze(database: Database, through: datetime) -> None:
    with psycopg.connect(database.conninfo(APP), autocommit=True) as connection:
        connection.execute("SELECT ledger_freeze(%s)", (through,))


def test_an_entry_is_never_of_a_moment_before_the_last_one_though_clocks_differ(
    database: Database,
) -> None:
    start = NOON
    with (
        opened(database, lambda: start) as ahead,
        opened(database, lambda: start - 30 * SECOND) as behind,
    ):
        first = published(ahead)
        published(behind, reference="kent-second-2023")
        submit(behind, first, Comment(comment="A remark."))
        moments = moments_of(behind)
        assert moments == sorted(moments)
        assert len({*moments}) == 3, "an entry of each command has a moment of its own"
        assert moments[-1] - start < SECOND


def test_no_entry_is_recorded_as_of_a_moment_that_was_asked_about(database: Database) -> None:
    start = NOON
    with opened(database, lambda: start) as ledger:
        published(ledger)
        freeze(database, start + SECOND)
        published(ledger, reference="kent-second-2023")
        assert [at > start + SECOND for at in moments_of(ledger)] == [False, False, True, True]


def test_a_moment_far_ahead_of_the_database_is_not_frozen(database: Database) -> None:
    with opened(database, now) as ledger:
        freeze(database, now() + timedelta(days=700))
        published(ledger)
        assert moments_of(ledger)[-1] < now() + SECOND


@pytest.mark.parametrize("minutes", [-60, -3, 3, 60 * 24 * 700])
def test_a_clock_that_is_minutes_off_the_database_records_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    def wrong() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=minutes)

    monkeypatch.setattr(append, "now", wrong)
    with opened(database, wrong) as ledger:
        with pytest.raises(ClockWrong, match=r"The clock of this service is at .* Nothing was"):
            published(ledger)
        assert ledger.head() == 0


def test_a_ledger_carried_ahead_by_wrong_clocks_records_nothing_until_the_word_is_given(
    database: Database,
) -> None:
    with opened(database, now) as ledger:
        first = published(ledger)
        carry_ahead(database, timedelta(days=700))
        with pytest.raises(ClockWrong, match="The ledger has come to"):
            submit(ledger, first, Comment(comment="A remark."))
        with psycopg.connect(database.conninfo(OWNER)) as connection:
            connection.execute("SELECT ledger_begin_lineage('The clocks are right again.')")
        submit(ledger, first, Comment(comment="A remark."))
        assert moments_of(ledger)[-1] < now() + SECOND


def carry_ahead(database: Database, by: timedelta) -> None:
    """Freeze moments ahead, as entries do that were recorded while all clocks were wrong."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute(
            "SELECT setval('ledger_frozen_through', ledger_microseconds(%s))", (now() + by,)
        )


def test_a_stream_that_a_wrong_clock_carried_ahead_goes_on_and_holds_up_no_other(
    database: Database,
) -> None:
    later = now() + timedelta(days=700)
    with opened(database, lambda: later) as ahead:
        stranded = published(ahead)
    with opened(database, now) as ledger:
        position = ledger.head()
        submit(ledger, stranded, Comment(comment="Goes on."))
        published(ledger, reference="kent-second-2023")
        entries = ledger.page(position, 10)
        assert entries[0].stamp.at == later
        assert entries[0].stamp.on == day_of(now()).isoformat()
        assert all(entry.stamp.at < now() + SECOND for entry in entries[1:])


def test_a_restored_copy_records_nothing_until_an_operator_confirms_it(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute("ALTER TABLE ledger_lineages DISABLE TRIGGER append_only")
        connection.execute("UPDATE ledger_lineages SET server = '1/00000001/1'")
    with pytest.raises(CopyUnconfirmed, match="restored or promoted copy"):
        published(ledger, reference="kent-second-2023")
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute("SELECT ledger_begin_lineage('Restored after a fire.')")
    published(ledger, reference="kent-second-2023")


def test_a_process_whose_last_entry_is_gone_records_nothing_until_an_operator_confirms_it(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    head = ledger.head()
    published(ledger, reference="kent-lost-2023")
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute("ALTER TABLE ledger_events DISABLE TRIGGER append_only")
        connection.execute("DELETE FROM ledger_events WHERE notification_id > %s", (head,))
    with pytest.raises(CopyUnconfirmed, match="not on record any more"):
        published(ledger, reference="kent-other-2023")
    assert ledger.head() == head
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute("SELECT ledger_begin_lineage('Put back to before a mistake.')")
    published(ledger, reference="kent-other-2023")
