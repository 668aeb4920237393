"""The libpq connection: values arrive unchanged, and errors leave it usable."""

from collections.abc import Generator, Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest

from adapters.postgres.binary import bigint, dates, moments, on_day, texts, uuid, uuids
from adapters.postgres.connection import Cell, LibpqConnection, encode_row
from adapters.postgres.database import OWNER, Database
from adapters.postgres.query import Query

MOMENT = datetime(2026, 11, 23, 9, 30, 0, 123456, UTC)
DAYS = (date(2026, 11, 23), date(1999, 12, 31), date(1, 1, 1))


@pytest.fixture
def wire(make_database: Database) -> Generator[LibpqConnection]:
    with LibpqConnection.connect(make_database.conninfo(OWNER), autocommit=True) as opened:
        opened.execute("CREATE TEMP TABLE kept (a text, b uuid, c timestamptz, d bytea, e int)")
        yield opened


ROWS: list[tuple[Cell, ...]] = [
    ("tab\t, line\n, return\r, \\N, \\\\ and é𝄞", UUID(int=7), MOMENT, b"\x00\\\n\xff", 1),
    (None, None, None, None, None),
    ("", UUID(int=0), MOMENT, b"", -5),
]


def test_copied_rows_come_out_unchanged(wire: LibpqConnection) -> None:
    wire.copy_in("kept", ("a", "b", "c", "d", "e"), map(encode_row, ROWS * 100))
    assert wire.rows(Query("SELECT a, b, c, d, e FROM kept")) == ROWS * 100


def test_a_failed_copy_leaves_no_rows_and_can_be_repeated(
    wire: LibpqConnection,
) -> None:
    def broken() -> Iterator[str]:
        yield from map(encode_row, ROWS * 100)
        raise LookupError

    with pytest.raises(LookupError):
        wire.copy_in("kept", ("a", "b", "c", "d", "e"), broken())
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        wire.copy_in("kept", ("e",), ["no number"])
    with pytest.raises(psycopg.errors.UndefinedTable):
        wire.copy_in("missing", ("e",), ["1"])
    assert wire.rows(Query("SELECT count(*) FROM kept")) == [(0,)]


def test_parameters_arrive_as_sent(wire: LibpqConnection) -> None:
    sent = (uuid(UUID(int=3)), bigint(-(2**62)), on_day(DAYS[1]))
    assert wire.rows(Query("SELECT $1, $2, $3", sent)) == [(UUID(int=3), -(2**62), DAYS[1])]
    given = (uuids([UUID(int=1)]), dates(DAYS), moments([MOMENT]), texts(["a", None, ""]))
    assert wire.rows(Query("SELECT $1, $2, $3, $4", given)) == [
        ([UUID(int=1)], list(DAYS), [MOMENT], ["a", None, ""])
    ]


def test_queries_go_on_after_a_transaction_is_rolled_back(wire: LibpqConnection) -> None:
    count = Query("SELECT count(*) FROM kept")

    def given_up() -> None:
        with wire.transaction():
            wire.execute("SELECT 1", prepare=True)
            wire.copy_in("kept", ("e",), ["1"])
            assert wire.rows(count) == [(1,)]
            raise LookupError

    for _ in range(3):
        with pytest.raises(LookupError):
            given_up()
        assert wire.rows(count) == [(0,)]
    with wire.transaction():
        wire.copy_in("kept", ("e",), ["1"])
    assert wire.rows(count) == [(1,)]
