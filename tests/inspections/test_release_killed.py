"""The release of reports at their minute, while the service is killed again and again."""

import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import cast

import httpx
import psycopg
import pytest
import uvicorn

from adapters.postgres.database import OWNER
from adapters.postgres.embedded import Embedded
from tests.conftest import connect_to
from tests.support.data.examples import INSPECTOR, OTHER_INSPECTOR
from tests.support.data.inspections import Inspecting
from tests.support.served.program import Program, can_listen, eventually, free_port, served
from tests.support.served.serving import Service, token_of

pytestmark = [pytest.mark.crash, pytest.mark.slow]

REPORTS, KILLS = 12, 8
LEAST_SECONDS = 15
"""The least time in which the reports that are drafted are embargoed and agreed to."""
COUNTED = """
    SELECT count(*) FILTER (WHERE topic = 'report.published'),
           count(*) FILTER (WHERE topic = 'inspection.report_released'),
           count(*) FILTER (WHERE topic = 'recommendation.issued'),
           (SELECT count(*) FROM inspection_drafts)
      FROM ledger_events"""


def next_minute() -> datetime:
    soon = datetime.now(UTC) + timedelta(seconds=60 + LEAST_SECONDS)
    return soon.replace(second=0, microsecond=0)


def test_every_report_is_released_once_through_kills_in_that_minute(tmp_path: Path) -> None:
    random = Random(7)  # noqa: S311  the same each time, no secret
    with Embedded(tmp_path).use() as address:
        database = connect_to(address, "tracker")
        words = ("--port", str(free_port()), "--workers", "2")
        with served(tmp_path, *words) as running, httpx.Client(base_url=running.url) as client:
            tokens = {actor: token_of(database, actor) for actor in (INSPECTOR, OTHER_INSPECTOR)}
            service = Service(running.url, tokens, client, cast("uvicorn.Server", None))
            reports = [Inspecting(service, f"kent-killed-{number}") for number in range(REPORTS)]
            for kent in reports:
                kent.sent("Train all officers.", "Record it.")
            release_at = next_minute()
            for kent in reports:
                kent.agreed(release_at)
            time.sleep(max(0.0, (release_at - datetime.now(UTC)).total_seconds()))
            for _ in range(KILLS):
                time.sleep(random.uniform(0.0, 1.6))
                killed(running)
            with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:

                def counted() -> tuple[int, ...]:
                    return connection.execute(COUNTED).fetchall()[0]

                done = (REPORTS, REPORTS, 2 * REPORTS, 0)
                assert eventually(lambda: counted() == done), counted()
                time.sleep(2)
                assert counted() == done


def killed(running: Program) -> None:
    """Kill -9 every process of the service, and start it again."""
    port = running.port
    running.signal(signal.SIGKILL)
    running.ended()
    assert eventually(lambda: can_listen(port))
    running.start()
    running.wait_until_ready()
