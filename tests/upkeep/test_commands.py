"""The commands of upkeep: two to a backup that was restored and checked, on a bad night too."""

from collections.abc import Generator
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.postgres.database import OWNER, Database, embedded_at
from adapters.postgres.embedded import Embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.upkeep.tables import SESSION_TABLES
from api.cli.upkeep import copies
from tests.project.test_cli import Tracker
from tests.support.data.full import fill_all, rows_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Generator[Tracker]:
    """The program, on an embedded database with rows in every table that stays in use."""
    data = tmp_path_factory.mktemp("live")
    with Embedded(data).use() as url:
        migrate(embedded_at(url).conninfo(OWNER))
        fill_all(embedded_at(url))
        yield Tracker(data)


@pytest.fixture(scope="module")
def backup(tracker: Tracker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("backups") / "tonight"
    out, words = tracker("backup", str(directory))
    assert "Verified: restored into a scratch database, every row identical." in out
    assert out.endswith("Ledger checked, no faults.\n")
    assert "Backing up: " in words
    return directory


def test_two_commands_back_up_a_database_in_use_and_restore_it(
    tracker: Tracker, backup: Path, tmp_path: Path
) -> None:
    there = Tracker(tmp_path / "data")
    out, _ = there("restore", str(backup))
    assert "every row is identical" in out
    assert "The service records nothing until you run: tracker resume --reason" in out
    assert out.endswith("Ledger checked, no faults.\n")
    with Embedded(Path(tracker.env["TRACKER_DATA"])).use() as url:
        before = rows_of(embedded_at(url))
    with Embedded(tmp_path / "data").use() as url:
        after = rows_of(embedded_at(url))
        assert "in a new lineage" in there("resume", "--reason", "A drill.")[0]
    assert {name for name in before if before[name] != after[name]} == SESSION_TABLES


def test_a_backup_is_restored_into_the_database_of_a_server(
    backup: Path, blank: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", blank.owner_url)
    for words, status, reply in (
        (["--replace"], 2, "DATABASE_URL is set"),
        (["--reason", "A drill."], 0, "every row is identical"),
        (["--reason", "Again."], 1, "The database is not empty"),
    ):
        result = CliRunner().invoke(copies.restore, [str(backup), *words])
        assert result.exit_code == status, result.output
        assert reply in result.output
        assert "tracker resume" not in result.output


def test_an_unverified_backup_is_not_said_to_be_checked(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_DATA", tracker.env["TRACKER_DATA"])
    result = CliRunner().invoke(copies.backup, [str(tmp_path / "quick"), "--no-verify"])
    assert result.exit_code == 0
    assert "Not verified" in result.output
    assert "checked" not in result.output


def test_a_rehearsed_restore_touches_nothing(backup: Path, tmp_path: Path) -> None:
    out, _ = Tracker(tmp_path / "data")("restore", str(backup), "--dry-run")
    assert out.startswith("Would restore ")
    assert not (tmp_path / "data").exists()


def test_wrong_use_of_the_commands_is_refused_in_words(
    tracker: Tracker, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_DATA", tracker.env["TRACKER_DATA"])
    here, empty = str(backup), str(tmp_path)
    for command, words, status, reply in (
        (copies.backup, [here], 1, "exists already"),
        (copies.restore, [empty], 1, "holds no backup"),
        (copies.restore, [here], 1, "holds a database already"),
        (copies.restore, [here, "--replace"], 1, "in use; stop the service"),
        (copies.restore, [here, "--reason", " "], 1, "The reason must have"),
        (copies.move, [], 2, "Name either --to URL or --to-embedded"),
        (copies.move, ["--to-embedded"], 2, "embedded already"),
        (copies.upgrade_database, [], 1, "no newer programs"),
    ):
        result = CliRunner().invoke(command, words)
        assert result.exit_code == status, result.output
        assert reply in " ".join(result.output.split()), words
