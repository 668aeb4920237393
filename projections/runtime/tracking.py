"""How far each read model has come in the ledger, and whether the database is there to ask.

And whether its schema is the one that this program knows.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, LiteralString, cast

import structlog
from eventsourcing.persistence import IntegrityError, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.utils import Environment
from msgspec import Struct
from psycopg import Cursor
from psycopg.sql import SQL, Identifier

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import LedgerFactory, environment, writing
from adapters.postgres.binary import bigint
from adapters.postgres.connection import LibpqConnection
from adapters.postgres.query import Query, QuerySteps, rows

WAIT_SECONDS = 2
"""How long a read model waits for a connection, before it tries again from the beginning."""


class ReadModelStore(PostgresTrackingRecorder):
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

    def begin(self, wire: LibpqConnection, position: int) -> None:
        """Have a place for the first time, within a transaction."""
        self._insert_tracking(wire.cursor(), Tracking(Ledger.name, position))

    def move(self, wire: LibpqConnection, was: int, now: int) -> None:
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
def opened_store(conninfo: str, name: str, schema: str) -> Generator[ReadModelStore]:
    """The tables and the place of a read model, as they are in a schema."""
    env = environment(conninfo, pool=1, wait=WAIT_SECONDS, schema=schema)
    with LedgerFactory(Environment(name, env)) as factory:
        yield factory.tracking_recorder(ReadModelStore)


_REACHED: LiteralString = (
    "SELECT notification_id, tableoid::bigint FROM {} WHERE application_name = 'ledger'"
)

log = structlog.get_logger()


class TrackedPosition(Struct, frozen=True):
    """The position of a read model, and its table there: a rebuilt one has another."""

    position: int
    table: int


def tracked_position(cursor: Cursor[Any], name: str) -> int:
    """The position up to which a read model has taken the ledger in."""
    tracking = Identifier(name, f"{name}_tracking")
    row = cursor.execute(SQL(_REACHED).format(tracking)).fetchone()
    return row[0] if row else 0


def tracked_position_of(name: LiteralString) -> QuerySteps[TrackedPosition]:
    """The same, asked on the event loop, and of which of its builds."""
    tracking = name + "." + name + "_tracking"
    found = yield from rows(Query(_REACHED.format(tracking)))
    return TrackedPosition(*found[0]) if found else TrackedPosition(0, 0)
