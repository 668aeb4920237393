"""The state of a recommendation after one more step: the life cycle as what each event does."""

from typing import assert_never, cast, get_args

from msgspec.structs import replace

from domain.amendments.threads import threads_after
from domain.checks import ABOUT_THE_RECORD
from domain.events.correspondence import RecommendationReply
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    ActionPlanWaived,
    AssuranceRecorded,
    ClaimReturned,
    Closed,
    ClosureDeclined,
    ClosureProposed,
    Commented,
    CompletionClaimed,
    Corrected,
    DecisionConfirmed,
    FollowUpAssigned,
    FollowUpChanged,
    FollowUpReported,
    Issued,
    MilestoneNoted,
    NoteRedacted,
    OutcomeNoted,
    OwnerNamed,
    ProgressReported,
    RecommendationEvent,
    RedactionApproved,
    RedactionRequested,
    Reopened,
    Section55Responded,
    SuppressionApproved,
    SuppressionRequested,
    TakenOver,
    TimeLimitChanged,
    UpdateReceived,
    WithdrawalRequested,
    Withdrawn,
)
from domain.recommendation.claims import (
    JudgedClaim,
    after_closure,
    after_finding,
    after_return,
)
from domain.recommendation.decisions import STATEMENTS, Statement, decision_after
from domain.recommendation.published_steps import with_step
from domain.recommendation.slippage import slippage_after
from domain.recommendation.state import (
    Assurance,
    Claim,
    Closure,
    ClosureProposal,
    FirstStep,
    FollowUp,
    PendingSuppression,
    Plan,
    Recommendation,
    ReportedFinding,
    Response,
    Stage,
)
from domain.tracks import floor_of, floors_after
from domain.vocabulary.actors import Role
from domain.vocabulary.dates import certain_day
from domain.vocabulary.entry import Entry
from domain.vocabulary.values import StoodAt, When

REMARKS = (ProgressReported, Commented, RedactionRequested)
"""Events that change nothing else in the state; by far the most frequent."""
TAKE_NOTHING_OVER = (
    *REMARKS,
    OutcomeNoted,
    MilestoneNoted,
    *ABOUT_THE_RECORD,
    *get_args(RecommendationReply),
)
"""Events that say nothing of where a recommendation stands; read models pass remarks by."""
TAKES_OVER = frozenset({Role.INSPECTOR, Role.FORCE})


def evolve(  # noqa: C901, PLR0911, PLR0912  one case an event, read as a table
    state: Recommendation, entry: Entry[RecommendationEvent]
) -> Recommendation:
    """Return the state after one more step. History is never refused."""
    event, step, stamp, on = entry.event, entry.step, entry.stamp, entry.stamp.on
    state = _dated(state, entry)
    if isinstance(event, REMARKS):
        return state
    state = _recorded(state, entry)
    if isinstance(event, RecommendationReply):
        threads = threads_after(state.threads, cast("Entry[RecommendationReply]", entry))
        return replace(state, threads=threads)
    match event:
        case OutcomeNoted() | MilestoneNoted() | DecisionConfirmed():
            return state
        case Corrected() | WithdrawalRequested() | Withdrawn():
            return state
        case NoteRedacted() | RedactionApproved():
            return state
        case SuppressionRequested():
            pending = (*state.suppressions, PendingSuppression(step, on))
            return replace(state, suppressions=pending)
        case SuppressionApproved(request=request):
            pending = tuple(each for each in state.suppressions if each.step != request)
            return replace(state, suppressions=pending)
        case Issued():
            imported = stamp.first_role is Role.IMPORTER
            return replace(
                _moved(state, Stage.NOT_KNOWN if imported else Stage.ISSUED, on),
                issued=event,
                issued_on=on,
                imported=imported,
                plan=Plan.NOT_KNOWN if imported else Plan.AWAITED,
                time_limit=event.time_limit,
                time_limit_step=step,
            )
        case TakenOver():
            return _taken_over(state, step, event, on)
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
            known = state if state.open else _moved(state, Stage.ISSUED, on)
            return replace(known, plan=Plan.WAIVED, plan_waived_on=on)
        case ActionPlanReviewed(outcome=outcome):
            return replace(_moved(state, Stage.PLAN_REVIEWED, on), plan=Plan(outcome))
        case FollowUpAssigned():
            return replace(
                _moved(state, Stage.FOLLOW_UP_ASSIGNED, on), follow_up=_follow_up(step, on, event)
            )
        case FollowUpChanged():
            return replace(state, follow_up=_follow_up(step, on, event))
        case FollowUpReported(finding=finding, passage=passage, source=source):
            return _followed_up(state, ReportedFinding(step, on, finding, passage, source))
        case CompletionClaimed():
            return replace(
                state,
                claim=Claim(step, on, stamp.by),
                claimants=tuple(sorted({*state.claimants, stamp.by})),
                claims=(*state.claims, JudgedClaim(step, on)),
            )
        case ClaimReturned():
            return replace(state, claim=None, proposal=None, claims=after_return(state.claims, on))
        case UpdateReceived():
            return replace(state, updated_on=state.updated_on or on)
        case Section55Responded(answer=answer, address=address, copied_on=copied_on):
            response = Response(step, on, answer, address, copied_on)
            return replace(state, responses=(*state.responses, response))
        case AssuranceRecorded(level=level):
            return replace(state, assurance=Assurance(step, on, level))
        case ClosureProposed(source=source, second_reader=reader):
            return replace(state, proposal=ClosureProposal(step, on, stamp.by, source, reader))
        case ClosureDeclined():
            return replace(state, proposal=None)
        case Closed(reason=reason, source=source, superseded_by=superseded_by):
            return _closed(state, Closure(step, on, reason, source, superseded_by))
        case Reopened():
            return replace(_moved(state, state.stage_before_closure, on), closure=None)
        case TimeLimitChanged(now=now):
            return replace(state, time_limit=now, time_limit_step=step)
        case _:
            assert_never(event)


