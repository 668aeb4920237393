"""Liveness and readiness probes; neither waits long for the database."""

from functools import partial
from typing import Literal

from anyio import CapacityLimiter, move_on_after, to_thread
from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct
from msgspec.structs import asdict

from adapters.postgres.database import APP, READER, Database
from adapters.postgres.migrate import migrations
from adapters.threads import dead_threads
from api.http.problems import PROBLEM_JSON, Problem, ProblemError, Request, problem
from projections.read_models import BY_NAME
from projections.runtime.readiness import Readiness, read_readiness
from projections.runtime.supervisor import Status, Supervisor

PROBE_SECONDS = 1.5
"""How long a probe waits for the database."""
PROBES_MAX = 4
"""How many probes may run at a time; a hanging probe is abandoned and ends by itself."""
OPT = {"public": True, "offline": True}
SCHEMA_MISMATCH = {
    "older": "The database schema is older than this program: restart this program.",
    "newer": "The database schema is newer than this program: run the newer version.",
}
UNCACHED = {"Cache-Control": "no-store"}


class Live(Struct, frozen=True):
    """Liveness of the process, and the names of the threads that should live and do not."""

    live: bool
    dead: tuple[str, ...] = ()


class ReadModelHealth(Struct, frozen=True):
    """A read model: its state in this process, its position, and its lag in entries."""

    state: str
    position: int | None
    lag: int | None
    error: str | None = None
    """The type of the error that it waits on or was stopped by; details are in the log."""
    stopped_at: int | None = None
    """The position of the entry that stopped it."""


class Ready(Struct, frozen=True):
    """Readiness of the service.

    It is ready if the database answers, its schema is the version that this program expects, and
    the lists have caught up with the ledger once.
    """

    ready: bool
    database: bool
    schema: Literal["current", "older", "newer"] | None
    head: int | None
    read_models: dict[str, ReadModelHealth]


class NotReady(Problem, frozen=True, kw_only=True):
    """The same, as problem details."""

    ready: bool
    database: bool
    schema: Literal["current", "older", "newer"] | None
    head: int | None
    read_models: dict[str, ReadModelHealth]


class Health:
    """Probes the database and the read models, within a time limit."""

    def __init__(self, database: Database, keeper: Supervisor | None) -> None:
        versions = {name: model.version for name, model in BY_NAME.items()}
        app, reader = database.conninfo(APP), database.conninfo(READER)
        self._probe = partial(read_readiness, app, reader, versions)
        self._keeper = keeper
        self._schema = migrations()[-1].number
        self._limiter = CapacityLimiter(PROBES_MAX)
        self._goal: int | None = None

    async def ready(self) -> Ready:
        """Return the readiness now.

        The lists must reach the head of the ledger at the first successful probe.
        """
        readiness: Readiness | None = None
        with move_on_after(PROBE_SECONDS):
            readiness = await to_thread.run_sync(
                self._probe, abandon_on_cancel=True, limiter=self._limiter
            )
        if readiness and self._goal is None:
            self._goal = readiness.head
        models = {name: self._model(name, readiness) for name in BY_NAME}
        level = all(self._is_level(model) for model in models.values())
        if readiness is None:
            return Ready(ready=False, database=False, schema=None, head=None, read_models=models)
        schema = self._compared(readiness.schema)
        return Ready(
            ready=level and schema == "current",
            database=True,
            schema=schema,
            head=readiness.head,
            read_models=models,
        )

    def _compared(self, schema: int) -> Literal["current", "older", "newer"]:
        if schema == self._schema:
            return "current"
        return "older" if schema < self._schema else "newer"

    def _model(self, name: str, readiness: Readiness | None) -> ReadModelHealth:
        here = self._keeper.status[name] if self._keeper else Status("kept elsewhere")
        position = readiness.reached[name] if readiness else None
        lag = readiness.head - position if readiness and position is not None else None
        return ReadModelHealth(here.state, position, lag, here.error, here.position)

    def _is_level(self, model: ReadModelHealth) -> bool:
        if model.position is None or self._goal is None:
            return False
        return model.position >= self._goal or model.state == "stopped"


@get("/health/live", opt=OPT, sync_to_thread=False)
def live() -> Response[Live]:
    """Return 200 as long as the process answers and each thread that it depends on lives.

    Otherwise 503: a supervisor of processes should start it again.
    """
    dead = dead_threads()
    status = 503 if dead else 200
    return Response(Live(live=not dead, dead=tuple(dead)), status_code=status, headers=UNCACHED)


@get("/health/ready", opt=OPT)
async def ready(
    request: Request, health: NamedDependency[Health]
) -> Response[Ready] | Response[NotReady]:
    """Return the readiness of the service; 503 if it is not ready."""
    readiness = await health.ready()
    if readiness.ready:
        return Response(readiness, headers=UNCACHED)
    error = ProblemError("not-ready", SCHEMA_MISMATCH.get(readiness.schema or "", ""))
    body = NotReady(**asdict(problem(request, error)), **asdict(readiness))
    return Response(
        body, status_code=503, media_type=PROBLEM_JSON, headers=dict(error.kind.headers)
    )
