"""Inspections that wait, for one side or the other, and the pages that say so."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.vocabulary.actors import Actor
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR
from tests.support.data.inspections import Inspecting, MovedClock
from tests.support.served.forms import words_of
from tests.support.served.serving import AUDITOR, Served, Service

pytestmark = pytest.mark.slow

BEGIN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CLOCK = MovedClock(BEGIN)
EVERYBODY = (INSPECTOR, OTHER_INSPECTOR, KENT, ESSEX, KENT_BODY, AUDITOR)
OF_KENT = "1 inspection before publication waits for you"
OF_INSPECTORS = "1 inspection before publication waits for inspectors"


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(clock=CLOCK)


def lines_of_work(service: Service) -> dict[Actor, str]:
    """Return what the start page of each actor says of inspections."""
    lines: dict[Actor, str] = {}
    for actor in EVERYBODY:
        words = words_of(service.get("/work", actor, accept="text/html"))
        for line in (OF_KENT, OF_INSPECTORS):
            if line in words:
                lines[actor] = line
        assert ("before publication wait" in words) is (actor in lines)
    return lines


def test_an_inspection_is_among_the_work_of_whose_move_it_is(service: Service) -> None:
    kent = Inspecting(service, "kent-waiting-2026", CLOCK)
    assert kent.plan().is_success
    assert lines_of_work(service) == {}, "drafting is nobody's wait"
    kent = Inspecting(service, "kent-waits-2026", CLOCK)
    kent.sent("Train all officers.", "Review the helpdesk.")
    assert lines_of_work(service) == {KENT: OF_KENT}
    inspectors = dict.fromkeys((INSPECTOR, OTHER_INSPECTOR), OF_INSPECTORS)
    comment = kent.comment("r1", "Half are trained.")
    assert lines_of_work(service) == inspectors
    kent.answer(comment, "rejected")
    assert lines_of_work(service) == {KENT: OF_KENT}
    again = kent.done("send_to_check", draft_version=kent.version, reply_by=kent.day_in(10))
    kent.done("finish_check", KENT, check=again["step"] - len(again["entries"]) + 1)
    assert lines_of_work(service) == inspectors, "the force has no more comments"
    kent.done("send_to_check", draft_version=kent.version, reply_by=kent.day_in(10))
    assert lines_of_work(service) == {KENT: OF_KENT}
    CLOCK.at = BEGIN + timedelta(days=11)
    assert lines_of_work(service) == inspectors, "the day to reply by is over"
    kent.done(
        "embargo_report", draft_version=kent.version, release_at=kent.minute_in(20).isoformat()
    )
    assert lines_of_work(service) == {OTHER_INSPECTOR: OF_INSPECTORS}, "another person has to agree"
    kent.done("defer_publication", reason="An election.")
    assert lines_of_work(service) == {}
