"""The databases that rows are measured on: ledgers of several sizes, made on first use."""

import contextlib
import os
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import LiteralString, cast
from uuid import UUID, uuid4

import click
import psycopg
from msgspec import Struct
from psycopg.conninfo import make_conninfo
from psycopg.errors import InvalidSchemaName, UndefinedTable
from psycopg.sql import SQL, Identifier

from adapters import settings
from adapters.audit import export as exporting
from adapters.identity import links, tokens
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, OWNER, PROJECTOR, Database
from adapters.postgres.embedded import Embedded
from adapters.postgres.migrate import migrate
from deploy.bench import data, processes
from deploy.bench.data import Size
from deploy.bench.load.http import sign_in
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.forces import FORCES
from projections.read_models import READ_MODELS
from projections.runtime import schemas
from projections.runtime.read_model import ReadModel
from projections.runtime.supervisor import Supervisor
from projections.runtime.tracking import tracked_position

POOL = 8
"""Connections of the service and of the baselines it is measured against."""
LEVEL_POLL_SECONDS = 0.02
PLAY = Size(2_000, 2_000 * data.TYPICAL_STEPS + 200, typical=1)
EMPTY = Size(0, 0)
OWN_FORCE = next(iter(FORCES))
"""The force of the person who signs in as a force."""
TENFOLD = 10

_TYPICAL: LiteralString = (
    "SELECT originator_id FROM ledger_events GROUP BY 1 HAVING count(*) = %s"
    " AND bool_or(topic = 'recommendation.issued') AND NOT bool_or(topic = 'recommendation.closed')"
)
_REPORTS: LiteralString = (
    "SELECT originator_id FROM ledger_events WHERE topic = 'report.published' ORDER BY 1 LIMIT 1000"
)


class Scale(Struct, frozen=True):
    """The size of the ledger, and the seconds for which each rate is measured."""

    size: Size
    seconds: int


