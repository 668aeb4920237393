"""Readiness: answered truly for many at once, and only where commands can be recorded."""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import LiteralString

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from adapters.postgres.database import OWNER, PROJECTOR, Database
from projections.register.model import Register
from tests.support.served.serving import (
    START_SECONDS,
    Served,
    Service,
    published,
    settings,
    wait_for,
)

AT_ONCE = 300


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(chosen=settings(TRACKER_LAG_MAX=1))


@contextmanager
def as_owner(database: Database) -> Generator[psycopg.Connection]:
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        yield connection


def test_three_hundred_probes_at_once_are_answered_truly(service: Service) -> None:
    async def probe() -> list[int]:
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(base_url=service.url, timeout=30, limits=limits) as client:
            answers = await asyncio.gather(*(client.get("/health/ready") for _ in range(AT_ONCE)))
            return [answer.status_code for answer in answers]

    assert set(asyncio.run(probe())) == {200}


@pytest.mark.parametrize(
    ("doubt", "mend", "words"),
    [
        (
            "UPDATE ledger_lineages SET server = '1/00000001/1'",
            "SELECT ledger_begin_lineage('Tried.')",
            "restored or promoted copy",
        ),
        (
            "SELECT setval('ledger_frozen_through', 4000000000000000)",
            "SELECT ledger_begin_lineage('Tried.')",
            "ahead of the clock",
        ),
        (
            "ALTER ROLE tracker_app IN DATABASE {} SET default_transaction_read_only = on",
            "ALTER ROLE tracker_app IN DATABASE {} RESET default_transaction_read_only",
            "read-only",
        ),
    ],
)
def test_the_service_is_not_ready_while_nothing_can_be_recorded(
    service: Service, make_database: Database, doubt: LiteralString, mend: LiteralString, words: str
) -> None:
    with as_owner(make_database) as connection:
        name = Identifier(connection.info.dbname)
        connection.execute("ALTER TABLE ledger_lineages DISABLE TRIGGER append_only")
        connection.execute(SQL(doubt).format(name))
        try:
            answer = service.get("/health/ready")
            assert answer.status_code == 503
            assert answer.json()["recording"] is False
            assert words in answer.json()["detail"]
        finally:
            connection.execute(SQL(mend).format(name))
    assert service.get("/health/ready").status_code == 200


def test_the_service_is_not_ready_while_an_append_holds_up_all_others(
    service: Service, make_database: Database
) -> None:
    with as_owner(make_database) as connection:
        connection.execute("SELECT pg_advisory_lock(7411, 1)")
        answer = service.get("/health/ready")
        assert (answer.status_code, answer.json()["recording"]) == (503, False)
    wait_for(service.client, "/health/ready")


def test_the_service_is_not_ready_while_a_list_is_too_far_behind(
    service: Service, make_database: Database
) -> None:
    with psycopg.connect(make_database.conninfo(PROJECTOR)) as held:
        held.execute("TABLE " + Register.tracking + " FOR UPDATE")
        published(service, "kent-behind-2023")
        wait_for(service.client, "/health/ready", 503)
        until = time.monotonic() + START_SECONDS
        while (answer := service.get("/health/ready").json())["read_models"]["reports"]["lag"]:
            assert time.monotonic() < until, "the other lists go on"
        assert "The list register is" in answer["detail"]
        assert answer["read_models"]["register"]["lag_seconds"] > 1
    wait_for(service.client, "/health/ready")


def test_ready_names_the_lineage_of_the_ledger(service: Service, make_database: Database) -> None:
    first = service.get("/health/ready").json()["lineage"]
    with as_owner(make_database) as connection:
        ((begun,),) = connection.execute("SELECT ledger_begin_lineage('Tried.')").fetchall()
    assert service.get("/health/ready").json()["lineage"] == str(begun) != first
    for feed in ("/feeds/reports.atom", "/feeds/recommendations.atom", "/feeds/changes.atom"):
        assert f'term="{begun}"' in service.get(feed).text, "who follows a feed notices it too"
