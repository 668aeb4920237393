"""Outages: whatever the database does, a caller hears of it in time, and the service recovers."""
# pyright: reportPrivateUsage=false

import asyncio
import os
import signal
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
import psycopg
import pytest
from eventsourcing.persistence import OperationalError
from psycopg.conninfo import make_conninfo

from adapters.identity.links import make_link
from adapters.ledger.async_ledger import AsyncLedger
from adapters.ledger.ledger import Ledger
from adapters.ledger.queries import head
from adapters.ledger.recorder import environment, writing
from adapters.postgres import database as database_module
from adapters.postgres.database import APP, OWNER, PROJECTOR, Database, database
from adapters.postgres.errors import DeadlineExceeded, is_transient, named
from adapters.postgres.limits import CUT_POLL_SECONDS, connect
from adapters.postgres.query import Query
from adapters.settings import Settings
from tests.support.data.examples import KENT, issue, publish
from tests.support.data.examples import published as published_directly
from tests.support.served.browser import Browser
from tests.support.served.serving import command, published, serving, settings, wait_for
from tests.support.served.tcp_proxy import TcpProxy, proxied

DEADLINE = 0.5
WAIT = 2
SLACK = 8
"""Seconds that a loaded machine may add."""


@contextmanager
def _in_threads(through: Database) -> Generator[Callable[[], object]]:
    env = environment(through.conninfo(APP), pool=2, wait=WAIT, deadline=DEADLINE)
    with Ledger(env) as ledger:
        yield lambda: ledger.rows.run(head())


@contextmanager
def _by_cursor(through: Database) -> Generator[Callable[[], object]]:
    env = environment(through.conninfo(APP), pool=2, wait=WAIT, deadline=DEADLINE)
    with Ledger(env) as ledger:
        yield lambda: ledger.rows.read(lambda c: c.execute("SELECT 1").fetchone())


@contextmanager
def _in_a_transaction(through: Database) -> Generator[Callable[[], object]]:
    def ask() -> object:
        with writing(ledger.rows.datastore) as connection:
            return connection.rows(Query("SELECT 1"))

    env = environment(through.conninfo(APP), pool=2, wait=WAIT, deadline=DEADLINE)
    with Ledger(env) as ledger:
        yield ask


@contextmanager
def _on_the_loop(through: Database) -> Generator[Callable[[], object]]:
    with asyncio.Runner() as runner:
        ledger = AsyncLedger(through.conninfo(APP), wait=WAIT, deadline=DEADLINE)
        runner.run(ledger.__aenter__())
        try:
            yield lambda: runner.run(ledger.run(head()))
        finally:
            runner.run(ledger.__aexit__())


Way: TypeAlias = Callable[[Database], AbstractContextManager[Callable[[], object]]]
READING: list[Way] = [_in_threads, _by_cursor, _on_the_loop]


def _took(ask: Callable[[], object]) -> float:
    began = time.monotonic()
    with pytest.raises(OperationalError):
        ask()
    return time.monotonic() - began


def test_a_session_of_its_own_is_given_up_when_the_database_falls_silent(
    make_database: Database,
) -> None:
    with (
        proxied(make_database) as (through, proxy),
        connect(through.conninfo(APP), limit=DEADLINE) as connection,
    ):
        proxy.to("half-open")
        began = time.monotonic()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
        assert time.monotonic() - began < DEADLINE + SLACK


@pytest.mark.parametrize("way", [*READING, _in_a_transaction])
@pytest.mark.parametrize("state", ["half-open", "stalled"])
def test_a_database_that_falls_silent_is_given_up_at_a_deadline(
    make_database: Database, way: Way, state: Literal["half-open", "stalled"]
) -> None:
    with proxied(make_database) as (through, proxy), way(through) as ask:
        ask()
        proxy.to(state)
        with pytest.raises(DeadlineExceeded):
            ask()
        assert _took(ask) < DEADLINE + WAIT + SLACK
        proxy.to("whole")
        _recovers(ask)


def test_a_connection_that_was_cut_between_two_statements_is_replaced(
    make_database: Database,
) -> None:
    env = environment(make_database.conninfo(APP), pool=1, wait=WAIT, deadline=DEADLINE)
    with Ledger(env) as ledger:
        ledger.rows.read(lambda _cursor: time.sleep(DEADLINE + 2 * CUT_POLL_SECONDS))
        assert ledger.rows.run(head()) is None


def _recovers(ask: Callable[[], object]) -> None:
    until = time.monotonic() + database_module.CONNECT_SECONDS + WAIT + SLACK
    while True:
        try:
            ask()
        except OperationalError:
            assert time.monotonic() < until
        else:
            return


@pytest.mark.parametrize("way", READING)
def test_a_lost_connection_is_replaced_without_the_caller_noticing(
    make_database: Database, way: Callable[[Database], Generator[Callable[[], object]]]
) -> None:
    with proxied(make_database) as (through, proxy), way(through) as ask:  # type: ignore[attr-defined]
        for _ in range(3):
            ask()
            proxy.reset()
            ask()