class Site:
    """A database with a ledger, and its services; gone when the stack ends."""

    def __init__(self, conninfo: str, size: Size, stack: ExitStack) -> None:
        self.conninfo, self.size = conninfo, size
        self.database = Database(conninfo, conninfo)
        self._stack = stack
        self._cookies: dict[Role, str] = {}
        migrate(self.database.conninfo(OWNER))
        if size.entries:
            data.load(conninfo, size)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, opened as the service opens it."""
        return self._stack.enter_context(Ledger(environment(self.app, pool=POOL)))

    @property
    def app(self) -> str:
        """The connection string of the service."""
        return self.database.conninfo(APP)

    @cached_property
    def typical(self) -> list[UUID]:
        """Open recommendations with a typical number of steps, as loaded, in order of id."""
        with psycopg.connect(self.conninfo) as connection:
            rows = connection.execute(_TYPICAL, (data.TYPICAL_STEPS,)).fetchall()
        return sorted(row[0] for row in rows)

    @cached_property
    def service(self) -> str:
        """The address of a service whose read models are level; it does not keep them."""
        return self._serving()

    @cached_property
    def forgetful(self) -> str:
        """The address of such a service which keeps no answer, and no count either."""
        return self._serving(TRACKER_ANSWERS_KEPT="0")

    @cached_property
    def bare(self) -> str:
        """The address of a bare Litestar application on this database."""
        return self._stack.enter_context(
            processes.serving(("-m", "deploy.bench.baselines.bare"), self.conninfo)
        )

    @cached_property
    def inspector(self) -> str:
        """An inspector's token."""
        ends = datetime.now(UTC) + timedelta(days=1)
        text, _ = tokens.create(
            self.database.conninfo(OWNER),
            actor="bench-inspector",
            role=Role.INSPECTOR,
            force=None,
            expires_at=ends,
            record=lambda _: None,  # not part of the measurement
        )
        return text

    @cached_property
    def reports(self) -> list[UUID]:
        """Published reports, in order of id."""
        with psycopg.connect(self.conninfo) as connection:
            rows = connection.execute(_REPORTS).fetchall()
        return [row[0] for row in rows]

    def _serving(self, **settings: str) -> str:
        self.read_models()
        command = ("-m", "api.cli", "serve", "--port", "0", "--no-keep")
        return self._stack.enter_context(processes.serving(command, self.conninfo, settings))

    def cookie(self, role: Role) -> str:
        """Sign an actor of a role in by a one-time link; return the cookie of the session."""
        if role not in self._cookies:
            actor = Actor(f"bench-{role}", role, OWN_FORCE if role is Role.FORCE else None)
            code = links.make_link(self.database.conninfo(OWNER), actor)
            self._cookies[role] = sign_in(self.service, code)
        return self._cookies[role]

    def read_models(self) -> None:
        """Bring all read models level, with their tables as after a quiet hour."""
        if lags(self.database, READ_MODELS):
            keep_until_level(self.database, READ_MODELS)
            with psycopg.connect(self.conninfo, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")

    def catch_up(self, models: Sequence[type[ReadModel]]) -> float:
        """Build read models from scratch; return the seconds until they are level."""
        forget(self.database, models)
        return keep_until_level(self.database, models)


class World:
    """The sites of a run, by name, and the current round."""

    def __init__(self, server: str, scale: Scale, stack: ExitStack) -> None:
        self.scale = scale
        self.round = 0
        self.measured: dict[str, float] = {}
        """Measurements of this round that several rows share."""
        self._server, self._stack = server, stack
        self._sites: dict[str, Site] = {}

    @property
    def empty(self) -> Site:
        """A ledger that begins empty, for appending."""
        return self._site("empty", EMPTY)

    @property
    def play(self) -> Site:
        """A small ledger, for commands."""
        return self._site("play", PLAY)

    @property
    def full(self) -> Site:
        """The whole ledger, which is only read."""
        return self._site("full", self.scale.size)

    @property
    def tenth(self) -> Site:
        """The same ledger, ten times smaller."""
        return self._site("tenth", self.scale.size.part(TENFOLD))

    @property
    def narrow(self) -> Site:
        """A small ledger, whose register is copied for files."""
        return self._site("narrow", Size(2_000, 50_000))

    def ratio(self, measure: Callable[[], float], baseline: Callable[[], float]) -> float:
        """Return a measure divided by a baseline, taken in an order that alternates by round."""
        if self.round % 2:
            below = baseline()
            above = measure()
        else:
            above = measure()
            below = baseline()
        log_progress(f"    {above:.4g} / {below:.4g}")
        return above / below

    def once(self, name: str, measure: Callable[[], float]) -> float:
        """Return the result of a measure that is taken once per round."""
        if name not in self.measured:
            self.measured[name] = measure()
        return self.measured[name]

    def begin(self, number: int) -> None:
        """Begin a round."""
        self.round = number
        self.measured.clear()

    def _site(self, name: str, size: Size) -> Site:
        if name not in self._sites:
            log_progress(f"making the ledger {name}: {size.entries} entries")
            conninfo = self._stack.enter_context(_temporary_database(self._server, name))
            self._sites[name] = Site(conninfo, size, self._stack)
        return self._sites[name]


def log_progress(message: str) -> None:
    """Print a message with the time to standard error."""
    click.echo(f"{datetime.now(UTC):%H:%M:%S} {message}", err=True)


@contextmanager
def server() -> Generator[str]:
    """Yield the owner's connection string to a server: from the settings, else embedded."""
    chosen = settings.read()
    if chosen.DATABASE_URL:
        yield chosen.DATABASE_OWNER_URL or chosen.DATABASE_URL
        return
    with ExitStack() as stack:
        home = chosen.TRACKER_DATA
        if "TRACKER_DATA" not in os.environ:
            home = Path(stack.enter_context(TemporaryDirectory(prefix="tracker-bench-")))
        url = stack.enter_context(Embedded(home).use())
        yield make_conninfo(url, user=OWNER)


@contextmanager
def _temporary_database(server: str, name: str) -> Generator[str]:
    """Create a database and yield its connection string; drop it at the end."""
    named = f"bench_{name}_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(Identifier(named))
        )
    try:
        yield make_conninfo(server, dbname=named)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(named)))


def forget(database: Database, models: Collection[type[ReadModel]]) -> None:
    """Drop read models."""
    with psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as connection:
        for model in models:
            schemas.drop(connection, model.schema)


def export(database: Database) -> int:
    """Export the ledger to the null device; return the number of entries."""
    with Path(os.devnull).open("wb") as nowhere:
        return exporting.export(database, nowhere.write, lambda _done, _of: None)


def keep_until_level(database: Database, models: Sequence[type[ReadModel]]) -> float:
    """Keep read models as the service does until they are level; return the seconds taken.

    Raises Failed if a read model stops.
    """
    began = time.perf_counter()
    with Supervisor(database, models) as keeper:
        while lags(database, models):
            for status in keeper.status.values():
                if status.state == "stopped":
                    raise processes.Failed(f"a read model stopped: {status.error}")
            time.sleep(LEVEL_POLL_SECONDS)
        return time.perf_counter() - began


def lags(database: Database, models: Collection[type[ReadModel]]) -> bool:
    """Return whether any read model lags the ledger or does not exist."""
    with psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as connection:
        row = connection.execute("SELECT max(notification_id) FROM ledger_events").fetchone()
        head = cast("int", row[0]) if row else 0
        return any(reached(connection, model) < head for model in models)


def reached(connection: psycopg.Connection, model: type[ReadModel]) -> int:
    """Return the position of a read model; 0 if it does not exist."""
    with contextlib.suppress(UndefinedTable, InvalidSchemaName):
        return tracked_position(connection.cursor(), model)
    return 0
