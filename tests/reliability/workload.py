"""Clients that append to streams and read them, whatever happens to the service."""

import threading
import time
from collections.abc import Mapping, Sequence
from math import inf
from random import Random
from typing import Literal
from uuid import UUID, uuid4

import httpx

from adapters.ledger.ledger import Ledger
from domain.vocabulary.ids import recommendation_id
from tests.reliability.linearizability import Operation, is_linearizable
from tests.support.data.examples import issue, published

CLIENTS = 6
STREAMS_AT_A_TIME = 3
STEPS_MAX = 120
"""The step at which clients leave a stream for the next: below the quota of a day."""
FIRST_STEP = 1
ANSWER_SECONDS = 10.0
PAUSE_SECONDS = 0.05
UNLIMITED = {"TRACKER_COMMAND_RATE": "1000000"}
"""Variables of a service that takes as many commands as are sent."""


def make_streams(ledger: Ledger, count: int, *, published_before: int = 0) -> list[UUID]:
    """Return the streams of so many new recommendations, after those of earlier calls."""
    streams: list[UUID] = []
    while len(streams) < count:
        ordinals = range(1, min(200, count - len(streams)) + 1)
        reference = f"kent-{published_before + len(streams)}-2022"
        published(ledger, *(issue(ordinal=number) for number in ordinals), reference=reference)
        streams += [recommendation_id(f"{reference}-r{number:02d}") for number in ordinals]
    return streams


class Workload:
    """A number of operations by several clients, on a few streams at a time."""

    def __init__(
        self, urls: Sequence[str], token: str, streams: Sequence[UUID], operations: int
    ) -> None:
        self.operations: list[Operation] = []
        self.statuses: set[int] = set()
        self._urls, self._goal = urls, operations
        self._headers = {"Authorization": f"Bearer {token}"}
        self._fresh = [str(stream) for stream in streams]
        self._active = [self._fresh.pop() for _ in range(STREAMS_AT_A_TIME)]
        self._known = dict.fromkeys(self._active, FIRST_STEP)
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(CLIENTS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    @property
    def done(self) -> int:
        return len(self.operations)

    def not_linearizable(self) -> list[str]:
        """Return the streams whose history no order explains."""
        by_stream: dict[str, list[Operation]] = {}
        for operation in self.operations:
            by_stream.setdefault(operation.stream, []).append(operation)
        return [
            stream
            for stream, history in by_stream.items()
            if not is_linearizable(history, FIRST_STEP)
        ]

    def read_at_the_end(self, steps: Mapping[str, int]) -> None:
        """Add what the ledger itself says at the end: the last step of each stream."""
        now = time.monotonic()
        self.operations += [
            Operation(stream, "read", step, "done", now, now)
            for stream, step in steps.items()
            if stream in self._known
        ]

    def count(self, outcome: Literal["done", "conflict", "unknown"]) -> int:
        return sum(operation.outcome == outcome for operation in self.operations)

    def _run(self, number: int) -> None:
        random = Random(number)  # noqa: S311  the same each time, no secret
        url = self._urls[number % len(self._urls)]
        with httpx.Client(base_url=url, headers=self._headers, trust_env=False) as client:
            while self.done < self._goal:
                with self._lock:
                    stream = random.choice(self._active)
                    step = self._known[stream]
                operation = (
                    self._append(client, random, stream, step)
                    if random.random() < 0.5
                    else self._read(client, stream)
                )
                if operation:
                    self._note(operation)

    def _note(self, operation: Operation) -> None:
        stream, step = operation.stream, operation.step
        step += operation.kind == "append" and operation.outcome == "done"
        with self._lock:
            self.operations.append(operation)
            if operation.outcome == "done":
                self._known[stream] = max(self._known[stream], step)
            if self._known[stream] >= STEPS_MAX and stream in self._active:
                self._active.remove(stream)
                self._active.append(self._fresh.pop())
                self._known[self._active[-1]] = FIRST_STEP

    def _read(self, client: httpx.Client, stream: str) -> Operation | None:
        called = time.monotonic()
        answer = self._answer(client, "GET", f"/v1/recommendations/{stream}")
        if answer is None or answer.status_code != 200:
            time.sleep(PAUSE_SECONDS)
            return None
        step = int(answer.headers["ETag"].strip('"').partition(".")[0])
        return Operation(stream, "read", step, "done", called, time.monotonic())

    def _append(
        self, client: httpx.Client, random: Random, stream: str, step: int
    ) -> Operation | None:
        """Append once, or under one key until it is answered; half of each."""
        key, again = str(uuid4()), random.random() < 0.5
        called = time.monotonic()
        while True:
            answer = self._answer(
                client,
                "POST",
                f"/v1/recommendations/{stream}/commands",
                json={"type": "comment", "comment": key},
                headers={"If-Match": f'"{step}"', "Idempotency-Key": key},
            )
            status = answer.status_code if answer else None
            if status == 201:
                return Operation(stream, "append", step, "done", called, time.monotonic())
            if status == 412:
                return Operation(stream, "append", step, "conflict", called, time.monotonic())
            time.sleep(PAUSE_SECONDS)
            if status == 429:
                return None
            if not again:
                return Operation(stream, "append", step, "unknown", called, inf)

    def _answer(
        self,
        client: httpx.Client,
        method: str,
        path: str,
        *,
        json: object = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response | None:
        """Return the answer; None without one, or if the service cannot answer now."""
        try:
            answer = client.request(
                method, path, json=json, headers=headers, timeout=ANSWER_SECONDS
            )
        except httpx.TransportError:
            return None
        self.statuses.add(answer.status_code)
        return None if answer.status_code == 503 else answer
