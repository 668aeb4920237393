"""`tracker config`, `info` and `health`: what operators ask first."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from adapters.ledger.ledger import Ledger
from adapters.postgres.database import Database
from adapters.secret_files import SECRETS
from adapters.settings import Settings
from api.cli import about
from tests.support.data.examples import published
from tests.support.served.program import ROOT, environment, eventually, program
from tests.support.served.serving import Service, serving

DEAD_PROXY = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}


def tracker(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603  our own words, read by no shell
        [sys.executable, "-P", "-m", "api.cli", *words],
        env={**environment(Path("/nowhere")), **variables},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment without settings."""
    for name in [*os.environ]:
        if name.startswith(("TRACKER_", "DATABASE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TRACKER_DATA", "/nowhere")
    return monkeypatch


def shown() -> Mapping[str, about.Setting]:
    """The settings as `tracker config` lists them, by name."""
    return {setting.name: setting for setting in about.read_configuration().settings}


def test_the_configuration_lists_every_setting_with_its_value_and_source(
    variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text("postgresql://app:s3cret@db.example:5433/tracker")
    variables.setenv("TRACKER_PORT", "9000")
    variables.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    settings = shown()
    assert settings.keys() == {*Settings.__struct_fields__}
    assert settings["TRACKER_PORT"] == about.Setting("TRACKER_PORT", "9000", "environment")
    assert settings["TRACKER_POOL"] == about.Setting("TRACKER_POOL", "8", "default")
    assert settings["TRACKER_CONTACT"] == about.Setting("TRACKER_CONTACT", None, "default")
    assert settings["DATABASE_URL"].source == "DATABASE_URL_FILE"
    assert "host=db.example" in str(settings["DATABASE_URL"].value)


def test_the_configuration_shows_no_secret(variables: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        variables.setenv(name, "postgresql://app:s3cret@db/x?sslpassword=s3cret")
    variables.setenv("TRACKER_OIDC_ISSUER", "https://user:s3cret@id.example")
    variables.setenv("TRACKER_TOKEN", "s3cret")
    assert "s3cret" not in repr(about.read_configuration())


def test_the_configuration_names_every_invalid_and_unknown_setting(
    variables: pytest.MonkeyPatch,
) -> None:
    variables.setenv("TRACKER_PORT", "70000")
    variables.setenv("TRACKER_LOG", "loud")
    variables.setenv("TRACKER_PROT", "8000")
    configuration = about.read_configuration()
    problems = {setting.name for setting in configuration.settings if setting.problem}
    assert problems == {"TRACKER_PORT", "TRACKER_LOG", "TRACKER_PROT"}
    assert not configuration.valid


def test_the_configuration_names_settings_that_do_not_go_together(
    variables: pytest.MonkeyPatch,
) -> None:
    assert about.read_configuration().valid
    variables.setenv("TRACKER_HOST", "192.0.2.1")
    configuration = about.read_configuration()
    assert not configuration.valid
    assert "TRACKER_HOST" in str(configuration.problem)


@pytest.mark.slow
def test_the_config_command_exits_with_one_if_a_setting_is_invalid() -> None:
    done = tracker("config", TRACKER_PORT="70000")
    assert done.returncode == 1
    assert "TRACKER_PORT = 70000  [environment]" in done.stdout
    assert "TRACKER_PORT" in done.stderr
    assert "Traceback" not in done.stderr
    done = tracker("config", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["valid"] is True


@pytest.mark.slow
def test_a_user_without_name_and_home_is_told_to_set_the_data_folder(tmp_path: Path) -> None:
    nameless = ["unshare", "--user", "--map-user=4242", "--map-group=4242"]
    if subprocess.run([*nameless, "true"], check=False, capture_output=True).returncode:  # noqa: S603
        pytest.skip("no user namespaces here")
    kept = {k: v for k, v in environment(tmp_path / "data").items() if k != "HOME"}

    def run(**variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  our own words
            [*nameless, sys.executable, "-P", "-m", "api.cli", "info"],
            env={**kept, **variables},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    done = run(TRACKER_DATA="")
    assert done.returncode == 2, done.stderr
    assert "set TRACKER_DATA to a folder" in done.stderr
    done = run()
    assert done.returncode == 0, done.stderr


def test_the_overview_has_versions_positions_and_sizes(database: Database, ledger: Ledger) -> None:
    published(ledger)
    present = about.read_info(database, Settings(TRACKER_DATA=ROOT / "docs"))
    with psycopg.connect(database.conninfo("tracker_app")) as connection:
        row = connection.execute("SELECT id FROM ledger_lineages ORDER BY number DESC").fetchone()
    assert row == (UUID(present.database.lineage),)
    assert present.database.head == ledger.head()
    assert present.database.schema == present.schema_expected
    assert present.database.bytes > 1_000_000
    assert present.database.documents == 0
    assert present.program.startswith("0.")
    assert present.read_models["register"].position is None
    if database.embedded:
        assert present.data_folder_bytes


@pytest.mark.slow
def test_the_info_command_reads_a_database_that_is_not_made_yet(tmp_path: Path) -> None:
    done = tracker("info", TRACKER_DATA=str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    assert "PostgreSQL: " in done.stdout
    assert "Schema step: 0; this program expects" in done.stdout
    assert "Lineage: not recorded yet" in done.stdout


@pytest.mark.slow
def test_health_asks_a_service_by_no_proxy(service: Service) -> None:
    done = tracker("health", service.url, **DEAD_PROXY)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{service.url} is ready")
    port = service.url.rpartition(":")[2]
    assert tracker("health", TRACKER_PORT=port, TRACKER_HOST="127.0.0.1").returncode == 0


@pytest.mark.slow
def test_health_says_that_nobody_answers_or_that_it_is_another_service() -> None:
    done = tracker("health", "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "http://127.0.0.1:9 does not answer: " in done.stderr
    assert tracker("health", "nonsense").returncode == 2
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        asking = subprocess.Popen(  # noqa: S603  our own words
            [sys.executable, "-P", "-m", "api.cli", "health", f"http://127.0.0.1:{port}"],
            env=environment(Path("/nowhere")),
            stderr=subprocess.PIPE,
            text=True,
        )
        connection, _ = other.accept()
        with connection:
            connection.recv(1_000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        assert 'is not this service: "hi"' in asking.communicate(timeout=60)[1]
        assert asking.returncode == 1


@pytest.mark.slow
def test_health_says_why_a_service_is_not_ready(unkept: Service) -> None:
    done = tracker("health", unkept.url)
    assert done.returncode == 1
    assert f"{unkept.url} is not ready: " in done.stderr
    assert "The list register is being built." in done.stderr


@pytest.mark.slow
def test_a_service_with_a_proxy_in_its_environment_sees_that_it_is_ready(tmp_path: Path) -> None:
    with program(tmp_path / "data", "serve", "--port", "0", **DEAD_PROXY) as running:
        assert eventually(running.is_ready)
        running.signal(signal.SIGTERM)
        assert running.ended() == 0


@pytest.fixture
def unkept(database: Database) -> Generator[Service]:
    """A service whose read models nobody builds."""
    with serving(database, keep=False) as running:
        yield running
