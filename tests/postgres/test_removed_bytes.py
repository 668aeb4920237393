"""A removed note leaves its table at once, its dead row soon, and its file when scrubbed."""

import time
from collections.abc import Generator

import psycopg
import pytest

from adapters.ledger.ledger import Ledger
from adapters.postgres.database import OWNER, Database
from adapters.postgres.migrate import DatabaseUnusable
from adapters.postgres.upkeep import scrub as scrub_module
from adapters.postgres.upkeep.scrub import scrub
from domain.commands.recommendation import Comment
from tests.support.data.examples import published, redact, submit

pytestmark = pytest.mark.slow

WORDS = "A sentence that names somebody and has to go."
WAIT_SECONDS = 60


@pytest.fixture
def owner(database: Database) -> Generator[psycopg.Connection]:
    """The owner of a database whose server looks for dead rows every second."""
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        connection.execute("SELECT pg_reload_conf()")
        yield connection
        connection.execute("ALTER SYSTEM RESET autovacuum_naptime")
        connection.execute("SELECT pg_reload_conf()")


def _is_in_file(owner: psycopg.Connection) -> bool:
    owner.execute("CHECKPOINT")
    query = "SELECT position(%s::bytea IN pg_read_binary_file(pg_relation_filepath(%s)))"
    return owner.execute(query, (WORDS.encode(), "ledger_notes")).fetchall() != [(0,)]


def test_a_removed_note_leaves_the_files_of_the_database(
    database: Database, ledger: Ledger, owner: psycopg.Connection
) -> None:
    stream = published(ledger)
    for words in ("Before.", WORDS):
        submit(ledger, stream, Comment(comment=words))
    redact(ledger, stream, 3, "comment")
    assert _is_in_file(owner)
    until = time.monotonic() + WAIT_SECONDS
    vacuumed = "SELECT autovacuum_count FROM pg_stat_user_tables WHERE relname = 'ledger_notes'"
    while owner.execute(vacuumed).fetchone() == (0,):
        assert time.monotonic() < until, "one dead row is enough for autovacuum"
        time.sleep(0.2)
    scrub(database.conninfo(OWNER))
    assert not _is_in_file(owner)
    entries = [entry.id for entry in ledger.history(stream)]
    assert [notes["comment"] for notes in ledger.notes(entries).values()] == ["Before."]


def test_scrubbing_gives_up_on_a_table_in_use(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrub_module, "LOCK_SECONDS", 1)
    with psycopg.connect(database.conninfo(OWNER)) as other:
        other.execute("SELECT count(*) FROM ledger_notes")
        with pytest.raises(DatabaseUnusable, match="stays in use"):
            scrub(database.conninfo(OWNER))
