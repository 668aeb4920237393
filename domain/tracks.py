"""The tracks of a stream: whose steps they are, and in which order their dates must stand.

The dates of one track never go back. Across tracks any true date is taken, however late it is
recorded: the comments of a local policing body say nothing about the order of inspectors' steps.
"""

from datetime import date
from typing import Final, TypeAlias, get_args

from domain.events.access import AccessEvent
from domain.events.correspondence import RecommendationReply, ReportReply
from domain.events.event import Event
from domain.events.inspection import INSPECTION_EVENTS
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
from domain.events.report import (
    AreaNoted,
    ReportCorrected,
    ReportMilestoneNoted,
    ReportNoteRedacted,
    ReportOutcomeNoted,
    ReportPublished,
    ReportRedactionApproved,
    ReportRedactionRequested,
    ReportSuppressionApproved,
    ReportSuppressionRequested,
)
from domain.vocabulary.dates import earliest
from domain.vocabulary.values import When

Tracks: TypeAlias = tuple[int, ...]
START, PLAN, BODY, FORCE, INSPECTORATE = range(5)
"""`START` is the beginning of the stream, which no step precedes."""
ALL: Final = (START, PLAN, BODY, FORCE, INSPECTORATE)

Floors: TypeAlias = tuple[date, date, date, date, date]
"""The earliest possible day of the next step of each track."""
NO_FLOORS: Final[Floors] = (date.min, date.min, date.min, date.min, date.min)

TRACKS: Final[dict[type[Event], Tracks]] = {
    Issued: ALL,
    ReportPublished: ALL,
    **dict.fromkeys(INSPECTION_EVENTS, ALL),
    **dict.fromkeys(get_args(AccessEvent), ALL),
    ActionPlanReceived: (PLAN,),
    # These answer the plan or the claim, so that they cannot come before it.
    ActionPlanReviewed: (PLAN, INSPECTORATE),
    ActionPlanWaived: (PLAN, INSPECTORATE),
    ClaimReturned: (FORCE, INSPECTORATE),
    Section55Responded: (BODY,),
    AssuranceRecorded: (BODY,),
    OwnerNamed: (FORCE,),
    UpdateReceived: (FORCE,),
    ProgressReported: (FORCE,),
    CompletionClaimed: (FORCE,),
    FollowUpAssigned: (INSPECTORATE,),
    FollowUpChanged: (INSPECTORATE,),
    FollowUpReported: (INSPECTORATE,),
    TakenOver: (INSPECTORATE,),
    ClosureProposed: (INSPECTORATE,),
    ClosureDeclined: (INSPECTORATE,),
    Closed: (INSPECTORATE,),
    Reopened: (INSPECTORATE,),
    DecisionConfirmed: (INSPECTORATE,),
    TimeLimitChanged: (INSPECTORATE,),
    # What sources and people say beside the life of it has no order of its own.
    **dict.fromkeys((OutcomeNoted, MilestoneNoted, Commented), ()),
    **dict.fromkeys((AreaNoted, ReportOutcomeNoted, ReportMilestoneNoted), ()),
    **dict.fromkeys((Corrected, WithdrawalRequested, Withdrawn), ()),
    **dict.fromkeys((NoteRedacted, RedactionRequested, RedactionApproved), ()),
    **dict.fromkeys((SuppressionRequested, SuppressionApproved), ()),
    **dict.fromkeys((ReportCorrected, ReportNoteRedacted), ()),
    **dict.fromkeys((ReportRedactionRequested, ReportRedactionApproved), ()),
    **dict.fromkeys((ReportSuppressionRequested, ReportSuppressionApproved), ()),
    **dict.fromkeys(get_args(RecommendationReply), ()),
    **dict.fromkeys(get_args(ReportReply), ()),
}
"""The tracks of each event; the first step of a stream bounds them all."""


def floor_of(floors: Floors, event: type[Event]) -> date:
    """Return the earliest possible day of a next step, given the floors."""
    return max([floors[track] for track in TRACKS[event] or (START,)])


def floors_after(floors: Floors, event: type[Event], on: When) -> Floors:
    """Return the floors after a step of some date."""
    tracks = TRACKS[event]
    if not tracks:
        return floors
    day = earliest(on)
    raised = list(floors)
    for track in tracks:
        raised[track] = max(raised[track], day)
    start, plan, body, force, inspectorate = raised
    return (start, plan, body, force, inspectorate)


def share_track(event: type[Event], other: type[Event]) -> bool:
    """Return whether the dates of two events have to stand in the order of recording."""
    return not set(TRACKS[event]).isdisjoint(TRACKS[other])
