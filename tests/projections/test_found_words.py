"""The same words are found however they were typed or published, on every PostgreSQL."""

from collections.abc import Generator
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from msgspec.structs import replace
from psycopg.sql import SQL, Identifier, Literal

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.ledger.submission import Submission
from adapters.postgres.database import APP, OWNER
from adapters.postgres.migrate import migrate
from domain.commands.report import NoteArea
from domain.vocabulary.folding import folded
from domain.vocabulary.ids import report_id
from projections.read_models import READ_MODELS
from projections.register import listing
from projections.register.listing import RegisterFilter
from projections.register.same_text import streams_with
from projections.reports import listing as reports
from projections.reports.listing import ReportsFilter
from projections.runtime.supervisor import Supervisor
from projections.statements import listing as statements
from projections.statements.listing import StatementsFilter
from tests.conftest import connect_to
from tests.projections.test_projections import wait_until_level
from tests.support.data.examples import INSPECTOR, issue, publish

pytestmark = pytest.mark.slow

TEXT = (
    "Improve children’s homes – and “risk” assessments of multi‑agency work, and safe\u00adguarding"  # noqa: RUF001
    " in Ynys Môn."
)
TITLE = "Kent’s “Child” protection – post‑inspection review"  # noqa: RUF001
SHOWN = TEXT.replace("\u00ad", "")
LOCALES = (None, "C", "C.UTF-8")
"""None is the locale that the server's other databases have."""
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module", params=LOCALES)
def anywhere(server: str, request: pytest.FixtureRequest) -> Generator[Ledger]:
    """A ledger with a report on Kent, whose read models are in a database of some locale."""
    name = f"found_{uuid4().hex}"
    home = connect_to(server, "tracker" if "host=/" in server else "postgres")
    create = SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(Identifier(name))
    if request.param:
        create += SQL(" LOCALE_PROVIDER libc LOCALE {}").format(Literal(request.param))
    with psycopg.connect(home.conninfo(OWNER), autocommit=True) as connection:
        connection.execute(create)
    database = connect_to(server, name)
    migrate(database.conninfo(OWNER))
    texts = issue(text=TEXT), issue(ordinal=2, text="Train all staff.")
    report = replace(publish(*texts), title=TITLE)
    stream = report_id(report.reference)
    area = NoteArea(reference="a001", area="leadership", text=TEXT, source="It", on="2022-08-05")
    with (
        Ledger(environment(database.conninfo(APP), pool=2)) as ledger,
        Supervisor(database, READ_MODELS),
    ):
        ledger.submit([Submission(stream, report)], INSPECTOR)
        ledger.submit([Submission(stream, area)], INSPECTOR)
        wait_until_level(ledger)
        yield ledger


@pytest.mark.parametrize(
    "q",
    [
        "children",
        "childrens",
        "children's",
        "children’s homes",  # noqa: RUF001
        "CHILDREN`S",
        "risk",
        "“risk”",
        '"risk assessment"',
        "homes",
        "homes – and",  # noqa: RUF001
        "assess",
        "assessments",
        "multi agency",
        "multi-agency",
        "multi‐agency",  # noqa: RUF001
        "multiagency",
        "safeguarding",
        "safe guarding",
        "safe-guarding",
        "ynys mon",
        "Ynys Mo\u0302n",
        "improve\u00a0children",
        "home & risk",
        "children -train",
        "zebra or risk",
        TEXT,
    ],
)
def test_a_text_is_found_however_it_is_typed_on_every_postgresql(anywhere: Ledger, q: str) -> None:
    registered = anywhere.rows.read(lambda c: listing.page(c, RegisterFilter(q=q), TODAY))
    said = anywhere.rows.read(lambda c: statements.page(c, StatementsFilter(q=q), TODAY))
    assert [item.standing.text for item in registered.items] == [SHOWN]
    assert [item.said.text for item in said.items] == [SHOWN]


@pytest.mark.parametrize("q", ["zebra", "-children", '"homes children"', "the", "“”", "%", "mônk"])
def test_a_text_is_found_by_no_other_words(anywhere: Ledger, q: str) -> None:
    registered = anywhere.rows.read(lambda c: listing.page(c, RegisterFilter(q=q), TODAY))
    assert SHOWN not in [item.standing.text for item in registered.items]


@pytest.mark.parametrize(
    "q", ["kents", "“child” protection", "post inspection", "Kent Police", "2022", "ncpi review"]
)
def test_a_report_is_found_by_its_title_its_force_and_its_reference(
    anywhere: Ledger, q: str
) -> None:
    listed = anywhere.rows.read(lambda c: reports.page(c, ReportsFilter(q=q), TODAY))
    assert [item.listing.title for item in listed.items] == [TITLE]


def test_recommendations_of_the_same_text_are_found_by_it(anywhere: Ledger) -> None:
    assert len(anywhere.rows.read(lambda c: streams_with(c, SHOWN, 5))) == 1
    assert not anywhere.rows.read(lambda c: streams_with(c, folded(SHOWN), 5))


@settings(
    max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(q=some.text(some.sampled_from("ab or\"-&|!():*<>'\\ \u00a0“é"), max_size=30))
def test_postgresql_takes_every_question(anywhere: Ledger, q: str) -> None:
    anywhere.rows.read(lambda c: listing.page(c, RegisterFilter(q=q), TODAY))
