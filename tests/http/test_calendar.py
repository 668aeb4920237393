"""The edges of the calendar, in every date and moment that any route takes."""

from collections.abc import Iterator
from typing import cast

import msgspec
import pytest
import structlog

from api.openapi import describe
from api.pages.rendering.query_form import DAYS
from api.pages.routes import PAGES
from api.routes import HANDLERS
from domain.vocabulary.actors import Actor
from tests.http.test_safe_http import address_of
from tests.support.data.examples import ADMIN, INSPECTOR
from tests.support.served.serving import AUDITOR, Published, Service, command, published

pytestmark = pytest.mark.slow

DAYS_AT_EDGES = ("0001-01-01", "9999-12-31", "0000-01-01", "10000-01-01")
MOMENTS_AT_EDGES = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59.999999Z",
)  # fmt: skip
MOMENTS = {"known_at"}
READERS = (INSPECTOR, AUDITOR, ADMIN)
PATHS = sorted(
    {
        path
        for handler in (*HANDLERS, *PAGES)
        for path in handler.paths
        if "GET" in handler.http_methods and not path.startswith(("/sign", "/health", "/static"))
    }
)
NAMES = sorted(
    {*DAYS}
    | {
        parameter["name"]
        for item in describe(HANDLERS)["paths"].values()
        for parameter in item.get("get", {"parameters": ()})["parameters"]
        if '"date' in msgspec.json.encode(parameter["schema"]).decode()
    }
)


@pytest.fixture(scope="module")
def report(service: Service) -> Published:
    return published(service, "kent-calendar-2022")


def taken(service: Service, report: Published) -> Iterator[tuple[str, str, Actor]]:
    """Yield each route with each date or moment that it takes, and an actor who may read it."""
    for path in PATHS:
        address = address_of(path, report)
        reader = next(
            (actor for actor in READERS if service.get(address, actor).status_code == 200), None
        )
        for name in NAMES if reader else ():
            answer = service.get(address, reader, params={name: "nonsense"})
            if answer.status_code == 400 and "no such parameter" not in answer.text:
                yield address, name, cast("Actor", reader)


def test_no_edge_of_the_calendar_causes_a_fault(service: Service, report: Published) -> None:
    names = list[str]()
    with structlog.testing.capture_logs() as logs:
        for address, name, actor in taken(service, report):
            names.append(name)
            for value in MOMENTS_AT_EDGES if name in MOMENTS else DAYS_AT_EDGES:
                answer = service.get(address, actor, params={name: value})
                assert answer.status_code in {200, 400, 404}, (address, name, value)
    assert set(names) == set(NAMES)
    assert len(names) > 60, "each list and page takes some"
    assert not [line for line in logs if line["log_level"] in {"error", "critical"}]


def test_no_day_of_a_form_at_the_edges_of_the_calendar_causes_a_fault(service: Service) -> None:
    for path in ("/recommendations", "/compare", "/progress", "/work", "/restatement"):
        for prefix in DAYS.values():
            for day, month, year in (("1", "1", "1"), ("31", "12", "9999"), ("1", "1", "0")):
                fields = {f"{prefix}-day": day, f"{prefix}-month": month, f"{prefix}-year": year}
                answer = service.get(path, AUDITOR, params=fields)
                assert answer.status_code in {200, 400, 403}, (path, fields)


@pytest.mark.parametrize("day", [*DAYS_AT_EDGES, "0001", "9999-12"])
def test_no_command_dated_at_the_edges_of_the_calendar_causes_a_fault(
    service: Service, report: Published, day: str
) -> None:
    (stream,) = report.recommendations
    for tag, fields in (
        ("comment", {"comment": "Noted."}),
        ("assign_follow_up", {"kind": "monitoring", "procedure": "2020", "assignee": "i-7"}),
        ("correct", {"step": 1, "field": "on", "was": "2022-08-05", "now": day, "why": "x"}),
    ):
        answer = command(service, stream, INSPECTOR, tag, **{"on": day, **fields})
        assert answer.status_code in {201, 400, 409}, (tag, answer.text)
