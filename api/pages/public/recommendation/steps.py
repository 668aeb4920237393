"""The steps of a recommendation, as a list: each done, now, not yet, or not known.

The list is of the present round: a new action plan begins a new one, and a reopening takes the
closure back. It says of each step what is on record, and of no step what is not.
"""

from collections.abc import Container, Iterable, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from api.pages.rendering import formatting, labels
from api.pages.rendering.language import gettext as _
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    ActionPlanWaived,
    Closed,
    FollowUpAssigned,
    FollowUpReported,
    Issued,
    RecommendationEvent,
    Reopened,
    TakenOver,
    UpdateReceived,
)
from domain.recommendation.clocks import IMMEDIATE
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.recommendation.worklist import UNMET
from domain.vocabulary.entry import Entry
from domain.vocabulary.values import StoodAt

Name: TypeAlias = Literal[
    "published", "reopened", "update", "plan", "review", "follow_up", "new_plan", "closed"
]
Status: TypeAlias = Literal["done", "now", "not_yet", "not_needed", "not_recorded", "not_known"]

ORDER: tuple[Name, ...] = (
    "published", "reopened", "update", "plan", "review", "follow_up", "new_plan", "closed",
)  # fmt: skip
ALWAYS: frozenset[Name] = frozenset({"published", "plan", "review", "follow_up", "closed"})
OF_PLAN: frozenset[Name] = frozenset({"plan", "review"})
BY_THEN: dict[StoodAt, tuple[Name, ...]] = {
    StoodAt.PLAN_AWAITED: (),
    StoodAt.PLAN_RECEIVED: ("plan",),
    StoodAt.PLAN_ACCEPTED: ("plan", "review"),
    StoodAt.PLAN_WAIVED: ("plan",),
    StoodAt.FOLLOW_UP_ASSIGNED: ("follow_up",),
    StoodAt.FOLLOWED_UP: ("follow_up",),
    StoodAt.CLOSED: ("closed",),
}
"""The steps that had happened when inspectors said where a recommendation stood."""


class Step(Struct, frozen=True):
    """A step of the present round, with what is on record of it."""

    name: Name
    status: Status
    detail: str


def steps_of(entries: Iterable[Entry[RecommendationEvent]], state: Recommendation) -> list[Step]:
    """Return the steps of the present round, in their order."""
    details = _details(entries)
    now = _now(state)
    always = ALWAYS - OF_PLAN | {"update"} if state.time_limit == IMMEDIATE else ALWAYS
    shown = {*always, *details, now}
    return [
        Step(name, _status(name, now, details, state), details.get(name, ""))
        for name in _in_order(shown, list(details), now)
    ]


def _in_order(
    shown: Container[str | None], recorded: Sequence[Name], now: Name | None
) -> list[Name]:
    """Return steps in their order; a reopening comes after all that was recorded before it."""
    names: list[Name] = [name for name in ORDER if name in shown and name != "reopened"]
    if "reopened" in recorded:
        before = recorded[: recorded.index("reopened")]
        last = max(names.index(name) for name in before if name != now)
        names.insert(last + 1, "reopened")
    return names


def _details(entries: Iterable[Entry[RecommendationEvent]]) -> dict[Name, str]:
    """Return what is on record of each step of the present round."""
    details: dict[Name, str] = {}
    for entry in entries:
        event, day = entry.event, entry.stamp.on
        match event:
            case TakenOver(standing=standing):
                stood = f"{labels.STANDINGS[standing]}, {formatting.day(day)}"
                details |= dict.fromkeys(BY_THEN[standing], stood)
            case Reopened():
                was = details.pop("closed", "")
                details["reopened"] = _(
                    "%(day)s. It had been closed: %(was)s",
                    day=formatting.dated(day),
                    was=formatting.lowered(was),
                )
            case _ if words := _words(event):
                name, what = words
                if name == "plan":  # the review and the follow-up were of the plan before it
                    details.pop("review", None)
                    details.pop("follow_up", None)
                details.pop(name, None)  # so that it stands where it was recorded last
                details[name] = f"{what}, {formatting.day(day)}" if what else formatting.dated(day)
            case _:
                pass
    return details


def _words(  # noqa: PLR0911  one return a step
    event: RecommendationEvent,
) -> tuple[Name, str] | None:
    """Return the step that an event is, and what happened; None if it is no step."""
    match event:
        case Issued():
            return "published", ""
        case UpdateReceived():
            return "update", ""
        case ActionPlanReceived(answer=answer):
            return "plan", labels.ANSWERS[answer]
        case ActionPlanWaived():
            return "plan", _("Inspectors waived it")
        case ActionPlanReviewed(outcome=outcome):
            return "review", labels.OUTCOMES[outcome]
        case FollowUpAssigned():
            return "follow_up", _("Planned")
        case FollowUpReported(finding=finding):
            return "follow_up", labels.FINDINGS[finding]
        case Closed(reason=reason):
            return "closed", labels.CLOSED[reason]
        case _:
            return None


def _now(state: Recommendation) -> Name | None:
    """Return the step that is waited for; None if there is none, or it is not known."""
    match state.stage:
        case Stage.ISSUED:
            answer: Name = "update" if state.time_limit == IMMEDIATE else "plan"
            return "follow_up" if state.plan is Plan.WAIVED or state.updated else answer
        case Stage.PLAN_RECEIVED:
            return "review"
        case Stage.PLAN_REVIEWED:
            return "plan" if state.plan is Plan.CHANGES_REQUESTED else "follow_up"
        case Stage.FOLLOW_UP_ASSIGNED:
            return "follow_up"
        case Stage.FOLLOWED_UP:
            return "new_plan" if state.findings[-1].finding in UNMET else "closed"
        case _:
            return None


def _status(
    name: Name, now: Name | None, details: dict[Name, str], state: Recommendation
) -> Status:
    if name == now:
        return "now"
    if now and ORDER.index(name) > ORDER.index(now):
        # Changes were requested: the review of the plan is on record, and a new plan waits.
        return "done" if name == "review" and name in details else "not_yet"
    if name in OF_PLAN and state.plan is Plan.WAIVED:
        return "not_needed"
    if name in details and not (name == "follow_up" and state.follow_up):
        return "done"
    return "not_known" if state.stage is Stage.NOT_KNOWN else "not_recorded"
