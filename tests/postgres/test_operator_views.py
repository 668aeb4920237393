"""The views for operators: true counts and ages, and no text."""

from collections.abc import Generator
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from adapters.ledger.ledger import Ledger
from adapters.postgres.database import OPERATOR, OWNER, Database
from domain.commands.recommendation import Comment
from projections.read_models import READ_MODELS
from projections.runtime.rebuild import build_missing
from tests.support.data.examples import published, submit

WORDS = {"name", "version", "table_schema", "table_name", "role", "way", "application_name",
         "state", "kind", "waiting_application"}  # fmt: skip
"""The columns of text: names that the program gives."""


@pytest.fixture
def operator(database: Database) -> Generator[psycopg.Connection[TupleRow]]:
    with psycopg.connect(database.conninfo(OPERATOR), autocommit=True) as connection:
        yield connection


def views(operator: psycopg.Connection[TupleRow]) -> list[str]:
    rows = operator.execute(
        "SELECT viewname FROM pg_views WHERE schemaname = 'operator' ORDER BY 1"
    ).fetchall()
    return [row[0] for row in rows]


def test_operators_can_read_each_of_their_views(operator: psycopg.Connection[TupleRow]) -> None:
    assert views(operator)
    for view in views(operator):
        operator.execute(SQL("SELECT * FROM operator.{}").format(Identifier(view)))


def test_operators_can_read_nothing_that_anybody_wrote(
    ledger: Ledger, operator: psycopg.Connection[TupleRow]
) -> None:
    canary = f"canary {uuid4()}"
    recommendation = published(ledger)
    submit(ledger, recommendation, Comment(comment=canary))
    for view in views(operator):
        cursor = operator.execute(SQL("SELECT * FROM operator.{}").format(Identifier(view)))
        columns = {column.name for column in cursor.description or () if column.type_code == 25}
        assert columns <= WORDS, view
        assert canary not in str(cursor.fetchall())
    for column in ("state", "metadata", "topic"):
        query = SQL("SELECT {} FROM ledger_events").format(Identifier(column))
        with pytest.raises(InsufficientPrivilege):
            operator.execute(query)
    for table in ("ledger_notes", "people", "documents"):
        with pytest.raises(InsufficientPrivilege):
            operator.execute(SQL("SELECT * FROM {}").format(Identifier(table)))


def test_operators_see_how_far_each_read_model_has_come(
    database: Database, ledger: Ledger, operator: psycopg.Connection[TupleRow]
) -> None:
    published(ledger)
    built = ledger.head()
    build_missing(database, READ_MODELS, lambda _done, _of: None)
    published(ledger, reference="later-1")
    rows = operator.execute(
        "SELECT name, position, lag, waiting FROM operator.read_models"
    ).fetchall()
    assert {row[0] for row in rows} == {model.schema for model in READ_MODELS}
    lag = ledger.head() - built
    assert lag > 0
    assert all(row[1:3] == (built, lag) and row[3].total_seconds() >= 0 for row in rows)


def test_operators_see_the_head_of_the_ledger_and_its_age(
    database: Database, ledger: Ledger, operator: psycopg.Connection[TupleRow]
) -> None:
    assert operator.execute("SELECT * FROM operator.ledger").fetchall() == []
    published(ledger)
    rows = operator.execute(
        "SELECT head, clock_timestamp() - last_entry_at < interval '1 minute' FROM operator.ledger"
    ).fetchall()
    assert rows == [(ledger.head(), True)]
    with psycopg.connect(database.conninfo(OWNER)) as owner:
        bytes_ = owner.execute("SELECT pg_total_relation_size('ledger_events')").fetchone()
    sizes = operator.execute(
        "SELECT bytes FROM operator.sizes WHERE table_name = 'ledger_events'"
    ).fetchone()
    assert sizes == bytes_
