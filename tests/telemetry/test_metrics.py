"""Metrics: counted over all workers, on an address of their own, without anybody's text."""

import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters import settings
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, Database
from adapters.postgres.embedded import Embedded
from adapters.secret_files import SettingsError
from api.metrics_server import serving_metrics
from tests.conftest import connect_to
from tests.support.data.examples import INSPECTOR, published
from tests.support.served.program import Program, free_port, served
from tests.support.served.serving import token_of

SECONDS = 60
COMMENTS = 12


def scraped(port: int) -> str:
    return httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text


def value(text: str, name: str, **labels: str) -> float:
    """Return the sum of the samples with a name and some labels."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Path, Database]]:
    data = tmp_path_factory.mktemp("measured")
    with Embedded(data).use() as address:
        assert Program(data, "token", "list").ended() == 0
        yield data, connect_to(address, "tracker")


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_metrics_count_commands_and_refusals_of_every_worker(
    embedded: tuple[Path, Database], workers: str
) -> None:
    data, database = embedded
    port, canary = free_port(), f"canary-{uuid4()}"
    with Ledger(environment(database.conninfo(APP), pool=1)) as ledger:
        stream = published(ledger, reference=f"measured-{workers}")
    headers = {"Authorization": f"Bearer {token_of(database, INSPECTOR)}"}
    with served(data, "--workers", workers, TRACKER_METRICS=f"127.0.0.1:{port}") as service:
        address = f"{service.url}/v1/recommendations/{stream}/commands"
        for _ in range(COMMENTS):  # each on a new connection, so that both workers get some
            comment = {"type": "comment", "comment": canary}
            assert httpx.post(address, json=comment, headers=headers).status_code == 201
            assert httpx.post(address, json={"type": canary}, headers=headers).status_code == 400
            assert httpx.get(f"{service.url}/v1/people?q={canary}").status_code == 401
        until = time.monotonic() + SECONDS
        while value(text := scraped(port), "tracker_pool_connections", pool="loop") < 4 * int(
            workers
        ):  # the pools are measured every few seconds
            assert time.monotonic() < until, text
            time.sleep(0.2)
    assert value(text, "tracker_commands_total", command="comment") == COMMENTS
    assert value(text, "tracker_problems_total", problem="invalid") == COMMENTS
    assert value(text, "tracker_problems_total", problem="unauthenticated") == COMMENTS
    route = "/v1/recommendations/{stream}/commands"
    seconds = {"route": route, "method": "POST", "status": "201"}
    assert value(text, "tracker_request_seconds_count", **seconds) == COMMENTS
    assert value(text, "tracker_append_commands_sum") >= COMMENTS
    assert value(text, "tracker_database_up") == 1
    assert canary not in text


def test_metrics_say_how_far_the_ledger_and_its_read_models_are(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    port = free_port()
    with serving_metrics(database, ("127.0.0.1", port)):
        text = scraped(port)
    assert value(text, "tracker_ledger_position") == ledger.head()
    age = time.time() - value(text, "tracker_ledger_last_entry_timestamp_seconds")
    assert 0 <= age < SECONDS
    assert value(text, "tracker_table_bytes", table="public.ledger_events") > 0
    assert value(text, "tracker_schema_step") > 0


def test_metrics_say_that_the_database_is_down() -> None:
    away = "host=127.0.0.1 port=1 dbname=tracker"
    port = free_port()
    with serving_metrics(Database(away, away), ("127.0.0.1", port)):
        text = scraped(port)
    assert "tracker_database_up 0.0" in text
    assert "tracker_ledger_position" not in text


def test_a_silent_caller_does_not_hold_up_metrics_for_long(database: Database) -> None:
    port = free_port()
    with (
        serving_metrics(database, ("127.0.0.1", port)),
        socket.create_connection(("127.0.0.1", port)),
    ):
        assert value(scraped(port), "tracker_database_up") == 1


def test_metrics_are_written_as_prometheus_reads_them(database: Database) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: apt install prometheus)")
    port = free_port()
    with serving_metrics(database, ("127.0.0.1", port)):
        text = scraped(port)
    checked = subprocess.run(
        ["promtool", "check", "metrics"],  # noqa: S607  where the system has it
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.parametrize("text", ["9464", "localhost:9464", "127.0.0.1", "[::1]", "::1:x", ":9464"])
def test_an_invalid_address_of_metrics_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match="TRACKER_METRICS"):
        settings.read({"TRACKER_METRICS": text, "HOME": "/"})


def test_the_address_of_metrics_may_be_of_either_protocol() -> None:
    assert settings.read({"TRACKER_METRICS": "[::1]:9464"}).metrics == ("::1", 9464)
    assert settings.read({"TRACKER_METRICS": "127.0.0.1:9464"}).metrics == ("127.0.0.1", 9464)
