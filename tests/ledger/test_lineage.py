"""Lineages: the ledger notices that its database was put back, or that a copy took over."""

from typing import LiteralString

import msgspec
import psycopg
import pytest

from adapters.audit.export import export
from adapters.postgres.database import APP, OWNER, Database
from tests.conftest import connect_to
from tests.support.data.examples import issue, publish
from tests.support.served.serving import AUDITOR, Service

SERVERS = "SELECT server, ledger_server() FROM ledger_lineages ORDER BY number DESC LIMIT 1"


def test_a_copy_of_a_database_names_another_server_than_its_lineage(
    server: str, template: str, database: Database
) -> None:
    original = connect_to(server, template)
    for place in (original, database):
        with psycopg.connect(place.conninfo(APP)) as connection:
            ((recorded, here),) = connection.execute(SERVERS).fetchall()
        assert recorded == here
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        ((first, here),) = connection.execute(
            "SELECT server, ledger_server() FROM ledger_lineages WHERE number = 1"
        ).fetchall()
    assert first != here


def test_the_service_cannot_begin_a_lineage_or_change_one(database: Database) -> None:
    for statement in (
        "SELECT ledger_begin_lineage('by the service')",
        "INSERT INTO ledger_lineages SELECT * FROM ledger_lineages",
    ):
        with (
            psycopg.connect(database.conninfo(APP)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)
    with (
        psycopg.connect(database.conninfo(OWNER)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"),
    ):
        connection.execute("UPDATE ledger_lineages SET server = ledger_server()")


@pytest.mark.parametrize(
    ("doing", "slug"),
    [
        ("UPDATE ledger_lineages SET server = '1/00000001/1'", "restored"),
        ("SELECT setval('ledger_frozen_through', 4000000000000000)", "clock-wrong"),
    ],
)
def test_a_command_is_refused_over_http_in_words_until_an_operator_resumes(
    service: Service, make_database: Database, doing: LiteralString, slug: str
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger_lineages DISABLE TRIGGER append_only")
        connection.execute(doing)
        report = msgspec.to_builtins(publish(issue(), reference=f"kent-{slug}-2023"))
        answer = service.post("/v1/reports", report)
        assert (answer.status_code, answer.json()["type"]) == (503, f"/problems/{slug}")
        assert "Nothing was recorded." in answer.json()["detail"]
        assert "tracker resume" in answer.json()["detail"]
        connection.execute("SELECT ledger_begin_lineage('Tried.')")
        assert service.post("/v1/reports", report).status_code == 201


def test_the_service_is_not_ready_once_it_found_the_ledger_put_back(
    service: Service, make_database: Database
) -> None:
    report = msgspec.to_builtins(publish(issue(), reference="kent-back-2023"))
    assert service.post("/v1/reports", report).status_code == 201
    with psycopg.connect(make_database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger_events DISABLE TRIGGER append_only")
        connection.execute(
            "DELETE FROM ledger_events WHERE notification_id ="
            " (SELECT max(notification_id) FROM ledger_events)"
        )
        again = msgspec.to_builtins(publish(issue(), reference="kent-again-2023"))
        refused = service.post("/v1/reports", again)
        assert refused.status_code == 503
        ready = service.get("/health/ready")
        assert (ready.status_code, ready.json()["recording"]) == (503, False)
        assert refused.json()["detail"] in ready.json()["problems"]
        connection.execute("SELECT ledger_begin_lineage('Tried.')")
    assert service.post("/v1/reports", again).status_code == 201
    assert service.get("/health/ready").json()["recording"]


def test_a_page_of_the_ledger_and_an_export_name_the_present_lineage(
    service: Service, make_database: Database
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER), autocommit=True) as connection:
        ((begun,),) = connection.execute("SELECT ledger_begin_lineage('Tried.')").fetchall()
    assert service.get("/v1/ledger", AUDITOR).json()["lineage"] == str(begun)
    lines: list[bytes] = []
    export(make_database, lines.append, lambda _done, _of: None)
    assert msgspec.json.decode(lines[0])["lineage"] == str(begun)
