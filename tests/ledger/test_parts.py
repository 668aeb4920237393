"""Records too large for one call of ledger_append: in parts, and all or nothing all the same."""

from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg
import pytest

from adapters.clock import now
from adapters.ledger.draft import Draft
from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import HeldTooLong, RetriesExhausted
from adapters.ledger.submit import PutParts, record_steps
from adapters.postgres.database import APP, Database
from domain.commands.recommendation import Comment
from domain.vocabulary.actors import Actor, Role
from tests.support.data.examples import published, submit

INSPECTOR = Actor("inspector-1", Role.INSPECTOR)
PARTS, SECONDS = 4, 60.0
Decide = Callable[[datetime], Draft]


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.ledger.submit.PART_ENTRIES", 2)


@pytest.fixture
def decide(ledger: Ledger) -> Decide:
    """Decides comments on recommendations, of which each has its steps in several parts."""
    published(ledger)
    streams = sorted({entry.stream for entry in ledger.page(1, 100)})

    def comments(at: datetime) -> Draft:
        draft = Draft(at, ledger.histories(streams))
        for number in range(2 * PARTS - 1):
            draft.put(
                streams[number % len(streams)], Comment(comment=f"Comment {number}."), INSPECTOR
            )
        return draft

    return comments


def test_entries_of_several_parts_are_recorded_in_order_with_their_notes(
    ledger: Ledger, decide: Decide
) -> None:
    before = ledger.head()
    last = ledger.record(decide, attempts=1, seconds=SECONDS)
    assert last == ledger.head() == before + 2 * PARTS - 1
    entries = ledger.page(before, 100)
    assert [entry.position for entry in entries] == list(range(before + 1, last + 1))
    notes = ledger.notes([entry.id for entry in entries])
    assert [notes[entry.id]["comment"] for entry in entries] == [
        f"Comment {number}." for number in range(2 * PARTS - 1)
    ]


@pytest.mark.parametrize("later", [timedelta(0), timedelta(milliseconds=7)])
def test_all_parts_are_of_one_moment_even_if_theirs_was_asked_about_meanwhile(
    ledger: Ledger, database: Database, decide: Decide, later: timedelta
) -> None:
    frozen: list[datetime] = []

    def overtaken(at: datetime) -> Draft:
        draft = decide(at)
        frozen.append(now() + later)
        with psycopg.connect(database.conninfo(APP), autocommit=True) as connection:
            connection.execute("SELECT ledger_freeze(%s)", (frozen[0],))
        return draft

    before = ledger.head()
    ledger.record(overtaken, attempts=1, seconds=SECONDS)
    moments = {entry.stamp.at for entry in ledger.page(before, 100)}
    assert moments == {frozen[0] + timedelta(microseconds=1)}


def test_nothing_is_recorded_if_a_rival_took_a_step_of_a_later_part(
    ledger: Ledger, decide: Decide
) -> None:
    def overtaken(at: datetime) -> Draft:
        draft = decide(at)
        submit(ledger, draft.added[-1].stream, Comment(comment="A rival."))
        return draft

    before = ledger.head()
    with pytest.raises(RetriesExhausted):
        ledger.record(overtaken, attempts=2, seconds=SECONDS)
    assert ledger.head() == before + 2
    ledger.record(decide, attempts=1, seconds=SECONDS)
    assert ledger.head() == before + 2 + 2 * PARTS - 1


def test_nothing_is_recorded_if_others_would_wait_for_longer_than_they_may(
    ledger: Ledger, decide: Decide
) -> None:
    before = ledger.head()
    with pytest.raises(HeldTooLong, match="longer than the 0 seconds"):
        ledger.record(decide, attempts=1, seconds=0)
    assert ledger.head() == before
    submit(ledger, ledger.page(1, 1)[0].stream, Comment(comment="Nothing is locked any more."))


def test_a_record_whose_commit_was_lost_is_not_made_twice(ledger: Ledger, decide: Decide) -> None:
    steps = record_steps(decide, now, attempts=1, seconds=SECONDS)
    effect = next(steps)
    assert isinstance(effect, PutParts)
    once = ledger.rows.append_parts(effect.command)
    head = ledger.head()
    assert ledger.rows.append_parts(effect.command) == once
    assert ledger.head() == head
