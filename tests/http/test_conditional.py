"""Entity tags: one names what was answered for reading, and the step for writing."""

import pytest

from api.http.conditional import expected_step
from api.http.problems import ProblemError
from tests.support.data.examples import INSPECTOR, KENT
from tests.support.served.browser import Clock
from tests.support.served.serving import Published, Served, Service, published

CLOCK = Clock()


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(clock=CLOCK)


@pytest.fixture(scope="module")
def report(service: Service) -> Published:
    return published(service, "kent-tags-2022")


def test_a_tag_of_yesterday_does_not_hold_for_a_view_whose_clocks_moved(
    service: Service, report: Published
) -> None:
    path = f"/v1/recommendations/{report.recommendations[0]}"
    before = service.get(path)
    assert service.get(path, If_None_Match=before.headers["ETag"]).status_code == 304
    CLOCK.forward(days=1)
    after = service.get(path, If_None_Match=before.headers["ETag"])
    assert after.status_code == 200
    assert after.json()["clocks"] != before.json()["clocks"]
    assert after.headers["ETag"] != before.headers["ETag"]


def test_a_tag_of_one_reader_does_not_hold_for_another_who_sees_more(
    service: Service, report: Published
) -> None:
    for path in (
        f"/v1/recommendations/{report.recommendations[0]}?on=2022-09-01",
        f"/v1/recommendations/{report.recommendations[0]}",
    ):
        tag = service.get(path).headers["ETag"]
        inside = service.get(path, INSPECTOR, If_None_Match=tag)
        assert inside.status_code == 200, path
        assert "inside" in inside.json(), path


def test_a_bare_step_is_no_tag_for_reading(service: Service, report: Published) -> None:
    """A client that builds a tag from a step knows nothing of what it has."""
    for path in (f"/v1/recommendations/{report.recommendations[0]}", f"/v1/reports/{report.id}"):
        step = service.get(path).json()["step"]
        assert service.get(path, If_None_Match=f'"{step}"').status_code == 200, path


def test_a_command_takes_the_tag_of_any_day_or_reader_and_the_bare_step(
    service: Service, report: Published
) -> None:
    stream = report.recommendations[0]
    path = f"/v1/recommendations/{stream}"
    tags = [service.get(path, actor).headers["ETag"] for actor in (None, KENT, INSPECTOR)]
    assert len({*tags}) == len(tags) - 1, "an inspector and the force see the same, the public less"
    CLOCK.forward(days=1)
    comment = {"type": "comment", "comment": "Noted."}
    for step, tag in enumerate([*tags, '"4"'], 1):
        current = tag.replace('"1', f'"{step}')
        answer = service.post(f"{path}/commands", comment, KENT, If_Match=current)
        assert answer.status_code == 201, (current, answer.text)
    late = service.post(f"{path}/commands", comment, KENT, If_Match=tags[0])
    assert late.json()["type"].endswith("stale")


@pytest.mark.parametrize("tag", ['"7"', '"7.2"', '"7.3f_-aAbBcCdDeEfFgGhH"'])
def test_the_step_of_a_tag_is_what_a_command_expects(tag: str) -> None:
    assert expected_step(tag) == 7


@pytest.mark.parametrize("tag", ['"7.', "7", 'W/"7"', '"7", "8"', '"7 "', '"7.é"', '".7"', '"x"'])
def test_a_tag_without_a_step_is_refused(tag: str) -> None:
    with pytest.raises(ProblemError):
        expected_step(tag)
