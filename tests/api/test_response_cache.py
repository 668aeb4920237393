"""The response cache: a cached response equals a freshly computed one."""

import psycopg
import pytest

from adapters.postgres.database import PROJECTOR, Database
from api.request.response_cache import ResponseCache
from projections.progress.model import Progress
from projections.runtime.rebuild import rebuild
from tests.support.data.examples import issue
from tests.support.served.serving import published, serving


def test_a_cached_response_holds_until_its_list_moves() -> None:
    answers = ResponseCache(200)
    answers.put("today", 7, b"seven")
    assert answers.get("today", 7) == b"seven"
    assert answers.get("today", 8) is None
    assert answers.get("yesterday", 7) is None


def test_the_response_cache_has_a_limit() -> None:
    answers = ResponseCache(200)
    answers.put("first", 1, b"")
    for day in range(199):
        answers.put(day, 1, b"")
    assert answers.get("first", 1) == b""  # which makes it the last one asked for
    answers.put("one more", 1, b"")
    assert answers.get("first", 1) == b""
    assert answers.get(0, 1) is None


@pytest.mark.slow
def test_a_board_is_computed_again_after_a_rebuild(database: Database) -> None:
    with serving(database) as service:
        made = published(service, "kent-first-2022", issue())
        right = service.get(f"/v1/progress?position={made.position}").json()
        with psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as connection:
            connection.execute("SET search_path TO " + Progress.schema)
            connection.execute("UPDATE balance SET counts = '{}'")
        rebuild(database, Progress, on_progress=lambda _done, _of: None)
        with psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as connection:
            connection.execute("SET search_path TO " + Progress.schema)
            connection.execute("UPDATE balance SET counts = '{}'")
        wrong = service.get("/v1/progress").json()
        assert wrong["position"] == right["position"]
        assert wrong["national"] != right["national"]
        rebuild(database, Progress, on_progress=lambda _done, _of: None)
        assert service.get("/v1/progress").json() == right


def test_a_board_is_computed_again_after_its_list_moved(database: Database) -> None:
    with serving(database) as service:
        first = published(service, "kent-first-2022", issue())
        service.get(f"/v1/progress?position={first.position}")
        before = service.get("/v1/progress")
        assert service.get("/v1/progress").content == before.content
        second = published(service, "kent-second-2022", issue(), issue(ordinal=2))
        after = service.get(f"/v1/progress?position={second.position}").json()
        assert after["national"]["total"] == before.json()["national"]["total"] + 2
        assert service.get("/v1/progress").json() == after
        day = "/v1/progress?on=2021-01-01"
        assert service.get(day).json()["national"]["total"] == 0


@pytest.mark.slow
def test_figures_of_lists_are_counted_again_after_they_moved(database: Database) -> None:
    with serving(database) as service:
        for number in (1, 2):
            issues = issue(), issue(ordinal=2)
            position = published(service, f"kent-{number}-2022", *issues).position
            for path in ("recommendations", "progress"):
                assert service.get(f"/v1/{path}?position={position}").is_success
            total = 2 * number
            assert f"Showing all {total}" in service.get("/recommendations").text
            assert service.get("/v1/progress/kent").json()["counts"]["total"] == total
            assert service.get("/v1/slippage").json()["counts"]["total"] == total
            assert sum(area["total"] for area in service.get("/v1/areas").json()["items"]) == total
