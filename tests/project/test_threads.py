"""Threads that the service depends on, and a log that cannot be written."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest

from adapters import threads
from adapters.postgres.database import Database
from adapters.postgres.embedded import Embedded
from adapters.threads import LastingThread, dead_threads, expected_threads
from tests.conftest import connect_to
from tests.support.data.examples import INSPECTOR
from tests.support.served.program import eventually, kill_postgres, program
from tests.support.served.serving import Service, published, token_of

ROOT = Path(__file__).parents[2]
SECONDS = 60
STANDARD_ERRORS = ("full", "gone")


def test_the_work_of_a_lasting_thread_begins_again_after_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "RESTART_SECONDS", 0.01)
    attempts: list[int] = []

    def fail_twice() -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise ZeroDivisionError

    thread = LastingThread(fail_twice, "fails twice")
    thread.start()
    thread.join(SECONDS)
    assert len(attempts) == 3
    assert thread.name not in dead_threads()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_health_says_that_the_process_is_not_live_once_a_lasting_thread_is_dead(
    service: Service,
) -> None:
    assert service.get("/health/live").json() == {"live": True, "dead": []}
    stopping = Event()

    def die() -> None:
        stopping.wait()
        raise SystemExit

    thread = LastingThread(die, "dies")
    thread.start()
    assert service.get("/health/live").status_code == 200
    stopping.set()
    thread.join(SECONDS)
    try:
        answer = service.get("/health/live")
        assert answer.status_code == 503
        assert answer.json() == {"live": False, "dead": ["dies"]}
    finally:
        expected_threads.discard(thread)


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.parametrize("standard_error", STANDARD_ERRORS)
def test_figures_go_on_after_postgresql_was_killed_though_the_log_cannot_be_written(
    tmp_path: Path, standard_error: str
) -> None:
    with running(tmp_path, standard_error) as service:
        first = published(service, "kent-first-2023")
        kill_postgres(tmp_path)
        second = eventually_published(service)
        assert second > first.position
        for name in ("register", "progress", "worklist", "reports", "statements", "steps"):
            assert eventually_reached(service, name, second), name
        counts = service.get("/v1/progress", params={"position": str(second)})
        assert counts.json()["forces"]["kent"]["total"] == 2
        assert service.get("/health/live").status_code == 200


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [("project",), ("serve", "--port", "0"), ("serve", "--port", "0", "--workers", "2")],
    ids=" ".join,
)
def test_a_process_fails_once_a_lasting_thread_is_dead_so_that_it_is_started_again(
    database: Database, tmp_path: Path, words: tuple[str, ...]
) -> None:
    dying = tmp_path / "die"
    with program(
        tmp_path / "data",
        *words,
        module="tests.support.served.dying",
        DYING=str(dying),
        DATABASE_URL=database.owner_url,
    ) as running:
        assert eventually(lambda: "Keeping the read" in running.err or running.is_ready())
        assert running.process.poll() is None
        dying.touch()
        assert running.ended() == 1
        assert '"names": ["dies"], "event": "threads_dead"' in running.err
        assert "A thread is dead" in running.err


@pytest.mark.slow
@pytest.mark.parametrize("words", [("project",), ("serve", "--port", "0")], ids=" ".join)
def test_systemd_is_told_again_and_again_that_a_process_works(
    database: Database, tmp_path: Path, words: tuple[str, ...]
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(SECONDS)
        with program(
            tmp_path / "data",
            *words,
            module="tests.support.served.watched",
            NOTIFY_SOCKET=str(tmp_path / "notify"),
            DATABASE_URL=database.owner_url,
        ):
            assert [systemd.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3


def eventually_published(service: Service) -> int:
    """Publish a second report as soon as the database is back; return its last position."""
    until = time.monotonic() + SECONDS
    while True:
        try:
            return published(service, "kent-second-2023").position
        except AssertionError:
            assert time.monotonic() < until
            time.sleep(0.1)


def eventually_reached(service: Service, name: str, position: int) -> bool:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        models = service.get("/health/ready").json()["read_models"]
        if (models[name]["position"] or 0) >= position:
            return True
        time.sleep(0.1)
    return False


@contextmanager
def running(data: Path, standard_error: str) -> Generator[Service]:
    """Run `tracker serve` with a standard error that cannot be written."""
    read = None
    if standard_error == "full":
        write = os.open("/dev/full", os.O_WRONLY)
    else:
        read, write = os.pipe()
    env = {**os.environ, "TRACKER_DATA": str(data), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "api.cli", "serve", "--port", "0"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=write,
        text=True,
    )
    os.close(write)
    try:
        assert process.stdout
        match = re.match(r"Ready (\S+)", process.stdout.readline())
        assert match
        if read is not None:
            os.close(read)
        with Embedded(data).use() as address:
            database = connect_to(address, "tracker")
            token = token_of(database, INSPECTOR)
        with httpx.Client(base_url=match.group(1), timeout=30) as client:
            yield Service(match.group(1), {INSPECTOR: token}, client, None)  # type: ignore[arg-type]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS)
