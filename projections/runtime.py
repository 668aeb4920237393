"""What keeps read models current: each from its own place in the ledger, restartable anywhere.

A read model is a schema of its own in the database: its tables, and the position that they have
reached, changed in one transaction. One process keeps each; others stand by.
"""

from abc import abstractmethod
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, ClassVar, LiteralString
from uuid import UUID

from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import ApplicationSubscription, Projection, ProjectionRunner
from eventsourcing.utils import Environment
from psycopg import Cursor
from psycopg.rows import DictRow

from adapters.entry import skim_row
from adapters.ledger import Ledger
from adapters.recorder import LedgerFactory, LedgerRecorder, environment
from adapters.subscription import BatchSubscription, Row
from domain.events import Event
from domain.life import State
from domain.stamp import Entry
from projections.pieces import Change, Content, Folder

POOL = 2
"""Connections of one runner to the ledger: one listens, one reads."""
WAIT_SECONDS = 2
"""How long a runner waits for one, before it tries again from the beginning."""


class Poisoned(Exception):  # noqa: N818  says what happened
    """An entry that a read model cannot take. Says which, and why; what came before is kept."""

    def __init__(self, model: str, position: int, error: Exception) -> None:
        super().__init__(f"{model} cannot take the entry at position {position}: {error!r}")
        self.model, self.position, self.error = model, position, error

    def __reduce__(self) -> tuple[type["Poisoned"], tuple[str, int, Exception]]:
        """How another process hands it over."""
        return Poisoned, (self.model, self.position, self.error)


class View(PostgresTrackingRecorder):
    """A read model's tables and its place in the ledger, which change together."""

    @property
    def schema(self) -> str:
        """Where its tables are."""
        return self.datastore.schema

    @contextmanager
    def moving_to(self, position: int) -> Generator[Cursor[DictRow]]:
        """One transaction: whatever is written inside, and the place that it brings us to."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, Tracking(Ledger.name, position))
            yield cursor

    def position(self) -> int:
        """The last position taken in, or 0."""
        return self.max_tracking_id(Ledger.name) or 0


@contextmanager
def viewing(conninfo: str, name: str, schema: str) -> Generator[View]:
    """The tables and the place of a read model, as they are in a schema."""
    env = environment(conninfo, pool=1, schema=schema)
    with LedgerFactory(Environment(name, env)) as factory:
        yield factory.tracking_recorder(View)


class ReadModel(Projection[View]):
    """A read model: what it shows of a stream's state, and how it writes changes of that.

    Subclasses are one file each, with their tables, rows and queries.
    """

    version: ClassVar[int] = 1
    """Another version is rebuilt beside the one that is there."""
    tables: ClassVar[LiteralString]
    """Its tables, made inside its schema."""
    indexes: ClassVar[LiteralString]
    """Their indexes, made at once, or after they are filled."""
    compared: ClassVar[tuple[tuple[LiteralString, LiteralString], ...]]
    """What tells two builds apart: each table with the columns that must be equal."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._folder: Folder | None = None

    def attach(self, recorder: LedgerRecorder) -> None:
        """Say where histories are read."""

        def histories(streams: Sequence[UUID], upto: int) -> dict[UUID, list[Entry[Event]]]:
            found: dict[UUID, list[Entry[Event]]] = {stream: [] for stream in streams}
            for row in recorder.streams(streams, upto):
                found[row[0]].append(skim_row(row))
            return found

        self._folder = Folder((type(self).show,), histories)

    @staticmethod
    @abstractmethod
    def show(state: State) -> Content | None:
        """What is shown of a state; None for a kind of stream that is not shown."""

    @classmethod
    @abstractmethod
    def write(cls, cursor: Cursor[Any], schema: str, changes: Sequence[Change]) -> None:
        """Write changes, in order."""

    @classmethod
    def fill(cls, cursor: Cursor[Any], schema: str, changes: Sequence[Change]) -> None:
        """Write all the changes of some streams, of which nothing was written before."""
        cls.write(cursor, schema, changes)

    @staticmethod
    def finish(cursor: Cursor[Any], schema: str, recorded: date) -> None:
        """Complete what was filled; `recorded` is the day of the last entry."""

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401
        """The library's way: one entry."""
        self._take([domain_event], tracking.notification_id)

    def process_rows(self, rows: Sequence[Row]) -> None:
        """Take in a batch of rows in order of position. Raises Poisoned, the rest being kept."""
        entries: list[Entry[Event]] = []
        poisoned: Poisoned | None = None
        for row in rows:
            try:
                entries.append(skim_row(row))
            except Exception as error:  # noqa: BLE001  whatever it is, it names the entry
                poisoned = Poisoned(self.name, row[4], error)
                break
        if entries:
            self._take(entries, entries[-1].position)
        if poisoned:
            raise poisoned

    def _take(self, entries: Sequence[Entry[Event]], position: int) -> None:
        if self._folder is None:
            raise RuntimeError("attach a ledger first")
        changes: list[Change] = []
        poisoned: Poisoned | None = None
        try:
            self._folder.prepare(entries)
            for entry in entries:
                try:
                    changes += self._folder.fold(entry)
                except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                    poisoned = Poisoned(self.name, entry.position, error)
                    position = entry.position - 1
                    break
            if changes:
                with self.view.moving_to(position) as cursor:
                    self.write(cursor, self.view.schema, changes)
        except BaseException:
            self._folder.clear()
            raise
        if poisoned:
            self._folder.clear()
            raise poisoned


class Runner(ProjectionRunner[Ledger, View]):
    """The library's runner, a batch a transaction."""

    def __init__(self, model: type[ReadModel], conninfo: str, schema: str | None = None) -> None:
        super().__init__(
            application_class=Ledger,
            projection_class=model,
            view_class=View,
            env={
                **environment(conninfo, pool=POOL, wait=WAIT_SECONDS),
                f"{model.name.upper()}_POSTGRES_SCHEMA": schema or model.name,
            },
        )

    @staticmethod
    def _process_events_loop(
        subscription: ApplicationSubscription[Any],
        projection: Any,  # noqa: ANN401  the library's union of kinds
        is_stopping: Any,  # noqa: ANN401  the library's event
        runner: Any,  # noqa: ANN401  the library's weak reference
    ) -> None:
        try:
            _follow(subscription, projection)
        except BaseException as error:  # noqa: BLE001  handed to whoever waits for the runner
            if (alive := runner()) is not None:
                alive._thread_error = error  # noqa: SLF001  as the library's own loop does
        finally:
            is_stopping.set()


def _follow(subscription: ApplicationSubscription[Any], projection: ReadModel) -> None:
    batches, recorder = subscription.subscription, subscription.recorder
    assert isinstance(batches, BatchSubscription)  # noqa: S101  the ledger's own, as is the rest
    assert isinstance(recorder, LedgerRecorder)  # noqa: S101
    projection.attach(recorder)
    for rows in batches.batches():
        projection.process_rows(rows)
