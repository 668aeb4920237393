"""The ledger position that each read model has reached, stored beside its tables."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString, cast

from eventsourcing.persistence import IntegrityError, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.utils import Environment
from msgspec import Struct
from psycopg import Cursor

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import LedgerFactory, environment, writing
from adapters.postgres.binary import bigint
from adapters.postgres.connection import LibpqConnection
from adapters.postgres.query import Query, QuerySteps, rows
from projections.runtime.read_model import ReadModel

WAIT_SECONDS = 2
"""How long a read model waits for a connection before it starts over."""
IDLE_SECONDS = 30
"""How long the server leaves a transaction open between two statements: a keeper that fell silent
within a batch would lock the tables for the next."""


class ReadModelStore(PostgresTrackingRecorder):
    """A read model's tables and its ledger position, which change together."""

    @property
    def schema(self) -> LiteralString:
        """The schema of its tables: a name from this program, never from input."""
        name: Any = self.datastore.schema
        return cast("LiteralString", name)

    def position(self) -> int:
        """Return the last position applied, or 0; the record is created if missing."""
        position = self.max_tracking_id(Ledger.name)
        if position is None:
            with writing(self.datastore) as wire:
                self.begin(wire, 0)
        return position or 0

    def begin(self, wire: LibpqConnection, position: int) -> None:
        """Record the first position, within a transaction, and let operators read it."""
        self._insert_tracking(wire.cursor(), Tracking(Ledger.name, position))
        name: Any = self.tracking_table_name
        tracking = self.schema + "." + cast("LiteralString", name)
        wire.rows(Query("GRANT SELECT (notification_id) ON " + tracking + " TO tracker_operator"))

    def move(self, wire: LibpqConnection, was: int, now: int) -> None:
        """Move the position from `was` to `now`, within a transaction.

        Raises IntegrityError if the position is not `was`.
        """
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
def opened_store(
    conninfo: str, name: str, schema: str, *, limit: float
) -> Generator[ReadModelStore]:
    """Open the store of a read model in a schema; each statement has `limit` seconds."""
    env = environment(conninfo, pool=1, wait=WAIT_SECONDS, deadline=limit, schema=schema)
    env["POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT"] = str(IDLE_SECONDS)
    with LedgerFactory(Environment(name, env)) as factory:
        yield factory.tracking_recorder(ReadModelStore)


_REACHED: LiteralString = (
    "SELECT notification_id, tableoid::bigint FROM {} WHERE application_name = 'ledger'"
)


class TrackedPosition(Struct, frozen=True):
    """The position of a read model, and the oid of its tracking table.

    A rebuilt read model has another table.
    """

    position: int
    table: int


def tracked_position(cursor: Cursor[Any], model: type[ReadModel]) -> int:
    """Return the ledger position that a read model has reached."""
    row = cursor.execute(_REACHED.format(model.tracking)).fetchone()
    return row[0] if row else 0


def tracked_positions(
    cursor: Cursor[Any], models: Sequence[type[ReadModel]]
) -> tuple[tuple[int, int], ...]:
    """Return the positions and the builds of some read models, all as of one moment."""
    each: list[LiteralString] = [f"({_REACHED.format(model.tracking)})" for model in models]
    return tuple(cursor.execute(" UNION ALL ".join(each)).fetchall())


def tracked_position_of(model: type[ReadModel]) -> QuerySteps[TrackedPosition]:
    """Query the position and the build of a read model, on the event loop."""
    tracked = yield from rows(Query(_REACHED.format(model.tracking)))
    return TrackedPosition(*tracked[0]) if tracked else TrackedPosition(0, 0)
