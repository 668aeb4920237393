"""Whether the service is up, and whether it can be used. Neither waits for the database."""

from functools import partial
from typing import Literal

from anyio import CapacityLimiter, move_on_after, to_thread
from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct
from msgspec.structs import asdict

from adapters.postgres.database import APP, Database
from adapters.postgres.migrate import migrations
from api.http.problems import PROBLEM_JSON, Problem, ProblemError, Request, problem
from projections.read_models import BY_NAME
from projections.runtime.readiness import Readiness, read_readiness
from projections.runtime.supervisor import Status, Supervisor

LOOK_SECONDS = 1.5
"""How long the database may take to answer."""
LOOKS_MAX = 4
"""How many looks may be under way; one that hangs is left to end by itself."""
OPT = {"public": True, "offline": True}
OTHER_SCHEMA = {
    "older": "The database's schema is older than this program: start this program anew.",
    "newer": "The database's schema is newer than this program: run the newer program.",
}
UNCACHED = {"Cache-Control": "no-store"}


class Live(Struct, frozen=True):
    """The process answers."""

    live: bool


class ReadModelHealth(Struct, frozen=True):
    """One read model: how its keeping goes here, where it is, how far behind the ledger."""

    state: str
    position: int | None
    lag: int | None
    error: str | None = None
    """The type of the error that it waits for or was stopped by; the log says more."""
    stopped_at: int | None = None
    """The position of the entry that stopped it."""


class Ready(Struct, frozen=True):
    """Whether the service can be used.

    It can if the database answers, its schema is the one that this program knows, and the lists
    were level once.
    """

    ready: bool
    database: bool
    schema: Literal["current", "older", "newer"] | None
    head: int | None
    read_models: dict[str, ReadModelHealth]


class NotReady(Problem, frozen=True, kw_only=True):
    """The same, as a problem."""

    ready: bool
    database: bool
    schema: Literal["current", "older", "newer"] | None
    head: int | None
    read_models: dict[str, ReadModelHealth]


class Health:
    """Looks at the database and the read models, never for long."""

    def __init__(self, database: Database, keeper: Supervisor | None) -> None:
        versions = {name: model.version for name, model in BY_NAME.items()}
        self._look = partial(read_readiness, database.conninfo(APP), versions)
        self._keeper = keeper
        self._schema = migrations()[-1].number
        self._limiter = CapacityLimiter(LOOKS_MAX)
        self._goal: int | None = None

    async def ready(self) -> Ready:
        """How things are now; the lists have to reach what was there at the first look."""
        found: Readiness | None = None
        with move_on_after(LOOK_SECONDS):
            found = await to_thread.run_sync(
                self._look, abandon_on_cancel=True, limiter=self._limiter
            )
        if found and self._goal is None:
            self._goal = found.head
        models = {name: self._model(name, found) for name in BY_NAME}
        level = all(self._is_level(model) for model in models.values())
        if found is None:
            return Ready(ready=False, database=False, schema=None, head=None, read_models=models)
        schema = self._compared(found.schema)
        return Ready(
            ready=level and schema == "current",
            database=True,
            schema=schema,
            head=found.head,
            read_models=models,
        )

    def _compared(self, schema: int) -> Literal["current", "older", "newer"]:
        if schema == self._schema:
            return "current"
        return "older" if schema < self._schema else "newer"

    def _model(self, name: str, found: Readiness | None) -> ReadModelHealth:
        here = self._keeper.status[name] if self._keeper else Status("kept elsewhere")
        position = found.reached[name] if found else None
        lag = found.head - position if found and position is not None else None
        return ReadModelHealth(here.state, position, lag, here.error, here.position)

    def _is_level(self, model: ReadModelHealth) -> bool:
        if model.position is None or self._goal is None:
            return False
        return model.position >= self._goal or model.state == "stopped"


@get("/health/live", opt=OPT, sync_to_thread=False)
def live() -> Response[Live]:
    """The process answers."""
    return Response(Live(live=True), headers=UNCACHED)


@get("/health/ready", opt=OPT)
async def ready(
    request: Request, health: NamedDependency[Health]
) -> Response[Ready] | Response[NotReady]:
    """Whether the service can be used; 503 if not."""
    found = await health.ready()
    if found.ready:
        return Response(found, headers=UNCACHED)
    trouble = ProblemError("not-ready", OTHER_SCHEMA.get(found.schema or "", ""))
    told = NotReady(**asdict(problem(request, trouble)), **asdict(found))
    return Response(
        told, status_code=503, media_type=PROBLEM_JSON, headers=dict(trouble.kind.headers)
    )
