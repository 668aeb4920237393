"""The views for tools that read by SQL: what the JSON API shows, as each audience sees it."""

import csv
import io
import subprocess
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import date
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, ClassVar, LiteralString, cast
from uuid import uuid4

import duckdb
import psycopg
import pytest
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import Error, InsufficientPrivilege
from psycopg.rows import dict_row

from adapters.clock import now
from adapters.postgres.database import OWNER, PROJECTOR, Database
from adapters.postgres.upkeep.bi_logins import Audience, make_login, remove_login
from domain.vocabulary.actors import Actor
from domain.vocabulary.forces import is_training
from projections.read_models import READ_MODELS
from projections.register.model import Register
from projections.reporting import schema
from projections.reporting.views import VIEWS
from projections.reports.model import Reports
from projections.runtime.rebuild import build_missing, rebuild
from projections.runtime.schemas import try_lock
from projections.worklist.model import Worklist
from tests.projections.test_projections import eventually
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, issue
from tests.support.data.paged import live
from tests.support.served.serving import Served, Service, command, published

pytestmark = pytest.mark.slow

BEFORE = "2024-03-31"
"""A day long before today, on which much of the corpus was published."""
READERS: dict[Audience, Actor | None] = {
    Audience.PUBLIC: None,
    Audience.FORCE: KENT,
    Audience.INSPECTORATE: INSPECTOR,
}
"""Who sees by the API what an audience sees by SQL."""
SCANNER = next(
    Path(str(distribution("duckdb-extension-postgres-scanner").locate_file("."))).glob(
        "duckdb_extension_postgres_scanner/**/*.duckdb_extension"
    )
)

adbc: Any = import_module("adbc_driver_postgresql.dbapi")  # it has no types

Row = dict[str, Any]
Read = Callable[[str, str], list[Row]]


class World(Struct):
    """A service with the corpus, training, and work of two forces; and a login of each audience."""

    service: Service
    database: Database
    logins: Mapping[Audience, str]
    between: str
    """A moment after the corpus was imported, and before anything was recorded by hand."""

    def rows(self, audience: Audience, sql: str) -> list[Row]:
        """Return the rows of a query as a login of an audience."""
        return by_psycopg(self.logins[audience], sql)


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


@pytest.fixture(scope="module")
def world(service: Service, make_database: Database) -> Generator[World]:
    between = now()
    live(service)
    for actor, force in ((KENT, "kent"), (ESSEX, "essex")):
        issues = [issue(force, ordinal=1), issue(force, ordinal=2, time_limit="immediate")]
        made = published(service, f"{force}-by-sql-2022", *issues, force=force)
        stream = made.recommendations[0]
        assert command(
            service, stream, actor, "receive_action_plan", answer="act", content="Secret."
        ).is_success
        answer = command(
            service, stream, INSPECTOR, "review_action_plan", outcome="changes_requested",
            remarks="Private.",
        )  # fmt: skip
        assert answer.is_success, answer.text
    answer = command(service, published(service, "kent-2023").recommendations[0], KENT, "comment",
        comment="Private.")  # fmt: skip
    position = answer.json()["position"]
    for path in (
        "recommendations",
        "progress",
        "worklist",
        "reports",
        "statements",
        "published-steps.csv",
    ):
        reached = service.get(f"/v1/{path}", INSPECTOR, params={"position": str(position)})
        assert reached.is_success, reached.text
    eventually(lambda: schema.follow(make_database.conninfo(PROJECTOR)))
    owner = make_database.conninfo(OWNER)
    logins: dict[Audience, str] = {}
    for audience in Audience:
        name = f"{audience}_{uuid4().hex[:12]}"
        password = make_login(owner, name, audience, "kent" if audience == "force" else None)
        logins[audience] = address(make_database, name, password)
    yield World(service, make_database, logins, between.isoformat())
    for login in logins.values():
        assert remove_login(owner, str(conninfo_to_dict(login)["user"]))


