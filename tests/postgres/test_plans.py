"""Query plans: every query that serves a reader uses an index, at any size."""
# pyright: reportPrivateUsage=false

import re
from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import md5
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from adapters.ledger import queries
from adapters.postgres.database import APP, OWNER, PROJECTOR, Database
from api.v1.odata.entity_sets import ENTITY_SETS
from domain.recommendation.slippage import Slip
from domain.recommendation.state import Stage
from domain.recommendation.worklist import Work
from projections import coverage
from projections.bitemporal import EVER
from projections.filters import AsOfFilter, ForceFilter
from projections.progress import claims
from projections.progress.claims import ClaimsFilter, ClaimsMade, ClaimsOrder
from projections.read_models import READ_MODELS
from projections.register import changes, closures, listing, names, same_text
from projections.register.changes import CHANGED_SINCE
from projections.register.comparison import differences, tallies
from projections.register.listing import RegisterFilter, RegisterOrder
from projections.register.model import Register
from projections.register.views import AsOf, ComparedOrder, parameters
from projections.reporting import rows
from projections.reporting.filtering import read_filter
from projections.reporting.rows import RowsAsOf, RowsPart
from projections.reports.model import Reports
from projections.runtime.schemas import make
from projections.search import results, spelling
from projections.search.results import WordsFilter
from projections.statements.model import Statements
from projections.statements.steps import Steps
from projections.worklist import deadlines, late
from projections.worklist.filter import WorklistFilter
from projections.worklist.late import LateFilter, LateOrder
from projections.worklist.model import Worklist
from projections.worklist.statement import (
    forces_statement,
    open_statement,
    page_statement,
    place_of,
)
from projections.worklist.statement import parameters as worked

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 23)
STREAMS = 4_000
STRETCHES = 5
TEXTS = 40_000
NEVER_WHOLE = (
    "Seq Scan on standing",
    "Seq Scan on ledger_events",
    "Seq Scan on item",
    "Seq Scan on wording",
    "Seq Scan on claim ",
    "Seq Scan on step ",
)


