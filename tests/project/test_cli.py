"""The command line: effects, output and exit codes."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from adapters.postgres.embedded import Embedded
from adapters.postgres.migrate import migrations
from tests.support.served.program import eventually, served

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "adapters" / "corpus" / "data" / "corpus"
SECONDS = 60


class Tracker:
    """The program, on a data folder of its own."""

    def __init__(self, data: Path) -> None:
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TRACKER_", "DATABASE_"))},
            "TRACKER_DATA": str(data),
            "PYTHONPATH": str(ROOT),
        }

    def __call__(
        self, *words: str, ends: int = 0, env: dict[str, str] | None = None
    ) -> tuple[str, str]:
        done = subprocess.run(  # noqa: S603  our own words, read by no shell
            [sys.executable, "-P", "-m", "api.cli", *words],
            env={**self.env, **(env or {})},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == ends, done.stderr
        return done.stdout, done.stderr


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Generator[Tracker]:
    data = tmp_path_factory.mktemp("data")
    with Embedded(data).use():  # so that no command has to start and stop the server
        yield Tracker(data)


@pytest.mark.slow
def test_a_dry_run_of_import_reports_and_writes_nothing(tracker: Tracker) -> None:
    out, _ = tracker("import", str(CORPUS), "--dry-run")
    assert out.startswith("Would import")
    assert tracker("check")[0] == "0 entries checked, no faults found.\n"


@pytest.mark.slow
def test_the_migrate_command_says_the_step_of_the_schema(tracker: Tracker) -> None:
    assert tracker("migrate")[0] == (
        f"The database is up to date: schema step {migrations()[-1].name}.\n"
    )


@pytest.mark.slow
def test_eight_workers_serve_the_embedded_database(tmp_path: Path) -> None:
    with served(tmp_path, "--workers", "8") as service:
        assert eventually(lambda: len(service.workers()) == 8)
        for _ in range(40):
            assert httpx.get(f"{service.url}/health/ready").status_code == 200
        assert "worker_ended" not in service.err
        assert "connections_scarce" not in service.err
        assert service.stop() == 0


@pytest.mark.slow
def test_the_import_command_takes_the_corpus_in_once(tracker: Tracker) -> None:
    out, told = tracker("import", str(CORPUS))
    assert out.startswith("Imported")
    assert "Importing: " in told
    tracker("import", str(CORPUS))
    assert tracker("check")[0] == "548 entries checked, no faults found.\n"


@pytest.mark.slow
def test_the_export_command_writes_files_that_import_takes(
    tracker: Tracker, tmp_path: Path
) -> None:
    tracker("import", str(CORPUS))
    _, told = tracker("export", "--steps", str(tmp_path / "facts"))
    assert "83 rows in products.csv" in told
    out, _ = tracker("import", str(tmp_path / "facts"))
    assert out.endswith("548 rows were on record already\n")
    _, told = tracker("export", "--steps", str(tmp_path / "facts"), ends=2)
    assert "already exists" in told
    tracker("export", "--training", ends=2)
    tracker("export", str(tmp_path / "file"), "--steps", str(tmp_path / "more"), ends=2)


@pytest.mark.slow
def test_the_import_command_shows_so_many_problems_and_counts_all(
    tracker: Tracker, tmp_path: Path
) -> None:
    for file in CORPUS.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    outcomes = tmp_path / "outcomes.csv"
    outcomes.write_text(re.sub(",(stated|inferred),", ",sure,", outcomes.read_text()))
    _, told = tracker("import", str(tmp_path), ends=1)
    assert told.count("'sure' is not an allowed word") == 200
    assert re.search(r"The first 200 are shown\. 2\d\d problems; nothing was imported\.", told)


@pytest.mark.slow
def test_the_import_command_names_bad_rows(tracker: Tracker, tmp_path: Path) -> None:
    for file in CORPUS.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    products = tmp_path / "products.csv"
    products.write_text(products.read_text().replace("2014-07-17", "2014-07-32", 1))
    _, told = tracker("import", str(tmp_path), ends=1)
    assert "products.csv" in told
    assert "2014-07-32" in told
    assert "nothing was imported" in told


@pytest.mark.slow
def test_the_project_command_can_build_what_is_missing_and_end(tracker: Tracker) -> None:
    assert "Building: " in tracker("project", "--build")[1]
    assert "identical to the live read model" in tracker("rebuild", "reports", "--check")[0]


@pytest.mark.slow
def test_the_rebuild_command_rebuilds_and_compares(tracker: Tracker) -> None:
    assert "rebuilt and replaced" in tracker("rebuild", "register")[0]
    assert "identical to the live read model" in tracker("rebuild", "register")[0]
    assert "compared" in tracker("rebuild", "register", "--check")[0]


@pytest.mark.slow
def test_a_token_is_shown_once_and_revoked(tracker: Tracker) -> None:
    out, told = tracker("token", "create", "--role", "inspector", "--actor", "inspector-1")
    text, identity = out.strip(), told.split()[0]
    assert re.fullmatch(r"rtk_\S+", text)
    listed = tracker("token", "list")[0]
    assert identity in listed
    assert text not in listed
    assert tracker("token", "revoke", identity)[0] == "Revoked.\n"
    tracker("token", "revoke", identity, ends=1)


@pytest.mark.slow
def test_an_export_to_a_closed_output_is_refused_in_words(tracker: Tracker) -> None:
    done = subprocess.run(  # noqa: S603  our own words
        ["/bin/sh", "-c", f"{sys.executable} -P -m api.cli export >&-"],
        env=tracker.env,
        cwd="/",
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Standard output is closed: name a FILE." in done.stderr


@pytest.mark.slow
def test_a_sign_in_link_is_printed_with_its_code_after_the_hash(tracker: Tracker) -> None:
    for words in (["--role", "admin"], ["--role", "force", "--force", "kent", "--port", "9"]):
        link = tracker("signin-link", *words)[0].strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:(8000|9)/sign-in/link#rsl_[\w-]{43}", link)


@pytest.mark.slow
def test_the_service_prints_a_sign_in_link_only_to_a_terminal(tracker: Tracker) -> None:
    for terminal in (True, False):
        read, write = pty.openpty() if terminal else os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "api.cli", "serve", "--port", "0"],
            env={**tracker.env, "TRACKER_LOG": "json"},
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=write,
            text=True,
        )
        told = ""
        try:
            assert process.stdout
            assert process.stdout.readline().startswith("Ready http://127.0.0.1:")
            until = time.monotonic() + (SECONDS if terminal else 2)
            while "/sign-in/link#rsl_" not in told and time.monotonic() < until:
                if select.select([read], [], [], 0.1)[0]:
                    told += os.read(read, 10_000).decode()
            assert ("/sign-in/link#rsl_" in told) == terminal, told
        finally:
            process.terminate()
            process.communicate(timeout=SECONDS)
            os.close(read)
            os.close(write)


@pytest.mark.slow
def test_sign_in_links_are_refused_with_an_identity_provider(tracker: Tracker) -> None:
    provider = {
        "TRACKER_OIDC_ISSUER": "https://id.example",
        "TRACKER_OIDC_CLIENT_ID": "tracker",
        "TRACKER_OIDC_CLIENT_SECRET": "s3cret",
        "TRACKER_PUBLIC_URL": "https://tracker.example",
    }
    _, told = tracker("signin-link", "--role", "admin", ends=2, env=provider)
    assert "identity provider" in told


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["signin-link", "--role", "reporting"],
        ["signin-link", "--role", "force"],
        ["signin-link", "--role", "admin", "--force", "kent"],
        ["signin-link", "--role", "admin", "--actor", "Jane Doe"],
        ["rebuild", "nonsense"],
        ["import", "/nowhere"],
        ["token", "create", "--role", "force", "--actor", "kent-1"],
        ["token", "create", "--role", "inspector", "--actor", "inspector-1", "--force", "kent"],
        ["token", "create", "--role", "force", "--actor", "x-1", "--force", "narnia"],
        ["token", "create", "--role", "public", "--actor", "x-1"],
        ["token", "create", "--role", "inspector", "--actor", "Not an id"],
        ["token", "create", "--role", "auditor", "--actor", "a-1", "--expires", "2020-01-01"],
    ],
)
def test_a_wrong_call_exits_with_two_and_a_reason(tracker: Tracker, words: list[str]) -> None:
    _, told = tracker(*words, ends=2)
    assert "Error" in told
    assert "Traceback" not in told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRACKER_PORT", "70000"),
        ("TRACKER_POOL", "many"),
        ("TRACKER_LOG", "loud"),
        ("TRACKER_HOST", "example.org"),
        ("TRACKER_HOST", "192.0.2.1"),
    ],
)
def test_a_wrong_setting_is_named(tracker: Tracker, name: str, value: str) -> None:
    _, told = tracker("check", ends=2, env={name: value})
    assert name in told
    assert "Traceback" not in told


@pytest.mark.slow
def test_a_process_that_serves_nobody_takes_the_public_address_alone(tracker: Tracker) -> None:
    address = {"TRACKER_PUBLIC_URL": "https://tracker.example"}
    tracker("project", "--build", env=address)
    _, refused = tracker("check", ends=2, env=address)
    assert "identity provider" in refused


@pytest.mark.slow
def test_a_language_without_a_catalogue_is_named(tracker: Tracker) -> None:
    for workers in ("1", "2"):
        words = ("serve", "--port", "0", "--workers", workers)
        _, told = tracker(*words, ends=2, env={"TRACKER_LANGUAGE": "fr"})
        assert "TRACKER_LANGUAGE is invalid: there is no catalogue of fr; there are: en_GB" in told
        assert "Traceback" not in told


def test_a_missing_database_is_reported_plainly(tracker: Tracker) -> None:
    _, told = tracker(
        "check", ends=1, env={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    )
    assert "Traceback" not in told
    assert "127.0.0.1" in told
