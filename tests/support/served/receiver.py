"""A receiver of webhooks, as it would run elsewhere."""

import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook


class Receiver:
    """A receiver of webhooks, as it would run elsewhere; it answers as `answers` says."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: Callable[[int], int] = lambda _count: 204
        """The status of each answer, by the number of requests so far."""
        self.seconds = 0.0
        """How long it takes to answer."""
        self.most_at_once = 0
        self._now, self._lock = 0, threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.requests.append((headers, body))
                with receiver.counting():
                    time.sleep(receiver.seconds)
                self.send_response(receiver.answers(len(receiver.requests)))
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as there
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?of=us"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))

    @contextmanager
    def counting(self) -> Generator[None]:
        """Count a request as one of those at the same time."""
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        yield
        with self._lock:
            self._now -= 1

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.requests]

    def events(self, secret: str) -> list[dict[str, Any]]:
        """Return what came, each checked with a secret by the library of receivers."""
        for headers, body in self.requests:
            verify(secret, headers, body)
        return [json.loads(body) for _, body in self.requests]


def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
    Webhook(secret).verify(body, headers)
    return True


@contextmanager
def receiving(port: int = 0) -> Generator[Receiver]:
    receiver = Receiver(port)
    receiver.thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.thread.join()
        receiver.server.server_close()