@pytest.fixture(scope="module")
def full(make_database: Database) -> Generator[psycopg.Connection]:
    """A register of twenty thousand stretches, made up by the database itself."""
    with psycopg.connect(make_database.conninfo(PROJECTOR), autocommit=True) as connection:
        for model in READ_MODELS:
            make(connection, model, model.schema)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS "
            + Register.tracking
            + " AS SELECT 'ledger' AS application_name, 1::bigint AS notification_id"
        )
        connection.execute("SET search_path TO " + Register.schema)
        connection.execute(
            "INSERT INTO standing (stream, since, until, known_from, known_to, reference,"
            " report, force, edition, kind, area, topic, text_id, wording, time_limit, issued_on,"
            " stage, stage_since, plan, plan_owed, cycle, due, overdue_from, overdue_known,"
            " time_limit_changes, reopenings, withdrawals, closed_without_evidence, closed_on,"
            " confidence, disputed)"
            " SELECT md5(n::text)::uuid, date '2020-01-01' + 100 * k,"
            " CASE WHEN k = %(k)s - 1 THEN 'infinity' ELSE date '2020-01-01' + 100 * (k + 1) END,"
            " timestamptz '2021-01-01', 'infinity', 'force-' || lpad(n::text, 6, '0'),"
            " md5((n / 10)::text)::uuid, 'force-' || n %% 43, 'pre-2024', 'recommendation',"
            " 'leadership', CASE WHEN n %% 40 = 0 THEN 'supervision' END,"
            " md5('text' || n)::uuid, 'verbatim', 'months:3',"
            " (date '2020-01-01' + n %% 2000)::text,"
            " CASE WHEN n %% 50 = 0 THEN 'closed' ELSE 'issued' END, '2020-01-01', 'awaited', true,"
            " 1, date '2020-01-01' + n %% 3000, date '2020-01-02' + n %% 3000, true,"
            " 0, 0, 0, false,"
            " CASE WHEN n %% 50 = 0 THEN (date '2020-01-01' + n %% 2000)::text END, 'stated', false"
            " FROM generate_series(1, %(n)s) n, generate_series(0, %(k)s - 1) k",
            {"n": STREAMS, "k": STRETCHES},
        )
        connection.execute(
            "INSERT INTO wording SELECT md5('text' || n)::uuid,"
            " 'Recommendation number ' || n, NULL,"
            " to_tsvector('english', 'recommendation number ' || n) FROM generate_series(1, %s) n",
            (TEXTS,),
        )
        connection.execute("VACUUM ANALYZE standing, wording")
        connection.execute("SET search_path TO " + Statements.schema)
        connection.execute(
            "INSERT INTO said (stream, since, until, known_from, known_to, reference,"
            " what, force, report, recommendation, step, said_on, text, source, confidence, words)"
            " SELECT md5(n::text)::uuid, '2020-01-01', 'infinity', '2021-01-01', 'infinity',"
            " 'o' || n, 'claim', 'force-' || n % 43, md5((n / 10)::text)::uuid, true, 1,"
            " (date '2020-01-01' + n % 2000)::text, 'Said ' || n, 'It', 'stated', 'said ' || n"
            " FROM generate_series(1, 40000) n"
        )
        connection.execute("VACUUM ANALYZE said")
        connection.execute("SET search_path TO " + Steps.schema)
        connection.execute(
            "INSERT INTO step (stream, since, until, known_from, known_to, reference, report,"
            " force, number, what, happened_on, recorded_at, party)"
            " SELECT md5(n::text)::uuid, '2020-01-01', 'infinity', '2021-01-01', 'infinity',"
            " 'r' || n / 4, md5((n / 10)::text)::uuid, 'force-' || n % 43, n % 4 + 1,"
            " 'recommendation.closed', '2020-01-01', '2021-01-01', 'inspectorate'"
            " FROM generate_series(1, 40000) n"
        )
        connection.execute("VACUUM ANALYZE step")
        connection.execute("SET search_path TO " + Reports.schema)
        connection.execute(
            "INSERT INTO listing (stream, since, until, known_from, known_to, reference,"
            " force, product, edition, programme, title, address, published_on, flagged,"
            " words, confidence)"
            " SELECT md5(n::text)::uuid, '2020-01-01', 'infinity', '2021-01-01', 'infinity',"
            " 'r' || n, 'force-' || n % 43, 'ncpi', '2024', true, 'Report ' || n, 'It',"
            " (date '2020-01-01' + n % 2000)::text, false, 'report ' || n, 'stated'"
            " FROM generate_series(1, 40000) n"
        )
        connection.execute("VACUUM ANALYZE listing")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS "
            + ClaimsMade.tracking
            + " AS SELECT 'ledger' AS application_name, 1::bigint AS notification_id"
        )
        connection.execute("SET search_path TO " + ClaimsMade.schema)
        connection.execute(
            "INSERT INTO claim (stream, since, until, known_from, known_to, reference, force,"
            " area, step, claimed_on) SELECT md5(n::text)::uuid, '2020-01-01', 'infinity',"
            " '2021-01-01', 'infinity', 'r' || lpad(n::text, 6, '0'), 'force-' || n % 43,"
            " 'leadership', 3, (date '2020-01-01' + n % 2000)::text"
            " FROM generate_series(1, 40000) n"
        )
        connection.execute("VACUUM ANALYZE claim")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS "
            + Worklist.tracking
            + " AS SELECT 'ledger' AS application_name, 1::bigint AS notification_id"
        )
        connection.execute("SET search_path TO " + Worklist.schema)
        connection.execute(
            "INSERT INTO item (stream, since, until, known_from, known_to, reference, force, work,"
            " clock, waiting_since, waiting_day, shows_from, due) SELECT md5(n::text)::uuid,"
            " '2020-01-01', 'infinity', '2021-01-01', 'infinity', 'r' || n, 'force-' || n % 43,"
            " 'chase_overdue', 'time_limit', '2020-01-01', '2020-01-01',"
            " date '2020-01-02' + n % 90,"
            " date '2020-01-01' + n % 90 FROM generate_series(1, 40000) n"
        )
        connection.execute("VACUUM ANALYZE item")
    with psycopg.connect(make_database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO ledger_events SELECT md5((n % 2000)::text)::uuid, n / 2000 + 1, 'x', 'x',"
            " n + 1, gen_random_uuid() FROM generate_series(0, 39999) n"
        )
        connection.execute("ANALYZE ledger_events")
    with psycopg.connect(make_database.conninfo(APP), autocommit=True) as connection:
        yield connection


