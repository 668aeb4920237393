"""Exports: the ledger's own bytes at one moment, complete or absent."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from msgspec import Raw, Struct

from adapters.audit.export import Header, Unexportable, export, new_file
from adapters.ledger.append import Key
from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import Submission
from adapters.postgres.database import OWNER, PROJECTOR, Database
from adapters.postgres.migrate import DatabaseUnusable
from deploy.bench import data, processes
from deploy.bench.rows.memory import Peak
from domain.commands.recommendation import Comment
from tests.support.data.examples import INSPECTOR, issue, published, submit
from tests.support.served.tcp_proxy import proxied

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SECONDS = 30
MEGABYTES_MORE = 10
"""Room for what is remembered up to a bound, like dates as read."""
AWKWARD = r'C:\new "quoted" \\ {braces},"entry":} %s é 🚓 \N \. ' + "\ttab\nline."
ODD_BYTES = (
    b'{"text":"\\u0000 \\\\ \\" \\n"}',
    b'{"not":"UTF-8 \xff\xfe, \x00 and \x01"}',
    b'{"entry":{"entry":"}"}}',
    b"\\N",
    b"",
)


class Line(Struct, forbid_unknown_fields=True):
    """A line after the first, as somebody reads it who has nothing but the file."""

    position: int
    stream: UUID
    step: int
    tag: str
    entry: Raw


def exported(database: Database) -> list[bytes]:
    written: list[bytes] = []
    count = export(database, written.append, lambda _done, _of: None)
    lines = b"".join(written).splitlines(keepends=True)
    assert count == len(lines) - 1
    return lines


def bytes_of(line: bytes) -> bytes:
    """What the module says where the bytes of an entry are."""
    return line[line.index(b',"entry":') + len(b',"entry":') : line.rindex(b"}")]


def header(lines: list[bytes]) -> Header:
    return msgspec.json.decode(lines[0], type=Header)


def test_export_lines_hold_place_and_bytes_of_each_entry_in_order(
    database: Database, ledger: Ledger
) -> None:
    first = published(ledger, issue(text=AWKWARD))
    submit(ledger, first, Comment(comment="Kept beside."))
    published(ledger, reference="kent-other-2022")
    submit(ledger, first, Comment(comment="Later."))
    rows = ledger.rows.page(0, 100)
    lines = exported(database)[1:]
    read = [msgspec.json.decode(line, type=Line) for line in lines]
    assert [(one.stream, one.step, one.tag, bytes(one.entry), one.position) for one in read] == rows
    assert [bytes_of(line) for line in lines] == [row[3] for row in rows]


@pytest.mark.parametrize("stored", ODD_BYTES)
def test_any_bytes_without_a_line_break_are_exported_unchanged(
    database: Database, ledger: Ledger, stored: bytes
) -> None:
    ledger.rows.insert_events([StoredEvent(uuid4(), 1, 'a "tag"', stored)])
    (line,) = exported(database)[1:]
    assert bytes_of(line) == stored
    assert b'"tag":"a \\"tag\\"",' in line


def test_an_entry_with_a_line_break_cannot_be_exported(database: Database, ledger: Ledger) -> None:
    ledger.rows.insert_events([StoredEvent(uuid4(), 1, "t", b'{\n"pretty": true}')])
    with pytest.raises(Unexportable, match='"position":1'):
        exported(database)


def test_the_first_line_of_an_export_states_format_and_head(
    database: Database, ledger: Ledger
) -> None:
    before = datetime.now(UTC)
    published(ledger)
    lines = exported(database)
    found = header(lines)
    assert lines[0].startswith(b'{"format":"tracker/ledger","version":1,"head":2,"at":"20')
    assert msgspec.json.decode(lines[-1], type=Line).position == found.head == 2
    assert before <= found.at <= datetime.now(UTC)


def test_the_export_of_an_empty_ledger_is_only_the_first_line(database: Database) -> None:
    lines = exported(database)
    assert len(lines) == 1
    assert header(lines).head == 0


def test_entries_appended_during_an_export_are_not_in_it(
    database: Database, ledger: Ledger
) -> None:
    stream = published(ledger)
    written: list[bytes] = []

    def write(line: bytes) -> None:
        submit(ledger, stream, Comment(comment="Meanwhile."))
        written.append(line)

    assert export(database, write, lambda _done, _of: None) == 2
    assert header(written).head == 2
    assert ledger.head() > 2


def test_private_notes_and_keys_are_not_in_an_export(database: Database, ledger: Ledger) -> None:
    stream = published(ledger)
    comment = Submission(stream, Comment(comment="a-private-note"))
    ledger.submit([comment], INSPECTOR, key=Key("inspector-1", "a-secret-key", bytes(32)))
    text = b"".join(exported(database))
    assert b"sha256:" in text
    assert b"a-private-note" not in text
    assert b"a-secret-key" not in text
    with (
        psycopg.connect(database.conninfo(PROJECTOR)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT FROM ledger_notes")


def test_an_export_reports_a_lost_database(database: Database, ledger: Ledger) -> None:
    published(ledger)
    with proxied(database) as (through, proxy):
        proxy.to("cut")
        with pytest.raises(DatabaseUnusable, match="cannot be read"):
            exported(through)


@pytest.mark.slow
def test_export_and_check_run_in_constant_memory(
    database: Database, make_database: Database
) -> None:
    few, many = database.conninfo(OWNER), make_database.conninfo(OWNER)
    data.load(few, data.Size(200, 5_000))
    data.load(many, data.Size(10_000, 50_000))
    for what in ("export", "check"):
        most = processes.run_helper(Peak(few, what), float) + MEGABYTES_MORE
        assert processes.run_helper(Peak(many, what), float) < most, what


# Files


def test_an_export_file_appears_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    with new_file(path) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("end", [OSError, KeyboardInterrupt, SystemExit])
def test_an_interrupted_export_leaves_no_file(tmp_path: Path, end: type[BaseException]) -> None:
    def interrupted() -> None:
        with new_file(tmp_path / "ledger.jsonl") as file:
            file.write(b"half")
            raise end

    with pytest.raises(end):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept_unless_replacement_is_requested(tmp_path: Path) -> None:
    path, link = tmp_path / "ledger.jsonl", tmp_path / "link"
    path.write_bytes(b"old")
    link.symlink_to(path)
    with pytest.raises(FileExistsError), new_file(path):
        pass
    assert path.read_bytes() == b"old"
    with new_file(link, replace=True) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert link.is_symlink()


def test_a_special_file_is_never_replaced() -> None:
    with pytest.raises(FileExistsError), new_file(Path(os.devnull), replace=True):
        pass


# The command


def tracker(database: Database, *words: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "DATABASE_URL": database.url, "DATABASE_OWNER_URL": database.owner_url}
    return subprocess.Popen(  # noqa: S603  our own words, read by no shell
        [sys.executable, "-m", "api.cli", *words],
        cwd=ROOT,
        env={**env, "PGUSER": "tracker_owner"} if database.embedded else env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
def test_the_export_command_writes_the_same_to_a_file_and_to_stdout(
    database: Database, ledger: Ledger, tmp_path: Path
) -> None:
    published(ledger)
    path = tmp_path / "ledger.jsonl"
    out, _ = tracker(database, "export").communicate(timeout=SECONDS)
    none, told = tracker(database, "export", str(path)).communicate(timeout=SECONDS)
    assert none == b""
    assert b"3 entries exported." in told, "and that it was exported"
    assert path.read_bytes().splitlines()[1:] == out.splitlines()[1:]
    assert len(out.splitlines()) == 4


@pytest.mark.slow
def test_the_export_command_keeps_an_existing_file_and_says_so(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b"old")
    running = tracker(database, "export", str(path))
    _, told = running.communicate(timeout=SECONDS)
    assert running.returncode == 2
    assert b"already exists" in told
    assert path.read_bytes() == b"old"
    running = tracker(database, "export", str(tmp_path / "nowhere" / "ledger.jsonl"))
    _, told = running.communicate(timeout=SECONDS)
    assert running.returncode == 1
    assert b"nowhere" in told
    assert b"Traceback" not in told


@pytest.mark.slow
def test_a_closed_pipe_ends_the_export_command_quietly(database: Database, ledger: Ledger) -> None:
    ledger.rows.insert_events([StoredEvent(uuid4(), 1, "t", b"x" * 50_000) for _ in range(20)])
    with tracker(database, "export") as running:
        assert running.stdout
        assert running.stderr
        running.stdout.readline()
        running.stdout.close()
        told = running.stderr.read()
        assert running.wait(SECONDS) == 128 + signal.SIGPIPE
    assert b"Traceback" not in told
    assert b"Exception" not in told
