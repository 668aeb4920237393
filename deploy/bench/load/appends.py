"""Appending load: through the ledger with tasks; through the library's recorder with threads."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import uvloop
from eventsourcing.persistence import StoredEvent
from msgspec import Struct

from adapters.clock import new_entry_id
from adapters.ledger.append import Append
from adapters.ledger.async_ledger import AsyncLedger
from adapters.ledger.codec import MAPPER
from adapters.ledger.submission import Submission
from deploy.bench import data
from deploy.bench.processes import Failed
from domain.commands.recommendation import ChangeTimeLimit
from domain.events.recommendation import Commented
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.entry import Entry, Stamp

WAIT_SECONDS = 30
WARM_UP_SECONDS = 0.3
INSPECTOR = Actor("bench-inspector", Role.INSPECTOR)
METADATA = {"request_id": "0" * 32}
_ENTRY = Entry(
    UUID(int=1),
    1,
    new_entry_id(),
    Stamp(INSPECTOR.id, INSPECTOR.role, datetime.now(UTC), "2026-06-30"),
    Commented("sha256:" + "0" * 64),
)
STORED = MAPPER.to_stored_event(_ENTRY)
"""An entry as it is stored: the same bytes for every contender."""

Put = Callable[[StoredEvent], object]


def rate(put: Put, writers: int, seconds: float) -> float:
    """Return events per second of several threads, each with its own stream."""
    counts = [0] * writers
    barrier = threading.Barrier(writers + 1)
    stopping = threading.Event()

    def write(number: int) -> None:
        stream, step = uuid4(), 1
        put(stored(stream, step))
        barrier.wait()
        while not stopping.is_set():
            step += 1
            put(stored(stream, step))
            counts[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.perf_counter()
    stopping.wait(seconds)
    count, took = sum(counts), time.perf_counter() - began
    stopping.set()
    for thread in threads:
        thread.join()
    return count / took


def stored(stream: UUID, step: int) -> StoredEvent:
    """Return the one entry as a step of a stream."""
    return StoredEvent(stream, step, STORED.topic, STORED.state)


class Appends(Struct, frozen=True, tag=True):
    """Appending as the service does, in a separate process: one event per command, by tasks."""

    conninfo: str
    writers: int
    seconds: float

    def run(self) -> float:
        """Return events per second."""
        return uvloop.run(self._rate())

    async def _rate(self) -> float:
        async with AsyncLedger(self.conninfo, wait=WAIT_SECONDS) as ledger:
            await asyncio.gather(
                *(self._write(ledger, WARM_UP_SECONDS) for _ in range(self.writers))
            )
            began = time.perf_counter()
            counts = await asyncio.gather(
                *(self._write(ledger, self.seconds) for _ in range(self.writers))
            )
            return sum(counts) / (time.perf_counter() - began)

    @staticmethod
    async def _write(ledger: AsyncLedger, seconds: float) -> int:
        stream, step = uuid4(), 0
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            step += 1
            append = Append([stored(stream, step)], [new_entry_id()], metadata=METADATA)
            done = await ledger.put(append)
            if done.outcome != "recorded":
                raise Failed(f"an append was {done.outcome}")
        return step


class Commands(Struct, frozen=True, tag=True):
    """Commands that advance recommendations at a fixed rate, however long they take."""

    conninfo: str
    streams: Sequence[UUID]
    per_second: int
    seconds: float
    months: int
    """The time limit they set, in months; every other turn sets one month more."""
    writers: int = 8

    def run(self) -> list[tuple[int, int]]:
        """Return each command's position and the monotonic nanosecond at which it was durable."""
        return uvloop.run(self._run())

    async def _run(self) -> list[tuple[int, int]]:
        async with AsyncLedger(self.conninfo, wait=WAIT_SECONDS) as ledger:
            began = time.monotonic()
            done = await asyncio.gather(
                *(self._submit(ledger, number, began) for number in range(self.writers))
            )
            return [command for commands in done for command in commands]

    async def _submit(
        self, ledger: AsyncLedger, number: int, began: float
    ) -> list[tuple[int, int]]:
        done: list[tuple[int, int]] = []
        for turn in range(number, int(self.per_second * self.seconds), self.writers):
            await asyncio.sleep(max(0.0, began + turn / self.per_second - time.monotonic()))
            stream = self.streams[turn % len(self.streams)]
            months = self.months + turn // len(self.streams) % 2
            command = ChangeTimeLimit(time_limit=f"months:{months}", reason=data.TEXTS[0])
            receipt = await ledger.submit(
                [Submission(stream, command)], INSPECTOR, metadata=METADATA
            )
            done.append((receipt.position, time.monotonic_ns()))
        return done
