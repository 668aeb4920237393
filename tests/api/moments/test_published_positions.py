"""Public answers: nothing in them, not even a number, moves with what is not published."""
# pyright: reportPrivateUsage=false

import re

import psycopg
import pytest

from adapters.ledger import queries
from adapters.postgres.database import OWNER, Database
from domain.access.published import UNPUBLISHED
from tests.support.data.examples import ADMIN, INSPECTOR, KENT, KENT_BODY
from tests.support.matrices.route_matrix import address_of, routes
from tests.support.served.serving import AUDITOR, Published, Service, command, published

pytestmark = pytest.mark.slow

LISTS = ("recommendations", "reports", "progress", "statements", "areas", "slippage", "restatement")
PASSING = {"date", "x-request-id", "set-cookie"}
NEXT = 12
"""Steps and positions beyond the last that are asked for."""


@pytest.fixture(scope="module")
def kents(service: Service) -> Published:
    made = published(service, "kent-quiet-2022")
    stream = made.recommendations[0]
    plan = {"answer": "act", "content": "We will."}
    assert command(service, stream, KENT, "receive_action_plan", **plan).status_code == 201
    wait_for_all(service)
    return made


def wait_for_all(service: Service) -> int:
    """Wait until every list has come to the head of the ledger; return that."""
    head = service.get("/v1/ledger?after=0&limit=500", INSPECTOR).json()["next"]
    for name in LISTS[:3]:
        assert service.get(f"/v1/{name}?position={head}", INSPECTOR).is_success
    return int(head)


def addresses(kents: Published, head: int) -> list[str]:
    """Every public address, and those that ask for steps, positions and moments."""
    stream = kents.recommendations[0]
    every = [address_of(path, kents) for method, path in sorted(routes()) if method == "GET"]
    of_streams = [f"/v1/recommendations/{stream}", f"/v1/reports/{kents.id}"]
    pages = [path.removeprefix("/v1") for path in of_streams]
    steps = [f"{path}?step={n}" for path in (*of_streams, *pages) for n in range(1, NEXT)]
    positions = [f"/v1/{name}?position={head + n}" for name in LISTS for n in range(1, NEXT)]
    known = [f"{path}?known_at=2030-01-01T00:00:00Z" for path in of_streams]
    return [*every, *steps, *positions, *known]


def answers(service: Service, paths: list[str]) -> dict[str, tuple[int, str, dict[str, str]]]:
    """The answer to the public at each address, but for what every answer has of its own."""
    told: dict[str, tuple[int, str, dict[str, str]]] = {}
    for path in paths:
        answer = service.get(path)
        headers = {name: text for name, text in answer.headers.items() if name not in PASSING}
        body = re.sub(r'"reference":"[^"]*"|[0-9a-f]{32}', "", answer.text)
        headers.pop("content-length", None)
        if answer.status_code != 200:
            headers.pop("etag", None)
        told[path] = answer.status_code, body, headers
    return told


def test_what_is_not_published_moves_nothing_in_any_public_answer(
    service: Service, kents: Published
) -> None:
    stream = kents.recommendations[0]
    head = wait_for_all(service)
    paths = addresses(kents, head)
    before = answers(service, paths)
    for actor, tag, fields in (
        (KENT, "comment", {"comment": "Between us."}),
        (KENT, "report_progress", {"progress": "Half of it."}),
        (KENT_BODY, "comment", {"comment": "Not yet."}),
        (INSPECTOR, "comment", {"comment": "See."}),
        (ADMIN, "request_redaction", {"step": 3, "field": "comment", "ground": "court_order"}),
        (INSPECTOR, "withdraw", {"steps": [2], "why": "A slip."}),
    ):
        done = command(service, stream, actor, tag, **fields)
        assert done.status_code == 201, done.text
    assert service.get(f"/v1/recommendations/{stream}/history", AUDITOR).is_success
    assert service.get("/v1/ledger", AUDITOR).is_success
    assert wait_for_all(service) == head + 8
    after = answers(service, paths)
    assert [path for path in paths if before[path] != after[path]] == []


def test_a_published_step_is_the_last_that_the_public_sees(
    service: Service, kents: Published
) -> None:
    stream = kents.recommendations[0]
    path = f"/v1/recommendations/{stream}"
    review = {"outcome": "changes_requested", "remarks": "By when?"}
    done = command(service, stream, INSPECTOR, "review_action_plan", **review).json()
    assert command(service, stream, KENT, "comment", comment="Well.").status_code == 201
    head = wait_for_all(service)
    shown, inside = service.get(path), service.get(path, KENT)
    assert (shown.json()["step"], shown.json()["position"]) == (done["step"], done["position"])
    assert shown.headers["ETag"].startswith(f'"{done["step"]}.')
    assert (inside.json()["step"], inside.json()["position"]) == (done["step"] + 1, head)
    for name in LISTS:
        assert service.get(f"/v1/{name}").json()["position"] == done["position"], name
        assert service.get(f"/v1/{name}", KENT).json()["position"] == head, name
    assert service.get(f"{path}?step={done['step'] + 1}").status_code == 404
    assert service.get(f"{path}?step={done['step'] + 1}", KENT).status_code == 200


def test_the_index_of_published_entries_leaves_out_what_is_unpublished(
    make_database: Database,
) -> None:
    tags = {str(event.__struct_config__.tag) for event in UNPUBLISHED}
    others = {tag for tag in tags if not tag.startswith(("access.", "inspection."))}
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        ((index,),) = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'ledger_events_published_idx'"
        ).fetchall()
    for text in (index, queries._PUBLISHED):
        named = set(re.findall(r"'([a-z]+\.[a-z_]+)'", text))
        assert named == others
        assert "NOT starts_with(topic, 'access.'" in text
    assert "NOT starts_with(topic, 'inspection.')" in queries._PUBLISHED