def address(database: Database, login: str, password: str) -> str:
    """Return the address by which a tool connects: nothing of the service's own settings."""
    parts = conninfo_to_dict(database.url)
    kept = {name: parts[name] for name in ("host", "port", "dbname") if parts.get(name)}
    return make_conninfo("", **kept, user=login, password=password)


def by_psycopg(login: str, sql: str) -> list[Row]:
    with psycopg.connect(login) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.encode()).fetchall()


def by_psql(login: str, sql: str) -> list[Row]:
    told = subprocess.run(  # noqa: S603  our words
        ["/usr/bin/psql", "-X", "--csv", "-c", sql, login], check=True, capture_output=True
    )
    rows = csv.DictReader(io.StringIO(told.stdout.decode()))
    return [{name: text or None for name, text in row.items()} for row in rows]


def by_duckdb(login: str, sql: str) -> list[Row]:
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute(f"LOAD '{SCANNER}'")
        connection.execute(f"ATTACH '{login}' AS tracker (TYPE postgres, READ_ONLY)")
        if sql.startswith("TABLE "):
            answer = connection.execute(f"FROM tracker.{sql.removeprefix('TABLE ')}")
        else:
            quoted = sql.replace("'", "''")
            answer = connection.execute(f"FROM postgres_query('tracker', '{quoted}')")
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def by_adbc(login: str, sql: str) -> list[Row]:
    with adbc.connect(login) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[Row] = cursor.fetch_arrow_table().to_pylist()
        return rows


WAYS: dict[str, Read] = {
    "psycopg": by_psycopg, "psql": by_psql, "duckdb": by_duckdb, "adbc": by_adbc
}  # fmt: skip


def counts_of(row: Row) -> dict[str, float | None]:
    """Return the counts of a row of SQL, whatever type a reader gave them."""
    left_out = {"force", "force_name", "ons_code", "as_of_position", "month", "counted_on"}
    return {
        name: None if value is None else float(value)
        for name, value in row.items()
        if name not in left_out
    }


