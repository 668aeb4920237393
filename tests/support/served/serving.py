"""The service over real HTTP, with a token of every role."""

import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvicorn
from msgspec import Struct

from adapters.clock import now
from adapters.identity import tokens
from adapters.postgres.database import OWNER, Database
from adapters.settings import Settings
from api.app import build
from api.http.connections.server import server_config
from domain.commands.report import Issue
from domain.events.access import AccessEvent
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.values import Code, Reference
from tests.support.data.examples import (
    ADMIN,
    ESSEX,
    INSPECTOR,
    KENT,
    KENT_BODY,
    OTHER_INSPECTOR,
    issue,
    publish,
)

ESSEX_BODY = Actor("essex-pcc", Role.LOCAL_POLICING_BODY, "essex")
AUDITOR = Actor("auditor-1", Role.AUDITOR)
PUBLISHER = Actor("publisher-1", Role.PUBLISHER)
REPORTING = Actor("reporting-1", Role.REPORTING)
TRAINER = Actor("training-force", Role.FORCE, "training")
EVERYBODY = (
    INSPECTOR, OTHER_INSPECTOR, PUBLISHER, KENT, KENT_BODY, ESSEX, ESSEX_BODY, AUDITOR, REPORTING,
    ADMIN, TRAINER,
)  # fmt: skip

START_SECONDS = 30


class Served(Struct, frozen=True):
    """Options of the fixture `service`: its data, settings and clock."""

    corpus: bool = False
    """Whether the corpus is on record."""
    training: bool = False
    """Whether the training world is on record too."""
    keep: bool = True
    """Whether the service follows the ledger with its read models."""
    chosen: Settings | None = None
    clock: Callable[[], datetime] = now


class Service(Struct):
    """A running service, and a token for every actor."""

    url: str
    tokens: Mapping[Actor, str]
    client: httpx.Client
    server: uvicorn.Server

    def get(
        self,
        path: str,
        actor: Actor | None = None,
        *,
        params: Mapping[str, str] | None = None,
        **headers: str,
    ) -> httpx.Response:
        """Send a GET request as an actor, or as the public."""
        return self.client.get(path, params=params, headers=self.headers(actor, headers))

    def post(
        self, path: str, body: object, actor: Actor | None = INSPECTOR, **headers: str
    ) -> httpx.Response:
        """Send a POST request with a JSON body as an actor."""
        return self.client.post(path, json=body, headers=self.headers(actor, headers))

    def headers(self, actor: Actor | None, more: Mapping[str, str] = {}) -> dict[str, str]:
        """Return an actor's headers; underscores in names stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        if actor is None:
            return named
        return {"Authorization": f"Bearer {self.tokens[actor]}", **named}


def token_of(database: Database, actor: Actor, days: float = 1) -> str:
    """Create a token for an actor."""
    text, _ = tokens.create(
        database.conninfo(OWNER),
        actor=actor.id,
        role=actor.role,
        force=actor.force,
        expires_at=datetime.now(UTC) + timedelta(days=days),
        record=unrecorded,
    )
    return text


def unrecorded(event: AccessEvent) -> None:
    """Record nothing: positions are easier to predict without the entries of tokens."""


def settings(**more: Any) -> Settings:  # noqa: ANN401  as there
    """Return the settings of a service under test."""
    values: dict[str, Any] = {"TRACKER_POOL": 4, "TRACKER_POOL_WAIT": 2, **more}
    return Settings(TRACKER_DATA=Path(), **values)


@contextmanager
def serving(
    database: Database,
    *,
    keep: bool = True,
    chosen: Settings | None = None,
    clock: Callable[[], datetime] = now,
) -> Generator[Service]:
    """Serve a database, and yield the service when ready; no read models unless `keep`."""
    chosen = chosen or settings()
    app = build(database, chosen, keep=keep, clock=clock)
    config = server_config(app, chosen, port=0)
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    tokens_of = {actor: token_of(database, actor) for actor in EVERYBODY}
    try:
        with httpx.Client(base_url=url, timeout=30) as client:
            wait_for(client, "/health/ready" if keep else "/health/live")
            yield Service(url, tokens_of, client, server)
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listening.close()


def wait_for(client: httpx.Client, path: str, status: int = 200) -> None:
    """Wait until a path answers with a status."""
    until = time.monotonic() + START_SECONDS
    while True:
        with suppress(httpx.TransportError):
            if client.get(path).status_code == status:
                return
        assert time.monotonic() < until, f"{path} did not come to {status}"
        time.sleep(0.02)


class Published(Struct):
    """A report published over HTTP."""

    id: str
    recommendations: list[str]
    position: int


def published(
    service: Service, reference: Reference, *issues: Issue, force: Code = "kent"
) -> Published:
    """Publish a report over HTTP, with one recommendation unless others are passed."""
    report = publish(*(issues or (issue(force),)), reference=reference, force=force)
    answer = service.post("/v1/reports", msgspec.to_builtins(report))
    assert answer.status_code == 201, answer.text
    return msgspec.convert(answer.json(), Published)


def command(
    service: Service, stream: str, actor: Actor, tag: str, /, **fields: object
) -> httpx.Response:
    """Send a command to a recommendation."""
    path = f"/v1/recommendations/{stream}/commands"
    return service.post(path, {"type": tag, **fields}, actor)
