"""The rules of the life cycle: what must hold before each event.

Each rule is said once, as the precondition of an event on a state. It is asked for a new step, and
again for every step after a late, a corrected or a withdrawn one, so that what results is always a
history that the rules allow.
"""

from collections.abc import Mapping
from typing import assert_never

from domain.checks import check_addressee, check_closure, check_reference, check_values
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
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Refused, inside
from domain.vocabulary.values import CloseReason, Finding, StoodAt

STAGE_WORDS = {
    Stage.ABSENT: "not issued",
    Stage.NOT_KNOWN: "known from published sources only. Say first where it stands now",
    Stage.ISSUED: "issued, and its action plan has not been received",
    Stage.PLAN_RECEIVED: "waiting for the review of its action plan",
    Stage.PLAN_REVIEWED: "past the review of its action plan",
    Stage.FOLLOW_UP_ASSIGNED: "waiting for its follow-up",
    Stage.FOLLOWED_UP: "followed up",
    Stage.CLOSED: "closed",
}
CHANGES = "waiting for the changes to its action plan that inspectors asked for"


def check(  # noqa: C901, PLR0912, PLR0915  one case an event, read as a table
    event: RecommendationEvent, state: Recommendation, stamp: Stamp
) -> None:
    """Raise Refused, with the rule in words, unless an event may follow on a state."""
    issued = state.issued
    if issued is None and not isinstance(event, Issued):
        raise Refused("There is no such recommendation.")
    if isinstance(event, RecommendationReply):
        return  # decided on the whole history, by domain/amendments/replies.py
    match event:
        case Issued(addressee=addressee, reference=reference):
            if issued is not None:
                raise Refused(
                    f"The recommendation {reference} has already been issued.", "/reference"
                )
            with inside("/addressees"):
                check_addressee(addressee)
            check_reference(reference)
        case OwnerNamed():
            _must_be_open(state, "an owner can be named")
        case TakenOver():
            _check_take_over(event, state)
        case ActionPlanReceived():
            if not _plan_may_come(state):
                _refuse(
                    state,
                    "An action plan can be received only after issue, after a request for changes "
                    "or after a follow-up",
                )
        case ActionPlanWaived():
            if not (plan_is_owed(state) or state.stage is Stage.NOT_KNOWN):
                _refuse(state, "An action plan can be waived only while one is due")
        case ActionPlanReviewed(outcome=outcome, remarks=remarks):
            if state.stage is not Stage.PLAN_RECEIVED:
                _refuse(state, "Only an action plan that has been received can be reviewed")
            if outcome == "changes_requested" and remarks is None:
                raise Refused(
                    "You are requesting changes. Say in the remarks what is missing.", "/remarks"
                )
        case FollowUpAssigned():
            if not _may_be_followed_up(state):
                updated = ", or its update is received" if state.time_limit == "immediate" else ""
                _refuse(
                    state,
                    "A follow-up can be assigned only once the plan is accepted or waived"
                    + updated,
                )
        case FollowUpChanged():
            if state.stage is not Stage.FOLLOW_UP_ASSIGNED:
                _refuse(
                    state, "A follow-up can be changed only between its assignment and its report"
                )
        case FollowUpReported():
            if state.stage is not Stage.FOLLOW_UP_ASSIGNED:
                _refuse(state, "A follow-up can be reported only after it has been assigned")
        case ProgressReported():
            _must_be_open(state, "progress can be reported")
        case UpdateReceived():
            _must_be_open(state, "an update can be received")
            if state.time_limit != "immediate":
                raise Refused(
                    "An update is asked for only on what is to be done immediately. "
                    "To say how the work goes, report progress."
                )
        case CompletionClaimed():
            _must_be_open(state, "completion can be claimed")
            if state.claim:
                raise Refused(
                    f"There is already a claim of completion, since step {state.claim.step}."
                )
        case ClaimReturned():
            _must_be_open(state, "a claim can be returned")
            if not state.claim:
                raise Refused("There is no claim of completion to return.")
        case ClosureProposed(second_reader=reader):
            _must_be_open(state, "its closure can be proposed")
            if reader == stamp.by:
                raise Refused("The second reader is another inspector.", "/second_reader")
            if _is_met(state):
                raise Refused("The last finding is met: it can be closed without a proposal.")
            _check_claimant(state, stamp)
        case ClosureDeclined():
            if state.proposal is None:
                raise Refused("No closure waits for another inspector.")
            if state.proposal.by == stamp.by:
                raise Refused("You proposed this closure. To take it back, withdraw the proposal.")
        case Closed():
            _check_closure(event, state, stamp)
        case Reopened():
            if state.stage is not Stage.CLOSED:
                _refuse(state, "Only a closed recommendation can be reopened")
        case DecisionConfirmed():
            if state.decision is None or not state.decision.stale:
                raise Refused("No decision waits to be confirmed.")
        case TimeLimitChanged(now=limit):
            _must_be_open(state, "its time limit can be changed")
            if limit == state.time_limit:
                raise Refused(f"The time limit is {limit} already.", "/time_limit")
        case Section55Responded() | AssuranceRecorded() | Commented():
            pass
        case OutcomeNoted() | MilestoneNoted():
            pass
        case Corrected() | WithdrawalRequested() | Withdrawn():
            pass
        case NoteRedacted() | RedactionRequested() | RedactionApproved():
            pass
        case SuppressionRequested() | SuppressionApproved():
            pass
        case _:
            assert_never(event)
    if isinstance(event, Issued):
        check_values(event, stamp.on, event.edition)
    elif issued is not None:
        check_values(event, state.issued_on, issued.edition)


