"""Rows about writing: appends, and commands over HTTP."""

from functools import partial

import msgspec

from deploy.bench import data, processes
from deploy.bench.baselines import plain, stock
from deploy.bench.load import http
from deploy.bench.load.appends import Appends
from deploy.bench.load.http import request_rate
from deploy.bench.rows.registry import row
from deploy.bench.world import World
from domain.commands.recommendation import Comment

CLIENTS = 32
PROCESSES = 2
STOCK_WRITERS = 32


def _ours(world: World, writers: int) -> float:
    return processes.run_helper(Appends(world.empty.app, writers, world.scale.seconds), float)


def _plain(world: World, writers: int) -> float:
    return plain.inserts(world.empty.conninfo, writers, world.scale.seconds)


@row("append-1", "append, 1 writer / pgbench INSERT", 0.4)
def _(world: World) -> float:
    return world.ratio(partial(_ours, world, 1), partial(_plain, world, 1))


@row("append-8", "append, 8 writers / pgbench INSERT", 0.8)
def _(world: World) -> float:
    return world.ratio(partial(_ours, world, 8), partial(_plain, world, 8))


@row("append-32", "append, 32 writers / pgbench INSERT", 1.5)
def _(world: World) -> float:
    return world.ratio(partial(_ours, world, 32), partial(_plain, world, 32))


@row("append-128", "append, 128 writers / pgbench INSERT (on up to 90)", 2.0)
def _(world: World) -> float:
    return world.ratio(partial(_ours, world, 128), partial(_plain, world, 128))


@row("append-32-processes", "append, 2 processes of 16 writers / pgbench INSERT", 1.5)
def _(world: World) -> float:
    return world.ratio(partial(_ours_apart, world, 32), partial(_plain, world, 32))


def _ours_apart(world: World, writers: int) -> float:
    """Return the events per second of writers in several processes, started together."""
    task = Appends(world.empty.app, writers // PROCESSES, world.scale.seconds)
    with processes.helping(task) as first, processes.helping(task) as second:
        helpers = (first, second)
        for helper in helpers:
            helper.go()
        return sum(helper.hear(float) for helper in helpers)


@row("append-stock", "append, 32 writers / the library's recorder", 25)
def _(world: World) -> float:
    conninfo, seconds = world.empty.conninfo, world.scale.seconds
    return world.ratio(
        partial(_ours, world, STOCK_WRITERS),
        partial(stock.append, conninfo, STOCK_WRITERS, seconds),
    )


@row("command", "command over HTTP, 32 clients / a bare route that inserts", 1.0)
def _(world: World) -> float:
    return world.ratio(partial(_commands, world), partial(_inserts, world))


def _commands(world: World) -> float:
    site = world.play
    body = msgspec.json.encode(Comment(comment=data.TEXTS[0][:200])).decode()
    requests = [
        http.post(f"/v1/recommendations/{stream}/commands", body, site.inspector)
        for stream in site.typical
    ]
    return request_rate(site.service, requests, CLIENTS, world.scale.seconds)


def _inserts(world: World) -> float:
    body = msgspec.json.encode({"comment": data.TEXTS[0][:200]}).decode()
    return request_rate(world.play.bare, [http.post("/rows", body)], CLIENTS, world.scale.seconds)
