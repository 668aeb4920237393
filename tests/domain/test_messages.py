"""Who is told of a step at once: one table of events, and the rules beside it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from adapters.ledger.codec import tag_of
from api.pages.messages.wording import HAPPENED
from domain.access.messages import AT_ONCE, CORRESPONDENCE, Hearers, hearers_of, may_be_told
from domain.access.notices import UNTOLD
from domain.events.correspondence import QuestionAsked
from domain.events.event import Event
from domain.events.recommendation import ActionPlanReviewed, ClaimReturned
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.entry import Stamp
from tests.support.data.stories import ISSUED, Story


def events(union: object = Event) -> Iterator[Any]:
    """Yield every type of event."""
    for part in get_args(union):
        if get_args(part):
            yield from events(part)
        else:
            yield part


def _name(event: type[Any]) -> str:
    return event.__name__


EVENTS: list[type[Any]] = [*events()]
EVENTS.sort(key=_name)


def stamp(role: Role) -> Stamp:
    return Stamp("somebody", role, datetime.now(UTC), "2026-01-05")


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_that_anybody_is_told_of_has_words(event: type[Any]) -> None:
    tag = event.__struct_config__.tag
    at_once = event in AT_ONCE or issubclass(event, CORRESPONDENCE)
    assert tag in HAPPENED or (event in UNTOLD and not at_once), tag


def test_changes_asked_for_are_told_and_acceptance_is_not() -> None:
    by = stamp(Role.INSPECTOR)
    assert hearers_of(ActionPlanReviewed("changes_requested"), by) == {Hearers.FORCE}
    assert hearers_of(ActionPlanReviewed("accepted"), by) == set()


def test_an_import_tells_nobody() -> None:
    assert hearers_of(ClaimReturned("Why."), stamp(Role.INSPECTOR)) == {Hearers.FORCE}
    assert hearers_of(ClaimReturned("Why."), stamp(Role.IMPORTER)) == set()


@pytest.mark.parametrize(
    ("role", "hearers"),
    [(Role.INSPECTOR, Hearers.BODY), (Role.LOCAL_POLICING_BODY, Hearers.LEAD)],
)
def test_a_question_is_told_to_the_other_side_alone(role: Role, hearers: Hearers) -> None:
    asked = QuestionAsked(party="local_policing_body", question="When?")
    assert tag_of(asked) == "recommendation.question_asked"
    assert hearers_of(asked, stamp(role)) == {hearers}


def test_a_role_that_reads_no_history_of_a_force_is_told_nothing_of_it() -> None:
    history = Story().also(ISSUED, stamp(Role.INSPECTOR)).history
    assert may_be_told(Actor("a", Role.FORCE, "kent"), history)
    assert may_be_told(Actor("a", Role.INSPECTOR), history)
    for actor in (
        Actor("a", Role.FORCE, "essex"),
        Actor("a", Role.PUBLIC),
        Actor("a", Role.AUDITOR),
        Actor("a", Role.ADMIN),
    ):
        assert not may_be_told(actor, history), actor
