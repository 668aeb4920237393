"""What a read model is: what it shows of a stream's state, its tables, and its place in the ledger.

A read model is a schema of its own in the database: its tables, and the position that they have
reached, changed in one transaction. One process keeps each; others stand by.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, ClassVar, LiteralString, cast

from eventsourcing.persistence import IntegrityError, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.utils import Environment

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import LedgerFactory, environment, writing
from adapters.postgres.binary import bigint
from adapters.postgres.connection import Wire
from adapters.postgres.query import Query
from domain.history import State
from projections.pieces import Change, Content

WAIT_SECONDS = 2
"""How long a read model waits for a connection, before it tries again from the beginning."""


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
    def schema(self) -> LiteralString:
        """Where its tables are: a name of this program."""
        name: Any = self.datastore.schema
        return cast("LiteralString", name)

    def position(self) -> int:
        """The last position taken in, or 0; the place is made if there is none."""
        found = self.max_tracking_id(Ledger.name)
        if found is None:
            with writing(self.datastore) as wire:
                self.begin(wire, 0)
        return found or 0

    def begin(self, wire: Wire, position: int) -> None:
        """Have a place for the first time, within a transaction."""
        self._insert_tracking(wire.cursor(), Tracking(Ledger.name, position))

    def move(self, wire: Wire, was: int, now: int) -> None:
        """Move the place within a transaction. Raises IntegrityError if it is not where it was."""
        name: Any = self.tracking_table_name
        tracking = self.schema + "." + cast("LiteralString", name)
        moved = wire.rows(
            Query(
                "UPDATE " + tracking + " SET notification_id = $1 WHERE application_name = 'ledger'"
                " AND notification_id = $2 RETURNING true",
                (bigint(now), bigint(was)),
            )
        )
        if not moved:
            raise IntegrityError(f"{self.schema} is not at position {was} any more")


@contextmanager
def viewing(conninfo: str, name: str, schema: str) -> Generator[View]:
    """The tables and the place of a read model, as they are in a schema."""
    env = environment(conninfo, pool=1, wait=WAIT_SECONDS, schema=schema)
    with LedgerFactory(Environment(name, env)) as factory:
        yield factory.tracking_recorder(View)


class ReadModel(ABC):
    """A read model: what it shows of a stream's state, and how it writes changes of that.

    Subclasses are one file each, with their tables, rows and queries.
    """

    name: ClassVar[LiteralString]
    version: ClassVar[int] = 1
    """Another version is rebuilt beside the one that is there."""
    tables: ClassVar[LiteralString]
    """Its tables, made inside its schema."""
    indexes: ClassVar[LiteralString]
    """Their indexes, made at once, or after they are filled."""
    compared: ClassVar[tuple[tuple[LiteralString, LiteralString], ...]]
    """What tells two builds apart: each table with the columns that must be equal."""

    @staticmethod
    @abstractmethod
    def show(state: State) -> Content | None:
        """What is shown of a state; None for a kind of stream that is not shown."""

    @classmethod
    @abstractmethod
    def write(cls, wire: Wire, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write changes, in order."""

    @classmethod
    def fill(cls, wire: Wire, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write all the changes of some streams, of which nothing was written before."""
        cls.write(wire, schema, changes)

    @staticmethod  # noqa: B027  nothing is left to complete, for most
    def finish(wire: Wire, schema: LiteralString, recorded: date) -> None:
        """Complete what was filled; `recorded` is the day of the last entry."""
