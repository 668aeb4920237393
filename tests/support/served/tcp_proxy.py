"""A proxy between the service and PostgreSQL that breaks connections as networks do."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.postgres.database import Database

CHUNK_BYTES = 65_536
START_SECONDS = 10
TICK_SECONDS = 0.01
"""How soon a stalled connection notices that it may go on."""

State = Literal["whole", "cut", "stalled", "half-open"]


class TcpProxy:
    """Passes on the connections to an address or a Unix socket, in an event loop of its own."""

    def __init__(self, target: tuple[str, int] | Path) -> None:
        self.port = 0
        self.latency = 0.0
        """Seconds by which each chunk is late, in both directions."""
        self.reset_after: int | None = None
        """How many more bytes of the server pass before every connection is reset; None: no end."""
        self._state: State = "whole"
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tcp proxy")
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    def to(self, state: State) -> None:
        """Make it whole again, or break it.

        `cut` ends every connection and refuses new ones. `stalled` lets nothing pass until later.
        `half-open` swallows everything, as if the other end were gone without a farewell; what was
        open then stays dead.
        """
        self._state = state
        if state == "cut":
            self.reset()

    def reset(self) -> None:
        """End every open connection at once, without a farewell."""
        self._loop.call_soon_threadsafe(self._reset)

    def start(self) -> None:
        """Listen on a free port of the loopback."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(START_SECONDS)

    def stop(self) -> None:
        """End every connection, and accept no more."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._reset()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._state == "cut":
            writer.transport.abort()
            return
        try:
            if isinstance(self._target, Path):
                there, to_there = await asyncio.open_unix_connection(self._target)
            else:
                there, to_there = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, to_there}
        for source, sink, is_answer in ((reader, to_there, False), (there, writer, True)):
            task = asyncio.create_task(self._pass(source, sink, is_answer=is_answer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        with suppress(OSError):
            while chunk := await source.read(CHUNK_BYTES):
                await asyncio.sleep(self.latency)
                while self._state == "stalled":  # noqa: ASYNC110  set by another thread
                    await asyncio.sleep(TICK_SECONDS)
                if self._state == "half-open":
                    await asyncio.Event().wait()  # for ever: neither bytes nor an end pass again
                if is_answer and (left := self.reset_after) is not None:
                    self.reset_after = left = left - len(chunk)
                    if left < 0:
                        self._reset()
                        return
                sink.write(chunk)
                await sink.drain()
        if self._state != "half-open":
            sink.close()

    def _reset(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()


@contextmanager
def proxied(database: Database) -> Generator[tuple[Database, TcpProxy]]:
    """Yield the same database reached through a proxy, and the proxy."""
    address = conninfo_to_dict(database.url)
    host, port = str(address["host"]), int(address.get("port") or 5432)
    target = Path(host, f".s.PGSQL.{port}") if host.startswith("/") else (host, port)
    proxy = TcpProxy(target)
    proxy.start()
    url = make_conninfo(database.url, host="127.0.0.1", port=proxy.port)
    owner_url = make_conninfo(database.owner_url, host="127.0.0.1", port=proxy.port)
    try:
        yield Database(url, owner_url, embedded=database.embedded), proxy
    finally:
        proxy.stop()
