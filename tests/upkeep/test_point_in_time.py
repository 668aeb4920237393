"""Recovery to a moment from the archived log, by the embedded programs, and the way on."""

import os
import shutil
import signal
import subprocess
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, OWNER, Database, embedded_at
from adapters.postgres.embedded import Embedded, EmbeddedError
from adapters.postgres.migrate import migrate
from adapters.postgres.programs import program_folders
from adapters.postgres.upkeep.restore import check
from api.cli.upkeep import copies
from domain.commands.recommendation import Comment
from tests.support.data.corpus_files import ignore
from tests.support.data.examples import INSPECTOR, published, submit
from tests.support.served.serving import command, serving

BEFORE, AFTER = 5, 3
RECOVERY = """
restore_command = 'cp "{archive}/%f" "%p"'
recovery_target_time = '{moment}'
recovery_target_action = promote
hot_standby = off
"""


@pytest.fixture
def home(tmp_path: Path) -> Generator[Path]:
    home = tmp_path / "data"
    yield home
    for running in home.glob("pg*/postmaster.pid"):
        os.kill(int(running.read_text().split()[0]), signal.SIGKILL)


def archived(database: Database) -> None:
    """Wait until all that was written is archived."""
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        query = "SELECT pg_walfile_name(pg_switch_wal())"
        ((last,),) = connection.execute(query).fetchall()
        query = "SELECT coalesce(last_archived_wal, '') >= %s, pg_sleep(0.05) FROM pg_stat_archiver"
        tries = 600
        while tries and not connection.execute(query, (last,)).fetchall()[0][0]:
            tries -= 1
        assert tries, "the archive stays behind"


def copy_files(database: Database, target: Path) -> None:
    """Copy the server's files while it runs, without its log."""
    socket = conninfo_to_dict(database.url)["host"]
    words = ["-h", str(socket), "-U", OWNER, "-D", str(target), "-c", "fast", "-X", "none"]
    program = next(program_folders()) / "pg_basebackup"
    subprocess.run([program, *words], check=True, capture_output=True)  # noqa: S603  our own words


def state_of(database: Database) -> tuple[int, bool, int]:
    """Return the head, whether this copy may be recorded in, and the number of lineages."""
    with psycopg.connect(database.conninfo(APP)) as connection:
        return connection.execute(
            "SELECT (SELECT max(notification_id) FROM ledger_events), server = ledger_server(),"
            " number FROM ledger_lineages ORDER BY number DESC LIMIT 1"
        ).fetchall()[0]


@pytest.mark.slow
def test_a_ledger_recovered_to_a_moment_goes_on_only_on_the_operators_word(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, files = tmp_path / "an archive, of 100%", tmp_path / "files"
    archive.mkdir()
    with Embedded(home, archive=archive).use() as url:
        live = embedded_at(url)
        migrate(live.conninfo(OWNER))
        copy_files(live, files)
        with Ledger(environment(live.conninfo(APP), pool=1)) as ledger:
            stream = published(ledger)
            for number in range(BEFORE):
                submit(ledger, stream, Comment(comment=f"Before, {number}."))
            head = ledger.head()
            with psycopg.connect(live.conninfo(OWNER)) as connection:
                ((moment,),) = connection.execute("SELECT clock_timestamp()::text").fetchall()
            for number in range(AFTER):
                submit(ledger, stream, Comment(comment=f"After, {number}."))
            lost = ledger.page(head, AFTER)
        archived(live)
        data = Embedded(home).data
        (folder,) = archive.iterdir()
    shutil.rmtree(data)
    shutil.copytree(files, data)
    data.chmod(0o700)
    with (data / "postgresql.auto.conf").open("a") as file:
        file.write(RECOVERY.format(archive=str(folder).replace("%", "%%"), moment=moment))
    (data / "recovery.signal").touch()
    with Embedded(home).use() as url:
        recovered = embedded_at(url)
        migrate(recovered.conninfo(OWNER))
        assert state_of(recovered) == (head, False, 1)
        assert check(recovered, ignore) == []
        with serving(recovered, keep=False) as service:
            before = service.get("/health/ready").json()
            answer = command(service, str(stream), INSPECTOR, "comment", comment="Too early.")
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/restored")
            assert "tracker resume" in answer.json()["detail"]
            monkeypatch.setenv("TRACKER_DATA", str(home))
            word = CliRunner().invoke(copies.resume, ["--reason", "Back to before a mistake."])
            assert f"goes on after position {head}, in a new lineage" in word.output
            answer = command(service, str(stream), INSPECTOR, "comment", comment="Instead.")
            assert (answer.status_code, answer.json()["position"]) == (201, lost[0].position)
            after = service.get("/health/ready").json()
        assert (before["recording"], after["recording"]) == (False, True)
        assert before["lineage"] != after["lineage"], "so that all who follow the ledger notice"
        assert state_of(recovered) == (head + 1, True, 2)


def test_a_missing_folder_of_the_archive_is_reported_before_anything_is_written(
    home: Path, tmp_path: Path
) -> None:
    with (
        pytest.raises(EmbeddedError, match=r"nowhere of TRACKER_WAL_ARCHIVE is missing"),
        Embedded(home, archive=tmp_path / "nowhere").use(),
    ):
        pass
    assert not list(home.glob("pg*"))
