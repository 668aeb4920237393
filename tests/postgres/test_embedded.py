"""The embedded PostgreSQL: started once, shared, stopped by the last, back after any kill."""
# pyright: reportPrivateUsage=false

import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.postgres import programs
from adapters.postgres.embedded import Embedded, EmbeddedError
from adapters.postgres.programs import OWNER, Programs

SECONDS = 15
HOLD = """
import pathlib, sys
from adapters.postgres.embedded import Embedded
with Embedded(pathlib.Path(sys.argv[1])).use():
    print("up", flush=True)
    sys.stdin.readline()
"""

Holder = subprocess.Popen[str]


@pytest.mark.slow
def test_the_embedded_database_has_the_promised_settings(kept: Path) -> None:
    with Embedded(kept).use() as url:
        assert conninfo_to_dict(url).keys() == {"host", "port", "dbname"}
        assert ask(url, "SHOW server_encoding") == "UTF8"
        assert ask(url, "SHOW TimeZone") == "UTC"
        assert ask(url, "SHOW data_checksums") == "on"
        assert ask(url, "SHOW fsync") == "on"
        assert ask(url, "SHOW synchronous_commit") == "on"
        assert ask(url, "SHOW max_connections") == "500"
        assert ask(url, "SHOW listen_addresses") == ""
        assert ask(url, "SELECT datcollate FROM pg_database WHERE datname = 'tracker'") == "C"
        assert ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = 'tracker_owner'") is True
    assert free(kept / "server.lock")


@pytest.mark.slow
def test_a_second_start_finds_the_data_of_the_first(kept: Path) -> None:
    began = time.monotonic()
    with Embedded(kept).use() as url:
        assert written(url) == 1
    assert time.monotonic() - began < 5
    assert free(kept / "server.lock")


@pytest.mark.slow
def test_leaving_the_server_is_quick_and_ends_its_watch(kept: Path) -> None:
    threads = threading.active_count()
    with Embedded(kept).use():
        began = time.monotonic()
    assert time.monotonic() - began < 3
    assert eventually(lambda: threading.active_count() == threads)


@pytest.mark.slow
def test_two_processes_share_one_server_and_the_last_to_leave_stops_it(
    kept: Path, hold: Callable[[Path], Holder]
) -> None:
    first, second = up(hold(kept)), up(hold(kept))
    server = postmaster(kept)
    leave(first)
    time.sleep(1.2)  # so that the other's watch has looked
    assert postmaster(kept) == server
    assert not free(kept / "server.lock")
    leave(second)
    assert free(kept / "server.lock")


@pytest.mark.slow
def test_many_processes_starting_at_once_make_one_database(
    home: Path, hold: Callable[[Path], Holder], initdbs: Path
) -> None:
    holders = [hold(home) for _ in range(5)]
    for holder in holders:
        up(holder)
    with Embedded(home).use() as url:
        for holder in holders:
            leave(holder)
        assert answers(url)
    assert len(initdbs.read_text().splitlines()) == 1
    assert free(home / "server.lock")


@pytest.mark.crash
@pytest.mark.slow
def test_a_killed_server_restarts_with_everything_committed(kept: Path) -> None:
    with Embedded(kept).use() as url:
        killed = postmaster(kept)
        os.kill(killed, signal.SIGKILL)
        assert eventually(lambda: answers(url) and postmaster(kept) != killed)
        assert written(url) == 1
    assert free(kept / "server.lock")


@pytest.mark.crash
@pytest.mark.slow
def test_a_killed_server_restarts_under_several_watching_processes(
    kept: Path, hold: Callable[[Path], Holder]
) -> None:
    holders = [up(holder) for holder in [hold(kept), hold(kept)]]
    with Embedded(kept).use() as url:
        os.kill(postmaster(kept), signal.SIGKILL)
        assert eventually(lambda: answers(url))
        for holder in holders:
            leave(holder)
        assert answers(url)
    assert free(kept / "server.lock")


@pytest.mark.crash
@pytest.mark.slow
def test_a_server_whose_holder_was_killed_is_joined_and_then_stopped(
    kept: Path, hold: Callable[[Path], Holder]
) -> None:
    holder = up(hold(kept))
    server = postmaster(kept)
    kill(holder)
    assert not free(kept / "server.lock")
    with Embedded(kept).use():
        assert postmaster(kept) == server
    assert free(kept / "server.lock")


@pytest.mark.crash
@pytest.mark.slow
def test_killing_every_process_at_once_loses_nothing_committed(
    kept: Path, hold: Callable[[Path], Holder]
) -> None:
    holder = up(hold(kept))
    os.kill(postmaster(kept), signal.SIGKILL)
    kill(holder)
    with Embedded(kept).use() as url:
        assert written(url) == 1
    assert free(kept / "server.lock")


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.parametrize("initdb_too", [False, True])
def test_a_kill_during_initdb_is_repaired_by_the_next_start(
    home: Path, hold: Callable[[Path], Holder], initdbs: Path, *, initdb_too: bool
) -> None:
    holder = hold(home)
    assert eventually(lambda: any(home.glob("pg*.new/base/1")))
    kill(holder)
    if initdb_too:
        os.killpg(int(initdbs.read_text()), signal.SIGKILL)
    with Embedded(home).use() as url:
        write(url)
    with Embedded(home).use() as url:
        assert written(url) == 1
    assert len(initdbs.read_text().splitlines()) == 2
    assert not any(home.glob("*.new"))