def plan(
    connection: psycopg.Connection, statement: str, given: Sequence[object] | Mapping[str, object]
) -> str:
    rows = connection.execute(f"EXPLAIN (ANALYZE) {statement}".encode(), given).fetchall()
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize(
    "condition", ["true", "force eq 'kent'", "id eq 6f7ad2ff-9710-4227-90bc-48690f3985eb"]
)
@pytest.mark.parametrize("name", ["recommendations", "steps"])
def test_a_page_of_odata_is_read_through_an_index(
    full: psycopg.Connection, name: str, condition: str
) -> None:
    of = ENTITY_SETS[name]
    part = RowsPart(
        columns=[column.name for column in of.view.columns],
        condition=read_filter(condition, of.view.columns),
        then=of.order,
        limit=101,
    )
    as_of = RowsAsOf(day=TODAY, known_at=None, position=1)
    told = plan(full, rows.statement(of.view, part), rows.parameters(as_of, part))
    assert not [line for line in NEVER_WHOLE if line in told], told


LAST_VISIT = datetime(2026, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("filters", "after"),
    [
        (RegisterFilter(), None),
        (RegisterFilter(), "force-002000"),
        (RegisterFilter(force="force-7"), None),
        (RegisterFilter(stage=Stage.CLOSED), None),
        (RegisterFilter(force="force-7", stage=Stage.CLOSED), None),
        (RegisterFilter(report="c4ca4238-a0b9-2382-0dcc-509a6f75849b"), None),
        (RegisterFilter(topic="supervision"), None),
        (RegisterFilter(force="force-7", topic="supervision"), None),
        (RegisterFilter(topic="never_used"), None),
        (RegisterFilter(overdue=True), None),
        (RegisterFilter(slip=Slip.REOPENED), None),
        (RegisterFilter(finding="not_known"), None),
        (RegisterFilter(finding="met"), None),
        (RegisterFilter(superseded_by=uuid4()), None),
        (RegisterFilter(closed_from=date(2024, 1, 1), closed_to=date(2024, 3, 31)), None),
        (RegisterFilter(issued_from=date(2022, 1, 1), issued_to=date(2023, 1, 1)), None),
        (RegisterFilter(issued_in="2022", done_within="2"), None),
        (RegisterFilter(issued_in="not_known"), None),
        (RegisterFilter(next_by="force", open=True, age_known=False), None),
        (RegisterFilter(changed_since=LAST_VISIT), None),
        (RegisterFilter(force="force-7", changed_since=LAST_VISIT), None),
        (RegisterFilter(q="number 1234"), None),
        (RegisterFilter(training=True), None),
        (RegisterFilter(training=True, q="number 1234"), None),
        (RegisterFilter(training=True, on=date(2020, 12, 1)), None),
        (RegisterFilter(on=date(2020, 12, 1)), None),
        (RegisterFilter(on=date(2020, 12, 1), force="force-7"), None),
        (RegisterFilter(on=date(2020, 12, 1), known_at=datetime(2022, 1, 1, tzinfo=UTC)), None),
    ],
)
def test_a_page_of_the_register_is_read_by_an_index(
    full: psycopg.Connection, filters: RegisterFilter, after: str | None
) -> None:
    query = listing.parameters(filters, TODAY, after)
    told = plan(full, listing.statement(filters, after), query)
    assert "standing_" in told
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


