"""The ledger: all or nothing, in one order, once, and for good."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import psycopg
import pytest
from msgspec.structs import replace

from adapters.ledger.append import Key
from adapters.ledger.codec import commitment
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.ledger.submission import KeyReused, Submission, VersionConflict
from adapters.postgres.database import APP, CHECKER, OWNER, PROJECTOR, Database
from domain.access.quotas import STEPS_A_DAY_MAX
from domain.commands.common import ApproveRedaction, Correct, RequestRedaction
from domain.commands.recommendation import Comment, NameOwner, ReceiveActionPlan, ReviewActionPlan
from domain.events.event import Event
from domain.events.recommendation import ActionPlanReceived, Commented, Issued
from domain.history import recommendation_after
from domain.recommendation.state import Stage
from domain.vocabulary.errors import Forbidden, NotFound, Refused
from domain.vocabulary.ids import recommendation_id, report_id
from tests.support.data.examples import (
    ADMIN,
    ESSEX,
    INSPECTOR,
    KENT,
    REPORT,
    issue,
    publish,
    published,
    submit,
)

PLAN = ReceiveActionPlan(answer="act", content="We will.", on="2022-09-10")


def test_a_report_and_its_recommendations_are_published_together(ledger: Ledger) -> None:
    receipt = ledger.submit(
        [Submission(report_id(REPORT), publish(issue("kent", "essex"), issue(ordinal=2)))],
        INSPECTOR,
    )
    assert [entry.position for entry in receipt.entries] == [1, 2, 3, 4]
    assert [entry.stream for entry in receipt.entries] == [
        report_id(REPORT),
        recommendation_id(f"{REPORT}-r01-kent"),
        recommendation_id(f"{REPORT}-r01-essex"),
        recommendation_id(f"{REPORT}-r02"),
    ]


def test_one_refusal_rejects_the_whole_submit(ledger: Ledger) -> None:
    stream = published(ledger)
    with pytest.raises(Refused):
        ledger.submit(
            [
                Submission(stream, PLAN),
                Submission(stream, ReviewActionPlan(outcome="changes_requested")),
            ],
            INSPECTOR,
        )
    assert [entry.step for entry in ledger.history(stream)] == [1]
    assert ledger.head() == 2


def test_a_command_sees_the_effect_of_earlier_ones_in_its_submit(ledger: Ledger) -> None:
    stream = published(ledger)
    ledger.submit(
        [Submission(stream, PLAN), Submission(stream, ReviewActionPlan(outcome="accepted"))],
        INSPECTOR,
    )
    assert recommendation_after(ledger.history(stream)).stage is Stage.PLAN_REVIEWED


def test_a_preview_returns_what_a_submit_would_record_and_records_nothing(ledger: Ledger) -> None:
    stream, head = published(ledger), ledger.head()
    submissions = [Submission(stream, PLAN), Submission(stream, Comment(comment="Late."))]
    entries = ledger.preview(submissions, KENT)
    assert ledger.head() == head
    receipt = ledger.submit(submissions, KENT)
    recorded = ledger.history(stream)[1:]
    assert [type(entry.event) for entry in entries] == [type(entry.event) for entry in recorded]
    assert [entry.step for entry in entries] == [entry.step for entry in receipt.entries] == [2, 3]


def test_a_preview_and_a_submit_tidy_texts_alike(ledger: Ledger) -> None:
    stream = published(ledger)
    comment = Submission(stream, Comment(comment="One\r\ntwo."))
    (entry,) = ledger.preview([comment], INSPECTOR)
    assert entry.event == Commented(comment="One\ntwo.")
    (recorded,) = ledger.submit([comment], INSPECTOR).entries
    assert ledger.notes([recorded.id]) == {recorded.id: {"comment": "One\ntwo."}}


def test_a_preview_refuses_like_a_submit(ledger: Ledger) -> None:
    stream = published(ledger)
    with pytest.raises(Refused):
        ledger.preview([Submission(stream, PLAN), Submission(stream, PLAN)], KENT)
    with pytest.raises(VersionConflict):
        ledger.preview([Submission(stream, PLAN, expected_step=7)], KENT)
    with pytest.raises(NotFound):
        ledger.preview([Submission(stream, PLAN)], ESSEX)


def test_one_plan_can_answer_many_recommendations(ledger: Ledger) -> None:
    first = published(ledger, issue(), issue(ordinal=2))
    second = recommendation_id(f"{REPORT}-r02")
    receipt = ledger.submit([Submission(first, PLAN), Submission(second, PLAN)], KENT)
    assert [entry.stream for entry in receipt.entries] == [first, second]


def test_a_missing_stream_cannot_be_written_to(ledger: Ledger) -> None:
    with pytest.raises(NotFound):
        submit(ledger, uuid4(), PLAN)


def test_a_stream_of_another_force_looks_missing(ledger: Ledger) -> None:
    stream = published(ledger)
    with pytest.raises(NotFound):
        submit(ledger, stream, PLAN, ESSEX)


def test_a_role_without_the_right_is_told_which_roles_have_it(ledger: Ledger) -> None:
    stream = published(ledger)
    with pytest.raises(Forbidden, match="inspector"):
        submit(ledger, stream, ReviewActionPlan(outcome="accepted"), KENT)


def test_a_stale_step_gets_the_entries_since(ledger: Ledger) -> None:
    stream = published(ledger)
    submit(ledger, stream, PLAN)
    with pytest.raises(VersionConflict) as told:
        ledger.submit([Submission(stream, Comment(comment="Late."), expected_step=1)], INSPECTOR)
    assert [type(entry.event) for entry in told.value.since] == [ActionPlanReceived]


def test_a_repeated_key_gets_its_first_receipt(ledger: Ledger) -> None:
    stream = published(ledger)
    key = Key("inspector-1", "once", b"a" * 32)
    first = ledger.submit([Submission(stream, Comment(comment="Once."))], INSPECTOR, key=key)
    again = ledger.submit([Submission(stream, Comment(comment="Once."))], INSPECTOR, key=key)
    assert again == replace(first, repeated=True)
    assert len(ledger.history(stream)) == 2


def test_a_key_is_good_for_one_request_only(ledger: Ledger) -> None:
    stream = published(ledger)
    ledger.submit(
        [Submission(stream, Comment(comment="One."))], INSPECTOR, key=Key("i", "k", b"a" * 32)
    )
    with pytest.raises(KeyReused):
        ledger.submit(
            [Submission(stream, Comment(comment="Two."))], INSPECTOR, key=Key("i", "k", b"b" * 32)
        )


def test_concurrent_submits_with_one_key_record_once_and_share_the_receipt(ledger: Ledger) -> None:
    stream = published(ledger)
    key = Key("inspector-1", "rush", b"a" * 32)

    def rush(_: int) -> int:
        comment = Comment(comment="Rush.")
        return ledger.submit([Submission(stream, comment)], INSPECTOR, key=key).position

    with ThreadPoolExecutor(8) as pool:
        positions = set(pool.map(rush, range(24)))
    assert positions == {3}


def test_of_rivals_for_one_step_exactly_one_wins(database: Database) -> None:
    """Several processes' worth of ledgers put the same step at once, many times over."""
    ledgers = [Ledger(environment(database.conninfo(APP), pool=1)) for _ in range(4)]
    stream = published(ledgers[0])
    start = threading.Barrier(len(ledgers))

    def rival(rival_ledger: Ledger, step: int) -> bool:
        start.wait()
        try:
            request = Submission(stream, Comment(comment="Mine."), expected_step=step)
            rival_ledger.submit([request], INSPECTOR)
        except VersionConflict:
            return False
        return True

    with ThreadPoolExecutor(len(ledgers)) as pool:
        for step in range(1, 31):
            wins = list(pool.map(rival, ledgers, [step] * len(ledgers)))
            assert wins.count(True) == 1
    assert [entry.step for entry in ledgers[0].history(stream)] == list(range(1, 32))
    for opened in ledgers:
        opened.close()


