"""The work that waits for a reviewer, derived from the state of a recommendation."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from domain.recommendation.clocks import (
    IMMEDIATE,
    awaits_update,
    overdue_from,
    plan_overdue_from,
    section_55_overdue_from,
)
from domain.recommendation.deadlines import ClockName
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.vocabulary.actors import Role
from domain.vocabulary.dates import earliest, end_of
from domain.vocabulary.forces import NATIONAL
from domain.vocabulary.values import ActorId, Finding, When


class Work(StrEnum):
    """A kind of work for a reviewer."""

    REVIEW_PLAN = "review_plan"
    REVISE_PLAN = "revise_plan"
    """Inspectors asked for changes to the action plan."""
    AWAIT_PLAN = "await_plan"
    """A first action plan, of which the record tells no last day."""
    NEW_PLAN = "new_plan"
    """The last follow-up did not find it met: the force says next what it will do."""
    ASSIGN_FOLLOW_UP = "assign_follow_up"
    REPORT_FOLLOW_UP = "report_follow_up"
    DECIDE_AFTER_FOLLOW_UP = "decide_after_follow_up"
    """The last follow-up found it met, or told its findings only in words."""
    CHECK_CLAIM = "check_claim"
    AGREE_CLOSURE = "agree_closure"
    """Another inspector proposed to close it as verified."""
    AGREE_SUPPRESSION = "agree_suppression"
    """Somebody asked to suppress a published text."""
    RECONSIDER = "reconsider"
    """A stale decision: something material was recorded after it."""
    AWAIT_UPDATE = "await_update"
    """An update on immediate action, for which no last day is stated."""
    CHASE_OVERDUE = "chase_overdue"
    """Overdue by a clock, which is named beside it."""
    DUE_SOON = "due_soon"
    """It will be overdue within SOON_DAYS of the day of the view, if nothing happens."""


OF_OTHERS = frozenset(
    {
        Work.REVISE_PLAN,
        Work.AWAIT_PLAN,
        Work.NEW_PLAN,
        Work.AWAIT_UPDATE,
        Work.CHASE_OVERDUE,
        Work.DUE_SOON,
    }
)
"""The work that waits for a force or a local policing body."""
SOON_DAYS = 14


class WorkDue(Struct, frozen=True):
    """A piece of work that waits since a date.

    `shows_from` is the day from which it is shown, if that is later. `due` is the last day by the
    clock, or of a follow-up's window; None if there is none. `proposer` may not do it.
    """

    work: Work
    waiting_since: When
    shows_from: date | None = None
    window_to: When | None = None
    clock: ClockName | None = None
    due: date | None = None
    assignee: ActorId | None = None
    proposer: ActorId | None = None
    """The inspector who proposed a closure, to which only another can agree."""


def work(state: Recommendation) -> tuple[WorkDue, ...]:
    """Return all work that waits; a recommendation can wait for more than one thing."""
    items = [*_of_stage(state)]
    if state.claim:
        items.append(WorkDue(Work.CHECK_CLAIM, state.claim.on))
    if state.proposal:
        by, reader = state.proposal.by, state.proposal.second_reader
        since = state.proposal.on
        items.append(WorkDue(Work.AGREE_CLOSURE, since, assignee=reader, proposer=by))
    if state.suppressions:
        items.append(WorkDue(Work.AGREE_SUPPRESSION, state.suppressions[0].on))
    if (decision := state.decision) and decision.stale_on:
        since = max(decision.on, decision.stale_on, key=earliest)
        items.append(WorkDue(Work.RECONSIDER, since))
    if awaits_update(state):
        items.append(WorkDue(Work.AWAIT_UPDATE, state.issued_on, clock="immediate_update"))
    return (*items, *_chased(state))


def _of_stage(state: Recommendation) -> Iterator[WorkDue]:
    match state.stage:
        case Stage.PLAN_RECEIVED:
            yield WorkDue(Work.REVIEW_PLAN, state.moved_on)
        case Stage.PLAN_REVIEWED if state.plan is Plan.CHANGES_REQUESTED:
            if state.proposal is None:
                yield WorkDue(Work.REVISE_PLAN, state.moved_on)
        case Stage.ISSUED if state.plan is Plan.WAIVED:
            yield WorkDue(Work.ASSIGN_FOLLOW_UP, state.plan_waived_on or state.moved_on)
        case Stage.ISSUED if state.updated:
            yield WorkDue(Work.ASSIGN_FOLLOW_UP, state.updated_on or state.moved_on)
        case Stage.ISSUED if _awaits_plan_without_day(state):
            yield WorkDue(Work.AWAIT_PLAN, state.moved_on, clock="action_plan")
        case Stage.PLAN_REVIEWED if state.plan in {Plan.ACCEPTED, Plan.WAIVED}:
            yield WorkDue(Work.ASSIGN_FOLLOW_UP, state.moved_on)
        case Stage.FOLLOW_UP_ASSIGNED:
            yield _report_of(state)
        case Stage.FOLLOWED_UP:
            yield from _after_follow_up(state)
        case _:
            pass


def _awaits_plan_without_day(state: Recommendation) -> bool:
    if state.issued is None or state.issued.addressee == NATIONAL or state.time_limit == IMMEDIATE:
        return False
    return state.plan is Plan.AWAITED and plan_overdue_from(state) is None


def _after_follow_up(state: Recommendation) -> Iterator[WorkDue]:
    """Yield what the last finding asks for next; a claim or a proposal is work of its own."""
    if state.claim:
        return
    if needs_new_plan(state):
        yield WorkDue(Work.NEW_PLAN, state.moved_on)
    elif state.proposal is None:
        yield WorkDue(Work.DECIDE_AFTER_FOLLOW_UP, state.moved_on)


def next_by(kind: Work, clock: str | None) -> Role:
    """Return the role whose move it is: of a clock, the one that it runs for."""
    if kind not in OF_OTHERS:
        return Role.INSPECTOR
    return Role.LOCAL_POLICING_BODY if clock == "section_55" else Role.FORCE


UNMET = frozenset({Finding.PARTLY_MET, Finding.NOT_MET, Finding.TOO_EARLY})
"""Findings after which the force says next what it will do."""


def needs_new_plan(state: Recommendation) -> bool:
    """Return whether the last follow-up found it unmet, so that the force plans again.

    While a closure is proposed, inspectors decide first: the force, which may read of the proposal,
    is not to plan what may be closed.
    """
    unmet = bool(state.findings) and state.findings[-1].finding in UNMET
    return unmet and state.stage is Stage.FOLLOWED_UP and state.proposal is None


def next_move(
    stage: Stage,
    plan: Plan,
    *,
    claimed: bool = False,
    updated: bool = False,
    finding: Finding | None = None,
) -> Role | None:
    """Return the role whose move a recommendation waits for; None if nothing tells.

    `updated`: the force gave the update that is asked for in the place of a plan.
    """
    if stage in {Stage.ABSENT, Stage.CLOSED} or (stage is Stage.NOT_KNOWN and not claimed):
        return None
    if claimed:
        return Role.INSPECTOR
    of_force = (
        (stage is Stage.ISSUED and plan is not Plan.WAIVED and not updated)
        or (stage is Stage.PLAN_REVIEWED and plan is Plan.CHANGES_REQUESTED)
        or (stage is Stage.FOLLOWED_UP and finding in UNMET)
    )
    return Role.FORCE if of_force else Role.INSPECTOR


def unseen_move(state: Recommendation) -> Work | None:
    """Return the work of inspectors that only a reader of the history may know of.

    It comes before any other move: a proposed closure, or what was recorded after a closure.
    """
    if state.proposal:
        return Work.AGREE_CLOSURE
    stale = state.decision is not None and state.decision.stale
    return Work.RECONSIDER if stale and state.stage is Stage.CLOSED else None


def _report_of(state: Recommendation) -> WorkDue:
    follow_up = state.follow_up
    window = follow_up.window_to if follow_up else None
    return WorkDue(
        Work.REPORT_FOLLOW_UP,
        state.moved_on,
        window_to=window,
        due=end_of(window) if window and window != "unknown" else None,
        assignee=follow_up.assignee if follow_up else None,
    )


def _chased(state: Recommendation) -> Iterator[WorkDue]:
    """Yield what is, or will be, overdue by each clock if nothing more is recorded."""
    days: dict[ClockName, date | None] = {
        "action_plan": plan_overdue_from(state),
        "section_55": section_55_overdue_from(state),
        "time_limit": overdue_from(state),
    }
    for clock, late in days.items():
        if late:
            due = late - timedelta(days=1)
            yield WorkDue(Work.CHASE_OVERDUE, late.isoformat(), late, clock=clock, due=due)