def counts_by_api(counts: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the counts of the API, by the names of the views."""
    flat: dict[str, float | None] = {}
    prefixes = {"kinds": "kind", "stages": "stage", "closed": "closed", "slipped": "slip"}
    for name, value in counts.items():
        if isinstance(value, dict):
            many = cast("dict[str, float | None]", value)
            prefix = prefixes.get(name, "finding")
            flat |= {
                f"{prefix}_{code}": None if number is None else float(number)
                for code, number in many.items()
            }
        else:
            flat[name] = None if value is None else float(value)
    return flat


def moments(world: World) -> Iterator[tuple[dict[str, str], str]]:
    """Yield parameters of the API, and the arguments of a function that ask the same."""
    today = date.today().isoformat()  # noqa: DTZ011  the tests run within one day
    for on in (BEFORE, today):
        yield {"on": on, "known_at": world.between}, f"'{on}', '{world.between}'"
        yield {"on": on}, f"'{on}'"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("audience", list(Audience))
def test_every_audience_reads_the_progress_of_the_api_by_every_tool(
    world: World, audience: Audience, way: str
) -> None:
    read, login = WAYS[way], world.logins[audience]
    for params, arguments in moments(world):
        answer = world.service.get("/v1/progress", READERS[audience], params=params)
        assert answer.is_success, answer.text
        body = answer.json()
        (together,) = read(login, f"SELECT * FROM reporting.progress_as_at_v1({arguments})")
        assert counts_of(together) == counts_by_api(body["national"])
        assert int(together["as_of_position"]) == body["position"]
        rows = read(login, f"SELECT * FROM reporting.progress_by_force_as_at_v1({arguments})")
        by_force = {row["force"]: counts_of(row) for row in rows}
        assert by_force == {force: counts_by_api(of) for force, of in body["forces"].items()}
    (now_,) = read(login, "TABLE reporting.progress_v1")
    assert counts_of(now_) == counts_by_api(
        world.service.get("/v1/progress", READERS[audience]).json()["national"]
    )
    assert now_["total"] not in {0, "0"}


@pytest.mark.parametrize("force", ["essex", "kent"])
def test_the_months_of_a_force_are_those_of_the_api(world: World, force: str) -> None:
    for params, arguments in moments(world):
        answer = world.service.get(f"/v1/progress/{force}", params=params)
        rows = world.rows(
            Audience.PUBLIC,
            f"SELECT * FROM reporting.progress_by_month_as_at_v1({arguments})"
            f" WHERE force = '{force}' ORDER BY month",
        )
        shown = [{"month": f"{row['month']:%Y-%m}", **counts_of(row)} for row in rows]
        assert shown[-240:] == answer.json()["series"]


def listed(world: World, path: str, params: Mapping[str, str], actor: Actor | None) -> list[Row]:
    """Return every item of a list of the API."""
    items: list[Row] = []
    link: str | None = path
    query: Mapping[str, str] | None = {**params, "limit": "500"}
    while link:
        answer = world.service.get(link, actor, params=query)
        assert answer.is_success, answer.text
        body = answer.json()
        items += body["items"]
        link, query = body["next"], None
    return items


SAME_NAMES = ("reference", "force", "kind", "area", "topic", "text", "wording", "time_limit",
    "issued_on", "stage", "stage_since", "plan", "claimed_on", "follow_up", "finding", "section_55",
    "assurance", "closed_on", "closed_reason", "taken_over_on", "register_id", "ordinal",
    "cause", "confidence", "source", "reopenings", "withdrawals", "time_limit_changes",
    "closed_without_evidence", "disputed")  # fmt: skip


@pytest.mark.parametrize("audience", list(Audience))
def test_every_audience_reads_the_recommendations_of_the_api(
    world: World, audience: Audience
) -> None:
    rows: list[Row] = []
    for params, arguments in moments(world):
        items = listed(world, "/v1/recommendations", params, READERS[audience])
        rows = world.rows(audience, f"SELECT * FROM reporting.recommendation_as_at_v1({arguments})")
        assert {
            str(row["id"]): [row[name] for name in (*SAME_NAMES, "overdue")] for row in rows
        } == {
            item["id"]: [*(item["standing"][name] for name in SAME_NAMES), item["overdue"]]
            for item in items
        }
    assert any(row["overdue"] for row in rows)
    assert all(row["stage_words"] and row["force_name"] for row in rows)


def test_reports_and_statements_are_those_of_the_api(world: World) -> None:
    names = {
        "title", "confidence", "source", "fieldwork_from", "fieldwork_to", "cases_examined",
        "cases_inadequate", "grade_leadership", "grade_investigation",
    }  # fmt: skip
    filled: set[str] = set()
    for params, arguments in moments(world):
        reports = listed(world, "/v1/reports", params, None)
        rows = world.rows(Audience.PUBLIC, f"SELECT * FROM reporting.report_as_at_v1({arguments})")
        assert {str(row["id"]): {name: row[name] for name in names} for row in rows} == {
            item["id"]: {name: item["listing"][name] for name in names} for item in reports
        }
        filled |= {name for row in rows for name in names if row[name] is not None}
        said = listed(world, "/v1/statements", params, None)
        rows = world.rows(
            Audience.PUBLIC, f"SELECT * FROM reporting.statement_as_at_v1({arguments})"
        )
        assert {(str(row["id"]), row["step"], row["text"]) for row in rows} == {
            (item["id"], item["said"]["step"], item["said"]["text"]) for item in said
        }
        assert rows
    assert filled == names


def test_overdue_deadlines_are_those_that_the_progress_counts(world: World) -> None:
    rows: list[Row] = []
    for _, arguments in moments(world):
        rows = world.rows(
            Audience.PUBLIC,
            "SELECT count(*) FILTER (WHERE clock = 'time_limit' AND state = 'overdue') AS overdue,"
            " count(*) FILTER (WHERE clock = 'action_plan' AND state = 'overdue') AS plan_overdue"
            f" FROM reporting.clock_as_at_v1({arguments})",
        )
        assert rows == world.rows(
            Audience.PUBLIC,
            "SELECT coalesce(overdue, 0) AS overdue, coalesce(plan_overdue, 0) AS plan_overdue"
            f" FROM reporting.progress_as_at_v1({arguments})",
        )
    assert rows[0]["overdue"] > 0
    assert rows[0]["plan_overdue"] > 0


def test_the_inspectorate_reads_its_worklist(world: World) -> None:
    items = listed(world, "/v1/worklist", {}, INSPECTOR)
    rows = world.rows(Audience.INSPECTORATE, "SELECT * FROM reporting.work_v1")
    assert sorted((str(row["recommendation_id"]), row["work"], row["clock"]) for row in rows) == (
        sorted((item["id"], item["work"], item["clock"]) for item in items)
    )
    assert {row["force"] for row in rows} >= {"kent", "essex"}


def test_a_force_reads_what_waits_for_it_and_nothing_that_waits_for_others(world: World) -> None:
    rows = world.rows(Audience.FORCE, "SELECT * FROM reporting.work_v1")
    assert {row["force"] for row in rows} == {"kent"}
    assert {row["next_by"] for row in rows} == {"force"}
    assert {row["work"] for row in rows} >= {"revise_plan", "await_update"}
    with pytest.raises(InsufficientPrivilege):
        world.rows(Audience.PUBLIC, "SELECT * FROM reporting.work_v1")


def test_a_view_that_reads_with_its_owners_rights_would_leak(world: World) -> None:
    plain, careful = "reporting.plain", "reporting.careful WITH (security_invoker)"
    with psycopg.connect(world.database.conninfo(PROJECTOR), autocommit=True) as projector:
        for view in (plain, careful):
            query = f"SELECT reference, force, work FROM {table_of_work()}"
            projector.execute(f"CREATE VIEW {view} AS {query}".encode())
        projector.execute("GRANT SELECT ON reporting.plain, reporting.careful TO tracker_bi_force")
        query_of = "SELECT DISTINCT force FROM reporting.{} WHERE work = 'revise_plan'"
        leaked = world.rows(Audience.FORCE, query_of.format("plain"))
        kept = world.rows(Audience.FORCE, query_of.format("careful"))
        projector.execute("DROP VIEW reporting.plain, reporting.careful")
    assert {row["force"] for row in leaked} > {"essex", "kent"}
    assert {row["force"] for row in kept} == {"kent"}


def table_of_work() -> str:
    return f"{Worklist.schema}.item"


FORBIDDEN = (
    "TABLE ledger_events", "TABLE public.ledger", "TABLE public.ledger_notes",
    "TABLE public.bi_logins", "TABLE public.people", "TABLE public.documents",
    "TABLE {register}.{register}_tracking", "SELECT assignee FROM {worklist}.item",
    "SELECT public.ledger_frozen()", "TABLE operator.ledger", "TABLE {reports}.addressed",
    "CREATE TABLE reporting.mine (a integer)", "CREATE TABLE public.mine (a integer)",
    "CREATE SCHEMA mine", "CREATE TEMPORARY TABLE mine (a integer)",
    "DELETE FROM {worklist}.item", "UPDATE {register}.standing SET force = 'kent'",
    "INSERT INTO public.bi_logins VALUES (current_user, 'essex')",
    "DROP VIEW reporting.work_v1", "ALTER TABLE {worklist}.item DISABLE ROW LEVEL SECURITY",
    "SET ROLE tracker_app", "SET ROLE tracker_reader", "SET ROLE tracker_projector",
    "SET SESSION AUTHORIZATION tracker_reader", "GRANT tracker_bi_inspectorate TO current_user",
    "ALTER ROLE current_user CONNECTION LIMIT 100",
    "COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('/etc/passwd')",
)  # fmt: skip
"""Whatever nobody may do who reads by SQL, even after lifting the settings of the login."""


@pytest.mark.parametrize("audience", list(Audience))
def test_no_audience_can_write_or_read_anything_else(world: World, audience: Audience) -> None:
    schemas = {model.name: model.schema for model in READ_MODELS}
    done: list[str] = []
    with psycopg.connect(world.logins[audience], autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        for statement in FORBIDDEN:
            try:
                connection.execute(statement.format(**schemas).encode())
            except Error:
                continue
            done.append(statement)
    assert done == []


SETTINGS = ("row_security = off", "tracker.force = 'essex'", "search_path = pg_temp",
    "role = 'tracker_bi_inspectorate'", "role = 'tracker_bi_force'")  # fmt: skip


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_force_cannot_set_its_way_to_the_work_of_another(world: World, setting: str) -> None:
    with psycopg.connect(world.logins[Audience.FORCE], autocommit=True) as connection:
        try:
            connection.execute(f"SET {setting}".encode())
            query = f"SELECT DISTINCT force FROM {table_of_work()} WHERE work = 'revise_plan'"
            forces = connection.execute(query.encode()).fetchall()
        except Error:
            return
    assert forces == [("kent",)]


def test_training_is_in_no_view_and_no_table_that_an_audience_reads(world: World) -> None:
    for audience in Audience:
        for view in made(world):
            if view.startswith("work_") and audience is Audience.PUBLIC:
                continue
            rows = world.rows(audience, f"TABLE reporting.{view}")
            assert not [row for row in rows if is_training(str(row.get("force")))], view
    texts = world.rows(Audience.PUBLIC, f"SELECT text FROM {Register.schema}.wording")
    with psycopg.connect(world.database.conninfo(OWNER)) as owner:
        query = f"SELECT text FROM {Register.schema}.wording"
        every = owner.execute(query.encode()).fetchall()
    assert 0 < len(texts) < len(every)


def made(world: World) -> list[str]:
    """Return the names of the views in the database."""
    with psycopg.connect(world.database.conninfo(OWNER)) as owner:
        rows = owner.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'reporting'::regnamespace"
            " AND relkind IN ('v', 'r', 'm') ORDER BY 1"
        ).fetchall()
    return [name for (name,) in rows]


def test_every_view_reads_with_its_callers_rights_and_every_column_has_a_comment(
    world: World,
) -> None:
    assert made(world) == sorted(view.name for of in VIEWS for view in of.made)
    with psycopg.connect(world.database.conninfo(OWNER)) as owner:
        rows = owner.execute(
            "SELECT c.relname, c.reloptions, obj_description(c.oid, 'pg_class'),"
            " array_agg(a.attname) FILTER (WHERE col_description(c.oid, a.attnum) IS NULL)"
            " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
            " WHERE c.relnamespace = 'reporting'::regnamespace GROUP BY c.oid"
        ).fetchall()
        bare = owner.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'reporting'::regnamespace"
            " AND (obj_description(oid, 'pg_proc') IS NULL"
            " OR has_function_privilege('public', oid, 'EXECUTE')"
            " OR (prosecdef AND NOT coalesce(proconfig::text LIKE '%search_path=%', false)))"
        ).fetchall()
    assert [row for row in rows if row[1] != ["security_invoker=true"]] == []
    assert [row for row in rows if not row[2] or row[3]] == []
    assert bare == []


def test_the_catalogue_lists_what_an_audience_may_read(world: World) -> None:
    views = {
        audience: {row["view"] for row in world.rows(audience, "TABLE reporting.catalogue_v1")}
        for audience in Audience
    }
    assert views[Audience.FORCE] == views[Audience.INSPECTORATE] == {*made(world)}
    assert views[Audience.PUBLIC] == {*made(world)} - {"work_v1"}


def test_a_login_reads_only_and_not_for_long_and_not_too_often(world: World) -> None:
    login = world.logins[Audience.PUBLIC]
    settings = [
        by_psycopg(login, f"SHOW {name}")[0][name]
        for name in ("default_transaction_read_only", "statement_timeout", "search_path")
    ]
    assert settings == ["on", "30s", "reporting"]
    opened = [psycopg.connect(login) for _ in range(5)]
    with pytest.raises(psycopg.OperationalError, match="too many connections"):
        psycopg.connect(login)
    for connection in opened:
        connection.close()


def test_what_is_not_published_moves_no_position_of_the_public(world: World) -> None:
    (public,) = world.rows(
        Audience.PUBLIC, "SELECT * FROM reporting.as_of_v1 WHERE list = 'register'"
    )
    (signed_in,) = world.rows(
        Audience.FORCE, "SELECT * FROM reporting.as_of_v1 WHERE list = 'register'"
    )
    assert public["as_of_position"] < signed_in["as_of_position"]
    assert public["recorded_at"] < signed_in["recorded_at"]


class LaterReports(Reports):
    """The read model as a later release has it."""

    version: ClassVar[LiteralString] = "1001"


def sources(database: Database) -> str:
    with psycopg.connect(database.conninfo(OWNER)) as owner:
        row = owner.execute("SELECT reporting.sources()").fetchone()
    return str(row[0]) if row else ""


def test_the_views_survive_a_rebuild_and_follow_the_version_that_is_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    projector = database.conninfo(PROJECTOR)
    assert not schema.follow(projector)
    build_missing(database, READ_MODELS, lambda _done, _of: None)
    assert schema.follow(projector)
    before = sources(database)
    rebuild(database, Reports, on_progress=lambda _done, _of: None)
    with psycopg.connect(database.conninfo(OWNER)) as owner:
        owner.execute("TABLE reporting.report_v1")
    build_missing(database, [LaterReports], lambda _done, _of: None)
    later = before.replace(Reports.schema, LaterReports.schema)
    script = schema.SCRIPT.replace(Reports.schema, LaterReports.schema)
    with monkeypatch.context() as release:
        release.setattr(schema, "SCRIPT", script)
        release.setattr(schema, "SOURCES", later)
        assert schema.follow(projector)
    assert sources(database) == later
    with psycopg.connect(projector, autocommit=True) as keeper:
        assert try_lock(keeper, LaterReports.schema)
        assert schema.follow(projector)
        assert sources(database) == later
    eventually(lambda: schema.follow(projector) and sources(database) == before)


def test_views_whose_columns_change_are_made_again(database: Database) -> None:
    projector = database.conninfo(PROJECTOR)
    build_missing(database, READ_MODELS, lambda _done, _of: None)
    assert schema.follow(projector)
    query = b"SELECT count(*) FROM reporting.catalogue_v1 WHERE view = 'report_v1'"
    with psycopg.connect(projector, autocommit=True) as former:
        now_made = former.execute(query).fetchone()
        former.execute("DROP VIEW reporting.report_v1; DROP FUNCTION reporting.report_as_at_v1")
        former.execute(
            "CREATE FUNCTION reporting.report_as_at_v1(on_day date DEFAULT NULL,"
            " known_at timestamptz DEFAULT NULL) RETURNS TABLE (id uuid) LANGUAGE sql STABLE"
            " AS 'SELECT NULL::uuid'; CREATE VIEW reporting.report_v1 AS SELECT id"
            " FROM reporting.report_as_at_v1(); CREATE OR REPLACE FUNCTION reporting.sources()"
            " RETURNS text LANGUAGE sql AS $$ SELECT '1 reports_1' $$"
        )
        assert schema.follow(projector)
        assert former.execute(query).fetchone() == now_made


COLUMNS = Path(__file__).parents[2] / "docs" / "bi-columns.md"


def documented() -> str:
    """Return the page that describes every view and column."""
    lines = [
        "# Views and columns for SQL",
        "",
        "Made from the comments on the views. How to read them is in [bi.md](bi.md).",
    ]
    for view in (view for of in VIEWS for view in of.made):
        lines += [
            "",
            f"## {view.name}",
            "",
            view.comment,
            "",
            "| column | type | holds |",
            "|---|---|---|",
        ]
        lines += [f"| `{each.name}` | {each.type} | {each.comment} |" for each in view.columns]
    return "\n".join(lines) + "\n"


def test_the_documents_describe_every_view_and_column(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("accept"):
        COLUMNS.write_text(documented(), "utf-8")
    assert COLUMNS.read_text("utf-8") == documented()
