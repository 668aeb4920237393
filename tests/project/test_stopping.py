"""Stops: by Ctrl-C, SIGTERM or a closed terminal, at any moment, nothing is left behind."""

import os
import shutil
import signal
import socket
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from adapters.postgres.embedded import Embedded
from tests.support.served.program import Program, eventually, is_free, program, put_down

pytestmark = [pytest.mark.crash, pytest.mark.slow]

Moment = Callable[[Program], bool]
MOMENTS: dict[str, tuple[signal.Signals, Moment]] = {
    "loading": (signal.SIGINT, lambda _: True),
    "locking": (signal.SIGHUP, lambda running: (running.data / "start.lock").exists()),
    "making": (signal.SIGINT, lambda running: any(running.data.glob("pg*.new/base"))),
    "starting": (signal.SIGTERM, lambda running: any(running.data.glob("pg*/postmaster.pid"))),
    "importing": (signal.SIGINT, lambda running: "Importing" in running.err),
    "serving": (signal.SIGHUP, Program.is_ready),
}
"""Moments in the start of a first demo, how a test sees them, and a signal to send then."""


@pytest.fixture(autouse=True)
def heard_signals() -> Generator[None]:
    """Let programs hear each signal, also where these tests run in the background or by nohup."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_demo_stopped_at_any_moment_ends_well_and_leaves_nothing_behind(
    tmp_path: Path, moment: str
) -> None:
    number, has_come = MOMENTS[moment]
    with program(tmp_path / "data", "demo", "--port", "0") as running:
        assert eventually(lambda: has_come(running) and answers_signals(running))
        for _ in range(3):  # impatience changes nothing
            running.signal(number)
        assert running.ended() == 0, running.err
        assert "Traceback" not in running.err
        assert "Aborted" not in running.err
        assert running.has_left_nothing()


def answers_signals(running: Program) -> bool:
    """Return whether the program has begun to answer signals, by the mask that Linux shows."""
    status = Path("/proc", str(running.process.pid), "status")
    if not status.exists():
        return True
    (caught,) = (line for line in status.read_text().splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) & 1 << signal.SIGTERM - 1)


def test_a_command_stopped_before_its_end_says_so_and_exits_with_one(kept: Path) -> None:
    with program(kept, "rebuild", "register") as running:
        assert eventually(lambda: any(kept.glob("pg*/postmaster.pid")))
        running.signal(signal.SIGINT)
        assert running.ended() == 1
        assert running.err.endswith("Stopped before it was done.\n")
        assert running.has_left_nothing()


def test_a_service_that_ignores_the_closed_terminal_goes_on(kept: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with program(kept, "serve", "--port", "0") as running:
            assert eventually(running.is_ready)
            running.signal(signal.SIGHUP)
            running.signal(signal.SIGTERM)
            assert running.ended() == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_workers_stop_with_the_service(kept: Path) -> None:
    with program(kept, "serve", "--port", "0", "--workers", "2") as running:
        assert eventually(running.is_ready)
        for _ in range(2):
            running.signal(signal.SIGINT)
        assert running.ended() == 0, running.err
        assert "Traceback" not in running.err
        assert "worker_ended" not in running.err
        assert running.has_left_nothing()


def test_workers_are_replaced_hold_the_database_and_end_with_a_killed_parent(kept: Path) -> None:
    with program(kept, "serve", "--port", "0", "--workers", "2") as running:
        assert eventually(running.is_ready)
        parent, port = running.process.pid, running.port
        assert eventually(lambda: len(users(kept)) == 3), "each holds the server itself"
        killed = next(pid for pid in users(kept) if pid != parent)
        os.kill(killed, signal.SIGKILL)
        assert eventually(lambda: len(users(kept) - {killed}) == 3), "and is replaced"
        running.process.kill()
        assert eventually(lambda: can_listen(port))
        assert eventually(running.has_left_nothing), "the last of them stops PostgreSQL"
        assert "Traceback" not in running.err


def test_two_first_demos_at_once_both_become_ready(tmp_path: Path) -> None:
    data, other = tmp_path / "data", tmp_path / "other"
    other.symlink_to(data)
    with (
        program(data, "demo", "--port", "0") as first,
        program(other, "demo", "--port", "0") as second,
    ):
        assert eventually(lambda: first.is_ready() or first.process.poll() is not None)
        assert eventually(lambda: second.is_ready() or second.process.poll() is not None)
        assert first.is_ready(), first.err
        assert second.is_ready(), second.err
        first.signal(signal.SIGTERM)
        assert first.ended() == 0
        assert not is_free(data / "server.lock")
        second.signal(signal.SIGTERM)
        assert second.ended() == 0
        assert second.has_left_nothing()


@pytest.mark.parametrize("words", [("demo",), ("serve",)])
def test_a_taken_port_is_named_before_anything_is_started(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with program(tmp_path / "data", *words, "--port", port) as running:
            assert running.ended() == 1
            assert f"Cannot listen on port {port} of 127.0.0.1" in running.err
            assert "--port" in running.err
            assert not (tmp_path / "data").exists()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose embedded database was made."""
    folder = tmp_path_factory.mktemp("made") / "data"
    with Embedded(folder).use():
        pass
    return folder


@pytest.fixture
def kept(made: Path, tmp_path: Path) -> Generator[Path]:
    """A copy of a data folder whose embedded database was made."""
    folder = tmp_path / "data"
    shutil.copytree(made, folder, ignore=shutil.ignore_patterns("socket", "*.lock"))
    yield folder
    put_down(folder)


def users(data: Path) -> set[int]:
    """The ids of the processes that use the embedded database, as Linux lists its locks."""
    inode = (data / "users.lock").stat().st_ino
    rows = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return {int(row[4]) for row in rows if row[1] == "FLOCK" and row[5].endswith(f":{inode}")}


def can_listen(port: int) -> bool:
    """Return whether a port of the loopback is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError:
            return False
        return True
