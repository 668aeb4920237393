"""An auditor's readings: whatever shows more than the public sees puts the reading on record."""

from typing import Any

import pytest

from adapters.postgres.database import Database
from api.downloads.handlers import DOWNLOAD_ROUTES
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.ids import access_id, inspection_id
from tests.support.data.examples import ADMIN, KENT
from tests.support.matrices.private_marks import MARK, record_marks, requests, sent
from tests.support.matrices.route_matrix import INSPECTION, address_of, routes
from tests.support.served.serving import AUDITOR, Published, Service, token_of

pytestmark = pytest.mark.slow

LEDGER, PEOPLE, WORKLIST = "access.ledger_exported", "people", "worklist"
INSPECTIONS = "inspections"
STREAM = "stream"
RECORDED = {
    "/v1/ledger": LEDGER,
    "/v1/notices": LEDGER,
    "/v1/people": PEOPLE,
    "/v1/portfolios": PEOPLE,
    "/portfolios": PEOPLE,
    "/portfolios/{code:str}": PEOPLE,
    "/v1/worklist": WORKLIST,
    "/work": WORKLIST,
    "/work/all": WORKLIST,
    "/downloads/worklist/{ending:str}": WORKLIST,
    "/v1/downloads/worklist/{ending:str}": WORKLIST,
    "/v1/access/{actor:str}": "access",
    "/inspections": INSPECTIONS,
    "/inspections/{stream:uuid}": STREAM,
    "/v1/inspections": INSPECTIONS,
    "/v1/inspections/{stream:uuid}": STREAM,
    "/v1/inspections/{stream:uuid}/history": STREAM,
    "/v1/recommendations/{stream:uuid}": STREAM,
    "/v1/recommendations/{stream:uuid}/history": STREAM,
    "/v1/recommendations/{stream:uuid}/documents": STREAM,
    "/v1/recommendations/{stream:uuid}/documents/{sha256:str}": STREAM,
    "/downloads/steps/{stream:uuid}/{ending:str}": STREAM,
    "/v1/downloads/steps/{stream:uuid}/{ending:str}": STREAM,
    "/downloads/history/{stream:uuid}/{ending:str}": STREAM,
    "/v1/downloads/history/{stream:uuid}/{ending:str}": STREAM,
    "/v1/reports/{stream:uuid}/history": STREAM,
    "/recommendations/{stream:uuid}": STREAM,
    "/recommendations/{stream:uuid}/history": STREAM,
    "/recommendations/{stream:uuid}/recorded/{step:int}": STREAM,
    "/reports/{stream:uuid}/history": STREAM,
    "/disputes": WORKLIST,
    "/recommendations/{stream:uuid}/disputes": STREAM,
    "/reports/{stream:uuid}/disputes": STREAM,
    "/reports/{stream:uuid}/recorded/{step:int}": STREAM,
}
"""The routes that show an auditor more than the public sees, each with the reading on record."""
OWN = {"/v1/session", "/v1/sessions"}
"""Routes that show an auditor their own session, and nobody else's."""
AS_THE_PUBLIC = {
    "/", "/alerts", "/messages/confirm/{token:str}", "/messages/unsubscribe/{recipient:uuid}",
    "/about", "/about/accessibility", "/about/methodology", "/about/verify", "/areas",
    "/areas/{address:str}", "/board-pack", "/board-pack.pdf", "/board-pack/{code:str}",
    "/data", "/data.zip", "/data/catalogue.jsonld",
    "/charts/areas.svg", "/charts/flow.svg", "/charts/forces.svg",
    "/charts/forces-months.svg",
    "/charts/months.svg", "/charts/stages.svg", "/charts/ages.svg",
    "/claims", "/measures", "/late", "/v1/late", "/v1/claims", "/v1/measures",
    "/odata/v4", "/odata/v4/$metadata", "/odata/v4/{entity_set:str}",
    "/odata/v4/{entity_set:str}/$count",
    "/compare", "/contact", "/contact/{reference:str}", "/data/sql", "/data/sql/{view:str}",
    "/feeds/changes.atom", "/feeds/recommendations.atom", "/feeds/reports.atom", "/forces",
    "/forces/{code:str}", "/forces/{code:str}/deadlines.ics",
    "/health/live", "/health/ready", "/problems/{slug:str}", "/progress",
    "/recommendations", "/reports", "/reports/{stream:uuid}", "/reports/{stream:uuid}/published",
    "/restatement", "/search", "/sign-in", "/sign-in/link", "/slippage", "/statements",
    "/static/{of:str}/{name:str}", "/training", "/v1/areas", "/v1/compare", "/v1/forces",
    "/v1/forces/{code:str}", "/v1/openapi.json", "/v1/progress", "/v1/progress/{code:str}",
    "/v1/recommendations", "/v1/reports", "/v1/reports/{stream:uuid}", "/v1/restatement",
    "/record/unsent", "/v1/search", "/v1/slippage", "/v1/statements",
    *(path for handler in DOWNLOAD_ROUTES for path in handler.paths if path not in RECORDED),
}  # fmt: skip
"""Routes that show an auditor what they show anybody: reading them leaves no trace."""


