"""The composition root: what the application is made of, and what it holds open while it runs."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from functools import cache, partial

from litestar import Litestar, Router
from litestar.di import Provide

from adapters.clock import now
from adapters.identity.access_log import Readings
from adapters.identity.pending_sign_ins import Pendings
from adapters.identity.people import People
from adapters.identity.provider import IdentityProvider
from adapters.identity.rate_limits import Rates
from adapters.identity.sessions import SessionLimits, Sessions
from adapters.identity.tokens import Tokens
from adapters.ledger.async_ledger import AsyncLedger
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, Database
from adapters.settings import Settings
from api import (
    access,
    areas,
    auth,
    commands,
    compare,
    documents,
    forces,
    health,
    history,
    ledger,
    people,
    problems,
    progress,
    recommendations,
    register,
    reports,
    schema,
    sessions,
    signin,
    slippage,
    worklist,
)
from api.asking import asked
from api.bodies import given, terms
from api.edge import Edge
from api.forms import BODY_BYTES_MAX
from api.incoming import Door
from api.kept import Kept
from api.limits import Limits, Throttle
from api.pages import problem, static
from api.pages.correcting import CORRECTING_PAGES
from api.pages.deciding import DECIDING_PAGES
from api.pages.histories import HISTORY_PAGES
from api.pages.language import speak
from api.pages.plans import PLAN_PAGES
from api.pages.public import PUBLIC_PAGES
from api.pages.publishing import PUBLISHING_PAGES
from api.pages.redacting import REDACTING_PAGES
from api.pages.reviews import REVIEW_PAGES
from api.pages.work import WORK_PAGES
from api.services import KEY, Services, SignIn
from projections.read_models import READ_MODELS
from projections.runtime.supervisor import Keeper

HANDLERS = (
    commands.publish,
    commands.command_report,
    commands.command_recommendation,
    commands.command_several,
    register.list_,
    recommendations.show,
    history.of_recommendation,
    documents.upload,
    documents.list_,
    documents.download,
    reports.list_,
    reports.show,
    history.of_report,
    forces.list_,
    forces.show,
    progress.list_,
    progress.show,
    areas.list_,
    slippage.list_,
    compare.two_days,
    compare.restatement,
    worklist.list_,
    ledger.page,
    access.of_actor,
    sessions.who_am_i,
    sessions.list_,
    sessions.end_all,
    sessions.end,
    people.list_,
    people.rename,
    health.live,
    health.ready,
    problems.explain,
    schema.serve,
)
PAGES = (
    signin.start,
    signin.callback,
    signin.ask_code,
    signin.use_code,
    signin.sign_out,
    static.serve,
    *PUBLIC_PAGES,
    *WORK_PAGES,
    *DECIDING_PAGES,
    *CORRECTING_PAGES,
    *HISTORY_PAGES,
    *PUBLISHING_PAGES,
    *PLAN_PAGES,
    *REDACTING_PAGES,
    *REVIEW_PAGES,
)
"""What browsers show to people; no part of the API's description."""
GARBAGE_THRESHOLD = 20_000
"""How many new objects set off the garbage collector, which finds next to nothing: what requests
leave behind goes without it."""
THREADS_PER_CONNECTION = 4
"""A request that waits for a connection holds a thread."""


def build(
    database: Database,
    settings: Settings,
    *,
    keep: bool = True,
    clock: Callable[[], datetime] = now,
) -> Litestar:
    """The application over a database; it keeps the read models too, unless told not to.

    Sessions and sign-ins go by `clock`. Raises ValueError if there are no pages in the language
    asked for.
    """
    speak(settings.TRACKER_LANGUAGE)
    conninfo, wait = database.conninfo(APP), settings.TRACKER_POOL_WAIT
    opened = Ledger(environment(conninfo, pool=settings.TRACKER_POOL, wait=wait))
    looped = AsyncLedger(conninfo, wait=wait)
    keeper = Keeper(database, READ_MODELS) if keep else None
    looking = health.Health(database, keeper)
    limits = Limits(Rates(looped.ask))
    lasting = SessionLimits(
        idle=timedelta(minutes=settings.TRACKER_SESSION_IDLE),
        at_all=timedelta(hours=settings.TRACKER_SESSION_MAX),
    )
    provider = _identity_provider(settings, clock)
    sign_in = SignIn(
        Sessions(looped.ask, lasting, clock),
        People(looped.ask),
        Pendings(looped.ask, clock),
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
        with opened, keeper or nullcontext():
            async with looped, provider or nullcontext():
                yield

    app = Litestar(
        # In a router of their own, since Litestar 2.25 wraps a handler twice whose path gets
        # another method later.
        [Router("/", route_handlers=[*HANDLERS, *PAGES])],
        lifespan=[lifespan],
        guards=[
            auth.gate(Tokens(looped.ask), sign_in.sessions, limits, settings.TRACKER_PUBLIC_URL),
        ],
        dependencies={
            "asked": Provide(asked),
            "given": Provide(given),
            "terms": Provide(terms),
            "health": Provide(lambda: looking, sync_to_thread=False),
        },
        exception_handlers={Exception: problem.answer},
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )
    app.state[KEY] = Services(
        opened,
        looped,
        Kept(),
        limits,
        Readings(opened),
        sign_in,
        settings.TRACKER_PUBLIC_URL,
        settings.TRACKER_CONTACT,
    )
    app.state["description"] = cache(partial(schema.describe, HANDLERS))
    app.asgi_handler = Edge(
        app.asgi_handler,
        ((route.path_format, route.methods) for route in app.routes),
        Door(settings.TRACKER_PUBLIC_URL, Throttle()),
    )
    return app


def _identity_provider(
    settings: Settings, clock: Callable[[], datetime]
) -> IdentityProvider | None:
    if settings.provider is None:
        return None
    # What it needs takes a tenth of the time of starting.
    from adapters.identity.oidc import OpenIDConnect  # noqa: PLC0415

    return OpenIDConnect(settings.provider, clock)
