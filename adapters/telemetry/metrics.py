"""Metrics that the service counts itself, in the exposition model of Prometheus.

The process that serves them adds what the database knows: see `database_metrics`. Of several
workers each counts in files of a common folder, if PROMETHEUS_MULTIPROC_DIR names one.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from adapters.ledger.submission import Submission

disable_created_metrics()  # type: ignore[no-untyped-call]  # samples that nobody reads
REGISTRY = CollectorRegistry(auto_describe=True)

REQUESTS = Histogram(
    "tracker_request_seconds",
    "Time from a request's head to the end of its response (of an event stream, to its beginning), "
    "by method, route and status.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0),
    registry=REGISTRY,
)
COMMANDS = Counter(
    "tracker_commands",
    "Commands recorded, by type; a repeated one counts once.",
    ("command",),
    registry=REGISTRY,
)
PROBLEMS = Counter(
    "tracker_problems",
    "Responses that are problem details (RFC 9457) or their page, by type of problem.",
    ("problem",),
    registry=REGISTRY,
)
APPENDS = Histogram(
    "tracker_append_commands",
    "Commands that one transaction appends together.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 500),
    registry=REGISTRY,
)
POOL = Gauge(
    "tracker_pool_connections",
    "Connections to the database, by pool and state, over all workers.",
    ("pool", "state"),
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
POOL_WAITING = Gauge(
    "tracker_pool_waiting",
    "Requests that wait for a connection, by pool, over all workers.",
    ("pool",),
    multiprocess_mode="livesum",
    registry=REGISTRY,
)

MEMORY = Gauge(
    "tracker_memory_bytes",
    "Resident memory of the largest process that serves.",
    multiprocess_mode="livemax",
    registry=REGISTRY,
)
RELEASES_FAILED = Gauge(
    "tracker_releases_failed",
    "Reports whose minute of release has come, and whose publication was refused when last tried.",
    multiprocess_mode="livemax",
    registry=REGISTRY,
)
STATM = Path("/proc/self/statm")


def count_commands(submissions: Iterable[Submission]) -> None:
    """Count the commands of a submit that was recorded."""
    for submission in submissions:
        COMMANDS.labels(submission.command.__struct_config__.tag).inc()


def set_memory() -> None:
    """Set the gauge of memory, on Linux."""
    if STATM.exists():
        MEMORY.set(int(STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE"))


def set_pool(name: str, stats: dict[str, int]) -> None:
    """Set the gauges of a pool from the statistics of psycopg_pool."""
    free = stats["pool_available"]
    POOL.labels(name, "idle").set(free)
    POOL.labels(name, "used").set(stats["pool_size"] - free)
    POOL_WAITING.labels(name).set(stats.get("requests_waiting", 0))