@pytest.mark.slow
def test_a_kill_before_the_database_exists_is_repaired_by_the_next_start(kept: Path) -> None:
    with Embedded(kept).use() as url:
        owner = make_conninfo(url, user="tracker_owner", dbname="postgres")
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("DROP DATABASE tracker")
    with Embedded(kept).use() as url:
        write(url)


@pytest.mark.slow
def test_a_stale_process_id_reused_by_another_process_is_ignored(kept: Path) -> None:
    data, socket = next(kept.glob("pg*")), kept / "socket"
    with subprocess.Popen(["/bin/sleep", "10"]) as other:
        for place in (data / "postmaster.pid", socket / ".s.PGSQL.5432.lock"):
            place.write_text(f"{other.pid}\n{data}\n1\n5432\n{socket}\n\n")
        with Embedded(kept).use() as url:
            assert written(url) == 1
        other.kill()


@pytest.mark.slow
def test_a_long_data_path_gets_a_short_socket_path(home: Path) -> None:
    long = home / ("a folder, with a name that is long " * 4)
    with Embedded(long).use() as url:
        folder = Path(str(conninfo_to_dict(url)["host"]))
        assert not folder.is_relative_to(long)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        write(url)
    assert free(long / "server.lock")
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_root_without_namespaces_runs_postgresql_under_an_account_that_nobody_shares(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(programs._ENVIRONMENT, "PATH", "/nowhere")  # no unshare is there
    embedded = Embedded(home)
    base = embedded.data.parent
    assert base.parent == Path("/var/lib")
    try:
        with embedded.use() as url:
            write(url)
            owner = Path("/proc", str(postmaster(base))).stat().st_uid
            assert {path.lstat().st_uid for path in (embedded.data, *embedded.data.rglob("*"))} == {
                owner
            }
            with pytest.raises(KeyError):
                pwd.getpwuid(owner)
            for folder in (embedded.data, str(conninfo_to_dict(url)["host"])):
                for user in ("nobody", "daemon"):
                    listed = subprocess.run(  # noqa: S603  our own words
                        ["/bin/ls", folder],
                        user=user,
                        extra_groups=[],
                        capture_output=True,
                        check=False,
                    )
                    assert b"Permission denied" in listed.stderr
        for path in (base, embedded.data, *embedded.data.rglob("*")):  # as an older version did
            os.chown(path, *programs._user("nobody"), follow_symlinks=False)
        with Embedded(home).use() as url:
            assert written(url) == 1
            assert embedded.data.stat().st_uid == owner
    finally:
        put_down(home, base)
        embedded.remove()


ODD_NAMES = {
    "latin": "siân",
    "quotes": 'it\'s "quoted"',
    "signs": "100% a,b;$c\\d",
    "bytes": os.fsdecode(b"\xff\xfe"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_data_folder_may_have_any_name_in_any_locale(home: Path, name: str) -> None:
    folder = home / ODD_NAMES[name]
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    held = subprocess.Popen(  # noqa: S603  our own words
        [sys.executable, "-c", HOLD, os.fsencode(folder)],
        env={**os.environ, **ascii_only},
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    with held:
        up(held)
        with Embedded(folder).use() as url:  # in the locale of this process
            assert answers(url)
        leave(held)
    assert free(folder / "server.lock")


def test_a_data_folder_with_a_line_break_in_its_name_is_refused_in_words(home: Path) -> None:
    with pytest.raises(EmbeddedError, match="line break"):
        Embedded(home / "a\nb")


def test_an_open_data_folder_is_closed_to_others(home: Path) -> None:
    home.mkdir()
    home.chmod(0o777)
    Embedded(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o755


def test_a_data_folder_that_cannot_be_made_is_named() -> None:
    for place in ("/proc/tracker", "/dev/null/tracker"):
        with pytest.raises(EmbeddedError, match=f"database in {place} cannot be used"):
            Embedded(Path(place))


@pytest.mark.slow
def test_a_first_start_leaves_parent_folders_unchanged(tmp_path: Path, home: Path) -> None:
    above = [tmp_path, *tmp_path.parents]
    tmp_path.chmod(0o700)
    before = [(path.stat().st_mode, path.stat().st_uid) for path in above]
    with Embedded(home).use():
        assert [(path.stat().st_mode, path.stat().st_uid) for path in above] == before
    for made in (home, home / "socket", next(home.glob("pg*"))):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "postgres.log").stat().st_mode) == 0o600


def test_a_socket_folder_open_to_others_is_refused(home: Path) -> None:
    (home / "socket").mkdir(parents=True)
    (home / "socket").chmod(0o755)
    with pytest.raises(EmbeddedError, match="socket is not ours alone"), Embedded(home).use():
        pass


def test_data_of_an_older_postgresql_are_refused_with_the_command_that_upgrades_them(
    home: Path,
) -> None:
    (home / "pg9").mkdir(parents=True)
    words = r"data is from PostgreSQL 9, older than.*run `tracker upgrade-database`"
    with pytest.raises(EmbeddedError, match=words), Embedded(home).use():
        pass
    assert not next(home.glob("pg1*"), None)


def test_data_of_a_newer_postgresql_are_refused_even_beside_fitting_ones(home: Path) -> None:
    (home / f"pg{Embedded(home).major}").mkdir(parents=True)
    (home / "pg99").mkdir(parents=True)
    words = "data is from PostgreSQL 99, newer than the programs"
    with pytest.raises(EmbeddedError, match=words), Embedded(home).use():
        pass


@pytest.mark.slow
def test_a_server_that_cannot_start_is_reported_with_its_last_words(kept: Path) -> None:
    wrong = next(kept.glob("pg*")) / "postgresql.auto.conf"
    wrong.write_text("no_such_setting = 1\n")
    try:
        with (
            pytest.raises(EmbeddedError, match=r"postgres\.log, ends with.*no_such_setting"),
            Embedded(kept).use(),
        ):
            pass
    finally:
        wrong.write_text("")
    assert free(kept / "server.lock")


def test_missing_postgresql_programs_are_reported(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_BIN", str(home))
    with pytest.raises(EmbeddedError, match=r"holds no initdb.*DATABASE_URL"):
        Embedded(home)


def test_windows_is_refused_with_an_alternative(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(EmbeddedError, match="set DATABASE_URL"):
        Embedded(home)
    assert not home.exists()


@pytest.fixture
def home(tmp_path: Path) -> Generator[Path]:
    """A data folder to be, with the promise that no server of it outlives the test."""
    yield tmp_path / "data"
    put_down(tmp_path / "data")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which one row was written."""
    folder = tmp_path_factory.mktemp("made") / "data"
    with Embedded(folder).use() as url:
        write(url)
    return folder


@pytest.fixture
def kept(made: Path) -> Generator[Path]:
    """A data folder in which one row was written; no server of it outlives the test."""
    yield made
    put_down(made)


@pytest.fixture
def hold() -> Generator[Callable[[Path], Holder]]:
    """Processes that use the server of a folder until they leave or are killed."""
    with ExitStack() as holders:

        def start(folder: Path) -> Holder:
            holder = subprocess.Popen(  # noqa: S603  our own words
                [sys.executable, "-c", HOLD, str(folder)],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            holders.enter_context(holder)
            holders.callback(holder.kill)
            return holder

        yield start


@pytest.fixture
def initdbs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the process ids of all initdbs are written from now on."""
    real = Programs(tmp_path).folder
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "postgres").symlink_to(real / "postgres")
    (fake / "initdb").write_text(f'#!/bin/sh\necho $$ >>"{fake}/pids"\nexec "{real}/initdb" "$@"\n')
    (fake / "initdb").chmod(0o700)
    monkeypatch.setenv("PG_BIN", str(fake))
    return fake / "pids"


def put_down(folder: Path, base: Path | None = None) -> None:
    for lock in folder.rglob("server.lock"):
        for pid in (base or lock.parent).glob("pg*/postmaster.pid"):
            if not free(lock):
                os.kill(int(pid.read_text().split()[0]), signal.SIGKILL)
        assert eventually(partial(free, lock))


def up(holder: Holder) -> Holder:
    assert holder.stdout
    assert "up\n" in holder.stdout  # reads up to that line
    return holder


def leave(holder: Holder) -> None:
    holder.communicate("\n", timeout=SECONDS)
    assert holder.returncode == 0


def kill(holder: Holder) -> None:
    holder.kill()
    holder.wait(SECONDS)


def postmaster(home: Path) -> int:
    return int(next(home.glob("pg*/postmaster.pid")).read_text().split()[0])


def free(lock: Path) -> bool:
    with lock.open("rb") as opened, suppress(BlockingIOError):
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def eventually(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + SECONDS
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def ask(url: str, query: LiteralString) -> object:
    with psycopg.connect(url, user="tracker_owner") as connection:
        row = connection.execute(query).fetchone()
        return row and row[0]


def write(url: str) -> None:
    with psycopg.connect(url, user="tracker_owner") as connection:
        connection.execute("CREATE TABLE written AS SELECT 1")


def written(url: str) -> object:
    return ask(url, "SELECT count(*) FROM written")


def answers(url: str) -> bool:
    with suppress(psycopg.OperationalError):
        return ask(url, "SELECT true") is True
    return False


def test_a_link_to_a_folder_that_is_not_there_yet_makes_the_folder(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "there" / "data")
    with Embedded(link).use() as address, psycopg.connect(address, user=OWNER) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert (tmp_path / "there" / "data").is_dir()