def needs_second_inspector(state: Recommendation) -> bool:
    """Return whether to close as verified takes a second inspector, who agrees.

    So it is where the last finding on record is not `met`, or there is none.
    """
    return not _is_met(state)


def _is_met(state: Recommendation) -> bool:
    return bool(state.findings) and state.findings[-1].finding is Finding.MET


def _check_closure(event: Closed, state: Recommendation, stamp: Stamp) -> None:
    _must_be_open(state, "it can be closed")
    _check_claimant(state, stamp)
    check_closure(event.reason, event.source, event.superseded_by)
    if event.reason is not CloseReason.VERIFIED or stamp.role is Role.IMPORTER or _is_met(state):
        return
    proposal = state.proposal
    if proposal is not None and proposal.by == stamp.by:
        raise Refused("The inspector who proposed the closure cannot agree to it. Another must.")
    if proposal is None or event.proposal != proposal.step:
        proposed = f" It was proposed at step {proposal.step}." if proposal else ""
        raise Refused(
            "No follow-up was the last to find that it is met. To close as verified then takes two "
            "inspectors: one proposes the closure, and another closes, naming the step of the "
            f"proposal.{proposed}",
            "/proposal",
        )


def _check_claimant(state: Recommendation, stamp: Stamp) -> None:
    if stamp.role is not Role.IMPORTER and stamp.by in state.claimants:
        raise Refused("The person who claimed completion cannot close it. Another inspector must.")


def _check_take_over(event: TakenOver, state: Recommendation) -> None:
    if not state.imported:
        raise Refused(
            "Only a recommendation from published sources can be taken over; of this one, every "
            "step is on record."
        )
    if state.standing_known:
        raise Refused("It was taken over already. Record what happened since as steps.")
    if state.stage is Stage.CLOSED:
        _refuse(state, "Only a recommendation whose stage is not known can be taken over")
    follow_up = event.kind is not None and event.procedure is not None
    finding = None not in (event.finding, event.passage, event.source)
    needs = {
        StoodAt.FOLLOW_UP_ASSIGNED: (
            follow_up,
            "the kind and procedure of the follow-up",
            "/procedure" if event.kind else "/kind",
        ),
        StoodAt.FOLLOWED_UP: (
            finding,
            "the finding, its passage and its source",
            _first_missing({"/finding": event.finding, "/passage": event.passage}, "/source"),
        ),
        StoodAt.CLOSED: (event.reason is not None, "the reason of the closure", "/reason"),
    }
    has, what, place = needs.get(event.standing, (True, "", ""))
    if not has:
        raise Refused(f"To say that it stood at {event.standing}, give {what}.", place)


def _first_missing(fields: Mapping[str, object], last: str) -> str:
    return next((place for place, value in fields.items() if value is None), last)


def plan_is_owed(state: Recommendation) -> bool:
    """Before the first plan, after changes were requested, and when a new cycle may begin."""
    match state.stage:
        case Stage.ISSUED:
            return state.plan is Plan.AWAITED
        case Stage.PLAN_REVIEWED:
            return state.plan is Plan.CHANGES_REQUESTED
        case _:
            return False


def plan_is_unknown(state: Recommendation) -> bool:
    """Return whether nothing on record says how the plan stands of what may be open."""
    return state.plan is Plan.NOT_KNOWN and state.may_be_open


def plan_is_due(state: Recommendation) -> bool:
    """Return whether a plan is the next step to expect; an update answers what is immediate."""
    return plan_is_owed(state) and state.time_limit != "immediate"


def _plan_may_come(state: Recommendation) -> bool:
    waived = state.plan is Plan.WAIVED and state.stage in {Stage.ISSUED, Stage.PLAN_REVIEWED}
    return waived or plan_is_owed(state) or state.stage in {Stage.NOT_KNOWN, Stage.FOLLOWED_UP}


def _may_be_followed_up(state: Recommendation) -> bool:
    match state.stage:
        case Stage.ISSUED | Stage.PLAN_REVIEWED:
            return state.updated or state.plan in {Plan.ACCEPTED, Plan.WAIVED}
        case Stage.FOLLOWED_UP:
            return True
        case _:
            return False


def _must_be_open(state: Recommendation, what: str) -> None:
    if not state.may_be_open:
        raise Refused(f"The recommendation is {STAGE_WORDS[state.stage]}: {what} only while open.")


def _refuse(state: Recommendation, rule: str) -> None:
    changes = state.stage is Stage.PLAN_REVIEWED and state.plan is Plan.CHANGES_REQUESTED
    where = CHANGES if changes else STAGE_WORDS[state.stage]
    raise Refused(f"{rule}; this recommendation is {where}.")
