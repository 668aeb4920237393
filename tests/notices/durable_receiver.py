"""A receiver of webhooks in a process of its own, which keeps what came before it answers."""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

PAUSE_SECONDS = 0.1
"""How long it takes before it keeps what came, and then to answer, so that kills come between."""


def run(port: int, path: Path) -> None:
    """Receive at a port, and add a line for each request to a file: its id and position."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            notice = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(PAUSE_SECONDS)
            with path.open("a") as file:
                file.write(f"{self.headers['webhook-id']} {notice['data']['position']}\n")
                file.flush()
                os.fsync(file.fileno())
            time.sleep(PAUSE_SECONDS)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as there
            pass

    HTTPServer(("127.0.0.1", port), Handler).serve_forever(0.05)


if __name__ == "__main__":
    run(int(sys.argv[1]), Path(sys.argv[2]))