@pytest.mark.parametrize(
    ("order", "after"),
    [
        ("reference", "force-002000"),
        ("deadline", "force-002000 2024-01-01"),
        ("newest", "force-000731 2022-01-01"),
        ("oldest", "force-002000 2020-01-01"),
        ("force", "force-002000 force-20"),
    ],
)
def test_a_page_of_the_register_in_any_order_reads_no_more_than_it_shows(
    full: psycopg.Connection, order: RegisterOrder, after: str
) -> None:
    filters = RegisterFilter(order=order)
    for place in (None, after):
        query = listing.parameters(filters, TODAY, place)
        plain = plan(full, listing.statement(filters, place), query)
        assert not [scan for scan in NEVER_WHOLE if scan in plain], plain
        read = re.findall(r"on standing\b.*rows=(\d+)(?:\.\d+)? loops", plain)
        assert [int(rows) for rows in read] == [filters.limit + 1], plain
        removed = [int(line.split(":")[1]) for line in plain.splitlines() if "Removed" in line]
        assert sum(removed) <= filters.limit, plain


@pytest.mark.parametrize(
    ("order", "after"),
    [
        ("longest", "2020-02-01 r2000 time_limit"),
        ("latest", "2020-02-01 r2000 time_limit"),
        ("force", "2020-02-01 r2000 time_limit force-2"),
    ],
)
def test_a_page_of_what_is_late_in_any_order_reads_no_more_than_one_force(
    full: psycopg.Connection, order: LateOrder, after: str
) -> None:
    filters = LateFilter(order=order)
    for place in (None, after):
        query = late.parameters(filters, TODAY, place)
        plain = plan(full, late.statement(filters, place), query)
        assert not [scan for scan in NEVER_WHOLE if scan in plain], plain
        read = re.findall(r"on item\b.*rows=(\d+)(?:\.\d+)? loops", plain)
        assert sum(map(int, read)) <= 40_000 / 43 + 2, plain


def test_a_page_of_the_register_reads_about_as_many_rows_as_it_shows(
    full: psycopg.Connection,
) -> None:
    filters = RegisterFilter(on=date(2020, 12, 1), force="force-7")
    told = plan(full, listing.statement(filters), listing.parameters(filters, TODAY))
    removed = [int(line.split(":")[1]) for line in told.splitlines() if "Rows Removed" in line]
    assert sum(removed) <= STRETCHES * (filters.limit + 1)


@pytest.mark.parametrize(
    "filters",
    [
        RegisterFilter(overdue=True),
        RegisterFilter(force="force-7", plan_overdue=False, q="number 1234"),
        RegisterFilter(on=date(2020, 12, 1), topic="supervision"),
    ],
)
def test_the_changes_of_a_list_are_read_by_an_index(
    full: psycopg.Connection, filters: RegisterFilter
) -> None:
    streams = [UUID(md5(str(n).encode()).hexdigest()) for n in range(1, 129)]  # noqa: S324  as above
    at = datetime(2022, 1, 1, tzinfo=UTC)
    query = {
        **changes.query_of(filters),
        "streams": streams,
        "ats": [at] * len(streams),
        "after": at,
        "through": at + timedelta(days=30),
        "first_day": date(2022, 1, 1),
        "last_day": date(2022, 1, 31),
        "rows": 1_000,
        "skipped": 0,
    }
    for statement in (changes.listed_statement(filters), changes.days_statement(filters)):
        told = plan(full, statement, query)
        assert not [scan for scan in NEVER_WHOLE if scan in told], told


def test_the_deadlines_of_a_force_are_read_by_an_index(full: psycopg.Connection) -> None:
    query = {
        "forces": ["force-7"],
        "clocks": ["action_plan", "section_55", "time_limit"],
        "follow_ups": True,
        "assignee": "inspector-1",
        "limit": deadlines.DEADLINES_MAX,
    }
    told = plan(full, deadlines.STATEMENT, query)
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


def test_what_is_late_at_a_force_is_counted_by_an_index(full: psycopg.Connection) -> None:
    filters = ForceFilter(force="force-7", on=date(2026, 6, 30))
    query = {**filters.as_of_parameters(TODAY), "force": "force-7"}
    told = plan(full, late.late_statement(filters), query)
    assert "item_" in told
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


def test_what_is_late_and_open_at_a_force_is_read_of_that_force_alone(
    full: psycopg.Connection,
) -> None:
    filters = WorklistFilter(force="force-7", on=date(2026, 6, 30), work=Work.CHASE_OVERDUE)
    told = plan(full, open_statement(filters), worked(filters, TODAY, None, {}))
    of_force = re.findall(r"Index Cond: .*force = 'force-7'", told)
    assert len(of_force) == 2, told
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


