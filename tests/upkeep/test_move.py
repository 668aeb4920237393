"""Moves: from the embedded database to a server and back, and nothing recorded where it left."""

import shutil
from pathlib import Path

import psycopg
import pytest

from adapters.ledger.ledger import Ledger
from adapters.postgres.database import OWNER, Database, embedded_at
from adapters.postgres.embedded import Embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.upkeep.backup import BackupError
from adapters.postgres.upkeep.move import copy, leaving, place_of
from api.cli.progress_bar import progress
from tests.project.test_cli import Tracker
from tests.support.data.examples import published
from tests.support.data.full import fill_all, rows_of

CONTENT = ("ledger_events", "ledger_notes", "ledger_keys", "documents", "tokens", "people")
LAST = """
    SELECT reason, server = ledger_server() FROM ledger_lineages ORDER BY number DESC LIMIT 1
"""


def last_lineage(database: Database) -> tuple[str, bool]:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        reason, is_present = connection.execute(LAST).fetchall()[0]
        return reason, is_present


def test_a_database_is_left_only_once_its_copy_is_complete(
    database: Database, ledger: Ledger, blank: Database
) -> None:
    published(ledger)
    ledger.close()
    before = last_lineage(database)
    with pytest.raises(ZeroDivisionError), leaving(database, "elsewhere"):
        raise ZeroDivisionError
    assert last_lineage(database) == before
    with leaving(database, "elsewhere"):
        assert copy(database, blank, progress) == []
    assert last_lineage(database) == ("Moved to elsewhere.", False)
    assert last_lineage(blank) == (f"Moved from {place_of(database)}.", True)
    assert rows_of(blank)["ledger_events"] == rows_of(database)["ledger_events"]
    with pytest.raises(BackupError, match="tracker resume"), leaving(database, "a third place"):
        pass


def test_nothing_is_recorded_while_a_database_is_being_left(database: Database) -> None:
    insert = "INSERT INTO ledger_notes VALUES (gen_random_uuid(), '', '', '')"
    with (
        leaving(database, "elsewhere"),
        psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection,
    ):
        connection.execute("SET lock_timeout = '10ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            connection.execute(insert)


def test_a_database_with_a_running_service_is_not_left(database: Database, ledger: Ledger) -> None:
    ledger.head()
    with pytest.raises(BackupError, match="service is running"), leaving(database, "elsewhere"):
        pass


def test_the_name_of_a_place_has_no_password() -> None:
    url = "postgresql://me:secret@db.example:6543/tracker"
    assert place_of(Database(url, url)) == "tracker on db.example:6543"


@pytest.mark.slow
def test_one_command_moves_everything_to_a_server_and_one_back(
    tmp_path: Path, blank: Database
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    with Embedded(first).use() as address:
        migrate(embedded_at(address).conninfo(OWNER))
        fill_all(embedded_at(address), corpus=False)
        before = rows_of(embedded_at(address))
    url = blank.owner_url
    out, _ = Tracker(first)("move", "--to", url)
    assert out.startswith("Moved to ")
    assert "every row is identical" in out
    _, words = Tracker(first)("move", "--to", url, ends=1)
    assert "tracker resume" in words
    on_server = rows_of(blank)
    Tracker(second)("move", "--to-embedded", env={"DATABASE_URL": url})
    assert last_lineage(blank) == ("Moved to the embedded database.", False)
    with Embedded(second).use() as address:
        back = rows_of(embedded_at(address))
        moved_from = f"Moved from {place_of(Database(url, url))}."
        assert last_lineage(embedded_at(address)) == (moved_from, True)
    for name in CONTENT:
        assert before[name] == on_server[name] == back[name], name
    shutil.rmtree(first)
