"""kill -9 of the service or its database: no answered command is lost or half-written."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from random import Random
from uuid import uuid4

import httpx
import pytest

from adapters.audit.check import Checker
from adapters.ledger.ledger import Ledger
from adapters.ledger.queries import StoredRow
from adapters.ledger.recorder import environment
from adapters.ledger.subscription import BatchSubscription
from adapters.postgres.database import APP, CHECKER, Database
from adapters.postgres.embedded import Embedded
from domain.events.recommendation import Commented
from tests.conftest import connect_to
from tests.support.data.examples import INSPECTOR, issue, published
from tests.support.served.serving import token_of

pytestmark = [pytest.mark.crash, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60
WRITERS = 4
KILLS = 3


class Serving:
    """`tracker serve` in a process that can be killed and started again."""

    def __init__(self, data: Path) -> None:
        self.env = {**os.environ, "TRACKER_DATA": str(data), "PYTHONPATH": str(ROOT)}
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "api.cli", "serve", "--port", "0"],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout
        line = self._process.stdout.readline()
        found = re.match(r"Ready (\S+)", line)
        assert found, line
        self.url = found.group(1)

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._end()

    def stop(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        self._end()

    def _end(self) -> None:
        assert self._process
        assert self._process.stdout
        self._process.wait(READY_SECONDS)
        self._process.stdout.close()


class Writer(threading.Thread):
    """Records comments under keys of their own, sending each again until it is answered."""

    def __init__(self, serving: Serving, stream: str, token: str) -> None:
        super().__init__()
        self.answered: dict[str, int] = {}
        self.stopping = threading.Event()
        self._serving, self._stream, self._token = serving, stream, token

    def run(self) -> None:
        while not self.stopping.is_set():
            self._put(uuid4().hex)

    def _put(self, key: str) -> None:
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        body = {"type": "comment", "comment": key}
        while True:
            address = f"{self._serving.url}/v1/recommendations/{self._stream}/commands"
            try:
                answer = httpx.post(address, json=body, headers=headers, timeout=20)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code == 503:
                time.sleep(0.05)
                continue
            assert answer.status_code == 201, answer.text
            self.answered[key] = answer.json()["position"]
            return


class Reader(threading.Thread):
    """Tails the ledger by a subscription, whatever happens to the database."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.seen: list[StoredRow] = []
        subscription = ledger.rows.subscribe(gt=0)
        assert isinstance(subscription, BatchSubscription)
        self._subscription = subscription

    def run(self) -> None:
        with self._subscription:
            for rows in self._subscription.batches():
                self.seen += rows

    def stop_at(self, position: int) -> None:
        until = time.monotonic() + READY_SECONDS
        while not self.seen or self.seen[-1][4] < position:
            assert time.monotonic() < until
            time.sleep(0.05)
        self._subscription.stop()
        self.join()


@pytest.mark.parametrize("victim", ["service", "postgres"])
def test_kills_at_any_moment_lose_repeat_and_hide_no_entry(tmp_path: Path, victim: str) -> None:
    random = Random(11)  # noqa: S311  a test that can be run again, no secret
    with Embedded(tmp_path).use() as address:
        database = connect_to(address, "tracker")
        serving = Serving(tmp_path)
        serving.start()
        with Ledger(environment(database.conninfo(APP), pool=1)) as ledger:
            streams = streams_of(ledger)
        token = token_of(database, INSPECTOR)
        writers = [Writer(serving, stream, token) for stream in streams]
        following = Ledger(environment(database.conninfo(APP), pool=2))
        reader = Reader(following)
        for thread in (reader, *writers):
            thread.start()
        for _ in range(KILLS):
            time.sleep(random.uniform(0.5, 1.5))
            if victim == "service":
                serving.kill()
                serving.start()
            else:
                kill_postgres(tmp_path)
        time.sleep(0.5)
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join()
        serving.stop()
        assert_recorded_once(database, writers)
        with following:
            reader.stop_at(following.head())
            assert reader.seen == following.rows.page(0, len(reader.seen) + 1)
            assert [row[4] for row in reader.seen] == list(range(1, len(reader.seen) + 1))


def streams_of(ledger: Ledger) -> list[str]:
    """A recommendation for each writer."""
    return [
        str(published(ledger, issue(), reference=f"kent-{number}-2022"))
        for number in range(WRITERS)
    ]


def kill_postgres(data: Path) -> None:
    """Kill -9 the server's first process, which takes the others with it."""
    (found,) = data.glob("pg*/postmaster.pid")
    os.kill(int(found.read_text().split()[0]), signal.SIGKILL)


def assert_recorded_once(database: Database, writers: list[Writer]) -> None:
    with Ledger(environment(database.conninfo(CHECKER), pool=1)) as ledger:
        checker = Checker(ledger.rows)
        checker.run(lambda _done, _of: None)
        assert checker.faults == []
        entries = ledger.page(0, 1_000_000)
        comments = [entry for entry in entries if isinstance(entry.event, Commented)]
        notes = ledger.notes([entry.id for entry in comments])
        recorded = {notes[entry.id]["comment"]: entry.position for entry in comments}
    assert len(recorded) == len(comments), "a comment was recorded twice"
    answered = {key: place for writer in writers for key, place in writer.answered.items()}
    assert recorded == answered
    assert len(answered) > WRITERS * KILLS
