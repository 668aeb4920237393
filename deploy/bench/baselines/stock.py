"""The eventsourcing library out of the box: its recorder and runner, on its own table."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresFactory, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from adapters.ledger.recorder import LedgerFactory, environment
from deploy.bench import data
from deploy.bench.load import appends

EVENTS = 3_000
PUT_TOGETHER = 100
"""Events per put; the library's pipeline stalls forever on many more."""
FORCES = 43
POOL = 4
POLL_SECONDS = 0.01
_COUNT = (
    "INSERT INTO counts VALUES (%s, 1) ON CONFLICT (force) DO UPDATE SET events = counts.events + 1"
)


class StockFactory(PostgresFactory):
    """The library's own recorders; only the connection to the database is ours."""

    def __init__(self, env: Any) -> None:  # noqa: ANN401  the library's signature
        super().__init__(env)
        parameters = conninfo_to_dict(self.env[LedgerFactory.CONNINFO])
        self.datastore.pool.kwargs = {**parameters, "row_factory": dict_row}


@dataclass(frozen=True)
class Sample(DomainEvent):
    """An event in the style of the library's tutorial."""

    force: int
    text: str


class Stock(Application[UUID]):
    """The library's application: its table, its mapper, its lock."""

    name = "stock"


class ForceCounts(PostgresTrackingRecorder):
    """Events counted by force, one event per transaction."""

    def count(self, force: int, tracking: Tracking) -> None:
        """Add one to a force's count."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(_COUNT, (force,), prepare=True)


class Counting(Projection[ForceCounts]):
    """The simplest possible read model."""

    name = "counting"

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401
        """Count an event."""
        self.view.count(domain_event.force, tracking)


def settings(conninfo: str, pool: int) -> dict[str, str]:
    """Return the library's configuration."""
    topic = f"{StockFactory.__module__}:{StockFactory.__qualname__}"
    return {**environment(conninfo, pool=pool), "PERSISTENCE_MODULE": topic}


def append(conninfo: str, writers: int, seconds: float) -> float:
    """Return events per second through the library's recorder, by threads."""
    with StockFactory(Environment(Stock.name, settings(conninfo, writers + 1))) as factory:
        recorder = factory.application_recorder()
        return appends.rate(lambda event: recorder.insert_events([event]), writers, seconds)


def catch_up(conninfo: str) -> float:
    """Return events per second through the library's runner."""
    env = settings(conninfo, POOL)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS stock_events, counting_tracking, counts")
        connection.execute("CREATE TABLE counts (force integer PRIMARY KEY, events bigint)")
    with Stock(env) as stock:
        for first in range(0, EVENTS, PUT_TOGETHER):
            stock.events.put([_sample(first + number) for number in range(PUT_TOGETHER)])
    began = time.perf_counter()
    with ProjectionRunner(
        application_class=Stock, projection_class=Counting, view_class=ForceCounts, env=env
    ) as runner:
        while (runner.projection.view.max_tracking_id(Stock.name) or 0) < EVENTS:
            if runner.is_interrupted.wait(POLL_SECONDS):
                runner.run_forever()
        return EVENTS / (time.perf_counter() - began)


def _sample(number: int) -> Sample:
    return Sample(
        originator_id=uuid4(),
        originator_version=1,
        timestamp=datetime.now(UTC),
        force=number % FORCES,
        text=data.TEXTS[number % len(data.TEXTS)],
    )
