"""Readiness: whether commands can be recorded, and how far each read model has come."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import structlog
from msgspec import Struct
from psycopg import Cursor
from psycopg.errors import InsufficientPrivilege, QueryCanceled

from adapters.clock import made_at, now
from adapters.ledger.queries import published_position
from adapters.postgres.limits import connect
from projections.runtime.read_model import ReadModel
from projections.runtime.tracking import tracked_position

log = structlog.get_logger()

CONNECT_SECONDS = 2
"""The shortest timeout that libpq supports."""
CLOCK_LIMIT = timedelta(minutes=2)
"""How far clocks may differ; the same as ledger_clock_limit()."""

_LEDGER: LiteralString = (
    "SELECT coalesce((SELECT max(notification_id) FROM ledger_events), 0), l.id,"
    " l.server IS NOT DISTINCT FROM ledger_server(),"
    " pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',"
    " clock_timestamp(), ledger_frozen()"
    " FROM ledger_lineages l ORDER BY l.number DESC LIMIT 1"
)
_LOCK: LiteralString = "SELECT pg_advisory_xact_lock_shared(7411, 1)"
"""The lock of ledger_append: whoever gets it could record."""
_SCHEMA: LiteralString = (
    "SELECT coalesce(max(number), 0),"
    " coalesce(max((to_jsonb(m) ->> 'serves')::integer), 0) FROM schema_migrations m"
)
_IS_THERE: LiteralString = "SELECT to_regclass(%s) IS NOT NULL"
_ENTRIES: LiteralString = (
    "SELECT notification_id, entry_id FROM ledger_events WHERE notification_id = ANY(%s::bigint[])"
)


class Reached(Struct, frozen=True):
    """The position of a read model, and for how many seconds the next entry has waited for it."""

    position: int
    lag_seconds: float


class Readiness(Struct, frozen=True):
    """The ledger and the read models; None for missing models."""

    schema: int
    """The number of the schema's last migration; 0 if too old to tell."""
    serves: int
    """The migration that a program has to know to run on the schema."""
    head: int
    lineage: UUID
    halted: str | None
    """The reason in words why no command can be recorded now, if there is one."""
    reached: dict[str, Reached | None]
    published: Mapping[int, int]
    """The last published position up to each of those positions, which the public may see."""


def read_readiness(
    conninfo: str, reader: str, models: Sequence[type[ReadModel]]
) -> Readiness | None:
    """Return the readiness of the database and of read models, in their versions.

    Connects separately, so that a busy service is not mistaken for a lost database. Returns None
    if the database does not answer, or lacks something that the service needs. The read models are
    read as `reader`.
    """
    try:
        return _read(conninfo, reader, models)
    except psycopg.Error as error:
        log.warning("database_unreachable", error=type(error).__name__)
        return None


def _read(conninfo: str, reader: str, models: Sequence[type[ReadModel]]) -> Readiness:
    with (
        connect(conninfo, limit=CONNECT_SECONDS, connect_timeout=CONNECT_SECONDS) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SET statement_timeout = '1s'")
        cursor.execute("SELECT FROM tokens LIMIT 0")
        schema, serves = _schema(cursor)
        row = cursor.execute(_LEDGER).fetchone()
        assert row is not None  # noqa: S101  a migration begins the first lineage
        head, lineage, confirmed, read_only, there, frozen = row
        halted = _halted(there, frozen, confirmed=confirmed, read_only=read_only)
        positions = _positions(reader, models)
        following = [position + 1 for position in positions.values()]
        first: dict[int, UUID] = dict(cursor.execute(_ENTRIES, (following,)).fetchall())
        published = {
            position: published_position(cursor, position)
            for position in {head, *positions.values()}
        }
        try:
            cursor.execute(_LOCK)
        except QueryCanceled:
            halted = halted or "An append holds up all others."
    reached = {
        model.name: Reached(positions[model.name], _waited(first.get(positions[model.name] + 1)))
        if model.name in positions
        else None
        for model in models
    }
    return Readiness(schema, serves, head, lineage, halted, reached, published)


def _positions(reader: str, models: Sequence[type[ReadModel]]) -> dict[str, int]:
    """Return the position of each read model that is there."""
    with (
        connect(reader, limit=CONNECT_SECONDS, connect_timeout=CONNECT_SECONDS) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SET statement_timeout = '1s'")
        return {
            model.name: tracked_position(cursor, model)
            for model in models
            if cursor.execute(_IS_THERE, (model.tracking,)).fetchone() == (True,)
        }


def _waited(entry: UUID | None) -> float:
    """Return for how many seconds an entry has waited to be read; 0 if there is none."""
    waited = (now() - made_at(entry)).total_seconds() if entry else 0.0
    return round(max(0.0, waited), 1)


def _halted(there: datetime, frozen: datetime, *, confirmed: bool, read_only: bool) -> str | None:
    here = now()
    if read_only:
        return "The database is a standby or read-only: nothing can be recorded."
    if not confirmed:
        return (
            "The database is a restored or promoted copy: nothing is recorded until an operator "
            "confirms it by `tracker resume`."
        )
    if abs(there - here) > CLOCK_LIMIT:
        return f"The clock of this service is at {here}, that of its database at {there}."
    if frozen > here + CLOCK_LIMIT:
        return f"The ledger has come to {frozen.astimezone(UTC)}, ahead of the clock."
    return None


def _schema(cursor: Cursor[Any]) -> tuple[int, int]:
    try:
        row = cursor.execute(_SCHEMA).fetchone()
    except InsufficientPrivilege:
        return 0, 0
    return row or (0, 0)
