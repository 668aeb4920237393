"""A long time under load: memory stays flat, and nothing is left open."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP
from adapters.postgres.embedded import Embedded
from tests.conftest import connect_to
from tests.reliability.conftest import Scale
from tests.reliability.proofs import assert_lists_are_right, assert_recorded_once
from tests.reliability.workload import UNLIMITED, Workload, make_streams
from tests.support.data.examples import INSPECTOR
from tests.support.served.program import served
from tests.support.served.serving import token_of

pytestmark = [pytest.mark.crash, pytest.mark.slow]

MEGABYTE = 1 << 20
MEMORY_MAX = 256 * MEGABYTE
GROWTH_MAX = 24 * MEGABYTE
"""What caches may still take after the first third of the time."""
ROUND_OPERATIONS = 150


def test_memory_stays_flat_and_files_closed_under_load(
    tmp_path: Path, scale: Scale, record_property: Callable[[str, object], None]
) -> None:
    with Embedded(tmp_path).use() as address, served(tmp_path, **UNLIMITED) as serving:
        database = connect_to(address, "tracker")
        token = token_of(database, INSPECTOR)
        began, until = time.monotonic(), time.monotonic() + scale.minutes * 60
        memory: list[int] = []
        files: list[int] = []
        operations = 0
        while time.monotonic() < until or len(memory) < 4:
            with Ledger(environment(database.conninfo(APP), pool=1)) as ledger:
                streams = make_streams(ledger, 4, published_before=4 * len(memory))
            workload = Workload([serving.url], token, streams, ROUND_OPERATIONS)
            workload.start()
            workload.join()
            assert_recorded_once(database, workload)
            assert workload.statuses <= {200, 201, 412}
            operations += workload.done
            memory.append(serving.memory())
            files.append(len(list(Path(f"/proc/{serving.process.pid}/fd").iterdir())))
        settled = len(memory) // 3
        assert max(memory) < MEMORY_MAX
        assert max(memory[settled:]) - memory[settled] < GROWTH_MAX
        assert max(files[settled:]) - files[settled] < 16
        assert_lists_are_right(database)
        assert serving.stop() == 0
    record_property(
        "figures",
        f"{operations} operations, {time.monotonic() - began:.0f} s,"
        f" memory {min(memory) // MEGABYTE} to {max(memory) // MEGABYTE} MB,"
        f" {min(files)} to {max(files)} open files",
    )
