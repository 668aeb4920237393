"""The decider of one recommendation, from the day it is issued to the day it is closed.

A command and a state go in, events come out. `decide` may refuse; `evolve` (in `state.py`) never
does. Three things are kept apart: claimed by the force, assured by the local policing body,
closed by the inspectorate.
"""

from collections.abc import Collection
from typing import NoReturn, assert_never

from domain.checks import (
    check_addressee,
    check_area,
    check_reference,
    check_source,
    check_time_limit,
    check_window,
)
from domain.commands.common import ApproveRedaction, Correct, RequestRedaction
from domain.commands.recommendation import (
    AssignFollowUp,
    ChangeFollowUp,
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Comment,
    ConfirmDecision,
    NameOwner,
    NoteOutcome,
    ReceiveActionPlan,
    RecommendationCommand,
    RecordAssurance,
    Reopen,
    ReportFollowUp,
    ReportProgress,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
    WaiveActionPlan,
)
from domain.commands.report import IssueTo
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
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import CloseReason, Sha256

DOCUMENTS_MAX = 20
"""The most documents of one recommendation; the database counts them to the same limit."""
STAGE_WORDS = {
    Stage.ABSENT: "not issued",
    Stage.ISSUED: "issued, and its action plan has not been received",
    Stage.PLAN_RECEIVED: "waiting for the review of its action plan",
    Stage.PLAN_REVIEWED: "past the review of its action plan",
    Stage.FOLLOW_UP_ASSIGNED: "waiting for its follow-up",
    Stage.FOLLOWED_UP: "followed up",
    Stage.CLOSED: "closed",
}


def decide(  # noqa: C901, PLR0911, PLR0912, PLR0915  the life cycle reads as one table
    command: RecommendationCommand | IssueTo,
    state: Recommendation,
    stamp: Stamp,
    documents: Collection[Sha256] = (),
) -> tuple[RecommendationEvent, ...]:
    """Return the events that follow from a command. Raises Refused with the rule in words.

    `documents` are the stored documents of the recommendation that a claim may name.
    """
    match command:
        case IssueTo():
            return (_issue(command, state),)
        case NameOwner(owner=owner):
            _must_be_open(state, "an owner can be named")
            return (OwnerNamed(owner),)
        case ReceiveActionPlan(answer=answer, content=content):
            return (ActionPlanReceived(_plan_cycle(state), answer, content),)
        case WaiveActionPlan(reason=reason):
            if not _plan_is_owed(state):
                _refuse(state, "An action plan can be waived only while one is due")
            return (ActionPlanWaived(reason),)
        case ReviewActionPlan(outcome=outcome, remarks=remarks):
            if state.stage is not Stage.PLAN_RECEIVED:
                _refuse(state, "Only an action plan that has been received can be reviewed")
            if outcome == "changes_requested" and remarks is None:
                raise Refused("You are requesting changes. Say in the remarks what is missing.")
            return (ActionPlanReviewed(outcome, remarks),)
        case AssignFollowUp():
            if not _may_be_followed_up(state):
                _refuse(
                    state, "A follow-up can be assigned only once the plan is accepted or waived"
                )
            check_window(command.window_from, command.window_to)
            return (
                FollowUpAssigned(
                    command.kind,
                    command.procedure,
                    command.window_from,
                    command.window_to,
                    command.assignee,
                    command.reason,
                ),
            )
        case ChangeFollowUp():
            if state.stage is not Stage.FOLLOW_UP_ASSIGNED:
                _refuse(
                    state, "A follow-up can be changed only between its assignment and its report"
                )
            check_window(command.window_from, command.window_to)
            return (
                FollowUpChanged(
                    command.kind,
                    command.procedure,
                    command.reason,
                    command.window_from,
                    command.window_to,
                    command.assignee,
                ),
            )
        case ReportFollowUp(finding=finding, passage=passage, source=source):
            if state.stage is not Stage.FOLLOW_UP_ASSIGNED:
                _refuse(state, "A follow-up can be reported only after it has been assigned")
            return (FollowUpReported(finding, passage, source),)
        case ReportProgress(progress=progress):
            _must_be_open(state, "progress can be reported")
            return (ProgressReported(progress),)
        case ClaimCompletion(evidence=evidence, documents=named):
            _must_be_open(state, "completion can be claimed")
            if state.claim:
                raise Refused(
                    f"There is already a claim of completion, since step {state.claim.step}."
                )
            for name in named:
                if name not in documents:
                    raise Refused(f"The document {name} has not been sent to this recommendation.")
            return (CompletionClaimed(evidence, named),)
        case ReturnClaim(reason=reason):
            _must_be_open(state, "a claim can be returned")
            if not state.claim:
                raise Refused("There is no claim of completion to return.")
            return (ClaimReturned(reason),)
        case RespondUnderSection55(answer=answer, explanation=explanation, address=address):
            _must_exist(state)
            return (Section55Responded(answer, explanation, address),)
        case RecordAssurance(level=level, reason=reason):
            _must_exist(state)
            return (AssuranceRecorded(level, reason),)
        case Close():
            return (_close(command, state, stamp),)
        case Reopen(reason=reason):
            if state.stage is not Stage.CLOSED:
                _refuse(state, "Only a closed recommendation can be reopened")
            return (Reopened(reason),)
        case ConfirmDecision(why=why):
            if state.decision is None or not state.decision.stale:
                raise Refused("There is no stale decision to confirm.")
            return (DecisionConfirmed(state.decision.step, why),)
        case NoteOutcome():
            _must_exist(state)
            return (
                OutcomeNoted(
                    command.reference,
                    command.said_by,
                    command.text,
                    command.source,
                    command.reading,
                    command.register_status,
                    command.reported_in,
                    command.confidence,
                    command.remark,
                ),
            )
        case ChangeTimeLimit(time_limit=limit, reason=reason):
            _must_be_open(state, "its time limit can be changed")
            if limit == state.time_limit:
                raise Refused(f"The time limit is {limit} already.")
            check_time_limit(limit)
            return (TimeLimitChanged(state.time_limit, limit, reason),)
        case Comment(comment=comment):
            _must_exist(state)
            return (Commented(comment),)
        case Correct():
            _must_exist(state)
            return (Corrected(command.step, command.field, command.was, command.now, command.why),)
        case RequestRedaction(step=step, field=field, ground=ground):
            _must_exist(state)
            return (RedactionRequested(step, field, ground),)
        case ApproveRedaction(request=request, step=step, field=field):
            _must_exist(state)
            return (RedactionApproved(request, step, field),)
        case _:
            assert_never(command)