def test_the_plans_that_wait_at_each_force_are_counted_by_an_index(
    full: psycopg.Connection,
) -> None:
    filters = WorklistFilter(work=Work.REVIEW_PLAN)
    told = plan(full, forces_statement(filters), worked(filters, TODAY, None, {}))
    assert "item_" in told
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


def test_what_changed_at_some_forces_is_counted_by_an_index(full: psycopg.Connection) -> None:
    query = {"forces": ["force-7"], "changed_since": datetime(2026, 6, 30, tzinfo=UTC)}
    told = plan(full, CHANGED_SINCE, query)
    assert re.search("standing_now_force|standing_force|standing_now_known", told), told
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


def test_what_changed_lately_is_read_and_counted_without_what_did_not(
    full: psycopg.Connection,
) -> None:
    filters = RegisterFilter(changed_since=LAST_VISIT)
    query = listing.parameters(filters, TODAY)
    where = filters.as_of + " AND " + listing.conditions(filters)
    counted = "SELECT count(*) FROM " + Register.schema + ".standing WHERE " + where  # noqa: S608  our own
    for statement in (listing.statement(filters), counted):
        told = plan(full, statement, query)
        assert "standing_now_known" in told, told
        assert not [scan for scan in NEVER_WHOLE if scan in told], told


@pytest.mark.parametrize("order", [None, "force", "stage"])
@pytest.mark.parametrize("force", [None, "force-7"])
def test_a_comparison_reads_each_day_once(
    full: psycopg.Connection, force: str | None, order: ComparedOrder | None
) -> None:
    """It has to read all of both days, of one force only that force's, and never row by row."""
    views = AsOf(date(2020, 12, 1)), AsOf(TODAY, datetime(2022, 1, 1, tzinfo=UTC))
    given = parameters(*views, force, None, 20)
    for statement in (tallies(force), differences(force, None, order=order)):
        told = plan(full, statement, given)
        scans = re.findall(r"Scan (?:using \w+ )?on standing\b.*loops=(\d+)", told)
        assert scans == ["1", "1"], told
        if force:
            assert "standing_force" in told, told


@pytest.mark.parametrize("on", [None, date(2024, 12, 1)])
def test_the_coverage_of_all_forces_is_counted_in_one_pass(
    full: psycopg.Connection, on: date | None
) -> None:
    filters = ForceFilter(on=on)
    told = plan(full, coverage.statement(filters), filters.as_of_parameters(TODAY))
    scans = re.findall(r"Scan (?:using \w+ )?on standing\b.*loops=(\d+)", told)
    assert len(scans) == 1, told
    assert int(scans[0]) <= 3, told  # a leader and two workers


@pytest.mark.parametrize("on", [None, date(2024, 12, 1)])
@pytest.mark.parametrize("force", [None, "force-7"])
def test_closures_are_counted_without_reading_open_recommendations(
    full: psycopg.Connection, on: date | None, force: str | None
) -> None:
    filters = ForceFilter(on=on, force=force)
    told = plan(full, closures.statement(filters), closures.parameters(filters, TODAY))
    assert "standing_closed" in told, told


@pytest.mark.parametrize("force", [None, "force-7"])
@pytest.mark.parametrize("after", [None, "r002000 3"])
def test_a_page_of_claims_reads_by_an_index(
    full: psycopg.Connection, force: str | None, after: str | None
) -> None:
    filters = ClaimsFilter(force=force)
    query = claims.parameters(filters, TODAY, after)
    told = plan(full, claims.statement(filters, after), query)
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


@pytest.mark.parametrize("on", [None, date(2024, 12, 1)])
@pytest.mark.parametrize(
    ("order", "after"),
    [
        ("reference", "r002000 3"),
        ("newest", "r000731 3 2022-01-01"),
        ("oldest", "r002000 3 2020-01-01"),
        ("force", "r002000 3 force-20"),
    ],
)
def test_a_page_of_claims_in_any_order_reads_no_more_than_it_shows(
    full: psycopg.Connection, order: ClaimsOrder, after: str, on: date | None
) -> None:
    filters = ClaimsFilter(order=order, on=on)
    for place in (None, after):
        query = claims.parameters(filters, TODAY, place)
        plain = plan(full, claims.statement(filters, place), query)
        read = re.findall(r"on claim\b.*rows=(\d+)(?:\.\d+)? loops", plain)
        assert [int(rows) for rows in read] == [filters.limit + 1], plain
        removed = [int(line.split(":")[1]) for line in plain.splitlines() if "Removed" in line]
        assert sum(removed) <= filters.limit, plain