def _dated(state: Recommendation, entry: Entry[RecommendationEvent]) -> Recommendation:
    """Return the state with the dates that any step sets."""
    event, stamp = type(entry.event), entry.stamp
    happened = certain_day(stamp.on, stamp.first_at)
    return replace(
        state,
        step=max(state.step, entry.step),
        last_day=max(state.last_day, happened, floor_of(state.floors, event)),
        floors=floors_after(state.floors, event, stamp.on),
    )


def _recorded(state: Recommendation, entry: Entry[RecommendationEvent]) -> Recommendation:
    """Return the state with what any step but a remark may change beside the life cycle."""
    event, step, stamp = entry.event, entry.step, entry.stamp
    statements = state.statements
    if isinstance(event, STATEMENTS):
        statements = (*statements, Statement(step, stamp.on, event))
    taken_over = state.taken_over
    if (
        state.imported
        and taken_over is None
        and stamp.first_role in TAKES_OVER
        and not isinstance(event, TAKE_NOTHING_OVER)
    ):
        taken_over = FirstStep(step, stamp.on)
    return replace(
        state,
        taken_over=taken_over,
        statements=statements,
        decision=decision_after(state.decision, step, event, stamp, statements),
        slippage=slippage_after(state.slippage, event, state.time_limit),
        published=with_step(state.published, event, stamp),
    )


def _moved(state: Recommendation, stage: Stage, on: When) -> Recommendation:
    return replace(state, stage=stage, moved_on=on)


def _follow_up(step: int, on: When, event: FollowUpAssigned | FollowUpChanged) -> FollowUp:
    return FollowUp(
        step,
        on,
        event.kind,
        event.procedure,
        event.window_from,
        event.window_to,
        event.assignee,
    )


def _followed_up(state: Recommendation, finding: ReportedFinding) -> Recommendation:
    return replace(
        _moved(state, Stage.FOLLOWED_UP, finding.on),
        follow_up=None,
        proposal=None,
        findings=(*state.findings, finding),
        claims=after_finding(state.claims, finding.finding, finding.on),
    )


def _closed(state: Recommendation, closure: Closure) -> Recommendation:
    return replace(
        _moved(state, Stage.CLOSED, closure.on),
        claim=None,
        proposal=None,
        closure=replace(closure, claimed_on=state.claim.on if state.claim else None),
        stage_before_closure=state.stage,
        claims=after_closure(state.claims, closure.reason, closure.on),
    )


def _taken_over(  # noqa: PLR0911  one return a standing
    state: Recommendation, step: int, event: TakenOver, on: When
) -> Recommendation:
    """Return the state where inspectors said that a recommendation stood."""
    state = replace(state, standing_known=True)
    match event.standing:
        case StoodAt.PLAN_AWAITED:
            return replace(_moved(state, Stage.ISSUED, on), plan=Plan.AWAITED)
        case StoodAt.PLAN_RECEIVED:
            return replace(_moved(state, Stage.PLAN_RECEIVED, on), plan=Plan.RECEIVED)
        case StoodAt.PLAN_ACCEPTED:
            return replace(_moved(state, Stage.PLAN_REVIEWED, on), plan=Plan.ACCEPTED)
        case StoodAt.PLAN_WAIVED:
            return replace(_moved(state, Stage.ISSUED, on), plan=Plan.WAIVED, plan_waived_on=on)
        case StoodAt.FOLLOW_UP_ASSIGNED if event.kind and event.procedure:
            follow_up = FollowUp(
                step, on, event.kind, event.procedure, event.window_from, event.window_to, None
            )
            return replace(_moved(state, Stage.FOLLOW_UP_ASSIGNED, on), follow_up=follow_up)
        case StoodAt.FOLLOWED_UP if event.finding and event.passage and event.source:
            finding = ReportedFinding(step, on, event.finding, event.passage, event.source)
            return _followed_up(state, finding)
        case StoodAt.CLOSED if event.reason:
            closure = Closure(step, on, event.reason, event.source, event.superseded_by)
            closed = _closed(state, closure)
            return replace(closed, stage_before_closure=Stage.NOT_KNOWN)
        case StoodAt.FOLLOW_UP_ASSIGNED | StoodAt.FOLLOWED_UP | StoodAt.CLOSED:
            return state  # the rules refuse one without what belongs to it
        case _:
            assert_never(event.standing)
