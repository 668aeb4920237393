"""A clock that moves: back, ahead, over midnight and over the end of British Summer Time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import msgspec
import psycopg
import pytest
from click.testing import CliRunner
from psycopg.sql import SQL, Identifier

from adapters.identity.access_log import access_submission
from adapters.ledger import append
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, Database
from api.cli.main import main
from domain.commands.recommendation import Comment
from domain.events.access import SignedIn
from domain.events.event import Event
from domain.events.recommendation import Commented
from domain.vocabulary.dates import day_of
from domain.vocabulary.entry import Entry
from domain.vocabulary.ids import recommendation_id
from projections.runtime import readiness
from tests.support.data.examples import INSPECTOR, issue, publish, submit
from tests.support.data.examples import published as publish_in
from tests.support.served.serving import command, published, serving, wait_for

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
MIDNIGHT = datetime(2025, 10, 25, 23, tzinfo=UTC)
"""The midnight in London before the day that summer time ends on, an hour before UTC's."""
END_OF_SUMMER = datetime(2025, 10, 26, 1, tzinfo=UTC)
"""Here 2:00 becomes 1:00 in London."""


class MovedClock:
    """The machine's clock, moved by as much as a test says."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


class HeldClock:
    """A clock that a test sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    """The clock of the machine that serves; the database stays on another machine's."""
    clock = MovedClock()
    for module in (append, readiness):
        monkeypatch.setattr(module, "now", clock)
    return clock


def assert_in_order(entries: Sequence[Entry[Event]]) -> None:
    assert [entry.position for entry in entries] == [*range(1, len(entries) + 1)]
    for earlier, later in pairwise(entries):
        assert earlier.stamp.at <= later.stamp.at
        if later.stream == earlier.stream:
            assert later.step == earlier.step + 1


@pytest.mark.parametrize(
    "words",
    [
        ("token", "create", "--role", "inspector", "--actor", "inspector-1"),
        ("demo", "--port", "0"),
    ],
    ids=" ".join,
)
def test_a_command_line_whose_clock_is_wrong_records_nothing_and_says_so(
    database: Database, moved: MovedClock, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    moved.by = HOUR
    monkeypatch.setenv("DATABASE_URL", database.owner_url)
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, type(done.exception)) == (1, SystemExit), done.exc_info
    assert "Set the clocks right" in done.stderr.splitlines()[-1], done.output
    with psycopg.connect(database.owner_url) as owner:
        for table in ("ledger_events", "tokens"):
            count = owner.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table)))
            assert count.fetchone() == (0,)


@pytest.mark.parametrize("by", [-HOUR, HOUR, timedelta(days=365), timedelta(days=-365)], ids=str)
def test_a_service_whose_clock_was_moved_records_nothing_and_says_so_until_it_is_right(
    database: Database, ledger: Ledger, moved: MovedClock, by: timedelta
) -> None:
    with serving(database, clock=moved) as service:
        stream = published(service, "kent-moved-2023").recommendations[0]
        assert command(service, stream, INSPECTOR, "comment", comment="Before.").is_success
        head = ledger.head()
        moved.by = by
        refused = command(service, stream, INSPECTOR, "comment", comment="Meanwhile.")
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/clock-wrong")
        assert "The clock of this service is at" in refused.json()["detail"]
        assert "Nothing was recorded." in refused.json()["detail"]
        ready = service.get("/health/ready")
        assert (ready.status_code, ready.json()["recording"]) == (503, False)
        assert "The clock of this service is at" in ready.json()["detail"]
        assert service.get("/health/live").is_success
        assert service.get(f"/v1/recommendations/{stream}").is_success
        assert ledger.head() == head
        moved.by = timedelta()
        assert command(service, stream, INSPECTOR, "comment", comment="After.").is_success
        wait_for(service.client, "/health/ready")
    assert_in_order(ledger.page(0, 100))


