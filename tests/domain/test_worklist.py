"""The work that waits: every clock that runs out, whose move it is, and silence is no breach."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from domain.events.recommendation import (
    Closed,
    ClosureProposed,
    Section55Responded,
    UpdateReceived,
)
from domain.recommendation.clocks import clocks
from domain.recommendation.state import Recommendation
from domain.recommendation.worklist import Work, WorkDue, next_by, next_move, work
from domain.vocabulary.actors import Role
from domain.vocabulary.values import CloseReason, Finding, FollowUpKind, TimeLimit
from tests.support.data.examples import IMPORT, INSPECTOR, KENT, KENT_BODY
from tests.support.data.stories import (
    ACCEPTED,
    ASSIGNED,
    CHANGES,
    CLAIMED,
    CLOSED,
    FOLLOWED_UP,
    ISSUED,
    PLAN,
    WAIVED,
    Happened,
    given,
)

RESPONSE = Section55Responded("act", "We asked.")
VERIFIED = Closed(CloseReason.VERIFIED, "Seen.", "Review")
PUBLISHED = date(2026, 8, 5)
LIVES: dict[str, tuple[Happened, ...]] = {
    "only issued": (),
    "planned": (("2026-08-20", PLAN, KENT),),
    "planned late": (("2026-10-20", PLAN, KENT),),
    "planned, changes requested": (("2026-08-20", PLAN, KENT), ("2026-08-21", CHANGES)),
    "waived": (("2026-08-20", WAIVED),),
    "accepted": (("2026-08-20", PLAN, KENT), ("2026-08-21", ACCEPTED)),
    "answered by the body": (("2026-08-20", RESPONSE, KENT_BODY),),
    "claimed": (("2026-08-20", CLAIMED, KENT),),
    "closed": (("2026-08-20", CLOSED),),
    "verified": (("2026-08-20", PLAN, KENT), ("2026-08-21", ACCEPTED), ("2026-08-22", ASSIGNED),
                 ("2026-08-23", FOLLOWED_UP), ("2026-08-24", VERIFIED)),
    "updated": (("2026-08-20", UpdateReceived("Done."), KENT),),
}  # fmt: skip
LIMITS: tuple[TimeLimit, ...] = ("months:3", "immediate", "none", "unknown", "date:2026-10-01")


def life(name: str, limit: TimeLimit, addressee: str = "kent") -> Recommendation:
    issue = replace(ISSUED, time_limit=limit, addressee=addressee)
    return given((PUBLISHED.isoformat(), issue), *LIVES[name]).recommendation


def followed_up(finding: Finding, *later: Happened) -> Recommendation:
    before = LIVES["verified"][:3]
    reported = ("2026-08-23", replace(FOLLOWED_UP, finding=finding))
    issue = replace(ISSUED, time_limit="months:3")
    return given((PUBLISHED.isoformat(), issue), *before, reported, *later).recommendation


def chased(state: Recommendation, day: date) -> set[str | None]:
    """The clocks of the work that is overdue on a day."""
    return {
        item.clock
        for item in work(state)
        if item.work is Work.CHASE_OVERDUE and item.shows_from and item.shows_from <= day
    }


@pytest.mark.parametrize("name", LIVES)
@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("addressee", ["kent", "national"])
def test_what_is_overdue_in_the_list_is_what_the_clocks_say(
    name: str, limit: TimeLimit, addressee: str
) -> None:
    state = life(name, limit, addressee)
    # A life ends on its last day; before that, the state is another.
    for days in range(80, 140):
        day = PUBLISHED + timedelta(days)
        overdue = {clock.name for clock in clocks(state, day) if clock.state == "overdue"}
        assert chased(state, day) == overdue, day


def test_overdue_plans_and_comments_wait_with_the_day_they_were_due() -> None:
    items = [item for item in work(life("only issued", "none")) if item.clock]
    assert items == [
        WorkDue(
            Work.CHASE_OVERDUE, "2026-09-17", date(2026, 9, 17),
            clock="action_plan", due=date(2026, 9, 16),
        ),
        WorkDue(
            Work.CHASE_OVERDUE, "2026-09-30", date(2026, 9, 30),
            clock="section_55", due=date(2026, 9, 29),
        ),
    ]  # fmt: skip


def test_nothing_is_overdue_of_what_only_published_sources_tell() -> None:
    issue = replace(ISSUED, time_limit="months:3")
    imported = given(("2022-08-05", issue, IMPORT))
    assert work(imported.recommendation) == ()


def test_an_update_without_a_last_day_is_awaited_and_never_overdue() -> None:
    state = life("only issued", "immediate")
    assert WorkDue(Work.AWAIT_UPDATE, "2026-08-05", clock="immediate_update") in work(state)
    assert Work.AWAIT_UPDATE not in {item.work for item in work(life("updated", "immediate"))}
    assert Work.AWAIT_UPDATE not in {item.work for item in work(life("closed", "immediate"))}
    assert Work.AWAIT_UPDATE not in {item.work for item in work(life("only issued", "months:3"))}


def test_a_follow_up_is_due_at_the_end_of_its_window_by_its_assignee() -> None:
    assigned = replace(
        ASSIGNED, kind=FollowUpKind.MONITORING, window_to="2026-12", assignee="inspector-2"
    )
    state = given(
        ("2026-08-05", ISSUED), ("2026-08-20", WAIVED), ("2026-08-21", assigned)
    ).recommendation
    (item,) = (item for item in work(state) if item.work is Work.REPORT_FOLLOW_UP)
    assert (item.due, item.window_to, item.assignee) == (
        date(2026, 12, 31),
        "2026-12",
        "inspector-2",
    )


@pytest.mark.parametrize(
    ("finding", "kind", "party"),
    [
        (Finding.MET, Work.DECIDE_AFTER_FOLLOW_UP, Role.INSPECTOR),
        (Finding.NARRATIVE, Work.DECIDE_AFTER_FOLLOW_UP, Role.INSPECTOR),
        (Finding.PARTLY_MET, Work.NEW_PLAN, Role.FORCE),
        (Finding.NOT_MET, Work.NEW_PLAN, Role.FORCE),
        (Finding.TOO_EARLY, Work.NEW_PLAN, Role.FORCE),
    ],
)
def test_after_a_follow_up_the_finding_says_what_is_next_and_for_whom(
    finding: Finding, kind: Work, party: Role
) -> None:
    state = followed_up(finding)
    assert [item for item in work(state) if item.clock is None] == [WorkDue(kind, "2026-08-23")]
    assert next_by(kind, None) is party
    assert next_move(state.stage, state.plan, finding=finding) is party


def test_a_claim_after_a_follow_up_is_checked_in_place_of_a_decision_or_a_plan() -> None:
    for finding in Finding:
        state = followed_up(finding, ("2026-08-24", CLAIMED, KENT))
        kinds = [item.work for item in work(state) if item.clock is None]
        assert kinds == [Work.CHECK_CLAIM]


def test_a_closure_proposed_after_a_narrative_waits_for_its_second_reader_alone() -> None:
    state = followed_up(Finding.NARRATIVE, ("2026-08-24", ClosureProposed("Seen.", "Review")))
    kinds = [item.work for item in work(state) if item.clock is None]
    assert kinds == [Work.AGREE_CLOSURE]


def test_while_a_closure_is_proposed_the_force_is_not_to_plan_again() -> None:
    proposed = ("2026-08-24", ClosureProposed("Seen.", "Review"))
    changes = given((PUBLISHED.isoformat(), ISSUED), *LIVES["planned, changes requested"], proposed)
    for state in (followed_up(Finding.NOT_MET, proposed), changes.recommendation):
        (item,) = (item for item in work(state) if item.clock is None)
        assert (item.work, item.proposer) == (Work.AGREE_CLOSURE, INSPECTOR.id)


def test_after_an_update_on_immediate_action_inspectors_decide_on_a_follow_up() -> None:
    state = life("updated", "immediate")
    assert WorkDue(Work.ASSIGN_FOLLOW_UP, "2026-08-20") in work(state)
    move = next_move(state.stage, state.plan, updated=state.updated)
    assert move is Role.INSPECTOR
    assert not life("updated", "months:3").updated


def test_a_plan_is_awaited_where_nobody_knows_the_date_of_publication() -> None:
    state = given(("unknown", replace(ISSUED, time_limit="none"))).recommendation
    (item,) = work(state)
    assert item == WorkDue(Work.AWAIT_PLAN, "unknown", clock="action_plan")
    national = given(("unknown", replace(ISSUED, time_limit="none", addressee="national")))
    assert work(national.recommendation) == ()


@pytest.mark.parametrize(
    ("kind", "clock", "party"),
    [
        (Work.REVIEW_PLAN, None, Role.INSPECTOR),
        (Work.CHECK_CLAIM, None, Role.INSPECTOR),
        (Work.REVISE_PLAN, None, Role.FORCE),
        (Work.CHASE_OVERDUE, "action_plan", Role.FORCE),
        (Work.DUE_SOON, "time_limit", Role.FORCE),
        (Work.AWAIT_UPDATE, "immediate_update", Role.FORCE),
        (Work.DUE_SOON, "section_55", Role.LOCAL_POLICING_BODY),
    ],
)
def test_each_work_says_whose_move_it_is(kind: Work, clock: str | None, party: Role) -> None:
    assert next_by(kind, clock) is party