def refuse_more_documents() -> NoReturn:
    """Raise Refused: the recommendation has as many documents as it may."""
    raise Refused(f"A recommendation takes {DOCUMENTS_MAX} documents at most.")


def _issue(command: IssueTo, state: Recommendation) -> Issued:
    issue = command.issue
    if state.stage is not Stage.ABSENT:
        raise Refused(f"The recommendation {command.reference} has already been issued.")
    check_addressee(command.addressee)
    check_reference(command.reference)
    check_area(issue.area, command.edition)
    check_time_limit(issue.time_limit)
    return Issued(
        report=command.report,
        reference=command.reference,
        addressee=command.addressee,
        edition=command.edition,
        kind=issue.kind,
        text=issue.text,
        area=issue.area,
        time_limit=issue.time_limit,
        ordinal=issue.ordinal,
        topic=issue.topic,
        wording=issue.wording,
        sources=issue.sources,
        confidence=issue.confidence,
        register_id=issue.register_id,
        remark=issue.remark,
    )


def _plan_is_owed(state: Recommendation) -> bool:
    """Before the first plan, after changes were requested, and when a new cycle may begin."""
    match state.stage:
        case Stage.ISSUED:
            return state.plan is Plan.AWAITED
        case Stage.PLAN_REVIEWED:
            return state.plan is Plan.CHANGES_REQUESTED
        case _:
            return False


def _plan_cycle(state: Recommendation) -> int:
    if state.stage is Stage.FOLLOWED_UP:
        return state.cycle + 1
    if not _plan_is_owed(state) and not _plan_is_waived(state):
        _refuse(
            state,
            "An action plan can be received only after issue, after a request for changes "
            "or after a follow-up",
        )
    return state.cycle


def _plan_is_waived(state: Recommendation) -> bool:
    return state.plan is Plan.WAIVED and state.stage in {Stage.ISSUED, Stage.PLAN_REVIEWED}


def _may_be_followed_up(state: Recommendation) -> bool:
    match state.stage:
        case Stage.ISSUED | Stage.PLAN_REVIEWED:
            return state.plan in {Plan.ACCEPTED, Plan.WAIVED}
        case Stage.FOLLOWED_UP:
            return True
        case _:
            return False


def _close(command: Close, state: Recommendation, stamp: Stamp) -> Closed:
    _must_be_open(state, "it can be closed")
    if stamp.by in state.claimants:
        raise Refused("The person who claimed completion cannot close it. Another inspector must.")
    check_source(command.reason, command.source)
    if (command.reason is CloseReason.SUPERSEDED) != (command.superseded_by is not None):
        raise Refused(
            "A closure as superseded, and no other, must give the id of the superseding "
            "recommendation."
        )
    return Closed(command.reason, command.basis, command.source, command.superseded_by)


def _must_exist(state: Recommendation) -> None:
    if state.stage is Stage.ABSENT:
        raise Refused("There is no such recommendation.")


def _must_be_open(state: Recommendation, what: str) -> None:
    if not state.open:
        raise Refused(f"The recommendation is {STAGE_WORDS[state.stage]}: {what} only while open.")


def _refuse(state: Recommendation, rule: str) -> None:
    raise Refused(f"{rule}; this recommendation is {STAGE_WORDS[state.stage]}.")
