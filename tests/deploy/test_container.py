"""The image's recipe and compose.yaml, read; and their scripts, run on a real PostgreSQL.

No container engine runs here: docs/deploy.md says what was tried by hand.
"""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import click
import msgspec
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from adapters import settings
from adapters.postgres.database import OWNER
from adapters.postgres.programs import program_folders
from api.cli.main import main
from tests.conftest import connect_to

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "container"
RECIPE = (FOLDER / "Containerfile").read_text("utf-8").replace("\\\n", " ")
COMPOSE: dict[str, Any] = msgspec.yaml.decode((FOLDER / "compose.yaml").read_bytes())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("migrate", "project", "api", "publish")
SECONDS = 30


def instructions(name: str) -> list[str]:
    """Return the words of every instruction of a kind, in order."""
    return re.findall(rf"^{name} +(.*)$", RECIPE, re.MULTILINE)


def check_command(words: list[str]) -> None:
    """Check that the program has a command with such options."""
    name, *flags = words
    with click.Context(main) as context:
        command = main.get_command(context, name)
        assert command is not None, name
        command.make_context(name, flags, parent=context)


def run(words: list[str], environ: dict[str, str] | None = None) -> int:
    """Run a script, and return its exit status."""
    return subprocess.run(  # noqa: S603  our own words
        ["/bin/sh", *words], env=environ, check=False, timeout=SECONDS, stderr=subprocess.DEVNULL
    ).returncode


def test_the_image_runs_as_a_user_without_rights() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert RECIPE.index("\nUSER ") > RECIPE.rindex("\nRUN ")
    assert {SERVICES[name]["user"] for name in OURS} == {"10001:10001"}


def test_the_image_has_locked_packages_and_a_built_wheel_only() -> None:
    ignored = (FOLDER / "Containerfile.dockerignore").read_text("utf-8").split()
    assert ignored == ["*", "!requirements.lock", "!dist/*.whl"]
    assert instructions("COPY") == [
        "requirements.lock dist/*.whl /src/", "--from=build /opt/tracker /opt/tracker",
    ]  # fmt: skip
    installed = re.findall(r"pip install ([^&]*)", RECIPE)
    assert ["--require-hashes" in words or "--no-deps" in words for words in installed] == [
        True
    ] * 2


def test_the_commands_of_the_image_exist() -> None:
    assert instructions("ENTRYPOINT") == ['["tracker"]']
    check_command(msgspec.json.decode(instructions("CMD")[0]))
    check_command(msgspec.json.decode(instructions("HEALTHCHECK")[0].partition("CMD ")[2])[1:])


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_can_change_nothing_and_gain_nothing(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service["user"].startswith("0")
    assert not service.get("privileged")
    assert "outside" not in service["networks"] or name == "api"
    assert "healthcheck" in service


@pytest.mark.parametrize("name", OURS)
def test_a_container_starts_a_command_with_settings_that_exist(name: str, tmp_path: Path) -> None:
    service = SERVICES[name]
    check_command(service["command"])
    environ = dict(service["environment"])
    if "env_file" in service:
        lines = (ROOT / "deploy" / "systemd" / "tracker.env").read_text("utf-8").splitlines()
        environ |= dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    assert environ.keys() <= {*settings.Settings.__struct_fields__}
    for setting, file in environ.items():
        if setting.endswith("_FILE"):
            secret = file.removeprefix("/run/secrets/")
            assert secret in service["secrets"]
            (tmp_path / secret).write_text("postgresql:///tracker")
            environ[setting] = str(tmp_path / secret)
    settings.read({**environ, "HOME": str(tmp_path)}, serving=name == "api")
    login = environ["DATABASE_URL_FILE"].rpartition("/")[2]
    assert login == f"{name}_url"


def test_the_services_start_after_the_migration_and_it_after_the_database() -> None:
    waits = {name: SERVICES[name]["depends_on"] for name in OURS}
    done = {"migrate": {"condition": "service_completed_successfully"}}
    assert waits == {
        "migrate": {"database": {"condition": "service_healthy"}}, "project": done, "api": done,
        "publish": done,
    }  # fmt: skip


def test_published_files_are_made_on_demand_in_the_one_folder_that_can_be_written() -> None:
    assert {name for name, part in SERVICES.items() if "profiles" in part} == {"publish"}
    (volume,) = SERVICES["publish"]["volumes"]
    assert SERVICES["publish"]["command"][-1] == f"{volume.partition(':')[2]}/data"
    assert SERVICES["publish"]["restart"] == "no"


def test_only_the_loopback_of_the_machine_reaches_the_service() -> None:
    assert {name: part["ports"] for name, part in SERVICES.items() if "ports" in part} == {
        "api": ["127.0.0.1:8000:8000", "127.0.0.1:9464:9464"]
    }
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_prometheus_asks_where_the_units_and_the_container_serve_metrics() -> None:
    monitoring = (ROOT / "deploy" / "monitoring" / "prometheus.yaml").read_bytes()
    (job,) = msgspec.yaml.decode(monitoring)["scrape_configs"]
    ((target,),) = [config["targets"] for config in job["static_configs"]]
    lines = (ROOT / "deploy" / "systemd" / "tracker.env").read_text("utf-8").splitlines()
    assert f"TRACKER_METRICS={target}" in lines
    port = target.rpartition(":")[2]
    assert SERVICES["api"]["environment"]["TRACKER_METRICS"] == f"0.0.0.0:{port}"
    assert f"{target}:{port}" in SERVICES["api"]["ports"]


def test_the_secrets_are_made_once_and_become_the_passwords_of_the_logins(
    tmp_path: Path, server: str
) -> None:
    places = [*map(str, program_folders()), os.environ["PATH"]]
    psql = shutil.which("psql", path=os.pathsep.join(places))
    if psql is None or "host=/" not in server:
        pytest.skip("needs psql, and a server of our own")
    secrets, source = tmp_path / "secrets", tmp_path / "client"
    source.write_text("from the provider\n")
    words = [str(FOLDER / "secrets.sh"), str(source), str(secrets)]
    assert run(words) == 0
    assert {file.name for file in secrets.iterdir()} == {*COMPOSE["secrets"]}
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert run(words) != 0
    home = connect_to(server, "tracker").conninfo(OWNER)
    address = conninfo_to_dict(home)
    with psycopg.connect(home, autocommit=True) as connection:
        logins = [f"tracker_{name}" for name in OURS]
        for login in logins:
            connection.execute(f"CREATE ROLE {login} LOGIN".encode())
        try:
            environ = {
                "PATH": f"{Path(psql).parent}:{os.defpath}",
                "SECRETS": str(secrets),
                "POSTGRES_USER": str(address["user"]),
                "POSTGRES_DB": str(address["dbname"]),
                "PGHOST": str(address["host"]),
                "PGPORT": str(address["port"]),
            }
            assert run([str(FOLDER / "passwords.sh")], environ) == 0
            rows = connection.execute(
                "SELECT rolname FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256$%'"
            ).fetchall()
        finally:
            for login in logins:
                connection.execute(f"DROP ROLE {login}".encode())
    assert {*logins} <= {row[0] for row in rows}, "others may have been made by others"
