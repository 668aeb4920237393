"""Appending from many threads: through the ledger, and through the library's own recorder."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent
from msgspec import Struct

from adapters.append import Append
from adapters.entry import EntryMapper, new_entry_id
from adapters.ledger import Ledger, Request
from adapters.recorder import environment
from deploy.bench import data
from domain.commands import ChangeTimeLimit
from domain.events import Commented
from domain.stamp import Entry, Role, Stamp, Who

POOL = 8
INSPECTOR = Who("bench-inspector", Role.INSPECTOR)
METADATA = {"request_id": "0" * 32}
_ENTRY = Entry(
    UUID(int=1),
    1,
    new_entry_id(),
    Stamp(INSPECTOR.actor, INSPECTOR.role, datetime.now(UTC), "2026-06-30"),
    Commented("sha256:" + "0" * 64),
)
STORED = EntryMapper().to_stored_event(_ENTRY)
"""One entry as it is written: the same bytes for everyone who is measured."""

Put = Callable[[StoredEvent], object]


def put_into(ledger: Ledger) -> Put:
    """How the service appends one event of one command."""
    return lambda event: ledger.rows.put(Append([event], [new_entry_id()], metadata=METADATA))


def rate(put: Put, writers: int, seconds: float) -> float:
    """Events a second of some writers, each with a stream of its own."""
    counts = [0] * writers
    gate = threading.Barrier(writers + 1)
    stopping = threading.Event()

    def write(number: int) -> None:
        stream, step = uuid4(), 1
        put(StoredEvent(stream, step, STORED.topic, STORED.state))
        gate.wait()
        while not stopping.is_set():
            step += 1
            put(StoredEvent(stream, step, STORED.topic, STORED.state))
            counts[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    stopping.wait(seconds)
    count, took = sum(counts), time.perf_counter() - began
    stopping.set()
    for thread in threads:
        thread.join()
    return count / took


class Appends(Struct, frozen=True, tag=True):
    """Appending by a process of its own."""

    conninfo: str
    writers: int
    seconds: float

    def run(self) -> float:
        """Events a second."""
        with Ledger(environment(self.conninfo, pool=POOL)) as ledger:
            return rate(put_into(ledger), self.writers, self.seconds)


class Commands(Struct, frozen=True, tag=True):
    """Commands that move recommendations on, so many a second whatever they take."""

    conninfo: str
    streams: Sequence[UUID]
    per_second: int
    seconds: float
    months: int
    """The time limit that they get, and one month more at every other turn."""
    writers: int = 8

    def run(self) -> list[tuple[int, int]]:
        """The position of each command, and the monotonic nanosecond at which it was durable."""
        done: list[list[tuple[int, int]]] = [[] for _ in range(self.writers)]
        with Ledger(environment(self.conninfo, pool=POOL)) as ledger:
            began = time.monotonic()
            threads = [
                threading.Thread(target=self._submit, args=(ledger, number, began, done[number]))
                for number in range(self.writers)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return [one for some in done for one in some]

    def _submit(
        self, ledger: Ledger, number: int, began: float, done: list[tuple[int, int]]
    ) -> None:
        for turn in range(number, int(self.per_second * self.seconds), self.writers):
            time.sleep(max(0.0, began + turn / self.per_second - time.monotonic()))
            stream = self.streams[turn % len(self.streams)]
            months = self.months + turn // len(self.streams) % 2
            command = ChangeTimeLimit(time_limit=f"months:{months}", reason=data.TEXTS[0])
            receipt = ledger.submit([Request(stream, command)], INSPECTOR, metadata=METADATA)
            done.append((receipt.position, time.monotonic_ns()))