def test_a_clock_that_goes_to_and_fro_within_its_allowance_records_in_order(
    database: Database, moved: MovedClock
) -> None:
    with Ledger(environment(database.conninfo(APP), pool=1), moved) as ledger:
        stream = publish_in(ledger)
        for seconds in (0, -90, 60, -60, 0):
            moved.by = seconds * SECOND
            submit(ledger, stream, Comment(comment=f"{seconds} s off."))
        entries = ledger.page(0, 100)
        assert_in_order(entries)
        own = [entry.stamp.at for entry in entries if entry.stream == stream]
        assert len({*own}) == len(own), "each command has a moment of its own"


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (MIDNIGHT + 30 * SECOND, MIDNIGHT - 30 * SECOND),
        (END_OF_SUMMER + HOUR / 2, END_OF_SUMMER - HOUR / 2),  # both at half past one
        (datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)),
        (datetime(2025, 10, 27, tzinfo=UTC), datetime(2025, 10, 26, 23, tzinfo=UTC)),
    ],
    ids=str,
)
def test_a_clock_put_back_carries_no_entry_to_an_earlier_moment_or_day(
    database: Database, first: datetime, then: datetime
) -> None:
    clock = HeldClock(first)
    with Ledger(environment(database.conninfo(APP), pool=1), clock) as ledger:
        stream = publish_in(ledger)
        submit(ledger, stream, Comment(comment="Before."))
        clock.at = then
        submit(ledger, stream, Comment(comment="After."))
        publish_in(ledger, reference="kent-second-2023")
        entries = ledger.page(0, 100)
    assert_in_order(entries)
    days = [entry.stamp.on for entry in entries if isinstance(entry.event, Commented)]
    assert days == [day_of(first).isoformat()] * 2


def test_a_person_signs_in_on_a_machine_that_is_still_before_midnight(database: Database) -> None:
    clock = HeldClock(MIDNIGHT + SECOND)
    with Ledger(environment(database.conninfo(APP), pool=1), clock) as ledger:
        for moment in (MIDNIGHT + SECOND, MIDNIGHT - SECOND):
            clock.at = moment
            signed_in = SignedIn(INSPECTOR.id, "link", uuid4())
            ledger.submit([access_submission(signed_in)], INSPECTOR)
        days = [entry.stamp.on for entry in ledger.page(0, 100)]
    assert {*days} == {day_of(MIDNIGHT).isoformat()}


def test_a_service_whose_clock_is_still_before_midnight_records_on_the_day_of_the_ledger(
    database: Database, ledger: Ledger
) -> None:
    clock = HeldClock(MIDNIGHT + SECOND)
    with serving(database, keep=False, clock=clock) as service:
        stream = published(service, "kent-midnight-2025").recommendations[0]
        clock.at = MIDNIGHT - SECOND
        answer = command(service, stream, INSPECTOR, "comment", comment="A remark.")
        assert answer.status_code == 201, answer.text
    assert ledger.page(0, 100)[-1].stamp.on == day_of(MIDNIGHT).isoformat()


def test_the_day_of_an_entry_is_londons_over_midnight_and_the_end_of_summer_time(
    database: Database,
) -> None:
    clock = HeldClock(MIDNIGHT - 2 * HOUR)
    days = {
        MIDNIGHT - SECOND: "2025-10-25",
        MIDNIGHT: "2025-10-26",
        END_OF_SUMMER - HOUR / 2: "2025-10-26",
        END_OF_SUMMER + HOUR / 2: "2025-10-26",
        MIDNIGHT + 25 * HOUR - SECOND: "2025-10-26",  # the day has 25 hours
        MIDNIGHT + 25 * HOUR: "2025-10-27",
    }
    with Ledger(environment(database.conninfo(APP), pool=1), clock) as ledger:
        stream = publish_in(ledger)
        position = ledger.head()
        for moment in days:
            clock.at = moment
            submit(ledger, stream, Comment(comment="A remark."))
        entries = ledger.page(position, 100)
    assert {entry.stamp.at: entry.stamp.on for entry in entries} == days


def test_a_deadline_passes_at_londons_midnight_and_not_before_though_the_clock_goes_back(
    database: Database,
) -> None:
    over = datetime(2025, 10, 27, tzinfo=UTC)
    clock = HeldClock(over - HOUR)
    report = publish(issue(), reference="kent-deadline-2025", on="2025-09-14")  # 42 days before
    address = f"/v1/recommendations/{recommendation_id('kent-deadline-2025-r01')}"
    with serving(database, keep=False, clock=clock) as service:
        assert service.post("/v1/reports", msgspec.to_builtins(report)).is_success

        def state_at(moment: datetime) -> tuple[str, str]:
            clock.at = moment
            (plan,) = (
                c for c in service.get(address).json()["clocks"] if c["name"] == "action_plan"
            )
            return plan["due"], plan["state"]

        last = ("2025-10-26", "running")
        assert state_at(over - HOUR) == last  # UTC+1 has midnight here, but London's is over
        assert state_at(over - SECOND) == last
        assert state_at(over) == ("2025-10-26", "overdue")
        assert state_at(over - SECOND) == last, "the clock went back"
