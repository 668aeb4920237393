"""The kinds of steps of a life: the command, the event and the columns of each."""

from msgspec import Struct

from domain.commands.command import Command
from domain.commands.common import Correct
from domain.commands.recommendation import (
    AssignFollowUp,
    ChangeFollowUp,
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Comment,
    DeclineClosure,
    NameOwner,
    ProposeClosure,
    ReceiveActionPlan,
    ReceiveUpdate,
    RecordAssurance,
    Reopen,
    ReportFollowUp,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
    TakeOver,
    WaiveActionPlan,
    Withdraw,
)
from domain.events.event import Event
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
    FollowUpAssigned,
    FollowUpChanged,
    FollowUpReported,
    OwnerNamed,
    Reopened,
    Section55Responded,
    TakenOver,
    TimeLimitChanged,
    UpdateReceived,
    Withdrawn,
)

_FOLLOW_UP = {
    "kind": "follow_up",
    "procedure": "procedure",
    "window_from": "window_from",
    "window_to": "window_to",
}


class LifeKind(Struct, frozen=True):
    """A kind of step: its command, its event, and the column of each field of the command.

    A field of the event has the name of the command's, but for those in `renamed`.
    """

    command: type[Command]
    event: type[Event]
    columns: dict[str, str]
    renamed: dict[str, str] = {}


KINDS: dict[str, LifeKind] = {
    "name_owner": LifeKind(NameOwner, OwnerNamed, {"owner": "notes"}),
    "receive_action_plan": LifeKind(
        ReceiveActionPlan, ActionPlanReceived, {"answer": "answer", "content": "notes"}
    ),
    "waive_action_plan": LifeKind(WaiveActionPlan, ActionPlanWaived, {"reason": "notes"}),
    "review_action_plan": LifeKind(
        ReviewActionPlan, ActionPlanReviewed, {"outcome": "outcome", "remarks": "notes"}
    ),
    "assign_follow_up": LifeKind(
        AssignFollowUp, FollowUpAssigned, {**_FOLLOW_UP, "reason": "notes"}
    ),
    "change_follow_up": LifeKind(
        ChangeFollowUp, FollowUpChanged, {**_FOLLOW_UP, "reason": "notes"}
    ),
    "report_follow_up": LifeKind(
        ReportFollowUp,
        FollowUpReported,
        {"finding": "finding", "passage": "text", "source": "source"},
    ),
    "take_over": LifeKind(
        TakeOver,
        TakenOver,
        {
            **_FOLLOW_UP,
            "standing": "standing",
            "basis": "notes",
            "source": "source",
            "finding": "finding",
            "passage": "text",
            "reason": "reason",
            "superseded_by": "superseded_by",
        },
    ),
    "receive_update": LifeKind(ReceiveUpdate, UpdateReceived, {"content": "notes"}),
    "claim_completion": LifeKind(ClaimCompletion, CompletionClaimed, {"evidence": "notes"}),
    "return_claim": LifeKind(ReturnClaim, ClaimReturned, {"reason": "notes"}),
    "respond_under_section_55": LifeKind(
        RespondUnderSection55,
        Section55Responded,
        {
            "answer": "answer",
            "explanation": "text",
            "address": "address",
            "chief_officer": "chief_officer",
            "copied_on": "copied_on",
        },
    ),
    "record_assurance": LifeKind(
        RecordAssurance, AssuranceRecorded, {"level": "level", "reason": "notes"}
    ),
    "propose_closure": LifeKind(
        ProposeClosure, ClosureProposed, {"basis": "notes", "source": "source"}
    ),
    "decline_closure": LifeKind(DeclineClosure, ClosureDeclined, {"reason": "notes"}),
    "close": LifeKind(
        Close,
        Closed,
        {
            "reason": "reason",
            "basis": "notes",
            "source": "source",
            "superseded_by": "superseded_by",
            "proposal": "about",
        },
    ),
    "reopen": LifeKind(Reopen, Reopened, {"reason": "notes"}),
    "change_time_limit": LifeKind(
        ChangeTimeLimit,
        TimeLimitChanged,
        {"time_limit": "time_limit", "reason": "notes"},
        {"time_limit": "now"},
    ),
    "comment": LifeKind(Comment, Commented, {"comment": "notes"}),
    "correct": LifeKind(
        Correct,
        Corrected,
        {"step": "about", "field": "field", "was": "was", "now": "now", "why": "notes"},
    ),
    "withdraw": LifeKind(Withdraw, Withdrawn, {"steps": "about", "why": "notes"}),
}
"""Every kind, by the word of its command: the words of `rows.LifeStep`."""
BY_COMMAND = {kind.command: kind for kind in KINDS.values()}
