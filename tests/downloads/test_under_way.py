"""Files under way: how many there are at a time, and how long each may take."""

import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from adapters.postgres.database import OWNER, Database
from domain.vocabulary.actors import Actor
from projections.register.model import Register
from tests.support.data import tables
from tests.support.data.examples import ESSEX, INSPECTOR, KENT
from tests.support.served.serving import AUDITOR, Service, published, serving, settings

FILE = "/v1/recommendations.csv"
WAIT_SECONDS = 10


@contextmanager
def held(database: Database) -> Generator[psycopg.Connection]:
    """Hold the register, so that whoever reads it waits."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute("LOCK TABLE " + Register.schema + ".standing IN ACCESS EXCLUSIVE MODE")
        yield connection


def wait_for_readers(holder: psycopg.Connection, many: int) -> None:
    """Wait until so many readers wait for the register."""
    until = time.monotonic() + WAIT_SECONDS
    sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
    while True:
        row = holder.execute(sql, (Register.schema + ".standing",)).fetchone()
        if row and row[0] == many:
            return
        assert time.monotonic() < until, row
        time.sleep(0.01)


def test_an_actor_has_one_file_under_way_and_a_process_makes_two(
    service: Service, make_database: Database
) -> None:
    published(service, "kent-files-2022")

    def ask(actor: Actor) -> httpx.Response:
        return service.get(FILE, actor)

    with ThreadPoolExecutor(2) as threads:
        with held(make_database) as holder:
            first: Future[httpx.Response] = threads.submit(ask, KENT)
            wait_for_readers(holder, 1)
            again = ask(KENT)
            second = threads.submit(ask, ESSEX)
            wait_for_readers(holder, 2)
            third = ask(INSPECTOR)
        assert first.result().status_code == second.result().status_code == 200
    for refused, words in ((again, "on its way to you"), (third, "Other files are being made")):
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert words in refused.json()["detail"]
    assert ask(KENT).status_code == ask(INSPECTOR).status_code == 200


def test_a_file_that_takes_too_long_is_given_up_and_leaves_nothing_behind(
    make_database: Database, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = published(service, "kent-late-2022").position
    assert service.get(f"/v1/recommendations?position={position}").is_success
    monkeypatch.setattr("api.app.DOWNLOAD_SECONDS", 2.0)
    with serving(make_database, keep=False, chosen=settings()) as hasty:
        with held(make_database):
            began = time.monotonic()
            late = hasty.client.get(FILE, headers=service.headers(AUDITOR))
            assert 1.9 < time.monotonic() - began < WAIT_SECONDS
        assert late.status_code == 503
        assert "Retry-After" in late.headers
        whole = hasty.client.get(FILE, headers=service.headers(AUDITOR))
        assert whole.status_code == 200
    rows = [row["id"] for row in tables.read_csv(whole.content)]
    listed = service.get("/v1/recommendations").json()["items"]
    assert rows == [item["id"] for item in listed]
