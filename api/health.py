"""Liveness and readiness probes; neither waits long for the database."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Literal
from uuid import UUID

from anyio import CapacityLimiter, move_on_after, to_thread
from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct
from msgspec.structs import asdict, replace

from adapters.ledger.lineage import LastSeen
from adapters.postgres.database import APP, READER, Database
from adapters.postgres.migrate import migrations
from adapters.threads import dead_threads
from api.http.problems import PROBLEM_JSON, Problem, ProblemError, Request, problem
from projections.read_models import BY_NAME, READ_MODELS
from projections.runtime.readiness import Readiness, read_readiness
from projections.runtime.supervisor import Status, Supervisor

PROBE_SECONDS = 1.5
"""How long a probe waits for the database."""
FAILURE_SECONDS = 30
"""How long a failed append counts, unless another succeeds; then callers may try again."""
LOOKS_MAX = 4
"""How many looks may be under way; one that hangs is abandoned, and ends by itself."""
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
    lag_seconds: float | None = None
    """How long the oldest entry that is not in it has waited."""
    error: str | None = None
    """The type of the error that it waits on or was stopped by; details are in the log."""
    stopped_at: int | None = None
    """The position of the entry that stopped it."""


class Ready(Struct, frozen=True):
    """Readiness of the service.

    It is ready if the database answers, its schema is the version that this program expects,
    commands can be recorded, and each list has caught up with the ledger once and is not further
    behind than TRACKER_LAG_MAX seconds.
    """

    ready: bool
    database: bool
    schema: Literal["current", "older", "newer"] | None
    recording: bool
    """Whether a command could be recorded: the database is writable, confirmed and unlocked."""
    head: int | None
    lineage: UUID | None
    """Within a lineage, a position names the same entry for ever."""
    read_models: dict[str, ReadModelHealth]
    problems: tuple[str, ...]
    """The faults, in words; a list that stopped is among them before it is too far behind."""


class NotReady(Problem, frozen=True, kw_only=True):
    """The same, as problem details."""

    ready: bool
    database: bool
    schema: Literal["current", "older", "newer"] | None
    recording: bool
    head: int | None
    lineage: UUID | None
    read_models: dict[str, ReadModelHealth]
    problems: tuple[str, ...]


class Health:
    """Probes the database and the read models, within a time limit; one look serves all probes."""

    def __init__(
        self,
        database: Database,
        keeper: Supervisor | None,
        lag_max: int,
        seen: Sequence[LastSeen] = (),
    ) -> None:
        """`lag_max` is how many seconds a list may be behind; `seen` tells how appends went."""
        app, reader = database.conninfo(APP), database.conninfo(READER)
        self._probe = partial(read_readiness, app, reader, READ_MODELS)
        self._keeper, self._lag_max, self._seen = keeper, lag_max, seen
        self._schema = migrations()[-1].number
        self._limiter = CapacityLimiter(LOOKS_MAX)
        self._look: asyncio.Task[Readiness | None] | None = None
        self._goal: int | None = None

    async def ready(self) -> Ready:
        """Return the readiness now.

        The lists must reach the head of the ledger at the first successful probe.
        """
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._read())
        readiness = await asyncio.shield(self._look)
        if readiness and self._goal is None:
            self._goal = readiness.head
        models = {name: self._model(name, readiness) for name in BY_NAME}
        level = all(self._is_level(model) for model in models.values())
        schema = self._compared(readiness) if readiness else None
        failures = self._failures()
        recording = readiness is not None and readiness.halted is None and not failures
        return Ready(
            ready=level and schema == "current" and recording,
            database=readiness is not None,
            schema=schema,
            recording=recording,
            head=readiness.published[readiness.head] if readiness else None,
            lineage=readiness.lineage if readiness else None,
            read_models={name: _shown(model, readiness) for name, model in models.items()},
            problems=(*self._problems(readiness, schema, models), *failures),
        )

    def _failures(self) -> list[str]:
        """Return why the last appends failed, unless that is long ago."""
        recent = time.monotonic() - FAILURE_SECONDS
        return sorted(
            {seen.failure for seen in self._seen if seen.failure and seen.failed_at > recent}
        )

    async def _read(self) -> Readiness | None:
        with move_on_after(PROBE_SECONDS):
            return await to_thread.run_sync(
                self._probe, abandon_on_cancel=True, limiter=self._limiter
            )
        return None

    def _compared(self, readiness: Readiness) -> Literal["current", "older", "newer"]:
        """Return how the schema compares; newer steps that serve this program too are no matter."""
        if readiness.schema < self._schema:
            return "older"
        return "newer" if readiness.serves > self._schema else "current"

    def _model(self, name: str, readiness: Readiness | None) -> ReadModelHealth:
        here = self._keeper.status[name] if self._keeper else Status("kept elsewhere")
        reached = readiness.reached[name] if readiness else None
        if readiness is None or reached is None:
            return ReadModelHealth(here.state, None, None, None, here.error, here.position)
        lag = readiness.head - reached.position
        return ReadModelHealth(
            here.state, reached.position, lag, reached.lag_seconds, here.error, here.position
        )

    def _is_level(self, model: ReadModelHealth) -> bool:
        if model.position is None or model.lag_seconds is None or self._goal is None:
            return False
        reached = model.position >= self._goal or model.state == "stopped"
        return reached and model.lag_seconds <= self._lag_max

    def _problems(
        self,
        readiness: Readiness | None,
        schema: str | None,
        models: Mapping[str, ReadModelHealth],
    ) -> Iterator[str]:
        """Yield what is wrong, in words."""
        if readiness is None:
            yield "The database does not answer."
            return
        if schema in SCHEMA_MISMATCH:
            yield SCHEMA_MISMATCH[schema]
        if readiness.halted:
            yield readiness.halted
        for name, model in models.items():
            if model.position is None:
                yield f"The list {name} is being built."
            elif model.stopped_at is not None:
                yield (
                    f"The list {name} stopped before the entry at position {model.stopped_at}, "
                    "which it cannot take; docs/operation.md has the way on."
                )
            if (model.lag_seconds or 0) > self._lag_max:
                yield f"The list {name} is {model.lag_seconds} s behind, over {self._lag_max} s."


def _shown(model: ReadModelHealth, readiness: Readiness | None) -> ReadModelHealth:
    """Return the health of a read model with the position that the public may see."""
    if readiness is None or model.position is None:
        return model
    return replace(model, position=readiness.published[model.position])


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
    error = ProblemError("not-ready", " ".join(readiness.problems))
    body = NotReady(**asdict(problem(request, error)), **asdict(readiness))
    return Response(
        body, status_code=503, media_type=PROBLEM_JSON, headers=dict(error.kind.headers)
    )
