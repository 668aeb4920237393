"""Rows about keeping up: catching up, lag, memory, start."""

import http.client
import socket
import subprocess
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus

import psycopg

from adapters.ledger.submission import Submission
from adapters.postgres.database import PROJECTOR
from deploy.bench import processes
from deploy.bench.baselines import stock
from deploy.bench.load.appends import INSPECTOR, Commands
from deploy.bench.processes import Failed, Helper
from deploy.bench.rows.memory import Peak
from deploy.bench.rows.registry import row
from deploy.bench.world import Site, World, export, forget, reached
from domain.commands.recommendation import Comment
from projections.read_models import READ_MODELS
from projections.register.model import Register
from projections.runtime.read_model import ReadModel

COMMANDS_PER_SECOND = 500
LAG_SECONDS_MIN = 3
PERCENTILE = 0.99
MONTHS_MIN, MONTHS_MAX = 10, 60
NANOSECONDS_PER_MILLISECOND = 1_000_000
WAIT_SECONDS_MAX = 60
POLL_SECONDS = 0.001
_COPY = "COPY (SELECT * FROM ledger_events ORDER BY notification_id) TO STDOUT (FORMAT binary)"


@row("catch-up", "catching up, all read models / COPY of the same entries", 0.2)
def _(world: World) -> float:
    return world.ratio(partial(_caught_up, world, READ_MODELS), partial(_copied, world))


@row("catch-up-one", "catching up, the register / COPY of the same entries", 0.35)
def _(world: World) -> float:
    return world.ratio(partial(_register, world), partial(_copied, world))


@row("catch-up-stock", "catching up, the register / the library's runner", 200)
def _(world: World) -> float:
    return world.ratio(partial(_register, world), partial(stock.catch_up, world.empty.conninfo))


def _register(world: World) -> float:
    return world.once("register", partial(_caught_up, world, (Register,)))


def _caught_up(world: World, models: Sequence[type[ReadModel]]) -> float:
    """Return entries per second."""
    site = world.full
    return site.size.entries / site.catch_up(models)


def _copied(world: World) -> float:
    """Return the entries per second that PostgreSQL sends."""
    site = world.full
    began = time.perf_counter()
    with (
        psycopg.connect(site.conninfo) as connection,
        connection.cursor().copy(_COPY) as copy,
    ):
        for _ in copy:
            pass
    return site.size.entries / (time.perf_counter() - began)


@row("export", "exporting as lines of JSON / COPY of the same entries", 0.2)
def _(world: World) -> float:
    return world.ratio(partial(_exported, world), partial(_copied, world))


def _exported(world: World) -> float:
    """Return the entries per second written as lines of JSON."""
    site = world.full
    began = time.perf_counter()
    return export(site.database) / (time.perf_counter() - began)


@row("lag", "commit to seen in the register at 500 commands/s, p99 in ms", 10, at_most=True)
def _(world: World) -> float:
    site = world.play
    site.read_models()
    pairs = (MONTHS_MAX - MONTHS_MIN) // 2
    task = Commands(
        site.app,
        site.typical,
        COMMANDS_PER_SECOND,
        max(LAG_SECONDS_MIN, world.scale.seconds),
        MONTHS_MIN + world.round % pairs * 2,
    )
    keeping = processes.start(("-m", "api.cli", "project"), site.conninfo, subprocess.DEVNULL)
    try:
        with (
            processes.helping(task) as helper,
            psycopg.connect(site.database.conninfo(PROJECTOR), autocommit=True) as connection,
        ):
            comment = Submission(site.typical[0], Comment(comment="Begin."))
            begun = site.ledger.submit([comment], INSPECTOR).position
            _wait_for(lambda: reached(connection, Register) >= begun)
            helper.go()
            return _lag(connection, helper)
    finally:
        processes.stop(keeping)


def _lag(connection: psycopg.Connection, helper: Helper) -> float:
    """Return the milliseconds from commit to visibility for a reader, 99th percentile."""
    positions, moments = [0], [0]
    with ThreadPoolExecutor(1) as hearing:
        heard = hearing.submit(helper.hear, list[tuple[int, int]])

        def all_seen() -> bool:
            position = reached(connection, Register)
            if position > positions[-1]:
                positions.append(position)
                moments.append(time.monotonic_ns())
            return heard.done() and position >= max(heard.result())[0]

        _wait_for(all_seen)
    lags = sorted(moments[bisect_left(positions, place)] - at for place, at in heard.result())
    return lags[int(len(lags) * PERCENTILE)] / NANOSECONDS_PER_MILLISECOND


def _wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_SECONDS_MAX
    while not condition():
        if time.monotonic() > until:
            raise Failed(f"it took longer than {WAIT_SECONDS_MAX} s")
        time.sleep(POLL_SECONDS)


@row("memory-catch-up", "the most MB, catching up with all", 128, at_most=True, once=True)
def _(world: World) -> float:
    site = world.full
    forget(site.database, READ_MODELS)
    return processes.run_helper(Peak(site.conninfo, "catch_up"), float)


@row("memory-check", "the most MB, checking every entry", 128, at_most=True, once=True)
def _(world: World) -> float:
    return processes.run_helper(Peak(world.full.conninfo, "check"), float)


@row("memory-export", "the most MB, exporting every entry", 128, at_most=True, once=True)
def _(world: World) -> float:
    return processes.run_helper(Peak(world.full.conninfo, "export"), float)


@row("start", "seconds until `tracker serve` is ready", 1, at_most=True)
def _(world: World) -> float:
    site = world.play
    site.read_models()
    if not world.round:
        _start(site)  # leaves the bytecode, as an installation does
    return _start(site)


def _start(site: Site) -> float:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    began = time.perf_counter()
    command = ("-m", "api.cli", "serve", "--port", str(port))
    process = processes.start(command, site.conninfo, subprocess.DEVNULL)
    try:
        _wait_for(partial(_is_ready, port))
        return time.perf_counter() - began
    finally:
        processes.stop(process)


def _is_ready(port: int) -> bool:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS_MAX)
    try:
        client.request("GET", "/health/ready")
        return client.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        client.close()
