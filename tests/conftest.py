"""Shared fixtures: one real PostgreSQL for the whole run, and a fresh database per test."""

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres import programs
from adapters.postgres.database import APP, OWNER, Database
from adapters.postgres.embedded import Embedded
from adapters.postgres.migrate import migrate
from tests.support.data.paged import fill, live
from tests.support.served import chromium as in_chromium
from tests.support.served.serving import Published, Served, Service, serving

hypothesis_settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis_settings.register_profile("here", deadline=None)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "here")

QUICK = {"fsync": "off", "shared_buffers": "128MB"}
"""Settings of the shared server. Its files end with it, and each database costs a checkpoint."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--accept`, which writes docs/permissions.md as measured, and `--long`."""
    parser.addoption("--accept", action="store_true", help="write docs/permissions.md as measured")
    parser.addoption("--long", action="store_true", help="tests of reliability at full length")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Run the tests in one process if the server is not ours: its roles are those of all."""
    return 0 if "TEST_DATABASE_URL" in os.environ else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that hold slow tests, so that no processor waits for one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests of reliability measured."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "figures":
                terminalreporter.write_line(f"{report.nodeid.partition('::')[2]}: {value}")


def connect_to(server: str, name: str) -> Database:
    """Return a database of the test server, at the address of the server's socket."""
    embedded = "host=/" in server
    url = make_conninfo(server, dbname=name)
    owner = make_conninfo(url, user=OWNER) if embedded else url
    return Database(url, owner, embedded=embedded)


chromium = in_chromium.chromium  # a fixture


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The server's address: TEST_DATABASE_URL if set, else that of an embedded server."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    home: Path = tmp_path_factory.mktemp("postgres", numbered=True)
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(programs, "SETTINGS", programs.SETTINGS | QUICK)
            address = stack.enter_context(Embedded(home).use())
        yield address


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """A migrated, empty database to copy."""
    name = f"template_{uuid4().hex}"
    with _as_owner(server) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    migrate(connect_to(server, name).conninfo(OWNER))
    return name


@pytest.fixture
def database(server: str, template: str) -> Generator[Database]:
    """An empty, migrated database."""
    yield from copied(server, template)


@pytest.fixture(scope="module")
def make_database(server: str, template: str) -> Generator[Database]:
    """One empty, migrated database for all tests of a module."""
    yield from copied(server, template)


@pytest.fixture
def ledger(database: Database) -> Generator[Ledger]:
    """An empty ledger, opened with the role of the service."""
    with Ledger(environment(database.conninfo(APP), pool=4, wait=5)) as opened:
        yield opened


@pytest.fixture(scope="module")
def served() -> Served:
    """Options of `service`; a module overrides this fixture to choose others."""
    return Served()


@pytest.fixture(scope="module")
def service(make_database: Database, served: Served) -> Generator[Service]:
    """The service over real HTTP, one for all tests of a module."""
    if served.corpus:
        fill(make_database, training=served.training)
    with serving(
        make_database, keep=served.keep, chosen=served.chosen, clock=served.clock
    ) as running:
        yield running


@pytest.fixture(scope="module")
def lived(service: Service) -> Published:
    """A report with a closed recommendation, and one only issued."""
    return live(service)


@pytest.fixture
def blank(server: str) -> Generator[Database]:
    """A database without tables."""
    with blank_database(server) as database:
        yield database


@contextmanager
def blank_database(server: str) -> Generator[Database]:
    """Yield a database without tables."""
    name = f"blank_{uuid4().hex}"
    with _as_owner(server) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    yield connect_to(server, name)
    with _as_owner(server) as connection:
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def copied(server: str, template: str) -> Generator[Database]:
    """Yield a copy of a database on its server; gone when the generator ends."""
    name = f"test_{uuid4().hex}"
    with _as_owner(server) as connection:
        connection.execute(
            SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log").format(
                Identifier(name), Identifier(template)
            )
        )
        # A template's privileges on itself are not copied.
        connection.execute(
            SQL(
                "REVOKE ALL ON DATABASE {0} FROM PUBLIC;"
                "GRANT CONNECT ON DATABASE {0} TO tracker_app, tracker_reader, tracker_projector,"
                " tracker_checker, tracker_operator, tracker_bi_public, tracker_bi_force,"
                " tracker_bi_inspectorate;"
                "GRANT CREATE ON DATABASE {0} TO tracker_projector"
            ).format(Identifier(name))
        )
    copied = connect_to(server, name)
    with psycopg.connect(copied.conninfo(OWNER)) as connection:
        connection.execute("SELECT ledger_begin_lineage('Copied for a test.')")
    yield copied
    with _as_owner(server) as connection:
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _as_owner(server: str) -> psycopg.Connection:
    database = connect_to(server, "tracker" if "host=/" in server else "postgres")
    return psycopg.connect(database.conninfo(OWNER), autocommit=True)
