"""The commands that are possible, the reason why one is not, and those that are due."""

import pytest
from msgspec.structs import replace

from domain.commands.recommendation import (
    AssignFollowUp,
    Close,
    Comment,
    ReceiveActionPlan,
    ReceiveUpdate,
    RecordAssurance,
    RespondUnderSection55,
    ReviewActionPlan,
    WaiveActionPlan,
)
from domain.events.recommendation import (
    ClosureProposed,
    CompletionClaimed,
    FollowUpReported,
    Section55Responded,
    UpdateReceived,
)
from domain.recommendation.available_commands import (
    SAMPLES,
    Action,
    available_commands,
    is_due,
    obstacle,
)
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import Forbidden, NotFound
from domain.vocabulary.values import Finding
from tests.support.data.examples import ESSEX, INSPECTOR, KENT, NOON, OTHER_INSPECTOR
from tests.support.data.stories import (
    CHANGES,
    ISSUED,
    Story,
    accepted,
    assigned,
    closed,
    followed_up,
    given,
    issued,
    planned,
)

EVERY = {type(sample) for sample in SAMPLES}
MET = FollowUpReported(Finding.MET, "All were trained.", "Review of 2023")
immediate = given(("2022-08-05", ISSUED), ("2022-08-05", UpdateReceived("Done.")))


def _obstacle(command: Action, story: Story, actor: Actor = INSPECTOR) -> str | None:
    return obstacle(command, actor, story.history, NOON)


@pytest.mark.parametrize("story", [issued, planned, accepted, assigned, followed_up, closed])
def test_a_command_is_possible_exactly_where_nothing_is_in_its_way(story: Story) -> None:
    possible: set[Action] = set()
    for command in EVERY:
        try:
            if _obstacle(command, story) is None:
                possible.add(command)
        except Forbidden:
            continue
    assert possible == {*available_commands(INSPECTOR, story.history, NOON)}


def test_an_obstacle_is_the_rule_in_words() -> None:
    assert _obstacle(ReviewActionPlan, planned) is None
    assert _obstacle(ReviewActionPlan, issued) == (
        "Only an action plan that has been received can be reviewed; this recommendation is "
        "issued, and its action plan has not been received."
    )


def test_who_may_not_give_a_command_at_all_is_told_so_as_ever() -> None:
    with pytest.raises(Forbidden):
        _obstacle(ReviewActionPlan, planned, KENT)
    with pytest.raises(NotFound):
        _obstacle(ReceiveActionPlan, issued, ESSEX)


@pytest.mark.parametrize(
    ("command", "story", "due"),
    [
        (ReceiveActionPlan, issued, True),
        (ReceiveActionPlan, followed_up, True),  # partly met: a new plan is next
        (ReceiveActionPlan, assigned.also(MET, assigned.history[-1].stamp), False),
        (ReviewActionPlan, planned, True),
        (AssignFollowUp, accepted, True),
        (AssignFollowUp, followed_up, False),
        (ReceiveUpdate, issued, True),
        (ReceiveUpdate, immediate, False),
        (Close, followed_up, False),
        (Close, assigned.also(MET, assigned.history[-1].stamp), True),
        (RespondUnderSection55, issued, True),
        (WaiveActionPlan, issued, False),
        (Comment, issued, False),
    ],
)
def test_a_command_is_due_if_it_is_the_next_to_expect(
    command: Action, story: Story, *, due: bool
) -> None:
    assert is_due(command, story.recommendation) is due


def test_comments_are_due_once_and_a_closure_is_due_once_another_proposed_it() -> None:
    stamp = issued.history[0].stamp
    answered = issued.also(Section55Responded("act", "We asked."), stamp)
    assert not is_due(RespondUnderSection55, answered.recommendation)
    proposed = followed_up.also(ClosureProposed("Seen.", "Letter"), followed_up.history[-1].stamp)
    assert is_due(Close, proposed.recommendation)
    assert not is_due(Close, proposed.recommendation, INSPECTOR), "another inspector agrees"
    assert is_due(Close, proposed.recommendation, OTHER_INSPECTOR)


def test_a_view_of_the_body_is_never_due_since_nobody_has_to_give_one() -> None:
    stamp = followed_up.history[-1].stamp
    claimed = followed_up.also(CompletionClaimed("Seen."), stamp)
    for story in (followed_up, claimed):
        assert not is_due(RecordAssurance, story.recommendation)


def test_no_new_plan_is_due_while_a_closure_is_proposed() -> None:
    stamp = followed_up.history[-1].stamp
    unmet = assigned.also(replace(MET, finding=Finding.NOT_MET), stamp)
    changes = planned.also(CHANGES, stamp)
    for story in (unmet, changes):
        assert is_due(ReceiveActionPlan, story.recommendation)
        proposed = story.also(ClosureProposed("Seen.", "Letter"), stamp)
        assert not is_due(ReceiveActionPlan, proposed.recommendation)
    first = issued.also(ClosureProposed("Seen.", "Letter"), stamp)
    assert is_due(ReceiveActionPlan, first.recommendation), "its last day runs on"
