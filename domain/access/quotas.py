"""Quotas: how much one role may add to one stream.

They keep every stream short enough to be read at any time, whoever holds a token. They count by
role, so that further actors add nothing; and each role has its own, so that no party can use up
another's. Imports have none.
"""

from collections.abc import Sequence
from typing import Final

from domain.events.correspondence import (
    DisputeSettled,
    DisputeWithdrawn,
    ReportDisputeSettled,
    ReportDisputeWithdrawn,
)
from domain.events.event import Event, History
from domain.events.recommendation import (
    ActionPlanReceived,
    ActionPlanReviewed,
    ActionPlanWaived,
    ClaimReturned,
    Closed,
    ClosureDeclined,
    ClosureProposed,
    FollowUpAssigned,
    FollowUpReported,
    Issued,
    NoteRedacted,
    RedactionApproved,
    Reopened,
    SuppressionApproved,
    TakenOver,
    Withdrawn,
)
from domain.events.report import (
    ReportNoteRedacted,
    ReportPublished,
    ReportRedactionApproved,
    ReportSuppressionApproved,
)
from domain.vocabulary.actors import Role
from domain.vocabulary.dates import day_of, first_moment
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Refused

STEPS_A_DAY_MAX: Final = 200
"""The most steps of one role in one stream on one day, in London."""
REMARKS_MAX: Final = 1_000
"""The most remarks of one role in one stream: steps that do not move its life."""

_REMOVALS = (
    RedactionApproved,
    NoteRedacted,
    SuppressionApproved,
    ReportRedactionApproved,
    ReportNoteRedacted,
    ReportSuppressionApproved,
)
"""Two people removed a text: that never has to wait."""
MOVES: Final = (
    Issued,
    TakenOver,
    ActionPlanReceived,
    ActionPlanWaived,
    ActionPlanReviewed,
    FollowUpAssigned,
    FollowUpReported,
    ClaimReturned,
    ClosureProposed,
    ClosureDeclined,
    Closed,
    Reopened,
    Withdrawn,
    ReportPublished,
    DisputeSettled,
    DisputeWithdrawn,
    ReportDisputeSettled,
    ReportDisputeWithdrawn,
    *_REMOVALS,
)
"""Events that move a life on, or end a dispute; of all others a role has a number in all."""


def check_quota(history: History, events: Sequence[Event], stamp: Stamp) -> None:
    """Raise Refused if a role has added as much to a stream as it may, today or in all."""
    if stamp.role is Role.IMPORTER or all(isinstance(event, _REMOVALS) for event in events):
        return
    if len(history) < STEPS_A_DAY_MAX:
        return
    midnight = first_moment(day_of(stamp.at))
    # The moments of a stream never go back.
    today = 0
    for entry in reversed(history):
        if entry.stamp.at < midnight:
            break
        today += entry.stamp.role is stamp.role
    if today + len(events) > STEPS_A_DAY_MAX:
        raise Refused(
            f"The role {stamp.role} can record at most {STEPS_A_DAY_MAX} steps here in a day. "
            "Record the others tomorrow."
        )
    if all(isinstance(event, MOVES) for event in events) or len(history) < REMARKS_MAX:
        return
    remarks = sum(
        entry.stamp.role is stamp.role and not isinstance(entry.event, MOVES) for entry in history
    )
    if remarks >= REMARKS_MAX:
        raise Refused(
            f"The role {stamp.role} can record at most {REMARKS_MAX:,} remarks here in all. "
            "Only steps that move it on can be added now."
        )
