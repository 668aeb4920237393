"""A bare Litestar application with the service's settings: the limit of the framework."""

import asyncio
import os
import threading
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import click
import uvicorn
from litestar import Litestar, get, post
from litestar.params import FromPath
from msgspec import Struct
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from adapters.clock import new_entry_id
from deploy.bench.baselines import plain
from deploy.bench.load.appends import METADATA, STORED

POOL = 8
THREADS = 4 * POOL
START_SECONDS = 30
SELECT = (
    "SELECT originator_id::text, originator_version, topic, notification_id FROM ledger_events"
    " WHERE notification_id = %s"
)
INSERT = plain.INSERT.format(stream="%s", step="%s", topic="%s", state="%s", metadata="%s")


class InsertBody(Struct):
    """The body of a request that writes."""

    comment: str


class Inserted(Struct):
    """The id of the written row."""

    id: str


class SelectedRow(Struct):
    """A row that was read."""

    stream: str
    step: int
    topic: str
    position: int


def build(conninfo: str) -> Litestar:
    """Return an application with two routes: writing and committing a row, and reading a row."""
    pool = ConnectionPool(conninfo, min_size=POOL, max_size=POOL, open=False)

    @post("/rows", sync_to_thread=True)
    def insert(data: InsertBody) -> Inserted:
        stream = new_entry_id()
        with pool.connection() as connection:
            connection.execute(
                INSERT.encode(),
                (stream, len(data.comment), STORED.topic, STORED.state, Jsonb(METADATA)),
                prepare=True,
            )
        return Inserted(str(stream))

    @get("/rows/{position:int}", sync_to_thread=True)
    def select(position: FromPath[int]) -> SelectedRow:
        with pool.connection() as connection:
            row = connection.execute(SELECT, (position,), prepare=True).fetchone()
        if row is None:
            raise LookupError(position)
        return SelectedRow(*row)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        with pool:
            yield

    return Litestar([insert, select], lifespan=[lifespan], openapi_config=None, logging_config=None)


def main() -> None:
    """Serve the application and print its address once it listens."""
    conninfo = os.environ["DATABASE_URL"]
    plain.make(conninfo)
    config = uvicorn.Config(
        build(conninfo),
        host="127.0.0.1",
        port=0,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    listening = config.bind_socket()
    host, port = listening.getsockname()[:2]
    server = uvicorn.Server(config)

    def announce() -> None:
        while not server.started:
            threading.Event().wait(0.05)
        click.echo(f"Ready http://{host}:{port}")

    threading.Thread(target=announce, daemon=True).start()
    server.run(sockets=[listening])


if __name__ == "__main__":
    main()
