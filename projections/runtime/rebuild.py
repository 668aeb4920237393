"""Rebuilding a read model: built beside the live schema, compared at one position, swapped in.

The swap renames two schemas in one transaction, so a reader always finds a complete read model.
"""

import time
from collections.abc import Sequence

import structlog
from msgspec import Struct
from psycopg.sql import SQL, Identifier

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import PROJECTOR, Database
from adapters.postgres.limits import connect
from projections.runtime.build import BUILD_SECONDS, build, next_schema
from projections.runtime.follower import FollowedModel, Follower
from projections.runtime.read_model import OnProgress, ReadModel
from projections.runtime.schemas import (
    Connection,
    drop,
    exists,
    is_ahead,
    rename,
    try_lock,
    unlock,
)
from projections.runtime.tracking import opened_store

LIVE_POLL_SECONDS = 0.1
LIVE_WAIT_SECONDS = 10.0
"""How long a rebuild waits for the live read model to catch up."""
DIFFERENCES_SHOWN = 5

log = structlog.get_logger()


class BeingRebuilt(Exception):  # noqa: N818  an answer, not a fault
    """Another process is rebuilding the read model."""


class Rebuilt(Struct, frozen=True):
    """The outcome of a rebuild: entries applied and, if compared, rows unlike the live ones."""

    entries: int
    compared: bool
    only_live: int
    only_new: int
    samples: tuple[str, ...]
    swapped: bool


def rebuild(
    database: Database, model: type[ReadModel], *, on_progress: OnProgress, swap: bool = True
) -> Rebuilt:
    """Rebuild a read model beside its live tables, compare, and replace them.

    An interruption at any moment leaves the live tables as they were. Raises BeingRebuilt if
    another process is rebuilding the read model.
    """
    conninfo, schema = database.conninfo(PROJECTOR), next_schema(model)
    with connect(conninfo, limit=BUILD_SECONDS) as connection:
        if not try_lock(connection, schema):
            raise BeingRebuilt(f"{model.name} is being rebuilt by another process")
        build(conninfo, [model], on_progress)
        with (
            opened_store(conninfo, model.schema, schema, limit=BUILD_SECONDS) as store,
            Ledger(environment(conninfo, pool=1, deadline=BUILD_SECONDS)) as ledger,
        ):
            built = Follower(ledger.rows, [FollowedModel(model, store)])
            built.catch_up(ledger.head(), on_progress)
            _wait_for_live(connection, model, built.position)
            rebuilt = _finish(connection, model, built, on_progress, swap=swap)
        if swap:
            drop(connection, f"{model.schema}_old")
        else:
            drop(connection, schema)
        unlock(connection, schema)
    log.info("read_model_rebuilt", name=model.name, entries=rebuilt.entries, swapped=swap)
    return rebuilt


def build_missing(
    database: Database, models: Sequence[type[ReadModel]], on_progress: OnProgress
) -> None:
    """Build the read models that do not exist and that no other process is building.

    An interruption at any moment leaves nothing but schemas that the next build drops.
    """
    conninfo = database.conninfo(PROJECTOR)
    with connect(conninfo, limit=BUILD_SECONDS) as connection:
        missing = [
            model
            for model in models
            if try_lock(connection, next_schema(model)) and not exists(connection, model.schema)
        ]
        entries = build(conninfo, missing, on_progress) if missing else 0
        with connection.transaction():
            for model in missing:
                rename(connection, next_schema(model), model.schema)
    for model in missing:
        log.info("read_model_built", name=model.name, entries=entries)


def _finish(
    connection: Connection,
    model: type[ReadModel],
    built: Follower,
    on_progress: OnProgress,
    *,
    swap: bool,
) -> Rebuilt:
    """Lock the live read model, catch up with it, compare, and swap."""
    schema, new = model.schema, next_schema(model)
    with connection.transaction():
        live = None if is_ahead(connection, model) else _hold(connection, model)
        level = live is not None and built.position <= live
        built.catch_up(live or 0, on_progress)
        entries = built.position
        nothing: tuple[int, int, tuple[str, ...]] = (0, 0, ())
        differences = _compare(connection, model, schema, new) if level else nothing
        if swap:
            if exists(connection, schema):
                rename(connection, schema, f"{schema}_old")
            rename(connection, new, schema)
    return Rebuilt(entries, level, *differences, swapped=swap)


def _wait_for_live(connection: Connection, model: type[ReadModel], position: int) -> None:
    """Wait a while for the live read model to catch up, which allows a comparison."""
    until = time.monotonic() + LIVE_WAIT_SECONDS
    while exists(connection, model.schema) and time.monotonic() < until:
        with connection.transaction():
            if (_hold(connection, model) or 0) >= position:
                return
        time.sleep(LIVE_POLL_SECONDS)


def _hold(connection: Connection, model: type[ReadModel]) -> int | None:
    """Return the live position, locked until this transaction ends; None if not live."""
    if not exists(connection, model.schema):
        return None
    row = connection.execute(
        "SELECT notification_id FROM " + model.tracking + " WHERE application_name = %s FOR UPDATE",
        (Ledger.name,),
    ).fetchone()
    return row[0] if row else 0


def _compare(
    connection: Connection, model: type[ReadModel], live: str, new: str
) -> tuple[int, int, tuple[str, ...]]:
    only: list[list[str]] = []
    for schema, other in ((live, new), (new, live)):
        extra: list[str] = []
        for table, columns in model.compared:
            rows = connection.execute(
                SQL(
                    "SELECT row_to_json(d)::text FROM"
                    " (SELECT {c} FROM {a} EXCEPT ALL SELECT {c} FROM {b}) d"
                ).format(c=SQL(columns), a=Identifier(schema, table), b=Identifier(other, table))
            ).fetchall()
            extra += [f"{table} {row[0]}" for row in rows]
        only.append(extra)
    samples = tuple(
        f"only {which}: {row}"
        for which, rows in zip(("live", "new"), only, strict=True)
        for row in rows[:DIFFERENCES_SHOWN]
    )
    return len(only[0]), len(only[1]), samples