@pytest.mark.parametrize("after", [None, "r2000 0 2020-01-01 chase_overdue time_limit"])
@pytest.mark.parametrize("kind", [None, Work.CHASE_OVERDUE])
def test_a_page_of_work_by_reference_reads_no_more_than_it_shows(
    full: psycopg.Connection, kind: Work | None, after: str | None
) -> None:
    filters = WorklistFilter(order="reference", work=kind)
    place = place_of(filters, after)
    query = worked(filters, TODAY, None, place)
    plain = plan(full, page_statement(filters, None, place), query)
    read = re.findall(r"on item\b.*rows=(\d+)(?:\.\d+)? loops", plain)
    assert 0 < sum(map(int, read)) <= 2 * filters.limit, plain


@pytest.mark.parametrize(
    "after",
    [None, "0 2 2020-01-01 r2000 review_plan ", "1 0 2020-01-01 r2000 chase_overdue time_limit"],
)
def test_a_page_of_what_waits_for_inspectors_first_is_read_by_its_indexes(
    full: psycopg.Connection, after: str | None
) -> None:
    filters = WorklistFilter(order="next_by")
    place = place_of(filters, after)
    plain = plan(full, page_statement(filters, None, place), worked(filters, TODAY, None, place))
    assert not [scan for scan in NEVER_WHOLE if scan in plain], plain


@pytest.mark.parametrize("force", [None, "force-7"])
@pytest.mark.parametrize("after", [None, "2020-02-01 r2000 time_limit"])
def test_a_page_of_what_is_late_reads_by_an_index(
    full: psycopg.Connection, force: str | None, after: str | None
) -> None:
    filters = LateFilter(force=force)
    query = late.parameters(filters, TODAY, after)
    told = plan(full, late.statement(filters, after), query)
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


@pytest.mark.parametrize("on", [None, date(2020, 1, 1)])
def test_the_names_of_a_page_are_read_by_their_streams(
    full: psycopg.Connection, on: date | None
) -> None:
    filters = AsOfFilter(on=on)
    rows_of = SQL("SELECT stream FROM {}.standing LIMIT 50").format(Identifier(Register.schema))
    streams = [row[0] for row in full.execute(rows_of)]
    query = {**filters.as_of_parameters(TODAY), "streams": streams}
    read = plan(full, names.statement(filters), query)
    assert not [scan for scan in NEVER_WHOLE if scan in read], read


def test_the_recommendations_with_a_text_are_found_by_its_words(full: psycopg.Connection) -> None:
    told = plan(full, same_text.STATEMENT, same_text.parameters("Recommendation number 1234", 10))
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


SEARCHES = (
    results.recommendations_statement,
    results.statements_statement,
    results.reports_statement,
)


@pytest.mark.parametrize("question", ["1234", "report 1234 or zebra"])
@pytest.mark.parametrize(("force", "training"), [(None, False), ("force-7", False), (None, True)])
def test_a_search_for_a_rare_word_reads_by_an_index(
    full: psycopg.Connection, question: str, force: str | None, *, training: bool
) -> None:
    words = WordsFilter(question, force, training=training)
    for statement in SEARCHES:
        told = plan(full, statement(words), words.parameters(TODAY))
        assert not re.findall(r"Seq Scan on (?:standing|wording|said|listing)", told), told


def test_a_search_for_a_word_of_every_text_reads_about_as_many_as_it_counts(
    full: psycopg.Connection,
) -> None:
    for question, statement in zip(("recommendation", "said", "report"), SEARCHES, strict=True):
        words = WordsFilter(question)
        told = plan(full, statement(words), words.parameters(TODAY))
        removed = [int(line.split(":")[1]) for line in told.splitlines() if "Rows Removed" in line]
        assert "Seq Scan on standing" not in told, told
        assert sum(removed) <= STRETCHES * results.COUNTED_MAX, told
        if question == "recommendation":
            assert "standing_now_text" in told, told


