"""The state of a recommendation, folded from its events."""

from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.checks import floor_after
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    ActionPlanWaived,
    AssuranceRecorded,
    ClaimReturned,
    Closed,
    Commented,
    CompletionClaimed,
    Corrected,
    DecisionConfirmed,
    FollowUpAssigned,
    FollowUpChanged,
    FollowUpReported,
    Issued,
    NoteRedacted,
    OutcomeNoted,
    OwnerNamed,
    ProgressReported,
    RecommendationEvent,
    RedactionApproved,
    RedactionRequested,
    Reopened,
    Section55Responded,
    TimeLimitChanged,
)
from domain.recommendation.decisions import Decision, decision_after
from domain.recommendation.slippage import Slippage, slippage_after
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Stamp
from domain.vocabulary.values import (
    ActorId,
    Answer,
    AssuranceLevel,
    CloseReason,
    Finding,
    FollowUpKind,
    Line,
    Text,
    TimeLimit,
    When,
)


class Stage(StrEnum):
    """How far the inspectorate has got with a recommendation."""

    ABSENT = "absent"
    ISSUED = "issued"
    PLAN_RECEIVED = "plan_received"
    PLAN_REVIEWED = "plan_reviewed"
    FOLLOW_UP_ASSIGNED = "follow_up_assigned"
    FOLLOWED_UP = "followed_up"
    CLOSED = "closed"


class Plan(StrEnum):
    """The status of the action plan of the current cycle."""

    AWAITED = "awaited"
    RECEIVED = "received"
    CHANGES_REQUESTED = "changes_requested"
    ACCEPTED = "accepted"
    WAIVED = "waived"


class FollowUp(Struct, frozen=True):
    """The current follow-up, assigned but not yet reported."""

    step: int
    on: When
    kind: FollowUpKind
    procedure: Line
    window_from: When | None
    window_to: When | None
    assignee: ActorId | None


class ReportedFinding(Struct, frozen=True):
    """The finding of one follow-up."""

    step: int
    on: When
    finding: Finding
    passage: Text
    source: Line


class Claim(Struct, frozen=True):
    """The force's current claim that the work is done."""

    step: int
    on: When
    by: ActorId


class Response(Struct, frozen=True):
    """The local policing body's latest published comments under section 55."""

    step: int
    on: When
    answer: Answer
    address: Line | None


class Assurance(Struct, frozen=True):
    """The local policing body's own latest view of completion."""

    step: int
    on: When
    level: AssuranceLevel


class Closure(Struct, frozen=True):
    """The inspectorate's closure: the work is done, or no longer asked for."""

    step: int
    on: When
    reason: CloseReason
    source: Line | None
    superseded_by: UUID | None


class Recommendation(Struct, frozen=True):
    """The state of a recommendation; no further step can be dated before `floor`."""

    step: int = 0
    floor: date = date.min
    stage: Stage = Stage.ABSENT
    issued: Issued | None = None
    issued_on: When = "unknown"
    imported: bool = False
    """Whether it came from published sources, which may be silent about later events."""
    time_limit: TimeLimit = "unknown"
    time_limit_step: int = 1
    owner_step: int = 0
    plan: Plan = Plan.AWAITED
    cycle: int = 1
    first_plan_on: When | None = None
    plan_waived_on: When | None = None
    follow_up: FollowUp | None = None
    findings: tuple[ReportedFinding, ...] = ()
    claim: Claim | None = None
    claimants: tuple[ActorId, ...] = ()
    section_55: Response | None = None
    assurance: Assurance | None = None
    closure: Closure | None = None
    stage_before_closure: Stage = Stage.ABSENT
    decision: Decision | None = None
    slippage: Slippage = Slippage()
    moved_on: When = "unknown"
    """When the stage last changed."""

    @property
    def open(self) -> bool:
        """Whether the inspectorate still asks for it."""
        return self.stage not in {Stage.ABSENT, Stage.CLOSED}


REMARKS = (ProgressReported, Commented, RedactionRequested)
"""Events that change nothing else in the state; by far the most frequent."""


def evolve(  # noqa: C901, PLR0911, PLR0912  the same table, read the other way
    state: Recommendation, event: RecommendationEvent, stamp: Stamp
) -> Recommendation:
    """Return the state after one more event. History is never refused."""
    step, on = state.step + 1, stamp.on
    state = replace(
        state,
        step=step,
        floor=floor_after(state.floor, event, on),
        decision=decision_after(state.decision, step, event, stamp),
        slippage=slippage_after(state.slippage, event),
    )
    if isinstance(event, REMARKS):
        return state
    match event:
        case OutcomeNoted() | DecisionConfirmed() | Corrected():
            return state
        case NoteRedacted() | RedactionApproved():
            return state
        case Issued():
            return replace(
                _moved(state, Stage.ISSUED, on),
                issued=event,
                issued_on=on,
                imported=stamp.role is Role.IMPORTER,
                time_limit=event.time_limit,
                time_limit_step=step,
            )
        case OwnerNamed():
            return replace(state, owner_step=step)
        case ActionPlanReceived(cycle=cycle):
            return replace(
                _moved(state, Stage.PLAN_RECEIVED, on),
                plan=Plan.RECEIVED,
                cycle=cycle,
                first_plan_on=state.first_plan_on or on,
            )
        case ActionPlanWaived():
            return replace(state, plan=Plan.WAIVED, plan_waived_on=on)
        case ActionPlanReviewed(outcome=outcome):
            return replace(_moved(state, Stage.PLAN_REVIEWED, on), plan=Plan(outcome))
        case FollowUpAssigned() | FollowUpChanged():
            if isinstance(event, FollowUpAssigned):
                state = _moved(state, Stage.FOLLOW_UP_ASSIGNED, on)
            return replace(
                state,
                follow_up=FollowUp(
                    step,
                    on,
                    event.kind,
                    event.procedure,
                    event.window_from,
                    event.window_to,
                    event.assignee,
                ),
            )
        case FollowUpReported(finding=finding, passage=passage, source=source):
            return replace(
                _moved(state, Stage.FOLLOWED_UP, on),
                follow_up=None,
                findings=(*state.findings, ReportedFinding(step, on, finding, passage, source)),
            )
        case CompletionClaimed():
            return replace(
                state,
                claim=Claim(step, on, stamp.by),
                claimants=tuple(sorted({*state.claimants, stamp.by})),
            )
        case ClaimReturned():
            return replace(state, claim=None)
        case Section55Responded(answer=answer, address=address):
            return replace(state, section_55=Response(step, on, answer, address))
        case AssuranceRecorded(level=level):
            return replace(state, assurance=Assurance(step, on, level))
        case Closed(reason=reason, source=source, superseded_by=superseded_by):
            return replace(
                _moved(state, Stage.CLOSED, on),
                claim=None,
                closure=Closure(step, on, reason, source, superseded_by),
                stage_before_closure=state.stage,
            )
        case Reopened():
            return replace(_moved(state, state.stage_before_closure, on), closure=None)
        case TimeLimitChanged(now=now):
            return replace(state, time_limit=now, time_limit_step=step)
        case _:
            assert_never(event)


def _moved(state: Recommendation, stage: Stage, on: When) -> Recommendation:
    return replace(state, stage=stage, moved_on=on)
