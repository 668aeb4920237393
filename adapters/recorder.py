"""eventsourcing's recorder over PostgreSQL, with one way to write: the function ledger_append.

Against the stock recorder: an advisory lock in place of the table lock (which stalls behind
VACUUM), positions without gaps in the order of commit, private notes and Idempotency-Keys in
the same transaction, several commands a transaction of which each goes in wholly or not at all.
"""

from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    OperationalError,
    StoredEvent,
    Subscription,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresFactory
from psycopg import Cursor
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow, dict_row, tuple_row
from psycopg.types.numeric import Int8
from psycopg_pool import PoolTimeout

from adapters.append import Append, Appended, outcomes, statement
from adapters.committer import Committer
from adapters.entry import new_entry_id
from adapters.subscription import BatchSubscription, Row

T = TypeVar("T")
RECONNECT_SECONDS = 1.0
ATTEMPTS = 3
"""How often an append or a read is tried when the connection is lost."""

_ROW = "originator_id, originator_version, topic, state, notification_id"


class LedgerRecorder(PostgresApplicationRecorder):
    """The ledger's rows. Its table is made by the migrations, not by the library."""

    def __init__(
        self, datastore: PostgresDatastore, *, events_table_name: str = "ledger_events"
    ) -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        self.sql_create_statements.clear()
        self.datastore.db_type_names.clear()
        self._committer = Committer(self.append)

    # Writing

    def put(self, command: Append) -> Appended:
        """Append one command, in one transaction with those that come at the same time.

        Raises Busy if too many wait, else as `append` does.
        """
        return self._committer.put(command)

    def append(self, commands: Sequence[Append]) -> list[Appended]:
        """Append commands in one transaction, durable when this returns.

        When the connection is lost the outcome is unknown: it asks again which entries are
        there before it tries again. Raises OperationalError if the database stays away.
        """
        call, arrays = statement(commands)
        for attempt in range(ATTEMPTS):
            try:
                with self._rows() as cursor:
                    cursor.execute(call, arrays, prepare=True)
                    done = outcomes(commands, cursor.fetchone())
                    return self._as_recorded_before(cursor, commands, done) if attempt else done
            except OperationalError as error:
                if attempt + 1 == ATTEMPTS or isinstance(error.__cause__, PoolTimeout):
                    raise  # it has waited for a connection as long as it may
                self.datastore.pool.check()
        raise AssertionError("the last attempt returns or raises")

    @staticmethod
    def _as_recorded_before(
        cursor: Cursor[TupleRow], commands: Sequence[Append], done: Sequence[Appended]
    ) -> list[Appended]:
        """What became of commands that were sent again: a rival may be the lost commit itself.

        The append waited for the lock, so that a lost commit is either there by now or never.
        """
        cursor.execute(
            "SELECT entry_id, notification_id FROM ledger_events WHERE entry_id = ANY(%b)",
            ([command.ids[0] for command in commands],),
        )
        places: dict[UUID, int] = dict(cursor.fetchall())
        return [
            Appended("recorded", places[command.ids[0]]) if command.ids[0] in places else outcome
            for command, outcome in zip(commands, done, strict=True)
        ]

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:  # noqa: ANN401
        """The library's way to append: all the events or none.

        Raises IntegrityError if a step is taken, or would leave a gap.
        """
        if not stored_events:
            return []
        ids = [new_entry_id() for _ in stored_events]
        appended = self.put(Append(stored_events, ids))
        if appended.first_position is None:
            raise IntegrityError("a step is taken already, or the one before it is not")
        return list(range(appended.first_position, appended.first_position + len(stored_events)))

    # Reading

    def read(self, query: Callable[[Cursor[TupleRow]], T]) -> T:
        """Run a query that only reads; once more on fresh connections if one was lost."""
        for attempt in range(ATTEMPTS):
            try:
                with self._rows() as cursor:
                    return query(cursor)
            except OperationalError as error:
                if attempt + 1 == ATTEMPTS or isinstance(error.__cause__, PoolTimeout):
                    raise  # it has waited for a connection as long as it may
                self.datastore.pool.check()
        raise AssertionError("the last attempt returns or raises")

    def stream(self, stream: UUID) -> list[Row]:
        """Every row of a stream, in order of step."""
        sql = f"SELECT {_ROW} FROM ledger_events WHERE originator_id = %b ORDER BY 2"
        return self.read(lambda c: c.execute(sql, (stream,), prepare=True).fetchall())

    def streams(self, streams: Collection[UUID], upto: int | None = None) -> list[Row]:
        """Every row of some streams, in order of stream and step, up to a position if given."""
        sql = (
            f"SELECT {_ROW} FROM ledger_events WHERE originator_id = ANY(%b)"
            " AND notification_id <= %b ORDER BY 1, 2"
        )
        bound = Int8(2**62 if upto is None else upto)
        return self.read(lambda c: c.execute(sql, (list(streams), bound)).fetchall())

    def page(self, after: int, limit: int) -> list[Row]:
        """Up to `limit` rows behind a position, in order of position."""
        sql = (
            f"SELECT {_ROW} FROM ledger_events WHERE notification_id > %b"
            " ORDER BY notification_id LIMIT %b"
        )
        return self.read(
            lambda c: c.execute(sql, (Int8(after), Int8(limit)), prepare=True).fetchall()
        )

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The library's way to read a stream."""
        sql = (
            "SELECT originator_version, topic, state FROM ledger_events"
            " WHERE originator_id = %b AND originator_version > %b AND originator_version <= %b"
            f" ORDER BY originator_version {'DESC' if desc else 'ASC'} LIMIT %b"
        )
        given = (
            originator_id,
            Int8(gt or 0),
            Int8(2**62 if lte is None else lte),
            Int8(limit or 2**62),
        )
        rows = self.read(lambda c: c.execute(sql, given, prepare=True).fetchall())
        return [StoredEvent(originator_id, step, tag, state) for step, tag, state in rows]

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Rows as they come, in batches; see BatchSubscription."""
        return BatchSubscription(self, self.page, gt=gt, topics=topics)

    @contextmanager
    def _rows(self) -> Generator[Cursor[TupleRow]]:
        with self.datastore.get_connection() as connection:
            yield connection.cursor(row_factory=tuple_row, binary=True)


class LedgerFactory(PostgresFactory):
    """The library's factory, connecting by a libpq connection string."""

    application_recorder_class = LedgerRecorder

    CONNINFO = "TRACKER_CONNINFO"

    def __init__(self, env: Any) -> None:  # noqa: ANN401  the library's signature
        super().__init__(env)
        given = {
            k: v for k, v in conninfo_to_dict(self.env[self.CONNINFO]).items() if v is not None
        }
        pool = self.datastore.pool
        pool.kwargs = {**given, "row_factory": dict_row}
        # Give up soon, since the next request then tries at once; the pool by itself would wait
        # twice as long each time, and still be away when the database is back.
        pool.reconnect_timeout = RECONNECT_SECONDS


def environment(
    conninfo: str, *, pool: int, wait: int = 30, schema: str = "public"
) -> dict[str, str]:
    """What the library is configured by: `pool` connections, `wait` seconds for one."""
    return {
        "PERSISTENCE_MODULE": f"{LedgerFactory.__module__}:{LedgerFactory.__qualname__}",
        LedgerFactory.CONNINFO: conninfo,
        "POSTGRES_DBNAME": "",
        "POSTGRES_HOST": "",
        "POSTGRES_USER": "",
        "POSTGRES_PASSWORD": "",
        "POSTGRES_POOL_SIZE": str(pool),
        "POSTGRES_MAX_OVERFLOW": "0",
        "POSTGRES_CONNECT_TIMEOUT": str(wait),
        "POSTGRES_SCHEMA": schema,
    }
