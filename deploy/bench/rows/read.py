"""Rows about reading: a recommendation, a page of the register, the board; now and earlier."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import cycle
from random import Random
from time import perf_counter
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from deploy.bench.data import BEGIN, END, SEED
from deploy.bench.load.http import get, request_rate
from deploy.bench.rows.registry import row
from deploy.bench.world import Site, World
from domain.vocabulary.forces import FORCES
from projections.progress.board import read_board

CLIENTS = 8
DAYS_ASKED = 100
ROWS_ASKED = 1_000
_STREAM = (
    "SELECT originator_id, originator_version, topic, state, notification_id"
    " FROM ledger_events WHERE originator_id = %b ORDER BY 2"
)


@row("fold", "one recommendation of 20 steps, folded / its bare SELECT", 0.7)
def _(world: World) -> float:
    site = world.full
    with psycopg.connect(site.app, autocommit=True) as connection:
        cursor = connection.cursor(row_factory=tuple_row, binary=True)

        def fold(stream: UUID) -> object:
            return site.ledger.state(stream)

        def select(stream: UUID) -> object:
            return cursor.execute(_STREAM, (stream,), prepare=True).fetchall()

        return world.ratio(partial(_loads, world, fold), partial(_loads, world, select))


def _loads(world: World, load: Callable[[UUID], object]) -> float:
    """Return sequential loads per second."""
    streams = cycle(world.full.typical)
    began, done = perf_counter(), 0
    while (took := perf_counter() - began) < world.scale.seconds:
        load(next(streams))
        done += 1
    return done / took


def _recommendation(site: Site) -> list[str]:
    return [get(f"/v1/recommendations/{stream}") for stream in site.typical]


def _register(_: Site) -> list[str]:
    """Return requests for the first page of all forces and of each force."""
    return [
        get("/v1/recommendations?limit=20"),
        *(get(f"/v1/recommendations?limit=20&force={force}") for force in FORCES),
    ]


def _board(_: Site) -> list[str]:
    return [get("/v1/progress")]


Requests = Callable[[Site], list[str]]


def _rate(world: World, site: Site, requests: Requests) -> float:
    return request_rate(site.service, requests(site), CLIENTS, world.scale.seconds)


def _bare(world: World) -> float:
    site = world.full
    step = max(1, site.size.entries // ROWS_ASKED)
    requests = [get(f"/rows/{position}") for position in range(1, site.size.entries, step)]
    return request_rate(site.bare, requests, CLIENTS, world.scale.seconds)


def _by_bare(world: World, requests: Requests) -> float:
    return world.ratio(partial(_rate, world, world.full, requests), partial(_bare, world))


@row("get-one", "GET one recommendation / a bare route that selects a row", 0.6)
def _(world: World) -> float:
    return _by_bare(world, _recommendation)


@row("get-register", "GET 20 of the register / a bare route that selects a row", 0.5)
def _(world: World) -> float:
    return _by_bare(world, _register)


@row("get-board", "GET the board of 43 forces / a bare route that selects a row", 0.4)
def _(world: World) -> float:
    return _by_bare(world, _board)


def _boards(site: Site, days: Sequence[date]) -> float:
    """Return the seconds per board, read from the database each time: no answer is kept."""
    site.read_models()
    with psycopg.connect(site.app, autocommit=True) as connection:
        cursor = connection.cursor(row_factory=tuple_row)
        began = perf_counter()
        for day in days:
            read_board(cursor, on=day)
        return (perf_counter() - began) / len(days)


def _now(site: Site) -> float:
    return _boards(site, [datetime.now(UTC).date()] * DAYS_ASKED)


def _on(site: Site) -> float:
    random = Random(SEED)  # noqa: S311  reproducible days, no secret
    moments = [BEGIN + (END - BEGIN) * random.random() for _ in range(DAYS_ASKED)]
    return _boards(site, [moment.date() for moment in moments])


@row("board-on", "the board on any day / now, in time, none kept", 3, at_most=True)
def _(world: World) -> float:
    return world.ratio(partial(_on, world.full), partial(_now, world.full))


def _growth(world: World, requests: Requests) -> float:
    """Return a request's time on the whole ledger, divided by that on a tenth."""
    return world.ratio(
        partial(_rate, world, world.tenth, requests), partial(_rate, world, world.full, requests)
    )


@row("larger-one", "GET one recommendation, ledger 10 times larger / before", 1.2, at_most=True)
def _(world: World) -> float:
    return _growth(world, _recommendation)


@row("larger-register", "GET the register, ledger 10 times larger / before", 1.2, at_most=True)
def _(world: World) -> float:
    return _growth(world, _register)


@row("larger-board", "the board, ledger 10 times larger / before, none kept", 1.2, at_most=True)
def _(world: World) -> float:
    return world.ratio(partial(_now, world.full), partial(_now, world.tenth))


@row("larger-board-on", "the board on any day, the same", 2, at_most=True)
def _(world: World) -> float:
    return world.ratio(partial(_on, world.full), partial(_on, world.tenth))
