"""The major upgrade of the embedded database: one command, every row byte for byte, repeatable."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from adapters.postgres.database import OWNER, embedded_at
from adapters.postgres.embedded import Embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.upkeep.backup import BackupError
from adapters.postgres.upkeep.upgrade import upgrade
from api.cli.progress_bar import progress
from tests.support.data.full import fill_all, rows_of
from tests.upkeep.test_replacement import files_of

OLD = Path("/usr/lib/postgresql/15/bin")
ROOT = Path(__file__).parents[2]
needs_old = pytest.mark.skipif(
    not (OLD / "initdb").exists(), reason="needs Debian's PostgreSQL 15: apt install postgresql-15"
)
CUT_SHORT = """
import os, pathlib, signal, sys
from adapters.postgres.upkeep import upgrade

def killed(*_): os.kill(os.getpid(), signal.SIGKILL)

setattr(upgrade, sys.argv[2], killed)
from api.cli.progress_bar import progress
upgrade.upgrade(pathlib.Path(sys.argv[1]), progress)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    """A data folder of PostgreSQL 15 with rows in every table, and these."""
    home = tmp_path_factory.mktemp("fifteen") / "data"
    with Embedded(home, OLD).use() as url:
        old = embedded_at(url)
        migrate(old.conninfo(OWNER))
        fill_all(old)
        return home, rows_of(old)


@pytest.fixture
def home(
    made: tuple[Path, dict[str, list[str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[Path]:
    monkeypatch.setenv("PG_BIN", str(OLD))
    home = tmp_path / "data"
    shutil.copytree(made[0], home, ignore=shutil.ignore_patterns("socket"))
    home.chmod(0o700)
    yield home
    for running in home.rglob("postmaster.pid"):
        os.kill(int(running.read_text().split()[0]), signal.SIGKILL)


@needs_old
@pytest.mark.slow
def test_one_command_upgrades_the_embedded_database_byte_for_byte(
    made: tuple[Path, dict[str, list[str]]], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "api.cli", "upgrade-database"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TRACKER_DATA": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Upgraded from PostgreSQL 15 to 18; every row is identical.")
    assert files_of(home) == ["pg15.replaced", "pg18", "socket"]
    monkeypatch.delenv("PG_BIN")
    with Embedded(home).use() as url:
        after = rows_of(embedded_at(url))
        with psycopg.connect(embedded_at(url).conninfo(OWNER)) as connection:
            assert connection.info.server_version // 10_000 == 18
            last = connection.execute(
                "SELECT reason, server = ledger_server() FROM ledger_lineages"
                " ORDER BY number DESC LIMIT 1"
            ).fetchall()
    assert last == [("Upgraded from PostgreSQL 15 to 18.", True)]
    before = made[1]
    for name in ("ledger_events", "ledger_notes", "ledger_keys", "documents", "tokens", "people"):
        assert after[name] == before[name], name


@needs_old
@pytest.mark.slow
@pytest.mark.crash
@pytest.mark.parametrize("step", ["restore", "set_aside"])
def test_an_upgrade_that_was_killed_is_completed_by_the_same_command(
    made: tuple[Path, dict[str, list[str]]],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    killed = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", CUT_SHORT, str(home), step], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert upgrade(home, progress).faults == []
    assert files_of(home) == ["pg15.replaced", "pg18", "socket"]
    monkeypatch.delenv("PG_BIN")
    with Embedded(home).use() as url:
        assert rows_of(embedded_at(url))["ledger_events"] == made[1]["ledger_events"]


def test_an_upgrade_without_the_old_programs_says_where_to_get_them(tmp_path: Path) -> None:
    (tmp_path / "pg9").mkdir()
    with pytest.raises(BackupError, match=r"PostgreSQL 9, .*apt install postgresql-9\), or set"):
        upgrade(tmp_path, progress)


def test_an_upgrade_without_newer_programs_or_without_a_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="holds no embedded database"):
        upgrade(tmp_path, progress)
    (tmp_path / "pg99").mkdir()
    with pytest.raises(BackupError, match=r"from PostgreSQL 99, .*no newer programs"):
        upgrade(tmp_path, progress)