def test_rivals_without_an_expected_step_are_all_recorded(ledger: Ledger) -> None:
    stream = published(ledger)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            pool.submit(submit, ledger, stream, Comment(comment="All of us."))
    assert len(ledger.history(stream)) == 21


@pytest.mark.slow
def test_a_reader_tailing_the_ledger_skips_and_repeats_no_entry(database: Database) -> None:
    with Ledger(environment(database.conninfo(APP), pool=6)) as ledger:
        streams = [published(ledger, reference=f"kent-{n}-2022") for n in range(4)]
        seen: list[int] = []
        with (
            ThreadPoolExecutor(4) as pool,
            ledger.rows.subscribe(gt=0) as subscription,
        ):
            comment = Comment(comment="x")
            writing = [
                pool.submit(submit, ledger, stream, comment)
                for stream in streams
                for _ in range(50)
            ]
            last = max(done.result().position for done in writing)
            while not seen or seen[-1] < last:
                seen.append(next(subscription).id)
    assert seen == list(range(1, 209))


def test_private_text_is_kept_beside_the_ledger_and_committed_to_in_it(
    database: Database, ledger: Ledger
) -> None:
    stream = published(ledger)
    submit(ledger, stream, Comment(comment="Between us."))
    entry = ledger.history(stream)[1]
    assert isinstance(entry.event, Commented)
    assert "Between us" not in msgspec.json.encode(entry).decode()
    assert ledger.notes([entry.id]) == {entry.id: {"comment": "Between us."}}
    with psycopg.connect(database.conninfo(CHECKER)) as connection:
        row = connection.execute("SELECT salt FROM ledger_notes").fetchone()
    assert row
    salt: bytes = row[0]
    assert entry.event.comment == commitment(entry.id, "comment", salt, "Between us.")