@pytest.mark.parametrize(
    "question", ["force-000123", "8796", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"]
)
def test_a_reference_or_number_is_read_by_an_index(full: psycopg.Connection, question: str) -> None:
    query = results.record_parameters(question, TODAY)
    for statement in results.RECORD_STATEMENTS:
        told = plan(full, statement, query)
        assert not [scan for scan in NEVER_WHOLE if scan in told], told


def test_words_spelt_nearly_so_are_read_by_an_index(full: psycopg.Connection) -> None:
    for beginnings in (
        spelling.beginnings("recomendation"),
        *spelling.other_beginnings("vunerable"),
    ):
        query = {"beginnings": beginnings, "most": 200}
        told = plan(full, spelling.statement(training=False), query)
        assert not [scan for scan in NEVER_WHOLE if scan in told], told


@pytest.mark.parametrize("force", ["force-7", "atlantis"])
def test_whether_anything_is_about_a_force_is_read_by_an_index(
    full: psycopg.Connection, force: str
) -> None:
    told = plan(full, results.ABOUT, {"force": force})
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


STREAM = "SELECT * FROM ledger_events WHERE originator_id = %s ORDER BY originator_version"
SINCE = re.sub(r"\$[123]", "%s", queries._SINCE)
ONE_SINCE = re.sub(r"\$[123]", "%s", queries._ONE_SINCE)
SUPPRESSED = queries.OF_STREAMS_SUPPRESSED.replace("$1", "%s")
CORRECTED = queries.LATEST_CORRECTIONS.replace("$1", "%s")
PUBLISHED = queries.published_up_to("%s")
BETWEEN, BEFORE, OF_STREAMS_BEFORE = (
    re.sub(r"\$[123]", "%s", query.format("report."))
    for query in (
        queries.PUBLISHED_BETWEEN,
        queries.PUBLISHED_BEFORE,
        queries.OF_STREAMS_PUBLISHED_BEFORE,
    )
)
BEFORE_OF_ALL = re.sub(r"\$[12]", "%s", queries.PUBLISHED_BEFORE.format("recommendation."))
BEHIND = """
    SELECT * FROM ledger_events WHERE notification_id > %s ORDER BY notification_id LIMIT 100
"""


@pytest.mark.parametrize(
    ("statement", "given", "index"),
    [
        (STREAM, [uuid4()], "pkey"),
        (SINCE, [[uuid4(), uuid4()], [3, 0], queries.PART_ROWS], "pkey"),
        (ONE_SINCE, [uuid4(), 3, queries.PART_ROWS], "pkey"),
        (PUBLISHED, [20_000], "published_idx"),
        (BETWEEN, [20_000, 20_128], "published_reports_idx"),
        (BEFORE, [20_000, [uuid4()]], "published_reports_idx"),
        (BEFORE_OF_ALL, [20_000, [uuid4()]], "published_idx"),
        (
            OF_STREAMS_BEFORE,
            [[uuid4() for _ in range(100)], 20_000, queries.LAST_OF_STREAMS],
            "originator_id = ANY",
        ),
        (BEHIND, [20_000], "notification_id_idx"),
        ("SELECT max(notification_id) FROM ledger_events", [], "notification_id_idx"),
        ("SELECT * FROM ledger_events WHERE entry_id = ANY(%s)", [[uuid4()]], "entry_id_idx"),
        (SUPPRESSED, [[uuid4() for _ in range(100)]], "suppressed_idx"),
        (queries.EVERY_SUPPRESSED, [], "suppressed_idx"),
        (CORRECTED, [10], "corrected_idx"),
    ],
)
def test_the_ledger_is_read_by_an_index(
    full: psycopg.Connection, statement: str, given: list[object], index: str
) -> None:
    told = plan(full, statement, given)
    assert index in told
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


def test_ever_is_after_every_moment() -> None:
    assert datetime.now(UTC) + timedelta(days=365_000) < EVER
