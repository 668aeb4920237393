"""The inspectorate's latest decision, and whether it has become stale.

A decision rests on the record at the time it was made. It becomes stale when something material is
recorded later, until inspectors decide again or confirm it. Decisions imported from published
sources are not judged: they were not made in this service.
"""

from typing import assert_never

from msgspec import Struct, field
from msgspec.structs import replace

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
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Stamp
from domain.vocabulary.values import When

JUDGEMENTS = (FollowUpReported, Closed)
"""Decisions on completion; later statements by others about completion are material to them."""
DECISIONS = (
    *JUDGEMENTS,
    ActionPlanReviewed,
    ActionPlanWaived,
    FollowUpAssigned,
    FollowUpChanged,
    ClaimReturned,
    Reopened,
)
LABELS = frozenset({"ordinal", "register_id", "confidence", "wording", "area", "topic"})
BESIDE = frozenset({"owner", "comment", "remark"})
IMMATERIAL = LABELS | BESIDE
"""Fields that no decision rests on: labels for filing, and remarks left beside the record."""


class Decision(Struct, frozen=True):
    """The inspectorate's latest decision, and the first material step after it, if any."""

    step: int
    on: When
    through: int = field(name="upto")
    """The last step that it rests on: its own, or the step that confirmed it."""
    judges: bool = False
    stale_step: int | None = None
    stale_on: When | None = None

    @property
    def stale(self) -> bool:
        """Whether something material was recorded later."""
        return self.stale_step is not None


def decision_after(
    decision: Decision | None, step: int, event: RecommendationEvent, stamp: Stamp
) -> Decision | None:
    """Return the latest decision after a step, given the latest decision before it."""
    if isinstance(event, DECISIONS):
        if stamp.role is Role.IMPORTER:
            return None
        return Decision(step, stamp.on, step, isinstance(event, JUDGEMENTS))
    if decision is None:
        return None
    if isinstance(event, DecisionConfirmed):
        return replace(decision, through=step, stale_step=None, stale_on=None)
    if decision.stale or not _is_material(event, decision):
        return decision
    return replace(decision, stale_step=step, stale_on=stamp.on)


def _is_material(event: RecommendationEvent, decision: Decision) -> bool:
    """Return whether an event says something material that the decision did not rest on.

    A correction of the decision itself is not material: its author has the decision before them.
    """
    match event:
        case Corrected(step=about, field=field) | NoteRedacted(step=about, field=field):
            pass
        case RedactionApproved(step=about, field=field):
            pass
        case OutcomeNoted() | AssuranceRecorded() | Section55Responded():
            return decision.judges
        case Issued() | OwnerNamed() | ActionPlanReceived() | ProgressReported():
            return False
        case CompletionClaimed() | TimeLimitChanged() | Commented() | RedactionRequested():
            return False
        case ActionPlanReviewed() | ActionPlanWaived() | FollowUpAssigned() | FollowUpChanged():
            return False
        case FollowUpReported() | ClaimReturned() | Closed() | Reopened() | DecisionConfirmed():
            return False
        case _:
            assert_never(event)
    return about < decision.through and about != decision.step and field not in IMMATERIAL
