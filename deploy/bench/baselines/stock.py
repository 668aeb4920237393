"""The eventsourcing library as it comes: its recorder and its runner, on a table of its own."""

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
"""Its pipeline stalls for ever on much more."""
FORCES = 43
POOL = 4
POLL_SECONDS = 0.01
_COUNT = (
    "INSERT INTO counts VALUES (%s, 1) ON CONFLICT (force) DO UPDATE SET events = counts.events + 1"
)


class StockFactory(PostgresFactory):
    """The library's own recorders; only the way to the database is ours."""

    def __init__(self, env: Any) -> None:  # noqa: ANN401  the library's signature
        super().__init__(env)
        given = conninfo_to_dict(self.env[LedgerFactory.CONNINFO])
        self.datastore.pool.kwargs = {**given, "row_factory": dict_row}


@dataclass(frozen=True)
class Told(DomainEvent):
    """One event, as the library's tutorial would have it."""

    force: int
    text: str


class Stock(Application[UUID]):
    """The library's application: its table, its mapper, its lock."""

    name = "stock"


class Counts(PostgresTrackingRecorder):
    """Events counted by force, one event a transaction."""

    def count(self, force: int, tracking: Tracking) -> None:
        """Count one more."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(_COUNT, (force,), prepare=True)


class Counting(Projection[Counts]):
    """The simplest read model there is."""

    name = "counting"

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401
        """Count an event."""
        self.view.count(domain_event.force, tracking)


def settings(conninfo: str, pool: int) -> dict[str, str]:
    """What the library is configured by."""
    topic = f"{StockFactory.__module__}:{StockFactory.__qualname__}"
    return {**environment(conninfo, pool=pool), "PERSISTENCE_MODULE": topic}


def append(conninfo: str, writers: int, seconds: float) -> float:
    """Events a second through the library's recorder, by threads."""
    with StockFactory(Environment(Stock.name, settings(conninfo, writers + 1))) as factory:
        recorder = factory.application_recorder()
        return appends.rate(lambda event: recorder.insert_events([event]), writers, seconds)


def catch_up(conninfo: str) -> float:
    """Events a second through the library's runner."""
    given = settings(conninfo, POOL)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS stock_events, counting_tracking, counts")
        connection.execute("CREATE TABLE counts (force integer PRIMARY KEY, events bigint)")
    with Stock(given) as stock:
        for first in range(0, EVENTS, PUT_TOGETHER):
            stock.events.put([_told(first + number) for number in range(PUT_TOGETHER)])
    began = time.perf_counter()
    with ProjectionRunner(
        application_class=Stock, projection_class=Counting, view_class=Counts, env=given
    ) as runner:
        while (runner.projection.view.max_tracking_id(Stock.name) or 0) < EVENTS:
            if runner.is_interrupted.wait(POLL_SECONDS):
                runner.run_forever()
        return EVENTS / (time.perf_counter() - began)


def _told(number: int) -> Told:
    return Told(
        originator_id=uuid4(),
        originator_version=1,
        timestamp=datetime.now(UTC),
        force=number % FORCES,
        text=data.TEXTS[number % len(data.TEXTS)],
    )
