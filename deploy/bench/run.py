"""One run: rounds of the chosen rows, interleaved; then the medians, as a table and as JSON."""

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
from deploy.bench.rows import append, keep, pages, read
from deploy.bench.rows.registry import ROWS, Row
from deploy.bench.world import Scale, World, tell

ROUNDS = 5
FULL = Scale(Size(20_000, 1_000_000), 3)
SMALL = Scale(Size(2_000, 50_000), 1)
STEPS_MIN = 25
"""The least entries for each recommendation."""
MODULES = (append, keep, read, pages)
"""Each brings rows with it."""


class Result(Struct, frozen=True):
    """What came of one row: the median of its rounds."""

    row: str
    ratio: float
    must: str
    met: bool
    rounds: list[float]


def run(argv: Sequence[str]) -> int:
    """Measure what is asked for; the exit status."""
    asked = _asked(argv)
    if asked.list:
        for row in ROWS.values():
            click.echo(f"{row.name:20} {row.bound:>8}  {row.what}")
        return 0
    processes.hush()
    chosen = [ROWS[name] for name in asked.rows]
    scale = SMALL if asked.small else FULL
    if asked.entries:
        scale = _scaled(scale, asked.entries)
    rounds: dict[str, list[float]] = {row.name: [] for row in chosen}
    with world.server() as server:
        for line in machine.described(server):
            click.echo(line)
        with ExitStack() as stack:
            made = World(server, scale, stack)
            for number in range(asked.rounds):
                made.begin(number)
                for row in chosen:
                    if not (row.once and number):
                        _measure(made, row, rounds[row.name])
    results = [_result(row, rounds[row.name]) for row in chosen]
    _table(chosen, results)
    if asked.json:
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    return 0 if all(result.met for result in results) else 1


class _Asked(argparse.Namespace):
    """What the command line asks for."""

    rows: list[str]
    rounds: int
    entries: int | None
    small: bool
    list: bool
    json: Path | None


def _asked(argv: Sequence[str]) -> _Asked:
    parser = argparse.ArgumentParser("tracker bench", description="Measure the service.")
    parser.add_argument("--rows", type=_names, default=list(ROWS), help="these rows alone")
    parser.add_argument("--rounds", type=_count, default=ROUNDS)
    parser.add_argument("--entries", type=_count, help="how large the ledger is")
    parser.add_argument("--small", action="store_true", help="a small ledger, short measures")
    parser.add_argument("--list", action="store_true", help="list the rows, and stop")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there")
    return parser.parse_args(argv, _Asked())


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


def _measure(made: World, row: Row, rounds: list[float]) -> None:
    try:
        rounds.append(row.measure(made))
        tell(f"round {made.round + 1} {row.name}: {rounds[-1]:.3g}")
    except Exception as failed:  # noqa: BLE001  one row that fails is no loss of the others
        tell(f"round {made.round + 1} {row.name} failed: {failed!r}")


def _result(row: Row, rounds: list[float]) -> Result:
    ratio = median(rounds) if rounds else float("nan")
    return Result(row.name, ratio, row.bound, row.met(ratio), rounds)


def _table(rows: Sequence[Row], results: Sequence[Result]) -> None:
    click.echo(f"{'row':20} {'reached':>8} {'must':>8} {'':4} {'rounds':16} what")
    for row, result in zip(rows, results, strict=True):
        spread = (
            f"{min(result.rounds):.3g} to {max(result.rounds):.3g}" if result.rounds else "failed"
        )
        word = "" if result.met else "MISS"
        click.echo(
            f"{result.row:20} {result.ratio:8.3g} {result.must:>8} {word:4} {spread:16} {row.what}"
        )