@pytest.fixture(scope="module")
def marked(service: Service, make_database: Database) -> Published:
    return record_marks(service, make_database)


def readings(service: Service, reader: Actor) -> list[str]:
    """The readings of an auditor on record, each as the thing that was read."""
    answer = service.get(f"/v1/access/{reader.id}", ADMIN)
    items: list[dict[str, Any]] = answer.json()["items"] if answer.is_success else []
    things = {"access.history_replayed": "stream", "access.list_read": "list"}
    return [
        str(item["event"][things[item["tag"]]]) if item["tag"] in things else str(item["tag"])
        for item in items
    ]


def thing_of(path: str, marked: Published) -> str:
    """The thing that reading a path of `RECORDED` reads."""
    match RECORDED[path]:
        case "access":
            return str(access_id(AUDITOR.id))
        case "stream":
            if "/inspections/" in path:
                return str(inspection_id(INSPECTION))
            return marked.id if "/reports/" in path else marked.recommendations[0]
        case thing:
            return thing


@pytest.mark.parametrize("path", RECORDED)
def test_an_auditors_reading_is_on_record_once_by_whatever_route(
    service: Service, make_database: Database, marked: Published, path: str
) -> None:
    assert service.get("/v1/ledger?limit=1", AUDITOR).is_success, "access to read"
    reader = Actor(f"reading-{sorted(RECORDED).index(path)}", Role.AUDITOR)
    headers = {"Authorization": f"Bearer {token_of(make_database, reader)}"}
    for _ in range(2):
        assert service.client.get(address_of(path, marked), headers=headers).is_success
    assert readings(service, reader) == [thing_of(path, marked)]


def test_what_is_not_recorded_shows_an_auditor_nothing_private(
    service: Service, marked: Published
) -> None:
    refused = set(routes())
    for method, path in sorted(routes()):
        if method != "GET" or path in RECORDED:
            continue
        answer = service.get(address_of(path, marked), AUDITOR)
        assert answer.status_code < 500
        if path in AS_THE_PUBLIC | OWN:
            assert MARK not in answer.text, path
        else:
            assert answer.status_code in {403, 404}, f"Put {path} into a table of this test."
    assert refused >= {("GET", path) for path in {*RECORDED, *OWN, *AS_THE_PUBLIC}}


def test_no_command_or_form_of_an_auditor_shows_anything_private(
    service: Service, marked: Published
) -> None:
    headers = service.headers(AUDITOR)
    for method, address, body in requests(marked):
        if method != "GET":
            answer = sent(service, method, address, body, headers | {"If-Match": '"0"'})
            assert MARK not in answer.text, (method, address)


def test_the_readings_of_other_roles_are_not_recorded(service: Service, marked: Published) -> None:
    for path in RECORDED:
        service.get(address_of(path, marked), KENT)
    assert service.get(f"/v1/access/{KENT.id}", ADMIN).status_code == 404
