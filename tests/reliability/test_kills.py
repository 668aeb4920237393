"""kill -9 of anything under load: every answer stays true, and nothing is lost or repeated.

`--long` runs as many operations and kills as docs/reliability.md states.
"""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from random import Random

import psycopg
import pytest
from msgspec import Struct

from adapters.audit.check import Checker
from adapters.ledger.ledger import Ledger
from adapters.ledger.queries import StoredRow
from adapters.ledger.recorder import environment
from adapters.ledger.subscription import BatchSubscription
from adapters.postgres.database import APP, CHECKER, OWNER, Database
from adapters.postgres.embedded import Embedded
from domain.events.recommendation import Commented
from projections.read_models import READ_MODELS
from projections.runtime.rebuild import rebuild
from tests.conftest import connect_to
from tests.reliability.processes import READY_SECONDS, ServedProcess
from tests.reliability.workload import FIRST_STEP, Workload, make_streams
from tests.support.data.examples import INSPECTOR
from tests.support.served.serving import serving, settings, token_of

pytestmark = [pytest.mark.crash, pytest.mark.slow]


class Scale(Struct, frozen=True):
    operations: int
    kills: int


@pytest.fixture
def scale(request: pytest.FixtureRequest) -> Scale:
    return Scale(5_000, 5) if request.config.getoption("--long") else Scale(250, 2)


class World(Struct):
    data: Path
    database: Database
    serving: ServedProcess
    random: Random


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Generator[World]:
    workers = 2 if request.node.callspec.params["victim"] in {"worker", "parent"} else 1
    with Embedded(tmp_path).use() as address:
        serving = ServedProcess(tmp_path, workers=workers)
        serving.start()
        yield World(
            tmp_path,
            connect_to(address, "tracker"),
            serving,
            Random(11),  # noqa: S311  the same each time, no secret
        )


def kill_service(world: World) -> None:
    world.serving.kill()
    world.serving.start()


def kill_worker(world: World) -> None:
    os.kill(world.random.choice(world.serving.workers()), signal.SIGKILL)


def kill_postgres(world: World) -> None:
    (file,) = world.data.glob("pg*/postmaster.pid")
    os.kill(int(file.read_text("utf-8", "surrogateescape").split()[0]), signal.SIGKILL)


def kill_backend(world: World) -> None:
    """Kill -9 one connection's process: PostgreSQL ends all others and recovers."""
    with psycopg.connect(world.database.conninfo(OWNER), autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid() AND datname = current_database()"
        ).fetchall()
        os.kill(world.random.choice(rows)[0], signal.SIGKILL)


VICTIMS: dict[str, Callable[[World], None]] = {
    "service": kill_service,
    "worker": kill_worker,
    "parent": kill_service,
    "postgres": kill_postgres,
    "backend": kill_backend,
}


@pytest.mark.parametrize("victim", VICTIMS)
def test_kills_leave_every_answer_true_and_every_entry_once(
    world: World, victim: str, scale: Scale, record_property: Callable[[str, object], None]
) -> None:
    with Ledger(environment(world.database.conninfo(APP), pool=1)) as ledger:
        streams = make_streams(ledger, 10 + scale.operations // 100)
    token = token_of(world.database, INSPECTOR)
    workload = Workload([world.serving.url], token, streams, scale.operations)
    following = Ledger(environment(world.database.conninfo(APP), pool=2))
    reader = Reader(following)
    began = time.monotonic()
    with following:
        reader.start()
        workload.start()
        for number in range(scale.kills):
            goal = scale.operations * (number + 1) // (scale.kills + 1)
            while workload.done < goal:
                time.sleep(0.02)
            VICTIMS[victim](world)
        workload.join()
        seconds = time.monotonic() - began
        assert 500 not in workload.statuses
        assert_recorded_once(world.database, workload)
        reader.stop_at(following.head())
        assert reader.seen == following.rows.page(0, len(reader.seen) + 1)
        assert [row[4] for row in reader.seen] == list(range(1, len(reader.seen) + 1))
    assert_lists_are_right(world.database)
    assert world.serving.stop() == 0
    record_property(
        "figures",
        f"{workload.done} operations, {workload.count('conflict')} conflicts,"
        f" {workload.count('unknown')} without an answer, {scale.kills} kills, {seconds:.0f} s",
    )


def test_a_store_in_which_two_can_win_one_step_is_caught(database: Database) -> None:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        row = connection.execute("SELECT pg_get_functiondef('ledger_append'::regproc)").fetchone()
        assert row
        check = "h.step <> last.step + 1"
        assert check in row[0]
        connection.execute(row[0].replace(check, "false").encode())
        connection.execute("ALTER TABLE ledger_events DROP CONSTRAINT ledger_events_pkey")
    with Ledger(environment(database.conninfo(APP), pool=1)) as ledger:
        streams = make_streams(ledger, 20)
    token = token_of(database, INSPECTOR)
    chosen = settings(TRACKER_COMMAND_RATE=1_000_000)
    with (
        serving(database, keep=False, chosen=chosen) as one,
        serving(database, keep=False, chosen=chosen) as other,
    ):
        workload = Workload([one.url, other.url], token, streams, 600)
        workload.start()
        workload.join()
    assert workload.not_linearizable() != []


class Reader(threading.Thread):
    """Tails the ledger by a subscription, whatever happens to the database."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.seen: list[StoredRow] = []
        subscription = ledger.rows.subscribe(gt=0)
        assert isinstance(subscription, BatchSubscription)
        self._subscription = subscription

    def run(self) -> None:
        with self._subscription:
            for rows in self._subscription.batches():
                self.seen += rows

    def stop_at(self, position: int) -> None:
        until = time.monotonic() + READY_SECONDS
        while not self.seen or self.seen[-1][4] < position:
            assert time.monotonic() < until
            time.sleep(0.05)
        self._subscription.stop()
        self.join()


def assert_recorded_once(database: Database, workload: Workload) -> None:
    """Assert that the ledger holds each answered append once, and is without fault."""
    with Ledger(environment(database.conninfo(CHECKER), pool=1)) as ledger:
        checker = Checker(ledger.rows)
        checker.run(lambda _done, _of: None)
        assert checker.faults == []
        comments = [e for e in ledger.page(0, 1_000_000) if isinstance(e.event, Commented)]
        notes = ledger.notes([entry.id for entry in comments])
    keys = [notes[entry.id]["comment"] for entry in comments]
    assert len(set(keys)) == len(keys), "an append was recorded twice"
    recorded = Counter(str(entry.stream) for entry in comments)
    workload.read_at_the_end({stream: FIRST_STEP + count for stream, count in recorded.items()})
    assert workload.not_linearizable() == []


def assert_lists_are_right(database: Database) -> None:
    """Assert that each read model, as it was kept all along, equals a rebuild."""
    for model in READ_MODELS:
        rebuilt = rebuild(database, model, on_progress=lambda _done, _of: None, swap=False)
        assert rebuilt.compared
        assert (rebuilt.only_live, rebuilt.only_new) == (0, 0), model.name
