"""The published steps of all recommendations: in files, in the data set, by OData, all the same."""

import re
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import duckdb
import msgspec
import psycopg
import pytest

from adapters.postgres.database import PROJECTOR, Database
from api.pages.rendering.timeline import published_words
from api.v1.odata.entity_sets import ENTITY_SETS
from domain.events.event import Event
from domain.events.recommendation import RecommendationEvent
from domain.recommendation.published_steps import is_published, result_of, tag_of_step
from domain.vocabulary.words import RESULTS
from projections.statements.steps import Steps
from tests.domain.test_records import BARE, FULL
from tests.support.data.examples import ESSEX, INSPECTOR
from tests.support.data.paged import live
from tests.support.data.tables import Rows, read_csv, read_lines
from tests.support.served.serving import Served, Service, command, published

pytestmark = pytest.mark.slow

Row = dict[str, Any]
FILE = "/v1/published-steps"


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


@pytest.fixture(scope="module")
def lived(service: Service) -> Service:
    """A service with the corpus, training, a life by hand, and private steps beside it."""
    stream = live(service).recommendations[0]
    private = {"comment": f"Between us {uuid4()}."}
    answer = command(service, stream, ESSEX, "comment", **private)
    settled(service, answer.json()["position"])
    return service


def settled(service: Service, position: int) -> None:
    """Wait until the steps have come to a position."""
    reached = service.get(f"{FILE}.csv?position={position}", INSPECTOR)
    assert reached.is_success, reached.text


def saved(service: Service, query: str = "") -> Rows:
    """Return the rows of the file, as the public has it."""
    answer = service.client.get(f"{FILE}.ndjson?{query}")
    assert answer.status_code == 200, answer.text
    return read_lines(answer.content)


def by_odata(service: Service, **params: str) -> list[Row]:
    """Return the rows of the entity set, of all its pages."""
    answer = service.client.get("/odata/v4/steps", params=params)
    rows: list[Row] = []
    while True:
        assert answer.status_code == 200, answer.text
        body = answer.json()
        rows += body["value"]
        link = body.get("@odata.nextLink")
        if link is None:
            return rows
        answer = service.client.get(link)


def streams(service: Service, query: str) -> list[str]:
    ids: list[str] = []
    link: str | None = f"/v1/recommendations?limit=500&{query}"
    while link:
        body = service.get(link).json()
        ids += [item["id"] for item in body["items"]]
        link = body["next"]
    return ids


def events() -> list[Event]:
    """Return an event of every kind of a recommendation, with all fields and with few."""
    every = [msgspec.json.decode(line, type=Event) for line in (*FULL, *BARE)]
    return [event for event in every if isinstance(event, get_args(RecommendationEvent))]


def test_a_step_is_published_exactly_if_it_is_on_the_public_timeline() -> None:
    assert {type(event) for event in events()} >= {*get_args(RecommendationEvent)}
    for event in events():
        assert is_published(event) == (published_words(event) is not None), event
        if code := result_of(event):
            assert code in RESULTS.get(tag_of_step(event), {code}), event


@pytest.mark.parametrize("query", ["force=essex", "training=true", "training=true&on=2025-06-30"])
def test_the_steps_are_those_of_the_histories_of_published_recommendations(
    lived: Service, query: str
) -> None:
    rows = saved(lived, query)
    ids = streams(lived, query)
    assert {row["id"] for row in rows} == {*ids}
    assert len(rows) > len(ids)
    on = query.partition("&")[2]
    for stream in ids:
        steps = [row for row in rows if row["id"] == stream]
        file = lived.client.get(f"/v1/recommendations/{stream}/steps.csv?{on}")
        of_one = read_csv(file.content)
        assert [row["number"] for row in steps] == [int(row["number"]) for row in of_one]
        for name in ("party", "source"):
            assert [row[name] or "" for row in steps] == [row[name] for row in of_one]
        assert [row["happened_on"] or "" for row in steps] == [row["on"] for row in of_one]
        history = lived.get(f"/v1/recommendations/{stream}/history?{on}", INSPECTOR)
        told = [item for item in history.json()["items"] if "withdrawn" not in item]
        expected = [
            (item["tag"], (item.get("amended") or item)["on"], item["at"][:19])
            for item in told
            if is_published(msgspec.convert((item.get("amended") or item)["event"], Event))
        ]
        assert sorted(expected) == sorted(
            (row["what"], row["happened_on"] or "unknown", str(row["recorded_at"])[:19])
            for row in steps
        )


