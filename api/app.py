"""The composition root: builds the application and manages its resources."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from litestar import Litestar, Response, Router
from litestar.di import Provide

from adapters.clock import now
from adapters.identity.access_log import Readings
from adapters.identity.held_forms import HeldForms
from adapters.identity.pending_sign_ins import PendingSignIns
from adapters.identity.people import People
from adapters.identity.provider import IdentityProvider
from adapters.identity.rate_limits import Rates
from adapters.identity.sessions import SessionLimits, Sessions
from adapters.identity.tokens import Tokens
from adapters.inspections.releasing import Releaser
from adapters.ledger.async_ledger import AsyncLedger
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.notices.followers import Followers
from adapters.notices.reading import Notices
from adapters.postgres.database import APP, DEADLINE_SECONDS, READER, Database
from adapters.postgres.pools import AsyncPool, Pool, thread_pool
from adapters.settings import Settings
from adapters.telemetry.metrics import set_memory, set_pool
from api import health, openapi
from api.downloads.endings import route_of
from api.downloads.handlers import DOWNLOAD_ROUTES
from api.downloads.slots import MADE_AT_ONCE
from api.http.forms import BODY_BYTES_MAX
from api.http.intake import RequestGuard
from api.http.middleware import Middleware
from api.http.problems import Request
from api.http.rate_limits import Limits, Throttle
from api.pages.messages.wording import wording
from api.pages.rendering import problem
from api.pages.rendering.language import speak
from api.pages.routes import PAGES
from api.request import authentication
from api.request.json_body import payload, write_headers
from api.request.response_cache import ResponseCache
from api.request.services import KEY, Services, SignIn
from api.request.waiting import params
from api.routes import HANDLERS
from api.v1.odata import errors
from api.v1.odata.handlers import ODATA_ROUTES
from projections.read_models import READ_MODELS
from projections.reporting.keeping import supervisor
from projections.runtime.unused import mark_as_read

GARBAGE_THRESHOLD = 20_000
"""How many new objects trigger the garbage collector. It finds next to nothing: reference counting
frees the objects of a request."""
THREADS_PER_CONNECTION = 4
"""More than one, since a request that waits for a connection holds a thread."""
DOWNLOAD_SECONDS = 120
"""How long a file may take to be read and written."""

MEASURE_SECONDS = 5
"""How often memory and connection pools are measured."""


def build(
    database: Database,
    settings: Settings,
    *,
    keep: bool = True,
    clock: Callable[[], datetime] = now,
) -> Litestar:
    """Return the application on a database; with `keep` it also keeps the read models.

    Sessions and sign-ins use `clock`. Raises ValueError if the configured language has no
    catalogue.
    """
    speak(settings.TRACKER_LANGUAGE)
    conninfo, wait = database.conninfo(APP), settings.TRACKER_POOL_WAIT
    for_ledger = max(1, settings.TRACKER_POOL // 4)
    ledger = Ledger(
        environment(conninfo, pool=for_ledger, wait=wait, deadline=DEADLINE_SECONDS), clock
    )
    for_lists, reader = max(1, settings.TRACKER_POOL - for_ledger), database.conninfo(READER)
    lists = thread_pool(reader, size=for_lists, wait=wait, deadline=DEADLINE_SECONDS)
    downloads = thread_pool(reader, size=MADE_AT_ONCE, wait=wait, deadline=DOWNLOAD_SECONDS, idle=0)
    positions = AsyncPool(reader, size=1, wait=wait, deadline=DEADLINE_SECONDS)
    answers = ResponseCache(settings.TRACKER_ANSWERS_KEPT)
    positions.when_lost = answers.clear
    async_ledger = AsyncLedger(
        conninfo, wait=wait, deadline=DEADLINE_SECONDS, clock=clock, histories=ledger.cache
    )
    keeping = supervisor(database, settings, wording) if keep else None
    health_check = health.Health(
        database, keeping, settings.TRACKER_LAG_MAX, (ledger.rows.seen, async_ledger.seen)
    )
    limits = Limits(Rates(async_ledger.run), settings.TRACKER_COMMAND_RATE)
    session_limits = SessionLimits(
        idle=timedelta(minutes=settings.TRACKER_SESSION_IDLE),
        lifetime=timedelta(hours=settings.TRACKER_SESSION_MAX),
    )
    provider = _identity_provider(settings, clock)
    sign_in = SignIn(
        Sessions(async_ledger.run, session_limits, clock),
        People(async_ledger.run),
        PendingSignIns(async_ledger.run, clock),
        HeldForms(async_ledger.run, clock),
        provider,
    )

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None]:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(
            ThreadPoolExecutor(THREADS_PER_CONNECTION * settings.TRACKER_POOL)
        )
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)
        releaser = Releaser(ledger, clock)
        with _sending(settings), ledger, lists, downloads, keeping or nullcontext(), releaser:
            async with async_ledger, positions, provider or nullcontext():
                tasks = (
                    asyncio.create_task(_measure(ledger, lists, async_ledger)),
                    asyncio.create_task(mark_as_read(positions, READ_MODELS)),
                )
                try:
                    yield
                finally:
                    for task in tasks:
                        task.cancel()

    app = Litestar(
        # In a router of their own, since Litestar 2.25 wraps a handler twice if another method is
        # added to its path later.
        [Router("/", route_handlers=[*HANDLERS, *PAGES, *DOWNLOAD_ROUTES, *ODATA_ROUTES])],
        lifespan=[lifespan],
        guards=[
            authentication.authenticate(
                Tokens(async_ledger.run),
                sign_in.sessions,
                sign_in.forms,
                async_ledger.run,
                limits,
                settings.TRACKER_PUBLIC_URL,
            ),
        ],
        dependencies={
            "params": Provide(params),
            "payload": Provide(payload),
            "write_headers": Provide(write_headers),
            "health": Provide(lambda: health_check, sync_to_thread=False),
        },
        exception_handlers={Exception: _answer},
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )
    app.state[KEY] = Services(
        ledger,
        async_ledger,
        lists,
        downloads,
        positions,
        answers,
        limits,
        Readings(ledger, clock),
        Notices(ledger),
        Followers(async_ledger.run),
        settings.TRACKER_WEBHOOKS,
        sign_in,
        settings.TRACKER_PUBLIC_URL,
        settings.TRACKER_CONTACT,
        settings.scanner,
        settings.mail is not None,
    )
    app.state["description"] = cache(lambda: msgspec.json.encode(openapi.describe(HANDLERS)))
    app.asgi_handler = Middleware(
        app.asgi_handler,
        ((route.path_format, route.methods) for route in app.routes),
        RequestGuard(settings.TRACKER_PUBLIC_URL, Throttle()),
        clock,
        route_of,
    )
    return app


def _answer(request: Request, error: Exception) -> Response[Any]:
    """Return the response to any error, as OData words it below its root."""
    of_odata = errors.is_asked(request.scope["path"])
    return errors.answer(request, error) if of_odata else problem.answer(request, error)


def _sending(settings: Settings) -> AbstractContextManager[None]:
    """Return a context that sends traces and metrics, if the settings say so."""
    if settings.TRACKER_OTEL == "off":
        return nullcontext()
    from adapters.telemetry.otel import sending  # noqa: PLC0415  its packages are an extra

    return sending()


async def _measure(ledger: Ledger, lists: Pool, async_ledger: AsyncLedger) -> None:
    while True:
        set_memory()
        set_pool("threads", ledger.pool_stats())
        set_pool("lists", lists.stats())
        set_pool("loop", async_ledger.pool_stats())
        await asyncio.sleep(MEASURE_SECONDS)


def _identity_provider(
    settings: Settings, clock: Callable[[], datetime]
) -> IdentityProvider | None:
    if settings.provider is None:
        return None
    # Its dependencies take a tenth of the startup time.
    from adapters.identity.oidc.client import OpenIDConnect  # noqa: PLC0415

    return OpenIDConnect(settings.provider, clock)
