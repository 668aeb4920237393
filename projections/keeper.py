"""Who keeps the read models: one process for each, others standing by; and how one is rebuilt.

A rebuild makes the read model anew beside the live one, compares both at one position, and swaps
their schemas in one transaction, so that a reader always finds one of them whole.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, LiteralString, Self, TypeAlias

import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from eventsourcing.utils import Environment
from msgspec import Struct
from psycopg.sql import SQL, Identifier

from adapters.database import PROJECTOR, Database
from adapters.entry import EntryMapper
from adapters.ledger import Ledger
from adapters.recorder import LedgerFactory, environment
from adapters.subscription import BATCH_ROWS
from projections.progress import Progress
from projections.register import Register
from projections.reports import Reports
from projections.runtime import Poisoned, ReadModel, Runner, View
from projections.worklist import Worklist

READ_MODELS: tuple[type[ReadModel], ...] = (Register, Progress, Worklist, Reports)
BY_NAME: dict[str, type[ReadModel]] = {model.name: model for model in READ_MODELS}

STANDBY_SECONDS = 1.0
RETRY_SECONDS = 1.0
POISON_RETRY_SECONDS = 30.0
LIVE_POLL_SECONDS = 0.1
LIVE_WAIT_SECONDS = 10.0
"""How long a rebuild waits for the live read model to come level."""
DIFFERENCES_SHOWN = 5
_LOCK = 7412

Told: TypeAlias = Callable[[int, int], None]
"""Called with how many entries are done, and of how many."""
Connection: TypeAlias = psycopg.Connection[Any]

log = structlog.get_logger()


class Status(Struct, frozen=True):
    """How the keeping of one read model goes in this process."""

    state: str
    """starting, keeping, standby, waiting (for the database) or stopped (at an entry)."""
    error: str | None = None
    position: int | None = None


class Keeper:
    """Keeps read models current in threads of this process, while it lives.

    Of several processes one keeps each read model; when it ends, another takes over. An entry
    that a read model cannot take stops that one alone; it is tried again from time to time.
    """

    def __init__(self, database: Database, models: Sequence[type[ReadModel]] = READ_MODELS) -> None:
        self._database = database
        self._stopping = threading.Event()
        self.status: dict[str, Status] = {model.name: Status("starting") for model in models}
        self._threads = [
            threading.Thread(target=self._keep, args=(model,), name=f"keep {model.name}")
            for model in models
        ]

    def __enter__(self) -> Self:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and give everything back."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _keep(self, model: type[ReadModel]) -> None:
        while not self._stopping.is_set():
            pause = RETRY_SECONDS
            try:
                pause = self._keep_once(model)
            except Poisoned as error:
                log.error(  # noqa: TRY400  which entry, and why; a trace says no more
                    "read_model_stopped", name=model.name, position=error.position, error=str(error)
                )
                self.status[model.name] = Status("stopped", str(error), error.position)
                pause = POISON_RETRY_SECONDS
            except (psycopg.Error, PersistenceError) as error:
                log.warning("read_model_waited", name=model.name, error=type(error).__name__)
                self.status[model.name] = Status("waiting", type(error).__name__)
            except Exception as error:
                log.exception("read_model_failed", name=model.name)
                self.status[model.name] = Status("stopped", repr(error))
                pause = POISON_RETRY_SECONDS
            self._stopping.wait(pause)

    def _keep_once(self, model: type[ReadModel]) -> float:
        conninfo = self._database.conninfo(PROJECTOR)
        with psycopg.connect(conninfo, autocommit=True) as lock:
            if not _try_lock(lock, model.name):
                self.status[model.name] = Status("standby")
                return STANDBY_SECONDS
            if _version(lock, model.name) not in (None, model.version):
                rebuild(self._database, model, told=_untold)
            make(lock, model, model.name)
            with Runner(model, conninfo) as runner:
                self.status[model.name] = Status("keeping")
                log.info("read_model_kept", name=model.name)
                while not self._stopping.is_set() and not runner.is_interrupted.is_set():
                    runner.run_forever(timeout=RETRY_SECONDS)
                    lock.execute("SELECT 1")  # a lost session has lost the lock
                runner.run_forever(timeout=0)
        return 0.0


class Rebuilt(Struct, frozen=True):
    """What a rebuild did: entries taken in, rows that differed from the live one, if compared."""

    entries: int
    compared: bool
    only_live: int
    only_new: int
    samples: tuple[str, ...]
    swapped: bool


def rebuild(
    database: Database, model: type[ReadModel], *, told: Told, swap: bool = True
) -> Rebuilt:
    """Build a read model anew beside the live one, compare the two, and put it in its place.

    Interrupted at any moment, it leaves the live one as it was.
    """
    conninfo, schema = database.conninfo(PROJECTOR), f"{model.name}_next"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        if not _try_lock(connection, schema):
            raise RuntimeError(f"{model.name} is being rebuilt by somebody else")
        _drop(connection, schema)
        make(connection, model, schema)
        env = environment(conninfo, pool=1, schema=schema)
        factory = LedgerFactory(Environment(model.name, env))
        with factory, Ledger(environment(conninfo, pool=1)) as ledger:
            view = factory.tracking_recorder(View)
            built = model(view)
            built.attach(ledger.rows, EntryMapper())
            catch_up(built, ledger, ledger.head(), told)
            _wait_for_live(connection, model.name, view.position())
            rebuilt = _finish(connection, built, ledger, told, swap=swap)
        if swap:
            _drop(connection, f"{model.name}_old")
        else:
            _drop(connection, schema)
    log.info("read_model_rebuilt", name=model.name, entries=rebuilt.entries, swapped=swap)
    return rebuilt


def catch_up(model: ReadModel, ledger: Ledger, upto: int, told: Told) -> None:
    """Take in entries up to a position, a batch a transaction."""
    position = model.view.position()
    while position < upto:
        rows = ledger.rows.page(position, min(BATCH_ROWS, upto - position))
        model.process_rows(rows, EntryMapper().read_row)
        position = rows[-1][4]
        told(position, upto)


def _finish(
    connection: Connection, built: ReadModel, ledger: Ledger, told: Told, *, swap: bool
) -> Rebuilt:
    """Hold the live one still, come level with it, compare, swap."""
    name, new = built.name, f"{built.name}_next"
    with connection.transaction():
        live = _hold(connection, name)
        level = live is not None and built.view.position() <= live
        catch_up(built, ledger, live or 0, told)
        entries = built.view.position()
        nothing: tuple[int, int, tuple[str, ...]] = (0, 0, ())
        differences = _compare(connection, type(built), name, new) if level else nothing
        if swap:
            if live is not None:
                _rename(connection, name, f"{name}_old")
            _rename(connection, new, name)
    return Rebuilt(entries, level, *differences, swapped=swap)


def _wait_for_live(connection: Connection, name: str, position: int) -> None:
    """Give the live one a while to come level, so that the two can be compared."""
    until = time.monotonic() + LIVE_WAIT_SECONDS
    while _exists(connection, name) and time.monotonic() < until:
        with connection.transaction():
            if (_hold(connection, name) or 0) >= position:
                return
        time.sleep(LIVE_POLL_SECONDS)


def _hold(connection: Connection, name: str) -> int | None:
    """The position of the live one, which cannot move until this transaction ends."""
    if not _exists(connection, name):
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


def make(connection: Connection, model: type[ReadModel], schema: str) -> None:
    """Make the schema and its tables unless they are there."""
    if _exists(connection, schema):
        return
    with connection.transaction():
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
        connection.execute(SQL("SET LOCAL search_path TO {}").format(Identifier(schema)))
        connection.execute(model.tables)
        comment: LiteralString = "COMMENT ON SCHEMA {} IS {}"
        connection.execute(SQL(comment).format(Identifier(schema), str(model.version)))


def _version(connection: Connection, schema: str) -> int | None:
    row = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s",
        (schema,),
    ).fetchone()
    return int(row[0] or 0) if row else None


def _exists(connection: Connection, schema: str) -> bool:
    return _version(connection, schema) is not None


def _drop(connection: Connection, schema: str) -> None:
    connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))


def _rename(connection: Connection, schema: str, name: str) -> None:
    connection.execute(
        SQL("ALTER SCHEMA {} RENAME TO {}").format(Identifier(schema), Identifier(name))
    )


def _try_lock(connection: Connection, name: str) -> bool:
    row = connection.execute(
        "SELECT pg_try_advisory_lock(%s, hashtext(%s))", (_LOCK, name)
    ).fetchone()
    return bool(row and row[0])


def _untold(_done: int, _of: int) -> None:
    return
