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
from adapters.postgres.upkeep.restore import check
from adapters.postgres.upkeep.tables import SESSION_TABLES
from adapters.postgres.upkeep.upgrade import upgrade
from api.cli.progress_bar import progress
from tests.project.test_cli import Tracker
from tests.support.data.corpus_files import ignore
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
@pytest.mark.crash
def test_one_command_upgrades_the_embedded_database_byte_for_byte_though_killed_twice(
    made: tuple[Path, dict[str, list[str]]], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step, left in (("restore", ["pg15"]), ("set_aside", ["pg15", "pg18"])):
        killed = subprocess.run(  # noqa: S603  our own words
            [sys.executable, "-c", CUT_SHORT, str(home), step], cwd=ROOT, check=False
        )
        assert killed.returncode == -signal.SIGKILL
        assert [name for name in files_of(home) if name.startswith("pg")] == left
    out, _ = Tracker(home)("upgrade-database")
    assert out.startswith("Upgraded from PostgreSQL 15 to 18; every row is identical.")
    assert files_of(home) == ["pg15.replaced", "pg18", "socket"]
    monkeypatch.delenv("PG_BIN")
    with Embedded(home).use() as url:
        after = rows_of(embedded_at(url))
        assert check(embedded_at(url), ignore) == []
        with psycopg.connect(embedded_at(url).conninfo(OWNER)) as connection:
            assert connection.info.server_version // 10_000 == 18
            last = connection.execute(
                "SELECT reason, server = ledger_server() FROM ledger_lineages"
                " ORDER BY number DESC LIMIT 1"
            ).fetchall()
    assert last == [("Upgraded from PostgreSQL 15 to 18.", True)]
    before = made[1]
    different = {name for name in before if before[name] != after[name]}
    assert different == SESSION_TABLES | {"ledger_lineages"}


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
