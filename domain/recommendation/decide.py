"""The event that follows from a command to a recommendation; `rules.py` says whether it may."""

from typing import NoReturn, assert_never

from domain.commands.common import (
    ApproveRedaction,
    ApproveSuppression,
    Correct,
    RequestRedaction,
    RequestSuppression,
)
from domain.commands.correspondence import ReplyCommand
from domain.commands.recommendation import (
    AgreeToWithdrawal,
    AssignFollowUp,
    ChangeFollowUp,
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Comment,
    ConfirmDecision,
    DeclineClosure,
    NameOwner,
    NoteMilestone,
    NoteOutcome,
    ProposeClosure,
    ReceiveActionPlan,
    ReceiveUpdate,
    RecommendationCommand,
    RecordAssurance,
    Reopen,
    ReportFollowUp,
    ReportProgress,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
    TakeOver,
    WaiveActionPlan,
    Withdraw,
)
from domain.commands.report import IssueTo
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
)
from domain.recommendation.state import Recommendation, Stage
from domain.vocabulary.errors import Refused

DOCUMENTS_MAX = 20
"""The most documents of one recommendation; the database counts them to the same limit."""


def event_of(  # noqa: C901, PLR0911, PLR0912  one case a command
    command: RecommendationCommand | IssueTo, state: Recommendation
) -> RecommendationEvent:
    """Return the event that follows from a command, whether or not the rules allow it.

    A withdrawal is decided by `domain/amendments/withdrawal.py`, on the whole history, and so are
    disputes and questions, by `domain/amendments/replies.py`.
    """
    if isinstance(command, ReplyCommand):
        raise TypeError("a dispute is decided on the whole history")
    match command:
        case IssueTo():
            return _issued(command)
        case NameOwner(owner=owner):
            return OwnerNamed(owner)
        case TakeOver():
            return TakenOver(
                command.standing,
                command.basis,
                command.source,
                command.kind,
                command.procedure,
                command.window_from,
                command.window_to,
                command.finding,
                command.passage,
                command.reason,
                command.superseded_by,
            )
        case ReceiveActionPlan(answer=answer, content=content, documents=named):
            again = state.stage is Stage.FOLLOWED_UP
            return ActionPlanReceived(state.cycle + again, answer, content, named)
        case WaiveActionPlan(reason=reason):
            return ActionPlanWaived(reason)
        case ReviewActionPlan(outcome=outcome, remarks=remarks):
            return ActionPlanReviewed(outcome, remarks)
        case AssignFollowUp():
            return FollowUpAssigned(
                command.kind,
                command.procedure,
                command.window_from,
                command.window_to,
                command.assignee,
                command.reason,
            )
        case ChangeFollowUp():
            return FollowUpChanged(
                command.kind,
                command.procedure,
                command.reason,
                command.window_from,
                command.window_to,
                command.assignee,
            )
        case ReportFollowUp(finding=finding, passage=passage, source=source):
            return FollowUpReported(finding, passage, source)
        case ReportProgress(progress=progress):
            return ProgressReported(progress)
        case ReceiveUpdate(content=content):
            return UpdateReceived(content)
        case ClaimCompletion(evidence=evidence, documents=named):
            return CompletionClaimed(evidence, named)
        case ReturnClaim(reason=reason):
            return ClaimReturned(reason)
        case RespondUnderSection55():
            return Section55Responded(
                command.answer,
                command.explanation,
                command.address,
                command.chief_officer,
                command.copied_on,
            )
        case RecordAssurance(level=level, reason=reason):
            return AssuranceRecorded(level, reason)
        case DeclineClosure(reason=reason):
            return ClosureDeclined(reason)
        case ProposeClosure(basis=basis, source=source, second_reader=reader):
            return ClosureProposed(basis, source, reader)
        case Close():
            return Closed(
                command.reason,
                command.basis,
                command.source,
                command.superseded_by,
                command.proposal,
            )
        case Reopen(reason=reason):
            return Reopened(reason)
        case ConfirmDecision(why=why):
            return DecisionConfirmed(state.decision.step if state.decision else 1, why)
        case NoteOutcome():
            return OutcomeNoted(
                command.reference,
                command.said_by,
                command.text,
                command.source,
                command.reading,
                command.register_status,
                command.reported_in,
                command.confidence,
                command.remark,
            )
        case NoteMilestone():
            return MilestoneNoted(
                command.reference,
                command.milestone,
                command.said_by,
                command.text,
                command.source,
                command.force,
                command.answer,
                command.level,
                command.address,
                command.confidence,
                command.remark,
            )
        case ChangeTimeLimit(time_limit=limit, reason=reason):
            return TimeLimitChanged(state.time_limit, limit, reason)
        case Comment(comment=comment):
            return Commented(comment)
        case Correct():
            return Corrected(command.step, command.field, command.was, command.now, command.why)
        case RequestRedaction(step=step, field=field, ground=ground):
            return RedactionRequested(step, field, ground)
        case ApproveRedaction(request=request, step=step, field=field):
            return RedactionApproved(request, step, field)
        case RequestSuppression(step=step, field=field, ground=ground, why=why):
            return SuppressionRequested(step, field, ground, why)
        case ApproveSuppression(request=request, step=step, field=field):
            return SuppressionApproved(request, step, field)
        case Withdraw() | AgreeToWithdrawal():
            raise TypeError("a withdrawal is decided on the whole history")
        case _:
            assert_never(command)


def refuse_more_documents() -> NoReturn:
    """Raise Refused: the recommendation has as many documents as it may."""
    raise Refused(f"A recommendation takes {DOCUMENTS_MAX} documents at most.")


def _issued(command: IssueTo) -> Issued:
    issue = command.issue
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
        cause=issue.cause,
    )
