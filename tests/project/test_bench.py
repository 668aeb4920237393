"""The benchmark, run small: it measures and writes its results in a readable form."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from adapters.postgres.database import Database

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CHEAP = ("append-1", "fold")


class Found(Struct, forbid_unknown_fields=True):
    row: str
    ratio: float
    must: str
    met: bool
    rounds: list[float]


def bench(database: Database, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own words, read by no shell
        [sys.executable, "-m", "deploy.bench", *words],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database.owner_url, "DATABASE_OWNER_URL": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_bench_measures_and_writes_two_rows(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    chosen = ("--small", "--entries", "2000", "--rounds", "1", "--rows", ",".join(CHEAP))
    done = bench(database, *chosen, "--json", str(file))
    found = msgspec.json.decode(file.read_bytes(), type=list[Found])
    assert [one.row for one in found] == list(CHEAP), done.stderr
    for one in found:
        assert one.rounds == [one.ratio]
        assert one.ratio > 0
        assert one.must[:2] in {">=", "<="}
        assert one.row in done.stdout
    assert done.returncode == (0 if all(one.met for one in found) else 1)


def test_the_bench_names_an_unknown_row(database: Database) -> None:
    done = bench(database, "--rows", "append-1,fastest")
    assert done.returncode == 2
    assert "no such row: fastest" in done.stderr
