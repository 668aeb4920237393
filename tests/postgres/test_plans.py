"""Every query that serves a reader goes by an index, however much there is."""
# pyright: reportPrivateUsage=false

import re
from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from adapters.ledger import queries
from adapters.postgres.database import APP, OWNER, PROJECTOR, Database
from domain.recommendation.slippage import Slip
from projections.bitemporal import EVER
from projections.read_models import READ_MODELS
from projections.register import closures, latest, listing
from projections.register.comparison import AsOf, differences, parameters, tallies
from projections.runtime.schemas import make

TODAY = date(2026, 11, 23)
STREAMS = 4_000
STRETCHES = 5
TEXTS = 40_000
NEVER_WHOLE = (
    "Seq Scan on standing",
    "Seq Scan on ledger_events",
    "Seq Scan on item",
    "Seq Scan on wording",
)


@pytest.fixture(scope="module")
def full(make_database: Database) -> Generator[psycopg.Connection]:
    """A register of twenty thousand stretches, made up by the database itself."""
    with psycopg.connect(make_database.conninfo(PROJECTOR), autocommit=True) as connection:
        for model in READ_MODELS:
            make(connection, model, model.name)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS register.register_tracking"
            " (application_name text PRIMARY KEY, notification_id bigint)"
        )
        connection.execute("INSERT INTO register.register_tracking VALUES ('ledger', 1)")
        connection.execute(
            "INSERT INTO register.standing (stream, since, until, known_from, known_to, reference,"
            " report, force, edition, kind, area, text_id, wording, time_limit, issued_on, stage,"
            " stage_since, plan, cycle, due, overdue_from, time_limit_changes, reopenings,"
            " closed_without_evidence, closed_on)"
            " SELECT md5(n::text)::uuid, date '2020-01-01' + 100 * k,"
            " CASE WHEN k = %(k)s - 1 THEN 'infinity' ELSE date '2020-01-01' + 100 * (k + 1) END,"
            " timestamptz '2021-01-01', 'infinity', 'force-' || lpad(n::text, 6, '0'),"
            " md5((n / 10)::text)::uuid, 'force-' || n %% 43, 'pre-2024', 'recommendation',"
            " 'leadership', md5('text' || n)::uuid, 'verbatim', 'months:3', '2020-01-01',"
            " CASE WHEN n %% 50 = 0 THEN 'closed' ELSE 'issued' END, '2020-01-01', 'awaited', 1,"
            " date '2020-01-01' + n %% 3000, date '2020-01-02' + n %% 3000, 0, 0, false,"
            " CASE WHEN n %% 50 = 0 THEN (date '2020-01-01' + n %% 2000)::text END"
            " FROM generate_series(1, %(n)s) n, generate_series(0, %(k)s - 1) k",
            {"n": STREAMS, "k": STRETCHES},
        )
        connection.execute(
            "INSERT INTO register.wording SELECT md5('text' || n)::uuid,"
            " 'Recommendation number ' || n FROM generate_series(1, %s) n",
            (TEXTS,),
        )
        connection.execute("VACUUM ANALYZE register.standing, register.wording")
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
    "asked",
    [
        listing.Filter(),
        listing.Filter(after="force-002000"),
        listing.Filter(force="force-7"),
        listing.Filter(stage="closed"),
        listing.Filter(force="force-7", stage="closed"),
        listing.Filter(report=UUID("c4ca4238a0b923820dcc509a6f75849b")),
        listing.Filter(overdue=True),
        listing.Filter(slip=Slip.REOPENED),
        listing.Filter(closed_from=date(2024, 1, 1), closed_to=date(2024, 3, 31)),
        listing.Filter(q="number 1234"),
        listing.Filter(on=date(2020, 12, 1)),
        listing.Filter(on=date(2020, 12, 1), force="force-7"),
        listing.Filter(on=date(2020, 12, 1), known_at=datetime(2022, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_page_of_the_register_goes_by_an_index(
    full: psycopg.Connection, asked: listing.Filter
) -> None:
    told = plan(full, listing.statement(asked), listing.parameters(asked, TODAY))
    assert "standing_" in told
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


def test_a_page_reads_about_as_many_rows_as_it_shows(full: psycopg.Connection) -> None:
    asked = listing.Filter(on=date(2020, 12, 1), force="force-7")
    told = plan(full, listing.statement(asked), listing.parameters(asked, TODAY))
    removed = [int(line.split(":")[1]) for line in told.splitlines() if "Rows Removed" in line]
    assert sum(removed) <= STRETCHES * (asked.limit + 1)


@pytest.mark.parametrize("force", [None, "force-7"])
def test_two_days_are_compared_in_one_reading_of_each(
    full: psycopg.Connection, force: str | None
) -> None:
    """It has to read all of both days, of one force only that force's, and never row by row."""
    views = AsOf(date(2020, 12, 1)), AsOf(TODAY, datetime(2022, 1, 1, tzinfo=UTC))
    given = parameters(*views, force, None, 20)
    for statement in (tallies(force), differences(force, None)):
        told = plan(full, statement, given)
        scans = re.findall(r"Scan (?:using \w+ )?on standing\b.*loops=(\d+)", told)
        assert scans == ["1", "1"], told
        if force:
            assert "standing_force" in told, told


@pytest.mark.parametrize("on", [None, date(2024, 12, 1)])
@pytest.mark.parametrize("force", [None, "force-7"])
def test_closures_are_counted_without_reading_what_is_open(
    full: psycopg.Connection, on: date | None, force: str | None
) -> None:
    given = closures.parameters(on or TODAY, None, force)
    told = plan(full, closures.statement(on, None, force), given)
    assert "standing_closed" in told, told


@pytest.mark.parametrize("force", [None, "force-7"])
def test_what_is_new_is_read_from_its_end(full: psycopg.Connection, force: str | None) -> None:
    given = {"force": force, "area": None, "limit": 20}
    told = plan(full, latest.statement(force, None), given)
    assert ("standing_now_force" if force else "standing_newest") in told, told
    assert not [scan for scan in NEVER_WHOLE if scan in told], told


STREAM = "SELECT * FROM ledger_events WHERE originator_id = %s ORDER BY originator_version"
SINCE = re.sub(r"\$[12]", "%s", queries._SINCE)
ONE_SINCE = re.sub(r"\$[12]", "%s", queries._ONE_SINCE)
BEHIND = """
    SELECT * FROM ledger_events WHERE notification_id > %s ORDER BY notification_id LIMIT 100
"""


@pytest.mark.parametrize(
    ("statement", "given", "index"),
    [
        (STREAM, [uuid4()], "pkey"),
        (SINCE, [[uuid4(), uuid4()], [3, 0]], "pkey"),
        (ONE_SINCE, [uuid4(), 3], "pkey"),
        (BEHIND, [20_000], "notification_id_idx"),
        ("SELECT max(notification_id) FROM ledger_events", [], "notification_id_idx"),
        ("SELECT * FROM ledger_events WHERE entry_id = ANY(%s)", [[uuid4()]], "entry_id_idx"),
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
