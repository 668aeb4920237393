"""A read model made anew beside the live one, compared with it at one position, and swapped.

The swap renames two schemas in one transaction, so that a reader always finds one of them whole.
"""

import time
from collections.abc import Sequence

import psycopg
import structlog
from msgspec import Struct
from psycopg.sql import SQL, Identifier

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import PROJECTOR, Database
from projections.runtime.build import build, next_schema
from projections.runtime.follower import FollowedModel, Follower
from projections.runtime.read_model import OnProgress, ReadModel
from projections.runtime.schemas import Connection, drop, exists, rename, try_lock, version
from projections.runtime.tracking import opened_store

LIVE_POLL_SECONDS = 0.1
LIVE_WAIT_SECONDS = 10.0
"""How long a rebuild waits for the live read model to come level."""
DIFFERENCES_SHOWN = 5

log = structlog.get_logger()


class Rebuilt(Struct, frozen=True):
    """What a rebuild did: entries taken in, rows that differed from the live one, if compared."""

    entries: int
    compared: bool
    only_live: int
    only_new: int
    samples: tuple[str, ...]
    swapped: bool


def rebuild(
    database: Database, model: type[ReadModel], *, told: OnProgress, swap: bool = True
) -> Rebuilt:
    """Build a read model anew beside the live one, compare the two, and put it in its place.

    Interrupted at any moment, it leaves the live one as it was.
    """
    conninfo, schema = database.conninfo(PROJECTOR), next_schema(model)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        if not try_lock(connection, schema):
            raise RuntimeError(f"{model.name} is being rebuilt by somebody else")
        build(conninfo, [model], told)
        with (
            opened_store(conninfo, model.name, schema) as view,
            Ledger(environment(conninfo, pool=1)) as ledger,
        ):
            built = Follower(ledger.rows, [FollowedModel(model, view)])
            built.catch_up(ledger.head(), told)
            _wait_for_live(connection, model.name, built.position)
            rebuilt = _finish(connection, model, built, told, swap=swap)
        if swap:
            drop(connection, f"{model.name}_old")
        else:
            drop(connection, schema)
    log.info("read_model_rebuilt", name=model.name, entries=rebuilt.entries, swapped=swap)
    return rebuilt


def build_missing(database: Database, models: Sequence[type[ReadModel]], told: OnProgress) -> None:
    """Build those read models that are not there, and that nobody else is building.

    Interrupted at any moment, it leaves nothing but schemas that the next build drops.
    """
    conninfo = database.conninfo(PROJECTOR)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        missing = [
            model
            for model in models
            if try_lock(connection, next_schema(model)) and not exists(connection, model.name)
        ]
        entries = build(conninfo, missing, told) if missing else 0
        with connection.transaction():
            for model in missing:
                rename(connection, next_schema(model), model.name)
    for model in missing:
        log.info("read_model_built", name=model.name, entries=entries)


def _finish(
    connection: Connection, model: type[ReadModel], built: Follower, told: OnProgress, *, swap: bool
) -> Rebuilt:
    """Hold the live one still, come level with it, compare, swap."""
    name, new = model.name, next_schema(model)
    with connection.transaction():
        live = _hold(connection, name)
        same = version(connection, name) == model.version
        level = same and live is not None and built.position <= live
        built.catch_up(live or 0, told)
        entries = built.position
        nothing: tuple[int, int, tuple[str, ...]] = (0, 0, ())
        differences = _compare(connection, model, name, new) if level else nothing
        if swap:
            if live is not None:
                rename(connection, name, f"{name}_old")
            rename(connection, new, name)
    return Rebuilt(entries, level, *differences, swapped=swap)


def _wait_for_live(connection: Connection, name: str, position: int) -> None:
    """Give the live one a while to come level, so that the two can be compared."""
    until = time.monotonic() + LIVE_WAIT_SECONDS
    while exists(connection, name) and time.monotonic() < until:
        with connection.transaction():
            if (_hold(connection, name) or 0) >= position:
                return
        time.sleep(LIVE_POLL_SECONDS)


def _hold(connection: Connection, name: str) -> int | None:
    """The position of the live one, which cannot move until this transaction ends."""
    if not exists(connection, name):
        return None
    row = connection.execute(
        SQL("SELECT notification_id FROM {}.{} WHERE application_name = %s FOR UPDATE").format(
            Identifier(name), Identifier(f"{name}_tracking")
        ),
        (Ledger.name,),
    ).fetchone()
    return row[0] if row else 0


def _compare(
    connection: Connection, model: type[ReadModel], live: str, new: str
) -> tuple[int, int, tuple[str, ...]]:
    only: list[list[str]] = []
    for one, other in ((live, new), (new, live)):
        found: list[str] = []
        for table, columns in model.compared:
            rows = connection.execute(
                SQL(
                    "SELECT row_to_json(d)::text FROM"
                    " (SELECT {c} FROM {a} EXCEPT ALL SELECT {c} FROM {b}) d"
                ).format(c=SQL(columns), a=Identifier(one, table), b=Identifier(other, table))
            ).fetchall()
            found += [f"{table} {row[0]}" for row in rows]
        only.append(found)
    samples = tuple(
        f"only {which}: {row}"
        for which, rows in zip(("live", "new"), only, strict=True)
        for row in rows[:DIFFERENCES_SHOWN]
    )
    return len(only[0]), len(only[1]), samples
