"""A network between the service and its database that delays, stalls, cuts and swallows."""

import time
from collections.abc import Callable
from random import Random

import pytest

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, Database
from projections.read_models import READ_MODELS
from projections.runtime.supervisor import Supervisor
from tests.reliability.conftest import Scale
from tests.reliability.proofs import Reader, assert_lists_are_right, assert_recorded_once
from tests.reliability.workload import Workload, make_streams
from tests.support.data.examples import INSPECTOR
from tests.support.served.program import SECONDS, eventually
from tests.support.served.serving import serving, settings, token_of
from tests.support.served.tcp_proxy import TcpProxy, proxied

pytestmark = [pytest.mark.crash, pytest.mark.slow]

BETWEEN_SECONDS = 0.5


def delay(proxy: TcpProxy, random: Random) -> None:
    proxy.latency = random.uniform(0, 0.05)
    time.sleep(BETWEEN_SECONDS)
    proxy.latency = 0


def stall(proxy: TcpProxy, random: Random) -> None:
    proxy.to("stalled")
    time.sleep(random.uniform(0.1, 2))
    proxy.to("whole")


def cut(proxy: TcpProxy, random: Random) -> None:
    proxy.to("cut")
    time.sleep(random.uniform(0, 0.5))
    proxy.to("whole")


def reset_in_an_answer(proxy: TcpProxy, random: Random) -> None:
    """End the connections within the server's answers: what was committed stays unsaid."""
    proxy.reset_after = random.randrange(400)
    until = time.monotonic() + BETWEEN_SECONDS
    while proxy.reset_after >= 0 and time.monotonic() < until:
        time.sleep(0.01)
    proxy.reset_after = None


def swallow(proxy: TcpProxy, random: Random) -> None:
    proxy.to("half-open")
    time.sleep(random.uniform(0.1, 1))
    proxy.to("whole")


FAULTS: tuple[Callable[[TcpProxy, Random], None], ...] = (
    delay, stall, cut, reset_in_an_answer, swallow, reset_in_an_answer,
)  # fmt: skip


def test_a_broken_network_leaves_every_answer_true_and_every_entry_once(
    database: Database, scale: Scale, record_property: Callable[[str, object], None]
) -> None:
    random = Random(3)  # noqa: S311  the same each time, no secret
    with Ledger(environment(database.conninfo(APP), pool=1)) as ledger:
        streams = make_streams(ledger, 10 + scale.operations // 50)
    token = token_of(database, INSPECTOR)
    chosen = settings(TRACKER_COMMAND_RATE=1_000_000)
    began = time.monotonic()
    with (
        proxied(database) as (through, proxy),
        serving(through, chosen=chosen) as service,
        Ledger(environment(through.conninfo(APP), pool=2)) as following,
    ):
        reader = Reader(following)
        reader.start()
        workload = Workload([service.url], token, streams, scale.operations)
        workload.start()
        for number in range(scale.faults):
            FAULTS[number % len(FAULTS)](proxy, random)
            time.sleep(BETWEEN_SECONDS)
        workload.join()
        assert 500 not in workload.statuses
        assert_recorded_once(database, workload)
        reader.stop_at(following.head())
        assert reader.seen == following.rows.page(0, len(reader.seen) + 1)
        assert [row[4] for row in reader.seen] == list(range(1, len(reader.seen) + 1))
        assert_lists_are_right(database)
    record_property(
        "figures",
        f"{workload.done} operations, {workload.count('conflict')} conflicts,"
        f" {workload.count('unknown')} without an answer, {scale.faults} faults,"
        f" {time.monotonic() - began:.0f} s",
    )


def test_a_keeper_of_lists_that_falls_silent_is_replaced_by_another(database: Database) -> None:
    """Its session, with the lock, goes on at a server that hears nothing of the break."""
    with (
        proxied(database) as (through, proxy),
        Ledger(environment(database.conninfo(APP), pool=1)) as ledger,
        Supervisor(through, READ_MODELS) as silent,
    ):
        assert eventually(lambda: _states(silent) == {"keeping"}, SECONDS)
        with Supervisor(database, READ_MODELS) as other:
            assert eventually(lambda: _states(other) == {"standby"}, SECONDS)
            proxy.to("half-open")
            make_streams(ledger, 1)
            assert eventually(lambda: _states(other) == {"keeping"}, SECONDS)
            assert_lists_are_right(database)


def _states(supervisor: Supervisor) -> set[str]:
    return {status.state for status in supervisor.status.values()}
