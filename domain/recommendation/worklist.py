"""The work that waits for a reviewer, derived from the state of a recommendation."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from domain.recommendation.clocks import overdue_from
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.vocabulary.values import When


class Work(StrEnum):
    """A kind of work for a reviewer."""

    REVIEW_PLAN = "review_plan"
    ASSIGN_FOLLOW_UP = "assign_follow_up"
    REPORT_FOLLOW_UP = "report_follow_up"
    CHECK_CLAIM = "check_claim"
    AGREE_CLOSURE = "agree_closure"
    """Another inspector proposed to close it as verified."""
    AGREE_SUPPRESSION = "agree_suppression"
    """Somebody asked to suppress a published text."""
    RECONSIDER = "reconsider"
    """A stale decision: something material was recorded after it."""
    CHASE_OVERDUE = "chase_overdue"
    DUE_SOON = "due_soon"
    """It will be overdue within SOON_DAYS of the day of the view, if nothing happens."""


SOON_DAYS = 14


class WorkDue(Struct, frozen=True):
    """A piece of work that waits since a date.

    `shows_from` is the day from which it is shown, if that is later.
    """

    work: Work
    waiting_since: When
    shows_from: date | None = None
    window_to: When | None = None


def work(state: Recommendation) -> tuple[WorkDue, ...]:
    """Return all work that waits; a recommendation can wait for more than one thing."""
    items: list[WorkDue] = []
    match state.stage:
        case Stage.PLAN_RECEIVED:
            items.append(WorkDue(Work.REVIEW_PLAN, state.moved_on))
        case Stage.ISSUED if state.plan is Plan.WAIVED:
            items.append(WorkDue(Work.ASSIGN_FOLLOW_UP, state.plan_waived_on or state.moved_on))
        case Stage.PLAN_REVIEWED if state.plan in {Plan.ACCEPTED, Plan.WAIVED}:
            items.append(WorkDue(Work.ASSIGN_FOLLOW_UP, state.moved_on))
        case Stage.FOLLOW_UP_ASSIGNED:
            window = state.follow_up.window_to if state.follow_up else None
            items.append(WorkDue(Work.REPORT_FOLLOW_UP, state.moved_on, window_to=window))
        case _:
            pass
    if state.claim:
        items.append(WorkDue(Work.CHECK_CLAIM, state.claim.on))
    if state.proposal:
        items.append(WorkDue(Work.AGREE_CLOSURE, state.proposal.on))
    if state.suppressions:
        items.append(WorkDue(Work.AGREE_SUPPRESSION, state.suppressions[0].on))
    if state.decision and state.decision.stale_on:
        items.append(WorkDue(Work.RECONSIDER, state.decision.stale_on))
    late = overdue_from(state)
    if late:
        items.append(WorkDue(Work.CHASE_OVERDUE, late.isoformat(), shows_from=late))
    return tuple(items)
