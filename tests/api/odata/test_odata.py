"""OData: the rows of the views, as spreadsheets and dashboards read them without a driver."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from msgspec import Struct

from adapters.clock import now
from api.v1.odata import options
from api.v1.odata.entity_sets import ENTITY_SETS
from domain.vocabulary.forces import is_training
from tests.projections.test_reporting import counts_by_api, counts_of
from tests.support.data.examples import INSPECTOR, KENT
from tests.support.data.paged import live
from tests.support.served.serving import AUDITOR, Served, Service, command, published

pytestmark = pytest.mark.slow

ROOT = "/odata/v4"
BEFORE = "2024-03-31"
"""A day long before today, on which much of the corpus was published."""
SCHEMAS = Path(__file__).parent / "schemas"
"""The schemas of CSDL 4.01 (OASIS), which describe 4.0 too."""

odata: Any = import_module("odata")  # it has no types

Row = dict[str, Any]


class World(Struct):
    """A service with the corpus and training, and what was recorded by hand afterwards."""

    service: Service
    between: str
    """A moment after the corpus was imported, and before anything was recorded by hand."""

    def read(self, path: str, **params: str) -> Any:  # noqa: ANN401  JSON
        """Return the body of an answer."""
        answer = self.service.get(f"{ROOT}/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, path: str, **params: str) -> list[Row]:
        """Return the rows of an entity set, of all its pages."""
        body = self.read(path, **params)
        rows: list[Row] = body["value"]
        while link := body.get("@odata.nextLink"):
            body = self.service.get(link).json()
            rows += body["value"]
        return rows


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True, training=True)


@pytest.fixture(scope="module")
def world(service: Service) -> World:
    between = now()
    live(service)
    stream = published(service, "kent-odata-2022").recommendations[0]
    answer = command(service, stream, KENT, "comment", comment="Private.")
    level(service, answer.json()["position"])
    return World(service, between.isoformat())


def level(service: Service, position: int) -> None:
    """Wait until every list has come to a position."""
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


def moments(world: World) -> Iterator[Mapping[str, str]]:
    """Yield two days, as known at two moments."""
    today = date.today().isoformat()  # noqa: DTZ011  the tests run within one day
    for on in (BEFORE, today):
        yield {"on": on, "known_at": world.between}
        yield {"on": on}


# What a client reads


class Client:
    """A client of OData by another library, which asks for a day and a moment."""

    def __init__(self, world: World, params: Mapping[str, str]) -> None:
        requests: Any = import_module("requests")
        session = requests.Session()
        session.params = dict(params)
        address = f"{world.service.url}{ROOT}/"
        self.service = odata.ODataService(
            address, session=session, reflect_entities=True, quiet_progress=True
        )

    def rows(self, name: str) -> list[Row]:
        """Return the rows of an entity set, typed as its description says."""
        entity = self.service.entities[name]
        names = [each["name"] for each in entity.__odata_schema__["properties"]]
        return [{name: getattr(row, name) for name in names} for row in self.service.query(entity)]


def test_a_client_of_another_library_reads_the_progress_of_the_api(world: World) -> None:
    for params in moments(world):
        body = world.service.get("/v1/progress", params=params).json()
        client = Client(world, params)
        (together,) = client.rows("progress")
        assert counts_of(together) == counts_by_api(body["national"])
        assert together["as_of_position"] == body["position"]
        by_force = {row["force"]: counts_of(row) for row in client.rows("progress_by_force")}
        assert by_force == {force: counts_by_api(of) for force, of in body["forces"].items()}
        assert together["total"]


def test_a_client_of_another_library_filters_and_orders(world: World) -> None:
    client = Client(world, {})
    entity = client.service.entities["recommendations"]
    query = (
        client.service.query(entity).filter(entity.force == "kent").order_by(entity.issued_on.asc())
    )
    rows = [row.reference for row in query]
    own = [row for row in world.rows("recommendations") if row["force"] == "kent"]
    assert rows
    assert {*rows} == {row["reference"] for row in own}


def test_recommendations_and_reports_are_those_of_the_api(world: World) -> None:
    for params in moments(world):
        items = every(world.service, "/v1/recommendations", params)
        names = ("reference", "force", "stage", "finding", "text", "issued_on", "closed_on")
        assert {
            row["id"]: [*(row[name] for name in names), row["overdue"]]
            for row in world.rows("recommendations", **params)
        } == {
            item["id"]: [*(item["standing"][name] for name in names), item["overdue"]]
            for item in items
        }
        assert {row["id"] for row in world.rows("reports", **params)} == {
            item["id"] for item in every(world.service, "/v1/reports", params)
        }


def every(service: Service, path: str, params: Mapping[str, str]) -> list[Row]:
    """Return every item of a list of the API."""
    items: list[Row] = []
    link: str | None = path
    query: Mapping[str, str] | None = {**params, "limit": "500"}
    while link:
        body = service.get(link, params=query).json()
        items += body["items"]
        link, query = body["next"], None
    return items


def test_a_history_has_the_rows_of_every_day_that_the_days_have(world: World) -> None:
    history = world.rows("recommendation_history", known_at=world.between)
    for on in (BEFORE, world.between[:10]):
        then = {
            row["reference"]: row["stage"]
            for row in history
            if row["known_to"] is None
            and row["valid_from"] <= on
            and (row["valid_to"] is None or row["valid_to"] > on)
        }
        rows = world.rows("recommendations", on=on, known_at=world.between)
        assert then == {row["reference"]: row["stage"] for row in rows}
    assert not [row for row in history if row["known_from"] > world.between]


def test_every_entity_set_has_each_of_its_keys_once(world: World) -> None:
    for of in ENTITY_SETS.values():
        keys = [tuple(row[name] for name in of.key) for row in world.rows(of.name)]
        assert len(keys) == len({*keys}) > 0, of.name


# Who reads what


def test_training_and_what_only_signed_in_people_see_are_in_no_entity_set(world: World) -> None:
    names = {each["name"] for each in world.read("")["value"]}
    assert names == {*ENTITY_SETS}
    assert not [name for name in names if "work" in name]
    for name in names:
        assert not [row for row in world.rows(name) if is_training(str(row.get("force")))], name
    total = world.rows("progress")[0]["total"]
    assert total == sum(row["total"] for row in world.rows("progress_by_force"))


def test_everybody_reads_the_same_and_what_is_not_published_moves_nothing(world: World) -> None:
    for name in ENTITY_SETS:
        path = f"{ROOT}/{name}"
        answers = [world.service.get(path, actor) for actor in (None, KENT, INSPECTOR, AUDITOR)]
        assert len({answer.content for answer in answers}) == 1, name
    board = world.service.get("/v1/progress").json()
    assert world.rows("recommendations")[0]["as_of_position"] == board["position"]
    assert world.service.get("/v1/progress", KENT).json()["position"] > board["position"]


# Pages


def test_all_pages_are_of_one_moment_whatever_is_recorded_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "ROWS_MAX", 10)
    query = {"$orderby": "force desc,issued_on", "$filter": "kind ne 'none'", "$select": "id,force"}
    for name in ("recommendations", "recommendation_history"):
        whole = world.rows(name, **query)
        body = world.read(name, **query)
        made = published(world.service, f"essex-{name.replace('_', '-')}-2026", force="essex")
        level(world.service, made.position)
        rows = body["value"]
        while link := body.get("@odata.nextLink"):
            body = world.service.get(link).json()
            assert len(body["value"]) <= 10
            rows += body["value"]
        assert rows == whole
        assert len(rows) > 50
        assert len(world.rows(name, **query)) > len(rows)


def test_top_and_skip_hold_for_all_pages_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    references = [row["reference"] for row in world.rows("recommendations")]
    monkeypatch.setattr(options, "ROWS_MAX", 10)
    for top, skip in ((25, 7), (10, 0), (0, 0), (20, 5), (3, 10_000)):
        rows = world.rows("recommendations", **{"$top": str(top), "$skip": str(skip)})
        assert [row["reference"] for row in rows] == references[skip : skip + top]


def test_a_count_is_that_of_all_rows_under_the_filter(world: World) -> None:
    rows = [row for row in world.rows("recommendations") if row["force"] == "kent"]
    query = {"$filter": "force eq 'kent'"}
    body = world.read("recommendations", **query, **{"$count": "true", "$top": "1"})
    assert (body["@odata.count"], len(body["value"])) == (len(rows), 1)
    answer = world.service.get(f"{ROOT}/recommendations/$count", params=query)
    assert answer.text == str(len(rows))
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_rows_are_ordered_with_nothing_first_and_chosen_columns_alone(world: World) -> None:
    rows = world.rows("recommendations", **{"$select": "due,reference", "$orderby": "due"})
    assert [*rows[0]] == ["reference", "due"]
    dues = [row["due"] for row in rows]
    assert dues == sorted(dues, key=lambda due: due or "")
    falling = world.rows("recommendations", **{"$select": "due", "$orderby": "due desc"})
    assert [row["due"] for row in falling] == dues[::-1]


def test_a_key_names_one_row(world: World) -> None:
    row = world.rows("recommendations")[7]
    body = world.read(f"recommendations({row['id']})")
    assert {name: body[name] for name in row} == row
    said = world.rows("statements")[3]
    body = world.read(f"statements(step={said['step']},id={said['id']})", **{"$select": "text"})
    assert body["text"] == said["text"]
    assert body["@odata.context"].endswith("$metadata#statements(text)/$entity")
    for path, status in (
        ("recommendations(45fd50dd-7508-54fb-94ac-784b0b6d4ac0)", 404),
        ("recommendations('kent')", 400),
        ("statements(step=1)", 400),
        ("statements(step=1,step=1)", 400),
        ("recommendations()", 404),
    ):
        assert world.service.get(f"{ROOT}/{path}").status_code == status, path


# The description


def description(world: World) -> str:
    answer = world.service.get(f"{ROOT}/$metadata")
    assert answer.headers["Content-Type"] == "application/xml"
    assert answer.headers["OData-Version"] == "4.0"
    return answer.text


def test_the_description_is_valid_by_the_schema_of_the_standard(world: World) -> None:
    inner = xmlschema.XMLSchema11(SCHEMAS / "edm.xsd", build=False)
    schema = xmlschema.XMLSchema11(SCHEMAS / "edmx.xsd", global_maps=inner.maps)
    text = description(world)
    schema.validate(text)
    assert not schema.is_valid(text.replace(' Nullable="', ' Null="', 1))


def test_the_description_has_the_properties_of_the_rows(world: World) -> None:
    space = "{http://docs.oasis-open.org/odata/ns/edm}"
    types = {
        of.get("Name"): [each.get("Name") for each in of.iter(f"{space}Property")]
        for of in ET.fromstring(description(world)).iter(f"{space}EntityType")  # noqa: S314
    }
    for of in ENTITY_SETS.values():
        assert [*world.rows(of.name)[0]] == types[of.entity], of.name


# What is wrong is said


WRONG = (
    ("$filter", "forc eq 'kent'", "did you mean force?"),
    ("$filter", "force eq 'kent", "no last quote"),
    ("$filter", "force eq", "At character 9: Expected a property or a value, not the end."),
    ("$filter", "due eq 'x'", "At character 8: Expected a date such as 2024-03-31"),
    ("$filter", "due gt 2024-02-30", "no date of the calendar"),
    ("$filter", "ordinal add 1 eq 2", "There is no operator add here"),
    ("$filter", "substring(text,1) eq 'a'", "There is no function substring here"),
    ("$filter", "force", "Expected a comparison"),
    ("$filter", "(" * 21 + "overdue" + ")" * 21, "at most 20 deep"),
    ("$filter", "not " * 21 + "overdue", "at most 20 deep"),
    ("$filter", "overdue or " * 400, "may have 4000"),
    ("$filter", "text eq 'a\0'", "a character of no text"),
    ("$select", "id,nothing", "There is no property nothing"),
    ("$orderby", "force up", "After force comes asc, desc or a comma."),
    ("$orderby", "nothing", "There is no property nothing"),
    ("$orderby", ",".join(["force"] * 9), "8 properties at most"),
    ("$top", "1000001", "a whole number from 0 to 1000000"),
    ("$top", "-1", "a whole number"),
    ("$top", "\u0661", "a whole number"),
    ("$skip", "9" * 5000, "a whole number"),
    ("$skiptoken", "x", "a whole number"),
    ("$count", "yes", "It is true or false."),
    ("$format", "atom", "It is json."),
    ("$expand", "report", "Leave it out; there are: $select"),
    ("$search", "kent", "Leave it out"),
    ("$apply", "aggregate($count as n)", "Leave it out"),
    ("top", "1", "The options of OData begin with $: say $top."),
    ("filter", "overdue", "say $filter."),
    ("apply", "x", "There is no such parameter"),
    ("on", "2999-01-01", "in the future"),
    ("known_at", "yesterday", "Invalid"),
)


@pytest.mark.parametrize(("name", "typed", "words"), WRONG)
def test_a_wrong_option_is_named_with_what_to_do(
    world: World, name: str, typed: str, words: str
) -> None:
    answer = world.service.get(f"{ROOT}/recommendations", params={name: typed})
    assert answer.status_code == 400, answer.text
    assert answer.headers["OData-Version"] == "4.0"
    error = answer.json()["error"]
    assert error["target"] == name
    assert words in error["message"]
    assert error["code"] == "invalid"
    assert error["innererror"]["type"] == "/problems/invalid"


def test_an_option_is_given_once_and_a_history_takes_no_day(world: World) -> None:
    answer = world.service.get(f"{ROOT}/recommendations?$top=1&$top=2")
    assert "more than once" in answer.json()["error"]["message"]
    answer = world.service.get(f"{ROOT}/recommendation_history?on={BEFORE}")
    assert "leave it out" in answer.json()["error"]["message"]
    answer = world.service.get(f"{ROOT}/recommendations", OData_MaxVersion="3.0")
    assert answer.json()["error"]["target"] == "OData-MaxVersion"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/recommendations", 405, "method-not-allowed"),
        ("DELETE", "/recommendations/$count", 405, "method-not-allowed"),
        ("PATCH", "", 405, "method-not-allowed"),
        ("GET", "/recommendations/one/two", 404, "not-found"),
        ("POST", "/$batch", 405, "method-not-allowed"),
    ],
)
def test_what_no_route_answers_is_an_error_of_odata_too(
    world: World, method: str, path: str, status: int, code: str
) -> None:
    answer = world.service.client.request(method, f"{ROOT}{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers["OData-Version"] == "4.0"
    assert ("Allow" in answer.headers) is (status == 405)


def test_clocks_are_those_that_run_or_passed_and_no_silence_has_any(world: World) -> None:
    every = world.rows("recommendations")
    silent = {row["id"] for row in every if row["stage"] == "not_known"}
    rows = {(row["recommendation_id"], row["clock"], row["state"]) for row in world.rows("clocks")}
    assert silent, "or the real record is not here"
    assert rows
    assert not silent & {stream for stream, _, _ in rows}
    for stream in {row["id"] for row in every} - silent:
        clocks = world.service.get(f"/v1/recommendations/{stream}").json()["clocks"]
        assert {(stream, clock["name"], clock["state"]) for clock in clocks
                if clock["state"] in {"running", "overdue"}} == {
                    row for row in rows if row[0] == stream}  # fmt: skip


def test_an_unknown_entity_set_is_answered_with_those_that_there_are(world: World) -> None:
    for path in ("work", "recommendations/x", "recommendations(1)/$count"):
        answer = world.service.get(f"{ROOT}/{path}")
        assert answer.status_code == 404, path
    assert "progress_by_force" in world.service.get(f"{ROOT}/work").json()["error"]["message"]


DATA = (Path(__file__).parents[3] / "docs" / "data.md").read_text("utf-8")
ADDRESSES = re.findall(r"https://tracker\.example(/[^`'?]+\?(?:[^`']|'[^`']*'(?=[&`]))+)", DATA)
CONDITIONS = re.findall(r"`(\w+ (?:eq|lt) [^`]+)`", DATA)
"""Addresses and filters of OData that the document gives as examples."""


def test_every_documented_address_and_filter_answers_rows(world: World) -> None:
    assert len(ADDRESSES) > 1
    assert len(CONDITIONS) > 1
    for address in ADDRESSES:
        answer = world.service.get(address)
        assert answer.is_success, address
        rows = answer.json()["value"] if "/odata/" in address else answer.text.splitlines()[1:]
        assert rows, address
    for condition in CONDITIONS:
        assert world.rows("recommendations", **{"$filter": condition}), condition