def test_a_redaction_removes_the_text_and_leaves_the_entry(ledger: Ledger) -> None:
    stream = published(ledger)
    submit(ledger, stream, Comment(comment="Name of a person."))
    before = ledger.history(stream)[1]
    asked = RequestRedaction(step=2, field="comment", ground="data_protection")
    submit(ledger, stream, asked, ADMIN)
    assert ledger.notes([before.id]) == {before.id: {"comment": "Name of a person."}}
    submit(ledger, stream, ApproveRedaction(request=3, step=2, field="comment"))
    assert ledger.history(stream)[1] == before
    assert ledger.notes([before.id]) == {}


def test_a_corrected_entry_can_be_read_in_both_versions(ledger: Ledger) -> None:
    stream = published(ledger)
    submit(
        ledger,
        stream,
        Correct(step=1, field="text", was="Do it.", now="Do it well.", why="Misread."),
    )
    history = ledger.history(stream)
    issued = recommendation_after(history).issued
    assert isinstance(history[0].event, Issued)
    assert issued
    assert (history[0].event.text, issued.text) == ("Do it.", "Do it well.")


def test_an_oversized_entry_is_refused(ledger: Ledger) -> None:
    sources = tuple("\u2014" * 300 for _ in range(100))
    long = replace(publish(issue()), sources=sources)
    with pytest.raises(Refused, match="60000"):
        ledger.submit([Submission(report_id(REPORT), long)], INSPECTOR)
    assert ledger.head() == 0


def test_moments_in_a_stream_never_run_backwards(
    database: Database,
) -> None:
    now = datetime.now(UTC)
    moments = [now]
    with Ledger(environment(database.conninfo(APP), pool=1), clock=lambda: moments[-1]) as ledger:
        stream = published(ledger)
        moments.append(now - timedelta(minutes=1))
        submit(ledger, stream, Comment(comment="Later."))
        first, second = (entry.stamp.at for entry in ledger.history(stream))
        assert first == now < second < now + timedelta(seconds=1)


def test_a_stream_of_a_thousand_steps_is_read_whole(database: Database, ledger: Ledger) -> None:
    stream = published(ledger)
    comments = [Submission(stream, Comment(comment=f"{n}.")) for n in range(999)]
    days = (datetime.now(UTC) + timedelta(days=day) for day in range(1, 6))
    with Ledger(environment(database.conninfo(APP), pool=1), clock=lambda: next(days)) as later:
        for first in range(0, 999, STEPS_A_DAY_MAX):
            later.submit(comments[first : first + STEPS_A_DAY_MAX], INSPECTOR)
    history = ledger.history(stream)
    assert [entry.step for entry in history] == list(range(1, 1001))
    assert recommendation_after(history).step == 1000


def test_a_submit_without_a_command_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Refused):
        ledger.submit([], INSPECTOR)


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger_events SELECT * FROM ledger_events",
        "UPDATE ledger_events SET topic = 'x'",
        "DELETE FROM ledger_events",
        "TRUNCATE ledger_events",
        "ALTER TABLE ledger_events DISABLE TRIGGER ALL",
        "DROP TABLE ledger_events",
        "UPDATE ledger_notes SET note = 'x'",
        "DELETE FROM ledger_notes",
        "INSERT INTO ledger_keys VALUES ('a', 'b', sha256('c'), '{}')",
        "ALTER FUNCTION ledger_refuse_change() RENAME TO ledger_allow_change",
        "SET session_replication_role = replica",
        "UPDATE tokens SET role = 'admin'",
        "SET ROLE tracker_owner",
    ],
)
@pytest.mark.parametrize("role", [APP, PROJECTOR])
def test_no_role_of_the_service_can_change_the_record(
    database: Database, ledger: Ledger, role: str, statement: str
) -> None:
    published(ledger)
    with (
        psycopg.connect(database.conninfo(role), autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())
    assert ledger.head() == 2


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ledger_events SET topic = 'x'", "DELETE FROM ledger_events", "TRUNCATE ledger_events"],
)
def test_the_trigger_stops_even_the_owner_from_changing_the_record(
    database: Database, ledger: Ledger, statement: str
) -> None:
    published(ledger)
    with (
        psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"),
    ):
        connection.execute(statement.encode())


def test_the_projector_cannot_append_or_read_notes(database: Database) -> None:
    with psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as connection:
        for statement in (b"SELECT * FROM ledger_notes", b"SELECT * FROM tokens"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        assert connection.execute(
            "SELECT has_function_privilege(oid, 'EXECUTE') FROM pg_proc"
            " WHERE proname = 'ledger_append'"
        ).fetchone() == (False,)


def test_every_event_survives_storage(ledger: Ledger) -> None:
    stream = published(ledger)
    submit(ledger, stream, NameOwner(owner="The deputy."), KENT)
    raw = ledger.rows.read(
        lambda c: c.execute("SELECT state FROM ledger_events ORDER BY notification_id").fetchall()
    )
    for (state,), entry in zip(raw, ledger.page(0, 10), strict=True):
        body = msgspec.json.decode(state)
        assert msgspec.convert(body["event"], Event) == entry.event
        assert body["at"].endswith("Z")
