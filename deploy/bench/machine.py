"""The machine and the versions of a measurement."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psycopg

PACKAGES = ("eventsourcing", "psycopg", "litestar", "msgspec", "uvicorn")
GIBIBYTE = 1024**3


def describe(server: str) -> list[str]:
    """Return the time, the machine and the versions, one line each."""
    with psycopg.connect(server) as connection:
        row = connection.execute("SELECT current_setting('server_version')").fetchone()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIBIBYTE
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    python = platform.python_version()
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"{os.cpu_count()} cores of {_processor()}, {memory:.0f} GiB, {platform.platform()}",
        f"Python {python}, PostgreSQL {row[0] if row else 'unknown'}, {packages}",
    ]


def _processor() -> str:
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        for line in cpus.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
