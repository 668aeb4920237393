"""systemd's units: valid, sandboxed, and in step with the program and its settings.

systemd itself does not run here: `systemd-analyze` reads the files, as `.ci/run` installs it.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from adapters import settings
from adapters.secret_files import SettingsError
from api.cli.main import main

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
TIMERS = sorted(path.name for path in UNITS.glob("*.timer"))
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
PROGRAM = "/opt/tracker/bin/tracker"
EXPOSURE_MAX = 20
"""Tenths, as `systemd-analyze security` counts: at most 2.0 of 10."""
SECONDS = 30


def analyze(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze on copies of the units, with a program that exists."""
    path = shutil.which("systemd-analyze")
    if path is None:
        pytest.skip("*** NO systemd-analyze *** apt install systemd to check the units")
    units = home / "units"
    shutil.copytree(UNITS, units, dirs_exist_ok=True)
    for unit in units.glob("*.service"):
        unit.write_text(unit.read_text().replace(PROGRAM, shutil.which("true") or ""))
    return subprocess.run(  # noqa: S603  our own words, read by no shell
        [path, *words],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"},
        cwd=units,
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def values(unit: str, key: str) -> list[str]:
    """Return every value of a key in a unit."""
    return re.findall(rf"^{key}=(.*)$", (UNITS / unit).read_text(), re.MULTILINE)


def test_systemd_takes_every_unit(tmp_path: Path) -> None:
    done = analyze(tmp_path, "verify", "tracker.target", *TIMERS, *SERVICES)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("service", SERVICES)
def test_the_exposure_of_a_service_is_two_at_most(tmp_path: Path, service: str) -> None:
    limit = f"--threshold={EXPOSURE_MAX}"
    done = analyze(tmp_path, "security", "--offline=true", "--no-pager", limit, service)
    assert "Overall exposure level" in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout.splitlines()[-1]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_a_command_that_exists(service: str) -> None:
    (line,) = values(service, "ExecStart")
    script = re.fullmatch(r"/bin/sh -c 'exec (.*)'", line)  # for the date in a name
    program, name, *flags = (script[1] if script else line).replace("$$(date +%%F)", "DAY").split()
    assert program == PROGRAM
    with click.Context(main) as context:
        command = main.get_command(context, name)
        assert command is not None, name
        command.make_context(name, flags, parent=context)


def test_a_service_that_lasts_is_started_again_when_it_fails_or_hangs() -> None:
    for service in SERVICES:
        if values(service, "Type") != ["oneshot"]:
            assert values(service, "Restart") == ["on-failure"]
            assert values(service, "WatchdogSec") == ["2min"]


def test_a_timer_starts_a_service_that_ends_by_itself() -> None:
    assert TIMERS
    for timer in TIMERS:
        service = timer.replace(".timer", ".service")
        assert values(service, "Type") == ["oneshot"]
        assert values(service, "RemainAfterExit") == [], "else it would be started once"
        assert values(timer, "WantedBy") == ["timers.target"]


def test_the_published_files_are_where_their_service_writes_and_their_catalogue_says() -> None:
    *command, folder = values("tracker-publish.service", "ExecStart")[0].split()
    (state,) = values("tracker-publish.service", "StateDirectory")
    assert Path(folder).parent == Path("/var/lib") / state
    assert command[-2:] == ["--address", "${TRACKER_PUBLIC_URL}/files"]
    guide = (UNITS.parents[1] / "docs" / "deploy.md").read_text("utf-8")
    assert f"location /files/ {{ alias {folder}/;" in guide
    assert values("tracker-publish.service", "StateDirectoryMode") == ["0755"]


def test_backups_are_in_a_folder_that_their_service_alone_reads() -> None:
    (command,) = values("tracker-backup.service", "ExecStart")
    (state,) = values("tracker-backup.service", "StateDirectory")
    assert f" backup /var/lib/{state}/$$(date +%%F)'" in command
    (removal,) = values("tracker-backup.service", "ExecStartPost")
    assert removal.startswith(f"/usr/bin/find /var/lib/{state} -mindepth 1 -maxdepth 1 -mtime +31 ")
    assert values("tracker-backup.service", "StateDirectoryMode") == ["0700"]
    assert values("tracker-backup.service", "CacheDirectoryMode") == ["0700"]


def test_a_process_that_serves_nobody_needs_no_identity_provider(tmp_path: Path) -> None:
    lines = (UNITS / "tracker.env").read_text().splitlines()
    environ = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    environ |= {"DATABASE_URL": "postgresql:///tracker", "HOME": str(tmp_path)}
    with pytest.raises(SettingsError, match="TRACKER_OIDC_CLIENT_SECRET"):
        settings.read(environ)
    assert settings.read(environ, serving=False).TRACKER_PUBLIC_URL == "https://tracker.example"


def test_each_service_has_a_user_and_a_login_of_its_own() -> None:
    for service in SERVICES:
        login = service.removeprefix("tracker-").removesuffix(".service")
        source = f"/etc/tracker/credentials/{login}_url"
        assert values(service, "LoadCredential")[0] == f"database_url:{source}"
        assert values(service, "User") == [f"tracker_{login}"]
    users = re.findall(r"^u (\S+)", (UNITS / "sysusers.conf").read_text(), re.MULTILINE)
    assert {*users} == {values(service, "User")[0] for service in SERVICES}


def test_the_settings_of_the_units_are_ones_that_the_program_takes(tmp_path: Path) -> None:
    lines = (UNITS / "tracker.env").read_text().splitlines()
    environ = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    for service in SERVICES:
        for pair in values(service, "Environment"):
            name, _, file = pair.partition("=")
            if name == "TMPDIR":  # of any program
                continue
            environ[name] = str(tmp_path / file.removeprefix("%d/"))
            Path(environ[name]).write_text("postgresql:///tracker")
    assert environ.keys() <= {*settings.Settings.__struct_fields__}
    chosen = settings.read({**environ, "HOME": str(tmp_path)})
    assert (chosen.TRACKER_HOST, chosen.proxies) == ("127.0.0.1", ["127.0.0.1/32"])
