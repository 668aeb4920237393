"""Views that the projector plants in place of tables gain nothing: readers hold no other right."""

from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

import api
from adapters.postgres.database import PROJECTOR, Database
from projections.read_models import READ_MODELS
from tests.support.data.examples import INSPECTOR, KENT
from tests.support.served.browser import Browser
from tests.support.served.serving import AUDITOR, command, published, serving

STEAL = """
    CREATE SCHEMA planted;
    GRANT USAGE ON SCHEMA planted TO PUBLIC;
    CREATE FUNCTION planted.steal() RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE
        loot text;
    BEGIN
        BEGIN
            SELECT note INTO loot FROM public.ledger_notes LIMIT 1;
        EXCEPTION WHEN OTHERS THEN
            loot := 'refused';
        END;
        PERFORM pg_notify('loot', current_user || ': ' || loot);
        RETURN true;
    END $$;
"""
TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspowner = 'tracker_projector'::regrole
"""
PLANT = """
    ALTER TABLE {schema}.{table} RENAME TO {moved};
    CREATE VIEW {schema}.{table} AS
        SELECT *, tableoid FROM {schema}.{moved} WHERE planted.steal();
"""
PATHS = (
    "/", "/areas", "/charts/ages.svg", "/charts/areas.svg", "/charts/flow.svg",
    "/charts/forces.svg", "/charts/forces-months.svg", "/charts/months.svg", "/charts/stages.svg",
    "/compare", "/feeds/recommendations.atom", "/feeds/reports.atom", "/forces", "/forces/kent",
    "/health/ready", "/progress", "/recommendations", "/reports", "/restatement", "/search?q=child",
    "/slippage", "/statements", "/training", "/v1/areas", "/v1/compare", "/v1/progress",
    "/v1/progress/kent", "/v1/recommendations", "/v1/recommendations?position=1", "/v1/reports",
    "/v1/restatement", "/v1/slippage", "/v1/statements", "/v1/worklist", "/work",
)  # fmt: skip


@pytest.mark.slow
def test_a_view_in_place_of_a_table_reads_no_note(database: Database) -> None:
    with serving(database) as service:
        stream = published(service, "kent-planted-2022").recommendations[0]
        assert command(service, stream, KENT, "comment", comment="Private.").status_code == 201
    with (
        psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as projector,
        serving(database, keep=False) as service,
    ):
        projector.execute(STEAL.encode())
        tables = projector.execute(TABLES.encode()).fetchall()
        assert {schema for schema, _ in tables} >= {model.schema for model in READ_MODELS}
        for schema, table in tables:
            names = {
                "schema": Identifier(schema),
                "table": Identifier(table),
                "moved": Identifier(f"{table}_moved"),
            }
            projector.execute(SQL(PLANT).format(**names))
        projector.execute("LISTEN loot")
        statuses = {path: service.get(path, AUDITOR).status_code for path in PATHS}
        statuses["as a person"] = (
            Browser(service).sign_in(database, INSPECTOR).get("/work").status_code
        )
        loot = {note.payload for note in projector.notifies(timeout=1)}
    assert loot == {"tracker_reader: refused"}, statuses
    assert set(statuses.values()) <= {200, 400, 503}, statuses


def test_no_handler_reads_a_read_model_as_the_role_that_appends() -> None:
    folder = Path(api.__file__).parent
    for file in folder.rglob("*.py"):
        text = file.read_text("utf-8")
        assert "ledger.rows.read(" not in text, f"{file.name}: read lists by services(…).lists"
        assert "ledger.run(tracked" not in text, f"{file.name}: ask services(…).positions"
