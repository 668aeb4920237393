"""A proxy to the database that can be cut, made to hang, and restored."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Literal

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.postgres.database import Database

CHUNK = 65_536


class Proxy:
    """Forwards connections to a PostgreSQL server while its state is "whole"."""

    def __init__(self, conninfo: str) -> None:
        self._server = conninfo_to_dict(conninfo)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.state: Literal["whole", "cut", "hanging"] = "whole"
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def to(self, state: Literal["whole", "cut", "hanging"]) -> None:
        """Cut it, which ends every connection; or make it hang; or restore it."""
        self.state = state
        if state == "cut":
            self.close()

    def close(self) -> None:
        """End every connection."""
        for end in tuple(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """End every connection, and accept no more."""
        self.state = "cut"
        self._listening.close()
        self.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self.state == "cut":
                client.close()
                continue
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, self._connect() as server:
            self._open |= {client, server}
            back = threading.Thread(target=self._forward, args=(server, client), daemon=True)
            back.start()
            self._forward(client, server)
            back.join()
            self._open -= {client, server}

    def _connect(self) -> socket.socket:
        host, port = str(self._server["host"]), int(self._server.get("port") or 5432)
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port}")
        return server

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                while self.state == "hanging":
                    threading.Event().wait(0.02)
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(database: Database) -> Generator[tuple[Database, Proxy]]:
    """Yield the same database reached through a proxy, and the proxy."""
    proxy = Proxy(database.url)
    url = make_conninfo(database.url, host="127.0.0.1", port=proxy.port)
    owner_url = make_conninfo(database.owner_url, host="127.0.0.1", port=proxy.port)
    yield Database(url, owner_url, embedded=database.embedded), proxy
    proxy.stop()
