"""What the command line promises: what it does, what it prints, how it ends."""

import os
import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from adapters.embedded import Embedded

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "adapters" / "corpus" / "data" / "corpus"
SECONDS = 60


class Tracker:
    """The program, on a data folder of its own."""

    def __init__(self, data: Path) -> None:
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TRACKER_", "DATABASE_"))},
            "TRACKER_DATA": str(data),
            "PYTHONPATH": str(ROOT),
        }

    def __call__(
        self, *words: str, ends: int = 0, env: dict[str, str] | None = None
    ) -> tuple[str, str]:
        done = subprocess.run(  # noqa: S603  our own words, read by no shell
            [sys.executable, "-P", "-m", "api.cli", *words],
            env={**self.env, **(env or {})},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == ends, done.stderr
        return done.stdout, done.stderr


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Generator[Tracker]:
    data = tmp_path_factory.mktemp("data")
    with Embedded(data).use():  # so that no command has to start and stop the server
        yield Tracker(data)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(tracker: Tracker) -> None:
    out, _ = tracker("import", str(CORPUS), "--dry-run")
    assert out.startswith("Would import")
    assert tracker("check")[0] == "0 entries checked, no faults found.\n"


def test_the_corpus_is_taken_in_once(tracker: Tracker) -> None:
    out, told = tracker("import", str(CORPUS))
    assert out.startswith("Imported")
    assert "Importing: " in told
    tracker("import", str(CORPUS))
    assert tracker("check")[0] == "344 entries checked, no faults found.\n"


def test_bad_rows_are_named_with_file_line_and_column(tracker: Tracker, tmp_path: Path) -> None:
    for file in CORPUS.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    products = tmp_path / "products.csv"
    products.write_text(products.read_text().replace("2014-07-17", "2014-07-32", 1))
    _, told = tracker("import", str(tmp_path), ends=1)
    assert "products.csv" in told
    assert "2014-07-32" in told
    assert "nothing was imported" in told


def test_a_read_model_is_rebuilt_and_compared(tracker: Tracker) -> None:
    assert "rebuilt and swapped" in tracker("rebuild", "register")[0]
    assert "the same as the live one" in tracker("rebuild", "register")[0]
    assert "compared" in tracker("rebuild", "register", "--check")[0]


def test_a_token_is_shown_once_and_revoked(tracker: Tracker) -> None:
    out, told = tracker("token", "create", "--role", "inspector", "--actor", "inspector-1")
    text, identity = out.strip(), told.split()[0]
    assert re.fullmatch(r"rtk_\S+", text)
    listed = tracker("token", "list")[0]
    assert identity in listed
    assert text not in listed
    assert tracker("token", "revoke", identity)[0] == "Revoked.\n"
    tracker("token", "revoke", identity, ends=1)


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["rebuild", "nonsense"],
        ["import", "/nowhere"],
        ["token", "create", "--role", "force", "--actor", "kent-1"],
        ["token", "create", "--role", "inspector", "--actor", "inspector-1", "--force", "kent"],
        ["token", "create", "--role", "force", "--actor", "x-1", "--force", "narnia"],
        ["token", "create", "--role", "public", "--actor", "x-1"],
        ["token", "create", "--role", "inspector", "--actor", "Not an id"],
        ["token", "create", "--role", "auditor", "--actor", "a-1", "--expires", "2020-01-01"],
    ],
)
def test_a_wrong_call_ends_with_two_and_says_why(tracker: Tracker, words: list[str]) -> None:
    _, told = tracker(*words, ends=2)
    assert "Error" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRACKER_PORT", "70000"),
        ("TRACKER_POOL", "many"),
        ("TRACKER_LOG", "loud"),
        ("TRACKER_HOST", "example.org"),
    ],
)
def test_a_wrong_setting_is_named(tracker: Tracker, name: str, value: str) -> None:
    _, told = tracker("check", ends=2, env={name: value})
    assert name in told
    assert "Traceback" not in told


def test_a_database_that_is_not_there_is_said_plainly(tracker: Tracker) -> None:
    _, told = tracker(
        "check", ends=1, env={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    )
    assert "Traceback" not in told
    assert "127.0.0.1" in told