def test_a_command_waits_for_the_append_lock_for_a_limited_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = {"statement_timeout": "30s", "lock_timeout": "300ms"}
    monkeypatch.setitem(database_module._OF_ROLE, APP, limited)
    with (
        serving(database, keep=False) as service,
        psycopg.connect(database.conninfo(OWNER)) as other,
    ):
        stream = published(service, "kent-held-2022").recommendations[0]
        other.execute("SELECT pg_advisory_xact_lock(7411, 1)")
        began = time.monotonic()
        answer = command(service, stream, KENT, "comment", comment="Late.")
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert time.monotonic() - began < SLACK
        other.rollback()
        assert command(service, stream, KENT, "comment", comment="In time.").status_code == 201


def test_every_role_has_limits_on_silence_in_the_network(make_database: Database) -> None:
    for role in (APP, OWNER, PROJECTOR):
        with psycopg.connect(make_database.conninfo(role)) as connection:
            limits = connection.info.get_parameters()
        assert {name: limits[name] for name in database_module._NETWORK} == {
            "keepalives_idle": "10",
            "keepalives_interval": "5",
            "keepalives_count": "3",
            "tcp_user_timeout": "10000",
        }


def test_the_server_too_has_limits_on_silence_in_the_network(make_database: Database) -> None:
    for role in (APP, OWNER, PROJECTOR):
        with psycopg.connect(make_database.conninfo(role)) as connection:
            options = connection.info.get_parameters()["options"]
        for limit in (
            "tcp_keepalives_idle=10",
            "tcp_keepalives_interval=5",
            "tcp_keepalives_count=3",
            "client_connection_check_interval=10000",
        ):
            assert f"-c {limit}" in options


@pytest.mark.parametrize(
    "state",
    [
        "08006", "25006", "25P03", "53100", "53200", "53300", "55P03", "57014", "57P01", "57P02",
        "57P03", "57P05", "58030",
    ],
)  # fmt: skip
def test_an_outage_is_known_by_its_state(state: str) -> None:
    assert is_transient(_caused(psycopg.errors.lookup(state)("x")))


@pytest.mark.parametrize(
    "error",
    [
        psycopg.DatabaseError("server closed the connection unexpectedly"),
        psycopg.OperationalError("consuming input failed"),
        psycopg.InterfaceError("the connection is closed"),
    ],
)
def test_an_error_without_a_state_is_a_lost_connection(error: psycopg.Error) -> None:
    assert type(named(error)).__name__ == "ConnectionLost"


@pytest.mark.parametrize(
    "error",
    [
        psycopg.DataError("a text field cannot contain NUL"),
        psycopg.ProgrammingError("the query has 1 placeholder"),
        psycopg.errors.UniqueViolation("duplicate key"),
        psycopg.errors.SyntaxError("near FROM"),
    ],
)
def test_a_mistake_of_the_program_is_no_outage(error: psycopg.Error) -> None:
    assert not is_transient(_caused(error))


def _caused(error: psycopg.Error) -> Exception:
    translated = named(error)
    translated.__cause__ = error
    return translated


def test_a_database_that_cannot_be_written_answers_commands_in_words(
    database: Database,
) -> None:
    options = "-c default_transaction_read_only=on"
    url = make_conninfo(database.url, options=options)
    with serving(database, keep=False) as service:
        stream = published(service, "kent-standby-2022").recommendations[0]
    closed = Database(url, database.owner_url, embedded=database.embedded)
    with serving(closed, keep=False) as service:
        comment = {"type": "comment", "comment": "Lost?"}
        answers = [
            command(service, stream, KENT, "comment", comment="Lost?"),
            service.post("/v1/commands", [{"stream": stream, "command": comment}]),
            service.post("/v1/reports", msgspec.to_builtins(publish(issue("kent")))),
        ]
        assert [answer.status_code for answer in answers] == [503] * 3
        assert {answer.json()["type"] for answer in answers} == {"/problems/unavailable"}
        code = make_link(database.conninfo(OWNER), KENT)
        page = Browser(service).post("/sign-in/link", {"code": code})
        assert (page.status_code, "Database unavailable" in page.text) == (503, True)


@pytest.mark.crash
@pytest.mark.slow
def test_a_killed_process_of_postgresql_costs_no_fault(tmp_path: Path) -> None:
    """The server then ends every connection without a word, and starts over."""
    with (
        database(Settings(TRACKER_DATA=tmp_path)) as opened,
        serving(opened, chosen=settings()) as service,
    ):
        stream = published(service, "kent-killed-2022").recommendations[0]

        def read(_: int) -> int:
            return service.get("/v1/recommendations").status_code

        def write(number: int) -> int:
            words = f"number {number}"
            return command(service, stream, KENT, "comment", comment=words).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(read, range(8))) == {200}
            with psycopg.connect(opened.conninfo(OWNER)) as connection:
                query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"
                victim = connection.execute(query).fetchall()[0][0]
            os.kill(victim, signal.SIGKILL)
            answers = [*pool.map(read, range(16)), *pool.map(write, range(8))]
        assert set(answers) <= {200, 201, 503}
        wait_for(service.client, "/v1/recommendations")
        assert write(99) == 201


def test_the_proxy_of_these_tests_breaks_what_it_says(make_database: Database) -> None:
    with proxied(make_database) as (through, proxy):
        assert isinstance(proxy, TcpProxy)
        with psycopg.connect(through.conninfo(APP)) as connection:
            connection.execute("SELECT 1")
            proxy.reset_after = 10
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT repeat('x', 100000)")
    with Ledger(environment(make_database.conninfo(APP), pool=1)) as ledger:
        published_directly(ledger)
