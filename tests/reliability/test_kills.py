"""kill -9 of anything under load: every answer stays true, and nothing is lost or repeated.

`--long` runs as many operations and kills as docs/reliability.md states.
"""

import os
import signal
import time
from collections.abc import Callable, Generator
from pathlib import Path
from random import Random

import psycopg
import pytest
from msgspec import Struct

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, OWNER, Database
from adapters.postgres.embedded import Embedded
from tests.conftest import connect_to
from tests.reliability.conftest import Scale
from tests.reliability.proofs import Reader, assert_lists_are_right, assert_recorded_once
from tests.reliability.workload import UNLIMITED, Workload, make_streams
from tests.support.data.examples import INSPECTOR
from tests.support.served.program import (
    Program,
    can_listen,
    eventually,
    free_port,
    kill_postgres,
    served,
)
from tests.support.served.serving import serving, settings, token_of

pytestmark = [pytest.mark.crash, pytest.mark.slow]


class World(Struct):
    data: Path
    database: Database
    serving: Program
    random: Random


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Generator[World]:
    workers = "2" if request.node.callspec.params["victim"] in {"worker", "parent"} else "1"
    with Embedded(tmp_path).use() as address:
        random = Random(11)  # noqa: S311  the same each time, no secret
        words = ("--port", str(free_port()), "--workers", workers)  # the same at each start
        with served(tmp_path, *words, **UNLIMITED) as serving:
            yield World(tmp_path, connect_to(address, "tracker"), serving, random)


def kill_service(world: World) -> None:
    port = world.serving.port
    world.serving.kill()
    assert eventually(lambda: can_listen(port)), "its workers end after it"
    world.serving.start()
    world.serving.wait_until_ready()


def kill_worker(world: World) -> None:
    os.kill(world.random.choice(world.serving.workers()), signal.SIGKILL)


def kill_server(world: World) -> None:
    kill_postgres(world.data)


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
    "postgres": kill_server,
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