@pytest.mark.parametrize("params", [{}, {"on": "2024-03-31"}])
def test_a_reader_by_odata_has_the_rows_of_the_file(lived: Service, params: dict[str, str]) -> None:
    rows = saved(lived, "&".join(f"{name}={value}" for name, value in params.items()))
    by_reader = by_odata(lived, **params)
    assert len(rows) == len(by_reader) > 60
    names = ("id", "number", "reference", "force", "what", "what_words", "party", "result",
             "text", "source", "reported_in")  # fmt: skip
    assert [[row[name] for name in names] for row in by_reader] == [
        [row[name] for name in names] for row in rows
    ]
    known = [row["happened_on"] for row in by_reader]
    assert [None if day == "unknown" else day for day in known] == [
        row["happened_on"] for row in rows
    ]


def test_steps_are_filtered_ordered_chosen_and_counted_by_odata(lived: Service) -> None:
    closed = "what eq 'recommendation.closed' and force eq 'essex'"
    count = lived.client.get("/odata/v4/steps/$count", params={"$filter": closed})
    rows = by_odata(lived, **{"$filter": closed, "$select": "id,result_words"})
    assert int(count.text) == len(rows) == 1
    assert rows[0]["result_words"] == "Inspectors verified that it is done"
    assert set(rows[0]) == {"id", "result_words"}
    latest = by_odata(lived, **{"$orderby": "recorded_at desc,number desc", "$top": "5"})
    moments = [row["recorded_at"] for row in latest]
    assert moments == sorted(moments, reverse=True)
    assert "steps" in ENTITY_SETS
    assert 'EntitySet Name="steps"' in lived.client.get("/odata/v4/$metadata").text


def test_no_private_step_is_among_the_published_ones(lived: Service) -> None:
    for path in (f"{FILE}.csv", "/odata/v4/steps?$filter=force eq 'essex'"):
        text = lived.client.get(path).text
        assert "Between us" not in text
        assert "commented" not in text.replace("body commented", "").replace("_commented", "")
        assert "follow_up_assigned" in text


def test_a_corrected_or_withdrawn_step_is_as_it_stands_now_and_was_known_then(
    service: Service,
) -> None:
    stream = published(service, f"kent-{uuid4().hex}-2022").recommendations[0]
    changed = {"time_limit": "months:9", "reason": "Much to do.", "on": "2022-10-01"}
    answer = command(service, stream, INSPECTOR, "change_time_limit", **changed)
    step, position = answer.json()["step"], answer.json()["position"]
    settled(service, position)
    then = saved(service, "force=kent")
    moment = next(row for row in then if row["id"] == stream and row["number"] == 2)
    answer = command(service, stream, INSPECTOR, "withdraw", steps=[step], why="A mistake.")
    assert answer.is_success, answer.text
    settled(service, answer.json()["position"])
    now = [row for row in saved(service, "force=kent") if row["id"] == stream]
    assert [row["number"] for row in now] == [1]
    known = str(moment["recorded_at"]).replace("+00:00", "Z")
    before = saved(service, f"force=kent&known_at={known}")
    assert [row["number"] for row in before if row["id"] == stream] == [1, 2]


def test_a_correction_of_what_nobody_is_shown_leaves_no_trace_in_the_rows(
    service: Service, make_database: Database
) -> None:
    stream = published(service, f"kent-{uuid4().hex}-2022").recommendations[0]
    for tag, fields in (
        ("waive_action_plan", {"reason": "Small."}),
        ("assign_follow_up", {"kind": "monitoring", "procedure": "2020"}),
        ("correct", {"step": 3, "field": "procedure", "was": "2020", "now": "2021", "why": "So."}),
    ):
        answer = command(service, stream, INSPECTOR, tag, **fields)
        assert answer.is_success, answer.text
        settled(service, answer.json()["position"])
    with psycopg.connect(make_database.conninfo(PROJECTOR)) as connection:
        connection.execute("SET search_path TO " + Steps.schema)
        rows = "SELECT number FROM step WHERE stream = %s ORDER BY number"
        assert connection.execute(rows, (stream,)).fetchall() == [(1,), (2,), (3,)]


def test_the_example_for_duckdb_in_the_documents_works(
    lived: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "data.md").read_text()
    (query,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    content = lived.client.get(f"{FILE}.csv?training=true").content
    (tmp_path / "published-steps.csv").write_bytes(content)
    days = duckdb.sql(query).fetchall()
    assert days
    assert all(name and days >= 0 for name, days in days)
