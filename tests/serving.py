"""The service over real HTTP, with a token of every role."""

import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import uvicorn
from msgspec import Struct

from adapters import tokens
from adapters.database import OWNER, Database
from adapters.settings import Settings
from api.app import build
from domain.stamp import Role, Who
from tests.examples import ADMIN, ESSEX, INSPECTOR, KENT, KENT_BODY

AUDITOR = Who("auditor-1", Role.AUDITOR)
PUBLISHER = Who("publisher-1", Role.PUBLISHER)
REPORTING = Who("reporting-1", Role.REPORTING)
TRAINER = Who("training-force", Role.FORCE, "training")
EVERYBODY = (
    INSPECTOR, PUBLISHER, KENT, KENT_BODY, ESSEX, AUDITOR, REPORTING, ADMIN, TRAINER,
)  # fmt: skip

START_SECONDS = 30


class Service(Struct):
    """A service that runs, and the tokens it knows."""

    url: str
    tokens: Mapping[Who, str]
    client: httpx.Client

    def get(self, path: str, who: Who | None = None, **headers: str) -> httpx.Response:
        """Read something, as somebody."""
        return self.client.get(path, headers=self.headers(who, headers))

    def post(
        self, path: str, body: object, who: Who | None = INSPECTOR, **headers: str
    ) -> httpx.Response:
        """Send something as JSON, as somebody."""
        return self.client.post(path, json=body, headers=self.headers(who, headers))

    def headers(self, who: Who | None, given: Mapping[str, str] = {}) -> dict[str, str]:
        """The headers of somebody; underscores of a name stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in given.items()}
        return named if who is None else {"Authorization": f"Bearer {self.tokens[who]}", **named}


def token_of(database: Database, who: Who, days: float = 1) -> str:
    """A token of somebody."""
    text, _ = tokens.create(
        database.conninfo(OWNER),
        actor=who.actor,
        role=who.role,
        force=who.force,
        expires_at=datetime.now(UTC) + timedelta(days=days),
    )
    return text


@contextmanager
def serving(database: Database, *, pool: int = 4, wait: int = 2) -> Generator[Service]:
    """A service over a database, ready to be asked."""
    settings = Settings(TRACKER_DATA=Path(), TRACKER_POOL=pool, TRACKER_POOL_WAIT=wait)
    app = build(database, settings)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    given = {who: token_of(database, who) for who in EVERYBODY}
    try:
        with httpx.Client(base_url=url, timeout=30) as client:
            until = time.monotonic() + START_SECONDS
            while client.get("/health/ready").status_code != 200:
                assert time.monotonic() < until, "the service is not ready"
                time.sleep(0.02)
            yield Service(url, given, client)
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listening.close()
