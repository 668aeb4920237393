"""Rows about reading: one recommendation, a page of the register, the board; now and then."""

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
from deploy.bench.load.http import asking, get
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
    """Loads a second, one after another."""
    streams = cycle(world.full.typical)
    began, done = perf_counter(), 0
    while (took := perf_counter() - began) < world.scale.seconds:
        load(next(streams))
        done += 1
    return done / took


def _one(site: Site) -> list[str]:
    return [get(f"/v1/recommendations/{stream}") for stream in site.typical]


def _register(_: Site) -> list[str]:
    """The first pages of all forces and of each."""
    return [
        get("/v1/recommendations?limit=20"),
        *(get(f"/v1/recommendations?limit=20&force={force}") for force in FORCES),
    ]


def _board(_: Site) -> list[str]:
    return [get("/v1/progress")]


Asked = Callable[[Site], list[str]]


def _rate(world: World, site: Site, asked: Asked) -> float:
    return asking(site.service, asked(site), CLIENTS, world.scale.seconds)


def _bare(world: World) -> float:
    site = world.full
    step = max(1, site.size.entries // ROWS_ASKED)
    asked = [get(f"/rows/{position}") for position in range(1, site.size.entries, step)]
    return asking(site.bare, asked, CLIENTS, world.scale.seconds)


def _by_bare(world: World, asked: Asked) -> float:
    return world.ratio(partial(_rate, world, world.full, asked), partial(_bare, world))


@row("get-one", "GET one recommendation / a bare route that selects a row", 0.6)
def _(world: World) -> float:
    return _by_bare(world, _one)


@row("get-register", "GET 20 of the register / a bare route that selects a row", 0.5)
def _(world: World) -> float:
    return _by_bare(world, _register)


@row("get-board", "GET the board of 43 forces / a bare route that selects a row", 0.4)
def _(world: World) -> float:
    return _by_bare(world, _board)


def _boards(site: Site, days: Sequence[date]) -> float:
    """Seconds of one board, read from the database each time: no answer is kept."""
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
    random = Random(SEED)  # noqa: S311  the same days every time, no secret
    moments = [BEGIN + (END - BEGIN) * random.random() for _ in range(DAYS_ASKED)]
    return _boards(site, [moment.date() for moment in moments])


@row("board-on", "the board on any day / now, in time, none kept", 3, at_most=True)
def _(world: World) -> float:
    return world.ratio(partial(_on, world.full), partial(_now, world.full))


def _growth(world: World, asked: Asked) -> float:
    """The time of a request on the whole ledger by that on a tenth of it."""
    return world.ratio(
        partial(_rate, world, world.tenth, asked), partial(_rate, world, world.full, asked)
    )


@row("larger-one", "GET one recommendation, ledger 10 times larger / before", 1.2, at_most=True)
def _(world: World) -> float:
    return _growth(world, _one)


@row("larger-register", "GET the register, ledger 10 times larger / before", 1.2, at_most=True)
def _(world: World) -> float:
    return _growth(world, _register)


@row("larger-board", "the board, ledger 10 times larger / before, none kept", 1.2, at_most=True)
def _(world: World) -> float:
    return world.ratio(partial(_now, world.full), partial(_now, world.tenth))


@row("larger-board-on", "the board on any day, the same", 2, at_most=True)
def _(world: World) -> float:
    return world.ratio(partial(_on, world.full), partial(_on, world.tenth))
