"""A run: interleaved rounds of the chosen rows; then their medians as table and JSON."""

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import click
import msgspec
from msgspec import Struct

from deploy.bench import machine, processes, world
from deploy.bench.data import Size
from deploy.bench.rows import (
    append,
    connections,
    digests,
    files,
    keep,
    pages,
    papers,
    read,
    steps,
    times,
)  # fmt: skip
from deploy.bench.rows.registry import ROWS, BenchRow
from deploy.bench.world import Scale, World, log_progress

ROUNDS = 5
FULL = Scale(Size(20_000, 1_000_000), 3)
SMALL = Scale(Size(2_000, 50_000), 1)
STEPS_MIN = 25
"""The minimum number of entries per recommendation."""
MODULES = (append, connections, keep, digests, read, files, papers, steps, pages, times)
"""The modules that register rows."""


class Result(Struct, frozen=True):
    """The result of a row: the median of its rounds."""

    row: str
    ratio: float
    must: str
    met: bool
    rounds: list[float]


def run(argv: Sequence[str]) -> int:
    """Measure the chosen rows; return the exit status."""
    options = _parse(argv)
    if options.list:
        for row in ROWS.values():
            click.echo(f"{row.name:20} {row.bound:>8}  {row.what}")
        return 0
    processes.hush()
    chosen = [ROWS[name] for name in options.rows]
    scale = SMALL if options.small else FULL
    if options.entries:
        scale = _scaled(scale, options.entries)
    rounds: dict[str, list[float]] = {row.name: [] for row in chosen}
    with world.server() as server:
        for line in machine.describe(server):
            click.echo(line)
        with ExitStack() as stack:
            sites = World(server, scale, stack)
            for number in range(options.rounds):
                sites.begin(number)
                for row in chosen:
                    if not (row.once and number):
                        _measure(sites, row, rounds[row.name])
    results = [_result(row, rounds[row.name]) for row in chosen]
    _table(chosen, results)
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    return 0 if all(result.met for result in results) else 1


class _Options(argparse.Namespace):
    """The options of the command line."""

    rows: list[str]
    rounds: int
    entries: int | None
    small: bool
    list: bool
    json: Path | None


def _parse(argv: Sequence[str]) -> _Options:
    parser = argparse.ArgumentParser("./run bench", description="Measure the service.")
    parser.add_argument("--rows", type=_names, default=list(ROWS), help="these rows alone")
    parser.add_argument("--rounds", type=_count, default=ROUNDS)
    parser.add_argument("--entries", type=_count, help="how large the ledger is")
    parser.add_argument("--small", action="store_true", help="a small ledger, short measures")
    parser.add_argument("--list", action="store_true", help="list the rows, and stop")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there")
    return parser.parse_args(argv, _Options())


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in ROWS]:
        raise argparse.ArgumentTypeError(f"no such row: {', '.join(unknown)}")
    return names


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return int(text)


def _scaled(scale: Scale, entries: int) -> Scale:
    recommendations = min(scale.size.recommendations, entries // STEPS_MIN)
    return Scale(Size(recommendations, entries), scale.seconds)


def _measure(sites: World, row: BenchRow, rounds: list[float]) -> None:
    try:
        rounds.append(row.measure(sites))
        log_progress(f"round {sites.round + 1} {row.name}: {rounds[-1]:.3g}")
    except Exception as error:  # noqa: BLE001  the failure of a row must not lose the others
        log_progress(f"round {sites.round + 1} {row.name} failed: {error!r}")


def _result(row: BenchRow, rounds: list[float]) -> Result:
    ratio = median(rounds) if rounds else float("nan")
    return Result(row.name, ratio, row.bound, row.met(ratio), rounds)


def _table(rows: Sequence[BenchRow], results: Sequence[Result]) -> None:
    click.echo(f"{'row':20} {'reached':>8} {'must':>8} {'':4} {'rounds':16} what")
    for row, result in zip(rows, results, strict=True):
        spread = (
            f"{min(result.rounds):.3g} to {max(result.rounds):.3g}" if result.rounds else "failed"
        )
        word = "" if result.met else "MISS"
        click.echo(
            f"{result.row:20} {result.ratio:8.3g} {result.must:>8} {word:4} {spread:16} {row.what}"
        )
