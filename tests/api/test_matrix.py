"""Permissions of every route and database role, compared with docs/permissions.md.

Fails on every route, role, table or function that is new or answers otherwise. After reviewing
the difference, `./run test tests/api/test_matrix.py --accept` writes the document again.
"""

import difflib
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from psycopg.rows import TupleRow
from psycopg.sql import Composed

from adapters.postgres.database import CHECKER, OWNER, PROJECTOR, Database
from projections.reporting import schema as reporting
from tests.projections.test_projections import eventually
from tests.support.matrices import database_matrix, route_matrix
from tests.support.served.serving import Service

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.md"
LEAST_TRIED = 200


@pytest.fixture(scope="module")
def accept(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("accept"))


def check(heading: str, measured: str, *, accept: bool) -> None:
    """The table under a heading of the document is what was measured."""
    text = DOCUMENT.read_text(encoding="utf-8")
    begin = text.index("\n|", text.index(f"## {heading}\n")) + 1
    end = text.find("\n\n", begin)
    end = len(text.rstrip("\n")) if end < 0 else end
    if accept:
        DOCUMENT.write_text(text[:begin] + measured + text[end:], encoding="utf-8")
    difference = difflib.unified_diff(
        text[begin:end].splitlines(),
        measured.splitlines(),
        "documented",
        "measured",
        lineterm="",
        n=0,
    )
    assert accept or text[begin:end] == measured, "\n".join(difference)


def test_every_route_answers_every_role_as_documented(
    service: Service, make_database: Database, *, accept: bool
) -> None:
    check("Routes", route_matrix.table(service, make_database), accept=accept)


@pytest.fixture(autouse=True, scope="module")
def views(service: Service, make_database: Database) -> None:  # noqa: ARG001  which keeps the lists
    """Make the views of the reporting schema, as the service does a moment later."""
    eventually(lambda: reporting.follow(make_database.conninfo(PROJECTOR)))


@pytest.mark.usefixtures("service")
def test_every_database_role_has_the_privileges_documented(
    make_database: Database, *, accept: bool
) -> None:
    measured = database_matrix.table(make_database)
    check("The database", measured, accept=accept)


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("role", [role for role in database_matrix.ROLES if role != OWNER])
def test_the_database_refuses_what_a_role_has_no_privilege_for(
    make_database: Database, role: str
) -> None:
    tried = list(database_matrix.privileges(make_database, role))
    with psycopg.connect(make_database.conninfo(role)) as connection:
        connection.read_only = False  # which anybody may say; the wall is the privilege
        wrong = [
            statement.as_string()
            for statement, may in tried
            if _is_refused(connection, statement) is may
        ]
    assert (wrong, len(tried) > LEAST_TRIED) == ([], True)


def _is_refused(connection: psycopg.Connection[TupleRow], statement: Composed) -> bool:
    """Try it, and take it back."""
    try:
        connection.execute(statement)
    except InsufficientPrivilege:
        return True
    except psycopg.Error:
        return False
    finally:
        connection.rollback()
    return False


@pytest.mark.usefixtures("service")
def test_views_run_as_their_caller_and_functions_set_their_search_path(
    make_database: Database,
) -> None:
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        assert connection.execute(database_matrix.OPEN).fetchall() == []


def test_the_connection_of_a_reading_role_is_read_only(make_database: Database) -> None:
    with psycopg.connect(make_database.conninfo(CHECKER)) as connection:
        found = connection.execute("SHOW default_transaction_read_only").fetchone()
    assert found == ("on",)
