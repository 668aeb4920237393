"""The server of metrics: an address of its own, apart from the pages and the API.

It answers one request at a time, so that whoever reaches it cannot take the service's memory.
"""
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# The library's own functions are only partly typed.

import os
import socket
import threading
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from adapters.postgres.database import Database
from adapters.settings import MetricsAddress
from adapters.telemetry import metrics
from adapters.telemetry.database_metrics import DatabaseMetrics
from projections.read_models import READ_MODELS

REQUEST_SECONDS = 5
"""How long a connection may take to send its request, and to take the answer."""
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which workers learn where to count."""


class _Handler(WSGIRequestHandler):
    timeout = REQUEST_SECONDS

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Log nothing: scrapes come all day."""


class _ServerV6(WSGIServer):
    address_family = socket.AF_INET6


class _Workers(MultiProcessCollector):
    """Sums the counts of the workers, without the gauges of those that ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        super().__init__(None, str(folder))  # type: ignore[no-untyped-call]

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""
        for file in self._folder.glob("gauge_live*_*.db"):
            pid = int(file.stem.rpartition("_")[2])
            if not _is_alive(pid):
                mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]
        return super().collect()  # type: ignore[no-untyped-call,no-any-return]


@contextmanager
def serving_metrics(
    database: Database, address: MetricsAddress, *, workers: int = 1
) -> Generator[None]:
    """Serve metrics at an address until the context ends.

    With several workers it tells those started within the context where to count. Raises OSError
    if the address cannot be listened on.
    """
    with ExitStack() as stack:
        counted: Collector = metrics.REGISTRY
        if workers > 1:
            folder = stack.enter_context(TemporaryDirectory(prefix="tracker-metrics-"))
            os.environ[FOLDER] = folder
            stack.callback(os.environ.pop, FOLDER)
            counted = _Workers(Path(folder))
        registry = CollectorRegistry()
        registry.register(counted)
        lists = {model.name: model.schema for model in READ_MODELS}
        registry.register(DatabaseMetrics(database, lists))
        host, port = address
        kind = _ServerV6 if ip_address(host).version == 6 else WSGIServer  # noqa: PLR2004  IPv6
        app = make_wsgi_app(registry)
        server = stack.enter_context(make_server(host, port, app, kind, _Handler))
        thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        yield


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
