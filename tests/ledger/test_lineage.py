"""Lineages: the ledger notices that its database was put back, or that a copy took over."""

import psycopg
import pytest

from adapters.postgres.database import APP, OWNER, Database
from tests.conftest import connect_to

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
