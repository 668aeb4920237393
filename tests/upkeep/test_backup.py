"""Backups: one moment, every row, byte for byte; whole or absent; never into a used database."""

import gzip
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import psycopg
import pytest

from adapters.ledger.ledger import Ledger
from adapters.postgres.database import OWNER, Database
from adapters.postgres.migrate import migrate, migrations
from adapters.postgres.upkeep.backup import (
    MANIFEST,
    Backup,
    BackupError,
    Manifest,
    new_folder,
    opened,
    take,
)
from adapters.postgres.upkeep.restore import begin_lineage, check, restore
from adapters.postgres.upkeep.tables import SESSION_TABLES, tables_of
from domain.commands.recommendation import Comment
from tests.conftest import blank_database
from tests.support.data.corpus_files import ignore
from tests.support.data.examples import published, submit
from tests.support.data.full import CONFIDENTIAL, REMOVED, fill_all, rows_of

PERSON = """
    INSERT INTO people (actor, authority, subject, role, signed_in_at)
    VALUES ('p-2', 'https://id.example', 's-2', 'inspector', now())
"""


@pytest.fixture(scope="module")
def full(make_database: Database) -> Database:
    """A database with rows in every table."""
    fill_all(make_database)
    return make_database


@pytest.fixture(scope="module")
def backup(full: Database, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    folder = tmp_path_factory.mktemp("backup")
    return take(full, folder, ignore)


def test_every_table_is_in_a_backup_or_left_out_on_purpose(full: Database) -> None:
    rows = rows_of(full)
    with psycopg.connect(full.conninfo(OWNER)) as connection:
        kept = {table.name for table in tables_of(connection)}
    assert kept | SESSION_TABLES == rows.keys()
    assert not [name for name in rows if not rows[name]], "each table has to be tried with rows"


def test_a_restored_database_has_every_row_byte_for_byte(
    full: Database, backup: Backup, blank: Database
) -> None:
    restore(backup, blank, ignore)
    before, after = rows_of(full), rows_of(blank)
    assert {name for name in before if before[name] != after[name]} == SESSION_TABLES
    assert not any(after[name] for name in SESSION_TABLES)
    assert check(blank, ignore) == []


def test_sequences_go_on_where_they_were(
    database: Database, blank: Database, tmp_path: Path
) -> None:
    def last_values(place: Database) -> list[tuple[str, int]]:
        with psycopg.connect(place.conninfo(OWNER)) as connection:
            return connection.execute(
                "SELECT sequencename, last_value FROM pg_sequences"
                " WHERE schemaname = 'public' ORDER BY 1"
            ).fetchall()

    for place in (database, blank):  # as the migrations would make it in both
        with psycopg.connect(place.conninfo(OWNER)) as connection:
            connection.execute("CREATE SEQUENCE counter")
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute("SELECT setval('counter', 42)")
    restore(take(database, tmp_path, ignore), blank, ignore)
    assert ("counter", 42) in last_values(blank)
    assert last_values(blank) == last_values(database)


def test_a_backup_holds_private_notes_and_nothing_of_removed_ones(backup: Backup) -> None:
    texts = {file.name: gzip.decompress(file.read_bytes()) for file in backup.folder.glob("*.gz")}
    assert CONFIDENTIAL.splitlines()[1].encode() in texts["ledger_notes.tsv.gz"]
    assert not [name for name, text in texts.items() if REMOVED.encode() in text]


def test_entries_recorded_during_a_backup_are_not_in_it(
    ledger: Ledger, database: Database, blank: Database, tmp_path: Path
) -> None:
    stream = published(ledger)
    heads: list[int] = []

    def record(_done: int, _of: int) -> None:
        heads.append(ledger.head())
        submit(ledger, stream, Comment(comment="Meanwhile."))

    taken = take(database, tmp_path, record)
    restore(taken, blank, ignore)
    assert taken.manifest.head == heads[0] < ledger.head()
    assert check(blank, ignore) == []
    with psycopg.connect(blank.conninfo(OWNER)) as connection:
        counts = "SELECT (SELECT count(*) FROM ledger_events), (SELECT count(*) FROM ledger_notes)"
        assert connection.execute(counts).fetchall() == [(heads[0], 0)]


def test_a_restored_database_takes_no_entry_before_the_operator_allows_it(
    backup: Backup, blank: Database
) -> None:
    restore(backup, blank, ignore)
    servers = "SELECT server = ledger_server() FROM ledger_lineages ORDER BY number DESC LIMIT 1"
    with psycopg.connect(blank.conninfo(OWNER), autocommit=True) as connection:
        assert connection.execute(servers).fetchall() == [(False,)]
        assert begin_lineage(blank, "Restored after a fire.") == backup.manifest.head
        assert connection.execute(servers).fetchall() == [(True,)]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_the_operators_word_has_a_reason_of_some_length(full: Database, reason: str) -> None:
    with pytest.raises(BackupError, match="1 to 500 bytes"):
        begin_lineage(full, reason)


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def shortened(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


def rewritten(file: Path) -> None:
    text = gzip.decompress(file.read_bytes())
    file.write_bytes(gzip.compress(text.replace(b"report.published", b"report.corrected", 1)))


@pytest.mark.parametrize("damage", [flipped, shortened, rewritten, Path.unlink])
def test_a_damaged_backup_is_refused_before_anything_is_restored(
    backup: Backup, blank: Database, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    for file in backup.folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    damage(tmp_path / "ledger_events.tsv.gz")
    with pytest.raises(BackupError, match=r"ledger_events\.tsv\.gz .*Use another backup"):
        restore(opened(tmp_path), blank, ignore)
    assert rows_of(blank) == {}


def test_a_folder_without_a_backup_of_a_known_form_is_refused(
    backup: Backup, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="holds no backup"):
        opened(tmp_path)
    newer = msgspec.structs.replace(backup.manifest, version=2)
    (tmp_path / MANIFEST).write_bytes(msgspec.json.encode(newer))
    with pytest.raises(BackupError, match=r"backup 2, but this program reads tracker/backup 1"):
        opened(tmp_path)


def test_a_backup_of_a_newer_program_is_refused(backup: Backup, blank: Database) -> None:
    newer = msgspec.structs.replace(backup.manifest.schema[-1], number=9_999, name="9999_later")
    manifest = msgspec.structs.replace(backup.manifest, schema=[*backup.manifest.schema, newer])
    with pytest.raises(BackupError, match="schema step 9999_later"):
        restore(Backup(backup.folder, manifest), blank, ignore)
    assert rows_of(blank) == {}


def test_a_backup_of_an_older_program_is_restored_and_brought_up_to_date(
    server: str, blank: Database, tmp_path: Path
) -> None:
    with blank_database(server) as old:
        migrate(old.conninfo(OWNER), through=12)
        taken = take(old, tmp_path, ignore)
    restore(taken, blank, ignore)
    assert len(rows_of(blank)["schema_migrations"]) == len(migrations())


def test_a_database_with_a_record_is_never_restored_into(full: Database, backup: Backup) -> None:
    before = rows_of(full)
    with pytest.raises(BackupError, match="not empty: its table bi_logins has rows"):
        restore(backup, full, ignore)
    assert rows_of(full) == before


def test_a_restore_cut_short_leaves_no_row_and_can_be_repeated(
    backup: Backup, blank: Database
) -> None:
    def cut(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(backup, blank, cut)
    assert rows_of(blank)["ledger_events"] == []
    restore(backup, blank, ignore)
    assert check(blank, ignore) == []


def test_a_row_added_during_a_restore_is_kept_and_fails_it(backup: Backup, blank: Database) -> None:
    added: list[str] = []

    def add(_done: int, _of: int) -> None:
        if not added:
            with psycopg.connect(blank.conninfo(OWNER)) as connection:
                connection.execute(PERSON)
            added.append("a person")

    with pytest.raises(BackupError, match="table people was not restored byte for byte"):
        restore(backup, blank, add)
    rows = rows_of(blank)
    assert len(rows["people"]) == len(added)
    assert rows["ledger_events"] == []


def test_a_backup_appears_whole_or_not_at_all_and_replaces_nothing(
    full: Database, tmp_path: Path
) -> None:
    target = tmp_path / "backup"

    def cut(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), new_folder(target) as folder:
        take(full, folder, cut)
    assert list(tmp_path.iterdir()) == []
    with new_folder(target) as folder:
        take(full, folder, ignore)
    with pytest.raises(BackupError, match="exists already"), new_folder(target):
        pass
    assert list(tmp_path.iterdir()) == [target]
    assert opened(target).manifest.head > 0


def test_only_its_owner_can_read_a_backup(full: Database, tmp_path: Path) -> None:
    with new_folder(tmp_path / "backup") as folder:
        take(full, folder, ignore)
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "backup").iterdir()} == {
        0o600
    }


def test_a_database_without_a_ledger_is_not_backed_up(blank: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no ledger"):
        take(blank, tmp_path, ignore)


def test_a_manifest_names_what_the_backup_holds(full: Database, backup: Backup) -> None:
    manifest = msgspec.json.decode((backup.folder / MANIFEST).read_bytes(), type=Manifest)
    rows = rows_of(full)
    assert {table.name: table.rows for table in manifest.tables} == {
        name: len(rows[name]) for name in rows if name not in SESSION_TABLES
    }
    assert {file.name for file in backup.folder.iterdir()} == {
        MANIFEST,
        *(table.file for table in manifest.tables),
    }
