"""The inspectorate's latest decision, and whether it has become stale.

A decision rests on the record at the time it was made. It becomes stale when something material is
recorded later, until inspectors decide again or confirm it. Decisions imported from published
sources are not judged: they were not made in this service.
"""

from collections.abc import Sequence
from typing import assert_never

from msgspec import Struct, field
from msgspec.structs import replace

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
from domain.vocabulary.actors import Role
from domain.vocabulary.entry import Stamp
from domain.vocabulary.values import When

JUDGEMENTS = (FollowUpReported, Closed)
"""Decisions on completion; later statements by others about completion are material to them."""
DECISIONS = (
    *JUDGEMENTS,
    TakenOver,
    ActionPlanReviewed,
    ActionPlanWaived,
    FollowUpAssigned,
    FollowUpChanged,
    ClaimReturned,
    Reopened,
)
STATEMENTS = (OutcomeNoted, MilestoneNoted, AssuranceRecorded, Section55Responded)
"""Events in which others say something about the work."""
LABELS = frozenset({"ordinal", "register_id", "confidence", "wording", "area", "topic", "cause"})
BESIDE = frozenset({"owner", "comment", "remark", "second_reader"})
IMMATERIAL = LABELS | BESIDE | {"on"}
"""Fields that no decision rests on: labels for filing, remarks left beside the record, and days.

A corrected day leaves a history that the rules allow, so that what stood at the decision stands.
"""


class Statement(Struct, frozen=True):
    """A statement of others about the work, and its date."""

    step: int
    on: When
    event: OutcomeNoted | MilestoneNoted | AssuranceRecorded | Section55Responded


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
    decision: Decision | None,
    step: int,
    event: RecommendationEvent,
    stamp: Stamp,
    statements: Sequence[Statement] = (),
) -> Decision | None:
    """Return the latest decision after a step, given the latest decision before it.

    Steps come in the order of their dates, and a decision rests on what was *recorded* before it:
    among the `statements` of earlier dates, those of later steps make it stale.
    """
    if isinstance(event, DECISIONS):
        if stamp.first_role is Role.IMPORTER:
            return None
        judges = isinstance(event, JUDGEMENTS)
        return _judged(Decision(step, stamp.on, step, judges), statements)
    if decision is None or step <= decision.through:
        return decision
    if isinstance(event, DecisionConfirmed):
        confirmed = replace(decision, through=step, stale_step=None, stale_on=None)
        return _judged(confirmed, statements)
    if decision.stale or not _is_material(event, decision):
        return decision
    return replace(decision, stale_step=step, stale_on=stamp.on)


def _judged(decision: Decision, statements: Sequence[Statement]) -> Decision:
    later = [said for said in statements if said.step > decision.through]
    if not decision.judges or not later:
        return decision
    first = min(later, key=lambda said: said.step)
    return replace(decision, stale_step=first.step, stale_on=first.on)


def _is_material(  # noqa: C901, PLR0911  one line an event
    event: RecommendationEvent, decision: Decision
) -> bool:
    """Return whether an event says something material that the decision did not rest on.

    A correction of the decision itself is not material: its author has the decision before them.
    """
    if isinstance(event, RecommendationReply):
        return False  # what comes of a dispute is a step of its own
    match event:
        case Withdrawn(steps=steps):
            return any(about < decision.through for about in steps)
        case Corrected(step=about, field=field) | NoteRedacted(step=about, field=field):
            pass
        case RedactionApproved(step=about, field=field):
            pass
        case OutcomeNoted() | MilestoneNoted() | AssuranceRecorded() | Section55Responded():
            return decision.judges
        case Issued() | OwnerNamed() | ActionPlanReceived() | ProgressReported():
            return False
        case CompletionClaimed() | TimeLimitChanged() | Commented() | RedactionRequested():
            return False
        case TakenOver() | UpdateReceived() | WithdrawalRequested():
            return False
        case ActionPlanReviewed() | ActionPlanWaived() | FollowUpAssigned() | FollowUpChanged():
            return False
        case FollowUpReported() | ClaimReturned() | Closed() | Reopened() | DecisionConfirmed():
            return False
        case ClosureProposed() | ClosureDeclined() | SuppressionRequested() | SuppressionApproved():
            return False  # the ledger keeps the words that it rests on
        case _:
            assert_never(event)
    return about < decision.through and about != decision.step and field not in IMMATERIAL
