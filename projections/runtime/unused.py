"""Dropping the schemas of read models, in other versions, that no process keeps or reads any more.

Whoever uses a version holds an advisory lock, which ends with its session, however that ends. A
schema is dropped once it has been free for a while: long enough for the process to be started
again, or for the way back to the version before.
"""

import asyncio
import re
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import LiteralString

import psycopg
import structlog
from eventsourcing.persistence import PersistenceError

from adapters.postgres.binary import texts
from adapters.postgres.database import DEADLINE_SECONDS
from adapters.postgres.limits import connect
from adapters.postgres.pools import AsyncPool
from adapters.postgres.query import Query, QuerySteps, rows
from projections.runtime.read_model import ReadModel
from projections.runtime.schemas import LOCK, Connection, drop

LOOK_SECONDS = 10.0
"""How often the schemas are looked at, unless they may go sooner."""
MARK_SECONDS = 5.0
"""How often a reader looks whether its lock was lost with its connection."""

_WAIT: LiteralString = "SET LOCAL lock_timeout = '1s'"
"""Others would wait behind a drop that waits for a query."""
_OTHERS: LiteralString = (
    "SELECT nspname FROM pg_namespace WHERE pg_get_userbyid(nspowner) = current_user"
    " AND obj_description(oid, 'pg_namespace') ~ '^[0-9]+$' AND nspname <> ALL(%s) ORDER BY 1"
)
"""Whatever `make` created, also in releases that named schemas without their version."""
_IS_FREE: LiteralString = (
    "SELECT bool_and(pg_try_advisory_xact_lock("
    + LOCK
    + ", hashtext(name))) FROM unnest(%s::text[]) AS l (name)"
)
_MARK: LiteralString = (
    "SELECT pg_advisory_lock_shared("
    + LOCK
    + ", hashtext(name || '_read')) IS NULL FROM unnest($1) AS l (name)"
    " WHERE NOT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid()"
    " AND locktype = 'advisory' AND mode = 'ShareLock' AND classid = " + LOCK + ")"
)

log = structlog.get_logger()


class UnusedSchemas:
    """Looks for schemas that nothing uses, and drops them after some seconds."""

    def __init__(self, conninfo: str, used: Collection[str], seconds: float) -> None:
        """`used` are the schemas that this process keeps."""
        self._conninfo, self._used, self._seconds = conninfo, list(used), seconds
        self._free_since: dict[str, float] = {}

    def look(self) -> float:
        """Drop what has been unused for long enough; return the seconds until the next look."""
        try:
            with connect(self._conninfo, limit=DEADLINE_SECONDS) as connection:
                others = connection.execute(_OTHERS, (self._used,)).fetchall()
                since = {name: self._look_at(connection, name) for (name,) in others}
        except psycopg.Error as error:
            log.warning("unused_lists_not_dropped", error=type(error).__name__)
            since = {}  # an outage ends every lock, and its end gives each process time
        self._free_since = {name: moment for name, moment in since.items() if moment is not None}
        return min(LOOK_SECONDS, max(1.0, self._seconds))

    def _look_at(self, connection: Connection, schema: str) -> float | None:
        """Return since when a schema has been unused; None if it is in use, or is dropped."""
        with connection.transaction():
            if connection.execute(_IS_FREE, (_locks_of(schema),)).fetchone() != (True,):
                return None
            since = self._free_since.get(schema, time.monotonic())
            if time.monotonic() - since < self._seconds:
                return since
            connection.execute(_WAIT)
            drop(connection, schema)
        log.info("unused_list_dropped", schema=schema)
        return None


def _locks_of(schema: str) -> list[str]:
    """Return the names that whoever uses a schema has locked: to keep, to read or to build it."""
    if built := re.fullmatch(r"(.+)_(next|old)", schema):
        return [f"{built[1]}_next"]
    return [schema, f"{schema}_read"]


async def mark_as_read(pool: AsyncPool, models: Sequence[type[ReadModel]]) -> None:
    """Mark read models as read by this process, until cancelled, through a pool of one connection.

    A lost connection is replaced, and marked again.
    """
    while True:
        with suppress(PersistenceError):
            await pool.run(_marked([model.schema for model in models]))
        await asyncio.sleep(MARK_SECONDS)


def _marked(schemas: Sequence[str]) -> QuerySteps[object]:
    return rows(Query(_MARK, (texts(schemas),)))
