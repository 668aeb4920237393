"""Questions about a moment, and answers of several read models: true, or 503 `behind`."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest

from adapters.clock import now
from adapters.postgres.database import PROJECTOR, Database
from api.request import waiting
from domain.vocabulary.dates import day_of
from projections.progress.model import Progress
from projections.register.model import Register
from projections.runtime.read_model import ReadModel
from tests.support.served.serving import Service, published, wait_for

LISTS = (
    "/v1/recommendations",
    "/v1/progress",
    "/v1/progress/kent",
    "/v1/areas",
    "/charts/stages.svg",
    "/recommendations",
    "/forces/kent",
    "/areas",
)
TODAY = day_of(now()).isoformat()
"""The day that each is asked about: clocks run on at midnight."""


@contextmanager
def held(database: Database, *models: type[ReadModel]) -> Generator[None]:
    """Hold read models still."""
    with psycopg.connect(database.conninfo(PROJECTOR)) as connection:
        for model in models:
            connection.execute("TABLE " + model.tracking + " FOR UPDATE")
        yield


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 0.3)


@pytest.mark.usefixtures("_impatient")
def test_a_list_answers_nothing_about_a_moment_that_its_read_model_does_not_know(
    service: Service, make_database: Database
) -> None:
    published(service, "kent-known-2023")
    wait_for(service.client, "/health/ready")
    before = now().isoformat()
    first = {path: eventually_known(service, path, before) for path in LISTS}
    assert all(status == 200 for status, _ in first.values()), first
    with held(make_database, Register, Progress):
        published(service, "kent-unknown-2023")
        after = now().isoformat()
        for path in LISTS:
            assert known(service, path, after)[0] == 503, path
            assert known(service, path, before) == first[path], path
    for path in LISTS:
        status, text = eventually_known(service, path, after)
        assert status == 200
        assert text != first[path][1]
        assert known(service, path, before) == first[path], path


def test_what_is_published_is_known_at_once_at_the_moment_after(service: Service) -> None:
    for number in range(10):
        recommendation = published(service, f"kent-at-once-{number}-2023").recommendations[0]
        query = {"known_at": now().isoformat(), "q": "", "limit": "500"}
        del query["q"]
        answer = service.get("/v1/recommendations", params=query)
        assert recommendation in {item["id"] for item in answer.json()["items"]}
        assert service.get("/v1/recommendations", params=query).text == answer.text


def test_a_day_as_known_by_today_is_compared_once_the_register_knows_this_moment(
    service: Service, make_database: Database
) -> None:
    path = f"/v1/restatement?on={day_of(now())}&known_by={day_of(now())}"
    wait_for(service.client, path)
    before = frozen(make_database)
    assert service.get(path).status_code == 200
    assert frozen(make_database) > before, "this moment is not frozen"
    yesterday = day_of(now()) - timedelta(days=1)
    frozen_now = frozen(make_database)
    assert service.get(f"/v1/restatement?on={yesterday}").status_code == 200
    assert frozen(make_database) == frozen_now, "a day that is over was frozen before"


@pytest.mark.usefixtures("_impatient")
def test_slippage_is_counted_of_one_position_or_not_at_all(
    service: Service, make_database: Database
) -> None:
    position = published(service, "kent-slipped-2023").position
    wait_for(service.client, f"/v1/slippage?position={position}")
    with held(make_database, Register):
        later = published(service, "kent-slipped-later-2023").position
        wait_for(service.client, f"/v1/progress/essex?position={later - 2}")
        for path in (f"/v1/slippage?position={later}", f"/slippage?position={later}"):
            assert service.get(path).status_code == 503, path
    wait_for(service.client, f"/v1/slippage?position={later}")
    answer = service.get("/v1/slippage", params={"position": str(later)}).json()
    assert answer["position"] >= later


def frozen(database: Database) -> int:
    """Return the last frozen moment, in microseconds since 1970."""
    with psycopg.connect(database.conninfo(PROJECTOR)) as connection:
        row = connection.execute("SELECT last_value FROM ledger_frozen_through").fetchone()
    assert row is not None
    moment: int = row[0]
    return moment


def known(service: Service, path: str, moment: str) -> tuple[int, str]:
    answer = service.get(path, params={"known_at": moment, "on": TODAY})
    # A page states its position in the ledger, and when it was made; a list its position.
    text = answer.text.partition("<main")[2].partition("<footer")[0] or str(
        {name: value for name, value in answer.json().items() if name not in NOT_COMPARED}
        if path.startswith("/v1")
        else answer.text
    )
    return answer.status_code, text


NOT_COMPARED = {"position", "reference", "coverage"}


def eventually_known(service: Service, path: str, moment: str) -> tuple[int, str]:
    wait_for(service.client, f"{path}?known_at={moment.replace('+', '%2B')}&on={TODAY}")
    return known(service, path, moment)
