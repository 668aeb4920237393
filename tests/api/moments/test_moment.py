"""One clock, handed to the service, is the only one that its answers and records go by."""

from datetime import UTC, datetime

import pytest

from tests.support.data.examples import INSPECTOR, KENT
from tests.support.served.serving import Served, Service, command, published

AT = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
READS = (
    "/v1/progress", "/v1/progress/kent", "/v1/slippage", "/v1/areas", "/v1/recommendations",
    "/v1/reports", "/v1/recommendations/{}",
)  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(clock=lambda: AT)


def test_the_default_day_of_a_read_is_the_services(service: Service) -> None:
    stream = published(service, "kent-clock-2022").recommendations[0]
    for path in READS:
        assert service.get(path.format(stream)).json()["on"] == "2026-03-01", path
    compared = service.get("/v1/compare").json()
    assert [compared["before"]["on"], compared["after"]["on"]] == ["2025-03-01", "2026-03-01"]


def test_a_day_after_the_services_clock_is_in_the_future(service: Service) -> None:
    answer = service.get("/v1/recommendations?on=2026-03-02")
    assert answer.status_code == 400
    assert "2026-03-02 is in the future; today is 2026-03-01." in answer.text
    assert service.get("/v1/recommendations?known_at=2026-03-01T00:31:00Z").status_code == 400


def test_a_command_is_recorded_at_the_moment_of_the_services_clock(service: Service) -> None:
    stream = published(service, "kent-moment-2022").recommendations[0]
    late = command(service, stream, KENT, "report_progress", progress="Half.", on="2026-03-02")
    assert late.status_code == 409
    assert command(service, stream, KENT, "report_progress", progress="Half.").status_code == 201
    last = service.get(f"/v1/recommendations/{stream}/history", INSPECTOR).json()["items"][-1]
    # A clock that stands still: each command has the next microsecond.
    assert (last["at"][:23], last["on"]) == ("2026-03-01T00:30:00.000", "2026-03-01")
