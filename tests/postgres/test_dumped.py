"""A dump of `pg_dump`, restored under another name: it serves, and its read models are rebuilt."""

import subprocess
from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, OWNER, READER, Database
from adapters.postgres.migrate import DatabaseUnusable, migrate
from adapters.postgres.programs import program_folders
from adapters.postgres.upkeep.restore import begin_lineage
from projections.read_models import READ_MODELS
from projections.register.model import Register
from projections.runtime.rebuild import rebuild
from projections.runtime.supervisor import Supervisor
from tests.conftest import connect_to
from tests.projections.test_projections import wait_until_level
from tests.support.data.examples import published

pytestmark = pytest.mark.slow


def _run(program: str, database: Database, *words: str) -> None:
    """Run a program of the server's own version: a newer one writes settings that it lacks."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        version = f"(PostgreSQL) {connection.info.server_version // 10_000}."
    for folder in program_folders():
        path = folder / program
        if path.exists() and version in subprocess.check_output([path, "--version"], text=True):  # noqa: S603
            words = (f"--dbname={_as_owner(database)}", *words)
            subprocess.run([path, *words], check=True, timeout=120)  # noqa: S603  our words
            return
    pytest.skip(f"no {program} {version}")


@pytest.fixture
def restored(
    server: str, database: Database, ledger: Ledger, tmp_path: Path
) -> Generator[Database]:
    """An empty database beside one that has entries and read models, whose dump is `dump`."""
    published(ledger)
    with Supervisor(database, READ_MODELS):
        wait_until_level(ledger)
    _run("pg_dump", database, "-Fc", "-f", f"{tmp_path}/dump")
    name = f"restored_{uuid4().hex}"
    home = connect_to(server, "tracker" if "host=/" in server else "postgres")
    with psycopg.connect(home.conninfo(OWNER), autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
    yield connect_to(server, name)
    with psycopg.connect(home.conninfo(OWNER), autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _as_owner(database: Database) -> str:
    kept = {"host", "hostaddr", "port", "user", "password", "dbname"}
    parts = conninfo_to_dict(database.conninfo(OWNER))
    return make_conninfo(**{name: value for name, value in parts.items() if name in kept})  # type: ignore[arg-type]


def test_a_restored_dump_serves_and_rebuilds(restored: Database, tmp_path: Path) -> None:
    _run("pg_restore", restored, f"{tmp_path}/dump")
    assert migrate(restored.conninfo(OWNER)) == []
    assert rebuild(restored, Register, on_progress=lambda _done, _of: None).swapped
    with psycopg.connect(restored.conninfo(READER)) as connection:
        rows = connection.execute("TABLE " + Register.schema + ".standing").rowcount
        assert rows > 0
    begin_lineage(restored, "Restored for a test.")
    with Ledger(environment(restored.conninfo(APP), pool=1, wait=5)) as ledger:
        published(ledger, reference="kent-restored-2023")
    with psycopg.connect(restored.conninfo(OWNER)) as connection:
        public = "SELECT has_database_privilege('public', current_database(), 'CONNECT')"
        assert connection.execute(public).fetchone() == (False,)


def test_a_dump_restored_without_its_privileges_is_refused_in_words(
    restored: Database, tmp_path: Path
) -> None:
    _run("pg_restore", restored, "--no-acl", f"{tmp_path}/dump")
    with pytest.raises(DatabaseUnusable, match="restored without their privileges"):
        migrate(restored.conninfo(OWNER))
