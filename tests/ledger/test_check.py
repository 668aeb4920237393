"""`tracker check`: every way of doctoring a ledger is caught."""

import re

import psycopg
import pytest

from adapters.audit import check
from adapters.audit.check import Checker
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.ledger.subscription import BATCH_ROWS
from adapters.postgres.database import CHECKER, OWNER, Database
from domain.commands.recommendation import Comment
from tests.support.data.examples import published, redact, submit


def faults(database: Database) -> list[tuple[int, str]]:
    with Ledger(environment(database.conninfo(CHECKER), pool=1)) as ledger:
        checker = Checker(ledger.rows)
        checker.run(lambda _done, _of: None)
    return [(fault.position, fault.problem) for fault in checker.faults]


@pytest.fixture(params=[1, BATCH_ROWS])
def record(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Ledger:
    """A report, its recommendation, two comments, one of them redacted: six entries.

    Read entry by entry too, since a redaction can be far from its note.
    """
    monkeypatch.setattr(check, "BATCH_ROWS", request.param)
    stream = published(ledger)
    submit(ledger, stream, Comment(comment="Kept."))
    submit(ledger, stream, Comment(comment="Removed."))
    redact(ledger, stream, 3, "comment")
    return ledger


@pytest.mark.usefixtures("record")
def test_an_untouched_ledger_has_no_faults(database: Database) -> None:
    assert faults(database) == []


def test_an_empty_ledger_has_no_faults(database: Database) -> None:
    assert faults(database) == []


EARLIER = """
    UPDATE ledger_events SET state = convert_to(
        replace(convert_from(state, 'UTF8'), '"at":"20', '"at":"19'), 'UTF8')
    WHERE notification_id = 3
"""
AHEAD = """
    UPDATE ledger_events SET state = convert_to(
        replace(convert_from(state, 'UTF8'), '"at":"20', '"at":"29'), 'UTF8')
    WHERE notification_id = 6
"""
OTHER_ID = "UPDATE ledger_events SET entry_id = gen_random_uuid() WHERE notification_id = 1"
STRAY = """
    INSERT INTO ledger_notes SELECT gen_random_uuid(), field, salt, note FROM ledger_notes
"""
UNPROMISED = """
    INSERT INTO ledger_notes SELECT entry_id, 'basis', salt, note FROM ledger_notes
"""
PUT_BACK = """
    INSERT INTO ledger_notes SELECT entry_id, 'comment', sha256('x'), 'Back.'
    FROM ledger_events WHERE notification_id = 4
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("doctoring", "position", "words"),
    [
        ("DELETE FROM ledger_events WHERE notification_id = 3", 4, "positions 3 to 3 are missing"),
        ("DELETE FROM ledger_events WHERE notification_id = 3", 4, "step 3 of .* follows step 1"),
        ("UPDATE ledger_events SET topic = 'report.corrected' WHERE notification_id = 3", 3, "tag"),
        ("UPDATE ledger_events SET state = '{}' WHERE notification_id = 3", 3, "not an entry"),
        (EARLIER, 3, "at the previous step"),
        (EARLIER, 3, "of an earlier entry"),
        (AHEAD, 6, "lies ahead of the clock"),
        (OTHER_ID, 1, "the id is"),
        ("UPDATE ledger_notes SET note = 'Other.'", 3, "does not match its commitment"),
        ("DELETE FROM ledger_notes", 3, "gone without a redaction"),
        (UNPROMISED, 3, "has a note basis that it does not promise"),
        (STRAY, 0, "belong to no entry"),
        (PUT_BACK, 6, "still there"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("record")
def test_a_doctored_ledger_has_faults_at_the_right_place(
    database: Database, doctoring: str, position: int, words: str
) -> None:
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        for table in ("ledger_events", "ledger_notes"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only".encode())
        connection.execute(doctoring.encode())
    found = [what for where, what in faults(database) if where == position]
    assert any(re.search(words, what) for what in found), faults(database)
