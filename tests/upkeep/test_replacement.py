"""The embedded database's files are replaced whole: a kill leaves the old or the new in use."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from adapters.postgres.database import OWNER, Database, embedded_at
from adapters.postgres.embedded import Embedded, EmbeddedError
from adapters.postgres.upkeep.backup import BackupError
from adapters.postgres.upkeep.replacement import WORKPLACE, new_embedded

pytestmark = pytest.mark.slow

REPLACE = """
import os, pathlib, signal, sys
from adapters.postgres.upkeep import replacement
from tests.upkeep.test_replacement import write

home, step = pathlib.Path(sys.argv[1]), int(sys.argv[2])
renames, rename = 0, pathlib.Path.rename

def counted(path, target):
    global renames
    in_place = path.name.startswith("pg") and path.suffix != ".new"
    if in_place and renames == step - 1:
        os.kill(os.getpid(), signal.SIGKILL)
    renames += in_place
    return rename(path, target)

pathlib.Path.rename = counted
with replacement.new_embedded(home, replace=True) as database:
    write(database, "new")
    if step == 0:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def write(database: Database, text: str) -> None:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT %s::text", (text,))


def read(home: Path) -> str:
    with (
        Embedded(home).use() as url,
        psycopg.connect(embedded_at(url).conninfo(OWNER)) as connection,
    ):
        return str(connection.execute("SELECT * FROM kept").fetchall()[0][0])


def files_of(home: Path) -> list[str]:
    return sorted(path.name.partition("-")[0] for path in home.iterdir() if path.is_dir())


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("old") / "data"
    with Embedded(home).use() as url:
        write(embedded_at(url), "old")
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Generator[Path]:
    """A data folder with an old database."""
    home = tmp_path / "data"
    shutil.copytree(made, home, ignore=shutil.ignore_patterns("socket"))
    home.chmod(0o700)
    yield home
    for folder in (home / WORKPLACE, home):
        for running in folder.glob("pg*/postmaster.pid"):
            os.kill(int(running.read_text().split()[0]), signal.SIGKILL)


def test_a_replaced_database_is_kept_under_another_name_and_a_failed_one_leaves_nothing(
    home: Path,
) -> None:
    major = Embedded(home).major
    with pytest.raises(ZeroDivisionError), new_embedded(home, replace=True):
        raise ZeroDivisionError
    assert read(home) == "old"
    assert files_of(home) == [f"pg{major}", "socket"]
    with new_embedded(home, replace=True) as database:
        write(database, "new")
    assert read(home) == "new"
    assert files_of(home) == [f"pg{major}", f"pg{major}.replaced", "socket"]
    (aside,) = home.glob("*.replaced-*")
    assert (aside / "PG_VERSION").read_text() == f"{major}\n"


def test_a_database_is_replaced_only_on_request_and_only_when_nobody_uses_it(home: Path) -> None:
    with (
        pytest.raises(BackupError, match="holds a database already"),
        new_embedded(home, replace=False),
    ):
        pass
    with (
        Embedded(home).use(),
        pytest.raises(EmbeddedError, match="in use; stop the service"),
        new_embedded(home, replace=True),
    ):
        pass
    assert read(home) == "old"


@pytest.mark.crash
@pytest.mark.parametrize(("step", "content"), [(0, "old"), (3, "new")], ids=str)
def test_a_killed_replacement_leaves_the_old_or_the_new_database_and_can_be_repeated(
    home: Path, step: int, content: str
) -> None:
    killed = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", REPLACE, str(home), str(step)],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert read(home) == content
    with new_embedded(home, replace=True) as database:
        write(database, "newer")
    assert read(home) == "newer"
    assert WORKPLACE not in files_of(home)
