"""The benchmark, run small: it measures and writes its results in a readable form."""

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from adapters.postgres.database import Database
from api.pages.routes import PAGES
from deploy.bench.rows import times

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CHEAP = ("append-1", "fold")


class Found(Struct, forbid_unknown_fields=True):
    row: str
    ratio: float
    must: str
    met: bool
    rounds: list[float]


SHOWN = (
    times.PUBLIC, times.INSPECTOR, times.FORCE_USER, times.AUDITOR, times.FILES,
    times.FILES_OF_FORCE,
)  # fmt: skip
"""The addresses of every row of a page or a file, by name."""


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


NOT_TIMED = {
    "start",  # a redirect to a provider, and back
    "callback",
    "serve",  # files that are kept in memory
    "print_national_pack",  # a file, which is made each time that it is asked for
    "download_data",  # the same
    "private_changes_feed",  # at addresses of people; the same for everybody are timed
    "own_calendar",
    "ask_confirmation",  # at addresses that are mailed
    "ask_unsubscribe",
    "ask_agreement",  # about steps that stand at no fixed place in the synthetic ledger
    "redaction_form.ask",
    "show_outcome",  # about a message, of which the synthetic world has none
    "show_contact",
    "show_inspection",  # of which the synthetic ledger has none
    "show_text",
    "show_changes",
    "ask_draft",
    "ask_step",
}
"""The GET handlers of pages without a row."""


def test_the_time_of_every_page_is_a_row() -> None:
    timed = [path.partition("?")[0] for pages in SHOWN for path in pages.values()]
    for handler in PAGES:
        name = f"{handler.fn.__module__.rpartition('.')[2]}.{handler.fn.__name__}"
        if "GET" in handler.http_methods and not {name, handler.fn.__name__} & NOT_TIMED:
            patterns = [re.sub(r"\{[^}]*\}", "[^/]+", path) for path in handler.paths]
            assert any(re.fullmatch(pattern, path) for pattern in patterns for path in timed), name
