"""eventsourcing's recorder over PostgreSQL, with one way to write: the function ledger_append.

Against the stock recorder: an advisory lock in place of the table lock (which stalls behind
VACUUM), positions without gaps in the order of commit, private notes and Idempotency-Keys in
the same transaction, several commands a transaction of which each goes in wholly or not at all.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    StoredEvent,
    Subscription,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresFactory
from psycopg import Cursor, Rollback
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow, dict_row
from psycopg.types.numeric import Int8

from adapters.clock import new_entry_id
from adapters.ledger.append import Append, Appended, LargeAppend, append_all, append_parts
from adapters.ledger.lineage import LastSeen, halting, noting
from adapters.ledger.queries import StoredRow, head, of_streams, page
from adapters.ledger.subscription import BatchSubscription
from adapters.postgres.connection import LibpqConnection
from adapters.postgres.errors import naming_errors
from adapters.postgres.pools import RECONNECT_SECONDS, Pool
from adapters.postgres.query import QuerySteps, T, with_reconnect
from adapters.steps import run


class LedgerRecorder(PostgresApplicationRecorder):
    """The rows of the ledger. The migrations make its table, not the library."""

    def __init__(
        self, datastore: PostgresDatastore, *, events_table_name: str = "ledger_events"
    ) -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        self.sql_create_statements.clear()
        self.datastore.db_type_names.clear()
        self.connections = Pool(self.datastore.pool)
        self.seen = LastSeen()

    # Writing

    def append(self, commands: Sequence[Append]) -> list[Appended]:
        """Append commands in one transaction, durable when this returns.

        Raises OperationalError if the database stays away, and RecordingHalted.
        """
        return self.run(append_all(commands, self.seen))

    def append_parts(self, command: LargeAppend) -> Appended:
        """Append a command in parts, in one transaction, durable when this returns.

        If the connection is lost it is appended again, unless it is on record. Raises as `append`,
        HeldTooLong, and whatever making a part raises; then nothing is recorded.
        """
        steps: Generator[LargeAppend, Appended, Appended] = with_reconnect(command)
        with noting(self.seen):
            return run(steps, self._append_parts)

    def _append_parts(self, command: LargeAppend) -> Appended:
        appended, last = Appended("rivalled", None), self.seen
        # Here, where an error of PostgreSQL has become one of the library.
        with halting(), writing(self.datastore) as connection:
            appended, last = run(append_parts(command, self.seen), connection.rows)
            if appended.first_position is None:
                raise Rollback
        self.seen.lineage, self.seen.position, self.seen.entry = (
            last.lineage,
            last.position,
            last.entry,
        )
        return appended

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:  # noqa: ANN401
        """Append all the events or none, by the library's interface.

        Raises IntegrityError if a step is taken, or would leave a gap.
        """
        if not stored_events:
            return []
        ids = [new_entry_id() for _ in stored_events]
        (appended,) = self.append([Append(stored_events, ids)])
        if appended.first_position is None:
            raise IntegrityError("a step is taken already, or the one before it is not")
        return list(range(appended.first_position, appended.first_position + len(stored_events)))

    # Reading

    def run(self, steps: QuerySteps[T]) -> T:
        """As `Pool.run`."""
        return self.connections.run(steps)

    def read(self, query: Callable[[Cursor[TupleRow]], T]) -> T:
        """As `Pool.read`."""
        return self.connections.read(query)

    def max_notification_id(self) -> int | None:
        """Return the last position, by the library's interface."""
        return self.run(head())

    def streams(self, streams: Sequence[UUID], through: int) -> list[StoredRow]:
        """Return every row of some streams up to a position, in order of stream and step."""
        return self.run(of_streams(streams, through))

    def page(self, after: int, limit: int) -> list[StoredRow]:
        """Return up to `limit` rows after a position, in order of position."""
        return self.run(page(after, limit))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return a stream's events, by the library's interface."""
        sql = (
            "SELECT originator_version, topic, state FROM ledger_events"
            " WHERE originator_id = %b AND originator_version > %b AND originator_version <= %b"
            f" ORDER BY originator_version {'DESC' if desc else 'ASC'} LIMIT %b"
        )
        parameters = (
            originator_id,
            Int8(gt or 0),
            Int8(2**62 if lte is None else lte),
            Int8(limit or 2**62),
        )
        rows = self.read(lambda c: c.execute(sql, parameters, prepare=True).fetchall())
        return [StoredEvent(originator_id, step, tag, state) for step, tag, state in rows]

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Subscribe to rows in batches; see BatchSubscription."""
        return BatchSubscription(self, self.page, gt=gt, topics=topics)


@contextmanager
def writing(datastore: PostgresDatastore) -> Generator[LibpqConnection]:
    """Open one transaction on a connection of a datastore."""
    datastore.pool.open()
    with naming_errors(), datastore.pool.connection() as connection, connection.transaction():
        yield cast("LibpqConnection", connection)


class LedgerFactory(PostgresFactory):
    """The library's factory, connecting by a libpq connection string."""

    application_recorder_class = LedgerRecorder

    CONNINFO = "TRACKER_CONNINFO"
    DEADLINE = "TRACKER_DEADLINE"

    def __init__(self, env: Any) -> None:  # noqa: ANN401  the library's signature
        super().__init__(env)
        conninfo = conninfo_to_dict(self.env[self.CONNINFO])
        deadline = self.env.get(self.DEADLINE)
        pool = self.datastore.pool
        pool.kwargs = {
            **{name: value for name, value in conninfo.items() if value is not None},
            "row_factory": dict_row,
            "limit": float(deadline) if deadline else None,
        }
        pool.connection_class = LibpqConnection
        # Give up soon, since the next request then tries at once; the pool by itself would wait
        # twice as long each time, and still be away when the database is back.
        pool.reconnect_timeout = RECONNECT_SECONDS


def environment(
    conninfo: str,
    *,
    pool: int,
    wait: int = 30,
    deadline: float | None = None,
    schema: str = "public",
) -> dict[str, str]:
    """Return the library's configuration: `pool` connections, and `wait` seconds for one.

    Each statement has `deadline` seconds to be answered; None sets no limit.
    """
    return {
        "PERSISTENCE_MODULE": f"{LedgerFactory.__module__}:{LedgerFactory.__qualname__}",
        LedgerFactory.CONNINFO: conninfo,
        LedgerFactory.DEADLINE: str(deadline or ""),
        "POSTGRES_DBNAME": "",
        "POSTGRES_HOST": "",
        "POSTGRES_USER": "",
        "POSTGRES_PASSWORD": "",
        "POSTGRES_POOL_SIZE": str(pool),
        "POSTGRES_MAX_OVERFLOW": "0",
        "POSTGRES_CONNECT_TIMEOUT": str(wait),
        "POSTGRES_SCHEMA": schema,
    }
